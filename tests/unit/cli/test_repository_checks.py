"""What the doctor says of the platform repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.bootstrap import App
from gaia.cli.repository_checks import check_compat, check_stacks

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia


def test_valid_stacks_are_counted(gaia: Gaia) -> None:
    """Those around the working directory."""
    found = check_stacks(App(gaia.settings))
    assert (found.state, found.message.split(" in ")[0]) == ("ok", "4 manifests, 2 stacks")


def test_the_first_mistake_is_shown_and_the_others_are_counted(gaia: Gaia, tmp_path: Path) -> None:
    """With the command that shows all of them; a warning alone is no failure."""
    path = tmp_path / "stacks/orgs/acme/dev/photos.yaml"
    path.write_text(path.read_text() + "      tags: [a]\n")
    found = check_stacks(App(gaia.settings))
    assert (found.state, "gaia validate stacks" in found.remedy) == ("warn", True)
    path.write_text(path.read_text() + "env:\nsettings:\n")
    found = check_stacks(App(gaia.settings))
    assert found.state == "fail"
    assert "photos.yaml:12:1" in found.message
    assert "and 1 more" in found.message


def test_no_repository_is_no_warning(gaia: Gaia, tmp_path: Path) -> None:
    """Somebody who only asks for services has none: neither atmos.yaml nor the folder that Atmos reads without one."""
    (tmp_path / "atmos.yaml").unlink()
    assert check_stacks(App(gaia.settings)).state == "ok"
    (tmp_path / "stacks").rename(tmp_path / "manifests")
    assert check_stacks(App(gaia.settings)).message == "no platform repository is around you, and none is served"


def test_the_rules_of_an_older_repository_are_said(gaia: Gaia, tmp_path: Path) -> None:
    """They were found, not chosen."""
    assert check_compat(App(gaia.settings)).state == "ok"
    catalog = tmp_path / "stacks/catalog/bucket.yaml"
    catalog.write_text("name: the buckets\nmetadata: {author: ann}\n" + catalog.read_text())
    found = check_compat(App(gaia.settings))
    assert (found.state, "December 2025" in found.message) == ("warn", True)
    (tmp_path / "atmos.yaml").unlink()
    assert check_compat(App(gaia.settings)).remedy


@pytest.mark.parametrize(
    "words",
    [
        "list stacks",
        "list instances",
        "list components",
        "list vars photos-bucket",
        "explain photos-bucket -s acme-use1-dev",
        "describe component photos-bucket -s acme-use1-dev",
        "graph",
    ],
)
def test_whatever_reads_an_older_repository_says_by_which_rules(gaia: Gaia, tmp_path: Path, words: str) -> None:
    """On the error stream, once: the result itself stays what a program expects."""
    before = gaia(*words.split())
    assert before.err == ""
    catalog = tmp_path / "stacks/catalog/bucket.yaml"
    catalog.write_text("metadata: {author: ann}\nname: the buckets\n" + catalog.read_text())
    said = gaia(*words.split())
    assert said.err.count("read by the rules of before December 2025") == 1
    assert "December 2025" not in said.out


@pytest.mark.slow
def test_the_doctor_shows_it(gaia: Gaia) -> None:
    """Beside what it says of the machine."""
    checks = gaia("doctor", "-o", "json").json["checks"]
    assert [each["state"] for each in checks if each["name"] == "stacks"] == ["ok"]
