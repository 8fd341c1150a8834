"""Classes of drift, each on what terraform really wrote."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.operations.drift.evidence import NET, RECORDED, TODAY, evidence, found, places

from gaia.errors import Position
from gaia.operations.drift.classify import classify, wants_state
from gaia.operations.drift.ignoring import Rule
from gaia.operations.drift.model import Evidence, Scan
from gaia.operations.drift.together import together
from gaia.terraform.plan import Plan
from gaia.terraform.state import State

AT = Position("stacks/dev.yaml", 9)
RULE = Rule("aws_s3_bucket.*", "tags.owner", TODAY, "the scanner writes it", AT, matching="some*")


def test_what_is_as_it_should_be_has_no_finding() -> None:
    """A plan that does nothing, of things that nobody touched."""
    assert found("in-sync") == ()


def test_changed_outside() -> None:
    """With the attribute, both values, whether an apply puts it back, and who reads it: here and in other instances."""
    [one] = found("outside", readers={"tags": ("dev/album",), "other": ("dev/else",)})
    assert (one.kind, one.title, one.repair, one.loses) == ("changed outside", "aws_s3_bucket photos", "update", ())
    assert places(one) == [("aws_s3_bucket.this", "changed")]
    [tag] = one.attributes  # not a second time as tags_all
    assert (tag.path, tag.before, tag.after, tag.put_back) == ("tags.owner", '"team"', '"somebody"', True)
    assert tag.read_by == ("output.tags", "dev/album")


def test_what_no_apply_puts_back_is_told_apart() -> None:
    """A rule that somebody added to a security group whose code does not speak of rules; its tag is put back."""
    [one] = found("group-owner")
    assert [(attribute.path, attribute.put_back) for attribute in one.attributes] == [
        ("ingress", False),
        ("tags.Name", True),
    ]


def test_sensitive_values_are_not_shown() -> None:
    """That they changed is."""
    [one] = found("secret")
    assert [(each.path, each.before, each.after) for each in one.attributes] == [
        ("value", "(sensitive)", "(sensitive)"),
        ("version", "1", "2"),
    ]


def test_what_is_known_to_be_secret_is_not_shown_either() -> None:
    """Where terraform has lost the mark."""
    [one] = found("outside", hide=lambda text: text == "somebody")
    assert [(each.before, each.after) for each in one.attributes] == [('"team"', "(sensitive)")]


def test_gone() -> None:
    """One cause: what was part of it, and what would change because it is made anew, follow."""
    [one] = found("gone")
    assert (one.kind, one.title, one.repair) == ("gone", "aws_s3_bucket gone", "create")
    assert places(one) == [
        ("aws_s3_bucket.this", "changed"),
        ("aws_s3_bucket_versioning.this", "follows"),
        ("aws_ssm_parameter.of", "follows"),
    ]


def test_changed_in_code_but_not_applied() -> None:
    """One cause for all that the code changes, the same one in each stack that has the component."""
    [one] = found("code", code="network")
    assert (one.kind, one.title) == ("not applied", "network")
    assert [(place.address, place.would) for place in one.places] == [
        ("terraform_data.this", "update: input"),
        ("terraform_data.reads", "update: input"),
    ]
    [other] = found("code", instance="prod/photos", code="network")
    assert other.fingerprint == one.fingerprint


def test_a_change_is_not_the_codes_where_the_code_is_that_of_the_last_apply() -> None:
    """Then something that it reads gives another value, whatever that is."""
    [one] = found("code", same_code=True)
    assert (one.kind, one.reason != "") == ("read from elsewhere", True)


def test_a_data_source_gives_another_value() -> None:
    """Whoever reads it follows: directly, by a local, in a module, in an output."""
    [one] = found("group-reader")
    assert (one.kind, one.title) == ("read from elsewhere", "aws_security_group sg-f2b184d2be79abdbf")
    assert places(one) == [
        ("data.aws_security_group.web", "reads"),
        ("terraform_data.by_local", "follows"),
        ("terraform_data.direct", "follows"),
        ("module.inner.terraform_data.this", "follows"),
        ("output.shown", "follows"),
    ]
    [tag] = one.attributes
    assert (tag.path, tag.before, tag.after, tag.relevant) == ("tags.Name", '"web"', '"moved"', True)


def test_without_the_stored_state_nobody_knows_that_data_moved() -> None:
    """So what it changes is taken for a change of the code, and the state is asked for."""
    assert wants_state(evidence("group-reader", stored=False))
    assert [one.kind for one in found("group-reader", stored=False)] == ["not applied"]
    assert not wants_state(evidence("in-sync"))
    assert not wants_state(evidence("code"))


def test_an_output_of_another_instance_gives_another_value() -> None:
    """The variable that takes it in, and what follows; what else the code changes is another cause."""
    [one] = found("input", inputs=NET)
    assert (one.kind, one.title) == ("read from elsewhere", "dev/net output subnet")
    assert places(one) == [
        ("var.subnet", "reads"),
        ("terraform_data.by_local", "follows"),
        ("terraform_data.direct", "follows"),
        ("output.all", "follows"),
    ]
    both = found("input-and-code", inputs=NET)
    assert [(each.kind, len(each.places)) for each in both] == [("read from elsewhere", 4), ("not applied", 1)]
    assert [each.kind for each in found("input")] == ["not applied"]


def test_the_providers_own() -> None:
    """What a newer provider knows and the stored state did not; nothing and empty; another layout of a JSON text.

    One cause a type, and no drift.
    """
    [one] = found("provider")
    assert (one.kind, one.title, one.counts) == ("provider's own", "aws_ssm_parameter", False)
    assert [each.path for each in one.attributes] == ["data_type", "tags", "tier"]
    assert Scan("dev/photos", (one,)).status == "in sync"


def test_what_the_stored_state_knew_is_not_the_providers() -> None:
    """Without the state nobody can say that an upgrade added it."""
    kinds = {one.kind: [each.path for each in one.attributes] for one in found("provider", stored=False)}
    assert kinds == {"changed outside": ["data_type", "tier"], "provider's own": ["tags"]}
    assert wants_state(evidence("provider", stored=False))


def test_what_an_upgrade_of_the_schema_fills_in_is_the_providers() -> None:
    """The stored state is of an older schema, which had the attribute for nothing."""
    whole = evidence("provider")
    raw = json.loads(json.dumps(whole.plan.raw))
    state = json.loads((RECORDED / "provider.state.json").read_text())
    for one in state["resources"]:
        one["instances"][0]["attributes"] |= {"data_type": None, "tier": None}
    known = replace(whole, stored=State.parse(state))
    assert [one.kind for one in classify(known)] == ["changed outside", "provider's own"]
    for one in raw["configuration"]["root_module"]["resources"]:
        one["schema_version"] = 1
    assert [one.kind for one in classify(replace(known, plan=Plan.parse(raw)))] == ["provider's own"]


def _drifted(before: dict[str, Any], after: dict[str, Any]) -> Evidence:
    change = {"actions": ["update"], "before": {"id": "x", **before}, "after": {"id": "x", **after}}
    drift = {"address": "t.this", "mode": "managed", "type": "t", "change": change}
    whole = evidence("in-sync", instance="dev/x")
    return replace(whole, plan=Plan.parse({**whole.plan.raw, "resource_drift": [drift]}))


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ({"zones": ["a", "b"]}, {"zones": ["b", "a"]}, "provider's own"),
        ({"rules": [{"p": 1}, {"p": 2}]}, {"rules": [{"p": 2}, {"p": 1}]}, "provider's own"),
        ({"policy": '{"a": 1}'}, {"policy": '{"a":1}'}, "provider's own"),
        ({"text": None}, {"text": ""}, "provider's own"),
        ({"policy": '{"a": 1}'}, {"policy": '{"a":2}'}, "changed outside"),
        ({"policy": ""}, {"policy": '{"a":2}'}, "changed outside"),
        ({"policy": None}, {"policy": '{"a":2}'}, "changed outside"),
        ({"zones": ["a", "b"]}, {"zones": ["a", "b", "b"]}, "changed outside"),
        ({"on": None}, {"on": False}, "changed outside"),
    ],
)
def test_order_and_emptiness(before: dict[str, Any], after: dict[str, Any], kind: str) -> None:
    """Only what means the same is the provider's."""
    assert [one.kind for one in classify(_drifted(before, after))] == [kind]


