"""`/services`: asking for one, those that are there, retiring one."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gaia.api.caller import LONGEST, Door, Limit, Lists, MaybeStack
from gaia.api.declared import may, problems
from gaia.api.once import OnceRoute
from gaia.api.plain import answer
from gaia.api.shapes import LineShape, RequestShape, Shape, page
from gaia.platform import refusals
from gaia.platform.model import FOR_EVER, RequestView, Until, Wish
from gaia.records.model import OnFailure
from gaia.records.sorting import Sorting

router = APIRouter(tags=["services"], route_class=OnceRoute)
_LONGEST_LIFE = 100_000_000_000
"""Seconds that a date can be counted in; a template, and Gaia, allow far less."""
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
    ttl: int | None = Field(
        default=None,
        ge=1,
        le=_LONGEST_LIFE,
        description="Seconds that the service lives from when it comes to exist; what the template says if left out.",
    )
    on_failure: OnFailure = Field(
        default="park",
        description="Of what was made where it cannot be finished: left, with the list of what is not (`park`), or "
        "destroyed again (`undo`).",
    )


class Ordered(BaseModel):
    """One service of several."""

    model_config = ConfigDict(extra="forbid")
    template: str = Field(max_length=LONGEST, description="See `/templates`.")
    service: str = Field(max_length=LONGEST)
    answers: dict[str, Any] = Field(default={}, description="What the template asks.")


class Order(BaseModel):
    """Several services at once."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "shop",
                    "stack": "acme-use1-dev",
                    "services": [
                        {"template": "object-store", "service": "shop-photos", "answers": {"owner": "team-shop"}},
                        {"template": "object-store", "service": "shop-bills", "answers": {"owner": "team-shop"}},
                    ],
                }
            ]
        },
    )
    name: str = Field(max_length=LONGEST, description="What the order is called until it is done.")
    stack: str = Field(max_length=LONGEST, description="See `/stacks`.")
    services: list[Ordered] = Field(min_length=1, max_length=20)
    expires_in: int | None = Field(default=None, ge=60, le=31_536_000)
    ttl: int | None = Field(default=None, ge=1, le=_LONGEST_LIFE, description="Seconds that each of them lives.")
    on_failure: OnFailure = Field(default="park", description="As of `POST /services`.")


class Kept(BaseModel):
    """The end that is wanted: one of `seconds`, `until` and `for_ever`; without any, so long again as it was given."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"stack": "acme-use1-dev", "seconds": 604800}]}
    )
    stack: str = Field(max_length=LONGEST)
    seconds: int | None = Field(default=None, ge=1, le=_LONGEST_LIFE, description="So long from now.")
    until: AwareDatetime | None = Field(default=None, description="A moment.")
    for_ever: bool = Field(False, description="It does not end by itself any more.")

    @property
    def end(self) -> Until | None:
        """What is meant.

        Raises:
            Invalid: `keep-ambiguous`.
        """
        named = [
            self.until,
            None if self.seconds is None else timedelta(seconds=self.seconds),
            FOR_EVER if self.for_ever else None,
        ]
        given = [one for one in named if one is not None]
        if len(given) > 1:
            raise refusals.keep_ambiguous()
        return given[0] if given else None


class Changed(BaseModel):
    """What is to be otherwise."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"answers": {"versioning": True}}]})
    answers: dict[str, Any] = Field(default={}, description="Those that differ; the rest stays as it is.")
    replaces: str | None = Field(
        default=None,
        max_length=LONGEST,
        description="Where somebody edited its manifest by hand, and that may be written over: the `digest` of the "
        "error `manifest-edited`.",
    )
    expires_in: int | None = Field(
        default=None, ge=60, le=31_536_000, description="Seconds in which somebody has to decide; 7 days if left out."
    )

    @property
    def expires(self) -> timedelta | None:
        """In which time."""
        return None if self.expires_in is None else timedelta(seconds=self.expires_in)


class ChangedThere(Changed):
    """What is to be otherwise, and where."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"stack": "acme-use1-dev", "answers": {"versioning": True}}]},
    )
    stack: str = Field(max_length=LONGEST)


class Proposed(BaseModel):
    """A branch that proposes something."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"branch": "larger-network", "stack": "acme-use1-dev"}]}
    )
    branch: str = Field(max_length=LONGEST, description="Of the platform repository.")
    stack: str = Field(max_length=LONGEST, description="A stack of the tenant and stage that it changes.")
    expires_in: int | None = Field(default=None, ge=60, le=31_536_000)


