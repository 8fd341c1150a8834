"""gaia.bootstrap: which repository is meant."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.program import Program

from gaia.bootstrap import App
from gaia.errors import Invalid, NotFound
from gaia.settings import Settings
from gaia.stacks.mainfile import NAMES

ATMOS = "base_path: .\nstacks: {base_path: stacks, included_paths: ['*'], name_pattern: '{stage}'}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A platform repository with the stack `dev`."""
    stacks = tmp_path / "platform" / "stacks"
    stacks.mkdir(parents=True)
    (stacks / "dev.yaml").write_text("vars: {stage: dev}\ncomponents: {terraform: {c: {}}}\n")
    (stacks.parent / "atmos.yaml").write_text(ATMOS)
    return stacks.parent


def found(cwd: Path, **environ: str) -> tuple[str, ...]:
    """The stacks that a command in `cwd` sees."""
    home = str(cwd / "home")
    return App(Settings.capture({"HOME": home, "GAIA_HOME": home, **environ}, cwd)).repository().stacks


@pytest.mark.parametrize("name", NAMES)
def test_the_nearest_file_of_any_name_above_is_taken(folder: Path, name: str) -> None:
    """All spellings that the reader knows."""
    (folder / "atmos.yaml").rename(folder / name)
    assert found(folder / "stacks") == ("dev",)


def test_a_variable_says_where_the_configuration_is(folder: Path, tmp_path: Path) -> None:
    """From a working directory that is in no repository: the file's folder, or the file, and where the stacks are."""
    (tmp_path / "elsewhere").mkdir()
    assert found(tmp_path / "elsewhere", ATMOS_CLI_CONFIG_PATH=str(folder)) == ("dev",)
    assert found(tmp_path / "elsewhere", ATMOS_CLI_CONFIG_PATH="../platform/atmos.yaml") == ("dev",)
    (tmp_path / "settings").mkdir()
    (folder / "atmos.yaml").rename(tmp_path / "settings" / "atmos.yaml")
    both = {"ATMOS_CLI_CONFIG_PATH": str(tmp_path / "settings"), "ATMOS_BASE_PATH": str(folder)}
    assert found(tmp_path / "elsewhere", **both) == ("dev",)


def test_a_configuration_elsewhere_leads_no_further_than_its_own_folder(folder: Path, tmp_path: Path) -> None:
    """Its paths are held inside of its repository, as those of any other."""
    (folder / "atmos.yaml").write_text(ATMOS.replace("base_path: .", "base_path: ../other", 1))
    (tmp_path / "other" / "stacks").mkdir(parents=True)
    with pytest.raises(Invalid) as caught:
        found(tmp_path / "elsewhere", ATMOS_CLI_CONFIG_PATH=str(folder))
    assert caught.value.code == "path-escapes"


def test_a_folder_of_stacks_needs_no_file(folder: Path) -> None:
    """Atmos's defaults hold then; a folder without stacks belongs to whatever is registered, or to nothing."""
    (folder / "atmos.yaml").unlink()
    (folder / "stacks" / "dev.yaml").rename(folder / "home.yaml")
    with pytest.raises(Invalid) as caught:
        found(folder)
    assert caught.value.code == "no-manifests"
    (folder / "stacks").rmdir()
    with pytest.raises(NotFound) as none:
        found(folder)
    assert none.value.code == "repository-missing"


def test_a_folder_that_does_not_exist_is_no_repository(tmp_path: Path) -> None:
    """Even inside of one: Atmos's search upwards begins at a folder that is there, such as one below the stacks."""
    (tmp_path / "atmos.yaml").write_text("base_path: .\nstacks: {base_path: stacks, included_paths: ['*']}\n")
    (tmp_path / "stacks").mkdir()
    settings = Settings.capture({"HOME": str(tmp_path / "home")}, tmp_path)
    assert App(settings).repository(Path("stacks")).root == tmp_path
    with pytest.raises(NotFound, match="stakcs") as caught:
        App(settings).repository(Path("stakcs"))
    assert caught.value.code == "not-a-repository"


def test_an_operators_terraform_has_the_variables_of_her_shell(folder: Path, tmp_path: Path) -> None:
    """`TF_VAR_…`, as plain terraform has them; and nothing is asked of the home's records."""
    program = Program(tmp_path / "program")
    program.does("""echo '{"terraform_version": "1.12.0"}'""")
    home = str(tmp_path / "home")
    environ = {"HOME": home, "GAIA_HOME": home, "GAIA_TERRAFORM": str(program.path), "TF_VAR_a": "1", "TF_LOG": "x"}
    with App(Settings.capture(environ, folder)).checkout() as checkout:
        terraform = checkout.terraform(checkout.instance("c", "dev"))
    assert dict(terraform.variables) == {"TF_VAR_a": "1"}


def test_what_a_home_keeps_of_a_checkout_is_found_by_its_path(folder: Path, tmp_path: Path) -> None:
    """Written down by whatever was done there first; once the checkout is gone, all of it goes."""
    home = tmp_path / "home"
    app = App(Settings.capture({"HOME": str(home), "GAIA_HOME": str(home)}, folder))
    for _ in range(2):
        with app.checkout() as checkout:
            kept = checkout.workplace.folder
    assert app.clean_checkouts(longest=timedelta(0)) == ()
    folder.rename(tmp_path / "moved")
    assert [one.name for one in app.clean_checkouts(dry_run=True)] == [str(folder)]
    assert kept.is_dir()
    app.clean_checkouts()
    assert not kept.exists()
