"""Operators that write a node as text in some format, and read it back."""

from __future__ import annotations

import base64
import binascii
import csv
import io
import re
import urllib.parse
from typing import TYPE_CHECKING

from gaia.golang import goyaml
from gaia.golang.gotemplate.sprig import encoding
from gaia.golang.gotemplate.values import Failure
from gaia.golang.yq.model import (
    MAP,
    MAPPING,
    SCALAR,
    SEQUENCE,
    STR,
    TIME,
    Context,
    Handler,
    Node,
    Run,
    Tree,
    node_of,
    null,
    sequence,
    text,
    unsupported,
    value_of,
)  # fmt: skip
from gaia.kit import yaml
from gaia.kit.scalars import TIMESTAMP, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.errors import Position


def yaml_text(node: Node) -> str:
    """A node as YAML, in the order in which it stands; a scalar as it is."""
    return node.value + "\n" if node.kind == SCALAR else goyaml.dump(_dumped(node), in_order=True)


def _dumped(node: Node) -> object:
    if node.kind == MAPPING:
        return {key.value: _dumped(value) for key, value in node.pairs()}
    if node.kind == SEQUENCE:
        return [_dumped(one) for one in node.content]
    return node.value if node.tag == TIME else value_of(node)


def _json(node: Node, indent: int) -> str:
    return encoding.json_as_it_stands(_json_value(node), " " * indent if indent else None)


def _json_value(node: Node) -> object:
    if node.kind == MAPPING:
        return {key.value: _json_value(value) for key, value in node.pairs()}
    if node.kind == SEQUENCE:
        return [_json_value(one) for one in node.content]
    return node.value if node.tag == TIME else value_of(node)


def _rows(node: Node, separator: str) -> str:
    """CSV or TSV: a list of scalars, of lists, or of maps with a header."""
    if node.kind != SEQUENCE:
        raise Failure(f"csv needs a list, not {node.tag}")
    if not node.content:
        return ""
    rows = [node.content]
    if node.content[0].kind == MAPPING:
        names = [key for key, _ in node.content[0].pairs()]
        rows = [names]
        for one in node.content:
            values = {key.value: value for key, value in one.pairs()}
            rows.append([values.get(name.value, text("")) for name in names])
    elif node.content[0].kind == SEQUENCE:
        rows = [one.content for one in node.content]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    for row in rows:
        if any(one.kind != SCALAR for one in row):
            raise Failure("csv holds scalars only")
        writer.writerow([one.value for one in row])
    return out.getvalue()


def _props(node: Node, path: str = "") -> str:
    if node.kind == SCALAR:
        return f"{path} = {node.value}\n" if path else node.value + "\n"
    lines = []
    names = [key.value for key, _ in node.pairs()] if node.kind == MAPPING else map(str, range(len(node.content)))
    for name, child in zip(names, node.children(), strict=True):
        lines.append(_props(child, f"{path}.{name}" if path else name))
    return "".join(lines)


def _scalar(node: Node, what: str) -> str:
    if node.kind != SCALAR or (node.tag != STR and what == "@base64"):
        raise Failure(f"{what} needs a text, not {node.tag}")
    return node.value


def _shell(value: str) -> str:
    """A word of a shell: in quotes from the first character on that asks for them."""
    parts: list[str] = []
    quoted = False
    for char in value:
        if char == "'":
            parts.append("'\\'" if quoted else "\\'")
            quoted = False
            continue
        if not quoted and not re.fullmatch(r"[A-Za-z0-9_@%+=:,./-]", char):
            parts.append("'")
            quoted = True
        parts.append(char)
    return "".join(parts) + ("'" if quoted else "")


def _encode(_run: Run, context: Context, tree: Tree) -> Context:
    name = tree.operation.text
    found = []
    for node in context.nodes:
        written = _written(name, node)
        decoded = context.variables.get("decoded")
        if (
            decoded
            and written.endswith("\n")
            and not written[:-1].endswith("\n")
            and not decoded[0].value.endswith("\n")
        ):
            written = written[:-1]
        found.append(node.made(SCALAR, STR, text(written).value))
    return context.child(found)


