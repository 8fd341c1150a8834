"""The OpenAPI document: schemathesis calls every route with what it allows and what it does not."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

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
from tests.unit.api.conftest import done, loop_at, served_of, stages

from gaia.api.app import DOCUMENT, make_api
from gaia.api.limits import Limits

if TYPE_CHECKING:
    from fastapi import FastAPI
    from schemathesis import Case
    from tests.unit.platform.loop import Loop

__all__ = ["done", "loop_at", "stages"]
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
    return make_api(served_of(done), limits=Limits(calls=10**9, failures=10**9, longest_stream=0))


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


@pytest.mark.cloud
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
