"""Semantic versions and constraints on them, as sprig's `semver` and `semverCompare` take them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.values import MISSING, Failure, Object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TAIL: Final = r"(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?"
_VERSION: Final = re.compile(r"v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?" + _TAIL)
_PART: Final = r"[0-9|xX*]+"
_LOOSE: Final = rf"v?({_PART})(\.{_PART})?(\.{_PART})?{_TAIL}"
_OPERATORS: Final = r"!=|>=|=>|<=|=<|~>|=|>|<|~|\^|"
_ONE: Final = re.compile(rf"\s*({_OPERATORS})\s*({_LOOSE})\s*")
_RANGE: Final = re.compile(rf"\s*({_LOOSE})\s+-\s+({_LOOSE})\s*")
_MAX_LENGTH: Final = 256
_WILD: Final = frozenset(("x", "X", "*", ""))


@dataclass(frozen=True)
class Version(Object):
    """major.minor.patch[-pre][+metadata]; its methods are those of the Go type."""

    major: int
    minor: int
    patch: int
    pre: str = ""
    metadata: str = ""
    original: str = ""
    go_type = "*semver.Version"

    def __str__(self) -> str:
        pre = f"-{self.pre}" if self.pre else ""
        return f"{self.numbers()}{pre}{f'+{self.metadata}' if self.metadata else ''}"

    def numbers(self) -> str:
        """major.minor.patch"""
        return f"{self.major}.{self.minor}.{self.patch}"

    def member(self, name: str) -> object:
        """A method by its Go name."""
        fixed: dict[str, object] = {
            "Major": self.major, "Minor": self.minor, "Patch": self.patch, "Prerelease": self.pre,
            "Metadata": self.metadata, "Original": self.original, "String": str(self),
        }  # fmt: skip
        if name in fixed:
            return lambda: fixed[name]
        return _METHODS[name].__get__(self) if name in _METHODS else MISSING

    def compare(self, other: Version) -> int:
        """-1, 0 or 1; metadata does not count."""
        mine, its = (self.major, self.minor, self.patch), (other.major, other.minor, other.patch)
        if mine != its:
            return 1 if mine > its else -1
        if self.pre == other.pre:
            return 0
        if not self.pre or not other.pre:
            return 1 if not self.pre else -1
        left, right = [[_rank(part) for part in pre.split(".")] for pre in (self.pre, other.pre)]
        return 0 if left == right else 1 if left > right else -1

    def next(self, part: str) -> Version:
        """The version after this one, counted up in `part`."""
        patch = self.patch if self.pre else self.patch + 1
        numbers = {"major": (self.major + 1, 0, 0), "minor": (self.major, self.minor + 1, 0)}
        major, minor, patch = numbers.get(part, (self.major, self.minor, patch))
        found = Version(major, minor, patch)
        return replace(found, original=("v" if self.original.startswith("v") else "") + str(found))


def _rank(part: str) -> tuple[int, int, str]:
    """Numbers before words, numbers by size."""
    return (0, int(part), "") if part.isdecimal() else (1, 0, part)


_METHODS: Final[Mapping[str, Callable[..., object]]] = {
    "Compare": lambda self, other: self.compare(_version(other)),
    "Equal": lambda self, other: self.compare(_version(other)) == 0,
    "LessThan": lambda self, other: self.compare(_version(other)) < 0,
    "GreaterThan": lambda self, other: self.compare(_version(other)) > 0,
    "IncMajor": lambda self: self.next("major"),
    "IncMinor": lambda self: self.next("minor"),
    "IncPatch": lambda self: self.next("patch"),
}


def _version(value: object) -> Version:
    if isinstance(value, Version):
        return value
    raise Failure("wrong type for value; expected *semver.Version")


def semver(text: str) -> Version:
    """The version that a text spells; minor and patch may be left out.

    Raises:
        Failure: it spells none.
    """
    match = _VERSION.fullmatch(text) if len(text) <= _MAX_LENGTH else None
    if match is None:
        raise Failure("Invalid Semantic Version")
    pre, metadata = match[5] or "", match[8] or ""
    if any(part.isdecimal() and len(part) > 1 and part[0] == "0" for part in pre.split(".")):
        raise Failure("Version segment starts with 0")
    numbers = [int(part.lstrip(".")) if part else 0 for part in match.groups()[:3]]
    if max(numbers) >= 2**64:
        raise Failure("Error parsing version segment: value out of range")
    major, minor, patch = numbers
    return Version(major, minor, patch, pre, metadata, text)


@dataclass(frozen=True)
class _Constraint:
    operator: str
    version: Version
    places: int
    """How many of major, minor and patch it names."""

    def holds(self, version: Version) -> bool:
        if version.pre and not self.version.pre and (self.operator != "!=" or self.places < 3):
            return False
        return _CHECKS[self.operator](self, version)


def _same(constraint: _Constraint, version: Version, places: int) -> bool:
    mine, its = constraint.version, version
    return (mine.major, mine.minor, mine.patch)[:places] == (its.major, its.minor, its.patch)[:places]


def _is_not(constraint: _Constraint, version: Version) -> bool:
    if constraint.places == 3:
        return version.compare(constraint.version) != 0
    if constraint.places == 0:
        return (
            version.major != 0 or version.minor != 0 or version.patch != 0 or version.compare(constraint.version) != 0
        )
    same = _same(constraint, version, constraint.places)
    return not same or (constraint.places == 2 and bool(version.pre) and version.pre != constraint.version.pre)


def _greater(constraint: _Constraint, version: Version) -> bool:
    if constraint.places in (0, 3):
        return version.compare(constraint.version) > 0
    mine, its = constraint.version, version
    return (its.major, its.minor)[: constraint.places] > (mine.major, mine.minor)[: constraint.places]


def _at_most(constraint: _Constraint, version: Version) -> bool:
    if constraint.places == 3:
        return version.compare(constraint.version) <= 0
    places = 1 if constraint.places == 1 else 2
    mine, its = constraint.version, version
    return (its.major, its.minor)[:places] <= (mine.major, mine.minor)[:places]


def _tilde(constraint: _Constraint, version: Version) -> bool:
    mine = constraint.version
    if version.compare(mine) < 0:
        return False
    if constraint.places in (0, 3) and (mine.major, mine.minor, mine.patch) == (0, 0, 0):
        return True
    return _same(constraint, version, 1 if constraint.places == 1 else 2)


def _equal(constraint: _Constraint, version: Version) -> bool:
    if constraint.places < 3:
        return _tilde(constraint, version)
    return version.compare(constraint.version) == 0


def _caret(constraint: _Constraint, version: Version) -> bool:
    mine = constraint.version
    if version.compare(mine) < 0:
        return False
    if mine.major > 0 or constraint.places == 1:
        return version.major == mine.major
    if version.major > 0:
        return False
    if mine.minor > 0 or constraint.places == 2:
        return version.minor == mine.minor
    return version.minor == 0 and version.patch == mine.patch


_CHECKS: Final[Mapping[str, Callable[[_Constraint, Version], bool]]] = {
    "": _equal, "=": _equal, "!=": _is_not, ">": _greater, "<": lambda one, version: version.compare(one.version) < 0,
    ">=": lambda one, version: version.compare(one.version) >= 0, "<=": _at_most, "~": _tilde, "~>": _tilde,
    "=>": lambda one, version: version.compare(one.version) >= 0, "=<": _at_most, "^": _caret,
}  # fmt: skip


def _constraint(match: re.Match[str]) -> _Constraint:
    parts = [(match[group] or "").lstrip(".") for group in (3, 4, 5)]
    places = next((number for number, part in enumerate(parts) if part in _WILD), 3)
    numbers = ".".join([*parts[:places], *["0"] * (3 - places)])
    return _Constraint(match[1], semver(numbers + (match[6] or "")), places)


def _alternative(text: str) -> list[_Constraint]:
    """Constraints that must all hold, separated by space or a comma."""
    constraints: list[_Constraint] = []
    at = 0
    while at < len(text) or not constraints:
        match = _ONE.match(text, at)
        separated = not constraints or (at > 0 and text[at - 1].isspace()) or text[at] == ","
        if match is None and constraints and text[at] == ",":
            match = _ONE.match(text, at + 1)
        if match is None or not separated:
            raise Failure(f"improper constraint: {text}")
        constraints.append(_constraint(match))
        at = match.end()
    return constraints


def semver_compare(constraint: str, version: str) -> bool:
    """Whether `version` meets `constraint` (`>=1.2, <2 || ^3.1`).

    Raises:
        Failure: one of the two cannot be read.
    """
    if len(constraint) > _MAX_LENGTH:
        raise Failure("the constraint is too long")
    text = _RANGE.sub(lambda match: f">= {match[1]}, <= {match[11]} ", constraint)
    alternatives = [_alternative(part) for part in text.split("||")]
    found = semver(version)
    return any(all(one.holds(found) for one in alternative) for alternative in alternatives)


FUNCTIONS: Final[Mapping[str, Callable[..., object]]] = {"semver": semver, "semverCompare": semver_compare}
