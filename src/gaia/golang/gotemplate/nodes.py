"""The parts of a parsed template. `at` is an offset in its text; a variable is a slot in its frame.

Named tuples, since a dozen dataclasses take a tenth of the time that a short command has.
"""

from __future__ import annotations

from typing import NamedTuple


class Literal(NamedTuple):
    """A constant: str, bool, int or float. `whole` is its value as an integer, where a number has one."""

    at: int
    text: str
    value: str | bool | int | float
    whole: int | None = None


class Nil(NamedTuple):
    """`nil`."""

    at: int
    text: str = "nil"


class Dot(NamedTuple):
    """`.`"""

    at: int
    text: str = "."


class Field(NamedTuple):
    """`.a.b`"""

    at: int
    text: str
    names: tuple[str, ...]


class Variable(NamedTuple):
    """`$x.a.b`; slot 0 is `$`."""

    at: int
    text: str
    slot: int
    names: tuple[str, ...]


class Function(NamedTuple):
    """A function's name."""

    at: int
    text: str


class Chain(NamedTuple):
    """`(pipeline).a.b` or `function.a.b`"""

    at: int
    text: str
    base: Operand
    names: tuple[str, ...]


class Pipe(NamedTuple):
    """Commands of which each takes the one before as its last argument, and the slots that get the result."""

    at: int
    text: str
    commands: tuple[tuple[Operand, ...], ...]
    slots: tuple[int, ...] = ()
    assigns: bool = False


Operand = Literal | Nil | Dot | Field | Variable | Function | Chain | Pipe


class Text(NamedTuple):
    """What is printed as it stands."""

    text: str


class Action(NamedTuple):
    """`{{ pipeline }}`"""

    at: int
    pipe: Pipe


class Branch(NamedTuple):
    """`if` and `with`."""

    at: int
    kind: str
    pipe: Pipe
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


class Range(NamedTuple):
    """`range`."""

    at: int
    pipe: Pipe
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


class Call(NamedTuple):
    """`template`, and `block` where it stands."""

    at: int
    name: str
    pipe: Pipe | None


class Jump(NamedTuple):
    """`break` and `continue`."""

    at: int
    kind: str


Node = Text | Action | Branch | Range | Call | Jump


class Definition(NamedTuple):
    """A template: its nodes, and how many slots its frame has."""

    body: tuple[Node, ...]
    slots: int
