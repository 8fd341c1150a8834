"""Operators between two values: sums and the like, comparisons, alternatives."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from gaia.golang.floats import float_text
from gaia.golang.gotemplate.sprig import dates
from gaia.golang.gotemplate.values import MAX_TEXT, Failure
from gaia.golang.yq import patterns
from gaia.golang.yq.model import (
    FLOAT,
    INT,
    MAPPING,
    NULL,
    SCALAR,
    SEQUENCE,
    STR,
    TIME,
    Context,
    Handler,
    Node,
    Run,
    Tree,
    boolean,
    pieces,
    position,
    text,
    truth,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Calculation = Callable[[Context, Node | None, Node | None], Node | None]
    Shortcut = Callable[[Node], Node | None]

RFC3339: Final = "2006-01-02T15:04:05Z07:00"
_NUMBERS: Final = (INT, FLOAT)


def crossed(
    run: Run,
    context: Context,
    tree: Tree,
    calculate: Calculation,
    *,
    empty: bool = False,
    known: Shortcut | None = None,
) -> Context:
    """Each left result with each right one, per node. `empty` counts no result as one that is None; `known` may give
    the answer of a left result alone."""
    found: list[Node] = []
    for one in separate(context):
        lefts: list[Node | None] = list(run(one, tree.left).nodes)
        if empty and not lefts and one.nodes:
            lefts = [None]
        for left in lefts:
            answer = known(left) if known is not None and left is not None else None
            if answer is not None:
                found.append(answer)
                continue
            rights: list[Node | None] = list(run(one, tree.right).nodes)
            if empty and not rights:
                rights = [None]
            found += [made for right in rights if (made := calculate(context, left, right)) is not None]
    return context.child(found)


def separate(context: Context) -> list[Context]:
    """A context for each node; one without any where there is none."""
    return [context.child([node]) for node in context.nodes] or [context.child([])]


def whole_number(digits: str) -> int:
    """An integer as yq reads one.

    Raises:
        Failure: it is none, or has more than 64 bits.
    """
    return _parsed(digits)[1]


def _parsed(digits: str) -> tuple[str, int]:
    """How an integer is written, and what it is."""
    plain = digits.replace("_", "")
    form, base = ("x", 16) if plain[:2].lower() == "0x" else ("o", 8) if plain[:2] == "0o" else ("", 10)
    body = plain[2:] if form else plain
    try:
        if len(body) > 64 or not body.lstrip("+-").isalnum():
            raise ValueError  # noqa: TRY301
        number = int(body, base)
    except ValueError:
        raise Failure(f"{digits!r} is no integer") from None
    if not -(2**63) <= number < 2**63:
        raise Failure(f"{digits}: value out of range")
    return form, number


def _written(form: str, number: int) -> str:
    number = (number + 2**63) % 2**64 - 2**63
    if form:
        shown = f"{abs(number):X}" if form == "x" else f"{abs(number):o}"
        return f"{'-' if number < 0 else ''}0{form}{shown}"
    return str(number)


def real(digits: str) -> float:
    """A number with a fraction.

    Raises:
        Failure: it is none.
    """
    try:
        return float(digits.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        raise Failure(f"{digits!r} is no number") from None


def _general(value: float) -> str:
    """As Go's `%v`: an exponent from 1e21 on."""
    shown = float_text(value)
    if "e" in shown and abs(value) < 1e21 and abs(value) >= 1e-4:
        return float_text(value, "f")
    return shown


def _like(left: Node, tag: str, value: str) -> Node:
    made = left.copy(content=False)
    made.kind, made.tag, made.value = SCALAR, tag, value
    return made


def _numbers(
    left: Node, right: Node, what: str, ints: Callable[[int, int], int] | None, floats: Callable[[float, float], float]
) -> Node:
    if ints is not None and (left.tag, right.tag) == (INT, INT):
        form, number = _parsed(left.value)
        return _like(left, INT, _written(form, ints(number, whole_number(right.value))))
    if left.tag in _NUMBERS and right.tag in _NUMBERS:
        return _like(left, FLOAT, _general(floats(real(left.value), real(right.value))))
    raise Failure(f"{left.tag} {what} {right.tag}")


