"""`/services`: asking for one, those that are there, retiring one."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from gaia.api.caller import LONGEST, Door, Lists, MaybeStack
from gaia.api.declared import may, problems
from gaia.api.once import OnceRoute
from gaia.api.plain import answer
from gaia.api.shapes import LineShape, RequestShape, Shape, page
from gaia.platform.model import RequestView

router = APIRouter(tags=["services"], route_class=OnceRoute)
ServiceName = Annotated[str, Path(max_length=LONGEST, description="The service's name.", examples=["photos"])]


class Links(Shape):
    """Where what comes of it can be read."""

    self: str
    preview: str
    events: str
    log: str


class Accepted(Shape):
    """A request that was written down: it is worked on from now on."""

    request: RequestShape  # type: ignore[valid-type]
    links: Links


class Asked(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "template": "object-store",
                    "service": "photos",
                    "stack": "acme-use1-dev",
                    "answers": {"owner": "team-media", "purpose": "holiday photos", "cost_center": "cc-1234"},
                }
            ]
        },
    )
    template: str = Field(max_length=LONGEST, description="See `/templates`.")
    service: str = Field(max_length=LONGEST, description="Its name: lower-case letters, digits, hyphens.")
    stack: str = Field(max_length=LONGEST, description="See `/stacks`.")
    answers: dict[str, Any] = Field(default={}, description="What the template asks.")
    expires_in: int | None = Field(
        default=None, ge=60, le=31_536_000, description="Seconds in which somebody has to decide; 7 days if left out."
    )


class There(BaseModel):
    """Where the service is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"stack": "acme-use1-dev"}]})
    stack: str = Field(max_length=LONGEST)


def accepted(view: RequestView) -> Response:
    """202, with the request and where to go on."""
    at = f"/api/v1/requests/{view.id}"
    links = {"self": at, "preview": f"{at}/preview", "events": f"{at}/events", "log": f"{at}/log"}
    return answer({"request": view.as_json(), "links": links}, 202, {"Location": at})


ServicePage = page("ServicePage", "services", LineShape, "Live services, each as the request that it came from.")


@router.post(
    "/services",
    operation_id="ask_for_service",
    summary="Ask for a service",
    status_code=202,
    response_model=Accepted,
    responses=problems(403, 409),
    openapi_extra=may("request"),
)
def ask(door: Door, asked: Annotated[Asked, Body()]) -> Response:
    """Write the request down and queue its preview; then it waits for an approval."""
    expires = None if asked.expires_in is None else timedelta(seconds=asked.expires_in)
    return accepted(door.submit(asked.template, asked.service, asked.stack, asked.answers, expires=expires))


@router.get(
    "/services",
    operation_id="list_services",
    summary="List the live services",
    response_model=ServicePage,
    responses=problems(),
    openapi_extra=may("see"),
)
def services(lists: Lists, stack: MaybeStack = None) -> Response:
    """Each as the request that it came from, by stack and name."""
    return answer({"services": [one.as_json() for one in lists.services(stack=stack)]})


@router.post(
    "/services/{service}/retire",
    operation_id="retire_service",
    summary="Ask for a service to be destroyed",
    status_code=202,
    response_model=Accepted,
    responses=problems(403, 409),
    openapi_extra=may("request"),
)
def retire(door: Door, service: ServiceName, there: Annotated[There, Body()]) -> Response:
    """Previewed and approved like any request."""
    return accepted(door.retire(service, there.stack))
