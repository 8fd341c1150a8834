"""`/catalog`: what there is, as entities of Backstage's software catalog."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from gaia.api.caller import Catalogs
from gaia.api.declared import may, problems
from gaia.api.plain import written
from gaia.api.shapes import Shape, page
from gaia.catalog.model import Kind

router = APIRouter(tags=["catalog"])


class CatalogEntity(Shape):
    """One entity, in the form of a `catalog-info.yaml`; annotations of `gaia/` say what it was made of."""

    apiVersion: str = Field(examples=["backstage.io/v1alpha1"])  # noqa: N815 - Backstage's own name
    kind: Kind
    metadata: dict[str, Any] = Field(
        examples=[
            {
                "name": "acme-use1-dev.photos",
                "namespace": "default",
                "title": "photos in acme-use1-dev",
                "annotations": {"gaia/stack": "acme-use1-dev", "gaia/service": "photos"},
            }
        ]
    )
    spec: dict[str, Any] = Field(
        examples=[
            {
                "type": "service",
                "lifecycle": "dev",
                "owner": "group:default/team-media",
                "system": "system:default/acme",
                "dependsOn": ["resource:default/acme-use1-dev.photos-bucket", "resource:default/acme-use1-dev"],
            }
        ]
    )


CatalogPage = page(
    "CatalogPage",
    "entities",
    CatalogEntity,
    "All of them, by reference; `seq` is the newest event that was seen before they were read.",
    seq=int,
)


@router.get(
    "/catalog/entities",
    operation_id="list_entities",
    summary="List what there is as entities of Backstage",
    response_model=CatalogPage,
    responses=problems(),
    openapi_extra=may("see"),
)
def entities(
    catalog: Catalogs,
    kind: Annotated[Kind | None, Query(description="Only of this kind.", examples=["Component"])] = None,
) -> Response:
    """What is published and live, as far as the caller sees it; no relation leads to anything else.

    It is read whole or not at all: what cannot be read is an error. Go on with `/events?after=SEQ`, and ask again with
    `If-None-Match` when something happened. What is pushed to the repository by others is no event.
    """
    found = catalog.read(kind)
    return written({"entities": found.entities, "seq": found.seq})
