"""Expressions as closures: `run(state, dot)` gives a value.

Rules of Go that are easy to miss: a pipeline turns nil into the absent value, on which every field is absent; a field
of a nil *inside* data is a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from gaia.golang.gotemplate import calls, nodes
from gaia.golang.gotemplate.state import UNSET, Absent, Run, State
from gaia.golang.gotemplate.values import MISSING, Failure, Missing, Object, truth, type_name

_ABSENT: Final = Absent()
"""No value comes from the command before."""


def pipeline(pipe: nodes.Pipe) -> Run:
    """The value of a pipeline, which its variables get too."""
    run = _commands(pipe)
    if not pipe.slots:
        return run
    slots, assigns, at = pipe.slots, pipe.assigns, pipe.at
    names = pipe.text.partition("=")[0].strip()

    def declare(state: State, dot: object) -> object:
        value = run(state, dot)
        for slot in slots:
            if assigns and state.variables[slot] is UNSET:
                raise Failure(f"undefined variable: {names}", at)
            state.variables[slot] = value
        return value

    return declare


def _commands(pipe: nodes.Pipe) -> Run:
    first = _command(pipe.commands[0])
    if len(pipe.commands) == 1:

        def single(state: State, dot: object) -> object:
            value = first(state, dot, _ABSENT)
            return MISSING if value is None else value

        return single
    rest = [_command(command) for command in pipe.commands[1:]]

    def several(state: State, dot: object) -> object:
        value = first(state, dot, _ABSENT)
        for command in rest:
            value = command(state, dot, MISSING if value is None else value)
        return MISSING if value is None else value

    return several


def _command(command: tuple[nodes.Operand, ...]) -> Callable[[State, object, object], object]:
    head, arguments = command[0], command[1:]
    if isinstance(head, nodes.Function):
        return _function(head, arguments)
    if isinstance(head, (nodes.Field, nodes.Variable, nodes.Chain)) and head.names:
        return _member(head, arguments)
    evaluate = _operand(head) if not isinstance(head, nodes.Nil) else _failing("nil is not a command", head.at)
    at = head.at

    def run(state: State, dot: object, final: object) -> object:
        if arguments or final is not _ABSENT:
            raise Failure(f"can't give argument to non-function {head.text}", at)
        return evaluate(state, dot)

    return run


def _operand(operand: nodes.Operand) -> Run:
    """The value of an operand on its own."""
    if isinstance(operand, nodes.Literal):
        value = operand.value
        return lambda _state, _dot: value
    if isinstance(operand, nodes.Dot):
        return lambda _state, dot: dot
    if isinstance(operand, nodes.Pipe):
        return pipeline(operand)
    if isinstance(operand, nodes.Variable) and not operand.names:
        return _variable(operand)
    if isinstance(operand, nodes.Field):
        return _field(operand)
    if isinstance(operand, nodes.Nil):
        return _failing("nil cannot stand here", operand.at)
    run = _function(operand, ()) if isinstance(operand, nodes.Function) else _member(operand, ())
    return lambda state, dot: run(state, dot, _ABSENT)


def _failing(message: str, at: int) -> Run:
    """What Go accepts as a template and refuses when it gets there."""

    def run(_state: State, _dot: object) -> object:
        raise Failure(message, at)

    return run


def _variable(operand: nodes.Variable) -> Run:
    slot, at, text = operand.slot, operand.at, operand.text

    def run(state: State, _dot: object) -> object:
        value = state.variables[slot]
        if value is UNSET:
            raise Failure(f"undefined variable: {text}", at)
        return value

    return run


def _field(operand: nodes.Field) -> Run:
    """`.a.b` without arguments: the commonest expression, so the shortest way."""
    names, at = operand.names, operand.at

    def run(state: State, dot: object) -> object:
        value = dot
        for depth, name in enumerate(names):
            if type(value) is dict:
                value = value.get(name, MISSING)
                if value is MISSING and state.strict:
                    raise _no_entry(name, at)
            else:
                value = _step(state, value, name, (depth, at))
        return value

    return run


def _no_entry(name: str, at: int) -> Failure:
    return Failure(f'map has no entry for key "{name}"', at, "template-missing-key")


def _step(state: State, value: object, name: str, where: tuple[int, int]) -> object:
    """The member `name` of `value`; `where` is how deep in the chain, and the offset."""
    depth, at = where
    if isinstance(value, Mapping):
        found: object = value.get(name, MISSING)
        if found is MISSING and state.strict:
            raise _no_entry(name, at)
        return found
    if isinstance(value, Missing):
        if state.strict:
            raise Failure(f'nil data; no entry for key "{name}"', at, "template-missing-key")
        return MISSING
    if value is None:
        raise Failure(f"nil pointer evaluating interface {{}}.{name}", at)
    if isinstance(value, Object):
        member = value.member(name)
        if member is not MISSING:
            return _invoke(member, name, at)
    raise Failure(f"can't evaluate field {name} in type {'interface {}' if depth else type_name(value)}", at)


def _invoke(member: object, name: str, at: int) -> object:
    """A field, or the result of a method without arguments."""
    if not callable(member) or isinstance(member, Object):
        return member
    calls.arity(name, calls.signature(member), 0, at)
    return calls.called(name, member, [], at)


def _member(
    head: nodes.Field | nodes.Variable | nodes.Chain, arguments: tuple[nodes.Operand, ...]
) -> Callable[[State, object, object], object]:
    """A chain of fields, of which the last may be a method that takes arguments."""
    base = _base(head)
    *before, last = head.names
    at, offset = head.at, 0 if isinstance(head, nodes.Field) else 1
    site = _Site(last, at, arguments)

    def run(state: State, dot: object, final: object) -> object:
        value = base(state, dot)
        for depth, name in enumerate(before):
            value = _step(state, value, name, (depth + offset, at))
        if isinstance(value, Object):
            member = value.member(last)
            if callable(member) and not isinstance(member, Object):
                return site.call(member, state, dot, final)
        elif isinstance(value, Missing):
            return _step(state, value, last, (0, at))
        if arguments or final is not _ABSENT:
            raise Failure(f"{last} is not a method but has arguments", at)
        return _step(state, value, last, (len(before), at))

    return run


def _base(head: nodes.Field | nodes.Variable | nodes.Chain) -> Run:
    if isinstance(head, nodes.Field):
        return lambda _state, dot: dot
    if isinstance(head, nodes.Variable):
        return _variable(head)
    if isinstance(head.base, nodes.Nil):
        return _failing(f"indirection through explicit nil in {head.text}", head.at)
    return _operand(head.base)


def _function(head: nodes.Function, arguments: tuple[nodes.Operand, ...]) -> Callable[[State, object, object], object]:
    name, at = head.text, head.at
    if name in ("and", "or"):
        return _shortcut(name, at, arguments)
    site = _Site(name, at, arguments)

    def run(state: State, dot: object, final: object) -> object:
        return site.call(state.functions[name], state, dot, final)

    return run


def _shortcut(name: str, at: int, arguments: tuple[nodes.Operand, ...]) -> Callable[[State, object, object], object]:
    """`and` and `or`: the first argument that decides, or the last one."""
    evaluates = [
        (lambda _state, _dot: MISSING) if isinstance(argument, nodes.Nil) else _operand(argument)
        for argument in arguments
    ]
    wanted = name == "or"

    def run(state: State, dot: object, final: object) -> object:
        value: object = MISSING
        if not evaluates and final is _ABSENT:
            raise Failure(f"wrong number of args for {name}: want at least 1 got 0", at)
        for evaluate in evaluates:
            value = evaluate(state, dot)
            if truth(value) == wanted:
                return value
        return value if final is _ABSENT else final

    return run


class _Site:
    """One place where a function is called. What its arguments must be is worked out once for each definition."""

    __slots__ = ("arguments", "at", "known", "name")

    def __init__(self, name: str, at: int, arguments: tuple[nodes.Operand, ...]) -> None:
        self.name = name
        self.at = at
        self.arguments = [
            (argument, None if isinstance(argument, (nodes.Literal, nodes.Nil)) else _operand(argument))
            for argument in arguments
        ]
        # One attribute, so that another thread sees a definition and its plans together.
        self.known: tuple[object, dict[bool, list[tuple[str, Run | None, object]]]] = (None, {})

    def plan(self, function: Callable[..., object], *, piped: bool) -> list[tuple[str, Run | None, object]]:
        """For each argument its Go type, and how to evaluate it or its constant value."""
        wants = calls.signature(function)
        given = len(self.arguments) + piped
        calls.arity(self.name, wants, given, self.at)
        types = [*wants.fixed, *[wants.rest or ""] * (given - len(wants.fixed))]
        steps: list[tuple[str, Run | None, object]] = []
        for (argument, run), go_type in zip(self.arguments, types, strict=False):
            if isinstance(argument, nodes.Literal):
                steps.append((go_type, None, calls.constant(argument, go_type)))
            elif isinstance(argument, nodes.Nil):
                steps.append((go_type, None, calls.nothing(go_type, argument.at)))
            else:
                steps.append((go_type, run, argument.at))
        if piped:
            steps.append((types[-1], None, _ABSENT))
        return steps

    def call(self, function: Callable[..., object], state: State, dot: object, final: object) -> object:
        """Evaluate the arguments in order, check each, and call."""
        known, plans = self.known
        made = calls.definition(function)
        if known is not made:
            plans = {}
            self.known = (made, plans)
        piped = final is not _ABSENT
        plan = plans.get(piped)
        if plan is None:
            plan = plans[piped] = self.plan(function, piped=piped)
        values: list[object] = []
        for go_type, run, constant in plan:
            if run is not None:
                value = run(state, dot)
            elif constant is _ABSENT:
                value = final
            else:
                values.append(constant)
                continue
            if go_type == "string" and type(value) is str:
                values.append(value)
                continue
            try:
                values.append(calls.checked(value, go_type))
            except Failure as failure:
                failure.at = constant if isinstance(constant, int) else self.at
                raise
        state.step(self.at)
        for value in values:
            state.charge(value, self.at)
        result = calls.called(self.name, function, values, self.at)
        state.charge(result, self.at)
        return result
