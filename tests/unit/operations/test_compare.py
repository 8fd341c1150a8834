"""An instance's own plan against the approval, with a part of it done already."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaia.operations.compare import compare
from gaia.stacks.model import InstanceKey
from gaia.terraform.normal import NormalForm
from gaia.terraform.plan import Plan

if TYPE_CHECKING:
    from gaia.kit.keys import SecretKey

ME = InstanceKey("acme-use1-dev", "demo-key")
ADDRESS = "aws_kms_key.this"
WANTED = {"description": "a", "custom_key_store_id": None, "enable_key_rotation": True, "tags": {"owner": "ann"}}


def _plan(actions: list[str], before: object, after: object, **more: Any) -> Plan:
    change = {"actions": actions, "before": before, "after": after, "after_unknown": more.pop("unknown", {}), **more}
    entry = {"address": ADDRESS, "mode": "managed", "type": "aws_kms_key", "name": "this", "change": change}
    return Plan.parse({"format_version": "1.2", "resource_changes": [entry]})


def _approved(key: SecretKey) -> NormalForm:
    return NormalForm.of({ME: _plan(["create"], None, WANTED, unknown={"arn": True})}, key)


def _differences(plan: Plan, key: SecretKey, *touched: str) -> tuple[str, ...]:
    return compare(ME, plan, key, _approved(key), touched=touched).differences


def test_without_an_approval_there_is_nothing_to_differ_from(key: SecretKey) -> None:
    """An undo needs none; the digest is still there for the record."""
    compared = compare(ME, _plan(["create"], None, WANTED), key, None, touched=())
    assert compared.differences == ()
    assert compared.digest.startswith("sha256:")


def test_an_import_that_ends_as_approved_is_as_approved(key: SecretKey) -> None:
    """No-op or update: what was unknown may be known, and nothing may have been read back as blank."""
    found = {**WANTED, "arn": "arn:1", "custom_key_store_id": ""}
    assert _differences(_plan(["no-op"], found, found, importing={"id": "abc"}), key, ADDRESS) == ()
    before = {**found, "enable_key_rotation": False}
    assert _differences(_plan(["update"], before, found, importing={"id": "abc"}), key, ADDRESS) == ()


def test_an_import_that_ends_otherwise_voids_the_approval(key: SecretKey) -> None:
    """One tag more is one difference."""
    found = {**WANTED, "arn": "arn:1", "tags": {"owner": "ann", "team": "x"}}
    (difference,) = _differences(_plan(["no-op"], found, found, importing={"id": "abc"}), key, ADDRESS)
    assert "tags.team" in difference


def test_an_import_of_what_this_run_never_began_voids_the_approval(key: SecretKey) -> None:
    """A creation was approved, not taking over what is there."""
    found = {**WANTED, "arn": "arn:1"}
    assert _differences(_plan(["no-op"], found, found, importing={"id": "abc"}), key)


def test_an_import_is_never_a_replacement(key: SecretKey) -> None:
    """Also for an address that this run had begun."""
    found = {**WANTED, "arn": "arn:1"}
    assert _differences(_plan(["delete", "create"], found, WANTED, importing={"id": "abc"}), key, ADDRESS)


def test_the_second_half_of_a_replacement_is_as_approved(key: SecretKey) -> None:
    """The old one is gone, the new one is still to be made, with the approved values."""
    approved = NormalForm.of({ME: _plan(["delete", "create"], {**WANTED, "description": "old"}, WANTED)}, key)
    half = _plan(["create"], None, WANTED)
    assert compare(ME, half, key, approved, touched=[ADDRESS]).differences == ()
    assert compare(ME, half, key, approved, touched=[]).differences
    other = _plan(["create"], None, {**WANTED, "description": "b"})
    assert compare(ME, other, key, approved, touched=[ADDRESS]).differences


def test_in_a_destroy_what_is_gone_is_gone(key: SecretKey) -> None:
    """One resource less to delete needs no new approval; one more does."""
    approved = NormalForm.of({ME: _plan(["delete"], WANTED, None)}, key)
    nothing = Plan.parse({"format_version": "1.2", "resource_changes": []})
    assert compare(ME, nothing, key, approved, touched=(), destroy=True).differences == ()
    empty = NormalForm.of({ME: nothing}, key)
    assert compare(ME, _plan(["delete"], WANTED, None), key, empty, touched=(), destroy=True).differences


def _retirement(key: SecretKey, **before: Any) -> tuple[NormalForm, dict[str, Any]]:
    """The approval to delete a bucket with its policy and versioning, and the bucket as it was then."""
    bucket = {
        "id": "lab", "arn": "arn:lab", "bucket": "lab", "tags": {"owner": "ann"}, "policy": "{}",
        "versioning": [{"enabled": True}], **before,
    }  # fmt: skip
    return NormalForm.of({ME: _bucket_plan(bucket, "policy", "versioning")}, key), bucket


def _bucket_plan(bucket: dict[str, Any], *parts: str, actions: tuple[str, ...] = ("delete",)) -> Plan:
    def entry(kind: str, before: dict[str, Any]) -> dict[str, Any]:
        change = {"actions": list(actions), "before": before, "after": None}
        return {"address": f"{kind}.this", "mode": "managed", "type": kind, "name": "this", "change": change}

    resources = [entry("aws_s3_bucket", bucket)]
    resources += [entry(f"aws_s3_bucket_{part}", {"bucket": bucket["bucket"]}) for part in parts]
    return Plan.parse({"format_version": "1.2", "resource_changes": resources})


def test_what_this_run_took_away_is_no_difference_where_another_resource_shows_it(key: SecretKey) -> None:
    """Policy and versioning are deleted, the bucket is not yet begun: it is read back without them."""
    approved, bucket = _retirement(key)
    left = _bucket_plan({**bucket, "policy": "", "versioning": [{"enabled": False}]})
    touched = ("aws_s3_bucket_policy.this", "aws_s3_bucket_versioning.this")
    assert compare(ME, left, key, approved, touched=touched, destroy=True).differences == ()
    assert compare(ME, left, key, approved, touched=(), destroy=True).differences
    (only,) = compare(ME, left, key, approved, touched=touched[:1], destroy=True).differences
    assert "versioning" in only


def test_what_somebody_else_changed_still_voids_a_half_done_destroy(key: SecretKey) -> None:
    """Another tag, or another bucket's policy gone."""
    approved, bucket = _retirement(key)
    left = _bucket_plan({**bucket, "policy": "", "tags": {"owner": "bob"}})
    (difference,) = compare(ME, left, key, approved, touched=("aws_s3_bucket_policy.this",), destroy=True).differences
    assert "tags.owner" in difference
    elsewhere = NormalForm.of({ME: _two_buckets(bucket)}, key)
    other = _bucket_plan({**bucket, "policy": ""})
    assert compare(ME, other, key, elsewhere, touched=("aws_s3_bucket_policy.this",), destroy=True).differences


