"""`/me`, `/tokens`, `/people`, `/audit`: who calls, who may, and what was done."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gaia.api.caller import LONGEST, Home, Limit, Persons, Who
from gaia.api.declared import may, problems
from gaia.api.once import OnceRoute
from gaia.api.plain import answer
from gaia.api.shapes import EntryShape, GrantShape, PersonShape, Shape, TokenShape, page
from gaia.errors import Defect
from gaia.platform.callers.first_admin import TOKEN_LIFE
from gaia.platform.callers.people import seen
from gaia.records.audit_wanted import Wanted
from gaia.records.model import Role
from gaia.records.people import LONGEST_TOKEN

router = APIRouter(tags=["who"], route_class=OnceRoute)
_HIGHEST = 2**53
"""No log has as many entries."""
secrets = APIRouter(tags=["who"])
"""Routes whose answers are kept nowhere, so an idempotency key is not looked at."""


class Me(Shape):
    """Who calls, and what they may do."""

    id: str
    name: str
    token: str = Field(description="The token's id; empty for who came another way.")
    scopes: list[str]
    grants: list[GrantShape]  # type: ignore[valid-type]
    groups: list[str] = Field(description="What the provider of identities says; none for Gaia's own tokens.")
    second_factor_at: str | None = Field(description="When they proved who they are with more than a password.")
    ends_at: str | None = Field(description="When what they called with holds no longer.")
    repositories: list[str] = Field(description="Those that are served; the first one is meant where none is named.")


class TokenWanted(BaseModel):
    """Whose, and for what."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"person": "dana", "roles": ["developer"], "tenant": "acme"}]}
    )
    person: str = Field(
        max_length=LONGEST,
        description="Made if there is nobody of that name. Who signs in at a provider is named by the id.",
    )
    roles: list[Role] = Field(default=[], max_length=10)
    tenant: str = Field(default="*", max_length=LONGEST)
    stage: str = Field(default="*", max_length=LONGEST)
    expires_in: int = Field(
        default=int(TOKEN_LIFE.total_seconds()),
        ge=60,
        le=int(LONGEST_TOKEN.total_seconds()),
        description="Seconds until it ends.",
    )


class TokenMade(TokenShape):  # type: ignore[valid-type,misc]
    """A token with its secret, which is shown now or never."""

    token: str = Field(examples=["gaia_tok_…"])


class Verified(Shape):
    """Whether the audit log is as it was written."""

    entries: int
    intact: bool


TokenPage = page("TokenPage", "tokens", TokenShape, "Tokens, newest first.")
PersonPage = page("PersonPage", "people", PersonShape, "Everybody, by name.")
EntryPage = page("AuditPage", "entries", EntryShape, "Entries of the audit log, oldest first.")
PersonName = Annotated[str, Path(max_length=LONGEST, description="A name or an id.", examples=["dana"])]
RoleName = Annotated[Role, Path(examples=["developer"])]
Tenant = Annotated[str, Query(max_length=LONGEST, description="Where the role holds; `*`: in every tenant.")]
Stage = Annotated[str, Query(max_length=LONGEST, description="Where the role holds; `*`: in every stage.")]
GroupName = Annotated[str, Path(max_length=LONGEST, examples=["security"])]
TokenId = Annotated[str, Path(max_length=LONGEST, examples=["tok_019aa8c2d3e47abc9f00112233445566"])]


@router.get(
    "/me",
    operation_id="get_me",
    summary="Show who calls",
    response_model=Me,
    responses=problems(),
    openapi_extra=may("own"),
)
def me(home: Home, who: Who) -> Response:
    """What they may do, and where."""
    return answer(asdict(seen(who)) | {"repositories": home.repositories})


@secrets.post(
    "/tokens",
    operation_id="create_token",
    summary="Make a token",
    status_code=201,
    response_model=TokenMade,
    responses=problems(403, 409),
    openapi_extra=may("administer"),
)
def create(people: Persons, wanted: Annotated[TokenWanted, Body()]) -> Response:
    """Its secret is in this answer and nowhere else, so no idempotency key keeps it: called twice, two are made."""
    life = timedelta(seconds=wanted.expires_in)
    token, secret = people.create_token(
        wanted.person, roles=wanted.roles, tenant=wanted.tenant, stage=wanted.stage, life=life
    )
    return answer(asdict(token) | {"token": secret}, 201)


@router.get(
    "/tokens",
    operation_id="list_tokens",
    summary="List the tokens",
    response_model=TokenPage,
    responses=problems(),
    openapi_extra=may("own"),
)
def tokens(people: Persons, person: Annotated[str | None, Query(max_length=LONGEST)] = None) -> Response:
    """Everybody's for an admin, else the caller's own."""
    return answer({"tokens": [asdict(one) for one in people.tokens(person)]})


@router.delete(
    "/tokens/{token}",
    operation_id="revoke_token",
    summary="End a token now",
    response_model=TokenShape,
    responses=problems(403, 409),
    openapi_extra=may("own"),
)
def revoke(people: Persons, token: TokenId) -> Response:
    """An admin any, everybody else their own; 409 `admin-last` keeps one who may administer and can call."""
    return answer(asdict(people.revoke(token)))


