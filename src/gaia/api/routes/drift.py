"""`/drift`: what was found of instances that Gaia applied, a look now, and putting a service back."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gaia.api.caller import LONGEST, Door, Drifts, Limit, MaybeStack
from gaia.api.declared import PREFIX, may, problems
from gaia.api.once import OnceRoute
from gaia.api.plain import answer
from gaia.api.routes.services import Accepted, ServiceName, There, accepted
from gaia.api.shapes import Shape, page, shape_of
from gaia.platform.drift.views import DriftView, InstanceDriftView, LookView
from gaia.records.drift_model import DriftResult

router = APIRouter(tags=["drift"], route_class=OnceRoute)
DriftShape = shape_of(DriftView, "Drift")
InstanceDriftShape = shape_of(InstanceDriftView, "InstanceDrift")
LookShape = shape_of(LookView, "Look")
DriftPage = page("DriftPage", "instances", DriftShape, "The last look at each instance.", next=str | None)


class Looked(Shape):
    """A look that was queued, or is to end."""

    look: LookShape  # type: ignore[valid-type]


class WhereToLook(BaseModel):
    """Which instance."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"stack": "acme-use1-dev", "component": "photos-bucket"}]}
    )
    stack: str = Field(max_length=LONGEST)
    component: str = Field(max_length=LONGEST)


class LookToEnd(BaseModel):
    """Which look is to end."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"run": "run_019aa8c2d3e47abc9f00112233445566"}]}
    )
    run: str = Field(max_length=LONGEST)
    now: bool = Field(False, description="Kill terraform instead of asking it to end.")


@router.get(
    "/drift",
    operation_id="list_drift",
    summary="List what was last found of each instance",
    response_model=DriftPage,
    responses=problems(),
    openapi_extra=may("see"),
)
def listed(
    drifts: Drifts,
    stack: MaybeStack = None,
    component: Annotated[str | None, Query(max_length=LONGEST, description="Only of this component.")] = None,
    state: Annotated[
        DriftResult | None, Query(description="Only so; those that are gone are listed only when asked for.")
    ] = None,
    since: Annotated[AwareDatetime | None, Query(description="Only what is as it is from then on, or later.")] = None,
    after: Annotated[str | None, Query(max_length=2 * LONGEST, description="`next` of the page before.")] = None,
    limit: Limit = 100,
) -> Response:
    """What Gaia applied and has looked at, by stack and component. `next` is null on the last page."""
    stack_after, _, component_after = (after or "").partition("/")
    found = drifts.list(
        stack=stack,
        component=component,
        state=state,
        since=since,
        after=(stack_after, component_after) if after else None,
        limit=limit,
    )
    following = found[-1].instance if len(found) == limit else None
    return answer({"instances": [one.as_json() for one in found], "next": following})


@router.post(
    "/drift",
    operation_id="look_for_drift",
    summary="Look at an instance now",
    status_code=202,
    response_model=Looked,
    responses=problems(403, 409),
    openapi_extra=may("request"),
)
def look(drifts: Drifts, where: Annotated[WhereToLook, Body()]) -> Response:
    """It is planned as the published branch has it, and nothing is changed. `Location` shows what is found."""
    made = drifts.look(where.stack, where.component)
    return answer({"look": made.as_json()}, 202, {"Location": f"{PREFIX}/drift/{made.instance}"})


@router.post(
    "/drift/cancel",
    operation_id="cancel_look",
    summary="End a look",
    status_code=202,
    response_model=Looked,
    responses=problems(403, 409),
    openapi_extra=may("request"),
)
def cancel(drifts: Drifts, which: Annotated[LookToEnd, Body()]) -> Response:
    """The instance is looked at again at its next time."""
    return answer({"look": drifts.cancel(which.run, now=which.now).as_json()}, 202)


@router.get(
    "/drift/{stack}/{component:path}",
    operation_id="get_drift",
    summary="Show what was found of an instance",
    response_model=InstanceDriftShape,
    responses=problems(),
    openapi_extra=may("see"),
)
def shown(
    drifts: Drifts,
    stack: Annotated[str, Path(max_length=LONGEST, examples=["acme-use1-dev"])],
    component: Annotated[str, Path(max_length=LONGEST, examples=["photos-bucket"])],
    after: Annotated[str | None, Query(max_length=LONGEST, description="`next` of the page before.")] = None,
    limit: Limit = 50,
) -> Response:
    """The findings of the last look, and the looks before it, newest first."""
    return answer(drifts.show(stack, component, after=after, limit=limit).as_json())


@router.post(
    "/services/{service}/reconcile",
    operation_id="reconcile_service",
    summary="Ask for a service to be put back",
    status_code=202,
    response_model=Accepted,
    responses=problems(403, 409),
    openapi_extra=may("request"),
)
def reconcile(door: Door, service: ServiceName, there: Annotated[There, Body()]) -> Response:
    """What has drifted is made again as it is published; previewed and approved like any request."""
    return accepted(door.reconcile(service, there.stack))
