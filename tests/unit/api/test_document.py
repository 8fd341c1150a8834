"""The OpenAPI document: whole, true to the views, with examples. tests/integration/api calls all of it."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
from fastapi.routing import APIRoute

import gaia
from gaia.api.problems import ROUTES
from gaia.api.routes.signing_in import browsers
from gaia.api.shapes import LineShape, RequestShape
from gaia.platform.model import RequestLine, RequestView

if TYPE_CHECKING:
    from tests.unit.api.talk import Talk

AT_A_TERMINAL = {
    "adopt", "apply", "bootstrap", "doctor", "init", "leave", "move", "new environment", "new tenant", "plan",
    "policy copy", "policy test", "prices refresh", "release guard", "release make", "release unlock",
    "release watch", "sandbox down", "sandbox reset",
    "sandbox snapshot list", "sandbox snapshot save", "sandbox status", "sandbox up", "terraform apply",
    "terraform import", "terraform plan", "terraform state push", "tools install", "unlock", "validate component",
    "validate stacks", "worker", "workflow",
}  # fmt: skip
"""What no route does."""


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
    """By its method and the whole of its path; where a browser is sent, to one of those that are for browsers."""
    document = talk.app.openapi()["paths"]
    known = {(verb.upper(), _form(path)): each for path, verbs in document.items() for verb, each in verbs.items()}
    pages = {
        (verb, route.path) for route in browsers.routes if isinstance(route, APIRoute) for verb in route.methods or ()
    }
    for method, whole in ROUTES.values():
        path, _, query = whole.partition("?")
        if (method, path) not in pages:
            given = {one["name"] for one in known[method, _form(path)].get("parameters", ())}
            assert not query or query.partition("=")[0] in given, whole


def test_every_next_step_that_a_route_does_has_one() -> None:
    """What is proposed anywhere is done by a route, or is done where files, tools and homes are."""
    proposed = {
        str(node.args[0].value)
        for path in Path(gaia.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Next"
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    assert proposed - set(ROUTES) == AT_A_TERMINAL


def test_the_forms_are_those_of_the_views() -> None:
    """A column that is new in a view is in the document without another list."""
    names = {each.name for each in fields(RequestView)}
    assert set(RequestShape.model_fields) == {*names, "next_act", "confirms"}
    names = {each.name for each in fields(RequestLine)} - {"cost"}
    assert set(LineShape.model_fields) == {*names, "next_act", "monthly_cost", "partial"}


def _form(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)
