"""gaia.platform.instances.outputs: states are read by many at once, and expressions are evaluated on them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from gaia.errors import Invalid, Position
from gaia.kit.redact import Redactor
from gaia.platform.instances.outputs import Outputs
from gaia.stacks.model import Reference
from gaia.terraform.workdir import alone_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.platform.conftest import House

    from gaia.platform.context import PlatformContext
    from gaia.platform.snapshot import Snapshot
    from gaia.platform.workplace import Workplace
    from gaia.stacks.model import Instance
    from gaia.terraform.command import Terraform
    from gaia.terraform.state import State
    from gaia.terraform.workdir import WorkingDirectory

pytestmark = pytest.mark.slow

KEY = "acme-use1-dev/vpc"
SECONDS = 60.0


@dataclass
class Reading:
    """A terraform whose `state pull` ends when as many are in it at once as there should be."""

    readers: threading.Barrier
    folders: list[Path] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=dict)
    redact: Redactor = field(default_factory=Redactor)

    def init(self, wd: WorkingDirectory) -> bool:
        """Nothing has to be made ready."""
        assert (wd.module / "main.tf").is_file()
        return False

    def state_pull(self, wd: WorkingDirectory) -> None:
        """There is no state; whoever comes finds the code of the component and keeps it while it reads."""
        self.readers.wait(SECONDS)
        assert (wd.module / "main.tf").is_file()
        self.folders.append(wd.root)


def reads(platform: PlatformContext) -> None:
    """One reader, as a run or a command has it."""
    snapshot = platform.snapshot(platform.clone().fetch())
    [instance] = snapshot.instances([KEY])
    assert not Outputs(platform.workplace, snapshot, lambda: platform.terraform(Redactor(), None)).exists(instance)


def test_two_who_read_one_instance_do_not_take_its_files_from_each_other(house: House) -> None:
    """Each is alone in a folder, at the same time."""
    terraform = Reading(threading.Barrier(2))
    platform = replace(house.platform, terraform=lambda *_: terraform)  # type: ignore[arg-type]
    with ThreadPoolExecutor(2) as both:
        list(both.map(reads, [platform, platform]))
    assert len(set(terraform.folders)) == 2


def test_what_is_being_changed_is_read_elsewhere(house: House) -> None:
    """Nobody waits for an apply in order to read what the state has now."""
    terraform = Reading(threading.Barrier(1))
    platform = replace(house.platform, terraform=lambda *_: terraform)  # type: ignore[arg-type]
    reads(platform)
    with alone_in(terraform.folders[0]):
        reads(platform)
    own, other = terraform.folders
    assert own == platform.folder / "work" / KEY
    assert other == platform.folder / "read" / KEY


class Known(Outputs):
    """Outputs that need no terraform."""

    def state(self, instance: Instance) -> State | None:
        """Always the same."""
        del instance
        return cast(
            "State", SimpleNamespace(output_values={"id": "vpc-1", "subnets": ["a", "b"], "tags": {"k 1": "v"}})
        )


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("id", "vpc-1"),
        (".subnets | length", 2),
        ('.nope // "none"', "none"),
        (".nope // .id", "vpc-1"),
        ('.tags["k 1"]', "v"),
        ("[.subnets[] | upcase]", ["A", "B"]),
    ],
)
def test_a_reference_may_be_any_expression(expression: str, value: object) -> None:
    """More than a path is evaluated as yq does it."""
    snapshot = SimpleNamespace(repository=SimpleNamespace(instance=lambda *_: None))
    outputs = Known(cast("Workplace", None), cast("Snapshot", snapshot), lambda: cast("Terraform", None))
    reference = Reference("terraform.state", "vpc", "dev", expression, "!terraform.state", Position("dev.yaml", 3))
    assert outputs.value(reference) == value


def test_a_broken_expression_is_refused_at_its_place() -> None:
    """The manifest's file and line stand in the refusal."""
    snapshot = SimpleNamespace(repository=SimpleNamespace(instance=lambda *_: None))
    outputs = Known(cast("Workplace", None), cast("Snapshot", snapshot), lambda: cast("Terraform", None))
    at = Position("dev.yaml", 3)
    with pytest.raises(Invalid) as caught:
        outputs.value(Reference("terraform.state", "vpc", "dev", ".a |", "!terraform.state", at))
    assert (caught.value.code, caught.value.at) == ("yq-expression", at)
