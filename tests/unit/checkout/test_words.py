"""The words after `gaia terraform` are read as typed: whose each is, and which name the component."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.checkout import command
from gaia.checkout.words import FOLLOWED, NO_COMPONENT, SUBCOMMANDS, flags, for_copy, read
from gaia.errors import Invalid

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("line", "name", "component", "stack", "arguments"),
    [
        ("plan vpc -s dev", "plan", "vpc", "dev", ()),
        ("plan vpc --stack dev", "plan", "vpc", "dev", ()),
        ("plan vpc --stack=dev -out=x.plan", "plan", "vpc", "dev", ("-out=x.plan",)),
        ("plan -out x.plan vpc -s dev", "plan", "vpc", "dev", ("-out", "x.plan")),
        ("plan vpc -s dev -target a.b -var x=1", "plan", "vpc", "dev", ("-target", "a.b", "-var", "x=1")),
        ("plan vpc -s dev --target a.b", "plan", "vpc", "dev", ("--target", "a.b")),
        ("plan vpc -s dev -- -lock=false", "plan", "vpc", "dev", ("-lock=false",)),
        ("plan vpc -s dev -- --skip-init", "plan", "vpc", "dev", ("--skip-init",)),
        ("state list vpc -s dev", "state list", "vpc", "dev", ()),
        ("state mv vpc a b -s dev", "state mv", "vpc", "dev", ("a", "b")),
        ("state show vpc -s dev a.b", "state show", "vpc", "dev", ("a.b",)),
        ("workspace vpc -s dev", "workspace", "vpc", "dev", ()),
        ("workspace list vpc -s dev", "workspace list", "vpc", "dev", ()),
        ("workspace delete vpc -s dev -force old", "workspace delete", "vpc", "dev", ("-force", "old")),
        ("providers vpc -s dev", "providers", "vpc", "dev", ()),
        ("providers lock vpc -s dev -platform a_b", "providers lock", "vpc", "dev", ("-platform", "a_b")),
        ("import vpc -s dev aws_vpc.this vpc-1", "import", "vpc", "dev", ("aws_vpc.this", "vpc-1")),
        ("force-unlock vpc -s dev -force 1234", "force-unlock", "vpc", "dev", ("-force", "1234")),
        ("test vpc -s dev --verbose", "test", "vpc", "dev", ("--verbose",)),
        ("state rm vpc -s dev --dry-run a.b", "state rm", "vpc", "dev", ("--dry-run", "a.b")),
        ("output vpc -s dev -json", "output", "vpc", "dev", ("-json",)),
        ("version", "version", "", "", ()),
        ("version -json", "version", "", "", ("-json",)),
        ("login app.terraform.io", "login", "", "", ("app.terraform.io",)),
        ("metadata functions -json", "metadata functions", "", "", ("-json",)),
        ("plan --all", "plan", "", "", ()),
        ("", "", "", "", ()),
    ],
)  # fmt: skip
def test_whose_each_word_is(line: str, name: str, component: str, stack: str, arguments: tuple[str, ...]) -> None:
    """Terraform's flags keep their order and their spelling; what stands after `--` is always terraform's."""
    words = read(line.split())
    assert (words.name, words.component, words.stack, words.arguments) == (name, component, stack, arguments)


@pytest.mark.parametrize(
    ("line", "own"),
    [
        ("plan vpc --dry-run --skip-init", {"dry-run": "true", "skip-init": "true"}),
        ("apply vpc --from-plan=false", {"from-plan": "false"}),
        ("apply vpc --planfile x.plan -y", {"planfile": "x.plan", "yes": "true"}),
        ("plan --components a,b --query=.x", {"components": "a,b", "query": ".x"}),
        ("plan --affected=HEAD~1", {"affected": "true", "ref": "HEAD~1"}),
        ("plan --affected=false", {"affected": "false"}),
        ("plan vpc -o json -C ..", {"output": "json", "directory": ".."}),
        ("clean vpc --force", {"force": "true"}),
    ],
)
def test_gaias_own_options(line: str, own: dict[str, str]) -> None:
    """Long ones with two dashes only, with their value in the same word or the next."""
    assert read(line.split()).own == own


@pytest.mark.parametrize("line", ["plan vpc -s", "plan vpc --stack", "plan vpc --query"])
def test_an_option_without_its_value(line: str) -> None:
    """It is named."""
    with pytest.raises(Invalid) as caught:
        read(line.split())
    assert (caught.value.code, line.rsplit(maxsplit=1)[-1] in caught.value.message) == ("usage", True)


def test_switches() -> None:
    """One may be said not to be, and has a default where nobody says anything."""
    words = read(["plan", "vpc", "--dry-run", "--skip-init=false"])
    assert (words.on("dry-run"), words.on("skip-init"), words.on("from-plan")) == (True, False, False)
    assert words.on("process-templates", default=True)


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("apply vpc -auto-approve", True),
        ("apply vpc --auto-approve", True),
        ("apply vpc -auto-approve=false", False),
        *((f"apply vpc -auto-approve={word}", False) for word in ("0", "f", "F", "FALSE", "False")),
        *((f"apply vpc --auto-approve={word}", True) for word in ("1", "t", "T", "TRUE", "true", "True")),
        ("apply vpc -auto-approve=false -auto-approve", True),
        ("apply vpc -target auto-approve", False),
        ("apply vpc", False),
    ],
)
def test_a_flag_of_terraforms(line: str, given: bool) -> None:
    """The last one counts."""
    assert read(line.split()).flag("auto-approve") is given


@pytest.mark.parametrize("line", ["-auto-approve=no", "-auto-approve=", "--yes=nO", "--from-plan=off", "--dry-run="])
def test_a_switch_that_says_neither_yes_nor_no(line: str) -> None:
    """It is refused as terraform refuses it, and never taken for yes."""
    with pytest.raises(Invalid) as caught:
        read(["apply", "vpc", "-s", "dev", line])
    assert (caught.value.code, line.partition("=")[0].lstrip("-") in caught.value.message) == ("usage", True)


@pytest.mark.parametrize("word", ["0", "f", "F", "FALSE", "False", "false"])
def test_a_switch_of_gaias_takes_the_same_words(word: str) -> None:
    """`--yes=F` is no yes."""
    assert not read(["apply", "vpc", "-s", "dev", f"--yes={word}"]).on("yes")


def test_words_that_are_no_flags() -> None:
    """Values of flags are none of them."""
    words = read(["import", "vpc", "-var", "x=1", "-lock-timeout=3s", "aws_vpc.this", "-parallelism", "3", "vpc-1"])
    assert words.names == ("aws_vpc.this", "vpc-1")
    assert list(flags(words.arguments)) == [("var", "x=1"), ("lock-timeout", "3s"), ("parallelism", "3")]


@pytest.mark.parametrize(
    ("line", "many"),
    [
        ("plan --all", True), ("plan --affected", True), ("plan --components a", True), ("plan --query .x", True),
        ("plan --all=false", False), ("plan vpc", False),
    ],
)  # fmt: skip
def test_many(line: str, many: bool) -> None:
    """Instances are chosen by a flag."""
    assert read(line.split()).many is many


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (("-out=x.plan",), ("-out=x.plan",)),
        (("-out=../x.plan",), ("-out={home}/../x.plan",)),
        (("--out", "../x.plan"), ("--out", "{home}/../x.plan")),
        (("-out=/tmp/x.plan", "-out="), ("-out=/tmp/x.plan", "-out=")),
        (("-var-file=both.tfvars",), ("-var-file=both.tfvars",)),
        (("-var-file=home.tfvars",), ("-var-file={home}/home.tfvars",)),
        (("-var-file", "../outside.tfvars"), ("-var-file", "{home}/../outside.tfvars")),
        (("-var-file=nowhere.tfvars",), ("-var-file=nowhere.tfvars",)),
        (("-var", "out=../x"), ("-var", "out=../x")),
        (("-target", "home.tfvars"), ("-target", "home.tfvars")),
        (("home.tfvars", "both.tfvars", "a.b"), ("{home}/home.tfvars", "both.tfvars", "a.b")),
        (("-json", "-lock=false"), ("-json", "-lock=false")),
    ],
)
def test_relative_paths_are_of_the_components_folder(
    given: tuple[str, ...], made: tuple[str, ...], tmp_path: Path
) -> None:
    """Terraform runs in a copy: what means the same there stays as it was typed; what is no path always does."""
    home, copy = tmp_path / "home", tmp_path / "other/copy"
    for folder, name in ((home, "both"), (home, "home"), (tmp_path, "outside"), (copy, "both")):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.tfvars").write_text("")
    assert for_copy(given, home, copy) == tuple(word.format(home=home) for word in made)


def test_without_a_copy_whatever_is_read_becomes_absolute(tmp_path: Path) -> None:
    """The place where it will be run does not exist yet."""
    (tmp_path / "a.tfvars").write_text("")
    assert for_copy(("-var-file=a.tfvars", "-var-file=/b"), tmp_path, None) == (
        f"-var-file={tmp_path / 'a.tfvars'}", "-var-file=/b",
    )  # fmt: skip


def test_the_component_may_stand_before_the_second_word() -> None:
    """`state vpc rm` is a `state rm`: it must not step around what is asked before one."""
    found = read(["state", "vpc", "-s", "dev", "rm", "a.b"])
    assert (found.name, found.component, found.arguments) == ("state rm", "vpc", ("a.b",))


def test_what_is_said_of_a_subcommand_is_said_of_a_known_one() -> None:
    """A list that names one which is not taken would have no effect."""
    tables = (
        *(command.WITH_VARIABLES, command.READING, command.PLANNING, command.CHECKED, command.REACHING),
        *(command.IN_PLACE, {command.UNLOCK}, NO_COMPONENT, FOLLOWED),
    )
    assert {name.partition(" ")[0] for table in tables for name in table} <= SUBCOMMANDS
