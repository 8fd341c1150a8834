"""Budgets and quotas in the judgement of a request: what services cost by theirs, and what rules say of it."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.platform.loop import STACK
from tests.unit.platform.played import made

from gaia.platform.applying.apply_run import _open_rules
from gaia.platform.services import spending
from gaia.policy.regorus import Regorus
from gaia.records import previews

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.platform.loop import Loop

    from gaia.cost.quotas import Footprint
    from gaia.records.model import Judgement

SHIPPED = Path(__file__).parents[4] / "blueprint/policies/request"
RULES = {
    f"policies/request/{name}.rego": (SHIPPED / f"{name}.rego").read_text("utf-8")
    for name in ("within_budget", "within_quota")
}


def declared(loop: Loop, text: str) -> None:
    """On the branch that requests are based on."""
    loop.clone.moved(**{"budgets/acme.yaml": text}, **RULES)


def by_the_shipped_rules(loop: Loop) -> None:
    """The two rules are asked of Rego itself, and the played ones say nothing."""
    engine = Regorus()
    for rule in ("within_budget", "within_quota"):
        for effect in ("deny", "warn", "undecided"):
            reference = f"data.gaia.request.{rule}.{effect}"
            loop.rules.says[reference] = partial(_asked, engine, reference)


def _asked(engine: Regorus, reference: str, document: Mapping[str, Any]) -> object:
    import json

    from gaia.policy.rules import PolicySet

    modules = PolicySet.load(SHIPPED.parent).modules
    (answer,) = engine.evaluate(modules, json.dumps(document).encode(), [reference])
    return answer.value if answer.defined else None


def judged(loop: Loop, request: str) -> Judgement:
    """How its current preview was judged."""
    with loop.platform.database.read() as tx:
        found = previews.latest_judgement(tx, request, str(loop.row(request).preview))
    assert found is not None
    return found


def footprints(loop: Loop, but: str = "") -> tuple[Footprint, ...]:
    """What is known of all services."""
    with loop.platform.database.read() as tx:
        return spending.footprints(tx, "platform", but=but)


def said(loop: Loop, request: str) -> list[tuple[object, object]]:
    """What rules about requests have to say in its judgement."""
    return [(one["rule"], one["effect"]) for one in judged(loop, request).findings if one["instance"] is None]


def test_a_service_costs_what_its_newest_judgement_says(loop: Loop) -> None:
    """Applied when it is done, approved when somebody approved it, and nothing before that."""
    photos, music = loop.done("photos"), loop.approved("music")
    loop.previewed("video")
    found = {one.commitment.service: one for one in footprints(loop)}
    assert {name: one.commitment.state for name, one in found.items()} == {"photos": "applied", "music": "approved"}
    assert found["photos"].commitment.monthly == spending._expected(judged(loop, photos).cost)[0]
    assert found["music"].capacity.vcpu == Decimal(0)
    assert [one.commitment.service for one in footprints(loop, but=music)] == ["photos"]


def test_without_declarations_rules_are_not_asked_again(loop: Loop) -> None:
    """Nothing changes for a repository that has none."""
    loop.previewed()
    assert not any("budgets" in document for _, document, _ in loop.rules.asked)


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ("budgets: [{tenant: acme, monthly: 1000}]\n", None),
        ("budgets: [{tenant: acme, monthly: 100, alerts: [1]}]\n", "warn"),
        ("budgets: [{tenant: acme, monthly: 0.5}]\n", "deny"),
        ("budgets: [{tenant: acme, monthly: 1000, currency: EUR}]\n", "undecided"),
        ("budgets: [{tenant: zeta, monthly: 0}]\n", None),
        ("quotas: [{tenant: acme, services: 1, vcpu: 0}]\n", None),
        ("quotas: [{stage: dev, services: 0}]\n", "deny"),
        ("quotas: [{stage: dev, monthly: 0.5}]\n", "deny"),
    ],
)  # fmt: skip
def test_the_shipped_rules_judge_a_request_by_its_budgets_and_quotas(loop: Loop, text: str, effect: str | None) -> None:
    """Allowed, warned of, denied, or left to a person where the cost is not known."""
    declared(loop, text)
    by_the_shipped_rules(loop)
    request = loop.previewed()
    rule = "request.within_budget" if text.startswith("budgets") else "request.within_quota"
    assert said(loop, request) == ([(rule, effect)] if effect else [])
    verdicts = {None: "waiting", "warn": "waiting", "undecided": "waiting", "deny": "denied"}
    assert loop.view(request).status == verdicts[effect]


def test_a_missing_price_leaves_budget_and_quota_to_a_person(loop: Loop) -> None:
    """The cost is not known, and not zero: in this region keys have no price."""
    declared(loop, "budgets: [{monthly: 1000}]\nquotas: [{monthly: 1000, vcpu: 8}]\n")
    by_the_shipped_rules(loop)
    path = "stacks/_defaults.yaml"
    text = loop.clone.commits[loop.clone.head][path].decode()
    loop.clone.moved(**{path: text.replace("region: us-east-1}\n", "region: ap-south-2}\n")})
    request = loop.previewed()
    found = said(loop, request)
    assert set(found) == {("request.within_budget", "undecided"), ("request.within_quota", "undecided")}
    assert judged(loop, request).verdict == "undecided"


def test_what_was_approved_leaves_less_for_the_next(loop: Loop) -> None:
    """Though it is not applied yet; what only waits for a person holds nothing."""
    declared(loop, "quotas: [{tenant: acme, services: 1}]\n")
    by_the_shipped_rules(loop)
    first = loop.previewed("photos")
    second = loop.previewed("music")
    assert (said(loop, first), said(loop, second)) == ([], [])
    loop.as_("gus").approve(first)
    third = loop.previewed("video")
    assert said(loop, third) == [("request.within_quota", "deny")]
    assert "1" in loop.view(third).reason


def test_a_request_cannot_raise_its_own_budget(loop: Loop) -> None:
    """What counts is declared on the branch; rules are those of the branch too."""
    declared(loop, "budgets: [{tenant: acme, monthly: 0.5}]\n")
    by_the_shipped_rules(loop)
    request = loop.ask()
    loop.carry_out(request, until="judge")
    context = loop.at(request, "judge")
    base = context.snapshot(str(context.request.base))
    assert base.declared.budgets[0].monthly == Decimal("0.5")
    assert loop.carry_out(request).status == "denied"


def test_what_rules_said_when_it_was_let_in_is_not_said_again(loop: Loop) -> None:
    """A rule that denies what is there by now had its say before; only what budgets add is new."""
    declared(loop, "budgets: [{tenant: acme, monthly: 1000}]\n")
    request = loop.ask()
    loop.carry_out(request, until="judge")
    loop.rules.always("request.quota.deny", "ten are enough")
    assert loop.carry_out(request).status == "waiting"


DENIED = {
    "within_budget": "budgets: [{tenant: acme, monthly: 0.5}]\n",
    "within_quota": "quotas: [{tenant: acme, services: 0}]\n",
}


@pytest.mark.parametrize("rule", DENIED)
def test_a_waiver_lets_a_request_be_dearer_than_its_budget(loop: Loop, rule: str) -> None:
    """Written from the finding it counts, whatever other services cost by then; nobody is told that it is unused."""
    declared(loop, DENIED[rule])
    by_the_shipped_rules(loop)
    first = loop.ask("photos")
    view = loop.carry_out(first)
    assert view.status == "denied"
    assert "budgets/" in view.next_step
    [denied] = [one for one in judged(loop, first).findings if one["effect"] == "deny"]
    waivers = "waivers:\n" + "".join(
        f"  - {{rule: request.{rule}, resource: '-', instance: acme-use1-dev/{service}, value: '{denied['value']}',"
        " reason: tests, owner: ann, expires: '2027-01-01'}\n"
        for service in ("photos", "music")
    )
    loop.clone.moved(**{"waivers/money.yaml": waivers})
    music = loop.approved("music")
    photos = loop.previewed("photos")
    for one in (music, photos):
        assert said(loop, one) == [(f"request.{rule}", "waived")]
        assert not any("excuses nothing" in line for line in loop.lines(one))
    assert loop.carry_out(music).status == "done"


def test_the_end_of_a_waiver_voids_what_was_approved_by_it(loop: Loop) -> None:
    """Before anything is made: nobody excuses any more that it costs too much."""
    declared(loop, DENIED["within_budget"])
    by_the_shipped_rules(loop)
    denied = loop.ask("photos")
    loop.carry_out(denied)
    value = judged(loop, denied).findings[0]["value"]
    waiver = (
        "waivers: [{rule: request.within_budget, resource: '-', instance: acme-use1-dev/photos,"
        f" value: '{value}', reason: tests, owner: ann, expires: '2027-01-01'}}]\n"
    )
    loop.clone.moved(**{"waivers/money.yaml": waiver})
    request = loop.approved("photos")
    loop.clone.moved(**{"waivers/money.yaml": "waivers: []\n"})
    view = loop.carry_out(request)
    assert view.status == "waiting"
    assert "the budget acme/*/* is $0.50 a month" in view.runs[-1].reason


def test_a_retirement_is_not_asked(done: Loop) -> None:
    """Nobody is kept from taking a service away."""
    declared(done, "budgets: [{tenant: acme, monthly: 0}]\nquotas: [{services: 0}]\n")
    by_the_shipped_rules(done)
    asked = done.as_("ann").retire("photos", "acme-use1-dev").id
    assert done.carry_out(asked).status == "waiting"


def test_an_undecided_budget_is_decided_by_who_approves(loop: Loop) -> None:
    """It is part of what is signed, and no instance's plan is held against it later."""
    declared(loop, "budgets: [{tenant: acme, monthly: 1000, currency: EUR}]\n")
    by_the_shipped_rules(loop)
    request = loop.approved()
    [approval] = loop.approvals(request)
    assert approval.undecided == ("request.within_budget None None",)
    assert not _open_rules(approval)
    assert loop.carry_out(request).status == "done"


