"""The OpenAPI document: schemathesis calls every route with what it allows and what it does not."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.unit.api.conftest import served_of

from gaia.api.app import DOCUMENT, make_api
from gaia.api.limits import Limits
from gaia.api.problems import ROUTES
from gaia.api.shapes import LineShape, RequestShape
from gaia.platform.model import RequestLine, RequestView

if TYPE_CHECKING:
    from fastapi import FastAPI
    from schemathesis import Case
    from tests.unit.api.talk import Talk
    from tests.unit.platform.loop import Loop

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
QUIETLY = settings(
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    max_examples=max(settings().max_examples // 5, 1),  # of each of forty routes
)


@pytest.fixture(name="app")
def unlimited(done: Loop) -> FastAPI:
    """The API where a service stands, for whoever calls without a pause."""
    return make_api(served_of(done), limits=Limits(calls=10**9, failures=10**9))


def call_all(app: FastAPI, headers: dict[str, str], mode: GenerationMode) -> int:
    """Call every route of the document; how many calls that were."""
    tried = 0
    for found in schemathesis.openapi.from_asgi(DOCUMENT, app).get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]

        @given(case=operation.as_strategy(generation_mode=mode))
        @QUIETLY
        def call(case: Case[Any]) -> None:
            nonlocal tried
            tried += 1
            case.call_and_validate(checks=CHECKS, headers=headers)

        with suppress(Unsatisfiable):  # a route to which nothing is given cannot be given anything wrong
            call()
    return tried


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("who", "mode"),
    [("root", GenerationMode.POSITIVE), ("root", GenerationMode.NEGATIVE), ("nobody", GenerationMode.POSITIVE)],
)
def test_whatever_is_called_is_answered_as_the_document_says(
    app: FastAPI, done: Loop, who: str, mode: GenerationMode
) -> None:
    """No 5xx, and no answer that the document does not have; with a token and without."""
    headers = {"Authorization": f"Bearer {done.tokens[who]}"} if who in done.tokens else {}
    assert call_all(app, headers, mode) > 30


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
