"""`/events`: what happened everywhere that the caller may see, by a cursor or as it comes."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from gaia.api.caller import Happened, Limit
from gaia.api.declared import may, problems
from gaia.api.plain import answer
from gaia.api.shapes import page, shape_of
from gaia.api.stream import CONTENT, stream
from gaia.notifications.model import EventView

router = APIRouter(tags=["events"])
EventShape = shape_of(EventView, "Event")
EventPage = page("EventPage", "events", EventShape, "What was done, oldest first.", next=int)
After = Annotated[int, Query(ge=0, le=2**53, description="`next` of the page before; 0 begins at the first.")]


@router.get(
    "/events",
    operation_id="list_events",
    summary="Show what is new",
    response_model=EventPage,
    responses=problems(),
    openapi_extra=may("see"),
)
def listed(
    happened: Happened,
    after: After = 0,
    limit: Limit = 100,
    newest: Annotated[bool, Query(description="The last ones instead of those after `after`; oldest first.")] = False,
) -> Response:
    """What was asked for, approved, applied and retired where the caller may see it. Come again with `next`."""
    found = happened.newest(limit=limit) if newest else happened.after(after, limit=limit)
    return answer({"events": [asdict(one) for one in found], "next": found[-1].seq if found else after})


@router.get(
    "/events/stream",
    operation_id="follow_events",
    summary="Follow what happens",
    response_class=Response,
    responses={
        200: {
            "description": "Server-sent events called `event`, each numbered by its `seq`. The server closes a stream "
            "after some minutes: come again with `Last-Event-ID`, as browsers do by themselves.",
            "content": CONTENT,
        },
        **problems(),
    },
    openapi_extra=may("see"),
)
def followed(
    call: Request,
    happened: Happened,
    after: After = 0,
    last: Annotated[
        int | None, Header(alias="Last-Event-ID", ge=0, le=2**53, description="The `seq` of the last one read.")
    ] = None,
) -> Response:
    """A reader that was cut off gives the last number that it has seen, and misses nothing."""
    feed = happened.feed(after if last is None else last)
    return stream(call, feed, resumed=False)
