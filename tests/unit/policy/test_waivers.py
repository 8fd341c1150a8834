"""Waivers: what they excuse, what voids them, and what is wrong with one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from gaia.errors import Invalid
from gaia.policy.judge import PolicySet, judge
from gaia.policy.regorus import Regorus
from gaia.policy.validation import waiver_findings
from gaia.policy.waivers import Waivers, check, read, told, waive

from .conftest import METADATA, write

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.policy.model import Finding

GROUP = "aws_security_group.web"
RULE = "plan.no_open_ingress"
HERE = "acme-use1-dev/web"
TODAY = date(2027, 3, 1)
NONE = Waivers()


def _plan(cidr: str = "0.0.0.0/0", actions: tuple[str, ...] = ("create",), **more: object) -> dict[str, Any]:
    """A security group that lets a network in through port 22."""
    ingress = {"cidr_blocks": [cidr], "from_port": 22, "to_port": 22, "protocol": "tcp", "ipv6_cidr_blocks": []}
    after = {"ingress": [ingress], "description": "web", **more}
    resource = {"address": GROUP, "mode": "managed", "type": "aws_security_group", "name": "web"}
    change = {"actions": list(actions), "before": None, "after": after, "after_unknown": {"id": True}}
    written: dict[str, object] = {"ingress": {}, "description": {}, "tags": {}}
    return {
        "format_version": "1.2",
        "resource_changes": [{**resource, "change": change}],
        "configuration": {"root_module": {"resources": [{**resource, "expressions": written}]}},
        "gaia": {"stage": "dev", "tenant": "acme"},
    }


def _denied(policies: PolicySet, plan: dict[str, Any]) -> tuple[Finding, ...]:
    found = judge(policies, "plan", plan, engine=Regorus(), effects=["deny"])
    return tuple(one for one in found if one.rule == RULE)


def _written(root: Path, value: str, **more: str) -> Path:
    fields = {
        "rule": RULE, "resource": GROUP, "instance": HERE, "value": value, "reason": "partners test",
        "owner": "security", "expires": "2027-03-01", **more,
    }  # fmt: skip
    (root / "waivers").mkdir(exist_ok=True)
    text = "\n    ".join(f'{name}: "{said}"' for name, said in fields.items() if said)
    (root / "waivers" / "web.yaml").write_text(f"waivers:\n  - {text}\n")
    return root


def _of(root: Path, value: str, **more: str) -> Waivers:
    found = read(_written(root, value, **more))
    return Waivers.of(found, found)


def test_the_denied_value_is_excused_and_stays_in_the_report(shipped: PolicySet, tmp_path: Path) -> None:
    """A waiver of rule, resource and value makes a deny a waived finding, with reason, owner and place; no other."""
    plan = _plan()
    [denied] = _denied(shipped, plan)
    [said] = waive([denied], _of(tmp_path, denied.value), HERE, plan, TODAY)
    assert said.effect == "waived"
    assert said.as_json()["waiver"] == {
        "reason": "partners test", "owner": "security", "expires": "2027-03-01", "at": "waivers/web.yaml:2:5",
    }  # fmt: skip
    [line] = told([said])
    assert "security until 2027-03-01: partners test" in line


def test_the_value_is_what_the_rule_reads_of_what_is_written(shipped: PolicySet) -> None:
    """Another network is another value; what the rule does not read and what is computed is not part of it."""
    [first] = _denied(shipped, _plan())
    [other] = _denied(shipped, _plan("::/0"))
    [later] = _denied(shipped, _plan(actions=("update",), id="sg-1", tags={"a": "b"}))
    assert first.value.startswith("sha256:")
    assert other.value != first.value
    assert later.value == first.value


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"grant": "READ"}, {"grant": "FULL_CONTROL"}),
        ({"policy": "sqs:SendMessage"}, {"policy": "sqs:*"}),
        ({"rule": [{"open": 22}]}, {"rule": [{"open": 3389}]}),
    ],
)
def test_a_change_of_anything_that_the_rule_reads_is_another_value(
    tmp_path: Path, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Whatever words its message has; what is sensitive counts, and so does what a `dynamic` block writes."""
    body = """
deny contains {"address": one.address, "message": "a grant opens the bucket to everybody"} if {
	some one in input.resource_changes
	after := one.change.after
	{"bucket", "grant", "policy", "rule"} != after
}
"""
    policies = PolicySet.load(write(tmp_path, {"plan/a.rego": f"{METADATA}package gaia.plan.a\n{body}"}))

    def value(given: dict[str, Any], **more: Any) -> str:
        plan = _plan(bucket="b", **given, **more)
        plan["resource_changes"][0]["change"]["after_sensitive"] = {"policy": True}
        resource = plan["configuration"]["root_module"]["resources"][0]
        resource["expressions"] |= {"bucket": {}, "grant": {}, "policy": {}}
        (found,) = judge(policies, "plan", plan, engine=Regorus())
        return found.value

    assert value(before) == value(dict(before), id="sg-1", arn="arn:x", description="other")
    assert value(before) != value(after)