@router.get(
    "/people",
    operation_id="list_people",
    summary="List the people",
    response_model=PersonPage,
    responses=problems(403),
    openapi_extra=may("administer"),
)
def everybody(people: Persons) -> Response:
    """With the roles of each."""
    return answer({"people": [asdict(one) for one in people.everybody()]})


@router.put(
    "/people/{person}/groups/{group}",
    operation_id="join_group",
    summary="Put somebody into a group",
    response_model=PersonShape,
    responses=problems(403, 409),
    openapi_extra=may("administer"),
)
def join(people: Persons, person: PersonName, group: GroupName) -> Response:
    """Rules of approval ask for approvers of a group."""
    return answer(asdict(people.join(person, group)))


@router.delete(
    "/people/{person}/groups/{group}",
    operation_id="leave_group",
    summary="Take somebody out of a group",
    response_model=PersonShape,
    responses=problems(403),
    openapi_extra=may("administer"),
)
def leave(people: Persons, person: PersonName, group: GroupName) -> Response:
    """What they have signed stays signed."""
    return answer(asdict(people.leave(person, group)))


@router.put(
    "/people/{person}/roles/{role}",
    operation_id="give_role",
    summary="Give somebody a role",
    response_model=PersonShape,
    responses=problems(403, 409),
    openapi_extra=may("administer"),
)
def give(people: Persons, person: PersonName, role: RoleName, tenant: Tenant = "*", stage: Stage = "*") -> Response:
    """Of who is there already; making a token makes the person."""
    return answer(asdict(people.give(person, role, tenant=tenant, stage=stage)))


@router.delete(
    "/people/{person}/roles/{role}",
    operation_id="withdraw_role",
    summary="Take a role from somebody",
    response_model=PersonShape,
    responses=problems(403, 409),
    openapi_extra=may("administer"),
)
def withdraw(people: Persons, person: PersonName, role: RoleName, tenant: Tenant = "*", stage: Stage = "*") -> Response:
    """Of exactly that place; 409 `admin-last` keeps one who may administer everything and can call."""
    return answer(asdict(people.withdraw(person, role, tenant=tenant, stage=stage)))


@router.post(
    "/people/{person}/disable",
    operation_id="disable_person",
    summary="Shut somebody out",
    response_model=PersonShape,
    responses=problems(403, 409),
    openapi_extra=may("administer"),
)
def disable(people: Persons, person: PersonName) -> Response:
    """At once, however they call: tokens, sessions and the provider's word count for nothing."""
    return answer(asdict(people.set_disabled(person, True)))


@router.post(
    "/people/{person}/enable",
    operation_id="enable_person",
    summary="Let somebody in again",
    response_model=PersonShape,
    responses=problems(403, 409),
    openapi_extra=may("administer"),
)
def enable(people: Persons, person: PersonName) -> Response:
    """With the roles and tokens that they had, as far as those still hold."""
    return answer(asdict(people.set_disabled(person, False)))


def _wanted(
    actor: Annotated[str | None, Query(max_length=LONGEST, description="Only by this person, or `engine`.")] = None,
    action: Annotated[
        str | None, Query(max_length=LONGEST, description="Only this: `request.approved`, or `request` for all such.")
    ] = None,
    service: Annotated[str | None, Query(max_length=LONGEST, description="Only about its requests.")] = None,
    stack: Annotated[str | None, Query(max_length=LONGEST, description="Only about what is in this stack.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="From then on: RFC 3339, with its offset.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before then.")] = None,
    before: Annotated[int | None, Query(ge=1, le=_HIGHEST, description="Only lower numbers: the next page.")] = None,
) -> Wanted:
    return Wanted(actor, action, service, stack, since, until, before)


@router.get(
    "/audit",
    operation_id="list_audit",
    summary="Show the audit log",
    response_model=EntryPage,
    responses=problems(403),
    openapi_extra=may("administer"),
)
def audit(
    people: Persons,
    subject: Annotated[str | None, Query(max_length=LONGEST, description="Only about this request, run, ….")] = None,
    limit: Limit = 50,
    *,
    wanted: Annotated[Wanted, Depends(_wanted)],
) -> Response:
    """The newest entries that fit, oldest first: what was done, and what was refused."""
    found = people.entries(subject=subject, limit=limit, wanted=wanted)
    return answer({"entries": [asdict(one) for one in found]})


@router.get(
    "/audit/verify",
    operation_id="verify_audit",
    summary="Prove that the audit log was not changed",
    response_model=Verified,
    responses=problems(403),
    openapi_extra=may("administer"),
)
def verify(people: Persons) -> Response:
    """500 `audit-broken` names the first entry that does not fit, `records-differ` rows that give rights otherwise."""
    number, broken = people.verify()
    if broken is not None:
        raise Defect(
            "audit-broken",
            f"entry {broken} of the audit log does not fit its chain: it, or one before it, was changed or taken out",
            next_step="Keep the home of this server as it is and compare it with a backup.",
            facts={"first": broken, "entries": number},
        )
    return answer({"entries": number, "intact": True})
