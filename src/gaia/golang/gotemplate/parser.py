"""From tokens to the parts of a template, by the grammar of Go's text/template.

Which functions there are is known at rendering only; the names used are collected here.
"""

from __future__ import annotations

from typing import Final

from gaia.golang.gotemplate.lexer import Token, tokens
from gaia.golang.gotemplate.literals import number, unquote
from gaia.golang.gotemplate.nodes import (
    Action,
    Branch,
    Call,
    Chain,
    Definition,
    Dot,
    Field,
    Function,
    Jump,
    Literal,
    Nil,
    Node,
    Operand,
    Pipe,
    Range,
    Text,
    Variable,
)
from gaia.golang.gotemplate.values import Failure

MAX_DEPTH: Final = 200
"""Of actions in actions and of parentheses in parentheses."""
_OPERANDS: Final = frozenset(
    (
        "bool",
        "character",
        "complex",
        "dot",
        "field",
        "identifier",
        "number",
        "nil",
        "raw",
        "string",
        "variable",
        "lparen",
    )
)


def syntax(message: str, at: int) -> Failure:
    """The failure of a text that is no template."""
    return Failure(message, at, "template-syntax")


class Parser:
    """One pass over the tokens of one text."""

    def __init__(self, text: str, left: str, right: str) -> None:
        self.text = text
        self.tokens = tokens(text, left, right)
        self.index = 0
        self.definitions: dict[str, Definition] = {}
        self.functions: dict[str, int] = {}
        self.scope: list[tuple[str, int]] = [("$", 0)]
        self.pending: list[list[tuple[str, int]]] = []
        self.slots = 1
        self.loops = 0
        self.depth = 0

    # -- tokens ------------------------------------------------------------------------------------------------------

    def _next(self) -> Token:
        token = self.tokens[self.index]
        if token.kind not in ("eof", "error"):
            self.index += 1
        return token

    def _peek(self) -> Token:
        return self.tokens[self.index]

    def _skip_space(self) -> Token:
        if self.tokens[self.index].kind == "space":
            self.index += 1
        return self.tokens[self.index]

    def _next_word(self) -> Token:
        self._skip_space()
        return self._next()

    def _unexpected(self, token: Token, context: str) -> Failure:
        if token.kind == "error":
            return syntax(token.text, token.at)
        shown = token.text if token.kind in ("eof", "left", "right") else f'"{token.text}"'
        return syntax(f"unexpected {shown} in {context}", token.at)

    def _expect(self, kind: str, context: str) -> Token:
        token = self._next_word()
        if token.kind != kind:
            raise self._unexpected(token, context)
        return token

    # -- blocks ------------------------------------------------------------------------------------------------------

    def document(self) -> Definition:
        """The template that the text is; the ones defined in it are in `definitions`."""
        body: list[Node] = []
        while self._peek().kind != "eof":
            if self._peek().kind == "left" and self._starts_definition():
                self._definition()
                continue
            node = self._node()
            if isinstance(node, Token):
                raise syntax(f"unexpected {{{{{node.kind}}}}}", node.at)
            body.append(node)
        return Definition(tuple(body), self.slots)

    def _starts_definition(self) -> bool:
        after = self.index + 1
        if self.tokens[after].kind == "space":
            after += 1
        return self.tokens[after].kind == "define"

    def _definition(self) -> None:
        self._next()
        define = self._next_word()
        token = self._next_word()
        if token.kind not in ("string", "raw"):
            raise self._unexpected(token, "define clause")
        name = unquote(token.text, token.at)
        self._expect("right", "define clause")
        self._add(name, define.at)

    def _add(self, name: str, at: int) -> None:
        """Parse the body of the definition `name`, which has a frame of its own."""
        outer = self.scope, self.slots, self.loops
        self.scope, self.slots, self.loops = [("$", 0)], 1, 0
        body, end = self._items()
        if end.kind != "end":
            raise syntax("unexpected {{else}} in define clause", end.at)
        known = self.definitions.get(name)
        if known is None or _is_empty(known.body):
            self.definitions[name] = Definition(body, self.slots)
        elif not _is_empty(body):
            raise syntax(f'multiple definition of template "{name}"', at)
        self.scope, self.slots, self.loops = outer

    def _items(self) -> tuple[tuple[Node, ...], Token]:
        """Nodes up to `end` or `else`, and that token."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise syntax(f"actions are nested deeper than {MAX_DEPTH} levels", self._peek().at)
        body: list[Node] = []
        while self._peek().kind != "eof":
            node = self._node()
            if isinstance(node, Token):
                self.depth -= 1
                return tuple(body), node
            body.append(node)
        raise syntax("unexpected EOF: an action is not closed with {{end}}", self._peek().at)

    def _node(self) -> Node | Token:
        """One text or action; the token itself for `end` and `else`."""
        token = self._next_word()
        if token.kind == "text":
            return Text(token.text)
        if token.kind != "left":
            raise self._unexpected(token, "input")
        word = self._skip_space()
        if word.kind in ("if", "with", "range"):
            self._next()
            return self._control(word)
        if word.kind == "end":
            self._next()
            self._expect("right", "end")
            return word
        if word.kind == "else":
            self._next()
            if self._skip_space().kind not in ("if", "with"):
                self._expect("right", "else")
            return word
        if word.kind in ("break", "continue"):
            return self._jump(word)
        if word.kind in ("template", "block"):
            return self._call(word)
        return Action(word.at, self._pipeline("command", "right"))

    def _jump(self, word: Token) -> Node:
        self._next()
        self._expect("right", f"{{{{{word.kind}}}}}")
        if not self.loops:
            raise syntax(f"{{{{{word.kind}}}}} outside {{{{range}}}}", word.at)
        return Jump(word.at, word.kind)

    def _call(self, word: Token) -> Node:
        self._next()
        context = f"{word.kind} clause"
        token = self._next_word()
        if token.kind not in ("string", "raw"):
            raise self._unexpected(token, context)
        name = unquote(token.text, token.at)
        pipe: Pipe | None = None
        if word.kind == "block":
            pipe = self._pipeline(context, "right")
            self._add(name, word.at)
        elif self._skip_space().kind == "right":
            self._next()
        else:
            pipe = self._pipeline(context, "right")
        return Call(word.at, name, pipe)

    def _control(self, word: Token) -> Node:
        kept = len(self.scope)
        pipe = self._pipeline(word.kind, "right")
        self.loops += word.kind == "range"
        body, end = self._items()
        self.loops -= word.kind == "range"
        otherwise: tuple[Node, ...] = ()
        if end.kind == "else":
            inner = self._peek()
            if inner.kind in ("if", "with") and inner.kind == word.kind:
                self._next()
                self.depth += 1
                if self.depth > MAX_DEPTH:
                    raise syntax(f"actions are nested deeper than {MAX_DEPTH} levels", inner.at)
                otherwise = (self._control(inner),)
                self.depth -= 1
            else:
                otherwise, end = self._items()
                if end.kind != "end":
                    raise syntax("expected end; found {{else}}", end.at)
        del self.scope[kept:]
        if word.kind == "range":
            return Range(word.at, pipe, body, otherwise)
        return Branch(word.at, word.kind, pipe, body, otherwise)

    # -- pipelines ---------------------------------------------------------------------------------------------------

    def _pipeline(self, context: str, end: str) -> Pipe:
        start = self._skip_space().at
        kept = len(self.scope)
        slots, assigns = self._declarations(context)
        # In its own pipeline a new variable is not there yet: `$x := f $x` reads the one before.
        declared, self.scope[kept:] = self.scope[kept:], []
        self.pending.append(declared)
        commands: list[tuple[Operand, ...]] = []
        while True:
            token = self._skip_space()
            if token.kind == end:
                self._next()
                break
            if token.kind not in _OPERANDS:
                raise self._unexpected(token, context)
            commands.append(self._command())
        if not commands:
            raise syntax(f"missing value for {context}", start)
        self.scope += self.pending.pop()
        for stage, command in enumerate(commands[1:], 2):
            if isinstance(command[0], (Literal, Dot, Nil)):
                raise syntax(f"non executable command in pipeline stage {stage}", command[0].at)
        return Pipe(start, self.text[start : token.at].strip(), tuple(commands), slots, assigns)

    def _declarations(self, context: str) -> tuple[tuple[int, ...], bool]:
        """The slots of `$x :=`, `$x =` and `$i, $x :=`, and whether they were there before."""
        names: list[str] = []
        while self._skip_space().kind == "variable":
            before = self.index
            variable = self._next()
            token = self._skip_space()
            if token.kind in ("assign", "declare"):
                self._next()
                names.append(variable.text)
                assigns = token.kind == "assign"
                return tuple(self._slot(name, assigns=assigns) for name in names), assigns
            if token.kind != "other" or token.text != ",":
                self.index = before
                break
            self._next()
            names.append(variable.text)
            if context != "range" or len(names) > 1:
                raise syntax(f"too many declarations in {context}", variable.at)
            if self._skip_space().kind not in ("variable", "right", "rparen"):
                raise syntax("range can only initialize variables", self._peek().at)
        return tuple(self._slot(name, assigns=False) for name in names), False

    def _slot(self, name: str, *, assigns: bool) -> int:
        """The slot to write `name` to. One that nobody declared stays unset, and reading it fails as it does in Go."""
        if assigns:
            for known, slot in reversed(self.scope):
                if known == name:
                    return slot
        self.slots += 1
        self.scope.append((name, self.slots - 1))
        return self.slots - 1

    def _command(self) -> tuple[Operand, ...]:
        operands: list[Operand] = []
        while True:
            self._skip_space()
            operand = self._operand()
            if operand is not None:
                operands.append(operand)
            token = self._peek()
            if token.kind == "space":
                self._next()
                continue
            if token.kind == "pipe":
                self._next()
            elif token.kind not in ("right", "rparen"):
                raise self._unexpected(token, "operand")
            break
        if not operands:
            raise syntax("empty command", self._peek().at)
        return tuple(operands)

    def _operand(self) -> Operand | None:
        term = self._term()
        if term is None or self._peek().kind != "field":
            return term
        names: list[str] = []
        while self._peek().kind == "field":
            names.append(self._next().text[1:])
        text = term.text + "".join("." + name for name in names)
        if isinstance(term, Field):
            return Field(term.at, text, (*term.names, *names))
        if isinstance(term, Variable):
            return Variable(term.at, text, term.slot, tuple(names))
        if isinstance(term, (Literal, Nil, Dot)):
            raise syntax(f'unexpected . after term "{term.text}"', term.at)
        return Chain(term.at, text, term, tuple(names))

    def _term(self) -> Operand | None:
        token = self._peek()
        kind, at, text = token
        if kind not in _OPERANDS:
            return None
        self._next()
        if kind == "identifier":
            self.functions.setdefault(text, at)
            return Function(at, text)
        if kind == "field":
            return Field(at, text, (text[1:],))
        if kind == "variable":
            return self._variable(token)
        if kind == "lparen":
            return self._parenthesis(token)
        if kind in ("string", "raw"):
            return Literal(at, text, unquote(text, at))
        if kind in ("character", "complex", "number"):
            return number(text, kind, at)
        if kind == "bool":
            return Literal(at, text, text == "true")
        return Nil(at) if kind == "nil" else Dot(at)

    def _variable(self, token: Token) -> Variable:
        later = [known for pending in self.pending for known in pending]
        for name, slot in (*reversed(self.scope), *later):
            if name == token.text:
                return Variable(token.at, token.text, slot, ())
        raise syntax(f'undefined variable "{token.text}"', token.at)

    def _parenthesis(self, token: Token) -> Pipe:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise syntax(f"parentheses are nested deeper than {MAX_DEPTH} levels", token.at)
        pipe = self._pipeline("parenthesized pipeline", "rparen")
        self.depth -= 1
        return Pipe(token.at, f"({pipe.text})", pipe.commands, pipe.slots, pipe.assigns)


def _is_empty(body: tuple[Node, ...]) -> bool:
    return all(isinstance(node, Text) and not node.text.strip() for node in body)