def test_a_rule_may_say_its_value_itself(tmp_path: Path) -> None:
    """`value` beside the message is what counts then."""

    def value(said: str, message: str) -> str:
        folder = tmp_path / "plan"
        folder.mkdir(exist_ok=True)
        head = f"{METADATA}package gaia.plan.a\n\n"
        body = f'deny contains {{"message": "{message}", "value": {said}}} if true\n'
        (folder / "a.rego").write_text(head + body)
        return judge(PolicySet.load(tmp_path), "plan", {}, engine=Regorus())[0].value

    assert value("[1]", "no") == value("[1]", "never")
    assert value("[1]", "no") != value("[2]", "no")


def test_a_waiver_of_another_value_is_void_and_said_so(shipped: PolicySet, tmp_path: Path) -> None:
    """The finding stays a deny, and the report says which waiver the change made void."""
    plan = _plan()
    denied, notice = waive(_denied(shipped, plan), _of(tmp_path, f"sha256:{'0' * 16}"), HERE, plan, TODAY)
    assert denied.effect == "deny"
    assert (notice.rule, notice.effect) == ("waiver.void", "warn")
    assert denied.value in notice.message


@pytest.mark.parametrize(
    ("more", "day", "rules"),
    [
        ({}, date(2027, 3, 2), ["waiver.expired"]),
        ({"instance": "acme-use1-prod/web"}, TODAY, []),
        ({"instance": "acme-*-dev/web"}, TODAY, ["waived"]),
        ({"resource": "aws_security_group.other"}, TODAY, ["waiver.unused"]),
        ({"rule": "plan.naming"}, TODAY, ["waiver.unused"]),
    ],
)
def test_it_excuses_its_own_until_its_day(
    shipped: PolicySet, tmp_path: Path, more: dict[str, str], day: date, rules: list[str]
) -> None:
    """Not after its last day, not elsewhere and nothing else; what is expired or of no use is reported."""
    plan = _plan()
    denied = _denied(shipped, plan)
    said = waive(denied, _of(tmp_path, denied[0].value, **more), HERE, plan, day)
    assert [one.rule for one in said[1:]] == [one for one in rules if one != "waived"]
    assert said[0].effect == ("waived" if "waived" in rules else "deny")


def test_one_of_what_does_not_change_is_not_called_unused(tmp_path: Path) -> None:
    """A resource that stays as it is is not judged, so nobody can say that its waiver is of no use."""
    plan = _plan(actions=("no-op",))
    assert waive([], _of(tmp_path, f"sha256:{'0' * 16}"), HERE, plan, TODAY) == ()
    [said] = waive([], _of(tmp_path, f"sha256:{'0' * 16}"), HERE, _plan("10.0.0.0/8"), TODAY)
    assert said.rule == "waiver.unused"


def test_one_that_comes_with_its_change_does_not_count(shipped: PolicySet, tmp_path: Path) -> None:
    """Only what the published branch has excuses; a longer term or another value is another waiver."""
    plan = _plan()
    [denied] = _denied(shipped, plan)
    lying = read(_written(tmp_path, denied.value))
    first, notice = waive([denied], Waivers.of(lying, ()), HERE, plan, TODAY)
    assert (first.effect, notice.rule) == ("deny", "waiver.pending")
    published = read(_written(tmp_path, denied.value, expires="2026-01-01"))
    said = waive([denied], Waivers.of(lying, published), HERE, plan, TODAY)
    assert [one.rule for one in said] == [RULE, "waiver.expired", "waiver.pending"]
    assert said[0].effect == "deny"


def test_where_no_branch_is_published_that_is_said(shipped: PolicySet, tmp_path: Path) -> None:
    """Then it counts as it lies, and the report says that nobody else has agreed."""
    plan = _plan()
    [denied] = _denied(shipped, plan)
    first, notice = waive([denied], Waivers.of(read(_written(tmp_path, denied.value)), None), HERE, plan, TODAY)
    assert (first.effect, notice.rule) == ("waived", "waiver.unpublished")


def test_only_a_deny_is_excused(shipped: PolicySet, tmp_path: Path) -> None:
    """What nobody knows yet is decided when it is known."""
    plan = _plan()
    [denied] = _denied(shipped, plan)
    open_one = replace(denied, effect="undecided")
    assert waive([open_one], _of(tmp_path, denied.value), HERE, plan, TODAY)[0] == open_one


def test_the_same_notice_is_given_once(shipped: PolicySet, tmp_path: Path) -> None:
    """Of two waivers that stand twice in a file too, for they are the same."""
    [one] = read(_written(tmp_path, f"sha256:{'0' * 16}"))
    said = waive(_denied(shipped, _plan()), Waivers((one, one), (one, one)), HERE, _plan(), TODAY)
    assert [each.rule for each in said] == [RULE, "waiver.void", "waiver.pending"]


