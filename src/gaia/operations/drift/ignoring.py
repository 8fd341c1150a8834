"""Rules of `settings.gaia.drift.ignore`: what is let be, within bounds, for a reason, until a day.

A rule hides a value from the scan and from nothing else: what an apply does is decided by the code alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gaia.errors import Position

    Place = Callable[[Sequence[str | int]], Position]

PATH = ("settings", "gaia", "drift", "ignore")
LONGEST = timedelta(days=366)
"""Nothing is let be for longer without somebody looking at it again."""
_KEYS = frozenset(("resource", "attribute", "between", "matching", "until", "reason"))
_LONGEST_PATTERN = 200
_FURTHEST = 10**15
"""Farther numbers bound nothing."""
_TYPE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+(\[.*)?")
"""A part of an address as types of resources are written."""
_IN_FULL = re.compile(r"[A-Za-z0-9_-]+([.\[]|$)")


@dataclass(frozen=True, slots=True)
class Rule:
    """Which values of which attribute are let be."""

    resource: str
    """A type or an address; `*` stands for any text, `?` for one character, in all patterns."""
    attribute: str
    """A path as Terraform writes it: `tags.LastScan`, `desired_capacity`."""
    until: date
    """The last day."""
    reason: str
    at: Position
    between: tuple[float, float] | None = None
    """Numbers, both ends included."""
    matching: str | None = None
    """A pattern of texts."""

    def fits(self, kind: str, address: str, path: str, value: object) -> bool:
        """Whether this is a value that is let be; nothing that is absent, and no list or map, ever is."""
        if not (fits(self.resource, kind) or fits(self.resource, address)) or not fits(self.attribute, path):
            return False
        if self.between is not None:
            number = isinstance(value, int | float) and not isinstance(value, bool)
            return number and self.between[0] <= float(str(value)) <= self.between[1]
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return isinstance(value, str | int | float) and fits(str(self.matching), text)


def reason_to_ignore(rules: Iterable[Rule], kind: str, address: str, path: str, value: object, today: date) -> str:
    """The reason of the first rule that lets a value be; empty where none does."""
    return next((one.reason for one in rules if today <= one.until and one.fits(kind, address, path, value)), "")


def read_rules(
    settings: Mapping[str, object], place: Place, today: date
) -> tuple[tuple[Rule, ...], tuple[tuple[str, Position], ...]]:
    """The rules of an instance's settings, and those that do not hold: what is wrong with each, and where it stands.

    One that has expired is among both; it lets nothing be any more.
    """
    node: object = settings
    for step in PATH[1:]:
        node = node.get(step) if isinstance(node, dict) else None
    if node is None:
        return (), ()
    if not isinstance(node, list):
        return (), (("it is no list of rules", place(PATH)),)
    rules: list[Rule] = []
    broken: list[tuple[str, Position]] = []
    for number, entry in enumerate(node):
        at = place((*PATH, number))
        try:
            rule = _rule(entry, at, today)
        except Invalid as error:
            broken.append((error.message, at))
            continue
        rules.append(rule)
        if rule.until < today:
            broken.append((f"it expired on {rule.until}: {rule.reason}", at))
    return tuple(rules), tuple(broken)


def fits(pattern: str, text: str) -> bool:
    """Whether a text is as the pattern says, in time that grows with their lengths alone."""
    at = here = mark = 0
    star = -1
    while here < len(text):
        if at < len(pattern) and (pattern[at] in ("?", text[here])) and pattern[at] != "*":
            at, here = at + 1, here + 1
        elif at < len(pattern) and pattern[at] == "*":
            star, mark, at = at, here, at + 1
        elif star >= 0:
            mark += 1
            at, here = star + 1, mark
        else:
            return False
    return set(pattern[at:]) <= {"*"}


def _rule(entry: object, at: Position, today: date) -> Rule:
    if not isinstance(entry, dict):
        raise _wrong("it is no mapping", at)
    if unknown := sorted(str(name) for name in entry.keys() - _KEYS):
        raise _wrong(f"nothing is called {', '.join(unknown)}", at)
    if entry.get("until") == {}:  # what Atmos makes of a day that YAML takes for a time
        raise _wrong('until is no text: write the day in quotes, until: "2027-01-31"', at)
    if missing := [name for name in ("resource", "attribute", "until", "reason") if not entry.get(name)]:
        raise _wrong(f"it does not say {' and '.join(missing)}", at)
    if ("between" in entry) == ("matching" in entry):
        raise _wrong("it says neither between nor matching, or both: which values are let be", at)
    texts = {name: _text(entry, name, at) for name in ("resource", "attribute", "reason")}
    if not any(_TYPE.fullmatch(part) for part in texts["resource"].split(".")):
        raise _wrong("resource fits nearly everything: it has no type in full, as aws_autoscaling_group.* has", at)
    if not _IN_FULL.match(texts["attribute"]):
        raise _wrong("attribute fits nearly everything: its first name is not in full, as in tags.Last*", at)
    until = _day(entry["until"], at)
    if until > today + LONGEST:
        raise _wrong(f"until {until} is more than a year away", at)
    between = _range(entry["between"], at) if "between" in entry else None
    matching = _text(entry, "matching", at) if "matching" in entry else None
    if matching is not None and len(set(matching) - set("*?")) < (2 if "*" in matching else 1):
        raise _wrong("matching fits nearly every text: it says nothing of what is let be", at)
    return Rule(texts["resource"], texts["attribute"], until, texts["reason"], at, between, matching)


def _text(entry: Mapping[str, object], name: str, at: Position) -> str:
    value = entry[name]
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_PATTERN:
        raise _wrong(f"{name} is no text of at most {_LONGEST_PATTERN} characters", at)
    return value


def _day(value: object, at: Position) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise _wrong(f'until is no day such as "2027-01-31": {value!r}', at) from None


def _range(value: object, at: Position) -> tuple[float, float]:
    numbers = [one for one in value if type(one) in (int, float)] if isinstance(value, list) else []
    if len(numbers) != 2 or not numbers[0] <= numbers[1]:
        raise _wrong("between is no pair of numbers such as [1, 10]", at)
    if not all(abs(one) <= _FURTHEST for one in numbers):
        raise _wrong("between has an end that no value reaches: it fits every number", at)
    return float(numbers[0]), float(numbers[1])


def _wrong(why: str, at: Position) -> Invalid:
    return Invalid("drift-ignore-invalid", why, at=at, next_step="Write the rule as the how-to page on drift shows.")
