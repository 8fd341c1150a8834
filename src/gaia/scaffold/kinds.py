"""The kinds of parts that a platform repository can be given: tenants, stages, regions, environments, components.

Each is a template `templates/environments/KIND`, of the repository or of Gaia's package. Its `copier.yml` is that of a
service's template; besides, it may say

* `_name`: `stack`, where a name is that of a stack, or `pattern` and `expected` of good names;
* `_suggest`: per question, what `gaia.scaffold.suggestions` finds in the repository;
* `_shared`: files that every component of the repository has alike, and a new one gets too;
* `_optional`: folders in which nothing is written where the repository does not have them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound, Position
from gaia.kit.shapes import as_list, as_map
from gaia.scaffold.blueprint import own_or_packaged
from gaia.scaffold.suggestions import SUGGESTIONS
from gaia.scaffold.template import read_template

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gaia.scaffold.template import Template

FOLDER = "templates/environments"
NAME = "{{ gaia.name }}"
"""As it stands in the path of a file that is named after the part."""
_PATTERN = "[a-z][a-z0-9-]{1,38}"
_EXPECTED = "2 to 39 lower-case letters, digits and hyphens, the first one a letter"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind, as its template describes it."""

    template: Template
    names_stacks: bool
    pattern: str
    expected: str
    """The pattern in words."""
    suggest: Mapping[str, str]
    shared: tuple[str, ...]
    optional: tuple[str, ...]

    @property
    def name(self) -> str:
        """As it is typed: `tenant`, `environment`."""
        return self.template.folder.name

    def check_name(self, name: str) -> None:
        """Pass a name that one of this kind can have; that of a stack is judged by the repository.

        Raises:
            Invalid: `name-invalid`.
        """
        if not self.names_stacks and not re.fullmatch(self.pattern, name):
            raise Invalid(
                "name-invalid", f"{name!r} cannot be the name of a {self.name}", next_step=f"Use {self.expected}."
            )

    def named_by(self, path: str) -> str | None:
        """The name of the one that would make a file, by its path in the repository; None: none would."""
        folder = self.template.folder / "template"
        for file in sorted(folder.rglob("*")):
            written = file.relative_to(folder).as_posix().removesuffix(".jinja")
            if written.count(NAME) == 1 and "{{" not in written.replace(NAME, ""):
                found = re.fullmatch(re.escape(written).replace(re.escape(NAME), "([^/]+)"), path)
                if found and re.fullmatch(self.pattern, found[1]):
                    return found[1]
        return None


def kinds(root: Path) -> tuple[str, ...]:
    """The kinds that there are templates of."""
    return tuple(sorted(path.parent.name for path in own_or_packaged(root, FOLDER).glob("*/copier.yml")))


def load_kind(root: Path, name: str) -> Kind:
    """A kind by its name.

    Raises:
        NotFound: `kind-unknown`. Invalid: `template-invalid`, `template-unsafe`.
    """
    known = kinds(root)
    if name not in known:
        near = get_close_matches(name, known, 1, 0.5)
        raise NotFound(
            "kind-unknown",
            f"there is no template of a new {name!r}",
            next_step=f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known) or 'none'}.",
        )
    template = read_template(own_or_packaged(root, FOLDER) / name, f"environments/{name}")
    return _read(template)


def _read(template: Template) -> Kind:
    said = template.settings
    named = said.get("_name", {})
    rule, suggest = as_map(named), {key: str(value) for key, value in as_map(said.get("_suggest")).items()}
    pattern, expected = str(rule.get("pattern", _PATTERN)), str(rule.get("expected", _EXPECTED))
    wrong = ""
    if named != "stack" and not isinstance(named, dict):
        wrong = "_name is neither `stack` nor a map with pattern and expected"
    elif unknown := [key for key in suggest if template.question(key) is None]:
        wrong = f"_suggest names {unknown[0]!r}, which is no question"
    elif unknown := [value for value in suggest.values() if value not in SUGGESTIONS]:
        wrong = f"_suggest names {unknown[0]!r}, which is none of {', '.join(SUGGESTIONS)}"
    try:
        re.compile(pattern)
    except re.error as error:
        wrong = f"the pattern of _name is no regular expression: {error}"
    if wrong:
        raise template_invalid(template, wrong)
    shared, optional = (tuple(map(str, as_list(said.get(key)))) for key in ("_shared", "_optional"))
    return Kind(template, named == "stack", pattern, expected, suggest, shared, optional)


def template_invalid(template: Template, message: str) -> Invalid:
    """The error of a template that its owner has to repair."""
    file = f"templates/{template.name}/copier.yml"
    return Invalid(
        "template-invalid",
        f"the template {template.name} cannot be used: {message}",
        next_step=f"Repair {file}.",
        at=Position(file, 1),
    )


def does_not_fit(kind: str, why: str, step: str = "") -> Invalid:
    """The error of a template whose conventions are not those of the repository."""
    own = step or f"Give the repository a template of its own: {FOLDER}/{kind}."
    return Invalid("template-does-not-fit", f"the template of a new {kind} does not fit here: {why}", next_step=own)
