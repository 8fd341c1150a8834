"""A case's command, answered by the public functions of `gaia.stacks`."""

from __future__ import annotations

import json
import os
import posixpath
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gaia.cli.machine_output import json_text
from gaia.stacks.atmos import CLASSIC, OF_THE_PROGRAM
from gaia.stacks.local import LocalResolver
from gaia.stacks.merge import deep_merge
from gaia.stacks.ports import Processing
from gaia.stacks.repository import Repository
from gaia.terraform import generated

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conformance.corpus import Case

    from gaia.stacks.model import Instance

PERSON = {"HOME": "/home/" + "user", "USER": "user"}
"""Whose machine the answers were recorded on."""
STRICT = {"GAIA_COMPAT": "strict"}
"""With the defect of locals, which answers were recorded with and which Gaia leaves out unless it is asked for: so a
repository that has locals is read by it, every other one as Gaia does by itself."""


def run(case: Case, folder: Path) -> Any:
    """The answer as JSON data.

    Raises:
        GaiaError: the command is refused.
    """
    kind, *words = case.command
    if kind == "@merge":
        return deep_merge(case.given, option(words, "--list-strategy") or "replace")
    environ = {"PATH": os.environ["PATH"], **PERSON, **(STRICT if has_locals(folder) else {})}
    environ |= {name: value.replace("{workdir}", str(folder)) for name, value in case.env.items()}
    processing = Processing(functions="--process-functions=false" not in words)
    repository = Repository.open(folder, environ=environ, resolver=LocalResolver(folder), processing=processing)
    if kind == "@duplicates":
        repository.refuse_duplicates()
        return None
    if kind == "@names":
        return names(repository.instance(words[0], option(words, "-s")))
    what, *words = words
    if what == "component":
        return as_json(repository.instance(words[0], option(words, "-s")).describe())
    return as_json(dict(repository.describe_stacks(include_empty="--include-empty-stacks" in words)))


@dataclass(frozen=True)
class Live:
    """What the program that `GAIA_ATMOS` names answers to a case's command, in place of what was recorded."""

    refused: bool
    answer: Any


def live(case: Case, folder: Path) -> Live | None:
    """Ask it; None where none is named, and for a case that is no command."""
    program = os.environ.get("GAIA_ATMOS")
    if not program or case.command[0] != "describe":
        return None
    form = () if "--format" in case.command else ("--format", "json")
    environ = {"PATH": os.environ["PATH"], **PERSON, **CLASSIC}
    environ |= {name: value.replace("{workdir}", str(folder)) for name, value in case.env.items()}
    line = [program, *case.command, *form]
    done = subprocess.run(line, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    answer = json.loads(done.stdout) if not done.returncode and done.stdout.strip() else None
    if isinstance(answer, dict):
        answer = {key: value for key, value in answer.items() if key not in OF_THE_PROGRAM}
    return Live(done.returncode != 0, answer)


def has_locals(folder: Path) -> bool:
    """Whether any manifest has locals of its own."""
    return any("locals:" in file.read_text(errors="replace") for file in folder.glob("stacks/**/*.y*ml*"))


def option(words: list[str], name: str) -> str:
    """The value behind an option; empty without it."""
    return words[words.index(name) + 1] if name in words else ""


def as_json(document: object) -> Any:
    """The document as somebody reads it who parses its JSON.

    Raises:
        GaiaError: it cannot be written as JSON.
    """
    return json.loads(json_text(document))


def names(instance: Instance) -> dict[str, Any]:
    """What is derived for a run."""
    kind, body = instance.backend_type, instance.backend
    file = json.loads(generated.backend(kind, body, instance.workspace)) if kind else None
    folder = posixpath.dirname(instance.component_path)
    component = posixpath.basename(instance.key.component)
    stem = instance.varfile_name.removesuffix(".terraform.tfvars.json")
    middle = f"-{folder.replace('/', '-')}" if folder else ""
    return {
        "backend_error": "" if kind else "backend_type is required",
        "backend_tf_json": file,
        "component": component,
        "context_prefix": stem.removesuffix(f"{middle}-{component}"),
        "final_component": posixpath.basename(instance.component_path),
        "folder_prefix": folder,
        "planfile": instance.planfile_name,
        "stack_file": instance.manifest,
        "varfile": instance.varfile_name,
        "workspace": instance.workspace,
    }
