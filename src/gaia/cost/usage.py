"""Usage files: how much of a usage-based thing is expected a month (format: Infracost's usage file, version 0.1).

`resource_usage` maps an address to quantities; an index may be `[*]`. `resource_type_default_usage` maps a type. What
is nearer wins key by key: exact address, wildcard address, type.

A quantity may also be a range, which Infracost does not know: `storage_gb: {low: 10, expected: 50, high: 200}`. The
figure is that of what is expected; what `low` or `high` does not say is as expected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from gaia.cost.assumed import NOTHING, POINTS, Point, Spread, assumed
from gaia.cost.block import MOST
from gaia.errors import Invalid

_INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')

_TOP = ("version", "resource_usage", "resource_type_default_usage")
_VERSIONS = ("0.1",)


class ResourceUsage:
    """The quantities of one resource. Remembers which were asked for, so that a misspelled key can be named.

    At a `point`, ranges are what they are there, and what nobody has said is what is `assumed`. Without one, ranges are
    what is expected, and nothing is assumed.
    """

    def __init__(
        self,
        address: str,
        content: Mapping[str, Any],
        assumed: Mapping[tuple[str, ...], Spread] = NOTHING,
        point: Point | None = None,
    ) -> None:
        self._address = address
        self._content = content
        self._assumed = assumed
        self._point = point
        self._varied = False
        self._asked: set[tuple[str, ...]] = set()
        self._parts: dict[str, ResourceUsage] = {}

    def at(self, point: Point) -> ResourceUsage:
        """The same at one end of what may be, or in the middle."""
        return ResourceUsage(self._address, self._content, self._assumed, point)

    @property
    def varies(self) -> bool:
        """Whether something was asked for that is not the same at all points."""
        return self._varied or any(part.varies for part in self._parts.values())

    def within(self, group: str) -> ResourceUsage:
        """What is said about a part that is priced as a resource of its own: the database of an environment."""
        if group not in self._parts:
            content = self._content.get(group)
            inner = {path[1:]: spread for path, spread in self._assumed.items() if path[0] == group}
            self._parts[group] = ResourceUsage(
                self._address, content if isinstance(content, Mapping) else {}, inner, self._point
            )
        return self._parts[group]

    def has(self, group: str) -> bool:
        """Whether anything is said about a group of quantities such as `glacier_deep_archive`."""
        return isinstance(self._content.get(group), Mapping)

    def number(self, *path: str) -> Decimal | None:
        """The quantity, None where nothing is said.

        Raises:
            Invalid: `usage-invalid` for something that is no number, or a negative one, or a range out of order.
        """
        node = self._at(path)
        if node is None:
            spread = self._assumed.get(path)
            self._varied |= spread is not None
            return spread.at(self._point) if spread and self._point else None
        if is_range(node):
            self._varied = True
            return self._spread(node, path).at(self._point or "expected")
        return self._quantity(node, path)

    def _spread(self, node: Mapping[str, Any], path: tuple[str, ...]) -> Spread:
        if node.get("expected") is None:
            raise Invalid(
                "usage-invalid",
                f"{'.'.join(path)} of {self._address} is a range that does not say what is expected",
                next_step="Give all three of low, expected and high, or one number.",
            )
        expected = self._quantity(node["expected"], (*path, "expected"))
        low, high = (
            expected if node.get(end) is None else self._quantity(node[end], (*path, end)) for end in ("low", "high")
        )
        if not low <= expected <= high:
            raise Invalid(
                "usage-invalid",
                f"{'.'.join(path)} of {self._address} is a range out of order: {low}, {expected}, {high}",
                next_step="Give low, expected and high so that none is less than the one before it.",
            )
        return Spread(low, expected, high)

    def _quantity(self, node: object, path: tuple[str, ...]) -> Decimal:
        if isinstance(node, Mapping | list):
            raise Invalid(
                "usage-invalid",
                f"{'.'.join(path)} of {self._address} is a {'map' if isinstance(node, Mapping) else 'list'}, "
                "not a quantity",
                next_step="Give a number, or a range of all three of low, expected and high.",
            )
        try:
            number = Decimal(str(node))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or not 0 <= number <= MOST:
            raise Invalid(
                "usage-invalid",
                f"{'.'.join(path)} of {self._address} is {node!r}, not a quantity",
                next_step=f"Give a number that is not negative and at most {MOST:.0e}, or leave it out.",
            )
        return number

    def text(self, *path: str) -> str | None:
        """A word of the usage file: `operating_system: windows`; None where nothing is said."""
        node = self._at(path)
        return str(node) if isinstance(node, str | int | float) and not isinstance(node, bool) else None

    def names(self, group: str) -> tuple[str, ...]:
        """The keys of a group, where they are many: regions."""
        node = self._content.get(group)
        return tuple(sorted(str(key) for key in node)) if isinstance(node, Mapping) else ()

    def ignored(self) -> tuple[str, ...]:
        """Keys that were given and never asked for."""
        own = (path for path in _leaves(self._content) if path not in self._asked and path[0] not in self._parts)
        parts = (f"{group}.{key}" for group, part in self._parts.items() for key in part.ignored())
        return tuple(sorted([*(".".join(path) for path in own), *parts]))

    def _at(self, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - the content of a YAML file
        self._asked.add(path)
        node: Any = self._content
        for step in path:
            node = node.get(step) if isinstance(node, Mapping) else None
        return node


class Usage:
    """A whole usage file. `assume`: whether what it does not say is assumed where a range is asked for."""

    def __init__(self, content: Mapping[str, Any], *, assume: bool = True) -> None:
        self._assume = assume
        self._strange = tuple(sorted(str(key) for key in content if key not in _TOP))
        self._version = content.get("version")
        self._addresses = _section(content, "resource_usage")
        self._types = _section(content, "resource_type_default_usage")
        self._used: set[str] = set()

    def of(self, address: str, kind: str) -> ResourceUsage:
        """What the file says about one resource of type `kind`."""
        found: dict[str, Any] = {}
        for section, key in (
            (self._types, kind),
            *((self._addresses, pattern) for pattern in self._matching(address)),
        ):
            found = merged(found, section.get(key) or {})
        return ResourceUsage(address, found, assumed(kind) if self._assume else NOTHING)

    def declared(self, kinds: tuple[str, ...]) -> tuple[str, ...]:
        """Addresses of these types."""
        return tuple(address for address in self._addresses if address.partition(".")[0] in kinds)

    def unmatched(self) -> tuple[str, ...]:
        """Addresses in the file that no resource has had."""
        return tuple(sorted(set(self._addresses) - self._used))

    def strange(self) -> tuple[str, ...]:
        """What stands at the top of the file and is not read: a misspelled section, a version that is not known."""
        said = [f"{key} is no section of a usage file" for key in self._strange]
        if self._version is not None and str(self._version) not in _VERSIONS:
            said.append(f"version {self._version} of usage files is not known")
        return tuple(said)

    def _matching(self, address: str) -> list[str]:
        """Keys for this address, the most general first: more `[*]` are more general."""
        patterns = [key for key in self._addresses if "[*]" in key and _pattern(key).fullmatch(address)]
        patterns.sort(key=lambda key: (-key.count("[*]"), key))
        if address in self._addresses:
            patterns.append(address)
        self._used.update(patterns)
        return patterns


def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(_INDEX.pattern.join(re.escape(part) for part in key.split("[*]")))


def _section(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = {} if content.get(name) is None else content[name]
    if not isinstance(section, Mapping) or not all(isinstance(item, Mapping | None) for item in section.values()):
        raise Invalid(
            "usage-invalid",
            f"{name} of the usage file is not a map of maps",
            next_step="Give quantities by resource address, for instance aws_s3_bucket.this: {standard: {…}}.",
        )
    return section


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Both, key by key to any depth, where `over` wins; a section that says nothing takes nothing away."""
    both = dict(base)
    for key, value in over.items():
        known = both.get(key)
        if isinstance(known, Mapping) and isinstance(value, Mapping) and not is_range(known) and not is_range(value):
            both[key] = merged(known, value)
        elif value is not None or not isinstance(known, Mapping):
            both[key] = value
    return both


def is_range(node: object) -> bool:
    """Whether a node of a usage file is a range: a map of nothing but its points."""
    return isinstance(node, Mapping) and bool(node) and all(key in POINTS for key in node)


def expected(content: Any) -> Any:  # noqa: ANN401 - the content of a YAML file
    """The same with what is expected in the place of each range: what Infracost reads."""
    if is_range(content):
        return content.get("expected")
    return {key: expected(value) for key, value in content.items()} if isinstance(content, Mapping) else content


def _leaves(content: Mapping[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for key, value in content.items():
        deeper = isinstance(value, Mapping) and not is_range(value)
        found += _leaves(value, (*path, key)) if deeper else [(*path, key)]
    return found
