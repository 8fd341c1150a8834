"""init, demo, sandbox, tools, policy, token, audit."""

from __future__ import annotations

import errno
import io
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from gaia.cli import main
from gaia.errors import Position
from gaia.policy.model import TestResult
from gaia.sandbox.control import Held

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia


def test_init_shows_the_token_once_and_whole(gaia: Gaia) -> None:
    """However narrow the stream is."""
    said = gaia("init", "platform", COLUMNS="20")
    assert "export GAIA_TOKEN=gaia_tok_first\n" in said.out
    assert gaia("init", "platform", "-o", "json").json == {
        "directory": str(gaia.settings.cwd / "platform"), "repository": "platform", "admin": "admin",
        "token": "gaia_tok_first",
    }  # fmt: skip


def test_the_sandbox_goes_up_and_down(gaia: Gaia) -> None:
    """On the port that was asked for; what is said is also a document."""
    assert "http://127.0.0.1:5000" in gaia("sandbox", "up", "--port", "5000").out
    assert gaia("sandbox", "status", "-o", "json").json["running"] is True
    assert "has stopped" in gaia("sandbox", "down").out
    assert "does not run" in gaia("sandbox", "status").out


def test_sandbox_env_can_be_evaluated_by_a_shell(gaia: Gaia) -> None:
    """Values are quoted where they must be."""
    assert gaia("sandbox", "env").out == (
        "export AWS_ENDPOINT_URL=http://127.0.0.1:4566\nexport AWS_REGION='us east'\n"
    )
    assert gaia("sandbox", "env", "-o", "json").json["AWS_REGION"] == "us east"


def test_what_came_back_otherwise_is_said(gaia: Gaia) -> None:
    """People read it below the address, programs in `kept`."""
    said = gaia("sandbox", "up").out
    assert "told again what it had been told: 312 requests" in said
    assert "! Not all that it held is back as it was: ec2 CreateKeyPair." in said
    assert gaia("sandbox", "status", "-o", "json").json["kept"]["differing"] == ["ec2 CreateKeyPair"]
    assert "is forgotten" in gaia("sandbox", "reset", "--yes").out


@pytest.mark.parametrize("command", ["reset", "leave", "snapshot restore before-upgrade"])
def test_nothing_that_the_sandbox_holds_is_lost_unasked(gaia: Gaia, command: str) -> None:
    """It says how much; without a terminal it is refused; nobody is asked about nothing."""
    words = ("sandbox", *command.split())
    refused = gaia(*words)
    assert (refused.code, refused.out) == (2, "")
    assert "confirmation-missing" in refused.err
    assert "14 resources, made by 312 requests" in " ".join(refused.err.split())
    kept = gaia(*words, tty=True, given="n\n")
    assert (kept.code, kept.out) == (1, "")
    assert "The emulated AWS holds 14 resources, made by 312 requests." in kept.err
    assert gaia(*words, tty=True, given="y\n").code == 0
    gaia.app.sandbox.holds = Held(0)
    assert gaia(*words).code == 0
    gaia.app.sandbox.holds = Held(2)
    assert "made by 2 requests" in gaia(*words).err


def test_snapshots_of_the_sandbox(gaia: Gaia) -> None:
    """Made, listed, gone back to, removed."""
    assert "before-upgrade" in gaia("sandbox", "snapshot", "list").out
    assert gaia("sandbox", "snapshot", "save", "now", "-o", "json").json["name"] == "now"
    assert "runs at" in gaia("sandbox", "snapshot", "restore", "now", "--yes").out
    assert gaia("sandbox", "snapshot", "remove", "now", "-o", "json").json == {"removed": "now"}


def test_a_shell_faces_the_sandbox_and_nothing_else(gaia: Gaia, tmp_path: Path) -> None:
    """A command in its place is run as it is given; the caller's own keys are not in it; its exit code is handed on."""
    script = f'echo "$AWS_ENDPOINT_URL $AWS_REGION ${{AWS_PROFILE-none}}" > {tmp_path}/seen; exit 7'
    said = gaia("sandbox", "shell", "--", "sh", "-c", script, AWS_PROFILE="mine", PATH=os.defpath)
    assert said.code == 7
    assert (tmp_path / "seen").read_text() == "http://127.0.0.1:4566 us east none\n"
    assert gaia("sandbox", "shell", SHELL="true", PATH=os.defpath).code == 0
    gaia.app.sandbox.used = False
    refused = gaia("sandbox", "shell", "--", "true")
    assert (refused.code, "sandbox up" in refused.err) == (8, True)