def test_an_order_that_terraform_would_change_back_is_no_way_of_writing() -> None:
    """It is a list, whose order counts."""
    whole = _drifted({"zones": ["a", "b"]}, {"zones": ["b", "a"]})
    after = {"id": "x", "zones": ["a", "b"]}
    change = {"actions": ["update"], "before": {"id": "x", "zones": ["b", "a"]}, "after": after}
    planned = {"address": "t.this", "mode": "managed", "type": "t", "change": change}
    back = replace(whole, plan=Plan.parse({**whole.plan.raw, "resource_changes": [planned]}))
    assert [(one.kind, one.repair) for one in classify(back)] == [("changed outside", "update")]


def test_undecided() -> None:
    """A change whose new values nobody knows, and that follows from nothing."""
    [one] = found("undecided")
    assert (one.kind, one.title, one.counts) == ("undecided", "terraform_data.this", True)
    assert [(each.path, each.after) for each in one.attributes] == [("input", "(known after apply)")]
    assert places(one) == [("terraform_data.this", "changed")]


def test_what_was_cut_off_while_it_was_made_is_certain() -> None:
    """Terraform has marked it: nobody has to guess, whether the code is that of the last apply or not."""
    for same_code in (True, False):
        [one] = found("tainted", same_code=same_code)
        assert (one.kind, one.title, one.counts, one.repair) == ("not applied", "terraform_data.this", True, "")
        assert one.reason == "it was cut off while it was made, or tainted; an apply replaces it"
        assert places(one) == [("terraform_data.this", "changed"), ("terraform_data.reader", "changed")]


