"""Gaia's policies in a repository that takes them over: whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import GaiaError, Unavailable
from gaia.kit.files import write_atomic
from gaia.scaffold import policies
from gaia.scaffold.policies import copy_policies

if TYPE_CHECKING:
    from pathlib import Path


def _files(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


@pytest.mark.parametrize("after", [0, 1, 50])
def test_a_copy_that_fails_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """A part of the rules would judge in place of Gaia's."""
    real, written = write_atomic, []

    def full(path: Path, content: bytes, *, mode: int = 0o600) -> None:
        written.append(path)
        assert not (tmp_path / "policies").exists()
        if len(written) > after:
            raise Unavailable("disk-full", "no space left", next_step="Free some.")
        real(path, content, mode=mode)

    monkeypatch.setattr(policies, "write_atomic", full)
    with pytest.raises(GaiaError, match="no space left"):
        copy_policies(tmp_path)
    assert _files(tmp_path) == []


def test_what_a_killed_copy_began_is_taken_away_by_the_next(tmp_path: Path) -> None:
    """It never judged, for it lay aside; one that somebody makes just now stays."""
    for name in (".policies.999999999.draft/plan", ".policies.1.draft"):
        (tmp_path / name).mkdir(parents=True)
    copied = copy_policies(tmp_path)
    assert (len(copied.copied) > 100, copied.kept) == (True, ())
    assert sorted(path.name for path in tmp_path.iterdir()) == [".policies.1.draft", "policies"]
    assert copy_policies(tmp_path) == policies.Copied((), ())


def test_drafts_in_a_folder_that_is_there_do_not_stay(tmp_path: Path) -> None:
    """Rules come after the libraries that they import, so what was begun judges as soon as it can."""
    (tmp_path / "policies" / "plan").mkdir(parents=True)
    (tmp_path / "policies" / "plan" / ".naming.rego.999999999-1.draft").write_text("package")
    copied = copy_policies(tmp_path).copied
    assert [one for one in _files(tmp_path) if one.endswith("draft")] == []
    libraries = [one.startswith("policies/lib/") for one in copied]
    assert libraries == sorted(libraries, reverse=True)


@pytest.mark.parametrize("inner", ["policies", "policies/plan"])
def test_a_link_out_of_the_repository_is_refused(tmp_path: Path, inner: str) -> None:
    """Nothing is written to where it leads."""
    root, elsewhere = tmp_path / "repository", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (root / inner).parent.mkdir(parents=True)
    (root / inner).symlink_to(elsewhere)
    with pytest.raises(GaiaError) as caught:
        copy_policies(root)
    assert (caught.value.code, _files(elsewhere)) == ("path-escapes", [])
