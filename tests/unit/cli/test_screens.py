"""What people see: rendered to text, in 100 columns, without colors."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from rich.theme import Theme

from gaia.cli.screens import words
from gaia.cli.screens.attributes import identity, lines
from gaia.cli.screens.cost import cost_screen, short_total, total_text
from gaia.cli.screens.palette import STYLES
from gaia.cli.screens.preview import preview_screen, summary
from gaia.cli.screens.progress import Progress, log_line
from gaia.cli.screens.requests import list_screen, request_screen, steps_line
from gaia.platform.model import Change, RunView
from gaia.testing import views

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from gaia.platform.model import RequestView

NOW = datetime(2026, 11, 23, 23, 10, tzinfo=UTC)
KEY, BUCKET = "acme-use1-dev/photos-key", "acme-use1-dev/photos-bucket"


def text(parts: Sequence[RenderableType]) -> str:
    """The screen without the blanks at the ends of lines."""
    console = Console(file=io.StringIO(), width=100, theme=Theme(dict(STYLES)), highlight=False)
    for part in parts:
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def change(
    action: str, before: Mapping[str, object] | None = None, after: Mapping[str, object] | None = None
) -> Change:
    """A change of a bucket."""
    return Change(BUCKET, "aws_s3_bucket.this", "aws_s3_bucket", action, before or {}, after or {})  # type: ignore[arg-type]


def with_changes(*changes: Change) -> RequestView:
    """The example request with these changes."""
    return replace(views.waiting(), preview=replace(views.preview(), changes=changes))


def test_a_preview_has_everything_that_a_person_judges_by() -> None:
    """Changes by instance in the order of the request, cost, findings, what is decided later, the digest."""
    screen = text(preview_screen(views.waiting()))
    order = [
        "7 to create", "photos-key", "photos-bucket", "photos-identity", "Cost", "$13.60", "Policies", "Decided later",
        "What an approver signs", views.DIGEST,
    ]  # fmt: skip
    places = [screen.index(word) for word in order]
    assert places == sorted(places)


def test_unknown_values_are_shown_where_they_matter() -> None:
    """Together in the last line of a resource; an ARN that the provider makes up only when all is asked for."""
    screen = text(preview_screen(views.waiting()))
    assert re.search(r"\(known after apply\) +policy, role", screen)
    assert "arn" not in screen
    assert "arn" in text(preview_screen(views.waiting(), full=True))


def test_what_is_decided_later_is_listed_apart() -> None:
    """With its rule, its severity and what it means."""
    screen = text(preview_screen(views.waiting()))
    later = screen[screen.index("Decided later") :]
    assert "plan.no_wildcard_grant" in later
    assert "high" in later
    assert "a no stops the run there" in later
    assert "1 rule decided later" in later


@pytest.mark.parametrize(
    ("action", "sign"), [("create", "+"), ("update", "~"), ("delete", "-"), ("replace", "±"), ("forget", ".")]
)
def test_each_action_has_its_sign(action: str, sign: str) -> None:
    """In front of the address."""
    made = change(action, {"bucket": "b"}, {"bucket": "c"})
    assert f"{sign} aws_s3_bucket.this" in text(preview_screen(with_changes(made)))


def test_updates_show_only_what_differs() -> None:
    """Before and after, tag by tag; what appears or goes is said."""
    before = {"bucket": "b", "tags": {"owner": "a", "old": "x"}, "tags_all": {"owner": "a"}, "arn": "arn:1"}
    after = {"bucket": "b", "tags": {"owner": "b", "new": "y"}, "tags_all": {"owner": "b"}, "arn": words.UNKNOWN}
    found = {line.name: line.text for line in lines(change("update", before, after))}
    assert found == {"owner": "a → b", "old": "x → (none)", "new": "(none) → y"}


def test_what_is_destroyed_is_named() -> None:
    """By the name that people know, not by its attributes."""
    gone = change("delete", {"bucket": "acme-photos", "arn": "arn:1"})
    assert lines(gone) == ()
    assert identity(gone) == "acme-photos"
    assert "- aws_s3_bucket.this   acme-photos" in text(preview_screen(with_changes(gone)))


def test_long_resources_are_cut_and_say_so() -> None:
    """Until --full."""
    made = with_changes(change("create", after={f"attribute_{n}": n for n in range(12)}))
    assert "and 5 more" in text(preview_screen(made))
    assert "attribute_11" in text(preview_screen(made, full=True))


def test_a_preview_without_changes_says_so() -> None:
    """Not an empty screen."""
    assert "nothing to change" in text(preview_screen(with_changes()))
    assert summary((change("create"), change("create"), change("delete"))) == "2 to create, 1 to destroy"


def test_an_instance_that_was_previewed_alone_says_why() -> None:
    """The one plan does not hold for it."""
    view = replace(views.waiting(), preview=replace(views.preview(), alone=((KEY, "it has an import block"),)))
    assert "was previewed alone: it has an import block" in text(preview_screen(view))


def estimated(
    *parts: dict[str, object], unsupported: dict[str, int] | None = None, **totals: str | None
) -> dict[str, object]:
    """An estimate with one resource of these parts."""
    thing = {"name": "thing", "metadata": {"region": "eu-north-9"}, "costComponents": list(parts)}
    breakdown = {"resources": [thing] if parts else []}
    return {
        "currency": "USD", "projects": [{"metadata": {}, "breakdown": breakdown}], "totalMonthlyCost": "0", **totals,
        "summary": {"unsupportedResourceCounts": unsupported or {}},
    }  # fmt: skip


def part(name: str, cost: str = "0", *, missing: bool = False, quantity: str | None = "5") -> dict[str, object]:
    """A line of an estimate; without a price it is written as Infracost writes it."""
    return {
        "name": name, "unit": "GB", "monthlyQuantity": quantity, "price": "0" if missing else "1",
        "monthlyCost": cost if quantity else None, "priceNotFound": missing,
    }  # fmt: skip


def test_an_unknown_price_is_not_nothing() -> None:
    """Its line says so, the total is a lower bound, and what is not in it is named with its region."""
    document = estimated(part("Storage", missing=True), part("Requests", "3"), totalMonthlyCost="3")
    screen = text(cost_screen(document))
    assert re.search(r"Storage +5 +GB +price unknown", screen)
    assert re.search(r"Total a month +at least \$3\.00", screen)
    assert "! Partial: 1 of 1 resource is not fully priced." in screen
    assert "! No price for thing: Storage (eu-north-9): it is not in the total." in screen
    assert total_text(document) == "at least $3.00 a month (partial: 1 of 1 resource is not fully priced)"
    assert short_total(document) == "at least $3.00, partial"


def test_how_many_resources_are_not_priced_is_said() -> None:
    """Those of types that cannot be priced and those of which a price is missing, of all that cost something."""
    document = estimated(part("Storage", missing=True), unsupported={"aws_b": 2, "aws_a": 1}, totalMonthlyCost="3")
    assert "3.00 a month (partial: 4 of 4 resources are not fully priced)" in total_text(document)
    assert "Partial: 2 of 3 resources are not fully priced." in text(
        cost_screen(estimated(part("Storage", "1"), unsupported={"aws_b": 2}, totalMonthlyCost="1"))
    )


def test_quantities_that_nobody_has_said_are_no_missing_price() -> None:
    """They depend on use, and that is said; alone they make a total that depends on use, not an unknown one."""
    document = estimated(part("Storage", "3"), part("Requests", quantity=None), totalMonthlyCost="3")
    screen = text(cost_screen(document))
    assert re.search(r"Total a month +\$3\.00", screen)
    assert "· 1 line by use whose quantity nobody has said: not in the total." in screen
    assert (total_text(document), short_total(document)) == ("$3.00 a month", "$3.00")
    alone = estimated(part("Requests", quantity=None), totalMonthlyCost=None)
    assert (total_text(alone), short_total(alone)) == ("cost by use", "by use")
    assert re.search(r"Total a month +by use", text(cost_screen(alone)))


def test_an_unknown_price_of_an_unknown_quantity_is_shown_too() -> None:
    """Among parts that cost by use, and are counted only."""
    screen = text(
        cost_screen(estimated(part("Requests", quantity=None), part("Scans", missing=True, quantity=None)), full=False)
    )
    assert re.search(r"Scans +by use +GB +price unknown", screen)
    assert "and 1 price by use" in screen


def test_a_total_of_which_nothing_is_known_is_unknown() -> None:
    """Not $0.00: neither where every price is missing nor where no type can be priced."""
    for document in (estimated(part("Storage", missing=True)), estimated(unsupported={"aws_nat_gateway": 2})):
        screen = text(cost_screen(document))
        assert re.search(r"Total a month +unknown", screen)
        assert "$0.00" not in screen
        assert total_text(document).startswith("cost unknown (partial: ")
        assert short_total(document) == "unknown"
    assert "! No prices yet for aws_nat_gateway (2): not in the total." in screen


def test_usage_that_was_said_for_nothing_is_told() -> None:
    """A quantity under a wrong name would otherwise silently cost nothing."""
    document = estimated(part("Storage", "1"), totalMonthlyCost="1")
    document["projects"][0]["metadata"]["warnings"] = [{"message": "usage of thing is not counted: x is no quantity"}]  # type: ignore[index]
    assert "usage of thing is not counted" in text(cost_screen(document))


def test_every_screen_says_that_a_price_is_missing() -> None:
    """The list, the request while it waits, and its summary afterwards."""
    cost = estimated(part("Storage", missing=True), part("Requests", "3"), totalMonthlyCost="3")
    view = replace(views.waiting(), preview=replace(views.preview(), cost=cost))
    assert "at least $3.00" in text(list_screen([view], NOW))
    assert "No price for thing: Storage (eu-north-9)" in text(request_screen(view, NOW))
    after = text(request_screen(replace(view, status="done"), NOW))
    assert "at least $3.00 a month (partial: 1 of 1 resource is not fully priced)" in after


def test_costs_that_change_show_the_difference() -> None:
    """From what it is now."""
    document = estimated(
        part("Storage", "10"), totalMonthlyCost="10", pastTotalMonthlyCost="12.5", diffTotalMonthlyCost="-2.5"
    )
    assert "Difference from $12.50 now" in (screen := text(cost_screen(document)))
    assert "-$2.50" in screen


@pytest.mark.parametrize(
    ("past", "change", "shown"),
    [("5", "-5", "-$5.00 a month"), (None, None, "cost unknown"), ("0", "0", "$0.00 a month")],
)
def test_what_is_retired_says_what_that_saves(past: str | None, change: str | None, shown: str) -> None:
    """Where all that costs something goes, its total is zero, which tells nothing."""
    document = estimated(totalMonthlyCost="0", pastTotalMonthlyCost=past, diffTotalMonthlyCost=change)
    assert total_text(document) == shown


def test_what_a_retirement_saves_may_be_partial() -> None:
    """Where a price of what goes is missing: the total is nothing, and known; the difference is not all."""
    document = estimated(totalMonthlyCost="0", pastTotalMonthlyCost="5", diffTotalMonthlyCost="-5")
    gone = {"name": "gone", "metadata": {}, "costComponents": [part("Storage", missing=True)]}
    project = document["projects"][0]  # type: ignore[index]
    project["pastBreakdown"] = {"resources": [gone]}
    note = {"code": 1003, "message": "no prices yet", "data": {"resourceType": "aws_gizmo", "count": 1}}
    project["metadata"] = {"warnings": [note]}
    assert total_text(document) == "-$5.00 a month (partial: 2 of 2 resources are not fully priced)"
    screen = text(cost_screen(document))
    assert re.search(r"Total a month +\$0\.00", screen)
    assert re.search(r"Difference from \$5\.00 now +-\$5\.00 and what has no price", screen)
    assert "! No prices yet for aws_gizmo (1): not in the total." in screen
    assert screen.count("no prices yet") == 0
    none = {**document, "diffTotalMonthlyCost": "0"}
    assert total_text(none).startswith("cost unknown (partial")


def test_a_difference_without_a_price_is_unknown() -> None:
    """Alone it is unknown; beside something that has one, that is shown, and that it is not all."""
    alone = estimated(part("Storage", missing=True), diffTotalMonthlyCost=None)
    assert re.search(r"Difference +unknown", text(cost_screen(alone)))
    beside = estimated(
        part("Storage", missing=True), part("Scans", "3"), totalMonthlyCost="3", diffTotalMonthlyCost="3"
    )
    assert re.search(r"Difference +\+\$3.00 and what has no price", text(cost_screen(beside)))


def test_a_denied_preview_says_what_to_do() -> None:
    """The rule's remediation."""
    deny = {**views.findings()[0], "effect": "deny", "severity": "critical"}
    view = replace(views.waiting(), status="denied", preview=replace(views.preview(), findings=(deny,)))
    screen = text(request_screen(view, NOW))
    assert "1 against it" in screen
    assert "→ Set deletion_window_in_days" in screen
    assert "gaia approve" not in screen