def test_putting_it_back_would_replace_what_holds_data() -> None:
    """Somebody made the table anew with another key: no apply gets that back without losing what is in it."""
    [one] = found("table")
    assert (one.kind, one.repair, one.loses) == ("changed outside", "replace", ("aws_dynamodb_table.this",))
    assert [each.path for each in one.attributes] == ["attribute[0].name", "hash_key"]


def test_a_thing_that_only_shows_anothers_change_is_no_second_cause() -> None:
    """The bucket shows the policy that another resource sets."""
    [one] = found("policy")
    assert one.title == "aws_s3_bucket_policy policed"
    assert places(one) == [("aws_s3_bucket_policy.this", "changed"), ("aws_s3_bucket.this", "follows")]


def test_what_a_rule_lets_be_is_marked_and_does_not_count() -> None:
    """Only where every attribute of it is let be."""
    [one] = found("outside", rules=(RULE,))
    assert (one.ignored, one.counts) == (True, False)
    assert [each.ignored for each in one.attributes] == ["the scanner writes it"]
    for other in (
        replace(RULE, matching="team"),
        replace(RULE, until=TODAY.replace(year=2025)),
        replace(RULE, attribute="tags.kept"),
        replace(RULE, resource="aws_sqs_*"),
    ):
        [one] = found("outside", rules=(other,))
        assert (one.ignored, one.counts) == (False, True)
    [group] = found(
        "group-owner", rules=(replace(RULE, resource="aws_security_group", attribute="tags.*", matching="*"),)
    )
    assert [bool(each.ignored) for each in group.attributes] == [False, True]
    assert not group.ignored


def test_a_rule_that_does_not_hold_is_a_finding() -> None:
    """With its place, whatever else is found."""
    [one] = found("in-sync", broken=(("it expired", AT),))
    assert (one.kind, one.reason, one.at, one.counts) == ("ignore rule", "it expired", AT, True)


# --- several instances ------------------------------------------------------------------------------------------


def scans() -> list[Scan]:
    """One security group that somebody edited, in five instances; one that failed."""
    owner = Scan("dev/web", found("group-owner", instance="dev/web"))
    readers = [Scan(f"dev/app-{n}", found("group-reader", instance=f"dev/app-{n}")) for n in range(4)]
    return [*readers, owner, Scan("dev/down", code="terraform-failed", reason="no credentials")]


def test_one_finding_a_cause() -> None:
    """In however many instances it shows; the one where the thing itself is says what kind it is."""
    report = together(scans())
    [one] = report.findings
    assert one.kind == "changed outside"
    assert {place.instance for place in one.places} == {"dev/web", *(f"dev/app-{n}" for n in range(4))}
    assert [each.path for each in one.attributes] == ["ingress", "tags.Name"]
    assert one.attributes[1].read_by == ("terraform_data.direct",)
    assert report.counts == {"in sync": 0, "drift": 5, "not checked": 1}
    assert (report.drift, report.complete) == (True, False)


def test_a_cause_keeps_its_fingerprint() -> None:
    """Scanned again, in another order, and by an instance that only reads the thing."""
    [one] = together(scans()).findings
    [other] = together(reversed(scans())).findings
    assert one == other
    [alone] = found("group-reader", instance="dev/other")
    assert alone.fingerprint == one.fingerprint
    assert len({each.fingerprint for name in ("outside", "gone", "table", "policy") for each in found(name)}) == 4


def test_the_machine_form() -> None:
    """Instances name their findings by fingerprint; nothing of what was not checked is called in sync."""
    document = together(scans()).as_json()
    assert document["counts"] == {"in sync": 0, "drift": 5, "not checked": 1}
    down = [one for one in document["instances"] if one["instance"] == "dev/down"]  # type: ignore[attr-defined]
    assert down == [
        {
            "instance": "dev/down",
            "status": "not checked",
            "findings": [],
            "code": "terraform-failed",
            "reason": "no credentials",
            "next_step": None,
        }
    ]
