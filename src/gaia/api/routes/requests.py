"""`/requests`: what was asked for, what would come of it, and what was decided."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gaia.api.caller import LONGEST, Door, DoorOf, Home, Limit, MaybeStack, RequestName
from gaia.api.declared import may, problems
from gaia.api.once import OnceRoute
from gaia.api.plain import answer
from gaia.api.routes.services import Accepted, Changed, accepted
from gaia.api.shapes import LineShape, PreviewShape, RequestShape, Shape, page
from gaia.api.stream import CONTENT, stream
from gaia.errors import NotFound, Refused

router = APIRouter(tags=["requests"], route_class=OnceRoute)
_EXAMPLE = "req_019aa8c2d3e47abc9f00112233445566"


class Approval(BaseModel):
    """What is approved."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"digest": None, "reason": "small"}]})
    digest: str | None = Field(
        default=None, max_length=LONGEST, description="Of the preview that was read; else the current one's."
    )
    judgement: str | None = Field(default=None, max_length=LONGEST, description="Of the judgement that was read.")
    reason: str = Field(default="", max_length=1000)
    on_behalf: str | None = Field(
        default=None, max_length=LONGEST, description="In whose name, where they have delegated it; else the caller's."
    )


class Cancellation(BaseModel):
    """How it is to end."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"now": False}]})
    now: bool = Field(False, description="Kill terraform instead of asking it to end.")


class Rejection(BaseModel):
    """Why not."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "use the shared bucket"}]})
    reason: str = Field(max_length=1000, description="The requester reads it.")


