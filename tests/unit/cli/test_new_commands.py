"""`gaia new …`: what is asked, printed, written and returned."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.rendering import render_here

from gaia.bootstrap import App
from gaia.scaffold.blueprint import find_blueprint
from gaia.testing.drafting import draft, unsound

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia

    from gaia.settings import Settings

COMMAND = ("new", "environment", "acme-euw1-dev")


def test_it_is_shown_and_asked_about_before_it_is_written(gaia: Gaia) -> None:
    """As a diff, with what comes to be; what has no default is asked, and with `--ask` what has one too."""
    said = gaia(*COMMAND, tty=True, given="media\ny\n", NO_COLOR="1")
    assert said.code == 0
    assert gaia.app.drafts.asked == [("environment", {"owner": "media", "name": "acme-euw1-dev"})]
    assert "+++ stacks/orgs/acme/dev/eu-west-1.yaml\n" in said.out
    assert "+import:\n" in said.out
    assert "stack acme-euw1-dev  with 2 instances" in said.out
    assert "needs of other stacks: acme-use1-dev/state" in said.out
    assert "was left out" in said.out
    assert "Plan it, then commit it: gaia plan -s acme-euw1-dev" in said.out
    assert gaia.app.drafts.written == [draft()]
    gaia(*COMMAND, "--ask", tty=True, given="media\neu-west-3\nn\n")
    assert gaia.app.drafts.asked[-1][1]["region"] == "eu-west-3"
    assert len(gaia.app.drafts.written) == 1


def test_nothing_is_written_without_a_yes(gaia: Gaia) -> None:
    """Neither on a dry run, nor where nobody can be asked, nor where it is not sound, whatever was said."""
    dry = gaia(*COMMAND, "-a", "owner=media", "--dry-run", "--yes")
    assert (dry.code, "Nothing was written." in dry.out) == (0, True)
    alone = gaia(*COMMAND, "-a", "owner=media", "-o", "json")
    assert (alone.code, alone.error["error"]) == (2, "confirmation-missing")
    gaia.app.drafts.made = unsound
    bad = gaia(*COMMAND, "-a", "owner=media", "--yes")
    assert bad.code == 1
    assert "→ It is made by: gaia new tenant acme" in bad.out
    assert "Nothing was written: the environment acme-euw1-dev is not sound." in bad.out
    assert gaia.app.drafts.written == []


@pytest.mark.parametrize("kind", ["tenant", "stage", "region", "environment", "component"])
def test_a_program_gets_all_of_it(gaia: Gaia, tmp_path: Path, kind: str) -> None:
    """As `docs/reference/output.md` shows it; answers come from a file too."""
    (tmp_path / "answers.yaml").write_text("owner: media\n")
    document = gaia("new", kind, "one", "--answers", str(tmp_path / "answers.yaml"), "--yes", "-o", "json").json
    (finding,) = document.pop("findings")
    assert finding["next_step"] == "Make that environment too: gaia new environment acme-use1-dev"
    whole = {key: value for key, value in draft(kind, "one").as_json().items() if key != "findings"}
    assert document == {**whole, "written": True}
    assert gaia.app.drafts.asked == [(kind, {"owner": "media", "name": "one"})]


@pytest.mark.slow
def test_the_policies_of_the_repository_are_asked(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they deny is not written; outside of a repository there is nothing to add to."""
    from dataclasses import replace

    from gaia.errors import NotFound

    render_here(monkeypatch, tmp_path)
    root = tmp_path / "platform"
    shutil.copytree(find_blueprint(), root, ignore=shutil.ignore_patterns("examples", "tests"))
    wanted = {"name": "acme-euw1-staging", "domain": "eu.acme.example.com"}
    app = App(replace(settings, cwd=root))
    made = app.templater().scaffold_environment("environment", wanted)
    assert (made.findings, made.stacks) == ((), ("acme-euw1-staging",))
    stack = root / "stacks/mixins/stack.yaml"
    stack.write_text(stack.read_text().replace("encrypt: true", "encrypt: false"))
    denied = app.templater().scaffold_environment("environment", wanted)
    assert not denied.sound
    assert "encrypted_state" in denied.findings[0].message
    with pytest.raises(NotFound) as caught:
        App(replace(settings, cwd=tmp_path)).templater()
    assert caught.value.code == "not-a-repository"