def test_a_parked_request_lists_what_is_left() -> None:
    """All of it up to a screenful, and how to go on."""
    run = RunView("run_1", "apply", "parked", None, None, left=tuple(f"thing {n}" for n in range(25)))
    screen = text(request_screen(replace(views.waiting(), status="parked", runs=(run,)), NOW))
    assert "25 things to clear up" in screen
    assert "and 5 more" in screen
    assert "gaia resume" in screen


@pytest.mark.parametrize(
    ("step", "shown"),
    [
        (f"No engine is running: `gaia resume {views.REQUEST}` goes on where it stopped.", 1),
        (f"Watch it: gaia status {views.REQUEST} --watch", 0),
    ],
)
def test_a_next_step_names_the_request_as_the_other_lines_do(step: str, shown: int) -> None:
    """By its short id, and not at all when a line below says the same."""
    screen = text(request_screen(replace(views.waiting(), status="applying", next_step=step), NOW))
    assert screen.count(views.REQUEST) == 1  # in the header
    assert screen.count(step.replace(views.REQUEST, words.short_id(views.REQUEST))) == shown


def test_decisions_show_what_was_open() -> None:
    """Who, when, why, and the rules that were undecided."""
    screen = text(request_screen(replace(views.waiting(), status="done", approvals=(views.approval(),)), NOW))
    assert "by grace 1m ago" in screen
    assert "small and tagged" in screen
    assert "plan.no_wildcard_grant" in screen