class Saying(BaseModel):
    """What somebody says of a request."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"text": "Which bucket is it for?"}]})
    text: str = Field(min_length=1, max_length=1000)


class LogLine(Shape):
    """One line of the log of a run."""

    at: str
    level: str
    step: str
    message: str
    instance: str | None
    event: dict[str, Any] | None


RequestPage = page("RequestPage", "requests", LineShape, "Requests, newest first.", next=str | None)
LogPage = page("LogPage", "lines", LogLine, "Lines of the logs of a request's runs, oldest first.", next=int)


@router.get(
    "/requests",
    operation_id="list_requests",
    summary="List the requests",
    response_model=RequestPage,
    responses=problems(),
    openapi_extra=may("see"),
)
def listed(
    door: Door,
    stack: MaybeStack = None,
    open_only: Annotated[bool, Query(alias="open", description="Only those that have not ended.")] = False,
    after: Annotated[str | None, Query(max_length=LONGEST, description="`next` of the page before.")] = None,
    limit: Limit = 100,
    cost: Annotated[bool, Query(description="With the estimate of each as `cost`: Infracost JSON, or `{}`.")] = False,
) -> Response:
    """Newest first. `next` is null on the last page."""
    lines = door.requests(stack=stack, open_only=open_only, after=after, limit=limit)
    following = lines[-1].id if len(lines) == limit else None
    return answer(
        {"requests": [line.as_json() | ({"cost": line.cost} if cost else {}) for line in lines], "next": following}
    )


@router.get(
    "/requests/{request}",
    operation_id="get_request",
    summary="Show a request",
    response_model=RequestShape,
    responses=problems(),
    openapi_extra=may("see"),
)
def one(door: DoorOf, request: RequestName) -> Response:
    """Everything about it: the preview, the judgement, the approvals, the runs."""
    return answer(door.request(request).as_json())


@router.get(
    "/requests/{request}/preview",
    operation_id="get_preview",
    summary="Show what would be done",
    response_model=PreviewShape,
    responses=problems(),
    openapi_extra=may("see"),
)
def preview(door: DoorOf, request: RequestName) -> Response:
    """What would change, what it costs and what the policies say."""
    view = door.request(request)
    if view.preview is None:
        raise NotFound(
            "preview-missing", f"{view.id} is {view.status} and has no preview", next_step="Wait for its events."
        )
    return answer(view.as_json()["preview"])


@router.get(
    "/requests/{request}/log",
    operation_id="get_log",
    summary="Show what its runs did",
    response_model=LogPage,
    responses=problems(),
    openapi_extra=may("see"),
)
def log(
    door: DoorOf,
    request: RequestName,
    after: Annotated[int, Query(ge=0, le=2**53, description="Skip so many lines: `next` of the page before.")] = 0,
    limit: Limit = 1000,
) -> Response:
    """Oldest line first. Follow `/events` to read on as they come."""
    lines = list(door.log(request))[after : after + limit]
    return answer({"lines": lines, "next": after + len(lines)})


@router.get(
    "/requests/{request}/events",
    operation_id="follow_request",
    summary="Follow a request",
    response_class=Response,
    responses={
        200: {
            "description": "Server-sent events until it waits or has ended: `log` (a line, numbered by its `id`) and "
            "`request` (the whole request, when it is not as it was). `end` is the last.",
            "content": CONTENT,
        },
        204: {"description": "It waits or has ended, and there is nothing after `Last-Event-ID`."},
        **problems(),
    },
    openapi_extra=may("see"),
)
def events(
    call: Request,
    door: DoorOf,
    request: RequestName,
    last: Annotated[
        int | None, Header(alias="Last-Event-ID", ge=0, le=2**53, description="The number of the last line read.")
    ] = None,
) -> Response:
    """A reader that was cut off gives the last number that it has seen, and misses nothing."""
    return stream(call, door.events(request, after=last or 0), resumed=last is not None)


@router.post(
    "/requests/{request}/approve",
    operation_id="approve_request",
    summary="Approve exactly what was previewed",
    status_code=202,
    response_model=Accepted,
    responses=problems(403, 409),
    openapi_extra=may("approve"),
)
def approve(home: Home, door: DoorOf, request: RequestName, said: Annotated[Approval, Body()]) -> Response:
    """What the digests name is signed; another preview than that is a conflict.

    With as many approvals as the rules ask for, it is applied; until then `approvals_needed` says what is missing.
    Where a rule asks for a second factor that is too old or was not given, the code is `proof-needed`, and
    `WWW-Authenticate` says what to ask the provider for (RFC 9470): `max_age`, and `acr_values` where they are set.
    """
    named = {"digest": said.digest, "judgement": said.judgement, "on_behalf": said.on_behalf}
    try:
        return accepted(door.approve(request, reason=said.reason, **named))
    except Refused as error:
        way = home.signing_in.way()
        if error.code == "proof-needed" and way is not None and way.acr_values:
            error.facts = {**error.facts, "acr_values": way.acr_values}
        raise


@router.post(
    "/requests/{request}/reject",
    operation_id="reject_request",
    summary="Say no",
    response_model=RequestShape,
    responses=problems(403, 409),
    openapi_extra=may("reject"),
)
def reject(door: DoorOf, request: RequestName, said: Annotated[Rejection, Body()]) -> Response:
    """For good. Whoever asked may take it back so."""
    return answer(door.reject(request, reason=said.reason).as_json())


@router.post(
    "/requests/{request}/comments",
    operation_id="comment_request",
    summary="Say something about a request",
    status_code=201,
    response_model=RequestShape,
    responses=problems(403, 409),
    openapi_extra=may("take-part"),
)
def comment(door: DoorOf, request: RequestName, said: Annotated[Saying, Body()]) -> Response:
    """Everybody who sees the request reads it, in its `comments`."""
    return answer(door.comment(request, said.text).as_json(), 201)


@router.post(
    "/requests/{request}/cancel",
    operation_id="cancel_request",
    summary="End what is carried out for a request",
    status_code=202,
    response_model=Accepted,
    responses=problems(403, 409),
    openapi_extra=may("take-part"),
)
def cancel(door: DoorOf, request: RequestName, said: Annotated[Cancellation, Body()]) -> Response:
    """Terraform is asked to end and saves what it made. A preview ends for good, an application is parked."""
    return accepted(door.cancel(request, now=said.now))


@router.post(
    "/requests/{request}/resume",
    operation_id="resume_request",
    summary="Go on with a parked request",
    status_code=202,
    response_model=Accepted,
    responses=problems(403, 409),
    openapi_extra=may("take-part"),
)
def resume(door: DoorOf, request: RequestName) -> Response:
    """What was done stays done. One that waits is previewed again where its stack was put somewhere else since."""
    return accepted(door.resume(request))


@router.post(
    "/requests/{request}/change",
    operation_id="change_request",
    summary="Ask for the service of a request to have other answers",
    status_code=202,
    response_model=Accepted,
    responses=problems(403, 409),
    openapi_extra=may("request"),
)
def change(door: DoorOf, request: RequestName, wanted: Annotated[Changed, Body()]) -> Response:
    """As `/services/{service}/change`."""
    view = door.request(request)
    return accepted(
        door.change(view.service, view.stack, wanted.answers, replaces=wanted.replaces, expires=wanted.expires)
    )


@router.post(
    "/requests/{request}/retire",
    operation_id="retire_request",
    summary="Ask for the service of a request to be destroyed",
    status_code=202,
    response_model=Accepted,
    responses=problems(403, 409),
    openapi_extra=may("request"),
)
def retire(door: DoorOf, request: RequestName) -> Response:
    """As `/services/{service}/retire`."""
    view = door.request(request)
    return accepted(door.retire(view.service, view.stack))
