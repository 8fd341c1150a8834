"""The part of yq's language that configuration uses: paths, `//`, pipes, and the plain operators and functions.

Rules of yq v4 that are easy to miss: operators of one rank group to the right, `|` binds tighter than `and`, a field of
a scalar is nothing, `==` compares scalars by their text, and maps go in the order in which YAML is written.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from gaia.errors import Invalid
from gaia.golang.gotemplate.sprig import encoding
from gaia.golang.gotemplate.sprig.convert import parse_integer
from gaia.golang.gotemplate.values import Failure
from gaia.golang.yqfunctions import (
    CONSTANTS,
    OPERATORS,
    PLAIN,
    WITH_ARGUMENT,
    Evaluate,
    child,
    elements,
    one_of,
    part,
    text_of,
    to_json,
    truth,
    unsupported,
)

MAX_LENGTH: Final = 4096
MAX_DEPTH: Final = 100
MAX_RESULTS: Final = 100_000

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<field>\.[A-Za-z_0-9$@*+-][^\s{}:\[\],|.()=!?]*)|(?P<quoted>\.\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<string>\"(?:[^\"\\]|\\.)*\")|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<operator>\|=|//|==|!=|>=|<=|\.\.|[|,+*/%<>=()\[\]{}:.?-])|(?P<word>[@$]?[A-Za-z_][A-Za-z_0-9]*))"
)
_RANKS: Final = {
    ",": 10, "or": 20, "and": 20, "|": 30, "==": 40, "!=": 40, "<": 40, "<=": 40, ">": 40, ">=": 40, "+": 42,
    "-": 42, "*": 42, "/": 42, "%": 42, "//": 42,
}  # fmt: skip


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


def evaluate(expression: str, value: object) -> object:
    """The one result of `expression` on `value`; None if there is none. The caller sets positions.

    Raises:
        Invalid: `not-supported` names an operator of yq that is left out, or that there are several results;
            `yq-expression` says what is wrong with the expression or with its value.
    """
    try:
        results = _compiled(expression)(value)
    except Failure as failure:
        raise _wrong(f"{expression}: {failure.message}") from failure
    if len(results) > 1:
        raise unsupported(f"{expression} gives {len(results)} results", "Put it into [ ] to get a list.")
    return results[0] if results else None


def _wrong(message: str) -> Invalid:
    return Invalid("yq-expression", message, next_step="Correct the expression, or the value it works on.")


@lru_cache(maxsize=1024)
def _compiled(expression: str) -> Evaluate:
    if len(expression) > MAX_LENGTH:
        raise _wrong(f"an expression of more than {MAX_LENGTH} characters")
    parser = _Parser(expression)
    found = parser.expression(0)
    parser.expect("")
    return found


class _Parser:
    """One pass over the tokens, by the rank of operators."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[_Token] = []
        at = 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if match is None:
                raise _wrong(f"{text}: cannot be read from {text[at:].strip()[:20]!r} on")
            kind = match.lastgroup or ""
            self.tokens.append(_Token(kind, match[kind], match.start(kind)))
            at = match.end()
        self.tokens.append(_Token("end", "", len(text)))
        self.index = 0
        self.depth = 0

    def peek(self) -> _Token:
        return self.tokens[self.index]

    def next(self) -> _Token:
        token = self.tokens[self.index]
        self.index += token.kind != "end"
        return token

    def expect(self, text: str) -> None:
        token = self.next()
        if token.text != text or token.kind not in ("operator", "end"):
            wanted = f"{text!r} is missing" if text else "one operator is missing"
            raise _wrong(f"{self.text}: {wanted} before {token.text!r}")

    def expression(self, rank: int) -> Evaluate:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _wrong(f"nested deeper than {MAX_DEPTH} levels")
        left = self.postfix(self.primary())
        while (operator := self.peek()).kind in ("operator", "word") and _RANKS.get(operator.text, -1) >= rank:
            self.next()
            left = _binary(operator.text, left, self.expression(_RANKS[operator.text]))
        self.depth -= 1
        if operator.text in ("=", "|="):
            raise unsupported(f"the assignment {operator.text}")
        return left

    def primary(self) -> Evaluate:
        token = self.next()
        if token.kind in ("field", "quoted"):
            return _at(_identity, _constant(_name(token)))
        if token.kind == "string":
            return _constant(_unquoted(token.text))
        if token.kind == "number":
            return _constant(_number(token.text))
        if token.kind == "word":
            return self.word(token)
        if token.text == ".":
            return _identity
        if token.text == "(":
            inner = self.expression(0)
            self.expect(")")
            return inner
        if token.text == "[":
            return self.list()
        if token.text == "{":
            return self.map()
        if token.text == "..":
            raise unsupported("the operator ..")
        raise _wrong(f"{self.text}: {token.text or 'the end'!r} where a value must stand")

    def postfix(self, base: Evaluate) -> Evaluate:
        while True:
            token = self.peek()
            if token.kind in ("field", "quoted"):
                self.next()
                base = _at(base, _constant(_name(token)))
            elif token.text == "[" and token.kind == "operator":
                self.next()
                base = self.brackets(base)
            elif token.kind == "operator" and (token.text == "?" or self._dot_before_brackets()):
                self.next()
            else:
                return base

    def _dot_before_brackets(self) -> bool:
        return self.peek().text == "." and self.tokens[self.index + 1].text == "["

    def brackets(self, base: Evaluate) -> Evaluate:
        if self.peek().text == "]":
            self.next()
            return lambda value: [one for inner in base(value) for one in elements(inner)]
        start = _constant(None) if self.peek().text == ":" else self.expression(11)
        if self.peek().text != ":":
            self.expect("]")
            return _at(base, start)
        self.next()
        end = _constant(None) if self.peek().text == "]" else self.expression(11)
        self.expect("]")
        return lambda value: [
            part(one, low, high) for one in base(value) for low in start(value) for high in end(value)
        ]

    def list(self) -> Evaluate:
        if self.peek().text == "]":
            self.next()
            return lambda _value: [[]]
        inner = self.expression(0)
        self.expect("]")
        return lambda value: [inner(value)]

    def map(self) -> Evaluate:
        pairs: list[tuple[Evaluate, Evaluate]] = []
        while self.peek().text != "}":
            key = self.expression(43)
            self.expect(":")
            pairs.append((key, self.expression(11)))
            if self.peek().text == ",":
                self.next()
        self.next()
        return lambda value: [{text_of(one_of(key(value))): one_of(inner(value)) for key, inner in pairs}]

    def word(self, token: _Token) -> Evaluate:
        name = token.text
        if name in CONSTANTS:
            return _constant(CONSTANTS[name])
        if name in PLAIN:
            function = PLAIN[name]
            if name == "to_json" and self.peek().text == "(":
                indent = one_of(self.argument()(None))
                return lambda value: [to_json(value) if indent else encoding.must_to_raw_json(value)]
            return lambda value: [function(value)]
        if name in WITH_ARGUMENT:
            call, argument = WITH_ARGUMENT[name], self.argument()
            return lambda value: call(value, argument)
        raise unsupported(f"the operator {name}")

    def argument(self) -> Evaluate:
        self.expect("(")
        inner = self.expression(0)
        self.expect(")")
        return inner