def _two_buckets(bucket: dict[str, Any]) -> Plan:
    entries: list[Any] = []
    for plan in (_bucket_plan(bucket), _bucket_plan({"bucket": "other"}, "policy")):
        found = plan.raw["resource_changes"]
        assert isinstance(found, list)
        entries += found[-1:]
    return Plan.parse({"format_version": "1.2", "resource_changes": entries})


def test_of_a_deletion_that_was_begun_only_which_thing_it_is_counts(key: SecretKey) -> None:
    """BucketNotEmpty: whatever of it has changed, it goes on; another thing is not what was approved."""
    approved, bucket = _retirement(key)
    mine = ("aws_s3_bucket.this",)
    half = _bucket_plan({**bucket, "tags": None, "grant": [1], "policy": ""})
    assert compare(ME, half, key, approved, touched=mine, destroy=True).differences == ()
    for name in ("id", "arn"):
        other = _bucket_plan({**bucket, name: "other"})
        (difference,) = compare(ME, other, key, approved, touched=mine, destroy=True).differences
        assert f"before.{name}" in difference


def test_an_update_beside_a_part_that_was_deleted_goes_on(key: SecretKey) -> None:
    """Not only in a destroy: the bucket's own change is as approved, and the policy it showed is gone by our hand."""
    wanted = {"bucket": "lab", "policy": "{}", "tags": {"a": "b"}}
    before = {**wanted, "tags": {}}

    def plan(policy: str) -> Plan:
        change = {"actions": ["update"], "before": {**before, "policy": policy}, "after": {**wanted, "policy": policy}}
        bucket = {"address": "aws_s3_bucket.this", "mode": "managed", "type": "aws_s3_bucket", "change": change}
        gone = {"actions": ["delete"], "before": {"bucket": "lab"}, "after": None}
        part = {"address": "aws_s3_bucket_policy.this", "mode": "managed", "type": "aws_s3_bucket_policy"}
        resources = [bucket, *([{**part, "change": gone}] if policy else [])]
        return Plan.parse({"format_version": "1.2", "resource_changes": resources})

    approved = NormalForm.of({ME: plan("{}")}, key)
    touched = ("aws_s3_bucket_policy.this",)
    assert compare(ME, plan(""), key, approved, touched=touched).differences == ()
    assert compare(ME, plan(""), key, approved, touched=()).differences


