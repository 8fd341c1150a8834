"""Reading HCL: blocks, attributes and literal values with their positions, and what a Terraform component declares.

Nothing is evaluated. A value that is no literal stays an `Expression`, as it is written.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Position
from gaia.kit.hcl_form import parser

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tree_sitter import Node

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
WHOLE_RUN = ("terraform.workspace", "path.root", "path.cwd")
"""Values that belong to a whole run, so they differ when the component is called as a child module."""
_JSON_NESTED = {"variable": 1, "output": 1, "provider": 1, "module": 1, "resource": 2, "data": 2}


@dataclass(frozen=True, slots=True)
class Expression:
    """What is not a literal, as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """`name = value`."""

    value: object
    """JSON data for a literal, else an `Expression` (also inside lists and maps)."""
    text: str
    at: Position


@dataclass(frozen=True, slots=True)
class Block:
    """`type "label" { … }`; a whole file is a block without type."""

    type: str
    labels: tuple[str, ...]
    attributes: Mapping[str, Attribute]
    blocks: tuple[Block, ...]
    at: Position

    def all(self, kind: str) -> Iterator[Block]:
        """The direct child blocks of one type."""
        return (block for block in self.blocks if block.type == kind)

    def literal(self, name: str) -> object:
        """The literal value of an attribute; None when it is absent or no literal."""
        attribute = self.attributes.get(name)
        return None if attribute is None or isinstance(attribute.value, Expression) else attribute.value


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared input. `type` is as written, `any` when not given."""

    name: str
    type: str
    sensitive: bool
    has_default: bool
    at: Position


@dataclass(frozen=True, slots=True)
class Output:
    """A declared output."""

    name: str
    sensitive: bool
    at: Position
    ephemeral: bool = False


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider block of the component's own."""

    name: str
    alias: str | None
    at: Position


@dataclass(frozen=True, slots=True)
class Requirement:
    """An entry of `required_providers`."""

    name: str
    source: str
    version: str
    aliases: tuple[str, ...]
    """`configuration_aliases`, as written (`aws.west`)."""
    at: Position


@dataclass(frozen=True, slots=True)
class Component:
    """What one folder of Terraform code declares."""

    variables: Mapping[str, Variable]
    outputs: Mapping[str, Output]
    providers: tuple[Provider, ...]
    imports: tuple[Position, ...]
    required: Mapping[str, Requirement]
    required_version: tuple[str, ...]
    backend: tuple[str, Position] | None
    modules: Mapping[str, str] = field(default_factory=dict)
    """Module calls: name to source."""
    resource_types: frozenset[str] = frozenset()
    """Types of resources and data sources in the folder itself."""
    uses: frozenset[str] = frozenset()
    """Which of `WHOLE_RUN` the code reads."""
    backend_settings: Mapping[str, object] = field(default_factory=dict)
    """What the block of the backend says; Terraform allows literals only."""
    resources: frozenset[str] = frozenset()
    """The managed resources of the folder itself, as `TYPE.NAME`."""


def parse(text: str, file: str) -> Block:
    """Read one `.tf` file (or any HCL 2 file).

    Raises:
        Invalid: `hcl-syntax`, with the first place that cannot be read.
    """
    data = text.encode()
    root = parser().parse(data).root_node
    if root.has_error:
        at = _position(_first_error(root), file)
        raise Invalid("hcl-syntax", f"{at}: this is not valid HCL", next_step="Repair the file at that place.", at=at)
    body = next((child for child in root.children if child.type == "body"), None)
    return _block("", (), body, Position(file, 1, 1), file)


def parse_json(text: str, file: str) -> Block:
    """Read one `.tf.json` file. Positions are those of the file, since JSON keeps none.

    Raises:
        Invalid: `hcl-syntax`.
    """
    at = Position(file, 1, 1)
    try:
        data = json.loads(text)
    except ValueError as error:
        at = Position(file, getattr(error, "lineno", 1), getattr(error, "colno", 1))
        raise Invalid(
            "hcl-syntax", f"{at}: this is not valid JSON", next_step="Repair the file at that place.", at=at
        ) from error
    blocks = [block for kind, body in _pairs(data) for block in _json_blocks(kind, body, _JSON_NESTED.get(kind, 0), at)]
    return Block("", (), {}, tuple(blocks), at)


