"""Actions as closures, so that rendering is a chain of calls: `run(state, dot)` prints; what it gives is a jump."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from gaia.golang.gotemplate import nodes
from gaia.golang.gotemplate.expressions import pipeline
from gaia.golang.gotemplate.printing import text_of
from gaia.golang.gotemplate.state import Body, Run, State
from gaia.golang.gotemplate.values import MISSING, Failure, Int64, Missing, Object, is_int, truth, type_name

MAX_CALLS: Final = 100
"""Of templates within templates."""
_BREAK: Final = 1
_CONTINUE: Final = 2


def compiled(definition: nodes.Definition) -> Body:
    """A template as something that can be run."""
    return Body(_sequence(definition.body), definition.slots)


def _sequence(body: tuple[nodes.Node, ...]) -> Run:
    runs = [_node(node) for node in body]
    if len(runs) == 1:
        return runs[0]

    def run(state: State, dot: object) -> object:
        for one in runs:
            jump = one(state, dot)
            if jump:
                return jump
        return None

    return run


def _node(node: nodes.Node) -> Run:
    if isinstance(node, nodes.Text):
        return _text(node.text)
    if isinstance(node, nodes.Action):
        return _action(node)
    if isinstance(node, nodes.Branch):
        return _branch(node)
    if isinstance(node, nodes.Range):
        return _range(node)
    if isinstance(node, nodes.Call):
        return _call(node)
    jump = _BREAK if node.kind == "break" else _CONTINUE
    return lambda _state, _dot: jump


def _text(text: str) -> Run:
    def run(state: State, _dot: object) -> None:
        state.grow(text, 0)

    return run


def _action(node: nodes.Action) -> Run:
    evaluate = pipeline(node.pipe)
    at = node.at
    if node.pipe.slots:

        def declare(state: State, dot: object) -> None:
            state.step(at)
            evaluate(state, dot)

        return declare

    def run(state: State, dot: object) -> None:
        state.step(at)
        value = evaluate(state, dot)
        if type(value) is not str:
            if callable(value) and not isinstance(value, Object):
                raise Failure(f"can't print {node.pipe.text} of type {type_name(value)}", at)
            value = text_of(value)
        state.grow(value, at)

    return run


def _branch(node: nodes.Branch) -> Run:
    evaluate, body, otherwise = pipeline(node.pipe), _sequence(node.body), _sequence(node.otherwise)
    is_with = node.kind == "with"
    at = node.at

    def run(state: State, dot: object) -> object:
        state.step(at)
        value = evaluate(state, dot)
        if truth(value):
            return body(state, value if is_with else dot)
        return otherwise(state, dot)

    return run


def _range(node: nodes.Range) -> Run:
    evaluate, body, otherwise = pipeline(node.pipe), _sequence(node.body), _sequence(node.otherwise)
    slots = node.pipe.slots
    index_slot = slots[0] if len(slots) > 1 else -1
    element_slot = slots[-1] if slots else -1
    at = node.at

    def run(state: State, dot: object) -> object:
        state.step(at)
        value = evaluate(state, dot)
        ran = False
        for index, element in _elements(value, at, pairs=index_slot >= 0):
            ran = True
            state.step(at)
            if element_slot >= 0:
                state.variables[element_slot] = element
                if index_slot >= 0:
                    state.variables[index_slot] = index
            if body(state, element) == _BREAK:
                break
        return None if ran else otherwise(state, dot)

    return run


def _elements(value: object, at: int, *, pairs: bool) -> Iterable[tuple[object, object]]:
    """What `range` goes over: pairs of index or key and element."""
    if isinstance(value, (list, tuple)):
        return enumerate(value)
    if isinstance(value, Mapping):
        return [(key, value[key]) for key in sorted(value)]
    if isinstance(value, Missing) or value is None:
        return ()
    if isinstance(value, int) and is_int(value):
        if pairs:
            raise Failure(f"can't use {value} to iterate over more than one variable", at)
        wrap = Int64 if isinstance(value, Int64) else int
        return ((MISSING, wrap(number)) for number in range(value))
    if isinstance(value, bytes):
        return enumerate(value)
    raise Failure(f"range can't iterate over {text_of(value)}", at)


def _call(node: nodes.Call) -> Run:
    evaluate = pipeline(node.pipe) if node.pipe else None
    name, at = node.name, node.at

    def run(state: State, dot: object) -> None:
        state.step(at)
        body = state.templates.get(name)
        if body is None:
            raise Failure(f'template "{name}" not defined', at)
        if state.depth >= MAX_CALLS:
            raise Failure(f"exceeded maximum template depth ({MAX_CALLS})", at, "template-too-long")
        argument = evaluate(state, dot) if evaluate else MISSING
        state.depth += 1
        body.start(state, argument)
        state.depth -= 1

    return run
