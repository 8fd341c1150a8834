"""Steps of type `http`: the request that is written, and what its answer means. Nothing is sent from here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode, urlsplit

from gaia.errors import Invalid
from gaia.stacks.workflows.model import Outcome
from gaia.stacks.workflows.steps import written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.stacks.workflows.model import Step

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    timeout: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; a status of 0 where nothing did, with the reason as the body."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: str


def request(step: Step, render: Callable[[str], str]) -> Request:
    """The request of a step, its texts rendered.

    Raises:
        Invalid: `workflow-step-invalid`.
    """
    method = _text(step, "method", render).upper() or "GET"
    url = _text(step, "url", render)
    form, body = _map(step, "form", render), _text(step, "body", render)
    if not url or (urlsplit(url).scheme not in ("http", "https") and "{{" not in url):
        raise _wrong(step, "an http step needs url: http://… or https://…")
    if method not in METHODS:
        raise _wrong(step, f"{method} is none of {', '.join(METHODS)}")
    if form and body:
        raise _wrong(step, "an http step has a body or a form, not both")
    headers = _map(step, "headers", render)
    if query := _map(step, "query", render):
        url += ("&" if urlsplit(url).query else "?") + urlencode(query)
    content = body.encode() if body else None
    if form:
        given = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
        as_json = given.split(";")[0].strip().lower() == "application/json"
        content = (json.dumps(form) if as_json else urlencode(form)).encode()
        headers = headers if given else {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    expected(step)
    return Request(method, url, headers, content, step.timeout or SECONDS)


def expected(step: Step) -> tuple[tuple[int, ...], tuple[re.Pattern[str], ...]]:
    """The statuses and the patterns of which an answer must have one.

    Raises:
        Invalid: `workflow-step-invalid`.
    """
    given = step.fields.get("expect") or {}
    if not isinstance(given, dict):
        raise _wrong(step, "expect must be a map")
    statuses, patterns = given.get("status") or [], given.get("response") or []
    if not isinstance(statuses, list) or not all(isinstance(one, int) for one in statuses):
        raise _wrong(step, "expect.status must be a list of numbers")
    try:
        compiled = tuple(re.compile(_bare(str(one))) for one in cast("list[object]", patterns))
    except (re.error, TypeError) as error:
        raise _wrong(step, f"expect.response must be a list of regular expressions: {error}") from error
    return tuple(statuses), compiled


def outcome(step: Step, reply: Reply) -> Outcome:
    """What an answer means for its step."""
    statuses, patterns = expected(step)
    good = reply.status in statuses if statuses else 200 <= reply.status < 300
    matched = not patterns or any(one.search(reply.body) for one in patterns)
    shown = f"{reply.status} {reply.reason}".strip()
    metadata = {"status_code": reply.status, "status": shown, "response_headers": dict(reply.headers)}
    error = ""
    if not good:
        error = f"the answer was {shown}" if reply.status else f"there was no answer: {reply.body}"
    elif not matched:
        error = "the answer is not the expected one"
    return Outcome(int(bool(error)), reply.body if reply.status else "", error=error, metadata=metadata)


def worth_again(step: Step, reply: Reply) -> bool:
    """Whether another attempt may help: no answer, a server's failure, or what the step's conditions name."""
    if not reply.status or reply.status >= 500 or reply.status == 429:
        return True
    text = f"{reply.status} {reply.body}"
    return any(re.search(_bare(one), text) for one in step.retry.conditions)


def _bare(pattern: str) -> str:
    pattern = pattern.strip()
    return pattern[1:-1] if len(pattern) > 1 and pattern[0] == pattern[-1] == "/" else pattern


def _text(step: Step, key: str, render: Callable[[str], str]) -> str:
    value = step.fields.get(key)
    if isinstance(value, dict | list):
        raise _wrong(step, f"{key} must be a text")
    return render(written(value)).strip() if key != "body" else render(written(value))


def _map(step: Step, key: str, render: Callable[[str], str]) -> dict[str, str]:
    value = step.fields.get(key) or {}
    if not isinstance(value, dict) or any(isinstance(one, dict | list) for one in value.values()):
        raise _wrong(step, f"{key} must be a map of texts")
    return {name: render(written(one)) for name, one in value.items()}


def _wrong(step: Step, message: str) -> Invalid:
    return Invalid("workflow-step-invalid", f"{step.name}: {message}", at=step.at, next_step="Correct the step.")
