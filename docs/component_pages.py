"""A page for each component of the blueprint, read from its code: what it makes, drawn, takes, gives and refuses."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.kit import hcl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

FOLDER = "docs/components"
_CONTEXT = "context.tf"
"""Its inputs are every component's, so the index has them."""
_ADDRESS = re.compile(r"\b(?:data\.)?(?:aws|tls|random|time)_[a-z0-9_]+\.[a-z0-9_]+")
_LOCAL = re.compile(r"\blocal\.([a-z0-9_]+)")
_INDEX = """\
# Components

What the blueprint's components make, read from their code by `make docs`. Each one's README says why it is as it is.

| component | what it is | resources | inputs |
|---|---|---|---|
{rows}

[Why they have so few inputs, and how one grows](../explanation/components.md) is told once. Every component takes
these, which say where an instance stands; the table of a page leaves them out:

{context}
"""


_LEGEND = """\
Boxes are grouped by file; an arrow leads from what is needed to what needs it. Dashed boxes are made only on some
inputs, or once for each entry of one."""


@dataclass(frozen=True, slots=True)
class Code:
    """A component's blocks, by the files that they stand in."""

    name: str
    title: str
    """The first sentence of its README."""
    files: Mapping[str, tuple[hcl.Block, ...]]

    def all(self, kind: str) -> Iterator[tuple[str, hcl.Block]]:
        """The blocks of a type, each with its file."""
        return ((file, one) for file, blocks in self.files.items() for one in blocks if one.type == kind)


def pages(root: Path) -> dict[str, str]:
    """Path (relative to `root`) and content of every page, and of their index."""
    folders = sorted(path.parent for path in (root / "blueprint/components/terraform").glob("*/versions.tf"))
    codes = [_code(folder) for folder in folders]
    return {f"{FOLDER}/README.md": _index(codes)} | {f"{FOLDER}/{one.name}.md": _page(one) for one in codes}


def _code(folder: Path) -> Code:
    files = {path.name: hcl.parse(path.read_text("utf-8"), path.name).blocks for path in sorted(folder.glob("*.tf"))}
    words = " ".join((folder / "README.md").read_text("utf-8").split("\n\n")[1].split())
    words = re.sub(r"\(\.\./([\w-]+)/README\.md\)", r"(\1.md)", words)  # pages lie beside each other here
    return Code(folder.name, words.partition(". ")[0].rstrip(".") + ".", files)


def _index(codes: list[Code]) -> str:
    rows = [
        f"| [{one.name}]({one.name}.md) | {one.title} | {len(list(one.all('resource')))} | {len(_inputs(one))} |"
        for one in codes
    ]
    context = [block for block in codes[0].files[_CONTEXT] if block.type == "variable"]
    return _INDEX.format(rows="\n".join(rows), context="\n".join(_input_table(context)))


def _page(code: Code) -> str:
    readme = f"../../blueprint/components/terraform/{code.name}/README.md"
    outputs = [f"| `{one.labels[0]}` | {one.literal('description')} |" for _, one in code.all("output")]
    parts = [
        f"# {code.name}",
        f"{code.title} [Why it is as it is]({readme}).",
        "## What it makes",
        _LEGEND,
        _picture(code),
        "## Requirements",
        "\n".join(["| what | version |", "|---|---|", *_requirements(code)]),
        "## Resources",
        "\n".join(["| resource | where | when |", "|---|---|---|", *_resources(code)]),
        "## Inputs",
        "\n".join([*_input_table(_inputs(code))]),
        "## Outputs",
        "\n".join(["| name | what |", "|---|---|", *sorted(outputs)]),
        "## What is refused",
        "\n".join(_refusals(code)) or "Nothing.",
    ]
    return "\n\n".join(parts) + "\n"


def _inputs(code: Code) -> list[hcl.Block]:
    return [one for file, one in code.all("variable") if file != _CONTEXT]


def _input_table(blocks: Iterable[hcl.Block]) -> list[str]:
    rows = sorted(("default" in one.attributes, one.labels[0], one) for one in blocks)
    return [
        "| name | type | default | what |",
        "|---|---|---|---|",
        *(
            f"| `{name}` | `{type_of(one)}` | {f'`{default_of(one)}`' if given else 'must be given'} "
            f"| {one.literal('description')} |"
            for given, name, one in rows
        ),
    ]


