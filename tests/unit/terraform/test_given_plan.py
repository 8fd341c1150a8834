"""What is taken for a plan when somebody hands in a file, and what is said of everything else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gaia.errors import GaiaError
from gaia.terraform.given_plan import given_plan, read_given_plan

if TYPE_CHECKING:
    from pathlib import Path

PLAN: dict[str, Any] = {
    "format_version": "1.2",
    "resource_changes": [{"address": "a.b", "mode": "managed", "type": "a", "change": {"actions": ["create"]}}],
    "configuration": {"root_module": {}},
}
STATE = {"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "outputs": {}, "resources": []}


def _refused(content: bytes) -> GaiaError:
    with pytest.raises(GaiaError) as caught:
        given_plan(content, "plan.json")
    return caught.value


@pytest.mark.parametrize("version", ["0.1", "0.2", "1.0", "1.2", "1.9"])
def test_plans_of_known_formats_are_taken(version: str) -> None:
    """Those of format 1, and of the two that there were before it."""
    assert given_plan(json.dumps({**PLAN, "format_version": version}).encode(), "p")["format_version"] == version


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({**PLAN, "format_version": "2.0"}, "plan-format-unknown"),
        ({**PLAN, "format_version": 1}, "plan-invalid"),
        ({**PLAN, "errored": True}, "plan-errored"),
        ({**PLAN, "configuration": None}, "plan-without-configuration"),
        ({**PLAN, "resource_changes": {}}, "plan-invalid"),
        ({**PLAN, "resource_changes": [{"address": "a.b", "type": "a", "change": {}}]}, "plan-invalid"),
        (STATE, "plan-is-a-state"),
        ({"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": {}}}, "plan-is-a-state"),
        ({"anything": 1}, "plan-invalid"),
        ([], "plan-invalid"),
        ("text", "plan-invalid"),
    ],
)
def test_what_is_no_whole_plan_decides_nothing(document: object, code: str) -> None:
    """A format of another time, a state in both its forms, a plan without a part that rules need, one that failed."""
    assert _refused(json.dumps(document).encode()).code == code


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (json.dumps(PLAN)[:58].encode(), "plan.json:1:59"),
        (b'{"format_version": "1.', "plan.json:1:20"),
        (b'{\n "a": 1,\n}', "plan.json:3:1"),
        (b"", "plan.json:1:1"),
        (b"hello", "plan.json:1:1"),
    ],
)
def test_what_is_cut_or_no_json_is_told_with_its_place(content: bytes, place: str) -> None:
    """Whoever copied half of a file sees where it ends."""
    error = _refused(content)
    assert (error.code, str(error.at)) == ("plan-not-json", place)


def test_a_truncated_plan_is_said_to_end_in_the_middle() -> None:
    """In words that name the cause."""
    whole = json.dumps(PLAN)
    assert "it ends in the middle" in _refused(whole[: whole.index('"change"') + 9].encode()).message


def test_other_bytes_are_told_apart(tmp_path: Path) -> None:
    """The plan file itself, what is no text, what is nested without end, and a file that is not there."""
    assert _refused(b"PK\x03\x04rest").code == "plan-is-binary"
    assert _refused(b"\xff\xfe{").code == "plan-not-json"
    assert _refused(b"[" * 200_000).code == "plan-not-json"
    with pytest.raises(GaiaError) as caught:
        read_given_plan(tmp_path / "none.json", "none.json")
    assert (caught.value.code, "none.json" in caught.value.message) == ("plan-not-found", True)


def test_a_number_of_thousands_of_digits_is_none() -> None:
    """An error as for any other text that is no JSON, not a defect."""
    content = json.dumps(PLAN)[:-1] + ', "x": ' + "9" * 5000 + "}"
    with pytest.raises(GaiaError) as caught:
        given_plan(content.encode(), "p")
    assert caught.value.code == "plan-not-json"


@pytest.mark.parametrize("mode", [None, "Managed", 1, "ephemeral"])
def test_a_change_that_is_neither_managed_nor_read_is_refused(mode: object) -> None:
    """Whoever judges and prices passes over what is not managed, so it would be fine and cost nothing."""
    change = {"address": "a.b", "mode": mode, "type": "a", "name": "b", "change": {"actions": ["create"]}}
    with pytest.raises(GaiaError) as caught:
        given_plan(json.dumps({**PLAN, "resource_changes": [change]}).encode(), "p")
    assert caught.value.code == "plan-invalid"


@pytest.mark.parametrize("module", [{"resources": [{}]}, {"child_modules": [{}]}])
def test_resources_without_changes_are_no_plan(module: object) -> None:
    """A plan of nothing has neither."""
    with pytest.raises(GaiaError) as caught:
        given_plan(
            json.dumps({**PLAN, "resource_changes": [], "planned_values": {"root_module": module}}).encode(), "p"
        )
    assert caught.value.code == "plan-invalid"
    given_plan(json.dumps({**PLAN, "resource_changes": [], "planned_values": {"root_module": {}}}).encode(), "p")