def test_gaias_own_tag_is_not_repeated() -> None:
    """The heading names the instance already."""
    made = with_changes(change("create", after={"tags": {"owner": "a", "gaia:instance": BUCKET}}))
    assert "gaia:instance" not in text(preview_screen(made))
    assert "gaia:instance" in text(preview_screen(made, full=True))


def test_applies_of_instances_are_one_step() -> None:
    """Each instance has a line of its own below."""
    steps = (("rebase", "done"), ("apply a/b", "done"), ("apply a/c", "todo"), ("publish", "todo"))
    line = steps_line(RunView("run_1", "apply", "running", None, None, steps=steps)).plain
    assert line.split() == ["✓", "rebase", "●", "apply", "○", "publish"]


def event(kind: str, second: int, address: str = "aws_kms_key.this", action: str = "create") -> dict[str, object]:
    """A log line about a resource."""
    return {
        "at": f"2026-11-23T23:09:{second:02}.000Z", "level": "info", "step": "apply", "message": "", "instance": KEY,
        "event": {"kind": kind, "address": address, "action": action},
    }  # fmt: skip


def applying() -> Progress:
    """The example request while it is applied."""
    run = RunView("run_2", "apply", "running", "2026-11-23T23:09:00.000Z", None, steps=(("apply", "running"),))
    return Progress(replace(views.waiting(), status="applying", runs=(run,)), datetime(2026, 11, 23, 23, 9, tzinfo=UTC))


