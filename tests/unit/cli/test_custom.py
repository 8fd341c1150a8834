"""Custom commands of `atmos.yaml` at the command line, and commands of Atmos that Gaia lacks."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gaia.cli import lacking, menu
from gaia.kit.pages import page
from gaia.stacks.mainfile import repository_near

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia

COMMANDS = """\
aliases: {sayhi: say hello, ls: list stacks, loop: loop}
commands:
  - name: say
    description: Say something
    flags: [{name: loud, shorthand: l, type: bool, usage: Louder}]
    commands:
      - name: hello
        aliases: [hi]
        description: Greet
        arguments:
          - {name: who, description: Whom, default: world}
        flags:
          - {name: stack, shorthand: s, description: The stack}
          - {name: size, values: [big, small], default: big}
        env:
          - {key: WHO, value: "{{ .Arguments.who | upper }}"}
          - {key: FROM, valueCommand: "echo command"}
        steps:
          - 'printf "%s %s %s|{{ .Flags.loud }}|{{ .Flags.stack }}|{{ .Flags.size }}|" hello "$WHO" "$FROM"'
          - {type: shell, command: "for one in {{ .TrailingArgs }}; do printf '<%s>' \\"$one\\"; done"}
      - {name: secret, internal: true, steps: [exit 0]}
  - name: config
    arguments: [{name: component, required: true}]
    component_config: {component: "{{ .Arguments.component }}", stack: acme-use1-dev}
    steps: ['echo {{ .ComponentConfig.vars.name }}', 'exit 4']
  - name: where
    working_directory: workflows
    steps: ['basename "$PWD"']
  - name: terraform
    commands:
      - {name: provision, description: Make it all, steps: ['echo provisioned']}
      - {name: plan, steps: ['echo never']}
  - {name: status, steps: ['echo never']}
"""


@pytest.fixture(name="team")
def _team(gaia: Gaia, tmp_path: Path) -> Gaia:
    """The repository with commands of its own."""
    file = tmp_path / "atmos.yaml"
    file.write_text(file.read_text() + COMMANDS)
    return gaia


def ran(gaia: Gaia, tmp_path: Path, *words: str, program: tuple[str, ...] = ("-m", "gaia")) -> tuple[int, str, str]:
    """A command line in a process of its own: steps write to the terminal."""
    done = subprocess.run(
        [sys.executable, *program, *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=dict(gaia.settings.environ),
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("words", "out"),
    [
        (("say", "hello"), "hello WORLD command|false||big|"),
        (("say", "hi", "you", "-l", "--stack=dev", "--size", "small"), "hello YOU command|true|dev|small|"),
        (("say", "--loud=false", "-sdev", "hello"), None),
        (("say", "hello", "-ls", "dev", "--", "a b", "--loud"), "hello WORLD command|true|dev|big|<a b><--loud>"),
        (("sayhi", "you"), "hello YOU command|false||big|"),
        (("where",), "workflows\n"),
        (("terraform", "provision"), "provisioned\n"),
        (("ls",), "acme-use1-dev\nacme-use1-prod\n"),
    ],
)
def test_a_custom_command_runs(team: Gaia, tmp_path: Path, words: tuple[str, ...], out: str | None) -> None:
    """With its arguments, flags (those of its group too), environment and what stands behind two dashes."""
    code, said, err = ran(team, tmp_path, *words)
    if out is None:  # a flag before the command's name is none of the group's commands
        assert (code, "command-unknown" in err) == (3, True)
        return
    assert (code, said, err) == (0, out, "")


def test_it_sees_a_component_and_ends_as_its_step_does(team: Gaia, tmp_path: Path) -> None:
    """`.ComponentConfig` is what `describe component` shows; the error names the file and the line."""
    code, out, err = ran(team, tmp_path, "config", "photos-bucket")
    assert (code, out) == (4, "photos\n")
    assert "atmos.yaml:" in err
    code, _, err = ran(team, tmp_path, "config", "nothing")
    assert (code, "component-unknown" in err, "asked for by: config at atmos.yaml:" in err) == (3, True, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("config",), "config needs component"),
        (("say", "hello", "--size", "huge"), "must be one of big, small"),
        (("say", "hello", "--nothing"), "has no flag --nothing"),
        (("say", "hello", "-x"), "has no flag -x"),
        (("say", "hello", "a", "b"), "takes 1 arguments, not 2"),
        (("say", "hello", "--stack"), "--stack needs a value"),
        (("say", "hello", "--loud=perhaps"), "is true or false"),
    ],
)
def test_what_is_typed_wrong_names_the_command_s_place(team: Gaia, words: tuple[str, ...], said: str) -> None:
    """And nothing runs."""
    found = team(*words)
    assert (found.code, said in found.err, "command-usage" in found.err) == (2, True, True)
    assert "atmos.yaml:" in found.err


def test_help_shows_them(team: Gaia, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a section of their own, below a group of Gaia's too, and each explains itself; internal ones are hidden."""
    helped = ran(team, tmp_path, "--help")[1]
    assert "\nCustom\n  say         Say something\n" in helped
    assert "\n  sayhi       `say hello`\n" in helped
    assert helped.count("\n  terraform ") == helped.count("\n  status ") == 1
    team("terraform", "--help")
    group = capsys.readouterr().out
    assert "provision  Make it all" in group
    assert group.count("\n  plan ") == 1
    below = team("say", "--help").out
    assert "hello  Greet" in below
    assert "secret" not in below
    own = team("help", "say").out
    assert own == below
    shown = team("say", "hello", "--help").out
    assert "Usage: gaia say hello [WHO] [OPTIONS]" in shown
    assert team("help", "say", "hello").out == shown
    assert "--size SIZE" in shown
    assert "Louder" in shown
    assert "Defined at atmos.yaml:" in shown


