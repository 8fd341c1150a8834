"""yq's language: `evaluate(expression, value)`.

Rules of yq v4 that are easy to miss: operators of one rank group to the right, `|` binds tighter than `and`, a field of
a scalar is nothing, `==` takes its right side as a pattern, and maps go in the order in which YAML is written. What an
expression gives is printed as YAML and read again, as Atmos does it: so a text that looks like a number is one, and
several results are one text of several lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gaia.errors import Invalid
from gaia.golang.gotemplate.values import Failure
from gaia.golang.yq.arithmetic import ARITHMETIC, separate
from gaia.golang.yq.changes import CHANGES, multiplied
from gaia.golang.yq.collections import COLLECTIONS
from gaia.golang.yq.encoding import ENCODING
from gaia.golang.yq.model import (
    MAP,
    MAPPING,
    SCALAR,
    SEQUENCE,
    STR,
    Context,
    Handler,
    Node,
    Run,
    Tree,
    boolean,
    each,
    node_of,
    null,
    right_of,
    sequence,
    truth,
    unsupported,
)  # fmt: skip
from gaia.golang.yq.parser import parse
from gaia.golang.yq.paths import PATHS
from gaia.golang.yq.printing import printed
from gaia.golang.yq.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_DEPTH: Final = 150
MAX_STEPS: Final = 200_000
MAX_RESULTS: Final = 100_000


def evaluate(expression: str, value: object) -> object:
    """What `expression` gives of `value`, printed and read again; None if it gives nothing. The caller sets positions.

    Raises:
        Invalid: `not-supported` names an operator of yq that is left out; `yq-expression` says what is wrong with the
            expression or with its value.
    """
    try:
        tree = parse(expression)
        return printed(_Evaluation()(Context([node_of(value)]), tree).nodes)
    except Failure as failure:
        raise _wrong(f"{expression}: {failure.message}") from failure
    except RecursionError:
        raise _wrong(f"{expression}: nested too deep") from None


def _wrong(message: str) -> Invalid:
    return Invalid("yq-expression", message, next_step="Correct the expression, or the value it works on.")


class _Evaluation:
    """One evaluation, and how far it has gone."""

    def __init__(self) -> None:
        self._depth = 0
        self._steps = 0

    def __call__(self, context: Context, tree: Tree | None) -> Context:
        if tree is None:
            return context
        handler = OPERATORS.get(tree.operation.name)
        if handler is None:
            raise unsupported(f"the operator {tree.operation.text or tree.operation.name}")
        self._depth += 1
        self._steps += 1 + len(context.nodes)
        if self._depth > MAX_DEPTH or self._steps > MAX_STEPS:
            raise Failure("it goes on for too long")
        result = handler(self, context, tree)
        self._depth -= 1
        if len(result.nodes) > MAX_RESULTS:
            raise Failure(f"more than {MAX_RESULTS:,} results")
        return result


def _pipe(run: Run, context: Context, tree: Tree) -> Context:
    if tree.left is not None and tree.left.operation.name == "as":
        return _bound(run, context, tree)
    left = run(context, tree.left)
    return context.child(run(context.child(left.nodes), tree.right).nodes)


def _bound(run: Run, context: Context, tree: Tree) -> Context:
    """`EXPRESSION as $name | …`"""
    binding = tree.left
    if binding is None or binding.right is None or binding.right.operation.name != "variable":
        raise Failure("behind `as` a variable must stand")
    found: list[Node] = []
    for node in context.nodes:
        one = context.child([node])
        values = run(one.fixed(), binding.left).nodes
        for value in values:
            inner = one.child(one.nodes)
            inner.variables[binding.right.operation.text] = [value if binding.operation.text == "ref" else value.copy()]
            found += run(inner, tree.right).nodes
        if not values:
            found += run(one, tree.right).nodes
    return context.child(found)


def _reduce(run: Run, context: Context, tree: Tree) -> Context:
    binding, block = tree.left, tree.right
    if binding is None or binding.operation.name != "as" or binding.right is None:
        raise Failure("ireduce needs `EXPRESSION as $name` before it")
    if block is None or block.operation.name != ";":
        raise Failure("ireduce needs (START; EXPRESSION)")
    values = run(context, binding.left).nodes
    result = run(context, block.left)
    for value in values:
        result.variables[binding.right.operation.text] = [value]
        result = run(result, block.right)
    return result


def _union(run: Run, context: Context, tree: Tree) -> Context:
    left, right = run(context, tree.left), run(context, tree.right)
    return left.child([*left.nodes, *(right.nodes if right.nodes is not left.nodes else [])])


def _value(_run: Run, context: Context, tree: Tree) -> Context:
    node = tree.operation.node or null()
    return context.child([node.copy() for _ in separate(context)])


def _collect(run: Run, context: Context, tree: Tree) -> Context:
    found = []
    for node in context.nodes:
        made = node.made(SEQUENCE, "!!seq")
        made.extend(run(context.child([node]), tree.right).nodes)
        found.append(made)
    return context.child(found or [sequence()])


def _pairs(run: Run, context: Context, tree: Tree) -> Context:
    """`KEY: VALUE`: for each node the maps of each key with each value, as lists of lists."""
    rows = []
    for one in separate(context):
        row = Node(SEQUENCE, "!!seq")
        for key in run(one, tree.left).nodes:
            for value in run(one, tree.right).nodes:
                made = Node(MAPPING, MAP)
                made.put(key, value)
                row.append(made)
        rows.append(row)
    return context.child([sequence(rows)])


def _collect_map(run: Run, context: Context, _tree: Tree) -> Context:
    """`{ }`: every combination of the maps between the commas."""
    if not context.nodes:
        return context.child([Node(MAPPING, MAP)])
    found: list[Node] = []
    for at in range(len(context.nodes[0].content)):
        made: list[Node] = []
        for number, part in enumerate(context.nodes):
            if len(part.content) <= at:
                raise Failure("keys and values of a map do not match")
            choices = part.content[at].children()
            made = choices if not number else [multiplied(run, context, a, b) for a in made for b in choices]
        for one in made:
            twin = one.copy()
            twin.parent = twin.key = None
            found.append(twin)
    result = context.child(found)
    result.read_only = False
    return result


def _eval(run: Run, context: Context, tree: Tree) -> Context:
    trees = [parse(one.value) for one in right_of(run, context, tree)]
    return context.child([one for _ in context.nodes for inner in trees for one in run(context, inner).nodes])


def _error(run: Run, context: Context, tree: Tree) -> Context:
    given = right_of(run, context, tree)
    raise Failure(given[0].value if given else "aborted")


def _split_documents(_run: Run, context: Context, _tree: Tree) -> Context:
    for number, node in enumerate(context.nodes):
        node.document, node.parent = number, None
    return context


def _expression(written: str) -> Handler:
    return lambda run, context, _tree: run(context, parse(written))


def _misplaced(_run: Run, _context: Context, _tree: Tree) -> Context:
    raise Failure("`as` needs a pipe behind its variable")


def _explode(run: Run, context: Context, tree: Tree) -> Context:
    """Aliases are written out already."""
    run(context, tree.right)
    return context


def _file(_run: Run, context: Context, tree: Tree) -> Context:
    """The value comes from no file."""
    number = "name" not in tree.operation.text.lower()
    return context.child(
        [node.made(SCALAR, "!!int" if number else STR, "0" if number else "") for node in context.nodes]
    )


def _no_block(_run: Run, context: Context, _tree: Tree) -> Context:
    return context.child([])


_LANGUAGE: Mapping[str, Handler] = {
    "self": lambda _run, context, _tree: context, "|": _pipe, ".": _pipe, ",": _union, "value": _value,
    "as": _misplaced, "ireduce": _reduce, ";": _no_block, "empty": _no_block, "collect": _collect,
    "create-map": _pairs, "collect-map": _collect_map, "eval": _eval, "error": _error,
    "variable": lambda _run, context, tree: context.child(context.variables.get(tree.operation.text, [])),
    "array_to_map": _expression("(.[] | select(. != null) ) as $i ireduce({}; .[$i | key] = $i)"),
    "split_doc": _split_documents, "explode": _explode,
    "not": each(lambda node: boolean(node, not truth(node))),
    "tag": each(lambda node: node.made(SCALAR, STR, node.tag)),
    "kind": each(lambda node: node.made(SCALAR, STR, node.kind)),
    "style": each(lambda node: node.made(SCALAR, STR, node.style)),
    "comment": each(lambda node: node.made(SCALAR, STR, "")), "anchor": each(lambda node: node.made(SCALAR, STR, "")),
    "alias": each(lambda node: node.made(SCALAR, STR, "")),
    "document_index": each(lambda node: node.made(SCALAR, "!!int", str(node.document))),
    "file": _file, "is_key": each(lambda node: boolean(node, node.is_key)),
}  # fmt: skip


OPERATORS: Mapping[str, Handler] = {**_LANGUAGE, **PATHS, **ARITHMETIC, **COLLECTIONS, **TEXTS, **ENCODING, **CHANGES}
