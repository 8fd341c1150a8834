"""From words to an expression, by the rank of operators; operators of one rank group to the right."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.values import Failure
from gaia.golang.yq.lexer import Token, tokens
from gaia.golang.yq.model import Operation, Tree

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LENGTH: Final = 4096
_TWO: Final = {
    ";": 10, ",": 10, "create-map": 15, "or": 20, "and": 20, "|": 30, "ireduce": 35, "=": 40, "+=": 40, "-=": 40,
    "as": 40, "set-comment": 40, "set-comments": 40, "set-style": 40, "set-tag": 40, "set-anchor": 40, "set-alias": 40,
    "==": 40, "!=": 40, "compare": 40, "*": 42, "*=": 42, "/": 42, "%": 42, "+": 42, "-": 42, "//": 42, ".": 45,
    "index": 50,
}  # fmt: skip
"""Operators between two expressions, with their ranks."""
_ONE: Final = {
    "del": 40, "collect": 50, "error": 50, "format_datetime": 50, "with_dtf": 50, "tz": 50, "contains": 50,
    "any_c": 50, "all_c": 50, "with_entries": 50, "setpath": 50, "join": 50, "sub": 50, "match": 50, "capture": 50,
    "test": 50, "has": 50, "map": 52, "filter": 52, "pick": 52, "omit": 52, "eval": 52, "map_values": 52, "with": 52,
    "delpaths": 52, "explode": 52, "sort_by": 52, "first": 52, "sort_keys": 52, "split": 52, "load": 52, "select": 52,
    "unique_by": 52, "group_by": 52,
}  # fmt: skip
"""Operators before one."""
_NONE: Final = {
    "min": 40, "max": 40, "to_entries": 52, "split_doc": 52, "variable": 55, "path": 52, "reverse": 52, "sort": 52,
    "shuffle": 52, "keys": 52, "at": 55, "self": 55, "env": 52, "unique": 52, "flatten": 52, "pivot": 52,
}  # fmt: skip
"""Ranks of the rest, where they are not 50."""
_CLOSING: Final = {")": "(", "]": "[", "}": "{"}


def _rank(operation: Operation) -> int:
    name = operation.name
    return _TWO.get(name) or _ONE.get(name) or _NONE.get(name, 50)


@lru_cache(maxsize=1024)
def parse(expression: str) -> Tree | None:
    """The expression; None for an empty one.

    Raises:
        Failure: it is none, or too long.
    """
    if len(expression) > MAX_LENGTH:
        raise Failure(f"an expression of more than {MAX_LENGTH} characters")
    return _tree(_postfix(tokens(expression)))


def _postfix(found: Sequence[Token]) -> list[Operation]:
    result: list[Operation] = []
    waiting: list[Token] = [Token("(")]
    for token in [*found, Token(")")]:
        if token.kind in ("(", "[", "{"):
            waiting.append(token)
        elif token.kind in _CLOSING:
            _close(token, waiting, result)
        elif token.operation is not None:
            rank = _rank(token.operation)
            while waiting and waiting[-1].operation is not None and _rank(waiting[-1].operation) > rank:
                result.append(_taken(waiting))
            waiting.append(token)
    if waiting:
        raise Failure("a bracket is not closed")
    return result


def _close(token: Token, waiting: list[Token], result: list[Operation]) -> None:
    opening = _CLOSING[token.kind]
    while waiting and waiting[-1].kind != opening:
        if waiting[-1].operation is None:
            raise Failure(f"the closing bracket of {waiting[-1].kind!r} is missing")
        result.append(_taken(waiting))
    if not waiting:
        raise Failure(f"the opening bracket of {token.kind!r} is missing")
    waiting.pop()
    if token.kind == ")":
        return
    result.append(Operation("collect" if token.kind == "]" else "collect-map"))
    if token.kind == "}":
        result.append(Operation("."))
    last = waiting[-1].operation if waiting else None
    if last is not None and last.name == "index":
        last.flags = "?" if token.text[-1:] == "?" else ""
        result.append(_taken(waiting))


def _taken(waiting: list[Token]) -> Operation:
    operation = waiting.pop().operation
    if operation is None:
        raise Failure("a bracket is not closed")
    return operation


def _tree(operations: Sequence[Operation]) -> Tree | None:
    stack: list[Tree] = []
    for operation in operations:
        tree = Tree(operation)
        name = operation.name
        if name in _TWO:
            if len(stack) < 2:
                raise Failure(f"{operation.text or name!r} needs an expression on both sides")
            tree.right, tree.left = stack.pop(), stack.pop()
        elif name in _ONE:
            if stack:
                tree.right = stack.pop()
            elif name != "first":
                raise Failure(f"{operation.text or name!r} needs an argument")
        stack.append(tree)
    if len(stack) > 1:
        raise Failure("two expressions stand side by side: an operator between them is missing")
    return stack[0] if stack else None
