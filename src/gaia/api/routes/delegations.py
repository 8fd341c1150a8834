"""`/delegations`: who may approve in another's name."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Body, Path, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from gaia.api.caller import LONGEST, Persons
from gaia.api.declared import may, problems
from gaia.api.once import OnceRoute
from gaia.api.plain import answer
from gaia.api.shapes import DelegationShape, page

router = APIRouter(tags=["who"], route_class=OnceRoute)
_EXAMPLE: JsonDict = {"to": "gus", "tenant": "acme", "stage": "dev", "until": "2026-12-24T00:00:00Z"}


class DelegationWanted(BaseModel):
    """To whom, where and until when."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})
    to: str = Field(
        max_length=LONGEST,
        description="Who may approve in the caller's name. Who signs in at a provider is named by the id.",
    )
    tenant: str = Field(default="*", max_length=LONGEST)
    stage: str = Field(default="*", max_length=LONGEST)
    until: AwareDatetime


DelegationPage = page("DelegationPage", "delegations", DelegationShape, "Delegations, newest first.")
DelegationId = Annotated[str, Path(max_length=LONGEST, examples=["dlg_019aa8c2d3e47abc9f00112233445566"])]


@router.post(
    "/delegations",
    operation_id="create_delegation",
    summary="Let somebody approve in one's name",
    status_code=201,
    response_model=DelegationShape,
    responses=problems(403, 409),
    openapi_extra=may("delegate"),
)
def create(people: Persons, wanted: Annotated[DelegationWanted, Body()]) -> Response:
    """It holds where the caller may approve, for as long as they may; never for what they asked for themselves."""
    until: datetime = wanted.until.astimezone(UTC)
    made = people.delegations.give(wanted.to, tenant=wanted.tenant, stage=wanted.stage, until=until)
    return answer(asdict(made), 201)


@router.get(
    "/delegations",
    operation_id="list_delegations",
    summary="List the delegations",
    response_model=DelegationPage,
    responses=problems(),
    openapi_extra=may("own"),
)
def listed(people: Persons) -> Response:
    """Those that the caller gave or was given; everybody's for an admin."""
    return answer({"delegations": [asdict(one) for one in people.delegations.known()]})


@router.delete(
    "/delegations/{delegation}",
    operation_id="revoke_delegation",
    summary="End a delegation now",
    response_model=DelegationShape,
    responses=problems(403),
    openapi_extra=may("own"),
)
def revoke(people: Persons, delegation: DelegationId) -> Response:
    """Who gave it, who has it, and an admin. What was approved by it stays approved."""
    return answer(asdict(people.delegations.revoke(delegation)))