@pytest.mark.parametrize(("day", "effect"), [(date(2026, 1, 25), "waived"), (date(2026, 1, 24), "deny")])
def test_one_whose_end_is_far_away_does_not_hold(shipped: PolicySet, tmp_path: Path, day: date, effect: str) -> None:
    """Four hundred days are the most; it is told why."""
    plan = _plan()
    denied = _denied(shipped, plan)
    first, *notices = waive(denied, _of(tmp_path, denied[0].value), HERE, plan, day)
    assert first.effect == effect
    assert [one.rule for one in notices] == (["waiver.too-long"] if effect == "deny" else [])


@pytest.mark.parametrize("written", ["2027-03-31", '"2027-03-31"', "'2027-03-31'", "2027-3-31"])
def test_a_day_needs_no_quotes(tmp_path: Path, written: str) -> None:
    """YAML's own way of writing one is taken."""
    path = _written(tmp_path, f"sha256:{'0' * 16}") / "waivers" / "web.yaml"
    path.write_text(path.read_text().replace('"2027-03-01"', written))
    [found] = read(tmp_path)
    assert found.expires == date(2027, 3, 31)


@pytest.mark.parametrize(
    ("pattern", "instance", "fits"),
    [
        ("a/b", "a/b", True), ("a/b", "a/bc", False), ("*/b", "a/b", True), ("a*a/b", "a/b", False),
        ("a-*-c/*", "a-b-c/web", True), ("a*b*/c", "ab/c", True), ("*b*b*/x", "ab/x", False), ("a/*", "a/", True),
        ("*e*" * 14 + "/", "e" * 5000 + "/x", False), ("*e" * 28 + "/x", "e" * 5000 + "/x", True),
    ],
)  # fmt: skip
def test_a_star_is_any_text(tmp_path: Path, pattern: str, instance: str, fits: bool) -> None:
    """However many there are, in no time."""
    [found] = read(_written(tmp_path, f"sha256:{'0' * 16}", instance=pattern))
    assert found.is_about(instance) is fits


def test_waivers_that_cannot_be_listed_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of them may be what a finding is waived by, or has expired."""
    _written(tmp_path, f"sha256:{'0' * 16}")

    def closed(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.iterdir", closed)
    with pytest.raises(Invalid, match="cannot look into the folder: Permission denied"):
        read(tmp_path)


@pytest.mark.parametrize("name", ["rule", "resource", "instance", "value", "reason", "owner", "expires"])
def test_each_field_is_mandatory(tmp_path: Path, name: str) -> None:
    """A waiver without one of them is refused, with its file and line."""
    with pytest.raises(Invalid, match=f"{name} is missing") as caught:
        read(_written(tmp_path, **{"value": f"sha256:{'0' * 16}", name: ""}))
    assert str(caught.value.at).startswith("waivers/web.yaml:2")


@pytest.mark.parametrize(
    ("more", "line"),
    [({"value": "sha256:x"}, 5), ({"instance": "web"}, 4), ({"expires": "soon"}, 8), ({"until": "x"}, 9)],
)
def test_a_field_that_is_wrong_is_refused_at_its_line(tmp_path: Path, more: dict[str, str], line: int) -> None:
    """What is no value, no instance, no day and no field of a waiver."""
    with pytest.raises(Invalid) as caught:
        read(_written(tmp_path, **{"value": f"sha256:{'0' * 16}", **more}))
    assert (caught.value.code, caught.value.at and caught.value.at.line) == ("waiver-invalid", line)


def test_a_waiver_of_no_rule_is_a_mistake(shipped: PolicySet, tmp_path: Path) -> None:
    """Where the repository is checked and where a plan is."""
    root = _written(tmp_path, f"sha256:{'0' * 16}", rule="plan.gone")
    with pytest.raises(Invalid) as caught:
        check(read(root), shipped)
    assert (caught.value.code, str(caught.value.at)) == ("waiver-rule-unknown", "waivers/web.yaml:2:5")
    [found] = waiver_findings(root, _blueprint)
    assert (found.code, found.severity) == ("waiver-rule-unknown", "error")


def test_a_repository_without_waivers_has_none(tmp_path: Path) -> None:
    """No folder is no waiver."""
    assert read(tmp_path) == ()
    assert waiver_findings(tmp_path, _blueprint) == ()


def test_the_waiver_of_the_guide_excuses_what_it_says(shipped: PolicySet, tmp_path: Path) -> None:
    """Port 22 that is open to everybody, in the group that it names."""
    guide = (_blueprint().parent / "docs/how-to/write-a-policy.md").read_text("utf-8")
    (tmp_path / "waivers").mkdir()
    (tmp_path / "waivers/partners.yaml").write_text(guide.partition("```yaml\n")[2].partition("```")[0])
    found = read(tmp_path)
    check(found, shipped)
    plan = _plan()
    [said] = waive(_denied(shipped, plan), Waivers.of(found, found), HERE, plan, TODAY)
    assert said.effect == "waived"


def _blueprint() -> Path:
    from .conftest import ROOT

    return ROOT / "blueprint"
