"""The parts of a parsed template. `at` is an offset in its text; a variable is a slot in its frame."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: str, bool, int or float. `whole` is its value as an integer, where a number has one."""

    at: int
    text: str
    value: str | bool | int | float
    whole: int | None = None


@dataclass(frozen=True, slots=True)
class Nil:
    """`nil`."""

    at: int
    text: str = "nil"


@dataclass(frozen=True, slots=True)
class Dot:
    """`.`"""

    at: int
    text: str = "."


@dataclass(frozen=True, slots=True)
class Field:
    """`.a.b`"""

    at: int
    text: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """`$x.a.b`; slot 0 is `$`."""

    at: int
    text: str
    slot: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A function's name."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Chain:
    """`(pipeline).a.b` or `function.a.b`"""

    at: int
    text: str
    base: Operand
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pipe:
    """Commands of which each takes the one before as its last argument, and the slots that get the result."""

    at: int
    text: str
    commands: tuple[tuple[Operand, ...], ...]
    slots: tuple[int, ...] = ()
    assigns: bool = False


Operand = Literal | Nil | Dot | Field | Variable | Function | Chain | Pipe


@dataclass(frozen=True, slots=True)
class Text:
    """What is printed as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Action:
    """`{{ pipeline }}`"""

    at: int
    pipe: Pipe


@dataclass(frozen=True, slots=True)
class Branch:
    """`if` and `with`."""

    at: int
    kind: str
    pipe: Pipe
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """`range`."""

    at: int
    pipe: Pipe
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """`template`, and `block` where it stands."""

    at: int
    name: str
    pipe: Pipe | None


@dataclass(frozen=True, slots=True)
class Jump:
    """`break` and `continue`."""

    at: int
    kind: str


Node = Text | Action | Branch | Range | Call | Jump


@dataclass(frozen=True, slots=True)
class Definition:
    """A template: its nodes, and how many slots its frame has."""

    body: tuple[Node, ...]
    slots: int
