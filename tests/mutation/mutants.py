"""The mutants of a module: its source with one small change, and a sample of them that a seed repeats."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.mutation.changes import NOT_ASKED, Change, changes

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

A_LINE = 2
"""At most so many mutants of one line in a sample: ten of one long expression say less than two."""
UNREAD = {"annotation", "returns", "decorator_list", "bases", "ctx", "type_params"}
"""Fields that say something to readers and to mypy, or are no expression."""
Path = tuple[tuple[str, int | None], ...]
"""Fields and indexes that lead from the module to a node."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of a module. `text` names it: the function, and what is changed in it."""

    line: int
    text: str
    change: Change
    path: Path

    def applied(self, source: str) -> str:
        """The changed source. Formatting and comments are lost."""
        tree = ast.parse(source)
        *way, (field, index) = self.path
        parent: ast.AST = tree
        for name, at in way:
            parent = _child(parent, name, at)
        if index is None:
            setattr(parent, field, self.change.node)
        else:
            getattr(parent, field)[index] = self.change.node
        return ast.unparse(ast.fix_missing_locations(tree))


def mutants(source: str) -> list[Mutant]:
    """All of them, in the order of the file."""
    return list(_walk(ast.parse(source), (), "", 0))


def sample(source: str, most: int, chance: random.Random) -> list[Mutant]:
    """At most so many, by weight and without those that do not compile or change nothing."""
    unchanged = ast.unparse(ast.parse(source))
    drawn = sorted(mutants(source), key=lambda mutant: -(chance.random() ** (1 / mutant.change.weight)))
    chosen: list[Mutant] = []
    for mutant in drawn:
        if len(chosen) == most:
            break
        if sum(each.line == mutant.line for each in chosen) < A_LINE and _differs(mutant, source, unchanged):
            chosen.append(mutant)
    return sorted(chosen, key=lambda mutant: mutant.line)


def _differs(mutant: Mutant, source: str, unchanged: str) -> bool:
    changed = mutant.applied(source)
    try:
        compile(changed, "mutant", "exec")
    except SyntaxError:
        return False
    return changed != unchanged


def _child(node: ast.AST, field: str, index: int | None) -> ast.AST:
    value = getattr(node, field)
    found: ast.AST = value if index is None else value[index]
    return found


def _walk(node: ast.AST, path: Path, inside: str, line: int) -> Iterator[Mutant]:
    line = getattr(node, "lineno", line)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        inside = f"{inside}.{node.name}".lstrip(".")
    if path:
        for change in changes(node):
            yield Mutant(line, f"{inside or 'module'}: {change.text}", change, path)
    for field, value in ast.iter_fields(node):
        if field in UNREAD:
            continue
        for index, child in enumerate(value) if isinstance(value, list) else ((None, value),):
            if isinstance(child, ast.AST) and not _left_alone(node, field, child):
                yield from _walk(child, (*path, (field, index)), inside, line)


def _left_alone(parent: ast.AST, field: str, node: ast.AST) -> bool:
    """Whether a change of this could not be noticed, or is noticed by reading only."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr):
        return True
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return True
    if isinstance(node, ast.keyword):
        return node.arg in NOT_ASKED
    if isinstance(parent, ast.Expr):  # a docstring
        return isinstance(node, ast.Constant)
    if isinstance(parent, ast.Subscript) and field == "slice":  # a type's arguments
        return not isinstance(node, ast.Constant | ast.Slice | ast.Name | ast.UnaryOp)
    if isinstance(parent, ast.Call) and ast.unparse(parent.func) == "cast" and parent.args:
        return node is parent.args[0]
    return isinstance(parent, ast.Assign) and (_is_type(parent.value) or ast.unparse(parent.targets[0]) == "__all__")


def _is_type(value: ast.expr) -> bool:
    return isinstance(value, ast.Subscript) and ast.unparse(value.value) in {
        "Literal", "tuple", "dict", "list", "Mapping", "Callable",
    }  # fmt: skip