def add(context: Context, left: Node | None, right: Node | None) -> Node | None:
    """`+`"""
    if left is None or right is None:
        one = left or right
        return one.copy() if one is not None else None
    if left.tag == NULL:
        return left.replaced(right)
    if left.kind == SEQUENCE:
        made = left.copy()
        made.extend([] if right.tag == NULL else right.content if right.kind == SEQUENCE else [right])
        return made
    if left.kind != right.kind:
        raise Failure(f"{right.tag} cannot be added to {left.tag}")
    if left.kind == MAPPING:
        return _joined(left, right)
    if _is_date(context, left):
        return _like(left, left.tag, _moved(context, left.value, right.value))
    if left.tag == STR:
        return _like(left, STR, text(left.value + ("" if right.tag == NULL else right.value)).value)
    if right.tag == STR:
        return _like(left, STR, text(left.value + right.value).value)
    return _numbers(left, right, "cannot be added to", lambda a, b: a + b, lambda a, b: a + b)


def _joined(left: Node, right: Node) -> Node:
    made = left.copy()
    for key, value in right.pairs():
        at = position(made.content, key, 2)
        if at < 0:
            made.put(key, value)
        else:
            made.content[at + 1] = made.content[at + 1].replaced(value)
    return made


def subtract(context: Context, left: Node | None, right: Node | None) -> Node | None:
    """`-`"""
    if left is None or right is None:
        return None
    if left.tag == NULL:
        return left.replaced(right)
    if left.kind == MAPPING or left.kind != right.kind:
        raise Failure(f"{right.tag} cannot be subtracted from {left.tag}")
    if left.kind == SEQUENCE:
        made = left.copy(content=False)
        made.extend([one for one in left.content if position(right.content, one) < 0])
        return made
    if _is_date(context, left):
        change = right.value[1:] if right.value[:1] == "-" else f"-{right.value}"
        return _like(left, left.tag, _moved(context, left.value, change))
    if left.tag == STR:
        raise Failure("texts cannot be subtracted")
    return _numbers(left, right, "cannot be subtracted by", lambda a, b: a - b, lambda a, b: a - b)


def multiply_scalars(left: Node, right: Node) -> Node:
    """`*` of numbers, and of a text with a number."""
    if {left.tag, right.tag} == {STR, INT}:
        word, count = (left, right) if left.tag == STR else (right, left)
        times = whole_number(count.value)
        if times < 0 or times * len(word.value) > MAX_TEXT:
            raise Failure(f"a text cannot be repeated {times} times")
        return _like(left, STR, word.value * times)
    return _numbers(left, right, "cannot be multiplied with", lambda a, b: a * b, lambda a, b: a * b)


def divide(_context: Context, left: Node | None, right: Node | None) -> Node | None:
    """`/`: of numbers, or of a text by another."""
    if left is None or right is None:
        return None
    if left.kind == right.kind == SCALAR and left.tag == right.tag == STR:
        made = left.copy(content=False)
        made.kind, made.tag, made.value = SEQUENCE, "!!seq", ""
        made.extend(pieces(left.value, right.value))
        return made
    return _numbers(left, right, "cannot be divided by", None, _quotient)


def _quotient(left: float, right: float) -> float:
    if right:
        return left / right
    return math.nan if not left or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1, right)


def modulo(_context: Context, left: Node | None, right: Node | None) -> Node | None:
    """`%`, with the sign of what is divided."""
    if left is None or right is None:
        return None
    if (left.tag, right.tag) == (INT, INT) and whole_number(right.value) == 0:
        raise Failure("cannot modulo by 0")
    return _numbers(
        left, right, "cannot be divided by",
        lambda a, b: int(math.copysign(abs(a) % abs(b), a)) if max(abs(a), abs(b)) < 2**53 else a - b * int(a / b),
        lambda a, b: math.fmod(a, b) if b else math.nan,
    )  # fmt: skip


def same(left: Node | None, right: Node | None) -> bool:
    """`==`: scalars by their text, the right one as a pattern; maps and lists are never the same."""
    if left is None or right is None:
        one = left or right
        return one is None or one.tag == NULL
    if left.tag == NULL:
        return right.tag == NULL
    return left.kind == right.kind == SCALAR and patterns.matches(left.value, right.value)


def compared(context: Context, sign: str, left: Node | None, right: Node | None) -> Node:
    """`<`, `<=`, `>`, `>=`"""
    orequal = sign.endswith("=")
    if left is None or right is None:
        return boolean(left or right, orequal and left is right)
    if left.kind != SCALAR or right.kind != SCALAR:
        raise Failure(f"cannot compare {left.tag} with {right.tag}")
    return boolean(left, _holds(context, sign, left, right, orequal=orequal))


