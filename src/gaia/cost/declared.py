"""Reads what a platform repository allows to be spent and held: `budgets/*.yaml`.

Each file holds `budgets:`, `quotas:` or both, lists of entries for a `tenant`, a `stage` and, of a budget, a `service`
(each may be left out, for every one). A budget has `monthly`, and if wanted `currency` (USD) and `alerts` (percent). A
quota has at least one of `services`, `vcpu`, `memory_gib`, `storage_gib` and `monthly` (dollars).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.cost.budgets import ANY, Budget, Scope
from gaia.cost.quotas import MEASURES, Quota
from gaia.errors import Invalid, Position
from gaia.kit.shapes import as_map

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from gaia.kit.yaml import Document
    from gaia.stacks.validation.findings import Finding

FOLDER = "budgets"
"""Of a platform repository."""
RULES = ("request.within_budget", "request.within_quota")
"""The rules that hold requests against them."""
_SUFFIXES, _LIKE = (".yaml", ".yml"), (".yaml", ".yml", ".json")
_NAMED = 8
"""Names that are listed."""
_ALERTS = (Decimal(1), Decimal(100))
_SCOPE = ("tenant", "stage", "service")
_BUDGET = (*_SCOPE, "monthly", "currency", "alerts")
_QUOTA = ("tenant", "stage", *MEASURES)
_MOST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class Declared:
    """What a repository declares, by file and line."""

    budgets: tuple[Budget, ...] = ()
    quotas: tuple[Quota, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.budgets or self.quotas)

    def seen(self, sees: Callable[[Scope], bool]) -> Declared:
        """Those of scopes that somebody may see."""
        return Declared(
            tuple(one for one in self.budgets if sees(one.scope)), tuple(one for one in self.quotas if sees(one.scope))
        )

    def beside(self, published: Declared) -> Declared:
        """What is published, with what of this is not; that limits nobody yet."""
        budgets = {(one.scope, one.monthly, one.currency, one.alerts) for one in published.budgets}
        quotas = [(one.scope, one.most) for one in published.quotas]
        new = (one for one in self.budgets if (one.scope, one.monthly, one.currency, one.alerts) not in budgets)
        more = (one for one in self.quotas if (one.scope, one.most) not in quotas)
        return Declared(
            (*published.budgets, *(replace(one, published=False) for one in new)),
            (*published.quotas, *(replace(one, published=False) for one in more)),
        )


def read(root: Path) -> Declared:
    """What is declared; nothing where there is no such folder.

    Raises:
        Invalid: `budget-invalid` with its place, `yaml-…`.
    """
    budgets: list[Budget] = []
    quotas: list[Quota] = []
    for path in _files(root / FOLDER):
        entries = list(_entries(path, f"{FOLDER}/{path.name}"))
        budgets += [entry.budget() for entry in entries if entry.kind == "budgets"]
        quotas += [entry.quota() for entry in entries if entry.kind == "quotas"]
    _check_once([(str(one.scope), one.at) for one in budgets], "budget")
    _check_once([(str(one.scope), one.at) for one in quotas], "quota")
    return Declared(tuple(budgets), tuple(quotas))


def _files(folder: Path) -> list[Path]:
    """Those that are read. One that looks like a declaration and lies where none is read would limit nothing."""

    def unreadable(error: OSError) -> None:
        place = Path(error.filename).relative_to(folder.parent).as_posix()
        raise _wrong(Position(place, 1), f"cannot read the folder: {error.strerror}", "Make it readable.") from error

    found: list[Path] = []
    for at, _, names in os.walk(folder, onerror=unreadable) if os.path.lexists(folder) else ():
        for path in sorted(Path(at) / name for name in names):
            if path.suffix.lower() not in _LIKE:
                continue
            if path.parent != folder or path.suffix not in _SUFFIXES:
                place = Position(path.relative_to(folder.parent).as_posix(), 1)
                raise _wrong(place, "nobody reads it there", f"Move it to {FOLDER}/{path.stem.lower()}.yaml.")
            found.append(path)
    return [*found, *(path for path in folder.glob("*.y*ml") if path.is_dir())]


def budget_findings(
    root: Path,
    places: Callable[[], Collection[tuple[str, str]]],
    rules: Callable[[], Collection[str]],
    blind: Callable[[], Collection[str]] = tuple,
) -> tuple[Finding, ...]:
    """For the validation of a repository: mistakes, and what limits nothing. See `doubts`."""
    from gaia.stacks.validation.findings import Finding

    try:
        declared = read(root)
    except Invalid as error:
        return (Finding.of(error),)
    return doubts(declared, places(), rules(), blind()) if declared else ()


def doubts(
    declared: Declared, places: Collection[tuple[str, str]], rules: Collection[str], blind: Collection[str] = ()
) -> tuple[Finding, ...]:
    """Warnings of what is declared and limits nothing.

    `places` are the tenants and stages of the repository's stacks, `rules` the names of its rules, `blind` those of
    them that let every change of a service by.
    """
    from gaia.stacks.validation.findings import Finding

    listed: list[Budget | Quota] = [*declared.budgets, *declared.quotas]
    known = {"tenant": {one for one, _ in places}, "stage": {one for _, one in places}}
    found = [
        Finding("budget-unused", *_nobody(name, said, names), one.at, "warning")
        for one in listed
        for name, names in known.items()
        if (said := getattr(one.scope, name)) != ANY and names and said not in names
    ]
    declarations: tuple[Sequence[Budget | Quota], ...] = (declared.budgets, declared.quotas)
    for rule, entries in zip(RULES, declarations, strict=True):
        if entries and rule not in rules:
            words = f"no rule {rule} is among the repository's policies, so this limits nobody"
            step = "Take Gaia's rule over, or write one of your own that reads the input."
            found.append(Finding("budget-unjudged", words, step, entries[0].at, "warning"))
        elif entries and rule in blind:
            words = (
                f"the rule {rule} of this repository judges new services and no change of one, which may exceed this"
            )
            step = 'Have it read `input.gaia.kind in {"provision", "change"}`, as Gaia\'s own rule does.'
            found.append(Finding("budget-blind", words, step, entries[0].at, "warning"))
    return tuple(found)


def _nobody(name: str, said: str, known: Collection[str]) -> tuple[str, str]:
    """What is said of a name that no stack has, and the nearest one that there is."""
    folded = {one.casefold(): one for one in sorted(known)}
    near = [folded[one] for one in get_close_matches(said.casefold(), folded, 1)]
    step = f"Did you mean {near[0]}?" if near else f"There are {', '.join(sorted(known)[:_NAMED])}."
    return f"no stack has the {name} {said}, so this limits nothing", step


def _check_once(found: list[tuple[str, Position]], what: str) -> None:
    first: dict[str, Position] = {}
    for name, at in found:
        if name in first:
            raise _wrong(at, f"there is a {what} of {name} at {first[name]} already", "Take one of them away.")
        first[name] = at


def _entries(path: Path, file: str) -> Iterator[_Entry]:
    from gaia.kit.only_document import read_only

    start = Position(file, 1)
    try:
        document = read_only(path, file)
    except OSError as error:
        raise _wrong(start, f"cannot read the file: {error.strerror}", "Make it a readable file.") from error
    held = as_map(document.value)
    if not held or not set(held) <= {"budgets", "quotas"}:
        raise _wrong(start, "the file holds neither", "Write a list below `budgets:`, `quotas:` or both.")
    for kind, entries in held.items():
        if not isinstance(entries, list):
            raise _wrong(start, f"{kind} is no list", "Write a list below it.")
        for number, fields in enumerate(entries):
            yield _Entry(document, kind, number, as_map(fields))


@dataclass(frozen=True, slots=True)
class _Entry:
    document: Document
    kind: str
    number: int
    fields: dict[str, object]

    def at(self, *path: str | int) -> Position:
        mark = self.document.mark_of((self.kind, self.number, *path))
        return Position(self.document.file, mark.key_line, mark.key_column)

    def budget(self) -> Budget:
        self._check_names(_BUDGET)
        if "monthly" not in self.fields:
            raise _wrong(self.at(), "monthly is missing", "Say how much a month: `monthly: 500`.")
        currency = self.fields.get("currency", "USD")
        if not isinstance(currency, str) or len(currency) != 3 or not currency.isupper():
            raise _wrong(self.at("currency"), f"{currency!r} is no currency", "Write it as USD.")
        alerts = self.fields.get("alerts", [])
        if not isinstance(alerts, list):
            raise _wrong(self.at("alerts"), "alerts is no list", "Write percents: `alerts: [50, 80, 100]`.")
        percents = sorted({self._amount("alerts", one) for one in alerts})
        if odd := [one for one in percents if not _ALERTS[0] <= one <= _ALERTS[1]]:
            raise _wrong(
                self.at("alerts"), f"an alert is at {odd[0]:f} percent", "Write percents from 1 to 100: `[50, 80]`."
            )
        return Budget(self._scope(), self._amount("monthly"), currency, tuple(percents), self.at())

    def quota(self) -> Quota:
        self._check_names(_QUOTA)
        most = {measure: self._amount(measure) for measure in MEASURES if measure in self.fields}
        if not most:
            raise _wrong(self.at(), "it limits nothing", f"Say at least one of {', '.join(MEASURES)}.")
        return Quota(self._scope(), most, self.at())

    def _scope(self) -> Scope:
        said = []
        for name in _SCOPE:
            value = self.fields.get(name, ANY)
            if not isinstance(value, str) or not value:
                raise _wrong(self.at(name), f"{name} is no text", "Write a name, or leave it out for every one.")
            if value != ANY and set(value) & set("*?[]{}"):
                raise _wrong(self.at(name), f"{name} {value} is a pattern", f"Write one name, or {ANY} for every one.")
            said.append(value)
        return Scope(*said)

    def _amount(self, name: str, value: object = None) -> Decimal:
        value = self.fields[name] if value is None else value
        try:
            amount = Decimal("NaN") if isinstance(value, bool) else Decimal(str(value))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or not 0 <= amount <= _MOST:
            raise _wrong(self.at(name), f"{name} is {value!r}, not an amount", "Write a number that is not negative.")
        return amount

    def _check_names(self, names: tuple[str, ...]) -> None:
        if not self.fields:
            raise _wrong(self.at(), "the entry is no map", f"Say what of {', '.join(names)} it is about.")
        if unknown := sorted(set(self.fields) - set(names)):
            raise _wrong(self.at(unknown[0]), f"it has no {unknown[0]}", f"Say {', '.join(names)}, and no more.")


def _wrong(at: Position, what: str, next_step: str) -> Invalid:
    return Invalid("budget-invalid", f"the budget or quota cannot be used: {what}", next_step=next_step, at=at)
