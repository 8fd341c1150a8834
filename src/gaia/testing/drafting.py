"""A templater for tests of doors: what it makes is the same for every kind, and writes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Next, Position
from gaia.scaffold.drafts import Draft
from gaia.scaffold.environments import EnvironmentTemplater
from gaia.scaffold.template import Question, Template
from gaia.stacks.validation.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STACK = "acme-euw1-dev"


def draft(kind: str = "environment", name: str = STACK) -> Draft:
    """Of a stack that needs another one, with something that is not known."""
    path = "stacks/orgs/acme/dev/eu-west-1.yaml"
    step = Next("new environment", "acme-use1-dev", "Make that environment too")
    needed = Finding(
        "dependency-missing", "it needs state of acme-use1-dev, which is not there yet", step, None, "warning"
    )
    return Draft(
        kind,
        name,
        "1.0.0",
        {path: "import:\n  - mixins/tenant/acme\n"},
        (STACK,),
        (f"{STACK}/state", f"{STACK}/network"),
        ("acme-use1-dev/state",),
        ("stacks/catalog/x.yaml was left out: there is no folder stacks/catalog",),
        (needed,),
    )


def unsound(kind: str, name: str) -> Draft:
    """One that imports what is not there."""
    at = Position("stacks/orgs/acme/dev/eu-west-1.yaml", 2, 5)
    step = Next("new tenant", "acme", "It is made by")
    missing = Finding("import-not-found", "the import 'mixins/tenant/acme' matches no file", step, at)
    return Draft(kind, name, "1.0.0", dict(draft().files), findings=(missing,))


class FakeTemplater(EnvironmentTemplater):
    """Makes the same of everything; remembers what it was asked for and what it was to write."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, object]]] = []
        self.written: list[Draft] = []
        self.made: Callable[[str, str], Draft] = draft

    def template(self, kind: str, name: str, given: Mapping[str, object]) -> Template:
        """One question without a default, one with."""
        del name, given
        questions = (
            Question("owner", "str", "The team that answers for it"),
            Question("region", "str", "The region of AWS", default="eu-west-1", required=False),
        )
        return Template(f"environments/{kind}", "1.0.0", kind.title(), "A part.", questions, Path())

    def scaffold_environment(self, template: str, variables: Mapping[str, object]) -> Draft:
        """As the test says."""
        self.asked.append((template, dict(variables)))
        return self.made(template, str(variables["name"]))

    def write(self, draft: Draft) -> None:
        """Remember it."""
        self.written.append(draft)
