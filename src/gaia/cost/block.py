"""Reads attributes of resources and of blocks in them, typed: what is absent, null or unknown reads as nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

MOST = Decimal(10) ** 18
"""More of anything is a slip of the keyboard."""


@dataclass(slots=True)
class Asked:
    """What was asked for and has no value to price, since it was last emptied: of a resource and those it refers to.

    Each is `ADDRESS.ATTRIBUTE`.
    """

    unknown: set[str] = field(default_factory=set)
    """Configured, and unknown before apply: a default was taken."""
    unusable: set[str] = field(default_factory=set)
    """What should be a quantity and is none: negative, not finite, of more than anybody has, a text or a list."""
    sensitive: bool = False
    """Whether a value was read that nobody may see."""

    def empty(self) -> None:
        """Begin anew."""
        self.unknown, self.unusable, self.sensitive = set(), set(), False


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A resource's attributes, or those of a block in it.

    Remembers which attributes were asked for that are configured and unknown before apply: their default was priced.
    """

    values: Mapping[str, Any]
    """Known attributes; what is unknown before apply is absent."""
    unknown: Mapping[str, Any]
    """Terraform's `after_unknown`: true where a value is not known yet."""
    expressions: Mapping[str, Any] | None = None
    """What the configuration says about each attribute; None where the plan does not tell."""
    place: str = field(default="", kw_only=True)
    """Where in the resource the block is: `root_block_device[0].`."""
    doubts: set[str] = field(default_factory=set, kw_only=True)
    sensitive: Mapping[str, Any] | bool = field(default=False, kw_only=True)
    """Terraform's `after_sensitive`: true where a value must not be shown; true as a whole where none may."""
    owner: str = field(default="", kw_only=True)
    """The address of the resource, with a dot behind it."""
    asked: Asked = field(default_factory=Asked, kw_only=True)

    def text(self, name: str) -> str | None:
        """A text that is not empty; numbers as they are written."""
        value = self._value(name)
        return str(value) if isinstance(value, str | int | float) and value != "" else None

    def number(self, name: str) -> Decimal | None:
        """A number, also one written as a text (`cpu = "256"`); nothing of what is no quantity."""
        value = self._value(name)
        if value is None or value == "":
            return None
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite() and 0 <= number <= MOST:
            return number
        self.asked.unusable.add(self.owner + self.place + name)
        return None

    def flag(self, name: str) -> bool:
        """Whether it is true."""
        return self._value(name) in (True, "true")

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a list or set."""
        value = self._value(name)
        return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()

    def count(self, name: str) -> int:
        """How many members a list, set or map has, those that are unknown too."""
        value, unknown = self._value(name), self.unknown.get(name)
        return max(len(side) if isinstance(side, list | dict) else 0 for side in (value, unknown))

    def blocks(self, name: str) -> tuple[Block, ...]:
        """Nested blocks, in order; an object counts as one."""
        values, unknown = _listed(self._value(name)), _listed(self.unknown.get(name))
        said = _listed(self.expressions.get(name)) if self.expressions is not None else []
        # A dynamic block is one expression at most, however many blocks it makes: nothing is told of each.
        told = len(said) == len(values)
        return tuple(
            Block(
                value,
                unknown[number] if number < len(unknown) else {},
                said[number] if told else None,
                place=f"{self.place}{name}[{number}].",
                doubts=self.doubts,
                sensitive=_inner(self._mask(name), number),
                owner=self.owner,
                asked=self.asked,
            )
            for number, value in enumerate(values)
        )

    def block(self, name: str) -> Block:
        """The first of these blocks, an empty one where there is none: blocks of which there is at most one."""
        return next(iter(self.blocks(name)), Block({}, {}))

    def has(self, name: str) -> bool:
        """Whether it has a value, be it unknown before apply: an optional attribute that is set."""
        self.asked.sensitive |= self._mask(name) is True
        if self.values.get(name) not in (None, "", [], {}):
            return True
        return self.is_unknown(name)

    def is_unknown(self, name: str) -> bool:
        """Whether the configuration sets it to something that is unknown before apply.

        What the provider alone decides is unknown too before a resource is made, and is not meant.
        """
        unset = self.expressions is not None and name not in self.expressions
        return self.unknown.get(name) is True and not unset

    def _value(self, name: str) -> Any:  # noqa: ANN401 - plan JSON
        value = self.values.get(name)
        if value is None and self.is_unknown(name):
            self.doubt(name)
        mask = self._mask(name)
        self.asked.sensitive |= mask is True or (isinstance(mask, list) and True in mask)
        return value

    def doubt(self, name: str) -> None:
        """Remember that an attribute cannot be known, so that the price is that of a default."""
        self.doubts.add(self.place + name)
        # Of a dynamic block nothing is told: in what is referred to, what its provider decides is no doubt.
        if self.expressions is not None:
            self.asked.unknown.add(self.owner + self.place + name)

    def _mask(self, name: str) -> Any:  # noqa: ANN401 - plan JSON
        return self.sensitive.get(name) if isinstance(self.sensitive, Mapping) else self.sensitive


def _inner(mask: object, number: int) -> Mapping[str, Any] | bool:
    """What is sensitive in one block of several."""
    members = mask if isinstance(mask, list) else [mask] * (number + 1)
    inner = members[number] if number < len(members) else False
    return inner if isinstance(inner, Mapping) else inner is True


def _listed(value: object) -> list[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        return [value]
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