def test_a_change_of_the_branch_that_takes_the_budget_voids_the_approval(loop: Loop) -> None:
    """Nobody has approved of spending more than there is now."""
    declared(loop, "budgets: [{tenant: acme, monthly: 1000}]\n")
    by_the_shipped_rules(loop)
    request = loop.approved()
    declared(loop, "budgets: [{tenant: acme, monthly: 0.5}]\n")
    view = loop.carry_out(request)
    assert view.status == "waiting"
    assert "the budget acme/*/* is $0.50 a month" in view.runs[-1].reason


def test_a_declaration_that_cannot_be_read_ends_the_preview(loop: Loop) -> None:
    """With its line: nobody knows what may be spent."""
    declared(loop, "budgets: [{tenant: acme, monthly: much}]\n")
    view = loop.carry_out(loop.ask())
    assert (view.status, view.runs[-1].code) == ("failed", "budget-invalid")


def test_what_a_branch_added_counts_until_it_is_gone(loop: Loop) -> None:
    """It is no service; else one branch after the other would step around a budget."""
    network = loop.clone.commits[loop.clone.head]["stacks/net.yaml"].decode()
    made(loop.world, f"{STACK}/net", {"text": "shared", "password": ""})

    def applied(**files: str | None) -> None:
        given = {f"stacks/{name}.yaml": None if text is None else text.encode() for name, text in files.items()}
        loop.clone.branches["work"] = loop.clone.commit(loop.clone.head, given)
        request = loop.as_("ann").change_from("work", STACK).id
        loop.carry_out(request)
        loop.as_("gus").approve(request)
        assert loop.carry_out(request).status == "done"

    applied(net=network.replace("shared", "wider"))
    applied(net=network.replace("shared", "widest"))
    assert [one.commitment.service for one in footprints(loop)] == ["branch-work", "branch-work"]
    applied(net=None, mesh=network.replace("net:", "mesh:"))
    assert len(footprints(loop)) == 1  # what made the mesh


def test_a_change_that_no_rule_holds_against_its_budget_is_told(loop: Loop) -> None:
    """Of a repository whose own copies of the rules are from before there were changes: the log says so."""
    request = loop.as_("ann").submit("pair", "photos", STACK, {"text": "hello", "alone": True}).id
    loop.carry_out(request)
    loop.as_("gus").approve(request)
    assert loop.carry_out(request).status == "done"
    declared(loop, "budgets: [{tenant: acme, monthly: 1.5}]\n")
    words = "it goes beyond a budget or a quota, and no rule of the repository holds a change to it"
    change = loop.changed("hello")
    assert loop.row(change).status == "waiting"
    assert words in loop.lines(change)
    loop.as_("gus").reject(change, reason="too much")
    by_the_shipped_rules(loop)
    again = loop.changed("hello")
    assert (loop.row(again).status, words in loop.lines(again)) == ("denied", False)
