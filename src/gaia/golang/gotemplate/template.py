"""`parse` and `Template`: the door to Go's text/template."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from gaia.errors import Invalid, Position
from gaia.golang.gotemplate.builtin import BUILTINS
from gaia.golang.gotemplate.compiler import compiled
from gaia.golang.gotemplate.parser import Parser
from gaia.golang.gotemplate.state import Body, State
from gaia.golang.gotemplate.values import MAX_TEXT, MISSING, MUTATES, Failure, deep_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CACHED_TEXT = 2**16


@dataclass(frozen=True, slots=True)
class _Program:
    """A compiled text, independent of what it is called."""

    main: Body
    templates: Mapping[str, Body]
    functions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A template that is ready to be rendered, many times and from several threads."""

    name: str
    text: str
    line: int
    program: _Program

    def render(
        self,
        data: object,
        functions: Mapping[str, Callable[..., object]],
        *,
        missing: Literal["default", "error"] = "default",
    ) -> str:
        """The text for `data`. `functions` come on top of Go's builtins; their annotations say what they take.

        With `missing="error"` a key that a map lacks is a failure, else it is the text `<no value>`. `data` is left as
        it is.

        Raises:
            Invalid: `template-syntax` (a function that there is not), `template-missing-key`, `template-failed`,
                `template-too-long`; at the action.
        """
        try:
            return self._render(data, functions, strict=missing == "error")
        except Failure as failure:
            raise _invalid(failure, self.name, self.text, self.line) from failure
        except RecursionError:
            deep = Failure("values or actions are nested too deep", 0, "template-too-long")
            raise _invalid(deep, self.name, self.text, self.line) from None

    def _render(self, data: object, functions: Mapping[str, Callable[..., object]], *, strict: bool) -> str:
        program = self.program
        if program.functions:
            functions = _known(program.functions, functions)
            if any(hasattr(function, MUTATES) for function in functions.values()):
                data = deep_copy(data)
        state = State(functions, program.templates, strict=strict)
        program.main.start(state, MISSING if data is None else data)
        text = "".join(state.out)
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:
                raise Failure("the output is not valid UTF-8", 0) from None
        return text


def _known(
    used: tuple[tuple[str, int], ...], functions: Mapping[str, Callable[..., object]]
) -> dict[str, Callable[..., object]]:
    """The functions that a template names."""
    found: dict[str, Callable[..., object]] = {}
    for name, at in used:
        function = functions.get(name) or BUILTINS.get(name)
        if function is None:
            raise Failure(f'function "{name}" not defined', at, "template-syntax")
        found[name] = function
    return found


def parse(text: str, *, name: str, left: str = "{{", right: str = "}}", line: int = 1) -> Template:
    """Parse and compile `text`. `name` is the file that positions name; `line` is where in it the text begins.

    Raises:
        Invalid: `template-syntax`, `template-too-long`; with a position.
    """
    if len(text) > MAX_TEXT:
        large = Failure(f"the template is larger than {MAX_TEXT // 2**20} MiB", 0, "template-too-long")
        raise _invalid(large, name, text, line)
    try:
        program = _cached(text, left, right) if len(text) <= _CACHED_TEXT else _program(text, left, right)
    except Failure as failure:
        raise _invalid(failure, name, text, line) from failure
    except RecursionError:
        deep = Failure("the template is nested too deep", 0, "template-syntax")
        raise _invalid(deep, name, text, line) from None
    return Template(name, text, line, program)


def _program(text: str, left: str, right: str) -> _Program:
    parser = Parser(text, left or "{{", right or "}}")
    main = parser.document()
    templates = {name: compiled(definition) for name, definition in parser.definitions.items()}
    used = tuple((name, at) for name, at in parser.functions.items())
    return _Program(compiled(main), templates, used)


@lru_cache(maxsize=4096)
def _cached(text: str, left: str, right: str) -> _Program:
    return _program(text, left, right)


def _invalid(failure: Failure, name: str, text: str, line: int) -> Invalid:
    before = text[: max(failure.at, 0)]
    at = Position(name, line + before.count("\n"), len(before) - before.rfind("\n"))
    message = failure.message
    if failure.code == "template-syntax":
        return Invalid("template-syntax", message, at=at, next_step="Correct the template at this place.")
    if failure.code == "template-missing-key":
        step = "Set the key, or give a value with `default`."
        return Invalid("template-missing-key", message, at=at, next_step=step)
    if failure.code == "template-too-long":
        return Invalid("template-too-long", message, at=at, next_step="Make the template produce less.")
    step = "Correct the expression at this place, or the value it works on."
    return Invalid("template-failed", message, at=at, next_step=step)
