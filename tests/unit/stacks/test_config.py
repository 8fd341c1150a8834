"""`atmos.yaml`: its layers, the variables that beat it, where its folders are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.stacks.conftest import ATMOS

from gaia.errors import Conflict, GaiaError, Invalid, NotFound, Refused
from gaia.stacks.loading.config import read_config

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes files below a folder that is a git work tree."""

    def make(files: Mapping[str, str]) -> Path:
        (tmp_path / ".git").mkdir(exist_ok=True)
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        return tmp_path

    return make


def test_layers_are_merged_from_the_home_to_the_working_directory(write: Write) -> None:
    """Maps merge, lists are replaced, the nearer file wins, and every value knows its file and line."""
    root = write(
        {
            "home/.atmos/atmos.yaml": "logs: {level: Info, file: /dev/null}\n",
            "atmos.yaml": ATMOS + "logs:\n  level: Debug\n",
            "atmos.d/b/deep.yaml": "stacks: {excluded_paths: [b]}\n",
            "atmos.d/x.yaml": "stacks: {excluded_paths: [x]}\n",
        }
    )
    config = read_config(root, {"HOME": str(root / "home")})
    assert config.document.get("logs") == {"level": "Debug", "file": "/dev/null"}
    assert config.excluded == ("b",)
    assert str(config.document.at(("logs", "level"))) == "atmos.yaml:9:3"
    assert str(config.document.at(("logs", "file"))) == "home/.atmos/atmos.yaml:1:21"


def test_nothing_outside_of_the_repository_is_read_without_a_home(write: Write) -> None:
    """The engine resolves requests with an empty environment, so no machine's settings change what they mean."""
    root = write({"atmos.yaml": ATMOS, "home/.atmos/atmos.yaml": "stacks: {base_path: other}\n"})
    assert read_config(root, {}).stacks == root / "stacks"


def test_the_nearest_parent_with_a_configuration_is_used(write: Write) -> None:
    """A command may be run in a folder below."""
    root = write({"atmos.yaml": ATMOS, "components/terraform/vpc/main.tf": ""})
    config = read_config(root / "components" / "terraform", {})
    assert (config.root, config.stacks) == (root, root / "stacks")


def test_without_any_file_the_default_document_holds(write: Write) -> None:
    """With stacks but no configuration, the layout of Atmos's documentation is assumed; with a file, none of it."""
    root = write({"stacks/orgs/dev.yaml": "", "plain/atmos.yaml": ATMOS})
    config = read_config(root, {})
    assert (config.name_pattern, config.templates) == ("{tenant}-{environment}-{stage}", True)
    assert read_config(root / "plain", {}).templates is False


def test_variables_beat_files(write: Write) -> None:
    """Lists are divided at commas, flags are read as such, and the position names the variable."""
    root = write({"atmos.yaml": ATMOS})
    environ = {
        "ATMOS_STACKS_INCLUDED_PATHS": "a/*, b/**",
        "ATMOS_COMPONENTS_TERRAFORM_COMMAND": "tofu",
        "ATMOS_COMPONENTS_TERRAFORM_APPLY_AUTO_APPROVE": "true",
    }
    config = read_config(root, environ)
    assert (config.included, config.commands["terraform"]) == (("a/*", "b/**"), "tofu")
    assert config.document.get("components", "terraform", "apply_auto_approve") is True
    assert config.document.at(("stacks", "included_paths")).file == "ATMOS_STACKS_INCLUDED_PATHS"
    with pytest.raises(Invalid, match="must be true or false"):
        read_config(root, {"ATMOS_DESCRIBE_PROVENANCE": "maybe"})


def test_keys_are_case_insensitive_but_names_of_users_are_kept(write: Write) -> None:
    """`Stacks.Base_Path` is `stacks.base_path`; the names of environment variables keep their case."""
    root = write({"atmos.yaml": ATMOS.replace("stacks:", "Stacks:") + "env: {AWS_Region: x}\n"})
    config = read_config(root, {})
    assert (config.stacks, config.under["env"].value) == (root / "stacks", {"AWS_Region": "x"})


def test_imports_stand_below_the_importing_file(write: Write) -> None:
    """Files and globs, relative to the importing file; a circle or a missing file is an error with its place."""
    root = write(
        {
            "atmos.yaml": ATMOS + "import: [conf/*]\nlogs: {level: Own}\n",
            "conf/a.yaml": "logs: {level: A, file: a}\n",
            "conf/b.yaml": "logs: {file: b}\n",
        }
    )
    assert read_config(root, {}).document.get("logs") == {"level": "Own", "file": "b"}
    (root / "conf" / "a.yaml").write_text("import: [../atmos.yaml]\n")
    with pytest.raises(Invalid) as caught:
        read_config(root, {})
    assert (caught.value.code, str(caught.value.at)) == ("import-cycle", "conf/a.yaml:1:10")
    (root / "conf" / "a.yaml").write_text("import: [none]\n")
    with pytest.raises(NotFound) as missing:
        read_config(root, {})
    assert (missing.value.code, str(missing.value.at)) == ("import-not-found", "conf/a.yaml:1:10")


