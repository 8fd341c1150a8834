"""`!include` and `!include.raw`: the content of another file, decoded by its extension, when the manifest is parsed."""

from __future__ import annotations

import json
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import GaiaError, Invalid, NotFound, Position
from gaia.kit import yaml
from gaia.kit.files import read_regular, real_path
from gaia.kit.scalars import from_json
from gaia.stacks.loading.arguments import path_and_expression
from gaia.stacks.loading.tags import manifest_tag, not_supported

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAX_DEPTH = 8
YAML, JSON, HCL, ENV = (".yaml", ".yml"), (".json",), (".hcl", ".tf", ".tfvars"), (".env",)


@dataclass(frozen=True, slots=True)
class Included:
    """What an include gives, and the files that were read for it."""

    value: object
    files: tuple[Path, ...]


class Tags:
    """The value of tagged nodes of one manifest; it remembers what was found."""

    def __init__(self, folder: Path, base: Path, top: Path, chain: tuple[Path, ...] = ()) -> None:
        self._folder = folder
        self._base = base
        self._top = top
        self._chain = chain
        """The files that are being included."""
        self.included: list[Path] = []
        self.appends = False
        """Whether a list is to be appended."""

    def __call__(self, tag: str, value: object, at: Position) -> object:
        """As `manifest_tag`, and includes."""
        if tag not in ("!include", "!include.raw"):
            self.appends = self.appends or tag == "!append"
            return manifest_tag(tag, value, at)
        if not isinstance(value, str):
            raise Invalid("function-arguments", f"{tag} needs PATH [YQ]", at=at, next_step="Give the path as a text.")
        raw = tag == "!include.raw"
        found = include(value, self._folder, self._base, self._top, at, raw=raw, chain=self._chain)
        self.included.extend(found.files)
        return found.value


def include(
    text: str, folder: Path, base: Path, top: Path, at: Position, *, raw: bool, chain: tuple[Path, ...] = ()
) -> Included:
    """The content of the file that `text` names, and of its part that a yq expression behind it names.

    A path with a leading dot is relative to `folder`, others to `base`; none may leave `top`. `raw` decodes nothing.

    Raises:
        NotFound: `include-not-found`.
        Invalid: `path-escapes`, `include-too-deep`, `not-supported`, or what is wrong with the content.
    """
    written, expression = path_and_expression(text, at)
    path = _path(written, folder, base, top, at)
    if path in chain:
        # A part of a file may be included in itself: there its own includes are no more than texts.
        return Included(text, ())
    if len(chain) >= MAX_DEPTH:
        message = f"includes are nested deeper than {MAX_DEPTH} files"
        raise Invalid("include-too-deep", message, at=at, next_step="Include the files side by side.")
    shown = posixpath.relpath(str(path), str(top)) if path.is_relative_to(top) else str(path)
    content = _read(path, shown, at)
    if raw:
        return Included(_decoded_text(content, shown), (path,))
    tags = Tags(path.parent, base, top, (*chain, path))
    value = _decoder(path.suffix)(content, shown, tags)
    if expression:
        value = _selected(expression, value, at)
    return Included(value, (path, *tags.included))


def _path(written: str, folder: Path, base: Path, top: Path, at: Position) -> Path:
    if "://" in written:
        raise not_supported("!include of a URL", at, "Copy the file into the repository.")
    path = real_path((folder if written.startswith(("./", "../")) else base) / written)
    if not path.is_relative_to(top):
        raise Invalid(
            "path-escapes",
            f"{written} leads out of the repository",
            at=at,
            next_step="Include files of the repository only.",
        )
    if not path.is_file():
        raise NotFound(
            "include-not-found",
            f"the included file {written} does not exist",
            at=at,
            next_step="A path with ./ is relative to the manifest, others to the base path.",
        )
    return path


def _read(path: Path, shown: str, at: Position) -> bytes:
    try:
        content = read_regular(path, yaml.MAX_BYTES + 1)
    except OSError as error:
        raise Invalid(
            "file-not-readable",
            f"cannot read {shown}: {error.strerror}",
            at=at,
            next_step="Check the file's owner and rights.",
        ) from error
    if len(content) > yaml.MAX_BYTES:
        message = f"{shown} is larger than {yaml.MAX_BYTES // 2**20} MiB"
        raise Invalid("yaml-too-large", message, at=at, next_step="Include a smaller file.")
    return content


def _decoder(suffix: str) -> Callable[[bytes, str, Tags], object]:
    for suffixes, decoder in ((YAML, _yaml), (JSON, _json), (HCL, _hcl), (ENV, _env)):
        if suffix in suffixes:
            return decoder
    return lambda content, shown, _: _decoded_text(content, shown)


def _decoded_text(content: bytes, shown: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        at = Position(shown, line)
        raise Invalid("yaml-binary", f"{shown} is not UTF-8 text", at=at, next_step="Save it as UTF-8 text.") from error


def _yaml(content: bytes, shown: str, tags: Tags) -> object:
    return yaml.parse_values(content, shown, tags)


def _json(content: bytes, shown: str, _: Tags) -> object:
    try:
        return from_json(_decoded_text(content, shown))
    except json.JSONDecodeError as error:
        at = Position(shown, error.lineno, error.colno)
        raise Invalid("json-syntax", f"not valid JSON: {error.msg}", at=at, next_step="Correct it here.") from error
    except ValueError as error:
        message = f"not valid JSON: {error}"
        raise Invalid("json-syntax", message, at=Position(shown, 1), next_step="Correct this number.") from error
    except RecursionError as error:
        at = Position(shown, 1)
        raise Invalid("yaml-too-deep", f"{shown} is nested too deep", at=at, next_step="Flatten it.") from error


def _hcl(content: bytes, shown: str, _: Tags) -> object:
    from gaia.kit import hcl

    body = hcl.parse(_decoded_text(content, shown), shown)
    if body.blocks:
        raise not_supported("blocks in an included HCL file", body.blocks[0].at, "Include a file of assignments.")
    for attribute in body.attributes.values():
        if _has_expression(attribute.value):
            raise not_supported("expressions in an included HCL file", attribute.at, "Write the value out.")
    return {name: _whole_numbers(attribute.value) for name, attribute in body.attributes.items()}


def _whole_numbers(value: object) -> object:
    """Atmos keeps 64 bits of what stands before the point of a number in HCL."""
    if isinstance(value, dict):
        return {key: _whole_numbers(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_whole_numbers(inner) for inner in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return max(-(2**63), min(2**63 - 1, int(value)))
    return value


def _has_expression(value: object) -> bool:
    from gaia.kit.hcl import Expression

    if isinstance(value, dict):
        return any(_has_expression(inner) for inner in value.values())
    if isinstance(value, (list, tuple)):
        return any(_has_expression(inner) for inner in value)
    return isinstance(value, Expression)


def _env(content: bytes, shown: str, _: Tags) -> object:
    values: dict[str, object] = {}
    for line in _decoded_text(content, shown).splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals or name.startswith("#"):
            continue
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        values[name.strip()] = value
    return values


def _selected(expression: str, value: object, at: Position) -> object:
    from gaia.golang import yq

    try:
        return yq.evaluate(expression, value)
    except GaiaError as error:
        error.at = at
        raise
