"""One `perform` in a process of its own, so that a test can kill it: `python driver.py CONFIG.json`.

The configuration is what a test's `Case.write` made; the outcome goes to the file that it names.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from gaia.errors import Position
from gaia.kit.keys import SecretKey
from gaia.kit.lines import LinesAt
from gaia.kit.redact import Redactor
from gaia.operations.instance import Operation, Verdict, perform
from gaia.settings import Settings
from gaia.stacks.model import Instance, InstanceKey, Origin
from gaia.terraform.command import Terraform
from gaia.terraform.normal import NormalForm
from gaia.terraform.tool import find_tool

KEY = SecretKey("key-000000000000", bytes(range(32)))


class NoProvenance:
    """Everything is in the first line."""

    def explain(self, path: object) -> Origin:
        """Asked where a value is that terraform speaks of."""
        del path
        return Origin(None, Position("stacks/dev.yaml", 1), ())

    def describe(self) -> dict[str, object]:
        """Not used."""
        raise NotImplementedError

    def listing(self) -> dict[str, object]:
        """Not used."""
        raise NotImplementedError


def instance_of(config: dict[str, Any]) -> Instance:
    """The instance that a configuration describes."""
    stack, _, component = config["instance"].partition("/")
    return Instance(
        key=InstanceKey(stack, component),
        component_path=config["component"],
        vars=config["variables"],
        settings={},
        env={},
        metadata={},
        providers=config["providers"],
        backend_type=config["backend_type"],
        backend=config["backend"],
        dependencies={},
        workspace="default",
        command="terraform",
        inheritance=(),
        imports=(),
        manifest="t",
        varfile_name="this.tfvars.json",
        planfile_name="this.planfile",
        abstract=False,
        enabled=True,
        references=(),
        provenance=NoProvenance(),
    )


def operation_of(config: dict[str, Any]) -> Operation:
    """The operation that a configuration describes."""
    folder = Path(config["folder"])
    settings = Settings.capture(config["environ"], folder)
    terraform = Terraform(find_tool(settings), home=folder / "home", environ=config["environ"], redact=Redactor())
    approved = config.get("approved")
    verdict = Verdict(**{**config["verdict"], "reasons": tuple(config["verdict"].get("reasons", ()))})

    def log(level: str, message: str, event: object = None) -> None:
        del event
        with (folder / "log.txt").open("a") as file:
            file.write(f"{level} {message}\n")

    return Operation(
        terraform=terraform,
        instance=instance_of(config),
        variables=config["variables"],
        tree=Path(config["tree"]),
        root=folder / "work",
        journal=LinesAt(Path(config["journal"])),
        approved=NormalForm.from_json(approved) if approved else None,
        key=KEY,
        judge=lambda plan: verdict,  # noqa: ARG005
        destroy=config["destroy"],
        log=log,
    )


def main() -> None:
    """Perform, and write the outcome."""
    config = json.loads(Path(sys.argv[1]).read_text())
    outcome = perform(operation_of(config))
    Path(config["outcome"]).write_text(json.dumps(outcome.as_json()))


if __name__ == "__main__":
    main()
