"""`describe workflows`: what the workflow files hold, as Atmos says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.errors import GaiaError
from gaia.kit import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.stacks.workflows.reading import Workflows


def manifests(workflows: Workflows) -> Iterator[tuple[str, dict[str, Any] | GaiaError]]:
    """Every file with its content, each step with a name; or why it cannot be read."""
    for file in workflows.files():
        try:
            workflows.read(file)
            tree = yaml.read(workflows.folder / file, file).value
        except GaiaError as error:
            yield file, error
        else:
            yield file, _named(tree) if isinstance(tree, dict) else {}


def _named(tree: dict[str, Any]) -> dict[str, Any]:
    workflows = {
        name: {**workflow, "steps": [_step(step, number) for number, step in enumerate(workflow.get("steps") or (), 1)]}
        for name, workflow in tree["workflows"].items()
    }
    return {**tree, "workflows": workflows}


def _step(step: dict[str, Any], number: int) -> dict[str, Any]:
    return {**step, "name": step.get("name") or f"step{number}", "command": step.get("command") or ""}
