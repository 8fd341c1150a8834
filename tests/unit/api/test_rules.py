"""Who may call what: every route of the document as everybody, and no sight of what is another tenant's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient
from tests.unit.api.conftest import served_of
from tests.unit.api.everybody import (
    BARE,
    EVERYWHERE,
    NOBODY,
    RULE,
    STACKS,
    Call,
    Someone,
    Target,
    calls,
    people_in,
    targets_in,
)
from tests.unit.api.talk import Talk

from gaia.api.app import make_api
from gaia.api.declared import MAY, RULES
from gaia.api.limits import Limits
from gaia.records.model import ANY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx import Response
    from tests.unit.platform.loop import Loop

UNLIMITED = Limits(calls=10**9, failures=10**9, longest_stream=0)


@pytest.fixture(name="open_to_all")
def unlimited(loop: Loop) -> Iterator[Talk]:
    """The API without limits on how often somebody calls."""
    app = make_api(served_of(loop), limits=UNLIMITED)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Talk(client, loop.tokens, [], app)


def test_every_route_declares_its_rule(open_to_all: Talk) -> None:
    """One without a rule would be tried as nobody."""
    document = open_to_all.app.openapi()
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    assert len(operations) > 30
    assert {one["operationId"] for one in operations if one.get(MAY) not in RULES} == set()
    assert len({one["operationId"] for one in operations}) == len(operations)
    assert set(RULES) == {one[MAY] for one in operations}


@pytest.mark.slow
def test_every_route_as_everybody(open_to_all: Talk, loop: Loop) -> None:
    """Each role in each place, somebody without a role, and nobody: the answer is the one that the rule says."""
    targets, wrong = targets_in(loop), list[str]()
    everybody = people_in(loop)
    document = open_to_all.app.openapi()
    for call in calls(document, targets):
        for someone in everybody:
            answered = open_to_all.call(call.method, call.path, someone.name, body=call.body)
            said = f"{someone.name or 'nobody'} {call.method} {call.path}"
            wrong += [f"{said}: {complaint}" for complaint in complaints(call, someone, answered, targets)]
    assert wrong == []


def complaints(call: Call, someone: Someone, answered: Response, targets: list[Target]) -> Iterator[str]:
    """In what an answer is not the one that the rule says."""
    status = answered.status_code
    if status >= 500:
        yield answered.text
    if call.rule == "anyone":
        if status != 200:
            yield f"{status}, and anyone may"
        return
    if someone == NOBODY:
        if (status, answered.json()["code"]) != (401, "token-missing"):
            yield f"{status} without a token"
        return
    if status not in _expected(call, someone):
        yield f"{status}, not one of {sorted(_expected(call, someone))}: {answered.text[:200]}"
    for target in targets:
        unseen = not someone.may("see", target.place)
        if unseen and target is not call.target and any(mark in answered.text for mark in target.marks):
            yield f"shows something of {target.stack}"


def _expected(call: Call, someone: Someone) -> set[int]:
    """Done, or refused only for how things are; else refused, or not found where nothing may be seen."""
    done = {200, 201, 202, 204, 409, 422}
    if call.rule in ("known", "own"):
        return done | {404} if call.operation in ("revoke_token", "revoke_delegation") else done
    wanted = RULE[call.rule]
    if call.rule in EVERYWHERE:
        return done if any(someone.may(one, (ANY, ANY)) for one in wanted) else {403}
    if call.target is None:
        return {200}  # a list holds what is seen
    if any(someone.may(one, call.target.place) for one in wanted):
        if call.operation == "remove_webhook":
            return done | {404}  # the first of them removed it
        return {404} if call.operation == "get_preview" else done
    return {403} if someone.may("see", call.target.place) else {404}


@pytest.mark.slow
def test_what_is_another_tenants_is_answered_as_what_is_nowhere(open_to_all: Talk, loop: Loop) -> None:
    """Byte for byte, but for the name that was asked for; for an admin of the one tenant too."""
    theirs = next(one for one in targets_in(loop) if one.place[0] == "other")
    asking = [one for one in people_in(loop) if one.place[0] == "acme" or one == BARE]
    nowhere = Target(
        "nowhe-use1-dev",
        "req_" + "0" * 32,
        "req_" + "1" * 32,
        "of-nowhe-use1-dev",
        "whk_" + "0" * 32,
        "whk_" + "1" * 32,
        "run_" + "0" * 32,
        "run_" + "1" * 32,
    )
    assert len(nowhere.stack) == len(theirs.stack)
    document = open_to_all.app.openapi()
    pairs = list(zip(calls(document, [theirs]), calls(document, [nowhere]), strict=True))
    tried = 0
    for there, not_there in pairs:
        if there.target is None:
            continue
        for someone in asking:
            found = open_to_all.call(there.method, there.path, someone.name, body=there.body)
            missing = open_to_all.call(not_there.method, not_there.path, someone.name, body=not_there.body)
            assert found.status_code == missing.status_code == 404, (someone, there.path, found.text, missing.text)
            assert _blank(found.text, theirs) == _blank(missing.text, nowhere), (someone, there.path)
            assert set(found.headers) == set(missing.headers)
            tried += 1
    assert tried > 100


def _blank(text: str, target: Target) -> str:
    own = (target.name, target.hook, target.spare, target.look, target.execution)
    for name in (target.pending, target.standing, target.stack, *own):
        text = text.replace(name, "NAME")
    return text


def test_a_token_of_another_tenant_is_answered_as_one_that_is_nowhere(open_to_all: Talk, loop: Loop) -> None:
    """Whoever is no admin of everything learns of no token but their own."""
    theirs = open_to_all.get("tokens", "bob").json()["tokens"][0]["id"]
    nowhere = theirs[:-4] + "0000"
    answers = [open_to_all.call("DELETE", f"tokens/{one}", "root") for one in (theirs, nowhere)]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].text.replace(theirs, "") == answers[1].text.replace(nowhere, "")
    assert [one["person"] for one in open_to_all.get("tokens", "root").json()["tokens"]] == ["root"]
    assert loop.tokens["bob"]


def test_the_places_are_those_of_the_stacks(open_to_all: Talk, loop: Loop) -> None:
    """Else the tests above would try nothing."""
    targets_in(loop)
    people_in(loop)
    seen = {
        one["stack"]: (one["tenant"], one["stage"]) for one in open_to_all.get("stacks", "admin-4").json()["stacks"]
    }
    assert seen == STACKS
