"""`/workflows`: Atmos workflows of the published commit, carried out by the server as long as they only look."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from gaia.api.caller import LONGEST, Home, Limit, MaybeStack, Repository, Who
from gaia.api.declared import PREFIX, may, problems
from gaia.api.once import OnceRoute
from gaia.api.plain import answer
from gaia.api.routes.requests import Cancellation, LogPage
from gaia.api.shapes import page, shape_of
from gaia.platform.executions.executions import Executions, ExecutionView, WorkflowView, as_json

router = APIRouter(tags=["workflows"], route_class=OnceRoute)
WorkflowShape = shape_of(WorkflowView, "Workflow")
ExecutionShape = shape_of(ExecutionView, "Execution")
WorkflowPage = page("WorkflowPage", "workflows", WorkflowShape, "Workflows, by file and name.")
ExecutionPage = page(
    "ExecutionPage", "executions", ExecutionShape, "Executions of a workflow, newest first.", next=str | None
)
Name = Annotated[str, Path(max_length=LONGEST, examples=["plan"])]
ExecutionId = Annotated[str, Path(max_length=LONGEST, examples=["run_019aa8c2d3e47abc9f00112233445566"])]


class Wanted(BaseModel):
    """For which stack."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"stack": "acme-use1-dev"}]})
    stack: str = Field(max_length=LONGEST)
    file: str | None = Field(default=None, max_length=LONGEST, description="Where several files have one of the name.")


def executions(home: Home, who: Who, repository: Repository = None) -> Executions:
    """Workflows, in the caller's name."""
    return home.executions(who, repository=repository)


Ways = Annotated[Executions, Depends(executions)]


@router.get(
    "/workflows",
    operation_id="list_workflows",
    summary="List the workflows",
    response_model=WorkflowPage,
    responses=problems(),
    openapi_extra=may("known"),
)
def listed(ways: Ways) -> Response:
    """Those of the repository's published commit, with the names of their steps."""
    return answer({"workflows": [as_json(one) for one in ways.workflows()]})


@router.post(
    "/workflows/{workflow}/executions",
    operation_id="execute_workflow",
    summary="Carry out a workflow",
    status_code=202,
    response_model=ExecutionShape,
    responses=problems(403, 409),
    openapi_extra=may("administer-there"),
)
def execute(ways: Ways, workflow: Name, wanted: Annotated[Wanted, Body()]) -> Response:
    """Its steps have to validate stacks, describe components or plan: what changes something is asked for as a service.

    One that reads all manifests (`validate stacks`) takes an admin of everything.
    """
    made = ways.start(workflow, wanted.stack, file=wanted.file)
    return answer(as_json(made), 202, {"Location": f"{PREFIX}/workflows/{workflow}/executions/{made.id}"})


@router.get(
    "/workflows/{workflow}/executions",
    operation_id="list_executions",
    summary="List the executions of a workflow",
    response_model=ExecutionPage,
    responses=problems(),
    openapi_extra=may("see"),
)
def every(
    ways: Ways,
    workflow: Name,
    stack: MaybeStack = None,
    after: Annotated[str | None, Query(max_length=LONGEST, description="`next` of the page before.")] = None,
    limit: Limit = 50,
) -> Response:
    """Those that the caller may see. `next` is null on the last page."""
    found = ways.listed(workflow, stack=stack, after=after, limit=limit)
    following = found[-1].id if len(found) == limit else None
    return answer({"executions": [as_json(one) for one in found], "next": following})


@router.get(
    "/workflows/{workflow}/executions/{execution}",
    operation_id="get_execution",
    summary="Show an execution",
    response_model=ExecutionShape,
    responses=problems(),
    openapi_extra=may("see"),
)
def one(ways: Ways, workflow: Name, execution: ExecutionId) -> Response:
    """How far it is, or how it ended."""
    return answer(as_json(ways.one(workflow, execution)))


@router.get(
    "/workflows/{workflow}/executions/{execution}/log",
    operation_id="get_execution_log",
    summary="Show what an execution saw",
    response_model=LogPage,
    responses=problems(),
    openapi_extra=may("see"),
)
def log(
    ways: Ways,
    workflow: Name,
    execution: ExecutionId,
    after: Annotated[int, Query(ge=0, le=2**53, description="Skip so many lines: `next` of the page before.")] = 0,
    limit: Limit = 1000,
) -> Response:
    """Oldest line first."""
    lines = ways.log(workflow, execution)[after : after + limit]
    return answer({"lines": lines, "next": after + len(lines)})


@router.post(
    "/workflows/{workflow}/executions/{execution}/cancel",
    operation_id="cancel_execution",
    summary="End an execution",
    status_code=202,
    response_model=ExecutionShape,
    responses=problems(403, 409),
    openapi_extra=may("administer-there"),
)
def cancel(ways: Ways, workflow: Name, execution: ExecutionId, said: Annotated[Cancellation, Body()]) -> Response:
    """Nothing was changed by it, so nothing has to be undone."""
    return answer(as_json(ways.cancel(workflow, execution, now=said.now)), 202)