def _holds(context: Context, sign: str, left: Node, right: Node, *, orequal: bool) -> bool:
    one: object
    other: object
    if left.tag == TIME or (left.tag == STR and _date(context, left.value) is not None):
        one, other = _moment(context, left.value), _moment(context, right.value)
    elif left.tag in _NUMBERS and right.tag in _NUMBERS:
        exact = left.tag == right.tag == INT
        one, other = [whole_number(it.value) if exact else real(it.value) for it in (left, right)]
    elif left.tag == right.tag == STR:
        one, other = left.value, right.value
    elif NULL in (left.tag, right.tag):
        return orequal and left.tag == right.tag
    else:
        raise Failure(f"cannot compare {left.tag} with {right.tag}")
    if one == other:
        return orequal
    return one > other if sign[0] == ">" else one < other  # type: ignore[operator, no-any-return]


# -- dates -------------------------------------------------------------------------------------------------------------


def _is_date(context: Context, node: Node) -> bool:
    return node.tag == TIME or (node.tag == STR and bool(context.layout) and _date(context, node.value) is not None)


def _date(context: Context, value: str) -> dates.Time | None:
    for layout in dict.fromkeys((context.layout or RFC3339, *((RFC3339, "2006-01-02") if not context.layout else ()))):
        try:
            return dates.must_to_date(layout, value)
        except Failure:
            continue
    return None


def _moment(context: Context, value: str) -> object:
    found = _date(context, value)
    if found is None:
        raise Failure(f"{value!r} is no date")
    return found.moment, found.nanos


def _moved(context: Context, value: str, change: str) -> str:
    found = _date(context, value)
    if found is None:
        raise Failure(f"{value!r} is no date")
    return dates.date(context.layout or RFC3339, found.plus(dates.parse_duration(change)))


# -- operators ---------------------------------------------------------------------------------------------------------


def _fixed(calculate: Calculation, *, empty: bool = False) -> Handler:
    def handler(run: Run, context: Context, tree: Tree) -> Context:
        return crossed(run, context.fixed(), tree, calculate, empty=empty)

    return handler


def _alternative(run: Run, context: Context, tree: Tree) -> Context:
    def choose(_context: Context, left: Node | None, right: Node | None) -> Node | None:
        return left if right is None or (left is not None and truth(left)) else right

    return crossed(run, context, tree, choose, empty=True, known=lambda left: left if truth(left) else None)


def _logical(stop: bool) -> Handler:
    def handler(run: Run, context: Context, tree: Tree) -> Context:
        return crossed(
            run,
            context.fixed(),
            tree,
            lambda _context, left, right: boolean(left or right, truth(right)),
            empty=True,
            known=lambda left: boolean(left, stop) if truth(left) is stop else None,
        )

    return handler


def _compare(run: Run, context: Context, tree: Tree) -> Context:
    sign = tree.operation.text
    return crossed(run, context, tree, lambda inner, left, right: compared(inner, sign, left, right), empty=True)


def _extreme(sign: str) -> Handler:
    def handler(_run: Run, context: Context, _tree: Tree) -> Context:
        found = []
        for node in context.nodes:
            children = node.children()
            if not children:
                continue
            best = children[0]
            for one in children[1:]:
                best = one if truth(compared(context, sign, one, best)) else best
            found.append(best)
        return context.child(found)

    return handler


def _contained(outer: Node, inner: Node) -> bool:
    if outer.kind == SEQUENCE:
        wanted = inner.content if inner.kind == SEQUENCE else [inner]
        return all(any(_contained(one, want) for one in outer.content) for want in wanted)
    if outer.kind == MAPPING:
        if inner.kind != MAPPING:
            return False
        own = {key.value: value for key, value in outer.pairs()}
        return all(key.value in own and _contained(own[key.value], value) for key, value in inner.pairs())
    if inner.kind != SCALAR or outer.tag != inner.tag:
        return False
    return inner.value in outer.value if outer.tag == STR else outer.tag == NULL or outer.value == inner.value


def _contains(run: Run, context: Context, tree: Tree) -> Context:
    def calculate(_context: Context, left: Node | None, right: Node | None) -> Node | None:
        if left is None or right is None:
            return None
        if left.kind != right.kind:
            raise Failure(f"{right.tag} cannot be contained in {left.tag}")
        return boolean(left, _contained(left, right))

    return crossed(run, context.fixed(), Tree(tree.operation, None, tree.right), calculate)


ARITHMETIC: Mapping[str, Handler] = {
    "+": _fixed(add, empty=True), "-": _fixed(subtract), "/": _fixed(divide), "%": _fixed(modulo),
    "==": lambda run, context, tree: crossed(
        run, context, tree, lambda _, left, right: boolean(left or right, same(left, right)), empty=True
    ),
    "!=": _fixed(lambda _, left, right: boolean(left or right, not same(left, right)), empty=True),
    "compare": _compare, "min": _extreme("<"), "max": _extreme(">"), "//": _alternative,
    "or": _logical(stop=True), "and": _logical(stop=False), "contains": _contains,
}  # fmt: skip
