"""Reads who has to approve of what in a platform repository: `approvals/*.yaml`.

Each file holds `approvals:`, a list of entries for a `tenant` and a `stage` (patterns with `*`; each may be left out,
for every one). An entry says at least one of `approvers` (1 to 10), `groups` (one approver of each), `any_of` (one
approver of any), `proof` and `within` (lengths of time: 15m, 12h, 3d) and `may_policy_approve` (true or false).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.access.approval_rules import Rule
from gaia.errors import Invalid, Position
from gaia.kit import spans
from gaia.kit.ids import NAME
from gaia.kit.shapes import as_map

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta
    from pathlib import Path

    from gaia.kit.yaml import Document

FOLDER = "approvals"
"""Of a platform repository."""
_PLACE = ("tenant", "stage")
_ASKS = ("approvers", "groups", "any_of", "proof", "within", "may_policy_approve")
_MOST_APPROVERS = 10
_MOST_GROUPS = 20
_PATTERN = re.compile(r"[\w./*?\[\]!-]+")
_LONGEST = 128
"""Characters of a pattern."""


def read(root: Path) -> tuple[Rule, ...]:
    """Every rule; none where there is no such folder, which asks for one approval.

    Raises:
        Invalid: `approval-rule-invalid` with its place, `yaml-…`.
    """
    folder = root / FOLDER
    if not os.path.lexists(folder):  # a link that leads nowhere is a mistake, and no sign that nothing is asked for
        return ()
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise _wrong(Position(FOLDER, 1), f"cannot read the folder: {error.strerror}", "Make it a folder.") from error
    return tuple(rule for path in paths for rule in _rules(path, f"{FOLDER}/{path.name}"))


def _rules(path: Path, file: str) -> Iterator[Rule]:
    from gaia.kit.only_document import read_only

    start = Position(file, 1)
    if path.suffix not in (".yaml", ".yml"):  # a rule that is passed over would let through what it forbids
        if (path.name.startswith(".") or path.suffix == ".md") and not path.is_dir():
            return
        raise _wrong(start, "the file is no YAML file", "Name it NAME.yaml, or take it out of the folder.")
    try:
        document = read_only(path, file)
    except OSError as error:
        raise _wrong(start, f"cannot read the file: {error.strerror}", "Make it a readable file.") from error
    held = as_map(document.value)
    entries = held.get("approvals")
    if set(held) != {"approvals"} or not isinstance(entries, list):
        raise _wrong(start, "the file holds no list of approvals", "Write a list below `approvals:`, and no more.")
    for number, fields in enumerate(entries):
        yield _Entry(document, number, as_map(fields)).rule()


@dataclass(frozen=True, slots=True)
class _Entry:
    document: Document
    number: int
    fields: dict[str, object]

    def rule(self) -> Rule:
        known = (*_PLACE, *_ASKS)
        if unknown := sorted(str(name) for name in self.fields if name not in known):
            raise self._wrong(unknown[0], f"it has no {unknown[0]}", f"Say {', '.join(known)}, and no more.")
        if not any(name in self.fields for name in _ASKS):
            raise self._wrong("", "it asks for nothing", f"Say at least one of {', '.join(_ASKS)}.")
        return Rule(
            tenant=self._pattern("tenant"),
            stage=self._pattern("stage"),
            approvers=self._approvers(),
            groups=self._groups("groups"),
            any_of=self._groups("any_of"),
            proof=self._span("proof"),
            within=self._span("within"),
            may_policy_approve=self._flag("may_policy_approve"),
            at=self._at(),
        )

    def _pattern(self, name: str) -> str:
        value = self.fields.get(name, "*")
        if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
            raise self._wrong(name, f"{name} is no text", "Write a name or a pattern, or leave it out for every one.")
        if not _PATTERN.fullmatch(value):
            what = f"no {name} fits {value!r}: names have letters, digits and _ . - /, patterns also * ? [ ] !"
            raise self._wrong(name, what, "Write one entry for each place.")
        return value

    def _approvers(self) -> int:
        value = self.fields.get("approvers", 1)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_APPROVERS:
            raise self._wrong(
                "approvers", f"approvers is {str(value)[:40]!r}", f"Write a whole number from 1 to {_MOST_APPROVERS}."
            )
        return value

    def _groups(self, name: str) -> tuple[str, ...]:
        value = self.fields.get(name, [])
        listed = value if isinstance(value, list) else [None]
        if not all(isinstance(one, str) and NAME.fullmatch(one) for one in listed) or len(listed) > _MOST_GROUPS:
            raise self._wrong(name, f"{name} is no list of groups", f"Write names of groups: `{name}: [security]`.")
        if name in self.fields and not listed:
            raise self._wrong(name, f"{name} is empty", "Name a group, or leave it out.")
        return tuple(dict.fromkeys(listed))

    def _span(self, name: str) -> timedelta | None:
        if name not in self.fields:
            return None
        value = self.fields[name]
        try:
            return spans.parse(value if isinstance(value, str) else "")
        except ValueError:
            what, step = f"{name} is {str(value)[:40]!r}, no length of time", "Write it as 15m, 12h or 3d."
            raise self._wrong(name, what, step) from None

    def _flag(self, name: str) -> bool:
        value = self.fields.get(name, True)
        if not isinstance(value, bool):
            raise self._wrong(name, f"{name} is {str(value)[:40]!r}", "Write true or false.")
        return value

    def _at(self, *path: str) -> Position:
        mark = self.document.mark_of(("approvals", self.number, *path))
        return Position(self.document.file, mark.key_line, mark.key_column)

    def _wrong(self, name: str, what: str, next_step: str) -> Invalid:
        return _wrong(self._at(name) if name in self.fields else self._at(), what, next_step)


def _wrong(at: Position, what: str, next_step: str) -> Invalid:
    return Invalid("approval-rule-invalid", f"the rule of approval cannot be used: {what}", next_step=next_step, at=at)