def test_what_the_provider_made_of_nothing_is_accepted_where_the_plan_keeps_it(key: SecretKey) -> None:
    """As a table without tags and a plain queue are read back: an application would change none of it."""
    wanted = {
        "name": "a",
        "table_class": None,
        "stream_enabled": None,
        "tags": None,
        "policy": None,
        "kms_key_id": None,
    }
    approved = NormalForm.of({ME: _plan(["create"], None, wanted)}, key)
    found: dict[str, object] = {
        **wanted,
        "table_class": "STANDARD",
        "stream_enabled": False,
        "tags": {},
        "policy": "",
        "kms_key_id": "k",
    }

    def differences(before: object, after: object, *actions: str) -> tuple[str, ...]:
        plan = _plan(list(actions) or ["no-op"], before, after, importing={"id": "abc"})
        return compare(ME, plan, key, approved, touched=[ADDRESS]).differences

    assert differences(found, found) == ()
    assert differences({**found, "name": "b"}, found, "update") == ()


def test_bare_things_are_read_back_as_they_were_approved(key: SecretKey) -> None:
    """The AWS provider 5.100 on 26 resources with hardly an attribute, a table and a queue without tags among them.

    `made`: the plan that was approved. `imported`: the plan after each was imported into an empty state.
    """
    plans = json.loads((Path(__file__).parent / "recorded/bare.json").read_text())
    made, imported = (Plan.parse(plans[name]) for name in ("made", "imported"))
    touched = [one.address for one in made.resources]
    assert {"aws_dynamodb_table.this", "aws_sqs_queue.this", "aws_s3_bucket.this"} <= set(touched)
    approved = NormalForm.of({ME: made}, key)
    assert compare(ME, imported, key, approved, touched=touched).differences == ()
    assert len(compare(ME, imported, key, approved, touched=()).differences) == len(touched)


