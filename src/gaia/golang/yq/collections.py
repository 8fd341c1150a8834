"""Operators on lists and maps."""

from __future__ import annotations

from functools import cmp_to_key
from typing import TYPE_CHECKING

from gaia.golang.gotemplate.values import Failure
from gaia.golang.yq.arithmetic import real, whole_number
from gaia.golang.yq.encoding import yaml_text
from gaia.golang.yq.model import (
    BOOL,
    FLOAT,
    INT,
    MAP,
    MAPPING,
    NULL,
    SCALAR,
    SEQUENCE,
    Context,
    Handler,
    Node,
    Run,
    Tree,
    boolean,
    each,
    null,
    position,
    right_of,
    scalar,
    sequence,
    text,
    truth,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def _length(node: Node) -> Node:
    if node.kind == SCALAR:
        size = 0 if node.tag == NULL else len(node.value.encode("utf-8", "surrogateescape"))
    else:
        size = len(node.children())
    return node.made(SCALAR, INT, str(size))


def _keys(node: Node) -> Node:
    if node.kind == MAPPING:
        return sequence([key for key, _ in node.pairs()])
    if node.kind == SEQUENCE:
        return sequence([scalar(INT, str(at)) for at in range(len(node.content))])
    raise Failure(f"cannot get keys of {node.tag}, keys only works for maps and lists")


def listed(node: Node, what: str) -> Sequence[Node]:
    """The elements of a list.

    Raises:
        Failure: it is none.
    """
    if node.kind != SEQUENCE:
        raise Failure(f"{what} needs a list, not {node.tag}")
    return node.content


def _has(run: Run, context: Context, tree: Tree) -> Context:
    wanted = next(iter(right_of(run, context, tree)), null())

    def has(node: Node) -> bool:
        if node.kind == MAPPING:
            return any(key.value == wanted.value for key, _ in node.pairs())
        return node.kind == SEQUENCE and wanted.tag == INT and len(node.content) > whole_number(wanted.value)

    return context.child([boolean(node, has(node)) for node in context.nodes])


def _any_or_all(name: str, *, wanted: bool) -> Handler:
    def handler(run: Run, context: Context, tree: Tree) -> Context:
        def judged(node: Node) -> bool:
            for one in listed(node, name):
                found = run(context.child([one]).fixed(), tree.right).nodes
                if found and truth(found[0]) is wanted:
                    return True
            return False

        return context.child([boolean(node, judged(node) is wanted) for node in context.nodes])

    return handler


def selects(run: Run, context: Context, tree: Tree, node: Node) -> bool:
    """Whether the condition of a `select` holds for a node."""
    return any(map(truth, run(context.child([node]).fixed(), tree.right).nodes))


def _select(run: Run, context: Context, tree: Tree) -> Context:
    return context.child([node for node in context.nodes if selects(run, context, tree, node)])


def _filter(run: Run, context: Context, tree: Tree) -> Context:
    return context.child(
        [sequence([one for one in node.children() if selects(run, context, tree, one)]) for node in context.nodes]
    )


def _map(run: Run, context: Context, tree: Tree) -> Context:
    found = []
    for node in context.nodes:
        children = node.children()
        found.append(sequence(run(context.child(children), tree.right).nodes) if children else node.copy())
    return context.child(found)


def _first(run: Run, context: Context, tree: Tree) -> Context:
    found: list[Node] = []
    for node in context.nodes:
        if tree.right is None:
            found += node.content[:1]
        else:
            found += next(([one] for one in node.children() if selects(run, context, tree, one)), [])
    return context.child(found)


def _flatten(_run: Run, context: Context, tree: Tree) -> Context:
    for node in context.nodes:
        listed(node, "flatten")
        _flatten_in(node, tree.operation.number)
    return context


def _flatten_in(node: Node, depth: int) -> None:
    if not depth or node.kind != SEQUENCE:
        return
    flat: list[Node] = []
    for one in node.content:
        _flatten_in(one, depth - 1)
        flat += one.content if one.kind == SEQUENCE else [one]
    node.content = []
    node.extend(flat)


def _entries(node: Node) -> Node | None:
    if node.tag == NULL:
        return None
    made = node.made(SEQUENCE, "!!seq")
    if node.kind == SCALAR:
        raise Failure(f"{node.tag} has no keys")
    numbered = ((scalar(INT, str(at)), one) for at, one in enumerate(node.content))
    for key, value in node.pairs() if node.kind == MAPPING else numbered:
        entry = Node(MAPPING, MAP)
        entry.put(text("key"), key)
        entry.put(text("value"), value)
        made.append(entry)
    return made


def _from_entries(node: Node) -> Node:
    made = node.copy(content=False)
    made.kind, made.tag = MAPPING, MAP
    for entry in listed(node, "from_entries"):
        parts = {key.value: value for key, value in entry.pairs()} if entry.kind == MAPPING else {}
        made.put(parts.get("key", null()), parts.get("value", null()))
    return made


def _with_entries(run: Run, context: Context, tree: Tree) -> Context:
    found = []
    for node in context.nodes:
        entries = _entries(node)
        if entries is not None:
            changed = [one for entry in entries.content for one in run(context.child([entry]), tree.right).nodes]
            found.append(_from_entries(sequence(changed)))
    return context.child(found)


def _group_by(run: Run, context: Context, tree: Tree) -> Context:
    found = []
    for node in context.nodes:
        groups: dict[str, list[Node]] = {}
        for one in listed(node, "group_by"):
            keys = run(context.child([one]).fixed(), tree.right).nodes
            groups.setdefault(keys[0].value if keys else "null", []).append(one)
        made = node.made(SEQUENCE, "!!seq")
        made.extend([sequence(group) for group in groups.values()])
        found.append(made)
    return context.child(found)


def _unique_by(run: Run, context: Context, tree: Tree) -> Context:
    found = []
    for node in context.nodes:
        kept: dict[str, Node] = {}
        for one in listed(node, "unique"):
            keys = run(context.child([one]).fixed(), tree.right).nodes
            key = "null" if not keys else keys[0].value if keys[0].kind == SCALAR else yaml_text(keys[0])
            kept.setdefault(key, one)
        made = node.made(SEQUENCE, "!!seq")
        made.extend(list(kept.values()))
        found.append(made)
    return context.child(found)


def _sort_by(run: Run, context: Context, tree: Tree) -> Context:
    found = []
    for node in context.nodes:
        if node.kind == SCALAR:
            raise Failure(f"sort needs a list or a map, not {node.tag}")
        keyed = [(run(context.child([one]).fixed(), tree.right).nodes, one) for one in node.children()]
        ordered = [one for _, one in sorted(keyed, key=cmp_to_key(_pair_order))]
        made = node.copy(content=False)
        if node.kind == MAPPING:
            made.extend([part for one in ordered for part in (one.key or null(), one)])
        else:
            made.extend(ordered)
        found.append(made)
    return context.child(found)


def _pair_order(left: tuple[list[Node], Node], right: tuple[list[Node], Node]) -> int:
    return _order(left[0], right[0])


def _order(left: Sequence[Node], right: Sequence[Node]) -> int:
    for one, other in zip(left, right, strict=False):
        result = _order_of(one, other)
        if result:
            return result
    return len(left) - len(right)


def _order_of(left: Node, right: Node) -> int:
    """Null, then booleans, then the rest: numbers among themselves, everything else by its text."""
    for tag in (NULL, BOOL):
        if (left.tag == tag) is not (right.tag == tag):
            return -1 if left.tag == tag else 1
    if left.tag == BOOL:
        return truth(left) - truth(right)
    if left.tag in (INT, FLOAT) and right.tag in (INT, FLOAT):
        one, other = real(left.value), real(right.value)
        return (one > other) - (one < other)
    return (left.value > right.value) - (left.value < right.value)


def _reverse(node: Node) -> Node:
    made = node.made(SEQUENCE, "!!seq")
    made.extend(list(reversed(listed(node, "reverse"))))
    return made


def _sort_keys(run: Run, context: Context, tree: Tree) -> Context:
    for node in context.nodes:
        for one in run(context.child([node]).fixed(), tree.right).nodes:
            if one.kind == MAPPING:
                pairs = sorted(one.pairs(), key=_key_text)
                one.content = [part for pair in pairs for part in pair]
    return context


def _key_text(pair: tuple[Node, Node]) -> str:
    return pair[0].value


def _chosen(choose: Callable[[Node, Sequence[Node]], list[Node]], *, scalars: bool) -> Handler:
    """`pick` and `omit`: a copy with some of the elements."""

    def handler(run: Run, context: Context, tree: Tree) -> Context:
        given = run(context, tree.right).nodes
        wanted = given[0].content if given else []
        if scalars and (not wanted or any(node.kind == SCALAR for node in context.nodes)):
            return context
        found = []
        for node in context.nodes:
            if node.kind == SCALAR:
                raise Failure(f"cannot pick from {node.tag}")
            made = node.copy(content=False)
            made.extend(choose(node, wanted))
            found.append(made)
        return context.child(found)

    return handler


def _picked(node: Node, wanted: Sequence[Node]) -> list[Node]:
    kept: list[Node] = []
    for one in wanted:
        if node.kind == MAPPING:
            at = position(node.content, one, 2)
            kept += node.content[at : at + 2] if at >= 0 else []
        else:
            at = whole_number(one.value)
            kept += node.content[at : at + 1] if at >= 0 else []
    return kept


def _left(node: Node, wanted: Sequence[Node]) -> list[Node]:
    if node.kind == MAPPING:
        return [part for key, value in node.pairs() if position(wanted, key) < 0 for part in (key, value)]
    return [one for at, one in enumerate(node.content) if position(wanted, scalar(INT, str(at))) < 0]


def _pivot(node: Node) -> Node:
    rows = listed(node, "pivot")
    kinds = {row.kind for row in rows}
    if len(kinds) > 1 or not kinds <= {SEQUENCE, MAPPING}:
        raise Failure("pivot needs a list of lists, or a list of maps")
    columns: dict[str, list[Node]] = {}
    for number, row in enumerate(rows):
        names = [key.value for key, _ in row.pairs()] if row.kind == MAPPING else map(str, range(len(row.content)))
        for name, value in zip(names, row.children(), strict=True):
            column = columns.setdefault(name, [])
            column += [null() for _ in range(number - len(column))]
            column.append(value)
    for column in columns.values():
        column += [null() for _ in range(len(rows) - len(column))]
    if kinds != {MAPPING}:
        return sequence([sequence(column) for column in columns.values()])
    made = Node(MAPPING, MAP)
    for name, column in columns.items():
        made.put(text(name), sequence(column))
    return made


COLLECTIONS: Mapping[str, Handler] = {
    "length": each(_length), "keys": each(_keys), "has": _has, "select": _select, "filter": _filter, "map": _map,
    "any": _any_or_all("any", wanted=True), "any_c": _any_or_all("any", wanted=True),
    "all": _any_or_all("all", wanted=False), "all_c": _any_or_all("all", wanted=False), "first": _first,
    "flatten": _flatten, "to_entries": each(_entries), "from_entries": each(_from_entries),
    "with_entries": _with_entries, "group_by": _group_by, "unique_by": _unique_by, "unique": _unique_by,
    "sort_by": _sort_by, "sort": _sort_by, "reverse": each(_reverse), "sort_keys": _sort_keys,
    "pick": _chosen(_picked, scalars=False), "omit": _chosen(_left, scalars=True), "pivot": each(_pivot),
}  # fmt: skip