def test_the_live_picture_shows_instances_and_what_is_being_made() -> None:
    """With elapsed times; what is done is counted, what has not begun waits."""
    progress = applying()
    for line in (event("start", 1), event("complete", 5), event("start", 6, "aws_kms_alias.this")):
        progress.feed(line)
    screen = text([progress.screen(NOW)])
    assert "Applying photos  in acme-use1-dev   1m 00s" in screen
    assert "● photos-key" in screen
    assert "1 of 2 resources" in screen
    assert "aws_kms_alias.this" in screen
    assert "54s" in screen
    assert "○ photos-bucket" in screen
    assert "waiting" in screen


def test_an_instance_is_done_when_all_its_resources_are() -> None:
    """Its time stands still."""
    progress = applying()
    for address in ("aws_kms_key.this", "aws_kms_alias.this"):
        progress.feed(event("start", 1, address))
        progress.feed(event("complete", 9, address))
    screen = text([progress.screen(NOW + timedelta(hours=1))])
    assert "✓ photos-key" in screen
    assert "8s" in screen


def test_an_instance_whose_turn_it_is_plans() -> None:
    """Before terraform has begun with its first resource."""
    progress = applying()
    run = replace(progress.view.runs[-1], steps=((f"apply {KEY}", "running"),))
    progress.view = replace(progress.view, runs=(run,))
    assert re.search(r"● photos-key +0 of 2 resources +planning", text([progress.screen(NOW)]))