def test_a_default_is_read_back_as_nothing_and_a_block_that_was_not_written_as_one(key: SecretKey) -> None:
    """As a bucket, a target group and a registry of images are; a value is no nothing, be it kept or not."""
    wanted = {"force_destroy": False, "wait": 0, "note": "", "tags": {}, "scanning": [], "name": "a", "on": True}
    approved = NormalForm.of({ME: _plan(["create"], None, wanted)}, key)
    found = {**dict.fromkeys(wanted), "scanning": [{"on_push": False}], "name": "a", "on": True}

    def differences(*pair: object) -> tuple[str, ...]:
        plan = _plan(["no-op" if len(pair) == 1 else "update"], pair[0], pair[-1], importing={"id": "abc"})
        return compare(ME, plan, key, approved, touched=[ADDRESS]).differences

    assert differences(found) == ()
    others: list[dict[str, object]] = [
        {"name": None}, {"on": None}, {"force_destroy": True}, {"wait": 1}, {"note": "x"}, {"tags": {"a": "b"}},
        {"scanning": [{}, {}]}, {"scanning": ["a"]},
    ]  # fmt: skip
    for other in others:
        assert len(differences({**found, **other})) == 1, other
    for name in ("force_destroy", "wait", "note", "tags", "scanning"):
        assert len(differences({**found, name: "other"}, found)) == 1, name


def test_what_the_plan_would_change_is_never_accepted(key: SecretKey) -> None:
    """Nothing was approved there, and the application would put something: that is another value."""
    found = {**WANTED, "arn": "arn:1"}
    values: list[object] = ["cks-1", False, 0, [], {}]
    for value in values:
        after = {**found, "custom_key_store_id": value}
        plan = _plan(["update"], {**found, "custom_key_store_id": "other"}, after, importing={"id": "abc"})
        (difference,) = _differences(plan, key, ADDRESS)
        assert "custom_key_store_id" in difference
    without = _plan(["update"], {"arn": "arn:1"}, {**found, "custom_key_store_id": False}, importing={"id": "abc"})
    assert any("custom_key_store_id" in one for one in _differences(without, key, ADDRESS))


def test_what_was_never_begun_is_not_read_back(key: SecretKey) -> None:
    """Nothing was approved there, and this run has not touched it."""
    approved = NormalForm.of({ME: _plan(["update"], {**WANTED, "description": "old"}, WANTED)}, key)
    now = {**WANTED, "custom_key_store_id": "cks-1"}
    plan = _plan(["update"], {**now, "description": "old"}, now)
    assert compare(ME, plan, key, approved, touched=()).differences


def test_in_lists_what_is_kept_is_accepted_where_they_are_as_long(key: SecretKey) -> None:
    """A rule more is a rule more, even where the plan keeps it."""
    approved = NormalForm.of({ME: _plan(["create"], None, {"rule": [{"days": 1, "kind": None}]})}, key)

    def differences(*rules: object, before: object = None) -> tuple[str, ...]:
        found = {"rule": list(rules)}
        plan = _plan(["no-op"], before or found, found, importing={"id": "abc"})
        return compare(ME, plan, key, approved, touched=[ADDRESS]).differences

    kept = {"days": 1, "kind": "plain"}
    assert differences(kept) == ()
    assert differences(kept, kept)
    assert differences(kept, before={"rule": [kept, kept]})
    assert differences({**kept, "days": 2})


def test_blanks_are_read_back_in_lists_and_maps_of_what_exists_alone(key: SecretKey) -> None:
    """Below a list as well; where something is still to be made, or was never begun, a blank is a blank."""
    wanted = {"rule": [{"name": None, "days": 1}], "arn": "a"}
    approved = NormalForm.of({ME: _plan(["create"], None, wanted)}, key)
    blank = {"rule": [{"name": "", "days": 1}], "arn": "a"}

    def differences(plan: Plan, *touched: str) -> tuple[str, ...]:
        return compare(ME, plan, key, approved, touched=touched).differences

    assert differences(_plan(["no-op"], blank, blank, importing={"id": "a"}), ADDRESS) == ()
    assert differences(_plan(["create"], None, blank), ADDRESS)
    assert differences(_plan(["create"], None, blank))
    longer = {**blank, "rule": [*blank["rule"], {"name": ""}]}
    assert differences(_plan(["no-op"], longer, longer, importing={"id": "a"}), ADDRESS)


