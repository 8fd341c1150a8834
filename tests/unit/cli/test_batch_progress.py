"""The live picture of a batch: a line an instance at any width, whatever happens to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len
from tests.unit.cli import batches
from tests.unit.cli.rendered import text

from gaia.cli.screens.batch_progress import BatchProgress, Row

NOW = datetime(2026, 11, 23, 23, 10, tzinfo=UTC)
HEIGHT = 24
HOSTILE = "x\x1b[2Jy\rz\u202ew\x9b日本"


def drawn(progress: BatchProgress, width: int = 80, height: int = HEIGHT) -> list[str]:
    """The lines of the picture."""
    return text([progress.screen(NOW, width, height)], width).splitlines()


def few(**needs: str) -> BatchProgress:
    """`a="b c"`: a needs b and c; each of two resources."""
    rows = {
        f"dev/{key}": Row(f"dev/{key}", [f"dev/{one}" for one in all_of.split()], 2) for key, all_of in needs.items()
    }
    return BatchProgress("Applying some", NOW - timedelta(seconds=70), rows)


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("height", [8, 24, 50])
@pytest.mark.parametrize("many", [12, 200])
def test_it_fits_the_terminal(width: int, height: int, many: int) -> None:
    """A line an instance and none that wraps, so that nothing jumps; one line is left for the cursor."""
    lines = drawn(batches.progress(NOW, many=many), width, height)
    assert len(lines) < max(height, 11)
    assert max(map(cell_len, lines)) <= width
    assert any("✗" in line for line in lines)
    assert any("●" in line for line in lines)
    assert sum(line.startswith(("✓", "✗", "●", "○")) for line in lines) == len(lines) - 4


def test_what_somebody_else_named_is_neither_obeyed_nor_too_wide() -> None:
    """Names, reasons and messages."""
    keys = [f"{HOSTILE}/{HOSTILE}-{number}" for number in range(3)]
    progress = BatchProgress("Applying", NOW, {key: Row(key, keys[:1], 2) for key in keys})
    progress.begin(keys[0], NOW)
    progress.feed(keys[0], HOSTILE * 20, {"kind": "start", "address": HOSTILE, "action": "create"})
    progress.end(keys[1], "failed", HOSTILE * 20, NOW)
    for width in (60, 200):
        lines = drawn(progress, width)
        assert max(map(cell_len, lines)) <= width
        assert not {"\x1b", "\r", "\u202e", "\x9b"} & set("".join(lines))


def test_a_row_says_what_it_waits_for_what_it_does_how_long_and_how_far_it_is() -> None:
    """The stack is named once where it is one."""
    progress = few(net="", shop="net", deep="net shop", free="")
    assert drawn(progress)[1:5] == [
        "○ net   waits for its turn",
        "○ free  waits for its turn",
        "○ shop  waits for net",
        "○ deep  waits for net and 1 more",
    ]
    progress.begin("dev/net", NOW - timedelta(seconds=65))
    assert "● net   0 of 2  1m 05s  planning" in drawn(progress)
    progress.feed("dev/net", "waits for a slot", None)
    assert "● net   0 of 2  1m 05s  waits for a slot" in drawn(progress)
    for address in ("a.one", "a.two"):
        progress.feed("dev/net", f"{address}: Creating...", {"kind": "start", "address": address, "action": "create"})
    assert "● net   0 of 2  1m 05s  creating 2: a.one" in drawn(progress)
    progress.feed("dev/net", "a.one: done", {"kind": "complete", "address": "a.one", "action": "create"})
    progress.feed("dev/net", "", {"kind": "start", "address": "data.a", "action": "read"})
    assert "● net   1 of 2  1m 05s  creating a.two" in drawn(progress)
    title, *_, totals, before, last = drawn(progress)
    assert title == "Applying some  ━━──────────────  1m 10s  1 of 8 resources  dev"
    assert totals == "  1 under way, 3 waiting"
    assert (before, last) == ("  net: a.two: Creating...", "  net: a.one: done")


def test_what_was_done_is_whole_and_its_time_stands_still() -> None:
    """Also where nothing was said of some of its resources: what is only moved has no events."""
    progress = few(net="", shop="net")
    progress.begin("dev/net", NOW - timedelta(seconds=9))
    progress.end("dev/net", "applied", "", NOW - timedelta(seconds=4))
    assert drawn(progress)[1:3] == ["✓ net   2 of 2  5s  applied", "○ shop              waits for its turn"]


def test_what_went_wrong_stays_and_comes_first_in_the_totals() -> None:
    """However many are done and under way afterwards; the name's end is kept, since it tells one from another."""
    progress = batches.progress(NOW)
    lines = drawn(progress)
    (bad,) = (line for line in lines if line.startswith("✗"))
    assert bad.startswith("✗ …liday-photos-of-the-media-team-67   0 of 10  1m 30s  the bucket of the medi")
    assert lines[-3] == "  1 failed, 1 not tried, 66 done, 7 under way, 125 waiting"
    everything = batches.progress(NOW)
    for key in list(everything.rows)[80:180]:
        everything.begin(key, NOW)
    for key in list(everything.rows)[80:120]:
        everything.end(key, "parked", "why", NOW)
    signs = [line[0] for line in drawn(everything)]
    assert signs.count("!") + signs.count("✗") == signs.count("●") - 1 == 9