def test_sandbox_inventory_keeps_apart_what_stays(gaia: Gaia) -> None:
    """Resources, and what is excepted."""
    assert gaia("sandbox", "inventory", "-o", "json").json["excepted"] == {"keys": ["k-1"]}
    assert "photos" in gaia("sandbox", "inventory").out
    assert "Other kinds of things are not looked at" in gaia("sandbox", "inventory").out


@pytest.mark.parametrize("port", ["-1", "65536", "x"])
def test_a_port_that_is_none(gaia: Gaia, port: str) -> None:
    """A usage error before anything starts."""
    assert gaia("sandbox", "up", "--port", port).code == 2
    assert not gaia.app.sandbox.running


def test_tools_install_says_where_it_is(gaia: Gaia) -> None:
    """On a terminal with a bar that leaves nothing behind, elsewhere with one line."""
    said = gaia("tools", "install", "terraform")
    assert str(gaia.settings.cache / "terraform") in said.out.replace("\n", "")
    assert said.err == "Installing terraform …\n"
    assert gaia("tools", "install", "terraform", tty=True).code == 0


def test_tools_install_passes_errors_on(gaia: Gaia) -> None:
    """A tampered archive; a program that is not pinned."""
    assert gaia("tools", "install", "tofu", "-o", "json").error["error"] == "checksum-mismatch"
    assert gaia("tools", "install", "terrafrom").code == 2


def test_prices_are_counted_by_service(gaia: Gaia) -> None:
    """A line each, the age of the newest, files; of one region with what is priced alike everywhere."""
    said = gaia("prices", "status").out
    assert "AmazonRDS" in said
    assert "13173 prices; the newest is of 2026-11-27, 3 days old." in said
    assert "own-prices.yaml" in said
    few = gaia("prices", "status", "--region", "eu-west-1", "-o", "json").json
    assert [stock["region"] for stock in few["prices"]] == ["eu-west-1", "global"]
    assert (few["days"], few["newest"]) == (3, "2026-11-27")
    nowhere = gaia("prices", "status", "--region", "nowhere-1")
    assert "9 prices; " in nowhere.out
    assert "nowhere-1 has no prices of its own" in " ".join(nowhere.err.split())


def test_prices_are_fetched_list_by_list(gaia: Gaia) -> None:
    """With a bar on a terminal; what looks wrong is an error, or is accepted."""
    said = gaia("prices", "refresh", "--region", "eu-west-1", "--service", "AmazonEC2", "--service", "AmazonRDS")
    assert "2400 prices fetched" in said.out
    assert said.err == "Fetching prices …\n"
    assert gaia("prices", "refresh", "--region", "eu-west-1", tty=True).code == 0
    assert gaia("prices", "refresh", "--region", "moon-1", "-o", "json").error["error"] == "prices-implausible"
    (one,) = gaia("prices", "refresh", "--region", "moon-1", "--accept", "-o", "json").json
    assert (one["region"], one["changed"], one["version"]) == ("moon-1", 3, "20261127120000")


def test_policy_test_ends_with_one_when_one_fails(gaia: Gaia) -> None:
    """What failed is shown with its place, and what no test has seen; neither what passed nor what was seen whole."""
    said = gaia("policy", "test")
    assert (said.code, said.out.splitlines()[-1]) == (0, "✓ 1 test of policies passed; 2 of 3 sets seen")
    assert "plan.keys_rotate  deny: no test has seen 1 of its 2 statements" in said.out
    assert "plan.keys_rotate  undecided: no test has seen it" in said.out
    assert "plan.tags" not in said.out
    gaia.app.tests += (
        TestResult("plan.tags_test.test_bad", Position("plan/tags_test.rego", 9), False, "it is undefined"),
    )
    said = gaia("policy", "test")
    assert said.code == 1
    assert "plan/tags_test.rego:9:1" in said.out
    assert "test_ok" not in said.out
    assert gaia("policy", "test", "-o", "json").json["failed"] == 1