def test_a_replacement_that_creates_first_is_not_taken_for_its_second_half(key: SecretKey) -> None:
    """Of one that makes the new one first, a creation alone is another action."""
    old = {**WANTED, "description": "old"}
    approved = NormalForm.of({ME: _plan(["create", "delete"], old, WANTED)}, key)
    assert compare(ME, _plan(["create"], None, WANTED), key, approved, touched=[ADDRESS]).differences


def test_a_destroy_that_was_not_begun_is_compared_whole(key: SecretKey) -> None:
    """What is there now is what was approved to go."""
    approved, bucket = _retirement(key)
    left = _bucket_plan({**bucket, "tags": {}})
    assert compare(ME, left, key, approved, touched=(), destroy=True).differences


def test_what_is_new_in_what_shows_a_change_is_still_a_difference(key: SecretKey) -> None:
    """Only the attributes that show it are taken over; one that nobody approved is not."""
    approved, bucket = _retirement(key)
    left = _bucket_plan({**bucket, "policy": "", "grant": [1]})
    touched = ("aws_s3_bucket_policy.this",)
    (difference,) = compare(ME, left, key, approved, touched=touched, destroy=True).differences
    assert "grant" in difference
    without = {name: value for name, value in bucket.items() if name != "policy"}
    assert compare(ME, _bucket_plan(without), key, approved, touched=touched, destroy=True).differences == ()


def test_a_blank_in_what_was_never_begun_voids_the_approval(key: SecretKey) -> None:
    """An update that sets nothing was approved; one that sets an empty text is another."""
    approved = NormalForm.of({ME: _plan(["update"], {**WANTED, "description": "old"}, WANTED)}, key)
    blank = _plan(["update"], {**WANTED, "description": "old"}, {**WANTED, "custom_key_store_id": ""})
    (difference,) = compare(ME, blank, key, approved, touched=()).differences
    assert "custom_key_store_id" in difference


def test_an_update_that_was_begun_only_has_to_end_as_approved(key: SecretKey) -> None:
    """Half of it may be done, so what is there now does not count; not begun, it does; another end never is."""
    old = {**WANTED, "description": "old"}
    approved = NormalForm.of({ME: _plan(["update"], old, WANTED)}, key)
    half = {**old, "tags": {"owner": "bob"}}
    assert compare(ME, _plan(["update"], half, WANTED), key, approved, touched=[ADDRESS]).differences == ()
    (difference,) = compare(ME, _plan(["update"], half, WANTED), key, approved, touched=[]).differences
    assert "before.tags.owner" in difference
    assert compare(ME, _plan(["update"], old, half), key, approved, touched=[ADDRESS]).differences


def test_another_shape_is_another_value(key: SecretKey) -> None:
    """A list was approved and a map is read back, with blanks in it."""
    approved = NormalForm.of({ME: _plan(["create"], None, {"rule": ["a"], "tags": {"a": "b"}})}, key)
    other = {"rule": {"a": ""}, "tags": [""]}
    assert (
        len(
            compare(
                ME, _plan(["no-op"], other, other, importing={"id": "a"}), key, approved, touched=[ADDRESS]
            ).differences
        )
        >= 2
    )


def test_an_empty_text_that_was_approved_is_one_when_it_is_read_back(key: SecretKey) -> None:
    """Only nothing may come back as an empty text; an approved one is no nothing, and a value is no blank."""
    approved = NormalForm.of({ME: _plan(["create"], None, {"description": "", "policy": "x"})}, key)

    def differences(**found: str) -> tuple[str, ...]:
        plan = _plan(["no-op"], found, found, importing={"id": "a"})
        return compare(ME, plan, key, approved, touched=[ADDRESS]).differences

    assert differences(description="", policy="x") == ()
    (difference,) = differences(description="", policy="")
    assert "policy" in difference
