"""`/explain`, `/search`: finding things, and their reasons."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gaia.api.caller import LONGEST, Door, Lists, MaybeStack
from gaia.api.declared import may, problems
from gaia.api.plain import answer
from gaia.api.shapes import FoundShape, WhyShape, page

router = APIRouter(tags=["finding"])
FoundPage = page("FoundPage", "found", FoundShape, "What was found, newest first.")


@router.get(
    "/explain",
    operation_id="explain",
    summary="Explain why something exists",
    response_model=WhyShape,
    responses=problems(),
    openapi_extra=may("see"),
)
def explain(
    door: Door,
    subject: Annotated[
        str,
        Query(
            min_length=1,
            description="A resource's address or cloud id, STACK/COMPONENT, a service, or a commit.",
            examples=["aws_s3_bucket.this"],
        ),
    ],
    stack: MaybeStack = None,
) -> Response:
    """From the thing itself back to the manifest's line, the answer, the approval and the person who asked."""
    return answer(door.why(subject, stack=stack).as_json())


@router.get(
    "/search",
    operation_id="search",
    summary="Find requests and resources",
    response_model=FoundPage,
    responses=problems(),
    openapi_extra=may("see"),
)
def search(
    lists: Lists,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=LONGEST,
            description="A part of a service's or template's name, a request's id, a resource's address or cloud id.",
            examples=["photos"],
        ),
    ],
) -> Response:
    """Only what the caller may see."""
    return answer({"found": [asdict(one) for one in lists.search(q)]})