def test_tokens_are_made_listed_and_revoked(gaia: Gaia) -> None:
    """The secret is shown once; the list shows none."""
    made = gaia(
        "token", "create", "dana", "--role", "developer", "--role", "approver", "--tenant", "acme", "-o", "json"
    )
    assert made.json["token"] == "gaia_tok_secret"
    assert made.json["roles"] == ["developer", "approver"]
    assert made.json["id"] == "tok_acme_*_90"
    assert "gaia_tok_secret" in gaia("token", "create", "omar", "--expires", "1d").out
    listed = gaia("token", "list")
    assert "dana" in listed.out
    assert "gaia_tok_secret" not in listed.out
    assert [token["person"] for token in gaia("token", "list", "omar", "-o", "json").json["tokens"]] == ["omar"]
    assert "has ended" in gaia("token", "revoke", "tok_acme_*_90").out


def test_where_the_roles_hold_is_said(gaia: Gaia) -> None:
    """With what was given, or everywhere."""
    said = gaia("token", "create", "dana", "--role", "viewer", "--tenant", "acme", "--stage", "dev")
    assert "viewer  tenant acme, stage dev" in said.out
    assert "tenant *, stage *" in gaia("token", "create", "dana", "--role", "viewer").out


class Full(io.StringIO):
    """A stream that takes nothing."""

    def write(self, _: str) -> int:
        """Fail, as a full disk does."""
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("output", ["text", "json"])
@pytest.mark.parametrize("unseen", [True, False])
@pytest.mark.parametrize("line", [("token", "create", "dana"), ("init", "platform")])
def test_a_token_that_cannot_be_shown_is_no_token(gaia: Gaia, line: tuple[str, ...], unseen: bool, output: str) -> None:
    """Full or closed: the command fails and says how to get another one; nobody was told, so that one has ended."""
    session = gaia.session()
    session.stdout, session.unseen = io.StringIO() if unseen else Full(), unseen
    assert main.run([*line, "--output", output], session) == 8
    assert isinstance(session.stderr, io.StringIO)
    assert "token-not-shown" in session.stderr.getvalue()
    assert not gaia.app.shown
    assert [token.revoked_at is not None for token in gaia.app.tokens.made] == [True] * (line[0] == "token")


def test_the_audit_log_can_be_read_and_proved(gaia: Gaia) -> None:
    """A broken chain is a defect with an exit code of its own."""
    assert "request.made" in gaia("audit", "list").out
    assert [entry["seq"] for entry in gaia("audit", "list", "req_2", "-o", "json").json["entries"]] == [2]
    assert gaia("audit", "verify", "-o", "json").json == {"entries": 2, "intact": True}
    gaia.app.tokens.broken = 2
    said = gaia("audit", "verify", "-o", "json")
    assert (said.code, said.error["facts"]) == (70, {"first": 2, "entries": 2})


@pytest.mark.parametrize(("extra", "asked"), [((), True), (("--yes",), False)])
def test_demo_plays_the_story(gaia: Gaia, monkeypatch: pytest.MonkeyPatch, extra: tuple[str, ...], asked: bool) -> None:
    """Asks before each scene on a terminal, unless told not to, and says where it is when it is kept."""
    module = ModuleType("gaia.cli.demo")

    def play(settings: object, *, say: object, pause: object, keep: bool) -> Path:
        del settings
        assert keep
        pause("The first scene")  # type: ignore[operator]
        say("curtain")  # type: ignore[operator]
        return gaia.settings.cwd

    module.play = play  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gaia.cli.demo", module)
    said = gaia("demo", "--keep", *extra, tty=True, given="\n")
    assert said.code == 0
    assert said.out.index("The first scene") < said.out.index("curtain") < said.out.index("GAIA_HOME=")
    assert ("Enter goes on" in said.err) is asked


@pytest.mark.parametrize("given", ["\n", ""])
def test_the_page_stays_open_until_somebody_ends_it(gaia: Gaia, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    """Enter does, and so does a terminal that goes: that is the end of the demo, and no failure."""
    module = ModuleType("gaia.cli.demo_page")

    def play(settings: object, *, say: object, pause: object, keep: bool, stay: object) -> Path:
        del settings, pause
        assert not keep
        stay("Enough? ")  # type: ignore[operator]
        say("curtain")  # type: ignore[operator]
        return gaia.settings.cwd

    module.play_on_page = play  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gaia.cli.demo_page", module)
    said = gaia("demo", "--page", "--yes", tty=True, given=given)
    assert (said.code, said.out) == (0, "curtain\n")
    assert "Enough?" in said.err