def test_they_shadow_nothing_of_gaia_s(team: Gaia, tmp_path: Path) -> None:
    """A command called as one of ours does not run, and that is said; below a group of ours, ours runs."""
    code, out, err = ran(team, tmp_path, "status")
    assert "never" not in out
    assert "defines a command called status" in err
    assert code
    assert "never" not in team("terraform", "plan", "--help").out


def test_commands_below_the_short_name_of_a_group_are_the_groups(gaia: Gaia, tmp_path: Path) -> None:
    """`tf` is `terraform`: what is below it can be called by both names, and is in the help of the group alone."""
    file = tmp_path / "atmos.yaml"
    below = "{name: up, description: Make it all, steps: ['echo up']}, {name: plan, steps: ['echo never']}"
    file.write_text(f"{file.read_text()}commands: [{{name: tf, description: Short, commands: [{below}]}}]\n")
    assert "Make it all" in gaia("help", "tf").out
    assert "never" not in gaia("tf", "plan", "--help").out
    for name in ("tf", "terraform"):
        assert ran(gaia, tmp_path, name, "up")[:2] == (0, "up\n")
    assert "Short" not in ran(gaia, tmp_path, "--help")[1]


def test_a_list_shows_the_first_paragraph_of_a_description(gaia: Gaia, tmp_path: Path) -> None:
    """In one line, broken like the others; the command's own help shows all of it."""
    file = tmp_path / "atmos.yaml"
    text = "  - name: many\n    description: |\n      First line\n      goes on.\n\n      More.\n    steps: [exit 0]\n"
    file.write_text(f"{file.read_text()}commands:\n{text}")
    assert "\n  many        First line goes on.\n" in ran(gaia, tmp_path, "--help")[1]
    assert "More." in gaia("many", "--help").out


def test_options_of_atmos_before_and_behind_a_custom_command_are_its(team: Gaia, tmp_path: Path) -> None:
    """`-C`, `--base-path` and their like; not what stands behind two dashes."""
    (tmp_path / "below").mkdir()
    assert ran(team, tmp_path, "-C", "below", "where")[1] == "workflows\n"
    assert ran(team, tmp_path, "where", "--logs-level", "Debug", "--no-color")[1] == "workflows\n"
    assert "<--no-color>" in ran(team, tmp_path, "say", "hello", "--", "--no-color")[1]


