"""What is kept is sealed, is what was kept, and is one thing to all who ask; in a folder and in a bucket."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest

from gaia.ci.applying.journals import KeptLines
from gaia.ci.model import Inputs, Part, Preview
from gaia.ci.storage.claims import Claims
from gaia.ci.storage.kept import Kept
from gaia.ci.storage.store import FolderStore
from gaia.errors import Conflict, Defect, Invalid, NotFound, Unavailable
from gaia.kit.keys import given_key
from gaia.terraform.normal import NormalForm

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.ci.hosts.host import State

KEY, OTHER = "0123456789abcdef" * 4, "fedcba9876543210" * 4
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MADE = Preview(
    "b" * 40,
    "h" * 40,
    (Part("dev/a", "changes", "sha256:1", Inputs("b", "i", "s", "p", "t")),),
    NormalForm({}, given_key(KEY).id),
    NOW,
)


@pytest.fixture(name="kept")
def in_a_folder(tmp_path: Path) -> Kept:
    """With a key."""
    return Kept(FolderStore(tmp_path / "kept"), given_key(KEY))


def test_a_preview_comes_back_as_it_was_kept(kept: Kept) -> None:
    """By its digest, and with who planned what when."""
    kept.keep(MADE)
    assert kept.plannings(7) == ()
    kept.shown(7, MADE, "h" * 40, NOW)
    assert kept.preview(MADE.digest) == MADE
    [planning] = kept.plannings(7)
    assert (planning.head, planning.digest, planning.at) == ("h" * 40, MADE.digest, NOW)
    assert kept.plannings(8) == ()
    assert not any(b"dev/a" in one.read_bytes() for one in kept_files(kept))


def kept_files(kept: Kept) -> list[Path]:
    """All that lies there."""
    assert isinstance(kept.store, FolderStore)
    return [one for one in kept.store.folder.rglob("*") if one.is_file()]


def test_what_all_pull_requests_read_has_a_key_of_its_own(kept: Kept) -> None:
    """Claims and journals, where the others have one each; a preview only that pull request reads."""
    one, other = (Kept(kept.store, given_key(each * 16), given_key(KEY)) for each in ("a1c3", "b2d4"))
    for name in ("claims/dev/a/1", "journals/dev/a/1", "begun/x", "left/x"):
        one.put(name, name)
        assert other.get(name) == kept.get(name) == name
    one.put("previews/x", {})
    for each in (other, kept):
        with pytest.raises(Unavailable):
            each.get("previews/x")


def test_planning_the_same_again_keeps_when_it_was_first_seen(kept: Kept) -> None:
    """Else every run of the job would void what was approved; another plan in between is another."""
    other = replace(MADE, parts=(replace(MADE.parts[0], digest="sha256:2"),))
    for minutes, one in enumerate((MADE, MADE, other, MADE)):
        kept.shown(7, one, "h" * 40, NOW + timedelta(minutes=minutes))
    assert [(one.digest == MADE.digest, one.at) for one in kept.plannings(7)] == [
        (True, NOW),
        (False, NOW + timedelta(minutes=2)),
        (True, NOW + timedelta(minutes=3)),
    ]


def test_what_a_comment_may_or_may_not_show_is_not_what_was_approved(kept: Kept) -> None:
    """From before a comment is written until it is known to be, nothing is the preview that people see."""
    with pytest.raises(NotFound) as missing:
        kept.last_shown(7, "h" * 40)
    assert missing.value.code == "preview-missing"
    kept.keep(MADE)
    kept.showing(7, MADE)
    kept.shown(7, MADE, "h" * 40, NOW)
    assert kept.last_shown(7, "h" * 40) == MADE
    other = replace(MADE, parts=(replace(MADE.parts[0], digest="sha256:2"),))
    kept.keep(other)
    kept.showing(7, other)
    with pytest.raises(Conflict) as unshown:
        kept.last_shown(7, "h" * 40)
    assert (unshown.value.code, [one.digest for one in kept.plannings(7)]) == ("preview-unshown", [MADE.digest])
    kept.shown(7, other, "h" * 40, NOW + timedelta(minutes=1))
    assert kept.last_shown(7, "h" * 40) == other


def test_what_is_missing_changed_moved_or_of_another_key_is_told(kept: Kept) -> None:
    """Nothing is taken for what it is not."""
    with pytest.raises(NotFound, match="is not kept any more"):
        kept.preview(MADE.digest)
    kept.keep(MADE)
    with pytest.raises(Unavailable) as caught:
        Kept(kept.store, given_key(OTHER)).preview(MADE.digest)
    assert caught.value.code == "sealed-by-another-key"
    [file] = kept_files(kept)
    other = file.with_name("f" * 64)
    other.write_bytes(file.read_bytes())
    with pytest.raises(Unavailable, match="was changed"):
        kept.preview(f"sha256:{'f' * 64}")
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(Unavailable, match="was changed"):
        kept.preview(MADE.digest)


@pytest.mark.parametrize("document", [{}, {"version": 2}, {"version": 1}, {"version": 1, "instances": [{}]}])
def test_a_document_of_another_form_is_no_preview(document: dict[str, object]) -> None:
    """A newer Gaia's, or a damaged one."""
    with pytest.raises(Invalid) as caught:
        Preview.from_json(document)
    assert caught.value.code == "preview-unreadable"


@pytest.mark.parametrize("text", ["", "abc", "0" * 64, "g" * 64, "0123456789abcdef" * 5])
def test_only_a_whole_key_is_one(text: str) -> None:
    """Not zeros, and the text is not told."""
    with pytest.raises(Invalid) as caught:
        given_key(text)
    assert caught.value.code == "key-unusable"
    assert not text or text not in caught.value.message