def type_of(block: hcl.Block) -> str:
    """The type of an input on one line, which a table needs."""
    written = block.attributes["type"].text if "type" in block.attributes else "any"
    lines = [re.sub(r"\s+", " ", line.partition(" #")[0].strip()) for line in written.splitlines()]
    lines = [line for line in lines if line]
    joined = " ".join(line if line.endswith(("{", "(", ",")) else f"{line}," for line in lines).rstrip(",")
    return re.sub(r",? ([})])", r" \1", joined).replace("|", "\\|")


def default_of(block: hcl.Block) -> str:
    """On one line too; of an input that has one."""
    default = block.attributes["default"]
    text = default.text if isinstance(default.value, hcl.Expression) else json.dumps(default.value)
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


def _requirements(code: Code) -> Iterator[str]:
    for _, block in code.all("terraform"):
        yield f"| terraform | `{block.literal('required_version')}` |"
        for inner in block.all("required_providers"):
            for attribute in inner.attributes.values():
                value = attribute.value
                if isinstance(value, dict):
                    yield f"| {value['source']} | `{value['version']}` |"


def _resources(code: Code) -> Iterator[str]:
    for kind in ("resource", "data"):
        for file, block in sorted(code.all(kind), key=lambda one: one[1].labels):
            name = f"{'data ' if kind == 'data' else ''}`{'.'.join(block.labels)}`"
            yield f"| {name} | {file} | {_when(block) or 'always'} |"


def _when(block: hcl.Block) -> str:
    """On what it depends whether it is made, in its own words; empty where it always is."""
    for name, words in (("for_each", "for each of"), ("count", "as many as")):
        if name in block.attributes:
            text = re.sub(r"\s+", " ", block.attributes[name].text).replace("|", "\\|")
            found = re.fullmatch(r"(.+) \? 1 : 0", text) if name == "count" else None
            return f"if `{found[1]}`" if found else f"{words} `{text}`"
    return ""


def _refusals(code: Code) -> Iterator[str]:
    for _, block in sorted(code.all("variable"), key=lambda one: one[1].labels):
        if block.labels[0] in _names_of_context(code):
            continue
        for rule in block.all("validation"):
            yield f"* `{block.labels[0]}`: {_said(rule)}"
    for _, block in sorted(code.all("resource"), key=lambda one: one[1].labels):
        for inner in block.all("lifecycle"):
            for rule in inner.all("precondition"):
                yield f"* {_said(rule)}"


def _names_of_context(code: Code) -> set[str]:
    return {one.labels[0] for file, one in code.all("variable") if file == _CONTEXT}


def _said(rule: hcl.Block) -> str:
    words = rule.literal("error_message")
    text = words if isinstance(words, str) else rule.attributes["error_message"].text.strip('"')
    return text.replace("${", "").replace("}", "")


def _picture(code: Code) -> str:
    """A flowchart of the resources in Mermaid, which readers of Markdown draw."""
    blocks = {".".join(one.labels): (file, one) for file, one in code.all("resource")}
    known = {name: f"r{number}" for number, name in enumerate(sorted(blocks))}
    lines = ["flowchart LR"]
    for file in sorted({file for file, _ in blocks.values()}):
        lines.append(f'  subgraph {file.replace(".", "_").replace("-", "_")}["{file}"]')
        for name in sorted(name for name, (its, _) in blocks.items() if its == file):
            block = blocks[name][1]
            kind, own = block.labels
            lines.append(f'    {known[name]}["{kind}<br/><b>{own}</b>"]' + (":::some" if _when(block) else ""))
        lines.append("  end")
    locals_ = {key: one.text for _, block in code.all("locals") for key, one in block.attributes.items()}
    for name in sorted(blocks):
        lines += [
            f"  {known[one]} --> {known[name]}"
            for one in _needed(blocks[name][1], locals_)
            if one in known and one != name
        ]
    return "\n".join(["```mermaid", *lines, "  classDef some stroke-dasharray: 5 4", "```"])


def _needed(block: hcl.Block, locals_: Mapping[str, str]) -> list[str]:
    """The addresses that a block reads, by itself or through locals."""
    texts, seen, found = list(_texts(block)), set[str](), set[str]()
    while texts:
        text = texts.pop()
        found |= set(_ADDRESS.findall(text))
        for name in _LOCAL.findall(text):
            if name not in seen:
                seen.add(name)
                texts.append(locals_.get(name, ""))
    return sorted(found)


def _texts(block: hcl.Block) -> Iterator[str]:
    yield from (one.text for one in block.attributes.values())
    for inner in block.blocks:
        yield from _texts(inner)
