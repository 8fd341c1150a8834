"""A batch before and after: what is said of its instances, and that it is said once."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.cli import batches
from tests.unit.cli.rendered import text

from gaia.checkout.batch_model import Planned, tally
from gaia.cli.screens.batch import end_screen, plan_screen, totals
from gaia.cli.screens.direct import change_screen
from gaia.operations.model import Verdict
from gaia.platform.views.direct_model import InstanceChangeView
from gaia.testing import views


def test_a_table_has_the_columns_in_which_something_is() -> None:
    """A fresh stack has things to add and nothing else; what nobody does to the bill has no column."""
    made = [Planned(batches.instance(name), batches.seen("create", "create")) for name in ("net", "key")]
    assert text(plan_screen(made)).splitlines() == [
        "Changes   4 to add", "  component  add", "  ~ net        2", "  ~ key        2",
    ]  # fmt: skip
    elsewhere = Planned(batches.instance("net", "dev"), batches.seen("delete"), cost=views.cost())
    assert text(plan_screen([*made, elsewhere])).splitlines()[1:] == [
        "  instance                          add  destroy  a month",
        "  ~ acme-platform-use1-staging/net    2        ·        ·",
        "  ~ acme-platform-use1-staging/key    2        ·        ·",
        "  ~ dev/net                           ·        1  +$13.60",
    ]


def test_the_table_counts_what_the_policies_say() -> None:
    """A no, a warning and what is not decided yet, each with its sign."""
    verdicts = (
        Verdict(False, "policy-denied", ("a: no", "b: no")),
        Verdict(True, "", ("c: beware",)),
        Verdict(False, "policy-undecided", ("d: unknown",)),
    )
    made = [Planned(batches.instance(f"n{at}"), batches.seen("create", verdict=one)) for at, one in enumerate(verdicts)]
    assert text(plan_screen(made)).splitlines()[1:5] == [
        "  component  add  findings",
        "  ✗ n0         1       ✗ 2",
        "  ~ n1         1       ! 1",
        "  ~ n2         1       ? 1",
    ]


def test_each_finding_has_a_line_and_none_is_said_twice() -> None:
    """Of one instance and of several: not a paragraph of all that a policy says."""
    reasons = ("a: encrypt it", "b: tag it", "a: encrypt it")
    warned = [
        Planned(batches.instance(name), batches.seen("create", verdict=Verdict(True, "", reasons))) for name in "xy"
    ]
    denied = Planned(batches.instance("z"), batches.seen("create", verdict=Verdict(False, "policy-denied", reasons)))
    lines = text(plan_screen([*warned, denied])).splitlines()
    assert lines[-4:] == [
        "!  x, y  a: encrypt it",
        "!  x, y  b: tag it",
        "✗  z  the policies say no: a: encrypt it",
        "✗  z  the policies say no: b: tag it",
    ]


def test_what_is_to_be_said_of_several_is_said_once() -> None:
    """With some of their names; and who was planned alone, and why."""
    shown = " ".join(text(plan_screen(batches.planned())).split())
    assert shown.count("Data at rest is encrypted") == 1
    assert "holiday-photos-5, and 3 more Data at rest is encrypted: decided when more is known" in shown
    assert "imported 1 to import" in shown
    assert "an earlier destroy did not end and is given up" in shown
    assert "waiting cannot be seen yet: !terraform.state network id at stacks/net.yaml:3:1" in shown
    assert "1 instance is as the stacks say. 13 were planned together; by themselves:" in shown
    assert "acme-platform-use1-staging/imported: it has an import block" in shown
    assert "1 instance has nothing to destroy." in text(plan_screen(batches.planned()[-1:], destroy=True))


def test_totals_say_what_they_lack() -> None:
    """A difference that is not all of it, none that is known, and nothing at all."""
    one = Planned(batches.instance("key"), batches.seen("create"), cost=views.cost())
    assert totals([one, one]) == "2 to add; +$27.20 a month"
    unknown = {**views.cost(), "summary": {}}
    assert totals([]) == "nothing to change"
    waiting = Planned(batches.instance("app"), waits="!terraform.state network id has no value")
    assert totals([waiting]) == "1 cannot be seen yet"
    assert "nothing to change" not in text(plan_screen([waiting]))
    assert totals([replace(one, cost={})]) == "1 to add"
    del unknown


def test_the_end_says_what_went_wrong_last() -> None:
    """Next to the prompt, with what to do; what had nothing to do is counted only."""
    shown = text(end_screen(batches.ends(), "applied"))
    assert "Ended   1 applied, 1 unchanged, 1 waits, 3 not tried, 1 parked, 1 interrupted, 1 failed" in shown
    assert "✓  acme-platform-use1-staging/made  applied  3 created, 1 replaced" in shown
    assert shown.index("staging/made") < shown.index("staging/failed")
    assert "staging/unchanged" not in shown
    assert "○  acme-platform-use1-staging/deep  not tried\n   it needs acme-platform-use1-staging/parked" in shown
    assert "Look at `gaia status`." in shown
    assert f"   {batches.BUCKET}\n" in shown
    assert "○  acme-platform-use1-staging/later, acme-platform-use1-staging/last  not tried\n   it was" in shown
    made = batches.ends()[1]
    (fine,) = end_screen([made], "destroyed")[1:2]
    assert text([fine]) == "Done   1 destroyed"
    others = [Planned(batches.instance(name), batches.seen("create"), cost=views.cost()) for name in ("made", "failed")]
    (priced,) = end_screen([made], "applied", others)[1:2]
    assert text([priced]) == "Done   1 applied; +$13.60 a month"


def test_the_tally_counts_instances_and_changes() -> None:
    """By status, and by action; of what ended, what was done."""
    assert tally(batches.planned()) == {
        "changes": 12, "refused": 1, "failed": 1, "waits": 1, "unchanged": 1,
        "create": 11, "update": 2, "replace": 1, "delete": 1, "import": 1, "move": 1,
    }  # fmt: skip
    assert tally(batches.ends())["create"] == 3


def test_a_repository_without_a_commit_has_none_to_name() -> None:
    """Nothing dangles."""
    made = InstanceChangeView("dev/net", "", "applied", {"create": 1}, 1, {})
    assert text(change_screen(made)).rstrip().endswith("1 resource")
    assert text(change_screen(replace(made, commit="4f1c0d6e8a9b4f1c"))).rstrip().endswith("1 resource at 4f1c0d6e8a9b")