def test_a_journal_is_kept_line_by_line(kept: Kept) -> None:
    """A line has no end in it."""
    journal = KeptLines(kept, "journals/dev/a/1")
    assert journal.read() == ()
    journal.append(b'{"a": 1}')
    journal.append("ü".encode())
    assert KeptLines(kept, "journals/dev/a/1").read() == (b'{"a": 1}', "ü".encode())
    with pytest.raises(Defect):
        journal.append(b"a\nb")


def test_who_was_closed_and_opened_again_has_lost_what_another_one_took(kept: Kept) -> None:
    """Until that is closed or merged in its turn."""
    ended: dict[int, State] = {1: "closed"}
    claims = Claims(kept, "main", lambda number: ended.get(number, "open"))
    claims.take(1, ["dev/a"])
    assert claims.take(2, ["dev/a"]) == {}
    del ended[1]
    assert claims.take(1, ["dev/a"]) == {"dev/a": 2}
    ended[1] = "merged"
    assert claims.against(1, ["dev/a"]) == {"dev/a": 2}
    ended[2] = "closed"
    assert claims.against(1, ["dev/a"]) == {}


def test_a_pull_request_into_another_branch_is_in_nobodys_way(kept: Kept) -> None:
    """Nor is anybody in its: what it changes comes with a pull request of the branch that is applied."""
    main, feature = (Claims(kept, branch, lambda _: "open") for branch in ("main", "feature/x"))
    assert feature.take(1, ["dev/a"]) == {}
    assert main.take(2, ["dev/a"]) == {}
    assert feature.take(3, ["dev/a"]) == {"dev/a": 1}
    assert main.take(3, ["dev/a"]) == {"dev/a": 2}
    assert main.against(2, ["dev/a"]) == {}


def test_one_pull_request_has_an_instance_until_it_ends(kept: Kept) -> None:
    """Another one is told whose it is, and has it once that is closed, or has given it back."""
    ended: dict[int, State] = {}
    claims = Claims(kept, "main", lambda number: ended.get(number, "open"))
    assert claims.take(1, ["dev/a", "dev/b"]) == {}
    assert claims.take(1, ["dev/a"]) == {}
    assert claims.take(2, ["dev/a", "dev/c"]) == {"dev/a": 1}
    ended[1] = "closed"
    assert claims.take(2, ["dev/a"]) == {}
    assert claims.take(3, ["dev/a"]) == {"dev/a": 2}
    claims.give_back(3, ["dev/a"])
    assert claims.take(3, ["dev/a"]) == {"dev/a": 2}
    claims.give_back(2, ["dev/a"])
    assert claims.take(3, ["dev/a", "dev/b"]) == {}


def test_what_a_pull_request_changes_no_longer_is_free(kept: Kept) -> None:
    """A later push drops an instance: another one has it; what somebody else has stays hers."""
    claims = Claims(kept, "main", lambda _: "open")
    assert claims.keep_only(1, ["dev/a", "dev/b"], ()) == {}
    assert claims.take(3, ["dev/c"]) == {}
    assert claims.keep_only(1, ["dev/b"], ["dev/a", "dev/b", "dev/c"]) == {}
    assert claims.take(2, ["dev/a", "dev/b", "dev/c"]) == {"dev/b": 1, "dev/c": 3}
    assert claims.against(1, ["dev/a", "dev/b"]) == {"dev/a": 2}


def test_nobody_applies_what_another_one_has_but_what_she_had_before(kept: Kept) -> None:
    """Who never had an instance waits; who was merged, and it was taken over since, goes on."""
    ended: dict[int, State] = {}
    claims = Claims(kept, "main", lambda number: ended.get(number, "open"))
    claims.take(1, ["dev/a"])
    assert claims.take(2, ["dev/a"]) == {"dev/a": 1}
    assert claims.against(1, ["dev/a", "dev/b"]) == {}
    assert claims.against(2, ["dev/a", "dev/b"]) == {"dev/a": 1}
    ended[1] = "merged"
    assert claims.against(2, ["dev/a"]) == {}
    claims.take(3, ["dev/a"])
    assert claims.against(1, ["dev/a"]) == {}
    assert claims.against(2, ["dev/a"]) == {"dev/a": 3}
    claims.give_back(3, ["dev/a"])
    claims.take(4, ["dev/a"])
    assert (claims.against(1, ["dev/a"]), claims.against(2, ["dev/a"])) == ({}, {"dev/a": 4})


def test_of_many_who_want_it_at_once_one_has_it(kept: Kept) -> None:
    """Whoever comes second is told."""
    barrier, found = Barrier(6), dict[int, bool]()

    def take(number: int) -> None:
        barrier.wait()
        found[number] = not Claims(kept, "main", lambda _: "open").take(number, ["dev/a"])

    threads = [Thread(target=take, args=(number,)) for number in range(1, 7)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(found.values()) == 1


def test_a_preview_of_another_version_is_none_and_is_written_over(kept: Kept) -> None:
    """Planning again ends with one that can be read: its error says to do just that."""
    kept.keep(MADE)
    name = f"previews/{MADE.digest.partition(':')[2]}"
    older = [{**MADE.as_json(), "version": 0}, {**MADE.as_json(), "instances": [{"instance": "dev/a"}]}]
    for document in older:
        kept.put(name, document)
        assert kept.readable(MADE.digest) is None
        with pytest.raises(Invalid, match="cannot be used"):
            kept.preview(MADE.digest)
        kept.keep(MADE)
        assert kept.readable(MADE.digest) == MADE