def test_a_resource_that_failed_marks_its_instance() -> None:
    """And is told."""
    progress = applying()
    progress.feed(event("start", 1))
    assert progress.feed(event("failed", 4)) == ["23:09:04  photos-key: aws_kms_key.this failed after 3s"]
    assert "✗ photos-key" in text([progress.screen(NOW)])


def test_lines_of_an_earlier_run_are_passed_over() -> None:
    """The preview's, while the application goes on; reads and empty lines too."""
    progress = applying()
    old = {**event("start", 1), "at": "2026-11-23T23:05:10.000Z"}
    assert progress.feed(old) == []
    assert progress.feed(event("start", 2, action="read")) == []
    assert progress.feed({**event("start", 2), "event": None}) == []
    assert progress.resources == {}
    queued = replace(progress.view.runs[-1], status="queued", started_at=None)
    progress.view = replace(progress.view, runs=(queued,))
    assert progress.feed(old) == []
    assert progress.feed(event("start", 1)) != []


def test_steps_are_told_once() -> None:
    """However often the view comes."""
    progress = applying()
    assert progress.see(progress.view) == ["apply …"]
    assert progress.see(progress.view) == []


def test_a_log_line_shows_the_event_where_there_is_no_message() -> None:
    """Its summary."""
    line = {**event("progress", 3), "event": {"summary": "still creating"}}
    assert log_line(line).plain == "23:09:03  apply     photos-key  still creating"


@pytest.mark.parametrize(
    ("length", "said"),
    [(0, "0s"), (59, "59s"), (65, "1m 05s"), (7800, "2h 10m"), (518400, "6d"), (90000, "1d 1h"), (-5, "0s")],
)
def test_spans(length: int, said: str) -> None:
    """At most two units."""
    assert words.span(timedelta(seconds=length)) == said


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-23T23:09:58.000Z", "just now"), ("2026-11-23T23:07:00.000Z", "3m ago"), (None, ""),
        ("2026-11-30T23:09:58.000Z", "in 7d"), ("2026-11-23T23:09:30.000Z", "30s ago"),
    ],
)  # fmt: skip
def test_when(moment: str | None, said: str) -> None:
    """Relative to now, in one unit."""
    assert words.ago(moment, NOW) == said


@pytest.mark.parametrize(
    ("amount", "said"),
    [("0", "$0.00"), ("0.004", "<$0.01"), ("1234.5", "$1,234.50"), ("-2.5", "-$2.50"), ("0.005", "<$0.01")],
)
def test_money(amount: str, said: str) -> None:
    """Never rounded to nothing."""
    assert words.money(Decimal(amount)) == said


def test_values_are_one_line() -> None:
    """Policies without their escapes, long ones cut, labels as key=value."""
    assert words.value('{"a": "b"}') == '{"a": "b"}'
    assert words.value("{not json") == "{not json"
    assert words.value({"a": 1, "b": "c"}) == "a=1, b=c"
    assert words.value("x" * 200, 10) == "xxxxxxxxx…"
    assert words.value("a\nb") == "a b"
    assert words.value(True) == "true"
    assert words.value([1, {"a": None}]) == '[1, {"a": null}]'
    assert words.quantity(Decimal("1000000.50")) == "1,000,000.5"
