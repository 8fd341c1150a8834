"""What people see: rendered to text, in 100 columns, without colors."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest
from tests.unit.cli.rendered import BUCKET, change, text, with_changes

from gaia.cli.screens import format as texts
from gaia.cli.screens.attributes import identity, lines
from gaia.cli.screens.importance import matters
from gaia.cli.screens.preview import preview_screen, summary
from gaia.cli.screens.requests import list_screen, request_screen, steps_line
from gaia.errors import Next
from gaia.platform.model import RequestLine, RunView
from gaia.terraform.values import UNKNOWN
from gaia.testing import views

NOW = datetime(2026, 11, 23, 23, 10, tzinfo=UTC)
KEY = "acme-use1-dev/photos-key"


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


def test_a_finding_has_its_title_its_message_and_its_place() -> None:
    """The title says what the rule is about; the instance is there also where the rule is about a manifest."""
    screen = text(preview_screen(views.waiting()))
    assert "Keys are kept 30 days: the key can be restored for 30 days" in " ".join(screen.split())
    assert f"{KEY} aws_kms_key.this" in screen
    about = {"title": "Not too many", "message": "soon too many", "instance": None, "address": None}
    request = {**views.findings()[0], **about, "rule": "request.quota"}
    view = replace(views.waiting(), preview=replace(views.preview(), findings=(request,)))
    assert "Not too many: soon too many\n" in re.sub(" +\n", "\n", text(preview_screen(view)))


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
    after = {"bucket": "b", "tags": {"owner": "b", "new": "y"}, "tags_all": {"owner": "b"}, "arn": UNKNOWN}
    found = {line.name: line.text for line in lines(change("update", before, after))}
    assert found == {"tags.owner": "a → b", "tags.old": "x → (none)", "tags.new": "(none) → y"}


def test_a_replacement_says_first_what_forces_it() -> None:
    """In red, before everything else, also where the value itself is not shown; in a long preview also at its head."""
    before = {"name": "a", "engine": "mysql", "password": "(sensitive)", "tags": {"owner": "a"}}
    after = {**before, "name": "b", "engine": "postgres"}
    made = replace(change("replace", before, after), forced_by=("engine", "password"), type="aws_db_instance")
    assert [line.name for line in lines(made)] == ["engine", "password", "name"]
    screen = text(preview_screen(with_changes(made)))
    assert "± aws_s3_bucket.this   must be replaced: engine, password force it" in screen
    assert re.search(r"engine +mysql → postgres   forces replacement", screen)
    assert "(sensitive) → (sensitive)   forces replacement" in screen
    assert screen.count("must be replaced") == 1
    long = text(preview_screen(with_changes(*views.changes(), made)))
    assert long.index("must be replaced: engine") < long.index("photos-key")
    colored = text(preview_screen(with_changes(made)), color=True)
    assert re.search(r"\x1b\[31mmysql → postgres   forces replacement", colored)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("rule[0].apply[0].algorithm", ["algorithm"]),
        ("rule", ["algorithm", "days"]),
        ("tags", ["tags.owner"]),
        ("gone", []),
    ],
)
def test_what_forces_is_found_in_blocks(path: str, said: list[str]) -> None:
    """The path names an attribute in a block, or the whole block."""
    before = {"rule": [{"apply": [{"algorithm": "a"}], "days": 1}], "tags": {"owner": "a"}}
    after = {"rule": [{"apply": [{"algorithm": "b"}], "days": 2}], "tags": {"owner": "b"}}
    made = replace(change("replace", before, after), forced_by=(path,))
    assert [line.name for line in lines(made) if line.forces] == said
    assert f"{path} forces it" in text(preview_screen(with_changes(made)))


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("replace_because_tainted", ": it is tainted"),
        ("replace_by_request", ": somebody asked for it"),
        ("replace_by_triggers", ": its replace_triggered_by says so"),
        ("replace_because_cannot_update", ""),
        ("", ""),
    ],
)
def test_a_replacement_that_no_attribute_forces_says_why(reason: str, said: str) -> None:
    """In Terraform's reasons."""
    made = replace(change("replace", {"a": 1}, {"a": 2}), reason=reason)
    assert f"must be replaced{said}\n" in text(preview_screen(with_changes(made)))


