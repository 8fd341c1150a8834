"""What lies at a place: a state, nothing, or something that is refused with a reason."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from gaia.adoption import found
from gaia.adoption.code import Code
from gaia.adoption.lineages import check_lineage, remember_lineages
from gaia.adoption.places import Bucket, FilePlace, ObjectPlace
from gaia.adoption.states import parsed, survey
from gaia.errors import Conflict, GaiaError, Unavailable
from gaia.stacks.model import InstanceKey
from gaia.terraform.state import State

if TYPE_CHECKING:
    from gaia.adoption.states import Reader
    from gaia.stacks.model import Instance

PLACE = FilePlace(Path("/c/terraform.tfstate"))
BAD = {
    "encrypted": (b'{"encrypted_data": "x"}', "state-encrypted"),
    "torn": (b'{"version": 4, ', "state-unreadable"),
    "old": (b'{"version": 3}', "state-unreadable"),
    "no map": (b"[]", "state-unreadable"),
    "damaged inside": (b'{"version": 4, "resources": [{"mode": "managed"}]}', "state-unreadable"),
    "not text": (b"\xff\xfe\x00", "state-unreadable"),
}


@pytest.mark.parametrize(("content", "code"), BAD.values(), ids=BAD.keys())
def test_what_is_no_state_is_refused(content: bytes, code: str) -> None:
    """With the place, and a code of its own."""
    with pytest.raises(GaiaError, match=r"/c/terraform\.tfstate") as error:
        parsed(content, PLACE)
    assert error.value.code == code


def test_an_empty_file_is_no_state() -> None:
    """Terraform leaves one where it locked before it had anything to write."""
    assert parsed(b"\n", PLACE) is None
    assert parsed(b'{"version": 4}', PLACE) == State.parse({"version": 4})


def test_a_state_without_resources_is_claimed_by_nobody_and_not_told(tmp_path: Path) -> None:
    """A move leaves one; what cannot be read may hold something, so it is told."""
    held = {"version": 4, "resources": [{"mode": "managed", "type": "a", "name": "b", "instances": [{}]}]}
    contents = {"moved": '{"version": 4, "resources": []}', "nothing": "", "holds": json.dumps(held), "torn": "{"}
    for name, content in contents.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "terraform.tfstate").write_text(content)
    mine = FilePlace(tmp_path / "mine/terraform.tfstate")
    instance = SimpleNamespace(key=InstanceKey("dev", "mine"), vars={}, workspace="", component_path="mine")
    checkout = SimpleNamespace(workplace=SimpleNamespace(states=tmp_path))
    reader = SimpleNamespace(checkout=checkout, place=lambda _: mine)
    made = survey(cast("Reader", reader), [], [cast("Instance", instance)])
    assert [str(one).split("/")[-2] for one in made.unclaimed] == ["holds", "torn"]
    assert [len(one.state.resources) for one in made.strangers] == [1]


def test_states_are_told_from_other_objects() -> None:
    """By what instances call theirs, and by the usual end."""
    used = [ObjectPlace(Bucket("b"), "a/state.json")]
    keys = ("x/state.json", "x/terraform.tfstate", "x/terraform.tfstate.tflock", "y.tfstate", "logs/1.gz")
    assert found.states_among(keys, used) == ("x/state.json", "x/terraform.tfstate", "y.tfstate")


def test_buckets_have_an_address() -> None:
    """By name or by path, Amazon's or another's."""
    assert found.address(Bucket("b", "eu-west-1")) == "https://b.s3.eu-west-1.amazonaws.com"
    assert found.address(Bucket("b.c", "cn-north-1", by_path=True)) == "https://s3.cn-north-1.amazonaws.com.cn/b.c"
    assert found.address(Bucket("b", endpoint="http://127.0.0.1:9")) == "http://127.0.0.1:9/b"


def test_files_are_found_and_backups_left_out(tmp_path: Path) -> None:
    """Nor is what terraform remembers of a backend a state."""
    for name in ("a/terraform.tfstate", "a/terraform.tfstate.backup", "b/terraform.tfstate.d/x/terraform.tfstate"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "a/.terraform").mkdir()
    (tmp_path / "a/.terraform/terraform.tfstate").touch()
    names = [one.path.relative_to(tmp_path).as_posix() for one in found.files(tmp_path)]
    assert names == ["a/terraform.tfstate", "b/terraform.tfstate.d/x/terraform.tfstate"]


def test_a_lock_that_nobody_holds_is_none(tmp_path: Path) -> None:
    """A killed terraform leaves the note about its lock behind; the lock itself goes with the process."""
    place = FilePlace(tmp_path / "terraform.tfstate")
    place.path.write_text("{}")
    assert found.file_lock(place) == ""
    (tmp_path / ".terraform.tfstate.lock.info").write_text(json.dumps({"Who": "sue"}))
    assert found.file_lock(place) == ""
    assert found.who_locks('{"Who": "sue", "Operation": "apply", "Created": "now"}') == "sue (apply) since now"
    assert found.who_locks("{") == "somebody"


def test_the_code_says_what_it_makes(tmp_path: Path) -> None:
    """Resources of local modules with their address; of other modules only the call is known."""
    (tmp_path / "a/inner").mkdir(parents=True)
    main = 'module "in" { source = "./inner" }\nmodule "far" { source = "x/y/z" }\nresource "t" "one" {}\n'
    (tmp_path / "a/main.tf").write_text(main)
    (tmp_path / "a/inner/main.tf").write_text('resource "t" "two" {}\nmodule "up" { source = "../" }\n')
    made = Code().makes(tmp_path / "a")
    assert made.resources == {"t.one", "module.in.t.two"}
    assert made.modules == {"module.far", "module.in.module.up"}
    assert Code().makes(tmp_path / "nothing").resources == frozenset()


def test_a_state_of_another_lineage_is_refused(tmp_path: Path) -> None:
    """Only where one was adopted; a damaged memory is an error, not silence."""
    path, key = tmp_path / "lineages.json", InstanceKey("dev", "vpc")
    one, other = (State.parse({"version": 4, "lineage": name}) for name in ("one", "other"))
    check_lineage(path, key, one)
    remember_lineages(path, {str(key): "one"})
    remember_lineages(path, {"dev/net": "two"})
    check_lineage(path, key, one)
    with pytest.raises(Conflict, match=r"lineage other.*lineage one"):
        check_lineage(path, key, other)
    path.write_text("{")
    with pytest.raises(Unavailable):
        check_lineage(path, key, one)
