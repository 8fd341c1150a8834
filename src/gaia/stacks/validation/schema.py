"""JSON schemas: the shipped one of a manifest, or one of the repository's own, applied to parsed YAML files."""

from __future__ import annotations

import json
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaia.errors import Invalid, NotFound, Position
from gaia.kit import yaml
from gaia.stacks.merge import APPENDED
from gaia.stacks.validation.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jsonschema_rs import ValidationError

SHIPPED = Path(__file__).parent.parent / "schema" / "manifest.json"
NAMES = {
    "object": "a map",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "number": "a number",
    "integer": "a whole number",
    "null": "nothing",
}
MOST_FINDINGS = 100
"""Of one file: a file of another kind altogether should not fill the screen."""


class Schema:
    """A schema, compiled when it is first used. `shown` is what errors call it."""

    def __init__(self, path: Path, shown: str) -> None:
        self.shown = shown
        self._path = path

    @classmethod
    def manifests(cls) -> Schema:
        """The shipped schema of manifests."""
        return cls(SHIPPED, "the manifest schema")

    @cached_property
    def _validator(self) -> Any:  # noqa: ANN401 - the library's own protocol
        import jsonschema_rs

        try:
            document = json.loads(self._path.read_bytes())
            return jsonschema_rs.validator_for(document, retriever=_refuse_retrieval, validate_formats=False)
        except FileNotFoundError:
            raise NotFound(
                "schema-missing", f"there is no schema {self.shown}", next_step="Correct the path of the schema."
            ) from None
        except (ValueError, OSError, jsonschema_rs.ReferencingError) as error:  # its ValidationError is a ValueError
            first = next(iter(str(error).splitlines()), "")
            at = Position(self.shown, error.lineno, error.colno) if isinstance(error, json.JSONDecodeError) else None
            raise Invalid(
                "schema-invalid", f"{self.shown} is not a JSON schema: {first}", at=at, next_step="Correct the schema."
            ) from error

    def findings(self, document: yaml.Document) -> Iterator[Finding]:
        """What the schema says against a document, with places. Functions and templates may stand for anything.

        Raises:
            NotFound: `schema-missing`. Invalid: `schema-invalid`.
        """
        validator = self._validator
        if document.value is None or validator.is_valid(document.value):
            return
        for number, error in enumerate(validator.iter_errors(document.value)):
            if number == MOST_FINDINGS:
                return
            path = tuple(error.instance_path)
            if not _is_deferred(_at(document.value, path)):
                yield Finding("schema-violation", *_words(error, path), at=document.at(path))

    def messages(self, value: object) -> list[str]:
        """What the schema says against a value that is in no file: one line each."""
        return [
            f"{dotted(error.instance_path) or 'it'}: {error.message}" for error in self._validator.iter_errors(value)
        ]


def read_plain(path: Path, root: Path) -> yaml.Document:
    """A YAML file as it is written: imports and functions are left as texts.

    Raises:
        Invalid: the YAML reader's, with a position; `file-not-readable`.
    """
    shown = os.path.relpath(path, root)
    try:
        return yaml.read(path, shown, _plain_tag)
    except OSError as error:
        raise Invalid(
            "file-not-readable",
            f"cannot read {shown}: {error.strerror}",
            at=Position(shown, 1),
            next_step="Check the file's owner and rights.",
        ) from error


def dotted(path: Sequence[str | int]) -> str:
    """`("import", 0, "path")` as `import[0].path`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{step}"
    return text


def _plain_tag(tag: str, value: object, _: Position) -> object:
    return f"{tag} {value}" if isinstance(value, str) else value


def _is_deferred(value: object) -> bool:
    """Whether a value is made later, so that nothing can be said about it now."""
    if isinstance(value, dict):
        return APPENDED in value
    return isinstance(value, str) and (value.startswith("!") or "{{" in value)


def _at(value: object, path: Sequence[str | int]) -> object:
    for step in path:
        value = value[step]  # type: ignore[index] # the path is the validator's
    return value


def _words(error: ValidationError, path: Sequence[str | int]) -> tuple[str, str]:
    """Message and next step as this project words them."""
    kind, facts, what = error.kind.name, error.kind.as_dict(), dotted(path) or "a manifest"
    if kind == "type":
        wanted = " or ".join(NAMES.get(one, one) for one in facts["types"])
        step = "Write {} for an empty map, or remove the key." if "a map" in wanted else f"Give {wanted}."
        return f"{what} must be {wanted}, not {_kind(error.instance)}", step
    if kind == "enum":
        known = ", ".join(map(str, facts["options"]))
        return f"{what} must be one of {known}, not {json.dumps(error.instance)}", f"Choose one of {known}."
    if kind == "required":
        return f"{what} lacks {facts['property']}", f"Add {facts['property']}."
    return f"{what}: {error.message}", "Correct the value."


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return "a text"
    return "a map" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a number"


def _refuse_retrieval(uri: str) -> Any:  # noqa: ANN401 - the library's own protocol
    raise ValueError(f"it refers to {uri}, and schemas are not fetched")