def test_what_matters_stands_first_and_is_never_left_out() -> None:
    """However many other attributes there are."""
    others = {f"a_{number}": number for number in range(20)}
    important = {
        "publicly_accessible": True, "engine": "postgres", "instance_class": "db.t4g.micro", "multi_az": False,
        "storage_encrypted": False, "deletion_protection": False, "backup_retention_period": 0, "identifier": "shop",
        "iam_database_authentication_enabled": True,
    }  # fmt: skip
    made = replace(change("create", after={**others, **important, "tags": {"owner": "a"}}), type="aws_db_instance")
    shown = [line.name for line in lines(made)][:8]
    assert shown[:2] == ["identifier", "engine"]
    assert set(shown) == set(important) - {"iam_database_authentication_enabled"}
    screen = text(preview_screen(with_changes(made)))
    assert "storage_encrypted           false" in screen
    assert "and 22 more" in screen


def test_what_the_shipped_policies_read_matters() -> None:
    """An approver sees what a rule judges by."""
    folder = Path(__file__).resolve().parents[3] / "blueprint/policies/plan"
    for file in folder.glob("*.rego"):
        kind = "aws_any"
        for line in file.read_text().splitlines():
            kind = next(iter(re.findall(r'"(aws_\w+)": (?:\[|rows)', line)), kind)
            for path in re.findall(r'"path": \[([^]]*)\]', line):
                name = ".".join(re.findall(r'"(\w+)"', path))
                assert matters(kind, name), (file.name, kind, name)


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


def test_what_is_offered_after_the_end_can_be_done() -> None:
    """An order is no service any more when it is done, and files of a branch never were one."""
    done = replace(views.waiting(), status="done")
    branch = text(request_screen(replace(done, kind="change", template="", service="branch-shorter"), NOW))
    assert "gaia why branch-shorter -s acme-use1-dev" in branch
    assert "gaia change branch-shorter" not in branch
    assert "gaia retire branch-shorter" not in branch
    order = text(request_screen(replace(done, service="shop", services=("shop-bills", "shop-photos")), NOW))
    assert "gaia why shop-photos -s acme-use1-dev" in order
    assert "gaia retire shop-bills -s acme-use1-dev" in order
    assert "gaia retire shop -s" not in order
    assert "gaia retire photos -s acme-use1-dev" in text(request_screen(done, NOW))


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
    ("step", "said"),
    [
        (Next("resume", views.REQUEST, "No engine is running; go on where it stopped"), "gaia resume {}"),
        (Next("status", views.REQUEST, "Watch it", options=("--watch",)), "gaia status {} --watch"),
    ],
)
def test_a_next_step_names_the_request_as_the_other_lines_do(step: Next, said: str) -> None:
    """By its short id, and once: not also in a line below that says the same."""
    screen = text(request_screen(replace(views.waiting(), status="applying", next_step=step), NOW))
    assert screen.count(views.REQUEST) == 1  # in the header
    assert screen.count(said.format(texts.short_id(views.REQUEST))) == 1


def test_an_approval_that_no_longer_holds_is_not_shown_as_one_that_does() -> None:
    """A request that waits again says that it was approved once, and why that is over."""
    void = replace(views.approval(), voided="previewed again: after.policy changed")
    screen = text(request_screen(replace(views.waiting(), approvals=(void,)), NOW))
    decisions = screen[screen.index("Decisions") : screen.index("Next")]
    assert "! approved  by grace 1m ago" in decisions
    assert "✓" not in decisions
    assert "no longer holds: previewed again: after.policy changed" in " ".join(decisions.split())


def test_decisions_show_what_was_open() -> None:
    """Who, when, why, and the rules that were undecided, by their titles where they are known."""
    said = replace(views.approval(), undecided=(*views.approval().undecided, "plan.other a/b aws_x.y"))
    screen = text(request_screen(replace(views.waiting(), status="done", approvals=(said,)), NOW))
    assert "No wildcard grants: plan.no_wildcard_grant" in screen
    assert re.search(r" plan\.other a/b aws_x\.y", screen)
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