def test_completion_offers_them(team: Gaia, tmp_path: Path) -> None:
    """Names, commands below, flags and stacks."""

    def offered(line: str) -> list[str]:
        environ = {**team.settings.environ, "_GAIA_COMPLETE": "complete_bash", "COMP_WORDS": line}
        environ["COMP_CWORD"] = str(len(line.split(" ")) - 1)
        done = subprocess.run(
            [sys.executable, "-m", "gaia"], cwd=tmp_path, capture_output=True, text=True, check=False, env=environ
        )
        assert done.stderr == ""
        return done.stdout.split()

    assert offered("gaia sa") == ["sandbox", "say", "sayhi"]
    assert offered("gaia say ") == ["hello"]
    assert "--size" in offered("gaia say hello --")
    assert offered("gaia say hello -s acme-use1-d") == ["acme-use1-dev"]
    assert "provision" in offered("gaia terraform pro")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("commands: [{description: nameless}]\n", 1),
        ("commands:\n  - name: a\n    steps: {a: b}\n", 3),
        ("commands:\n  - name: a\n    flags:\n      - {name: x, type: number}\n", 4),
        ("commands:\n  - name: a\n    flags:\n      - {name: x, shorthand: xy}\n", 4),
        ("commands:\n  - name: a\n    flags: [{name: x}, {name: x}]\n", 3),
        ("commands:\n  - name: a\n    env:\n      - {key: A, value: b, valueCommand: c}\n", 4),
        ("commands:\n  - name: a\n    arguments: [text]\n", 3),
        ("commands:\n  - text\n", 2),
    ],
)
def test_a_mistake_in_one_has_a_place(gaia: Gaia, tmp_path: Path, text: str, line: int) -> None:
    """It hinders no command of Gaia's, no other custom command that has a name, and no help."""
    good = "  - {name: good, steps: [exit 0]}\n" if "\n  - name" in text else ""
    (tmp_path / "atmos.yaml").write_text(text + good)
    assert not good or "Usage: gaia good" in gaia("good", "--help").out
    said = gaia("a", "-o", "json")
    assert (said.code, said.error["error"]) == (2, "command-invalid")
    assert said.error["at"].startswith(f"atmos.yaml:{line}:")
    assert gaia("--output", "json", "help").code == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("commands: [{name: a, identity: me, steps: [exit 0]}]\n", "not-supported"),
        ("commands: [{name: a}]\n", "command-invalid"),
        ("commands: [{name: a, steps: ['{{ .Flags.none }}']}]\n", "template-missing-key"),
        ("commands: [{name: a, working_directory: none, steps: [exit 0]}]\n", "working-directory-missing"),
        ("commands: [{name: a, default: c, commands: [{name: b, steps: [exit 0]}]}]\n", "command-invalid"),
    ],
)
def test_what_cannot_run_is_refused(gaia: Gaia, tmp_path: Path, text: str, code: str) -> None:
    """Before any step, with the place."""
    (tmp_path / "atmos.yaml").write_text(text)
    said = gaia("a")
    assert code in said.err
    assert "atmos.yaml:1:" in said.err
    assert said.code


def test_what_atmos_has_and_gaia_lacks_is_refused_by_name(gaia: Gaia) -> None:
    """With what to do instead and the page that says why, and without a hint at something else."""
    said = gaia("auth", "login")
    assert (said.code, "Gaia has no `auth`" in said.err, "audit" in said.err) == (2, True, False)
    assert str(page(lacking.PAGE)) in "".join(said.err.split())
    assert page(lacking.PAGE).is_file()
    assert "Gaia has no `list themes`" in gaia("list", "themes").err
    assert "Gaia has no `helmfile`" in gaia("hf", "apply").err
    assert "Gaia has no `terraform workdir`" in gaia("tf", "workdir", "list").err
    own = {entry.name: {one.name for one in entry.entries} for entry in menu.entries()}
    for name in lacking.LACKING:
        first, _, second = name.partition(" ")
        assert second not in own.get(first, set()) if second else first not in own


def test_a_repository_is_looked_for_without_reading_it(tmp_path: Path) -> None:
    """Here, above, or where a variable says."""
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/atmos.yaml").write_text("")
    assert repository_near(str(tmp_path / "a/b"), {})
    assert not repository_near(str(tmp_path), {})
    assert repository_near(str(tmp_path), {"ATMOS_BASE_PATH": "a"})
