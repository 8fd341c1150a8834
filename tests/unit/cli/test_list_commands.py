"""`gaia list …` and `gaia workflow` on a small platform repository."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from gaia.cli.steps import takes_stack

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia


def test_lists_for_machines(gaia: Gaia) -> None:
    """--output gives the house's documents."""
    assert gaia("list", "stacks", "-o", "json").json == {"stacks": ["acme-use1-dev", "acme-use1-prod"]}
    assert gaia("list", "instances", "-o", "json").json == {
        "instances": [{"stack": "acme-use1-dev", "component": "photos-bucket", "type": "terraform"}]
    }
    assert gaia("list", "components", "-o", "json").json == {"components": ["photos-bucket"]}
    (workflow,) = gaia("list", "workflows", "-o", "json").json["workflows"]
    assert (workflow["workflow"], workflow["steps"], workflow["at"]) == (
        "plan-photos", 2, "workflows/photos.yaml:2:3"
    )  # fmt: skip
    (template,) = gaia("list", "templates", "-o", "json").json["templates"]
    assert [question["name"] for question in template["questions"]] == ["owner", "storage_gb", "versioned", "tier"]
    assert "bronze|gold, required" in gaia("list", "templates").out


def test_a_list_on_a_pipe_is_lines_with_tabs(gaia: Gaia) -> None:
    """Without titles, as Atmos prints it, so that a script can read each line."""
    assert gaia("list", "stacks").out == "acme-use1-dev\nacme-use1-prod\n"
    assert gaia("list", "instances").out == "photos-bucket\tacme-use1-dev\n"
    assert gaia("list", "components").out == "photos-bucket\tterraform\t1\n"
    assert gaia("list", "workflows").out == "photos.yaml\tplan-photos\tPlan what photos needs\t2\n"


def test_a_list_on_a_terminal_has_titles(gaia: Gaia) -> None:
    """A table for people."""
    first, second = gaia("list", "instances", tty=True, NO_COLOR="1").out.splitlines()
    assert first.split() == ["Component", "Stack"]
    assert "photos-bucket" in second


def test_atmos_s_formats(gaia: Gaia) -> None:
    """Rows keyed by their titles, or with a line of titles; --format beats --output."""
    row = {"Component": "photos-bucket", "Type": "terraform", "Stacks": "1"}
    assert json.loads(gaia("list", "components", "--format", "json", "-o", "yaml").out) == [row]
    assert yaml.safe_load(gaia("list", "components", "-f", "yaml").out) == [row]
    assert gaia("list", "components", "-f", "csv").out == "Component,Type,Stacks\nphotos-bucket,terraform,1\n"
    assert gaia("list", "components", "-f", "tsv").out.splitlines()[0] == "Component\tType\tStacks"
    assert ";terraform;" in gaia("list", "components", "-f", "csv", "--delimiter", ";").out
    assert gaia("list", "instances", "-f", "tree").out.split() == ["acme-use1-dev", "└──", "photos-bucket"]
    lines = gaia("list", "instances", "--abstract", "-f", "csv").out.splitlines()
    assert lines == ["Component,Stack", "bucket,acme-use1-dev", "bucket,acme-use1-prod", "photos-bucket,acme-use1-dev"]


def test_abstract_components_are_listed_when_asked_for(gaia: Gaia) -> None:
    """They are in every stack that imports them."""
    out = gaia("list", "components", "--abstract").out
    assert out == "bucket\tterraform\t2\nphotos-bucket\tterraform\t1\n"


def test_a_stack_may_be_a_pattern(gaia: Gaia) -> None:
    """A name that there is not is an error with the nearest names; a pattern without a match is an empty list."""
    assert gaia("list", "stacks", "-s", "*-prod").out == "acme-use1-prod\n"
    assert gaia("list", "instances", "-s", "*-prod").out == ""
    assert gaia("list", "stacks", "-c", "photos-bucket").out == "acme-use1-dev\n"
    said = gaia("list", "instances", "-s", "acme-use1-dve")
    assert (said.code, "acme-use1-dev" in said.err) == (3, True)


