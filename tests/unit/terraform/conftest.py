"""Instances as the stacks room makes them, and a program that plays terraform."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Position
from gaia.stacks.model import Instance, InstanceKey, Origin, Reference
from gaia.terraform.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


FAKE = """#!{python}
import json, os, pathlib, sys
here = pathlib.Path({folder!r})
with (here / "calls.jsonl").open("a") as calls:
    env = {{k: v for k, v in os.environ.items() if k.startswith(("TF_", "AWS_", "CHECKPOINT"))}}
    lock = pathlib.Path(".terraform.lock.hcl")
    seen = lock.read_text() if lock.exists() else None
    calls.write(json.dumps({{"arguments": sys.argv[1:], "env": env, "cwd": os.getcwd(), "lock": seen}}) + "\\n")
command = sys.argv[1]
if command == "init":
    body = '  version     = "5.0.0"\\n  constraints = "5.0.0"\\n  hashes = ["h1:x"]\\n'
    lock.write_text('provider "r/n/aws" {{\\n' + body + '}}\\n')
answer = here / f"{{command}}.out"
if answer.exists():
    sys.stdout.write(answer.read_text())
status = here / f"{{command}}.status"
sys.exit(int(status.read_text()) if status.exists() else 0)
"""


class NoProvenance:
    """Everything is written in one place."""

    def explain(self, path: Sequence[str | int]) -> Origin:
        """That place."""
        del path
        return Origin(None, Position("stacks/t/dev.yaml", 1), ())

    def describe(self) -> dict[str, object]:
        """Not used."""
        raise NotImplementedError


def reference(component: str, expression: str, stack: str = "t-dev") -> Reference:
    """What a manifest's `!terraform.state COMPONENT EXPRESSION` is."""
    text = f"!terraform.state {component} {expression}"
    return Reference("terraform.state", component, stack, expression, text, Position("stacks/dev.yaml", 3, 9))


@pytest.fixture
def make() -> Callable[..., Instance]:
    """Make an instance of the stack `t-dev`."""

    def build(name: str, component: str, variables: Mapping[str, object], **other: object) -> Instance:
        fields: dict[str, object] = {
            "key": InstanceKey("t-dev", name),
            "component_path": component,
            "vars": variables,
            "settings": {},
            "env": {},
            "metadata": {},
            "providers": {"aws": {"region": "us-east-1"}},
            "backend_type": "s3",
            "backend": {"bucket": "state", "key": "terraform.tfstate"},
            "dependencies": {},
            "workspace": f"t-dev-{name}",
            "command": "terraform",
            "inheritance": (),
            "imports": (),
            "manifest": "t/dev",
            "varfile_name": f"t-dev-{name}.terraform.tfvars.json",
            "planfile_name": f"t-dev-{name}.planfile",
            "abstract": False,
            "enabled": True,
            "references": tuple((("vars", k), v) for k, v in variables.items() if isinstance(v, Reference)),
            "provenance": NoProvenance(),
        }
        return Instance(**(fields | other))  # type: ignore[arg-type]

    return build


@pytest.fixture
def fake(tmp_path: Path) -> Tool:
    """A program that writes down how it was called; `COMMAND.out` and `COMMAND.status` beside it are its answers."""
    folder = tmp_path / "fake"
    folder.mkdir()
    program = folder / "terraform"
    program.write_text(FAKE.format(python=sys.executable, folder=str(folder)))
    program.chmod(0o755)
    return Tool(program, "terraform", "1.11.4")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A components tree with one component, a module beside it, and what other people's runs leave."""
    root = tmp_path / "components"
    (root / "vpc" / ".terraform").mkdir(parents=True)
    (root / "modules" / "n").mkdir(parents=True)
    (root / "vpc" / "main.tf").write_text('module "n" {\n  source = "../modules/n"\n}\nvariable "cidr" {}\n')
    (root / "vpc" / "terraform.tfstate").write_text("foreign")
    (root / "modules" / "n" / "main.tf").write_text("# nothing\n")
    return root
