"""Outputs as texts: the formats of Atmos's `terraform output --format`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STRUCTURED = ("json", "yaml", "hcl")
"""Those that hold maps and lists as such; the others hold a text a line."""
FORMATS = (*STRUCTURED, "env", "dotenv", "bash", "csv", "tsv", "github")
_DELIMITERS = {"csv": ",", "tsv": "\t"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def known(name: str) -> str:
    """The format of this name.

    Raises:
        Invalid: `usage`.
    """
    if name not in FORMATS:
        raise Invalid("usage", f"--format {name} is no format", next_step=f"Use one of {', '.join(FORMATS)}.")
    return name


def renamed(outputs: Mapping[str, object], *, uppercase: bool, flatten: bool) -> dict[str, object]:
    """The outputs under the names that are asked for; flattened, each value in a map or a list has its own."""
    pairs = [pair for name, value in outputs.items() for pair in _flat(name, value)] if flatten else outputs.items()
    return {(name.upper() if uppercase else name): value for name, value in pairs}


def _flat(name: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{name}_{key}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _flat(f"{name}_{number}", inner)
    else:
        yield name, value


def all_of(outputs: Mapping[str, object], form: str) -> str:
    """All outputs, by name; those that are null are left out where a format has no word for it."""
    if form in ("json", "yaml"):
        return _document(dict(outputs), form)
    head = f"key{_DELIMITERS[form]}value\n" if form in _DELIMITERS else ""
    return head + "".join(_line(name, outputs[name], form) for name in sorted(outputs) if outputs[name] is not None)


def one(name: str, value: object, form: str) -> str:
    """One output: the value alone as JSON and YAML, else its line.

    Raises:
        Invalid: `usage`, for a map or a list in a format of one line.
    """
    if form in ("json", "yaml"):
        return _document(value, form)
    if isinstance(value, dict | list) and form not in (*STRUCTURED, "github"):
        raise Invalid(
            "usage",
            f"{name} is a map or a list, which --format {form} does not hold",
            next_step=f"Use --format {', '.join(STRUCTURED)}, or --flatten.",
        )
    return _line(name, value, form)


def _document(value: object, form: str) -> str:
    if form == "json":
        return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    import yaml

    text = str(yaml.safe_dump(value, sort_keys=True, allow_unicode=True))
    return text.removesuffix("...\n")  # what ends a document that is one word


def _line(name: str, value: object, form: str) -> str:
    if form == "hcl":
        return f"{name} = {_hcl(value)}\n"
    text = _text(value)
    if form in _DELIMITERS:
        return f"{name}{_DELIMITERS[form]}{_cell(text, _DELIMITERS[form])}\n"
    if form == "github":
        return _github(name, text)
    if form == "env":
        return f"{name}={text}\n"
    quoted = text.replace("'", "'\\''")
    return f"{'export ' if form == 'bash' else ''}{name}='{quoted}'\n"


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _cell(text: str, delimiter: str) -> str:
    if not any(sign in text for sign in (delimiter, '"', "\n", "\r")):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _github(name: str, text: str) -> str:
    if "\n" not in text:
        return f"{name}={text}\n"
    end = f"ATMOS_EOF_{name}"
    while end in text:  # else a value could end itself, and set other outputs
        end += "_"
    return f"{name}<<{end}\n{text}\n{end}\n"


def _hcl(value: object, depth: int = 1) -> str:
    if isinstance(value, str):  # a `${` would be an expression
        return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, list):
        return f"[{', '.join(_hcl(inner, depth) for inner in value)}]"
    if isinstance(value, dict):
        indent = "  " * depth
        lines = [f"{indent}{_key(key)} = {_hcl(value[key], depth + 1)}\n" for key in sorted(value)]
        return f"{{\n{''.join(lines)}{'  ' * (depth - 1)}}}" if lines else "{}"
    return "null" if value is None else _text(value)


def _key(name: str) -> str:
    return name if _NAME.fullmatch(name) else json.dumps(name, ensure_ascii=False)
