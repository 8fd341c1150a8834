"""`/budgets`, `/quotas`: what may be spent and held, and what of it is taken."""

from fastapi import APIRouter, Response

from gaia.api.caller import Files
from gaia.api.declared import may, problems
from gaia.api.plain import answer
from gaia.api.shapes import Shape, page

router = APIRouter(tags=["money"])


class BudgetStands(Shape):
    """What may be spent a month, and what is: figures as texts, null where they are not wholly known."""

    tenant: str
    stage: str
    service: str
    amount: str
    currency: str
    alerts: list[str]
    committed: str | None
    reserved: str | None
    forecast: str | None
    left: str | None
    crossed: list[str]
    unknown: list[str]
    verdict: str | None
    at: str


class QuotaStands(Shape):
    """The most that there may be of something, and how much there is."""

    tenant: str
    stage: str
    measure: str
    most: str
    used: str | None
    unknown: list[str]
    verdict: str | None


BudgetPage = page("BudgetPage", "budgets", BudgetStands, "Budgets, as they are declared.")
QuotaPage = page("QuotaPage", "quotas", QuotaStands, "Quotas, each measure by itself.")


@router.get(
    "/budgets",
    operation_id="list_budgets",
    summary="List the budgets, and where they stand",
    response_model=BudgetPage,
    responses=problems(),
    openapi_extra=may("see"),
)
def budgets(files: Files) -> Response:
    """Those of whose whole scope the caller sees everything. What is approved is `reserved` until it is applied."""
    return answer({"budgets": files.money()["budgets"]})


@router.get(
    "/quotas",
    operation_id="list_quotas",
    summary="List the quotas, and where they stand",
    response_model=QuotaPage,
    responses=problems(),
    openapi_extra=may("see"),
)
def quotas(files: Files) -> Response:
    """Those of whose whole scope the caller sees everything."""
    return answer({"quotas": files.money()["quotas"]})
