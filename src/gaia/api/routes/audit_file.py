"""`/audit/export`: the audit log as a file that proves itself, and the key that it is checked with."""

from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, Field

from gaia.api.caller import Persons
from gaia.api.declared import may, problems
from gaia.api.plain import answer
from gaia.api.shapes import Shape

router = APIRouter(tags=["who"])
_KINDS = {"jsonl": "application/x-ndjson", "csv": "text/csv"}
_FEW = 500
Moment = Annotated[AwareDatetime | None, Query(description="RFC 3339, with its offset.")]


class AuditKey(Shape):
    """What exports are checked with; no secret."""

    key: str = Field(examples=["ed25519:…"])


@router.get(
    "/audit/key",
    operation_id="get_audit_key",
    summary="Show what exports are checked with",
    response_model=AuditKey,
    responses=problems(),
    openapi_extra=may("known"),
)
def key(people: Persons) -> Response:
    """Keep it where exports are checked: it is the public half of what they are signed with."""
    return answer({"key": people.export_key()})


@router.get(
    "/audit/export",
    operation_id="export_audit",
    summary="Export the audit log",
    response_class=Response,
    responses={
        200: {
            "description": "Each entry as a line, then a signed end. An answer without that end was cut off.",
            "content": {kind: {"schema": {"type": "string"}} for kind in _KINDS.values()},
        },
        **problems(403),
    },
    openapi_extra=may("administer"),
)
def export(
    people: Persons,
    form: Annotated[Literal["jsonl", "csv"], Query(alias="format")] = "jsonl",
    since: Moment = None,
    until: Moment = None,
) -> Response:
    """Entries from the first at or after `since` to the last before `until`, without a gap."""
    lines = people.export(form=form, since=since, until=until)
    first = next(lines)  # what is wrong from the start is a problem, not an answer that breaks off
    return StreamingResponse(_after(first, lines), media_type=_KINDS[form])


def _after(first: bytes, lines: Iterator[bytes]) -> Iterator[bytes]:
    """A piece of some lines at a time: each piece is handed from one thread to another."""
    held = [first]
    for line in lines:
        held.append(line)
        if len(held) >= _FEW:
            yield b"".join(held)
            held = []
    yield b"".join(held)
