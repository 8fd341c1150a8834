"""The forms of bodies and answers, for the document: those of answers are made of the platform's own views."""

import types
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from gaia.platform import model as views
from gaia.platform.target import Target
from gaia.platform.views.listing import Found
from gaia.records import model as rows

_NAMES = {"Mapping": Mapping, "Sequence": Sequence, "Target": Target, **vars(rows)}
"""What the annotations of views are written with, and import only for the type checker."""


class Shape(BaseModel):
    """Of what is answered: whatever stands in it is named."""

    model_config = ConfigDict(extra="allow")


class NextStep(Shape):
    """What to do now: in words, and as what is done to what; `method` and `href` where a route does it."""

    words: str = Field(examples=["Wait for it, or reject it."])
    said: str = Field(description="What the act is for, for a door that says it in its own way; then `after`.")
    after: str
    act: str | None = Field(examples=["status"])
    subject: str
    stack: str
    options: list[str]
    method: str | None = Field(examples=["GET"])
    href: str | None = Field(examples=["/api/v1/requests/req_019aa8c2d3e47abc9f00112233445566"])


class NextAct(Shape):
    """What a `next_step` is made of."""

    act: str
    subject: str
    stack: str
    options: list[str]
    words: str
    after: str


class Problem(Shape):
    """An error (RFC 9457). `code` is a stable word; docs/reference/errors.md lists them."""

    type: str = Field(examples=["urn:gaia:problem:request-unknown"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["there is no request 'req_019aa8c2'"])
    code: str = Field(examples=["request-unknown"])
    next: NextStep
    instance: str = Field(examples=["/api/v1/requests/req_019aa8c2"])
    at: str | None = Field(description="`file:line:column` in the platform repository, where there is one.")
    facts: dict[str, Any]


@cache
def shape_of(view: type, name: str = "", **more: Any) -> type[Shape]:  # noqa: ANN401 - types of further fields
    """The form of a frozen view: its fields, and `more` of them."""
    hints = get_type_hints(view, localns=_NAMES)
    made: dict[str, Any] = {}
    for each in fields(view):
        made[each.name] = (_form(hints[each.name]), Field())
    if "next_step" in made:
        made["next_act"] = (NextAct | None, Field())
    made |= {key: (kind, Field()) for key, kind in more.items()}
    about = (view.__doc__ or "").strip()
    shape: type[Shape] = create_model(name or view.__name__, __base__=Shape, __doc__=about, **made)
    return shape


def _form(hint: Any) -> Any:  # noqa: ANN401 - types are no values of one type
    origin, inner = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        return shape_of(hint)  # type: ignore[arg-type]
    if origin is Literal:
        return hint
    if origin in (Union, types.UnionType):
        return Union[tuple(_form(one) for one in inner)]  # noqa: UP007 - of what is known only now
    if origin is tuple:
        if len(inner) == 2 and inner[1] is Ellipsis:
            return list[_form(inner[0])]  # type: ignore[misc]
        return Annotated[list[Any], Field(min_length=len(inner), max_length=len(inner))]
    if origin is not None and issubclass(origin, Mapping):
        return dict[str, _form(inner[1])]  # type: ignore[misc]
    if origin is not None and issubclass(origin, Collection):
        return list[_form(inner[0])]  # type: ignore[misc]
    return Any if hint is object else hint


PreviewShape = shape_of(views.PreviewView, totals=dict[str, Any])


def _request() -> type[Shape]:
    whole = shape_of(views.RequestView, "Request", confirms=bool)
    made = {name: (info.annotation, info) for name, info in whole.model_fields.items()}
    made["preview"] = (PreviewShape | None, Field())  # type: ignore[assignment]
    shape: type[Shape] = create_model("Request", __base__=Shape, __doc__=whole.__doc__, **made)  # type: ignore[call-overload]
    return shape


def _line() -> type[Shape]:
    whole = shape_of(views.RequestLine, "RequestLine", monthly_cost=str | None, partial=bool | None)
    made = {name: (info.annotation, info) for name, info in whole.model_fields.items() if name != "cost"}
    shape: type[Shape] = create_model("RequestLine", __base__=Shape, __doc__=whole.__doc__, **made)  # type: ignore[call-overload]
    return shape


RequestShape = _request()
LineShape = _line()
WhyShape = shape_of(views.WhyView, "Why")
TokenShape = shape_of(views.TokenView, "Token")
GrantShape = shape_of(views.GrantView)
PersonShape = shape_of(views.PersonView, "Person")
DelegationShape = shape_of(views.DelegationView, "Delegation")
EntryShape = shape_of(views.EntryView, "AuditEntry")
FoundShape = shape_of(Found, "Found")


def page(name: str, things: str, shape: Any, about: str, **more: Any) -> type[Shape]:  # noqa: ANN401 - types
    """The form of a list: its things, and what else stands beside them."""
    made: dict[str, Any] = {things: (list[shape], Field())} | {key: (kind, Field()) for key, kind in more.items()}
    listed: type[Shape] = create_model(name, __base__=Shape, __doc__=about, **made)
    return listed
