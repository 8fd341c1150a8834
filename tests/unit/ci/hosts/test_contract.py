"""The contract that requests and answers are held against notices what it is there for."""

from __future__ import annotations

from typing import Any

import pytest
from tests.hosts.contract import check
from tests.hosts.serving import Answer, Asked

COMMENT = "/repos/acme/platform/issues/1/comments"
NOTE = "/projects/41/merge_requests/1/notes"


def asked(method: str, path: str, body: Any = None, **query: str) -> Asked:
    """A request."""
    return Asked(method, path, query, {}, body, None)


@pytest.mark.parametrize(
    ("kind", "request_", "answer"),
    [
        ("github", asked("POST", COMMENT, {"body": "text"}), Answer(201, {"id": 1, "body": "text"})),
        ("github", asked("GET", COMMENT, per_page="100", page="2"), Answer(200, [])),
        ("gitlab", asked("POST", NOTE, {"body": "text"}), None),
        ("gitlab", asked("GET", NOTE, sort="asc"), Answer(500, "anything")),
    ],
)
def test_what_is_documented_passes(kind: str, request_: Asked, answer: Answer | None) -> None:
    """An error's body is not looked at."""
    check(kind, request_, answer)


@pytest.mark.parametrize(
    ("kind", "request_", "answer"),
    [
        ("github", asked("POST", COMMENT, {"text": "text"}), None),
        ("github", asked("POST", COMMENT, {"body": 7}), None),
        ("github", asked("POST", COMMENT, {"body": "text", "more": 1}), None),
        ("github", asked("POST", COMMENT, {"body": "text"}), Answer(200, {})),
        ("github", asked("POST", COMMENT, {"body": "text"}), Answer(201, {"text": "text"})),
        ("github", asked("GET", COMMENT, order="asc"), None),
        ("github", asked("GET", COMMENT, {"body": "text"}), None),
        ("github", asked("PUT", COMMENT, {"body": "text"}), None),
        ("github", asked("GET", "/repos/acme/platform/pulls/one"), None),
        ("gitlab", asked("GET", NOTE, per_page="1000"), None),
        ("gitlab", asked("GET", NOTE, sort="newest"), None),
        ("gitlab", asked("POST", NOTE, {}), None),
        ("gitlab", asked("POST", NOTE, {"body": "text"}), Answer(201, {"body": "text"})),
    ],
)
def test_what_is_not_documented_fails(kind: str, request_: Asked, answer: Answer | None) -> None:
    """A name, a type, a method, a parameter, an answer."""
    with pytest.raises(AssertionError):
        check(kind, request_, answer)
