"""Small changes to one node of a syntax tree, each of which a test should notice.

A rule gets a node and yields nodes that may stand in its place. It never touches the node itself. How often a change is
drawn is its weight: a changed comparison says more about the tests than one more changed word.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Node = TypeVar("Node", bound=ast.AST)

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
FUNCTIONS = {"any": "all", "all": "any", "min": "max", "max": "min", "sorted": "list"}
CLAUSES = {"where", "values"}
"""Methods of SQL statements whose arguments are conditions or columns: one less is another statement."""
NOT_ASKED = {"next_step", "slots", "frozen", "repr", "init", "strict"}
"""Keywords that no caller can tell apart, whose text is for people, or that guard against a mistake in the code."""
LONGEST = 60
"""Longer strings, and those with a space, are for people."""


@dataclass(frozen=True, slots=True)
class Change:
    """What stands in the place of a node, how to say it, and how often to draw it."""

    node: ast.AST
    text: str
    weight: float


def changes(node: ast.AST) -> Iterator[Change]:
    """Every change of this node; those of the nodes in it are not among them."""
    for kind, rule in RULES:
        if isinstance(node, kind):
            yield from rule(node)


def brief(node: ast.AST) -> str:
    """The node as one line of code."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 100 else f"{text[:60]} ... {text[-35:]}"


def _with(node: Node, **fields: Any) -> Node:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _without(items: list[Any], index: int) -> list[Any]:
    return items[:index] + items[index + 1 :]


def _is_nothing(node: ast.expr) -> bool:
    """A value for which `None` would do as well, but for its type."""
    if isinstance(node, ast.Constant):
        return not node.value and node.value is not False
    return (isinstance(node, ast.Tuple | ast.List) and not node.elts) or (isinstance(node, ast.Dict) and not node.keys)


def _becomes(old: ast.AST, new: ast.AST, weight: float) -> Change:
    return Change(new, f"`{brief(old)}` becomes `{brief(new)}`", weight)


def _loses(old: ast.AST, new: ast.AST, what: ast.AST, weight: float) -> Change:
    return Change(new, f"`{brief(old)}` without `{brief(what)}`", weight)


def _compare(node: ast.Compare) -> Iterator[Change]:
    for index, operator in enumerate(node.ops):
        for other in COMPARISONS[type(operator)]:
            ops = [*node.ops[:index], other(), *node.ops[index + 1 :]]
            yield _becomes(node, _with(node, ops=ops), 2)


def _boolean(node: ast.BoolOp) -> Iterator[Change]:
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield Change(_with(node, op=other), f"`{brief(node)}` with `{type(other).__name__.lower()}`", 2)
    for index, value in enumerate(node.values):
        if isinstance(node.op, ast.Or) and _is_nothing(value):  # mypy refuses this one, and no caller could tell
            continue
        rest = _without(node.values, index)
        yield _loses(node, _with(node, values=rest) if len(rest) > 1 else rest[0], value, 2)


def _negation(node: ast.UnaryOp) -> Iterator[Change]:
    if isinstance(node.op, ast.Not):
        yield _becomes(node, node.operand, 2)


def _condition(node: ast.If | ast.While | ast.IfExp) -> Iterator[Change]:
    said = brief(node.test)
    yield Change(_with(node, test=ast.UnaryOp(ast.Not(), node.test)), f"condition `{said}` negated", 1)
    yield Change(_with(node, test=ast.Constant(value=False)), f"condition `{said}` never true", 1)
    if not isinstance(node, ast.While):
        yield Change(_with(node, test=ast.Constant(value=True)), f"condition `{said}` always true", 1)


def _filter(node: ast.comprehension) -> Iterator[Change]:
    for index, condition in enumerate(node.ifs):
        yield Change(_with(node, ifs=_without(node.ifs, index)), f"no filter `if {brief(condition)}`", 2)


def _arithmetic(node: ast.BinOp) -> Iterator[Change]:
    if type(node.op) in OPERATORS:
        yield _becomes(node, _with(node, op=OPERATORS[type(node.op)]()), 1)


def _result(node: ast.Return) -> Iterator[Change]:
    if node.value is not None and not _is_nothing(node.value):
        yield _becomes(node, ast.Return(value=ast.Constant(value=None)), 1)


def _constant(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield _becomes(node, ast.Constant(value=not value), 1.5)
    elif isinstance(value, int):
        yield _becomes(node, ast.Constant(value=value + 1), 1.5)
    elif isinstance(value, str) and value and " " not in value and len(value) < LONGEST:
        yield _becomes(node, ast.Constant(value="XX" + value), 0.4)


def _element(node: ast.Tuple | ast.List | ast.Set) -> Iterator[Change]:
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        return
    for index, element in enumerate(node.elts):
        yield _loses(node, _with(node, elts=_without(node.elts, index)), element, 1)


def _key(node: ast.Dict) -> Iterator[Change]:
    for index, key in enumerate(node.keys):
        less = _with(node, keys=_without(node.keys, index), values=_without(node.values, index))
        yield _loses(node, less, key or node.values[index], 0.7)


def _call(node: ast.Call) -> Iterator[Change]:
    for index, keyword in enumerate(node.keywords):
        if keyword.arg not in NOT_ASKED:
            yield _loses(node, _with(node, keywords=_without(node.keywords, index)), keyword, 1)
    if isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and node.args:
        other = FUNCTIONS[node.func.id]
        keywords = [] if other == "list" else node.keywords
        yield _becomes(node, _with(node, func=ast.Name(id=other, ctx=ast.Load()), keywords=keywords), 1.5)
    if isinstance(node.func, ast.Attribute) and node.func.attr in CLAUSES and len(node.args) > 1:
        for index, argument in enumerate(node.args):
            yield _loses(node, _with(node, args=_without(node.args, index)), argument, 2)
    if len(node.args) == 1 and not node.keywords and "redact" in ast.unparse(node.func):
        yield _becomes(node, node.args[0], 3)


def _statement(node: ast.stmt) -> Iterator[Change]:
    acts = isinstance(node, ast.Raise | ast.AugAssign | ast.Break | ast.Continue)
    calls = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    stores = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute | ast.Subscript)
    if acts or calls or stores:
        yield Change(ast.Pass(), f"no `{brief(node)}`", 2)


RULES: tuple[tuple[Any, Callable[[Any], Iterator[Change]]], ...] = (
    (ast.Compare, _compare),
    (ast.BoolOp, _boolean),
    (ast.UnaryOp, _negation),
    (ast.If | ast.While | ast.IfExp, _condition),
    (ast.comprehension, _filter),
    (ast.BinOp, _arithmetic),
    (ast.Return, _result),
    (ast.Constant, _constant),
    (ast.Tuple | ast.List | ast.Set, _element),
    (ast.Dict, _key),
    (ast.Call, _call),
    (ast.stmt, _statement),
)
