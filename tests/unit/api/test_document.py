"""The OpenAPI document: whole, true to the views, with examples. tests/integration/api calls all of it."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import jsonschema

from gaia.api.problems import ROUTES
from gaia.api.shapes import LineShape, RequestShape
from gaia.platform.model import RequestLine, RequestView

if TYPE_CHECKING:
    from tests.unit.api.talk import Talk


def test_the_document_is_valid(talk: Talk) -> None:
    """OpenAPI 3.1: its schemas are JSON Schema, each operation has a name and examples where something is given."""
    document = talk.get("openapi.json").json()
    assert document["openapi"] == "3.1.0"
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["operationId"].isidentifier()
            assert operation["summary"], path
            for status, answer in operation["responses"].items():
                if status[0] in "45":
                    assert list(answer["content"]) == ["application/problem+json"], (method, path, status)


def test_every_body_has_an_example_that_is_good(talk: Talk) -> None:
    """A reader copies it."""
    document = talk.app.openapi()
    for methods in document["paths"].values():
        for operation in methods.values():
            body = operation.get("requestBody")
            if body is not None:
                schema = body["content"]["application/json"]["schema"]
                schema = _resolved(document, schema)
                assert schema["examples"], operation["operationId"]
                for example in schema["examples"]:
                    jsonschema.validate(example, {**schema, "components": document["components"]})


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def test_a_next_step_leads_to_a_route_that_there_is(talk: Talk) -> None:
    """By its method."""
    paths = talk.app.openapi()["paths"]
    known = {(method.upper(), path.split("{")[0]) for path, methods in paths.items() for method in methods}
    for method, path in ROUTES.values():
        assert (method, path.split("?")[0].split("{")[0]) in known, path


def test_the_forms_are_those_of_the_views() -> None:
    """A column that is new in a view is in the document without another list."""
    names = {each.name for each in fields(RequestView)}
    assert set(RequestShape.model_fields) == {*names, "next_act", "confirms"}
    names = {each.name for each in fields(RequestLine)} - {"cost"}
    assert set(LineShape.model_fields) == {*names, "next_act", "monthly_cost", "partial"}
