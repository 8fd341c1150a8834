"""What the parts of yq share: nodes that may be changed in place, contexts, expressions.

yq changes documents where they stand, so its rules are rules about nodes: each knows its parent and its key, what is
put into a list or a map is copied, and what an operator makes of a node keeps the node's place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from gaia.errors import Invalid
from gaia.golang.floats import float_text
from gaia.golang.gotemplate.values import MAX_TEXT, Failure
from gaia.golang.keyorder import sorted_keys
from gaia.kit.scalars import TIMESTAMP, Date, plain

SCALAR, SEQUENCE, MAPPING = "scalar", "seq", "map"
STR, INT, FLOAT, BOOL, NULL, TIME = "!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp"
SEQ, MAP = "!!seq", "!!map"
QUOTED: Final = frozenset(("double", "single", "literal", "folded"))
MAX_NODES: Final = 1_000_000
"""Made by one expression, copies included."""


def unsupported(message: str, step: str = "Write it with other operators, or write the value out.") -> Invalid:
    """The refusal of something that yq can do and Gaia does not."""
    return Invalid("not-supported", f"not supported: {message}", next_step=step)


class Node:
    """A scalar, a list or a map; a map's keys and values alternate in `content`."""

    __slots__ = ("content", "document", "is_key", "key", "kind", "parent", "style", "tag", "value")

    def __init__(self, kind: str, tag: str, value: str = "") -> None:
        self.kind = kind
        self.tag = tag
        self.value = value
        self.content: list[Node] = []
        self.key: Node | None = None
        self.parent: Node | None = None
        self.is_key = False
        self.style = ""
        self.document = 0

    def copy(self, *, content: bool = True) -> Node:
        """A copy that stands where this one does."""
        twin = Node(self.kind, self.tag, self.value)
        twin.key, twin.parent, twin.is_key = self.key, self.parent, self.is_key
        twin.style, twin.document = self.style, self.document
        if content:
            twin.extend(self.content)
        return twin

    def extend(self, children: Sequence[Node]) -> None:
        """Copies of `children` at the end: keys and values in turn for a map."""
        if self.kind == MAPPING:
            for at in range(0, len(children) - 1, 2):
                self.put(children[at], children[at + 1])
        else:
            for child in children:
                self.append(child)

    def append(self, child: Node) -> Node:
        """A copy of `child` as the last element."""
        own = child.copy()
        own.parent, own.is_key = self, False
        own.key = scalar(INT, str(len(self.content)))
        own.key.parent = self
        self.content.append(own)
        return own

    def put(self, key: Node, value: Node) -> tuple[Node, Node]:
        """Copies of a key and a value as the last pair."""
        own_key, own = key.copy(), value.copy()
        own_key.parent, own_key.is_key = self, True
        own.parent, own.is_key, own.key = self, False, own_key
        self.content += (own_key, own)
        return own_key, own

    def pairs(self) -> Iterator[tuple[Node, Node]]:
        """Keys with their values."""
        return zip(self.content[::2], self.content[1::2], strict=False)

    def children(self) -> list[Node]:
        """The elements, or the values of a map."""
        return self.content[1::2] if self.kind == MAPPING else list(self.content)

    def replaced(self, other: Node) -> Node:
        """A copy of `other` that stands where this one does."""
        twin = other.copy()
        twin.parent = self.parent
        twin.key = self if self.is_key else self.key
        return twin

    def made(self, kind: str, tag: str, value: str = "") -> Node:
        """A new node that stands where this one does."""
        return self.replaced(Node(kind, tag, value))

    def become(self, other: Node) -> None:
        """Take over what `other` is."""
        if self is other:
            return
        children = list(other.content)
        self.kind, self.value, self.content = other.kind, other.value, []
        self.extend(children)
        self.take_tag(other)

    def take_tag(self, other: Node) -> None:
        """Take over kind and tag, and lose what another kind had."""
        if self.kind != other.kind:
            self.content, self.value = [], ""
        self.kind = other.kind
        if self.tag[:2] == "!!" or not self.tag:
            self.tag = other.tag
        self.style = self.style or other.style

    def path(self) -> list[Node]:
        """The keys that lead here."""
        path: list[Node] = []
        node: Node | None = self
        while node is not None:
            key = node if node.is_key else node.key
            if key is not None and (node.parent is not None or node.key is not None):
                path.insert(0, key)
            node = node.parent
        return path


def scalar(tag: str, value: str) -> Node:
    """A scalar."""
    return Node(SCALAR, tag, value)


def text(value: str) -> Node:
    """A text."""
    if len(value) > MAX_TEXT:
        raise Failure(f"a text of more than {MAX_TEXT // 2**20} MiB")
    return scalar(STR, value)


def pieces(whole: str, separator: str) -> list[Node]:
    """A text divided; each character by itself where there is no separator."""
    if not whole:
        return []
    return [text(one) for one in (whole.split(separator) if separator else list(whole))]


def null() -> Node:
    """Null."""
    return scalar(NULL, "null")


def boolean(owner: Node | None, value: bool) -> Node:
    """True or false where `owner` stands."""
    made = (owner or Node(SCALAR, "")).made(SCALAR, BOOL, "true" if value else "false")
    if owner is not None and owner.is_key:
        made.is_key = False
    return made


