"""The page of the API, made of its OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HEAD = """\
# API

Generated from the OpenAPI document, which a server has at `/api/v1/openapi.json`;
[how to use it](../how-to/use-the-api.md).

Every call but those for health takes `Authorization: Bearer TOKEN`. An error is a problem (RFC 9457):
`{type, title, status, detail, code, next, instance, at, facts}`, whose `code` is one of [these](errors.md). Any call
may end with 401, 404, 413, 422, 429, 500, 502 or 503; what else it may end with stands beside it. Every POST and DELETE
but `POST /tokens` takes an `Idempotency-Key`, every GET an `If-None-Match`. Where a server has several repositories,
`?repository=ID` says which is meant.
"""
_USUAL = {"401", "404", "413", "422", "429", "500", "502", "503", "304"}
_EVERYWHERE = {"repository", "Idempotency-Key", "If-None-Match"}


def page(document: Mapping[str, Any]) -> str:
    """Every route, by its group, then every form."""
    parts = [_HEAD]
    groups: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append("\n".join(_operation(method, path, operation)))
    for name, operations in groups.items():
        parts += [f"## {name.capitalize()}\n", *operations]
    parts.append("## Forms\n")
    parts += ["\n".join(_form(name, form)) for name, form in sorted(document["components"]["schemas"].items())]
    return "\n".join(parts).rstrip("\n") + "\n"


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {operation['summary']}\n"
    yield f"`{method.upper()} {path}` (`{operation['operationId']}`)\n"
    yield operation["description"] + "\n"
    named = [one for one in operation.get("parameters", ()) if one["name"] not in _EVERYWHERE]
    body = operation.get("requestBody")
    if named or body:
        yield "| given | where | type | what |"
        yield "|---|---|---|---|"
        for one in named:
            needed = "" if one.get("required") else ", may be left out"
            yield f"| `{one['name']}` | {one['in']}{needed} | {_type(one['schema'])} | {one.get('description', '')} |"
        if body:
            yield f"| | body | {_type(body['content']['application/json']['schema'])} | |"
        yield ""
    answers = {status: answer for status, answer in operation["responses"].items() if status not in _USUAL}
    for status, answer in answers.items():
        shown = next(iter(answer.get("content", {"": {}}).values())).get("schema", {})
        what = answer["description"] if status[0] != "2" or not _type(shown) else _type(shown)
        yield f"* {status}: {what}"
    yield ""


def _form(name: str, form: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {name}\n"
    if about := form.get("description"):
        yield about + "\n"
    yield "| field | type | what |"
    yield "|---|---|---|"
    required = set(form.get("required", ()))
    for field, shape in form.get("properties", {}).items():
        optional = "" if field in required else ", may be left out"
        yield f"| `{field}` | {_type(shape)}{optional} | {shape.get('description', '')} |"
    yield ""


def _type(shape: Mapping[str, Any]) -> str:
    """In words; a form is a link."""
    if "$ref" in shape:
        name = shape["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in shape:
        return " or ".join(dict.fromkeys(_type(one) for one in shape["anyOf"]))
    if "enum" in shape:
        return ", ".join(f"`{one}`" for one in shape["enum"])
    if "const" in shape:
        return f"`{shape['const']}`"
    if shape.get("type") == "array":
        return f"list of {_type(shape['items'])}" if shape.get("items") else "list"
    if shape.get("type") == "object" and isinstance(inner := shape.get("additionalProperties"), dict) and inner:
        return f"object of {_type(inner)}"
    return str(shape.get("type", "anything" if not shape or set(shape) <= {"title"} else ""))
