"""Operators that lead to nodes: paths, indexes, slices, everything below; they make what there is not, as yq does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.values import Failure
from gaia.golang.yq.arithmetic import whole_number
from gaia.golang.yq.model import (
    INT,
    MAPPING,
    NULL,
    SCALAR,
    SEQUENCE,
    STR,
    Context,
    Handler,
    Node,
    Operation,
    Run,
    Tree,
    each,
    null,
    scalar,
    sequence,
    text,
)  # fmt: skip
from gaia.golang.yq.patterns import matches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_PADDED: Final = 10_000
"""Elements that an index may add to a list."""


def in_map(context: Context, node: Node, key: Node, *, exact: bool = False, keys: bool = False) -> list[Node]:
    """The values (or keys) that a key of a map stands for; a new one where there is none."""
    found = [
        own if keys else value
        for own, value in node.pairs()
        if (own.value == key.value if exact else matches(own.value, key.value))
    ]
    if not found and not context.read_only:
        made = node.put(key, null())
        found = [made[0] if keys else made[1]]
    return found


def in_list(node: Node, wanted: str, *, optional: bool = False) -> list[Node]:
    """The element that an index stands for; the list is made that long."""
    try:
        index = whole_number(wanted)
    except Failure:
        if optional:
            return []
        raise Failure(f"cannot index a list with {wanted!r}") from None
    if index > MAX_PADDED + len(node.content):
        raise Failure(f"index [{index}] is far out of range")
    while len(node.content) <= index:
        node.append(null())
    at = index + len(node.content) if index < 0 else index
    if at < 0:
        raise Failure(f"index [{index}] out of range, the list has {len(node.content)} elements")
    return [node.content[at]]


def step(context: Context, node: Node, operation: Operation) -> list[Node]:
    """What `.name` gives of a node."""
    if node.tag == NULL and not context.read_only:
        node.kind, node.tag = (SEQUENCE if operation.number else MAPPING), ""
    if node.kind == MAPPING:
        exact = "exact" in operation.flags
        return in_map(context, node, text(operation.text), exact=exact, keys="keys" in operation.flags)
    if node.kind == SEQUENCE:
        return in_list(node, operation.text, optional="?" in operation.flags)
    return []


def _at(_run: Run, context: Context, tree: Tree) -> Context:
    return context.child([one for node in context.nodes for one in step(context, node, tree.operation)])


def path_tree(path: Sequence[Node], *, exact: bool = False, keys: bool = False) -> Tree:
    """The expression that leads along a path; to the key itself at its end, if `keys`."""
    tree = Tree(Operation("self"))
    for number, key in enumerate(path):
        operation = Operation("at", key.value, flags=("exact " if exact else ""))
        operation.number = int(key.tag == INT)
        if keys and number == len(path) - 1:
            operation.flags += "keys"
        tree = Tree(operation) if not number else Tree(Operation("."), tree, Tree(operation))
    return tree


def _index(run: Run, context: Context, tree: Tree) -> Context:
    """`[ ]` behind a value: indexes, keys, or a slice."""
    inner = tree.right.right if tree.right else None
    if inner is not None and inner.operation.name == "create-map":
        base = run(context, tree.left) if tree.left else context
        return base.child([_slice(run, context, node, inner) for node in base.nodes])
    base = run(context, tree.left)
    given = run(context.fixed(), tree.right).nodes
    wanted = given[0].content if given else []
    optional = tree.operation.flags == "?"
    return context.child([one for node in base.nodes for one in _indexed(context, node, wanted, optional=optional)])


def _indexed(context: Context, node: Node, wanted: Sequence[Node], *, optional: bool) -> list[Node]:
    if node.tag == NULL:
        node.tag = ""
        node.kind = MAPPING if wanted and wanted[0].tag != INT else SEQUENCE
    if node.kind == SEQUENCE:
        if not wanted:
            return list(node.content)
        return [one for index in wanted for one in in_list(node, index.value, optional=optional)]
    if node.kind == MAPPING:
        if not wanted:
            return node.children()
        return [one for key in wanted for one in in_map(context, node, key)]
    return []


def _slice(run: Run, context: Context, node: Node, bounds: Tree) -> Node:
    size = len(node.value) if node.kind == SCALAR else len(node.content)
    low = _bound(run(context.child([node]), bounds.left), size)
    high = _bound(run(context.child([node]), bounds.right), size)
    if low < 0 or high < 0:
        raise Failure("a slice begins before the list")
    if node.tag == STR:
        return node.made(SCALAR, STR, node.value[low:high])
    made = node.made(SEQUENCE, node.tag)
    made.extend(node.content[low : min(high, size)])
    return made


def _bound(given: Context, size: int) -> int:
    if len(given.nodes) != 1:
        raise Failure(f"a slice needs one number, not {len(given.nodes)}")
    number = whole_number(given.nodes[0].value)
    return number + size if number < 0 else number


def below(node: Node, *, keys: bool = False, lists: bool = True) -> list[Node]:
    """A node and everything in it."""
    found = [node]
    if node.kind == MAPPING:
        for key, value in node.pairs():
            found += [key] if keys else []
            found += below(value, keys=keys, lists=lists)
    elif node.kind == SEQUENCE and lists:
        for one in node.content:
            found += below(one, keys=keys, lists=lists)
    return found


def _descend(_run: Run, context: Context, tree: Tree) -> Context:
    keys = tree.operation.text == "..."
    return context.child([one for node in context.nodes for one in below(node, keys=keys)])


def _path(node: Node) -> Node:
    made = node.made(SEQUENCE, "!!seq")
    made.extend([scalar(key.tag if key.tag == INT else STR, key.value) for key in node.path()])
    return made


def _parents(node: Node) -> list[Node]:
    found = []
    above = node.parent
    while above is not None:
        found.append(above)
        above = above.parent
    return found


def _parent(_run: Run, context: Context, tree: Tree) -> Context:
    found = []
    for node in context.nodes:
        chain = [node, *_parents(node)]
        level = tree.operation.number
        level = max(len(chain) + level, 0) if level < 0 else level
        found += chain[level : level + 1]
    return context.child(found)


def _root(node: Node) -> Node:
    return [node, *_parents(node)][-1]


PATHS: Mapping[str, Handler] = {
    "at": _at,
    "index": _index,
    "descend": _descend,
    "path": each(_path),
    "parent": _parent,
    "parents": each(lambda node: sequence(_parents(node))),
    "root": each(_root),
    "key": each(lambda node: node.key),
}