def sequence(nodes: Sequence[Node] = ()) -> Node:
    """A list of copies."""
    made = Node(SEQUENCE, SEQ)
    made.extend(nodes)
    return made


def truth(node: Node | None) -> bool:
    """Everything but null and false."""
    if node is None or node.tag == NULL:
        return False
    return node.kind != SCALAR or node.tag != BOOL or node.value.lower() in ("y", "yes", "on", "true")


def equal(left: Node, right: Node) -> bool:
    """Whether two nodes say the same."""
    if left.kind != right.kind or (left.kind == SCALAR and left.tag != right.tag):
        return False
    if left.tag == NULL or left.kind == SCALAR:
        return left.tag == NULL or left.value == right.value
    if len(left.content) != len(right.content):
        return False
    if left.kind == SEQUENCE:
        return all(map(equal, left.content, right.content))
    for key, value in left.pairs():
        at = position(right.content, key)
        if at < 0 or at + 1 >= len(right.content) or not equal(value, right.content[at + 1]):
            return False
    return True


def position(nodes: Sequence[Node], wanted: Node, step: int = 1) -> int:
    """Where a node equal to `wanted` is, or -1."""
    return next((at for at in range(0, len(nodes), step) if equal(nodes[at], wanted)), -1)


# -- values ------------------------------------------------------------------------------------------------------------


class Budget:
    """How many nodes may still be made of values."""

    def __init__(self) -> None:
        self.left = MAX_NODES

    def spend(self) -> None:
        """Count one."""
        self.left -= 1
        if self.left < 0:
            raise Failure(f"more than {MAX_NODES:,} values")


def node_of(value: object, budget: Budget | None = None) -> Node:
    """A value as yq reads it from the YAML that Go writes: the keys of maps are in the encoder's order."""
    budget = budget or Budget()
    budget.spend()
    if isinstance(value, Date):
        return scalar(TIME, value.text)
    if isinstance(value, Mapping):
        made = Node(MAPPING, MAP)
        for key in sorted_keys(value):
            made.content += _adopted(made, text(key), node_of(value[key], budget))
        return made
    if isinstance(value, (list, tuple)):
        made = Node(SEQUENCE, SEQ)
        for at, inner in enumerate(value):
            made.content.append(_adopted(made, scalar(INT, str(at)), node_of(inner, budget))[1])
        return made
    return _scalar_of(value)


def _adopted(parent: Node, key: Node, value: Node) -> tuple[Node, Node]:
    key.parent = value.parent = parent
    key.is_key = parent.kind == MAPPING
    value.key = key
    return key, value


def _scalar_of(value: object) -> Node:
    if value is None:
        return null()
    if isinstance(value, bool):
        return scalar(BOOL, "true" if value else "false")
    if isinstance(value, float):
        shown = float_text(value)
        shown = {"+Inf": ".inf", "-Inf": "-.inf", "NaN": ".nan"}.get(shown, shown)
        return scalar(INT if isinstance(plain(shown), int) else FLOAT, shown)
    if isinstance(value, int):
        return scalar(INT, str(value))
    return scalar(STR, str(value))


def value_of(node: Node) -> object:
    """What a node says when it is printed and read again."""
    if node.kind == MAPPING:
        return {key.value: value_of(value) for key, value in node.pairs()}
    if node.kind == SEQUENCE:
        return [value_of(one) for one in node.content]
    if node.style in QUOTED:
        return node.value
    if node.tag == NULL:
        return None
    if node.tag in (INT, FLOAT, BOOL):
        value = plain(node.value)
        return node.value if value is TIMESTAMP else value
    return Date(node.value) if node.tag == TIME else node.value


# -- expressions -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Operation:
    """An operator, or a value, as it stands in an expression."""

    name: str
    text: str = ""
    node: Node | None = None
    flags: str = ""
    """Options behind the sign, for instance `+` and `n` of `*+n`."""
    number: int = 0
    update: bool = False
    """Whether an assignment is `|=`."""


@dataclass(slots=True)
class Tree:
    """An expression: an operation on what its sides give."""

    operation: Operation
    left: Tree | None = None
    right: Tree | None = None


@dataclass(slots=True)
class Context:
    """The nodes that an expression works on."""

    nodes: list[Node]
    variables: dict[str, list[Node]] = field(default_factory=dict)
    read_only: bool = False
    """Whether a path that there is not is left uncreated."""
    layout: str = ""
    """The layout of dates, where it is not the usual one."""

    def child(self, nodes: list[Node]) -> Context:
        """The same for other nodes."""
        return Context(nodes, dict(self.variables), self.read_only, self.layout)

    def fixed(self) -> Context:
        """The same for reading only."""
        return Context(self.nodes, dict(self.variables), True, self.layout)


class Run(Protocol):
    """Evaluates an expression in a context."""

    def __call__(self, context: Context, tree: Tree | None) -> Context:
        """The context with what the expression gives."""
        ...


Handler = Callable[[Run, Context, Tree], Context]


def right_of(run: Run, context: Context, tree: Tree) -> list[Node]:
    """What an operator's argument gives, for reading."""
    return run(context.fixed(), tree.right).nodes


def each(change: Callable[[Node], Node | None]) -> Handler:
    """The operator that makes of each node one other, or none."""

    def handler(_run: Run, context: Context, _tree: Tree) -> Context:
        return context.child([made for node in context.nodes if (made := change(node)) is not None])

    return handler