def test_columns_are_chosen_sorted_and_made(gaia: Gaia) -> None:
    """By title, or with fields of the instance or of the stack's vars."""
    made = ("--columns", "Owner={{ .vars.tags.owner }}", "--columns", "component")
    assert gaia("list", "instances", *made, "-f", "csv").out == "Owner,Component\nteam-media,photos-bucket\n"
    where = "Where={{ .vars.tenant }}/{{ .vars.stage }}"
    out = gaia("list", "stacks", "--columns", where, "--sort", "where:desc").out
    assert out == "acme/prod\nacme/dev\n"
    assert gaia("list", "stacks", "--columns", "X={{ .vars.nothing }}").out.splitlines()[0] == "<no value>"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--columns", "Nothing"), ("--columns", "A={{ upper .stack }}"), ("--sort", "Nothing"),
        ("--sort", "Stack:up"), ("--delimiter", "::"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused(gaia: Gaia, arguments: tuple[str, ...]) -> None:
    """With what there is."""
    said = gaia("list", "stacks", *arguments)
    assert said.code == 2
    assert "next" in said.err


def test_columns_may_be_configured(gaia: Gaia, tmp_path: Path) -> None:
    """In atmos.yaml, for each list; --columns beats them."""
    text = (tmp_path / "atmos.yaml").read_text()
    configured = "components:\n  list: {columns: [{name: N, value: '<{{ .component }}>'}]}\n  terraform:"
    (tmp_path / "atmos.yaml").write_text(
        text.replace("components: {terraform: {base_path: components/terraform}}", configured + " {base_path: x}")
    )
    assert gaia("list", "components", "-f", "csv").out == "N\n<photos-bucket>\n"
    assert gaia("list", "components", "--columns", "Stacks").out == "1\n"


def test_a_dry_run_prints_the_commands(gaia: Gaia) -> None:
    """One a line, ready to be typed; with --output the places too."""
    said = gaia("workflow", "plan-photos", "--dry-run")
    assert said.out == "gaia terraform plan photos-bucket -s acme-use1-dev\nexit 3\n"
    assert "acme-use1-prod" in gaia("workflow", "plan-photos", "--dry-run", "-s", "acme-use1-prod").out
    first, second = gaia("workflow", "plan-photos", "--dry-run", "-o", "json").json["steps"]
    assert (first["type"], second["type"], second["at"]) == ("atmos", "shell", "workflows/photos.yaml:7:9")


def test_values_are_listed_with_a_column_for_each_stack(gaia: Gaia, tmp_path: Path) -> None:
    """Keys with dots; vars, settings, metadata or any part; patterns and a limit of stacks."""
    dev = (tmp_path / "stacks/orgs/acme/dev/photos.yaml").read_text()
    (tmp_path / "stacks/orgs/acme/prod/photos.yaml").write_text(dev.replace("stage: dev", "stage: prod"))
    listed = gaia("list", "vars", "photos-bucket", "-f", "csv").out.splitlines()
    assert listed[0] == "Key,acme-use1-dev,acme-use1-prod"
    assert "stage,dev,prod" in listed
    assert "tags.owner,team-media,team-media" in listed
    assert (
        gaia("list", "metadata", "photos-bucket", "-f", "csv", "-s", "*-dev").out.splitlines()[0] == "Key,acme-use1-dev"
    )
    assert "component\ts3-bucket\n" in gaia("list", "metadata", "photos-bucket", "--max-columns", "1").out
    assert gaia("list", "settings", "photos-bucket").out == ""
    found = gaia("list", "values", "photos-bucket", "-q", ".vars.name", "-o", "json").json
    assert found == {"component": "photos-bucket", "values": {"acme-use1-dev": "photos", "acme-use1-prod": "photos"}}
    assert gaia("list", "values", "photos-bucket", "--query", ".vars.name").out == "value\tphotos\tphotos\n"
    assert gaia("list", "vars", "nothing").code == 3


@pytest.mark.parametrize(
    ("words", "takes"),
    [
        ("terraform plan vpc", True), ("describe component vpc", True), ("validate component vpc", True),
        ("validate stacks", False), ("describe config", False), ("doctor", False), ("list", True), ("nothing", True),
    ],
)  # fmt: skip
def test_a_stack_is_only_given_to_commands_that_take_one(words: str, takes: bool) -> None:
    """Atmos appends it to every step; ours would refuse it."""
    assert takes_stack(words.split()) is takes


def test_without_a_component_all_are_listed(gaia: Gaia) -> None:
    """As Atmos lists them; each below its name, those that have nothing left out."""
    said = gaia("list", "metadata", "-s", "*-dev", "-f", "csv", "--query", ".metadata.component")
    assert said.out.splitlines() == ["Key,acme-use1-dev", "photos-bucket,s3-bucket"]
    assert gaia("list", "settings").code == 0
    assert gaia("list", "metadata", "--max-columns", "1").code == 0


def test_an_unknown_workflow_is_answered_with_the_nearest(gaia: Gaia) -> None:
    """And nothing is run."""
    said = gaia("workflow", "plan-photo", "-o", "json")
    assert (said.code, said.error["error"]) == (3, "workflow-unknown")
    assert "plan-photos" in said.error["next_step"]


@pytest.mark.slow
def test_a_workflow_ends_with_the_status_of_the_step_that_failed(gaia: Gaia, tmp_path: Path) -> None:
    """Our own commands run in a process of their own; a resume hint names the step."""
    text = "workflows: {w: {steps: [{command: list stacks}, {name: end, type: shell, command: exit 3}]}}\n"
    (tmp_path / "workflows/w.yaml").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "gaia", "workflow", "w"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env=dict(gaia.settings.environ),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (3, "acme-use1-dev\nacme-use1-prod\n")
    assert "gaia workflow w -f w.yaml --from-step end" in done.stderr
    assert done.stderr.count("failed with exit status") == 1