def test_after_a_signal_it_says_what_happens_now() -> None:
    """And what another one would do."""
    lines = text([few(net="").screen(NOW, 80, HEIGHT, ending=True)], 90).splitlines()
    assert lines[-1] == "  Stopping … Ctrl-C again kills it. What is in hand may be half made."


def test_what_is_destroyed_is_not_called_applied() -> None:
    """Of a row that ended well."""
    progress = few(net="")
    progress.word = "destroyed"
    progress.begin("dev/net", NOW)
    progress.end("dev/net", "applied", "", NOW)
    assert drawn(progress)[1] == "✓ net  2 of 2  0s  destroyed"


def test_after_its_last_resource_its_state_is_saved() -> None:
    """Not what was said before the first."""
    progress = few(net="")
    progress.begin("dev/net", NOW)
    progress.feed("dev/net", "preparing the working directory", None)
    for address in ("a.one", "a.two"):
        progress.feed("dev/net", "", {"kind": "start", "address": address, "action": "create"})
        progress.feed("dev/net", "", {"kind": "complete", "address": address, "action": "create"})
        said = {"a.one": "preparing the working directory", "a.two": "saving the state"}[address]
        assert drawn(progress)[1].endswith(said)


def test_a_replacement_is_done_with_its_second_half() -> None:
    """Whichever comes first; it is one resource of the plan."""
    progress = BatchProgress("Applying", NOW, {"dev/net": Row("dev/net", (), 2, frozenset({"a.one"}))})
    progress.begin("dev/net", NOW)
    seen = []
    for address, action in (("a.one", "delete"), ("a.two", "create"), ("a.one", "create")):
        progress.feed("dev/net", "", {"kind": "start", "address": address, "action": action})
        progress.feed("dev/net", "", {"kind": "complete", "address": address, "action": action})
        seen.append(drawn(progress)[1].split("  ")[1])
    assert seen == ["0 of 2", "1 of 2", "2 of 2"]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_what_all_stacks_begin_with_gives_way(width: int) -> None:
    """Where the names have no room: what tells them apart is what is left."""
    stacks = ("acme-platform-use1-development", "acme-platform-euw1-production")
    rows = {f"{stack}/shop-db": Row(f"{stack}/shop-db") for stack in stacks}
    lines = drawn(BatchProgress("Applying 2 instances", NOW, rows), width)
    short = ["○ …-use1-development/shop-db", "○ …-euw1-production/shop-db"]
    whole = [f"○ {stack}/shop-db" for stack in stacks]
    for line, name in zip(lines[1:3], short if width == 60 else whole, strict=True):
        assert line.startswith(name)


def test_two_stacks_are_named_with_each() -> None:
    """Then the title names none."""
    rows = {key: Row(key) for key in ("dev/net", "prod/net")}
    lines = drawn(BatchProgress("Applying 2 instances", NOW, rows))
    assert lines[:3] == [
        "Applying 2 instances  ────────────────  0s  0 of 0 resources",
        "○ dev/net   waits for its turn",
        "○ prod/net  waits for its turn",
    ]
