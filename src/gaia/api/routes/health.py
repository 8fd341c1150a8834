"""`/healthz`, `/readyz`, `/metrics`: for who looks after the server."""

from fastapi import APIRouter, Request, Response

from gaia.api.caller import Home, Who
from gaia.api.declared import may, problems
from gaia.api.plain import answer
from gaia.api.shapes import Shape
from gaia.errors import Unavailable
from gaia.platform.views.measures import MEDIA_TYPE

router = APIRouter(tags=["health"])
metrics_router = APIRouter(tags=["health"])


class Health(Shape):
    """How it is."""

    status: str


@router.get(
    "/healthz",
    operation_id="get_health",
    summary="Whether the process answers",
    response_model=Health,
    responses=problems(),
    openapi_extra=may("anyone"),
)
async def health() -> Response:
    """Nothing is looked at: a process that does not answer this should be started again."""
    return answer({"status": "ok"})


@router.get(
    "/readyz",
    operation_id="get_readiness",
    summary="Whether calls can be answered",
    response_model=Health,
    responses=problems(),
    openapi_extra=may("anyone"),
)
def ready(call: Request, home: Home) -> Response:
    """503 while the database cannot be read, or the server ends: send nobody here then."""
    if call.app.state.ending:
        raise Unavailable("server-ending", "the server is ending", next_step="Ask another.")
    home.check()
    return answer({"status": "ok"})


@metrics_router.get(
    "/metrics",
    operation_id="get_metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: {"description": "Prometheus's text form.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **problems(403),
    },
    openapi_extra=may("see-everything"),
)
def metrics(call: Request, home: Home, who: Who) -> Response:
    """What this process did, and how requests, runs, workers, chores and webhooks stand. For who sees every tenant."""
    home.listing(who, repository=home.repositories[0]).check_all()
    return Response(call.app.state.measures.text(home.first.database), media_type=MEDIA_TYPE)