def _written(name: str, node: Node) -> str:
    given = re.search(r"\(([0-9]+)\)\Z", name)
    kind = re.sub(r"\W|^to_?|to_", "", re.sub(r"\(.*", "", name))
    indent = int(given[1]) if given else 0 if name[0] == "@" else 2
    if kind == "yaml":
        return yaml_text(node)
    if kind == "json":
        return _json(node, indent) + ("" if not indent else "\n")
    if kind in ("csv", "tsv"):
        return _rows(node, "," if kind == "csv" else "\t").rstrip("\n")
    if kind == "props":
        return _props(node)
    if kind == "base64":
        return base64.b64encode(_scalar(node, name).encode("utf-8", "surrogateescape")).decode()
    if kind == "uri":
        return urllib.parse.quote_plus(_scalar(node, name), safe="")
    if kind == "sh":
        return _shell(_scalar(node, name))
    raise unsupported(f"the operator {name}")


def _unknown_tag(tag: str, value: object, at: Position) -> object:
    del at
    raise Failure(f"the tag {tag} of {value!r} means nothing here")


def parsed_yaml(content: str) -> Node:
    """A YAML document as a node."""
    from gaia.errors import Invalid

    if not content.strip():
        return null()
    value = plain(content.strip())
    if not isinstance(value, str) and value is not TIMESTAMP:
        return node_of(value)
    try:
        return node_of(yaml.parse_values(content.encode("utf-8", "surrogateescape"), "decoded", _unknown_tag))
    except Invalid as error:
        raise Failure(error.message) from None


def _decode(_run: Run, context: Context, tree: Tree) -> Context:
    kind = tree.operation.text
    found = []
    for node in context.nodes:
        made = _read(kind, node)
        made.key, made.parent = node.key, node.parent
        found.append(made)
    result = context.child(found)
    result.variables["decoded"] = list(context.nodes)
    return result


def _read(name: str, node: Node) -> Node:
    value = node.value
    if "json" in name or "yaml" in name:
        if not value.strip():
            raise Failure(f"{name} needs a text, not {node.tag} without one")
        return parsed_yaml(value)
    if name == "@base64d":
        try:
            padded = value.strip() + "=" * (-len(value.strip()) % 4)
            return text(base64.b64decode(padded, validate=True).decode("utf-8", "surrogateescape"))
        except (binascii.Error, ValueError):
            raise Failure(f"{value!r} is no base64") from None
    if name == "@urid":
        return text(urllib.parse.unquote_plus(value))
    if "csv" in name or "tsv" in name:
        return _table(value, "\t" if "tsv" in name else ",")
    if "props" in name:
        return _properties(value)
    raise unsupported(f"the operator {name}")


def _table(value: str, separator: str) -> Node:
    rows = list(csv.reader(io.StringIO(value), delimiter=separator))
    made = sequence()
    for row in rows[1:]:
        entry = Node(MAPPING, MAP)
        for name, cell in zip(rows[0], row, strict=False):
            entry.put(text(name), parsed_yaml(cell) if cell else null())
        made.append(entry)
    return made


def _properties(value: str) -> Node:
    tree: dict[str, object] = {}
    for line in value.splitlines():
        name, _, rest = line.partition("=")
        if not name.strip() or name.lstrip()[:1] in "#!":
            continue
        at = tree
        *path, last = name.strip().split(".")
        for key in path:
            inner = at.setdefault(key, {})
            if not isinstance(inner, dict):
                raise Failure(f"{name.strip()} is a value and a section")
            at = inner
        at[last] = rest.strip()
    return node_of(tree)


ENCODING: Mapping[str, Handler] = {"encode": _encode, "decode": _decode}
