"""Holds requests and answers against what the hosts publish.

`github.json` is taken from GitHub's OpenAPI, `gitlab.json` was written by hand from GitLab's documentation.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import jsonschema

if TYPE_CHECKING:
    from tests.hosts.serving import Answer, Asked

_BESIDE = {"github": {("POST", "/graphql"), ("GET", "/user")}, "gitlab": set[tuple[str, str]]()}
"""Not part of the document: GraphQL, and what a test asks for itself."""


@cache
def _document(kind: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((Path(__file__).parent / f"{kind}.json").read_text())
    return read


def check(kind: str, asked: Asked, answer: Answer | None) -> None:
    """Fail where a request, or the answer that a test's host gave, is not as the host's documents say."""
    if (asked.method, asked.path) in _BESIDE[kind]:
        return
    what = f"{asked.method} {asked.path}"
    operation, parts = _found(kind, asked)
    for name, text in (parts | dict(asked.query)).items():
        assert name in operation["parameters"], f"{what}: {name} is no parameter"
        _hold(kind, _read(text), operation["parameters"][name], f"{what}: {name}", text)
    if "body" in operation:
        _hold(kind, asked.body, operation["body"], f"{what}: its body")
        named = operation["body"].get("properties", {})
        assert set(asked.body) <= set(named), f"{what}: {set(asked.body) - set(named)} is not documented"
    else:
        assert asked.body is None, f"{what} takes no body"
    if answer is not None and answer.status < 300:
        assert str(answer.status) in operation["answers"], f"{what} does not answer {answer.status}"
        _hold(kind, answer.body, operation["answers"][str(answer.status)], f"{what}: its answer")


def _found(kind: str, asked: Asked) -> tuple[dict[str, Any], dict[str, str]]:
    for one in _document(kind)["operations"]:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", one["path"])
        found = re.fullmatch(pattern, asked.path) if one["method"] == asked.method else None
        if found:
            return one, {name: unquote(value) for name, value in found.groupdict().items()}
    raise AssertionError(f"{asked.method} {asked.path} is no operation")


def _read(text: str) -> object:
    return int(text) if text.isdecimal() else {"true": True, "false": False}.get(text, text)


def _hold(kind: str, value: object, schema: Any, what: str, text: str | None = None) -> None:
    whole = {"definitions": _document(kind).get("definitions", {}), "allOf": [schema]}
    validator = jsonschema.Draft7Validator(whole)
    if text is not None and validator.is_valid(text):  # a number that the document has as a text
        return
    failed = jsonschema.exceptions.best_match(validator.iter_errors(value))
    assert failed is None, f"{what}: {failed.message if failed else ''} at {failed.json_path if failed else ''}"