def _identity(value: object) -> list[object]:
    return [value]


def _constant(value: object) -> Evaluate:
    return lambda _value: [value]


def _name(token: _Token) -> str:
    return token.text[1:] if token.kind == "field" else _unquoted(token.text[1:])


def _unquoted(text: str) -> str:
    simple = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
    return re.sub(r"\\(.)", lambda match: simple.get(match[1], match[0]), text[1:-1], flags=re.DOTALL)


def _number(text: str) -> object:
    whole = parse_integer(text)
    return whole if whole is not None else float(text)


def _at(base: Evaluate, key: Evaluate) -> Evaluate:
    def run(value: object) -> list[object]:
        reached: list[object] = []
        for one in base(value):
            for name in key(value):
                reached += child(one, name)
        return reached

    return run


def _binary(operator: str, left: Evaluate, right: Evaluate) -> Evaluate:
    if operator == "|":
        return lambda value: _limited([one for inner in left(value) for one in right(inner)])
    if operator == ",":
        return lambda value: [*left(value), *right(value)]
    if operator == "//":
        return lambda value: [one for one in left(value) if truth(one)] or right(value)
    if operator == "and":
        return lambda value: [truth(one_of(left(value))) and truth(one_of(right(value)))]
    if operator == "or":
        return lambda value: [truth(one_of(left(value))) or truth(one_of(right(value)))]
    calculate = OPERATORS[operator]
    return lambda value: [calculate(one, other) for one in left(value) for other in right(value)]


def _limited(values: list[object]) -> list[object]:
    if len(values) > MAX_RESULTS:
        raise Failure(f"more than {MAX_RESULTS:,} results")
    return values