def test_named_files_folders_and_profiles_are_the_strongest(write: Write) -> None:
    """`ATMOS_CLI_CONFIG_PATH` is one layer more, `--config` and `--config-path` stand for all, a profile is on top."""
    root = write(
        {
            "atmos.yaml": ATMOS + "logs: {level: own}\n",
            "other/atmos.yaml": "logs: {level: other}\n",
            "named/extra.yaml": "logs: {level: named}\n",
            "profiles/ci/x.yaml": "logs: {level: profile}\n",
        }
    )

    def level(environ: Mapping[str, str]) -> object:
        return read_config(root, environ).document.get("logs", "level")

    environ = {"ATMOS_CLI_CONFIG_PATH": "other"}
    assert level({}) == "own"
    assert level(environ) == "other"
    extra = {"ATMOS_CONFIG": "atmos.yaml,named/extra.yaml"}
    assert level({**environ, **extra}) == "named"
    assert level({**extra, "ATMOS_CONFIG_PATH": "other"}) == "other"
    for name in ("ATMOS_CONFIG", "ATMOS_CONFIG_PATH"):
        with pytest.raises(NotFound) as nothing:
            level({name: "nowhere"})
        assert nothing.value.code == "config-file-missing"
    assert level({**environ, "ATMOS_PROFILE": "ci"}) == "profile"
    with pytest.raises(NotFound) as caught:
        level({"ATMOS_PROFILE": "cd"})
    assert caught.value.code == "profile-unknown"


def test_functions_in_the_configuration_run_at_once(write: Write) -> None:
    """`!env`, `!repo-root`, `!include`, `!append` and `!unset`."""
    root = write(
        {
            "home/.atmos/atmos.yaml": "logs: {gone: 1}\nlist: [1]\n",
            "level.txt": "Info",
            "atmos.yaml": ATMOS
            + "logs: {gone: !unset , level: !include level.txt, home: !env HOMEX none}\n"
            + "list: !append [2]\nroot: !repo-root\n",
        }
    )
    document = read_config(root, {"HOME": str(root / "home")}).document
    assert document.get("logs") == {"level": "Info", "home": "none"}
    assert (document.get("list"), document.get("root")) == ([1, 2], str(root))


@pytest.mark.parametrize(
    ("base", "stacks"),
    [("'.'", "sub/stacks"), ("./x", "sub/x/stacks"), ("..", "stacks"), ("''", "stacks"), ("infra", "infra/stacks"),
     ("own", "sub/own/stacks")],
)  # fmt: skip
def test_the_base_path_has_its_rules(write: Write, base: str, stacks: str) -> None:
    """A dot: from the file's folder; empty: the git root; a bare path: the git root's where it exists there."""
    text = ATMOS.replace('"."', base).replace("components/terraform", "c")
    root = write({"sub/atmos.yaml": text, "infra/x": "", "sub/own/x": ""})
    assert read_config(root / "sub", {}).stacks == root / stacks


def test_a_base_path_from_the_environment_chooses_the_repository(write: Write, tmp_path: Path) -> None:
    """Whoever sets the variable may lead elsewhere; a file in the repository may not."""
    root = write({"sub/atmos.yaml": ATMOS})
    elsewhere = tmp_path.parent
    config = read_config(root / "sub", {"ATMOS_BASE_PATH": str(elsewhere)})
    assert config.stacks == elsewhere / "stacks"
    write({"sub/atmos.yaml": ATMOS.replace('"."', str(elsewhere))})
    with pytest.raises(GaiaError) as caught:
        read_config(root / "sub", {})
    assert (caught.value.code, isinstance(caught.value, Conflict)) == ("path-escapes", False)


def test_commands_are_put_together_by_name(write: Write) -> None:
    """A layer adds its commands, and replaces those of the same name."""
    root = write(
        {
            "home/.atmos/atmos.yaml": "commands: [{name: a, steps: [1]}, {name: b, steps: [1]}]\n",
            "atmos.yaml": ATMOS + "commands: [{name: b, steps: [2]}, {name: c, steps: [3]}]\n",
        }
    )
    found = read_config(root, {"HOME": str(root / "home")}).document.get("commands")
    assert found == [{"name": "a", "steps": [1]}, {"name": "b", "steps": [2]}, {"name": "c", "steps": [3]}]


def test_a_command_in_the_configuration_runs_for_a_trusted_caller_only(write: Write) -> None:
    """`!exec` gives what the command prints, as JSON if it is that; without somebody who runs it, it is refused."""
    root = write({"atmos.yaml": ATMOS + "logs: {level: !exec echo Info}\nextra: !exec 'echo [1]'\n"})
    run: list[str] = []

    def execute(command: str, environ: Mapping[str, str]) -> str:
        del environ
        run.append(command)
        return command.removeprefix("echo ") + "\n"

    document = read_config(root, {}, execute=execute).document
    assert (document.get("logs", "level"), document.get("extra")) == ("Info", [1])
    assert run == ["echo Info", "echo [1]"]
    with pytest.raises(Refused) as caught:
        read_config(root, {})
    assert caught.value.code == "exec-refused"
    assert str(caught.value.at).startswith("atmos.yaml:")


@pytest.mark.parametrize("arguments", ["²", "--5", "9" * 5000, "1 ²", "5 1", "x"])
def test_a_random_number_is_asked_for_with_numbers(write: Write, arguments: str) -> None:
    """What only looks like one is refused at its line."""
    root = write({"atmos.yaml": ATMOS + f"extra: !random {arguments}\n"})
    with pytest.raises(Invalid) as caught:
        read_config(root, {})
    assert caught.value.code == "function-arguments"
