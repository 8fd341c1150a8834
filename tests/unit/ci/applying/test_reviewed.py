"""What stands between a merge and its application: what was reviewed, and what has happened since."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from gaia.ci.applying.journals import KeptLines
from gaia.ci.applying.progress import Progress
from gaia.ci.applying.reviewed import differing, differing_as_written, overtaken
from gaia.ci.model import UNTOUCHED, Inputs, Made, Part, Preview
from gaia.ci.storage.kept import Kept
from gaia.ci.storage.store import FolderStore
from gaia.kit.keys import given_key
from gaia.stacks.model import InstanceKey
from gaia.terraform.normal import NormalForm

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.checkout.batch_model import PlannedStatus

INPUTS = Inputs("base", "input", "lineage 1", "policy", UNTOUCHED)
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def part(status: PlannedStatus = "changes", inputs: Inputs = INPUTS, digest: str = "sha256:1") -> Part:
    """Of one instance."""
    return Part("dev/a", status, digest, inputs)


def preview(*parts: Part) -> Preview:
    """With these."""
    return Preview("b" * 40, "h" * 40, parts, NormalForm({}, "key-1"), NOW)


def made(*parts: Part) -> Made:
    """What is planned now."""
    instance = SimpleNamespace(key=InstanceKey.parse("dev/a"))
    return Made(preview(*parts), cast("Any", (SimpleNamespace(instance=instance),)), {})


@pytest.mark.parametrize("status", ["unchanged", "waits", "failed"])
@pytest.mark.parametrize("begun", [(), ("dev/a",)])
def test_what_did_nothing_when_it_was_reviewed_does_nothing_now(status: PlannedStatus, begun: tuple[str, ...]) -> None:
    """Also where only outputs change, of which the normal form of a plan has nothing."""
    [found] = differing(preview(part(status, digest="")), made(part()), begun)
    assert "nobody has reviewed that" in found.news
    assert differing(preview(part()), made(part())) == ()


@pytest.mark.parametrize("name", ["base", "input", "policy", "touched"])
def test_what_it_is_made_of_is_compared_before_it_is_run(name: str) -> None:
    """By its files; its state is looked at later. What nobody has reviewed is not run either."""
    now = replace(INPUTS, state="", **{name: "another"})
    [found] = differing_as_written(preview(part()), {"dev/a": now})
    assert found.causes == (name,)
    assert differing_as_written(preview(part()), {"dev/a": replace(INPUTS, state="")}) == ()
    [unknown] = differing_as_written(preview(part()), {"dev/a": INPUTS, "dev/b": INPUTS})
    assert (unknown.instance, unknown.news) == ("dev/b", "nobody has reviewed it")


def test_of_what_nothing_is_done_to_only_code_that_nobody_has_seen_is_in_the_way() -> None:
    """Another base or policy is not, and what is the base branch's own neither."""
    before = preview(part("unchanged"))
    for fine in (replace(INPUTS, base="another", policy="another"), replace(INPUTS, base="new", input="new")):
        assert differing_as_written(before, {"dev/a": fine}) == ()
    for name in ("input", "touched"):
        assert differing_as_written(before, {"dev/a": replace(INPUTS, **{name: "another"})}) != ()


def test_an_old_job_does_not_undo_what_was_merged_later() -> None:
    """Where the branch has another content of the instance by now; another commit with the same is none."""
    assert overtaken({"dev/a": INPUTS}, {"dev/a": INPUTS.input}) == ()
    [found] = overtaken({"dev/a": INPUTS}, {"dev/a": "another"})
    assert "merged later" in found.news


def test_only_its_own_last_journal_excuses_another_state(tmp_path: Path) -> None:
    """One that did not end, or that left the state as it is; not once another application came after it."""
    kept = Kept(FolderStore(tmp_path), given_key("0123456789abcdef" * 4))
    mine, other = preview(part()), preview(part(digest="sha256:2"))
    numbers: list[int] = []
    checkout = cast("Any", SimpleNamespace(records=SimpleNamespace(numbers=lambda _: numbers)))
    progress = Progress(kept, mine, checkout)

    def begun(state: str, *, goes_on: bool = False) -> bool:
        return bool(progress.begun(made(part(inputs=replace(INPUTS, state=state))), lambda _: goes_on))

    assert not begun("lineage 1", goes_on=True)
    journal, numbers[:] = "journals/dev/a/1", [1]
    KeptLines(kept, journal, mine.digest).append(b"{}")
    KeptLines(kept, journal, other.digest).append(b"{}")
    assert begun("lineage 2", goes_on=True)
    assert not begun("lineage 2")
    kept.put(f"left/{journal}", {"state": "lineage 2"})
    assert begun("lineage 2")
    assert not begun("lineage 3")
    numbers.append(2)
    KeptLines(kept, "journals/dev/a/2", other.digest).append(b"{}")
    kept.put("left/journals/dev/a/2", {"state": "lineage 2"})
    assert not begun("lineage 2")
    assert not begun("lineage 2", goes_on=True)