class There(BaseModel):
    """Where the service is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"stack": "acme-use1-dev"}]})
    stack: str = Field(max_length=LONGEST)


def accepted(view: RequestView) -> Response:
    """202, with the request and where to go on."""
    at = f"/api/v1/requests/{view.id}"
    links = {"self": at, "preview": f"{at}/preview", "events": f"{at}/events", "log": f"{at}/log"}
    return answer({"request": view.as_json(), "links": links}, 202, {"Location": at})


ServicePage = page(
    "ServicePage", "services", LineShape, "Live services, each as the request that it came from.", next=str | None
)


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
    ttl = None if asked.ttl is None else timedelta(seconds=asked.ttl)
    return accepted(
        door.submit(
            asked.template,
            asked.service,
            asked.stack,
            asked.answers,
            expires=expires,
            ttl=ttl,
            on_failure=asked.on_failure,
        )
    )


@router.get(
    "/services",
    operation_id="list_services",
    summary="List the live services",
    response_model=ServicePage,
    responses=problems(),
    openapi_extra=may("see"),
)
def services(
    lists: Lists,
    stack: MaybeStack = None,
    after: Annotated[str | None, Query(max_length=2 * LONGEST, description="`next` of the page before.")] = None,
    limit: Limit = 100,
) -> Response:
    """Each as the request that it came from, by stack and name. `next` is null on the last page."""
    stack_after, _, service_after = (after or "").rpartition("/")
    sorting = Sorting("stack", after=(stack_after, service_after) if after else ())
    lines = lists.services(stack=stack, sorting=sorting, limit=limit)
    following = f"{lines[-1].stack}/{lines[-1].service}" if len(lines) == limit else None
    return answer({"services": [line.as_json() for line in lines], "next": following})


@router.post(
    "/orders",
    operation_id="order_services",
    summary="Ask for several services at once",
    status_code=202,
    response_model=Accepted,
    responses=problems(403, 409),
    openapi_extra=may("request"),
)
def order(door: Door, asked: Annotated[Order, Body()]) -> Response:
    """All are let in, or none: one preview, one judgement, one approval, one application in the order of their needs.

    Until it is done the order is resumed, cancelled or retired as one; then each is a service of its own.
    """
    wanted = [Wish(one.template, one.service, one.answers) for one in asked.services]
    expires = None if asked.expires_in is None else timedelta(seconds=asked.expires_in)
    ttl = None if asked.ttl is None else timedelta(seconds=asked.ttl)
    return accepted(door.order(asked.name, asked.stack, wanted, expires=expires, ttl=ttl, on_failure=asked.on_failure))


@router.post(
    "/services/{service}/change",
    operation_id="change_service",
    summary="Ask for a service to have other answers",
    status_code=202,
    response_model=Accepted,
    responses=problems(403, 409),
    openapi_extra=may("request"),
)
def change(door: Door, service: ServiceName, wanted: Annotated[ChangedThere, Body()]) -> Response:
    """Previewed and approved like any request: what is created, changed and destroyed, and what that costs more.

    While something is applied to the service it waits in line, as `queued`.
    """
    return accepted(
        door.change(service, wanted.stack, wanted.answers, replaces=wanted.replaces, expires=wanted.expires)
    )


@router.post(
    "/changes",
    operation_id="change_from_branch",
    summary="Ask for the manifests that a branch proposes",
    status_code=202,
    response_model=Accepted,
    responses=problems(403, 404, 409),
    openapi_extra=may("request"),
)
def change_from(door: Door, proposed: Annotated[Proposed, Body()]) -> Response:
    """The branch is one of the platform repository, and changes only files of its stacks folder.

    They are taken as they are at the branch's commit now; the instances that they make, change or take away, all of
    the stack's tenant and stage, are previewed, approved and applied as any, and the files are published.
    """
    expires = None if proposed.expires_in is None else timedelta(seconds=proposed.expires_in)
    return accepted(door.change_from(proposed.branch, proposed.stack, expires=expires))


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


@router.post(
    "/services/{service}/keep",
    operation_id="keep_service",
    summary="Let a service live longer",
    response_model=RequestShape,
    responses=problems(403, 409),
    openapi_extra=may("request"),
)
def keep(door: Door, service: ServiceName, kept: Annotated[Kept, Body()]) -> Response:
    """Its end is moved away; it comes no nearer so. The request that the service came from."""
    return answer(door.keep(service, kept.stack, until=kept.end).as_json())