def without(text: str, kind: str) -> str:
    """A file's text without its blocks of one type; every line keeps its number."""
    data = text.encode()
    found = (node for body in parser().parse(data).root_node.children for node in body.children)
    for node in reversed([one for one in found if one.type == "block" and _text(one.children[0]) == kind]):
        data = data[: node.start_byte] + b"\n" * (node.text or b"").count(b"\n") + data[node.end_byte :]
    return data.decode("utf-8", "replace")


def read_component(folder: Path, relative_to: Path | None = None) -> Component:
    """Read all `.tf` and `.tf.json` files of one folder (`.tofu` files are not read).

    Raises:
        Invalid: `hcl-syntax`.
    """
    base = relative_to or folder
    files = []
    uses: set[str] = set()
    for path in sorted(folder.iterdir()):
        name = str(path.relative_to(base)) if path.is_relative_to(base) else path.name
        if path.name.startswith(".") or not path.name.endswith((".tf", ".tf.json")) or not path.is_file():
            continue
        text = path.read_text("utf-8", "replace")
        files.append(parse(text, name) if path.name.endswith(".tf") else parse_json(text, name))
        uses.update(_whole_run(text, is_json=path.name.endswith(".json")))
    return _component(tuple(block for file in files for block in file.blocks), frozenset(uses))


def _whole_run(text: str, *, is_json: bool) -> Iterator[str]:
    """Which of `WHOLE_RUN` stand in a file as traversals, not merely in a comment or a text."""
    likely = [name for name in WHOLE_RUN if name in text]
    if is_json or not likely:
        yield from likely
        return
    nodes = [parser().parse(text.encode()).root_node]
    while nodes:
        node = nodes.pop()
        nodes.extend(node.children)
        if node.type == "expression" and len(node.children) > 1 and node.children[0].type == "variable_expr":
            found = _text(node.children[0]) + _text(node.children[1])
            if found in likely:
                yield found


def _component(blocks: tuple[Block, ...], uses: frozenset[str]) -> Component:
    settings = [block for block in blocks if block.type == "terraform"]
    backends = [child for block in settings for child in block.blocks if child.type in ("backend", "cloud")]
    return Component(
        variables={block.labels[0]: _variable(block) for block in _labelled(blocks, "variable")},
        outputs={
            block.labels[0]: Output(block.labels[0], _truth(block, "sensitive"), block.at, _truth(block, "ephemeral"))
            for block in _labelled(blocks, "output")
        },
        providers=tuple(
            Provider(block.labels[0], str(alias) if (alias := block.literal("alias")) else None, block.at)
            for block in _labelled(blocks, "provider")
        ),
        imports=tuple(block.at for block in blocks if block.type == "import"),
        required={
            name: _requirement(name, attribute)
            for block in settings
            for required in block.all("required_providers")
            for name, attribute in required.attributes.items()
        },
        required_version=tuple(str(one) for block in settings if (one := block.literal("required_version"))),
        backend=(backends[-1].labels[0] if backends[-1].labels else "cloud", backends[-1].at) if backends else None,
        backend_settings={name: backends[-1].literal(name) for name in backends[-1].attributes} if backends else {},
        modules={block.labels[0]: str(block.literal("source") or "") for block in _labelled(blocks, "module")},
        resource_types=frozenset(
            block.labels[0] for kind in ("resource", "data", "ephemeral") for block in _labelled(blocks, kind)
        ),
        uses=uses,
        resources=frozenset(".".join(block.labels) for block in _labelled(blocks, "resource")),
    )


def _labelled(blocks: tuple[Block, ...], kind: str) -> Iterator[Block]:
    return (block for block in blocks if block.type == kind and block.labels)


def _variable(block: Block) -> Variable:
    kind = block.attributes.get("type")
    return Variable(
        name=block.labels[0],
        type=kind.text if kind else "any",
        sensitive=_truth(block, "sensitive"),
        has_default="default" in block.attributes,
        at=block.at,
    )


def _truth(block: Block, name: str) -> bool:
    """Terraform takes only the literal `true` (or its text) for these arguments."""
    return block.literal(name) in (True, "true")


