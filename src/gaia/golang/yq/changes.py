"""Operators that change a document where it stands, and merge one into another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.golang.gotemplate.values import Failure
from gaia.golang.yq.arithmetic import add, crossed, multiply_scalars, subtract
from gaia.golang.yq.model import (
    INT,
    MAPPING,
    NULL,
    SEQUENCE,
    Context,
    Handler,
    Node,
    Operation,
    Run,
    Tree,
    right_of,
    scalar,
)  # fmt: skip
from gaia.golang.yq.paths import below, path_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def _assign(run: Run, context: Context, tree: Tree) -> Context:
    targets = run(context, tree.left).nodes
    if tree.operation.update:
        for target in reversed(targets):
            given = run(context.child([target]), tree.right).nodes
            if given:
                _put(target, given[0], tree.operation.flags)
        return context

    def put(_context: Context, left: Node | None, right: Node | None) -> Node | None:
        if left is not None and right is not None:
            _put(left, right, tree.operation.flags)
        return left

    crossed(run, context.fixed(), tree, put)
    return context


def _put(target: Node, given: Node, flags: str) -> None:
    if "n" in flags and target.tag != NULL:
        return
    if "c" in flags:
        target.tag = ""
    target.become(given)


def _changing(calculate: Callable[[Run, Context, Node, Node, str], Node | None]) -> Handler:
    """`+=` and its like: each target becomes what is calculated of it and of the right side."""

    def handler(run: Run, context: Context, tree: Tree) -> Context:
        for target in run(context, tree.left).nodes:
            before = target.copy()
            for node in context.nodes:
                for right in run(context.child([node]).fixed(), tree.right).nodes:
                    made = calculate(run, context, before, right, tree.operation.flags)
                    if made is not None:
                        target.become(made)
        return context

    return handler


def multiplied(run: Run, context: Context, left: Node, right: Node, flags: str = "") -> Node:
    """`*`: numbers, or the right document merged into a copy of the left one."""
    if right.tag == NULL:
        return left.copy()
    same = left.kind == right.kind or left.tag == NULL
    if same and right.kind in (MAPPING, SEQUENCE):
        made = left.copy()
        _merge(run, context, made, right, flags)
        return made
    return multiply_scalars(left, right)


def _merge(run: Run, context: Context, target: Node, source: Node, flags: str) -> None:
    start = len(source.path())
    writable = Context([target], dict(context.variables), read_only=False)
    for node in below(source, keys=True, lists="d" in flags):
        way = path_tree(node.path()[start:], exact=True, keys=node.is_key)
        reading = writable.fixed() if "?" in flags else writable
        for place in run(reading, way).nodes:
            if "n" in flags and place.tag != NULL:
                continue
            if node.kind == SEQUENCE and "+" in flags:
                summed = add(context, place.copy(), node)
                if summed is not None:
                    place.become(summed)
            elif node.kind == MAPPING or (node.kind == SEQUENCE and "d" in flags):
                place.take_tag(node)
            else:
                _put(place, node, flags.replace("n", ""))


def _multiply(run: Run, context: Context, tree: Tree) -> Context:
    flags = tree.operation.flags

    def calculate(inner: Context, left: Node | None, right: Node | None) -> Node | None:
        return multiplied(run, inner, left, right, flags) if left is not None and right is not None else None

    return crossed(run, context.fixed(), tree, calculate)


def _delete(run: Run, context: Context, tree: Tree) -> Context:
    gone = right_of(run, context, tree)
    for node in reversed(gone):
        if node.parent is None:
            return context.child([one for one in context.nodes if one is not node])
        remove(node.parent, node)
    return context


def remove(parent: Node, node: Node) -> None:
    """Take a node out of its list or map."""
    key = node if node.is_key else node.key
    wanted = key.value if key is not None else ""
    if parent.kind == MAPPING:
        parent.content = [part for own, value in parent.pairs() if own.value != wanted for part in (own, value)]
    else:
        kept = [one for at, one in enumerate(parent.content) if str(at) != wanted]
        for at, one in enumerate(kept):
            one.key = scalar(INT, str(at))
            one.key.parent = parent
        parent.content = kept


def _block(tree: Tree, name: str) -> tuple[Tree | None, Tree | None]:
    if tree.right is None or tree.right.operation.name != ";":
        raise Failure(f"{name} needs two expressions with ; between them")
    return tree.right.left, tree.right.right


def _keys_of(node: Node, name: str) -> Sequence[Node]:
    if node.kind != SEQUENCE:
        raise Failure(f"{name} needs a list as path, not {node.tag}")
    return node.content


def _setpath(run: Run, context: Context, tree: Tree) -> Context:
    way, value = _block(tree, "setpath")
    given = run(context.fixed(), way).nodes
    if len(given) != 1:
        raise Failure(f"setpath needs one path, not {len(given)}")
    leading = path_tree(_keys_of(given[0], "setpath"))
    for node in context.nodes:
        values = run(context.child([node]).fixed(), value).nodes
        if len(values) != 1:
            raise Failure(f"setpath needs one value, not {len(values)}")
        for target in run(context.child([node]), leading).nodes:
            target.become(values[0])
    return context


def _delpaths(run: Run, context: Context, tree: Tree) -> Context:
    given = right_of(run, context, tree)
    if len(given) != 1 or given[0].kind != SEQUENCE:
        raise Failure("delpaths needs one list of paths")
    for way in given[0].content:
        leading = path_tree(_keys_of(way, "delpaths"))
        context = _delete(run, context, Tree(Operation("del"), None, leading))
    return context


def _with(run: Run, context: Context, tree: Tree) -> Context:
    way, change = _block(tree, "with")
    for node in run(context, way).nodes:
        run(context.child([node]), change)
    return context


def _map_values(run: Run, context: Context, tree: Tree) -> Context:
    for node in context.nodes:
        for value in reversed(node.children()):
            given = run(context.child([value]), tree.right).nodes
            if given:
                value.become(given[0])
    return context


def _attribute(change: Callable[[Node, str], None]) -> Handler:
    """`tag =` and `style =`."""

    def handler(run: Run, context: Context, tree: Tree) -> Context:
        for target in run(context, tree.left).nodes:
            inner = context.child([target]) if tree.operation.update else context
            given = right_of(run, inner, tree)
            if given:
                change(target, given[0].value)
        return context

    return handler


def _set_tag(node: Node, tag: str) -> None:
    node.tag = tag


def _set_style(node: Node, style: str) -> None:
    if style not in ("", "tagged", "double", "single", "literal", "folded", "flow"):
        raise Failure(f"unknown style {style}")
    node.style = style


def _unchanged(run: Run, context: Context, tree: Tree) -> Context:
    """Comments are no part of a value."""
    run(context, tree.left)
    return context


CHANGES: Mapping[str, Handler] = {
    "=": _assign,
    "+=": _changing(lambda _run, context, left, right, _flags: add(context, left, right)),
    "-=": _changing(lambda _run, context, left, right, _flags: subtract(context, left, right)),
    "*=": _changing(multiplied), "*": _multiply, "del": _delete, "setpath": _setpath, "delpaths": _delpaths,
    "with": _with, "map_values": _map_values, "set-tag": _attribute(_set_tag), "set-style": _attribute(_set_style),
    "set-comment": _unchanged, "set-comments": _unchanged,
}  # fmt: skip
