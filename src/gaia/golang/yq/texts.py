"""Operators on texts, regular expressions, numbers in texts, dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.golang.gotemplate.sprig import dates, regexps
from gaia.golang.gotemplate.values import Failure
from gaia.golang.yq.arithmetic import RFC3339, real, separate, whole_number
from gaia.golang.yq.collections import listed
from gaia.golang.yq.encoding import parsed_yaml, yaml_text
from gaia.golang.yq.model import (
    FLOAT,
    INT,
    MAP,
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
    each,
    null,
    pieces,
    right_of,
    scalar,
    sequence,
    text,
)  # fmt: skip
from gaia.golang.yq.parser import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _text(node: Node, what: str) -> str:
    if node.tag != STR:
        raise Failure(f"{what} needs a text, not {node.tag}")
    return node.value


def _changed(what: str, change: Callable[[str], str]) -> Handler:
    return each(lambda node: node.made(SCALAR, STR, change(_text(node, what))))


def _first(nodes: list[Node]) -> str:
    return nodes[0].value if nodes else ""


def _interpolated(run: Run, context: Context, tree: Tree) -> Context:
    """A text in quotes, with what the expressions in it give."""
    whole = tree.operation.text
    if "\\(" not in whole:
        return context.child([text(whole) for _ in separate(context)])
    return context.child([text(_filled(run, one, whole)) for one in separate(context)])


def _filled(run: Run, context: Context, whole: str) -> str:
    parts: list[str] = []
    at = 0
    while at < len(whole):
        if whole.startswith("\\(", at):
            end, inner = _expression(whole, at + 2)
            if end < 0:
                return whole
            found = run(context, parse(inner)).nodes
            if found:
                parts.append(found[0].value if found[0].kind == SCALAR else yaml_text(found[0]).rstrip("\n"))
            at = end
            continue
        at += whole.startswith("\\\\", at)
        parts.append(whole[at])
        at += 1
    return "".join(parts)


def _expression(whole: str, start: int) -> tuple[int, str]:
    """The end of an expression in a text, and the expression; -1 where it does not end."""
    depth, inner, at = 0, "", start
    while at < len(whole):
        char = whole[at]
        if char == ")" and not depth:
            return at + 1, inner
        depth += (char == "(") - (char == ")")
        if char == "\\" and whole[at + 1 : at + 2] in (")", "\\"):
            at += 1
            char = whole[at]
        inner += char
        at += 1
    return -1, ""


def _to_string(node: Node) -> Node:
    return node.made(SCALAR, STR, node.value if node.kind == SCALAR else yaml_text(node).rstrip("\n"))


def _to_number(node: Node) -> Node:
    if node.kind != SCALAR:
        raise Failure(f"cannot turn {node.tag} into a number")
    if node.tag in (INT, FLOAT):
        return node
    try:
        whole_number(node.value)
    except Failure:
        real(node.value)
        return node.made(SCALAR, FLOAT, node.value)
    return node.made(SCALAR, INT, node.value)


def _join(run: Run, context: Context, tree: Tree) -> Context:
    separator = _first(right_of(run, context, tree))

    def joined(node: Node) -> str:
        return separator.join("" if one.tag == NULL else one.value for one in listed(node, "join"))

    return context.child([node.made(SCALAR, STR, text(joined(node)).value) for node in context.nodes])


def _split(run: Run, context: Context, tree: Tree) -> Context:
    separator = _first(right_of(run, context, tree))
    found = []
    for node in context.nodes:
        if node.tag != NULL:
            made = node.made(SEQUENCE, "!!seq")
            made.extend(pieces(_text(node, "split"), separator))
            found.append(made)
    return context.child(found)


def _sub(run: Run, context: Context, tree: Tree) -> Context:
    if tree.right is None or tree.right.operation.name not in (";", ","):
        raise Failure("sub needs a regular expression and a replacement")
    pattern = _first(run(context.fixed(), tree.right.left).nodes)
    replacement = _first(run(context, tree.right.right).nodes)
    return context.child(
        [
            node.made(SCALAR, STR, regexps.replace_all(pattern, _text(node, "sub"), replacement))
            for node in context.nodes
        ]
    )


def _pattern(run: Run, context: Context, tree: Tree) -> tuple[str, bool]:
    """The regular expression, and whether all matches are meant."""
    if tree.right is None or tree.right.operation.name != ";":
        return _first(right_of(run, context, tree)), False
    options = _first(run(context, tree.right.right).nodes)
    if set(options) - {"g"}:
        raise Failure(f"match does not know the option {options!r}; a case is ignored with (?i)")
    return _first(run(context.fixed(), tree.right.left).nodes), "g" in options


def _test(run: Run, context: Context, tree: Tree) -> Context:
    pattern, _ = _pattern(run, context, tree)
    return context.child([boolean(node, regexps.match(pattern, _text(node, "test"))) for node in context.nodes])


def _found(where: regexps.Found) -> list[Node]:
    pairs = [text("string"), null() if where.text is None else text(where.text)]
    pairs += [text("offset"), scalar(INT, str(where.at))]
    pairs += [text("length"), scalar(INT, str(len((where.text or "").encode("utf-8", "surrogateescape"))))]
    return pairs + ([text("name"), text(where.name)] if where.name else [])


def _match(run: Run, context: Context, tree: Tree) -> Context:
    pattern, every = _pattern(run, context, tree)
    found = []
    for node in context.nodes:
        for whole, *groups in regexps.groups(pattern, _text(node, "match"), -1 if every else 1):
            captures = sequence()
            for group in groups:
                one = Node(MAPPING, MAP)
                one.extend(_found(group))
                captures.append(one)
            made = node.made(MAPPING, MAP)
            made.extend([*_found(whole), text("captures"), captures])
            found.append(made)
    return context.child(found)


def _capture(run: Run, context: Context, tree: Tree) -> Context:
    pattern, every = _pattern(run, context, tree)
    found = []
    for node in context.nodes:
        for _, *groups in regexps.groups(pattern, _text(node, "capture"), -1 if every else 1):
            made = node.made(MAPPING, MAP)
            for group in groups:
                made.put(text(group.name), null() if group.text is None else text(group.text))
            found.append(made)
    return context.child(found)


def _moment(context: Context, node: Node) -> dates.Time:
    layouts = (context.layout,) if context.layout else (RFC3339, "2006-01-02")
    for layout in layouts:
        try:
            return dates.must_to_date(layout, node.value)
        except Failure:
            continue
    raise Failure(f"{node.value!r} is no date")


def _format(run: Run, context: Context, tree: Tree) -> Context:
    layout = _first(right_of(run, context, tree))
    found = []
    for node in context.nodes:
        shown = parsed_yaml(dates.date(layout, _moment(context, node)))
        found.append(node.replaced(shown if shown.kind == SCALAR else text(dates.date(layout, _moment(context, node)))))
    return context.child(found)


def _with_layout(run: Run, context: Context, tree: Tree) -> Context:
    if tree.right is None or tree.right.operation.name != ";":
        raise Failure("with_dtf needs a layout and an expression")
    layout = _first(run(context.fixed(), tree.right.left).nodes)
    inner = context.child(list(context.nodes))
    inner.layout = layout
    return run(inner, tree.right.right)


def _zone(run: Run, context: Context, tree: Tree) -> Context:
    zone = _first(right_of(run, context, tree))
    layout = context.layout or RFC3339
    return context.child(
        [
            node.made(SCALAR, node.tag, dates.date_in_zone(layout, _moment(context, node), zone))
            for node in context.nodes
        ]
    )


def _from_unix(node: Node) -> Node:
    if node.tag not in (INT, FLOAT):
        raise Failure(f"from_unix needs a number, not {node.tag}")
    return node.made(SCALAR, TIME, dates.date(RFC3339, dates.from_unix(int(real(node.value)))))


def _to_unix(_run: Run, context: Context, _tree: Tree) -> Context:
    return context.child([node.made(SCALAR, INT, str(_moment(context, node).seconds)) for node in context.nodes])


TEXTS: Mapping[str, Handler] = {
    "string": _interpolated, "trim": _changed("trim", str.strip), "upcase": _changed("upcase", str.upper),
    "downcase": _changed("downcase", str.lower), "to_string": each(_to_string), "to_number": each(_to_number),
    "join": _join, "split": _split, "sub": _sub, "test": _test, "match": _match, "capture": _capture,
    "format_datetime": _format, "with_dtf": _with_layout, "tz": _zone, "from_unix": each(_from_unix),
    "to_unix": _to_unix,
}  # fmt: skip