@pytest.mark.parametrize("status", ["failed", "parked"])
def test_the_step_that_a_run_stopped_at_is_crossed(status: Literal["failed", "parked"]) -> None:
    """It is written down as running, for nobody ended it; nothing runs any more."""
    steps = (("rebase", "done"), ("apply a/b", "done"), ("apply a/c", "running"), ("apply a/d", "todo"))
    line = steps_line(RunView("run_1", "apply", status, None, None, steps=steps))
    assert line.plain.split() == ["✓", "rebase", "✗", "apply"]
    assert [span.style for span in line.spans] == ["good", "bad"]
    left = (("apply a/b", "done"), ("apply a/c", "todo"))
    assert steps_line(RunView("run_1", "apply", status, None, None, steps=left)).plain.split() == ["○", "apply"]


@pytest.mark.parametrize(
    ("length", "said"),
    [(0, "0s"), (59, "59s"), (65, "1m 05s"), (7800, "2h 10m"), (518400, "6d"), (90000, "1d 1h"), (-5, "0s")],
)
def test_spans(length: int, said: str) -> None:
    """At most two units."""
    assert texts.span(timedelta(seconds=length)) == said


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-23T23:09:58.000Z", "just now"), ("2026-11-23T23:07:00.000Z", "3m ago"), (None, ""),
        ("2026-11-30T23:09:58.000Z", "in 7d"), ("2026-11-23T23:09:30.000Z", "30s ago"),
    ],
)  # fmt: skip
def test_when(moment: str | None, said: str) -> None:
    """Relative to now, in one unit."""
    assert texts.ago(moment, NOW) == said


@pytest.mark.parametrize(
    ("amount", "said"),
    [("0", "$0.00"), ("0.004", "<$0.01"), ("1234.5", "$1,234.50"), ("-2.5", "-$2.50"), ("0.005", "<$0.01")],
)
def test_money(amount: str, said: str) -> None:
    """Never rounded to nothing."""
    assert texts.money(Decimal(amount)) == said


def test_values_are_one_line() -> None:
    """Policies without their escapes, long ones cut, but no word that people copy; labels as key=value."""
    assert texts.value('{"a": "b"}') == '{"a": "b"}'
    assert texts.value("{not json") == "{not json"
    assert texts.value({"a": 1, "b": "c"}) == "a=1, b=c"
    assert texts.value("x " * 200, 10) == "x x x x x…"
    assert texts.value("x" * 200, 10) == "x" * 200
    assert texts.value("x" * 300, 10) == "x" * 199 + "…"
    assert texts.value("a\nb") == "a b"
    assert texts.value(True) == "true"
    assert texts.value([1, {"a": None}]) == '[1, {"a": null}]'
    assert texts.quantity(Decimal("1000000.50")) == "1,000,000.5"


def test_what_is_only_imported_or_moved_is_shown() -> None:
    """Terraform calls both no change, with an id or another address besides."""
    from gaia.platform.views.views import changes
    from gaia.stacks.model import InstanceKey
    from gaia.terraform.normal import NormalChange, NormalForm

    known = {"id": "photos"}
    made = (
        NormalChange("aws_s3_bucket.a", "aws_s3_bucket", ("no-op",), known, known, import_id="photos"),
        NormalChange("aws_s3_bucket.b", "aws_s3_bucket", ("no-op",), known, known, previous_address="aws_s3_bucket.c"),
    )
    found = changes(NormalForm({InstanceKey.parse(BUCKET): made}, "key"))
    assert [one.action for one in found] == ["import", "move"]
    assert summary(found) == "1 to import, 1 to move"
    screen = text(preview_screen(with_changes(*found)))
    assert "= aws_s3_bucket.a" in screen
    assert "→ aws_s3_bucket.b" in screen


def test_a_preview_of_a_replaced_key_is_resumed_and_not_approved() -> None:
    """Where one looks at it, and in the list."""
    view = replace(views.waiting(), key_replaced=True)
    screen = text(request_screen(view, NOW))
    assert "this preview is of before the home's key was replaced" in screen
    assert "gaia resume" in screen
    assert "gaia approve" not in screen
    assert "waiting (resume it)" in text(list_screen([RequestLine.of(view)], NOW))