def _requirement(name: str, attribute: Attribute) -> Requirement:
    value = attribute.value
    if not isinstance(value, dict):  # the short form of Terraform 0.12: name = "version"
        return Requirement(name, f"hashicorp/{name}", str(value), (), attribute.at)
    aliases = value.get("configuration_aliases")
    return Requirement(
        name,
        str(value.get("source") or f"hashicorp/{name}"),
        str(value.get("version") or ""),
        tuple(alias.text if isinstance(alias, Expression) else str(alias) for alias in aliases or ()),
        attribute.at,
    )


def _position(node: Node, file: str) -> Position:
    return Position(file, node.start_point[0] + 1, node.start_point[1] + 1)


def _first_error(node: Node) -> Node:
    for child in node.children:
        if child.is_error or child.is_missing:
            return child
        if child.has_error:
            return _first_error(child)
    return node


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _block(kind: str, labels: tuple[str, ...], body: Node | None, at: Position, file: str) -> Block:
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for node in body.children if body is not None else ():
        if node.type == "attribute":
            expression = node.children[-1]
            attributes[_text(node.children[0])] = Attribute(
                _value(expression), _text(expression), _position(node, file)
            )
        elif node.type == "block":
            names = [child for child in node.children if child.type in ("identifier", "string_lit")]
            inner = next((child for child in node.children if child.type == "body"), None)
            labels_of = tuple(_string(name) if name.type == "string_lit" else _text(name) for name in names[1:])
            blocks.append(_block(_text(names[0]), labels_of, inner, _position(node, file), file))
    return Block(kind, labels, attributes, tuple(blocks), at)


def _string(node: Node) -> str:
    return _unescape(_text(node)[1:-1])  # not its `template_literal`, which lacks the blanks at both ends


def _unescape(raw: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(raw):
        char = raw[at]
        if char == "\\" and at + 1 < len(raw):
            code = raw[at + 1]
            size = {"u": 4, "U": 8}.get(code, 0)
            out.append(chr(int(raw[at + 2 : at + 2 + size], 16)) if size else _ESCAPES.get(code, code))
            at += 2 + size
        elif raw.startswith(("$${", "%%{"), at):
            out.append(char + "{")
            at += 3
        else:
            out.append(char)
            at += 1
    return "".join(out)


def _value(node: Node) -> object:
    """The literal that an expression is, else an `Expression`."""
    while node.type in ("expression", "literal_value", "collection_value") and len(node.children) == 1:
        node = node.children[0]
    if node.type == "string_lit":
        return _string(node)
    if node.type == "bool_lit":
        return _text(node) == "true"
    if node.type == "null_lit":
        return None
    if node.type == "numeric_lit":
        return _number(_text(node))
    if node.type == "tuple":
        return [_value(child) for child in node.children if child.type == "expression"]
    if node.type == "object":
        return dict(_element(child) for child in node.children if child.type == "object_elem")
    if node.type == "operation" and re.fullmatch(r"-\s*[0-9][0-9.eE+-]*", _text(node)):
        number = _number(_text(node)[1:].strip())
        return -number if isinstance(number, (int, float)) else Expression(_text(node))
    return Expression(_text(node))


def _number(text: str) -> object:
    """The number; an `Expression` where Python has none: of thousands of digits, or beyond its floats."""
    try:
        number = int(text) if text.isdigit() else float(text)
    except ValueError:
        return Expression(text)
    return Expression(text) if number == float("inf") else number


def _element(node: Node) -> tuple[str, object]:
    key, value = (child for child in node.children if child.type == "expression")
    name = _value(key)
    return (name.text if isinstance(name, Expression) else str(name)), _value(value)


def _pairs(value: object) -> Iterator[tuple[str, object]]:
    """Key and value of an object, or of a list of objects."""
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict):
            yield from entry.items()


def _json_blocks(kind: str, body: object, depth: int, at: Position, labels: tuple[str, ...] = ()) -> Iterator[Block]:
    if depth:
        for label, inner in _pairs(body):
            yield from _json_blocks(kind, inner, depth - 1, at, (*labels, label))
        return
    for entry in body if isinstance(body, list) else [body]:
        content = entry if isinstance(entry, dict) else {}
        inner_blocks: list[Block] = []
        if kind == "terraform":
            for name, value in content.items():
                if name in ("required_providers", "backend", "cloud"):
                    inner_blocks.extend(_json_blocks(name, value, 1 if name == "backend" else 0, at))
        attributes = {name: Attribute(value, _json_text(value), at) for name, value in content.items()}
        yield Block(kind, labels, attributes, tuple(inner_blocks), at)


def _json_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
