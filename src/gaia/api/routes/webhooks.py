"""`/webhooks`: who is told elsewhere of what happens, and what they were told."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Body, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from gaia.api.caller import LONGEST, Hooks, Limit
from gaia.api.declared import may, problems
from gaia.api.once import OnceRoute
from gaia.api.plain import answer
from gaia.api.shapes import page, shape_of
from gaia.notifications.delivering import KEPT
from gaia.notifications.model import DeliveryView, WebhookView
from gaia.records.webhook_model import WebhookKind

router = APIRouter(tags=["webhooks"], route_class=OnceRoute)
secrets = APIRouter(tags=["webhooks"])
"""Routes whose answers are kept nowhere, so an idempotency key is not looked at."""
WebhookShape = shape_of(WebhookView, "Webhook")
DeliveryShape = shape_of(DeliveryView, "Delivery")
WebhookPage = page("WebhookPage", "webhooks", WebhookShape, "Webhooks, newest first.")
DeliveryPage = page("DeliveryPage", "deliveries", DeliveryShape, "What a webhook was told, newest first.")
WebhookId = Annotated[str, Path(max_length=LONGEST, examples=["whk_019aa8c2d3e47abc9f00112233445566"])]


class WebhookMade(WebhookShape):  # type: ignore[valid-type,misc]
    """A webhook with its secret, which is shown now or never."""

    secret: str | None = Field(
        description="What deliveries are signed with; null for Slack and mail, which check no signature.",
        examples=["whsec_…"],
    )


class WebhookWanted(BaseModel):
    """Who is to be told of what."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"kind": "webhook", "target": "https://example.com/gaia", "types": ["request.*"], "tenant": "acme"}
            ]
        },
    )
    kind: WebhookKind
    target: str = Field(max_length=2000, description="A URL, or addresses with commas between.")
    types: list[Annotated[str, Field(max_length=LONGEST)]] = Field(
        default=[], max_length=20, description="Globs of types of events; every type, where there is none."
    )
    tenant: str = Field(default="*", max_length=LONGEST)
    stage: str = Field(default="*", max_length=LONGEST)


@secrets.post(
    "/webhooks",
    operation_id="create_webhook",
    summary="Tell somebody elsewhere",
    status_code=201,
    response_model=WebhookMade,
    responses=problems(403, 409),
    openapi_extra=may("administer-there"),
)
def create(hooks: Hooks, wanted: Annotated[WebhookWanted, Body()]) -> Response:
    """From now on. Its secret is in this answer and nowhere else, so no idempotency key keeps it."""
    made, secret = hooks.add(
        wanted.kind, wanted.target, types=wanted.types, tenant=wanted.tenant, stage=wanted.stage
    )  # fmt: skip
    return answer(asdict(made) | {"secret": secret}, 201)


@router.get(
    "/webhooks",
    operation_id="list_webhooks",
    summary="List the webhooks",
    response_model=WebhookPage,
    responses=problems(),
    openapi_extra=may("own"),
)
def listed(hooks: Hooks) -> Response:
    """Those of places that the caller administers."""
    return answer({"webhooks": [asdict(one) for one in hooks.list()]})


@router.get(
    "/webhooks/{webhook}",
    operation_id="get_webhook",
    summary="Show a webhook",
    response_model=WebhookShape,
    responses=problems(403),
    openapi_extra=may("administer-there"),
)
def one(hooks: Hooks, webhook: WebhookId) -> Response:
    """Where it leads and how it stands."""
    return answer(asdict(hooks.show(webhook)))


@router.delete(
    "/webhooks/{webhook}",
    operation_id="remove_webhook",
    summary="Tell it nothing any more",
    response_model=WebhookShape,
    responses=problems(403),
    openapi_extra=may("administer-there"),
)
def remove(hooks: Hooks, webhook: WebhookId) -> Response:
    """What it was told is forgotten too."""
    return answer(asdict(hooks.remove(webhook)))


@router.post(
    "/webhooks/{webhook}/test",
    operation_id="test_webhook",
    summary="Send it an event of which nothing happened",
    response_model=DeliveryShape,
    responses=problems(403),
    openapi_extra=may("administer-there"),
)
def test(hooks: Hooks, webhook: WebhookId) -> Response:
    """Now and once: the answer says how it went."""
    return answer(asdict(hooks.test(webhook)))


@router.get(
    "/webhooks/{webhook}/deliveries",
    operation_id="list_deliveries",
    summary="Show what it was told",
    description=f"Newest first; kept for {KEPT.days} days.",
    response_model=DeliveryPage,
    responses=problems(403),
    openapi_extra=may("administer-there"),
)
def deliveries(hooks: Hooks, webhook: WebhookId, limit: Limit = 50) -> Response:
    """What it was told, newest first."""
    return answer({"deliveries": [asdict(each) for each in hooks.deliveries(webhook, limit=limit)]})
