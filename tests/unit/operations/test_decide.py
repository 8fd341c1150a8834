"""What a recovery does next, from what is known: each row of the truth table that matters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gaia.operations.decide import (
    End,
    Found,
    Import,
    MakePlan,
    Park,
    Proceed,
    RecoveryStep,
    Search,
    Situation,
    Unlock,
    Untaint,
    decide,
)
from gaia.operations.facts import Facts, Touched
from gaia.operations.planned import Planned
from gaia.terraform.diagnostics import LockInfo

KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/abc"
FACTS = Facts("apply", "acme-use1-dev/demo-key", applying=True, locks=frozenset({"ours"}))


def _begun(*touched: Touched, applying: bool = True, operation: str = "apply") -> Facts:
    return replace(FACTS, touched={item.address: item for item in touched}, applying=applying, operation=operation)


def _create(address: str, **known: object) -> Planned:
    return Planned(address, address.split(".", maxsplit=1)[0], ("create",), after=known, known=known)


def _one(situation: Situation) -> RecoveryStep:
    (action,) = decide(situation)
    return action


def test_survivors_are_ended_before_anything_else() -> None:
    """A lock is not touched while a process of ours runs."""
    assert _one(Situation(FACTS, alive=(7, 8), lock=LockInfo("ours"))) == End((7, 8))


def test_our_lock_is_released() -> None:
    """The journal has its id, from the log of a terraform of ours."""
    assert _one(Situation(FACTS, lock=LockInfo("ours"))) == Unlock("ours")


@pytest.mark.parametrize("lock", [LockInfo("theirs", who="ann@laptop", created="noon"), LockInfo("", who="ann@laptop")])
def test_a_foreign_lock_parks_and_says_who(lock: LockInfo) -> None:
    """Any other id, or none, is somebody else's."""
    action = _one(Situation(FACTS, lock=lock))
    assert isinstance(action, Park)
    assert action.code == "lock-foreign"
    assert "ann@laptop" in action.reason


def test_without_a_plan_a_plan_is_made() -> None:
    """The plan says what is missing."""
    assert _one(Situation(FACTS)) == MakePlan()


def test_a_first_attempt_proceeds_with_its_plan() -> None:
    """Nothing was begun, so nothing can be left over."""
    planned = (_create("aws_kms_key.this"),)
    assert _one(Situation(Facts("apply", "a/b"), planned=planned)) == Proceed()


def test_what_was_never_begun_is_never_imported() -> None:
    """A bucket of that name may be somebody else's."""
    facts = _begun(Touched("aws_kms_key.this", "aws_kms_key", "create", "abc", done=True))
    planned = (_create("aws_s3_bucket.this", bucket="lab"),)
    assert _one(Situation(facts, planned=planned)) == Proceed()


def test_a_finished_creation_is_imported_by_its_journalled_id() -> None:
    """Its completion is in the journal, its state was lost."""
    facts = _begun(Touched("aws_kms_key.this", "aws_kms_key", "create", "abc", done=True))
    assert _one(Situation(facts, planned=(_create("aws_kms_key.this"),))) == Import("aws_kms_key.this", "abc")


def test_a_creation_whose_state_was_saved_is_made_again() -> None:
    """It was saved and is planned again: somebody removed it since."""
    facts = _begun(Touched("aws_kms_key.this", "aws_kms_key", "create", "abc", done=True), applying=False)
    assert _one(Situation(facts, planned=(_create("aws_kms_key.this"),))) == Proceed()


@pytest.mark.parametrize("action", ["create", "unknown"])
def test_a_begun_creation_with_a_natural_name_is_tried(action: str) -> None:
    """Whether it exists is for terraform to say."""
    facts = _begun(Touched("aws_s3_bucket.this", "", action))
    planned = (_create("aws_s3_bucket.this", bucket="lab"),)
    assert _one(Situation(facts, planned=planned)) == Import("aws_s3_bucket.this", "lab")


def test_what_does_not_exist_is_made() -> None:
    """Terraform said so: the creation never reached the cloud."""
    facts = _begun(Touched("aws_s3_bucket.this", "aws_s3_bucket", "create"))
    planned = (_create("aws_s3_bucket.this", bucket="lab"),)
    assert _one(Situation(facts, planned=planned, absent=frozenset({"aws_s3_bucket.this"}))) == Proceed()


def test_an_import_that_was_chosen_is_not_chosen_again() -> None:
    """Whatever terraform made of its block: a recovery comes to an end."""
    facts = _begun(Touched("aws_s3_bucket.this", "aws_s3_bucket", "create"))
    planned = (_create("aws_s3_bucket.this", bucket="lab"),)
    assert _one(Situation(facts, planned=planned, imports={"aws_s3_bucket.this": "lab"})) == Proceed()


def test_a_begun_key_is_searched_by_its_tag() -> None:
    """A key has no name; without an id in the journal only the tag finds it."""
    facts = _begun(Touched("aws_kms_key.this", "aws_kms_key", "create"))
    situation = Situation(facts, planned=(_create("aws_kms_key.this"),))
    assert _one(situation) == Search()
    assert _one(replace(situation, found=Found("1", "aws", (KEY_ARN,)))) == Import("aws_kms_key.this", "abc")
    assert _one(replace(situation, found=Found("1", "aws", ()))) == Proceed()


def test_two_keys_with_the_tag_are_not_guessed_between() -> None:
    """It parks and lists both."""
    facts = _begun(Touched("aws_kms_key.this", "aws_kms_key", "create"))
    found = Found("1", "aws", (KEY_ARN, KEY_ARN.replace("abc", "def")))
    action = _one(Situation(facts, planned=(_create("aws_kms_key.this"),), found=found))
    assert isinstance(action, Park)
    assert action.code == "orphan-unresolved"
    assert "abc, def" in action.left[0]


def test_a_tagged_key_that_has_an_address_is_nobody_elses() -> None:
    """A key in the state, or one whose id the journal knows, is not taken for another."""
    facts = _begun(
        Touched("aws_kms_key.one", "aws_kms_key", "create", "abc", done=True),
        Touched("aws_kms_key.two", "aws_kms_key", "create"),
    )
    planned = (_create("aws_kms_key.one"), _create("aws_kms_key.two"))
    found = Found("1", "aws", (KEY_ARN,))
    assert decide(Situation(facts, planned=planned, found=found)) == (Import("aws_kms_key.one", "abc"),)
    kept = (Planned("aws_kms_key.one", "aws_kms_key", ("no-op",), before={"id": "abc"}), _create("aws_kms_key.two"))
    assert _one(Situation(facts, planned=kept, found=found)) == Proceed()


def test_a_policy_is_found_by_the_arn_that_its_name_makes() -> None:
    """The account's number comes from the search."""
    facts = _begun(Touched("aws_iam_policy.this", "aws_iam_policy", "create"))
    situation = Situation(facts, planned=(_create("aws_iam_policy.this", name="lab", path="/"),))
    assert _one(situation) == Search()
    found = Found("123456789012", "aws")
    assert _one(replace(situation, found=found)) == Import(
        "aws_iam_policy.this", "arn:aws:iam::123456789012:policy/lab"
    )


def test_a_child_waits_for_its_parents_import() -> None:
    """An attachment's id needs the policy's ARN, which is known once the policy is imported."""
    facts = _begun(
        Touched("aws_iam_policy.this", "aws_iam_policy", "create", "arn:p", done=True),
        Touched("aws_iam_role_policy_attachment.this", "aws_iam_role_policy_attachment", "create", "lab-1", done=True),
    )
    policy, attachment = _create("aws_iam_policy.this"), _create("aws_iam_role_policy_attachment.this", role="lab")
    assert decide(Situation(facts, planned=(policy, attachment))) == (Import("aws_iam_policy.this", "arn:p"),)
    imported = replace(policy, actions=("no-op",), importing="arn:p")
    second = Situation(facts, planned=(imported, attachment), imports={"aws_iam_policy.this": "arn:p"})
    assert isinstance(_one(second), Park)
    known = _create("aws_iam_role_policy_attachment.this", role="lab", policy_arn="arn:p")
    assert decide(replace(second, planned=(imported, known))) == (Import(known.address, "lab/arn:p"),)


def test_an_unknown_type_is_parked_with_its_address() -> None:
    """Begun, no id, no rule: a person has to look."""
    facts = _begun(Touched("aws_unheard_of.this", "aws_unheard_of", "create"))
    action = _one(Situation(facts, planned=(_create("aws_unheard_of.this", name="x"),)))
    assert isinstance(action, Park)
    assert action.left == ("aws_unheard_of.this: nothing tells its id",)


@pytest.mark.parametrize("kind", ["random_id", "null_resource", "time_sleep", "tls_private_key", "terraform_data"])
def test_state_only_resources_are_made_again(kind: str) -> None:
    """A random value or a null resource exists nowhere but in the state."""
    facts = _begun(Touched(f"{kind}.this", kind, "create", "x", done=True))
    assert _one(Situation(facts, planned=(_create(f"{kind}.this"),))) == Proceed()


def test_our_tainted_resource_is_kept() -> None:
    """An interrupted creation is finished, not replaced; a tainted one of other origin is left to the comparison."""
    tainted = Planned("aws_s3_bucket.this", "aws_s3_bucket", ("delete", "create"), before={"id": "lab"}, tainted=True)
    facts = _begun(Touched("aws_s3_bucket.this", "aws_s3_bucket", "create", failed=True), applying=False)
    assert _one(Situation(facts, planned=(tainted,))) == Untaint("aws_s3_bucket.this")
    assert _one(Situation(Facts("apply", "a/b"), planned=(tainted,))) == Proceed()


def test_what_runs_something_when_it_is_made_is_not_taken_for_whole() -> None:
    """A provisioner that failed shows in no plan but as tainted: whether to replace it is for a person. One that was
    cut off by us is kept, as everything that was."""
    kinds = (("aws_s3_bucket.this", "aws_s3_bucket"), ("terraform_data.this", "terraform_data"))
    for address, kind in kinds:
        item = Planned(address, kind, ("delete", "create"), tainted=True, provisioned=True, known={"bucket": "lab"})
        facts = _begun(Touched(address, kind, "create", failed=True), applying=False)
        assert _one(Situation(facts, planned=(item,))) == Proceed()
        for failed in (True, False):
            facts = _begun(Touched(address, kind, "create", failed=failed, cut_off=failed), applying=False)
            assert _one(Situation(facts, planned=(item,))) == Untaint(address)


def test_a_replacement_made_before_the_old_one_is_gone_is_parked() -> None:
    """Both may exist, and the state has room for the old one only."""
    item = Planned("aws_iam_role.this", "aws_iam_role", ("create", "delete"), known={"name": "lab"})
    facts = _begun(Touched("aws_iam_role.this", "aws_iam_role", "create"))
    assert isinstance(_one(Situation(facts, planned=(item,))), Park)
    first_deleted = replace(item, actions=("delete", "create"))
    assert _one(Situation(facts, planned=(first_deleted,))) == Proceed()


def test_a_destroy_goes_on_with_what_is_left() -> None:
    """What is gone is gone."""
    facts = _begun(Touched("aws_kms_key.this", "aws_kms_key", "delete", done=True), operation="destroy")
    left = Planned("aws_kms_alias.this", "aws_kms_alias", ("delete",), before={"id": "alias/lab"})
    assert _one(Situation(facts, planned=(left,))) == Proceed()


def test_what_our_own_search_read_is_not_taken() -> None:
    """Its data sources have the key's id; that is no other owner."""
    data = 'data.aws_kms_key.gaia_search["x"]'
    facts = _begun(
        Touched("aws_kms_key.this", "aws_kms_key", "create"), Touched(data, "aws_kms_key", "read", "abc", done=True)
    )
    situation = Situation(facts, planned=(_create("aws_kms_key.this"),), found=Found("1", "aws", (KEY_ARN,)))
    assert _one(situation) == Import("aws_kms_key.this", "abc")


def test_two_keys_begun_and_one_found_are_parked() -> None:
    """It may be either: never guessed."""
    facts = _begun(*(Touched(f"aws_kms_key.{name}", "aws_kms_key", "create") for name in ("one", "two")))
    planned = (_create("aws_kms_key.one"), _create("aws_kms_key.two"))
    action = _one(Situation(facts, planned=planned, found=Found("1", "aws", (KEY_ARN,))))
    assert isinstance(action, Park)
    assert [line.partition(":")[0] for line in action.left] == ["aws_kms_key.one", "aws_kms_key.two"]


def test_an_imported_id_is_not_taken_for_something_new() -> None:
    """What one address is imported as is not free for another one."""
    facts = _begun(
        Touched("aws_kms_key.one", "aws_kms_key", "unknown"), Touched("aws_kms_key.two", "aws_kms_key", "create")
    )
    one = Planned("aws_kms_key.one", "aws_kms_key", ("no-op",), importing="abc")
    situation = Situation(
        facts,
        planned=(one, _create("aws_kms_key.two")),
        found=Found("1", "aws", (KEY_ARN,)),
        imports={"aws_kms_key.one": "abc"},
    )
    assert _one(situation) == Proceed()


def test_a_thing_of_the_state_is_not_taken_by_its_arn_either() -> None:
    """A topic's import id is its ARN."""
    arn = "arn:aws:sns:us-east-1:123456789012:lab"
    facts = _begun(Touched("aws_sns_topic.two", "aws_sns_topic", "create"))
    kept = Planned("aws_sns_topic.one", "aws_sns_topic", ("no-op",), before={"arn": arn})
    planned = (kept, _create("aws_sns_topic.two"))
    assert _one(Situation(facts, planned=planned, found=Found("1", "aws", (arn,)))) == Proceed()
    other = replace(kept, type="aws_sqs_queue")
    found = Situation(facts, planned=(other, planned[1]), found=Found("1", "aws", (arn,)))
    assert _one(found) == Import("aws_sns_topic.two", arn)


@pytest.mark.parametrize("action", ["delete", "update"])
@pytest.mark.parametrize("done", [True, False])
def test_a_begun_deletion_or_a_saved_update_is_no_creation(action: str, done: bool) -> None:
    """What the plan makes anew was never begun to be made."""
    facts = _begun(Touched("aws_s3_bucket.this", "aws_s3_bucket", action, done=done), applying=action == "delete")
    assert _one(Situation(facts, planned=(_create("aws_s3_bucket.this", bucket="lab"),))) == Proceed()


def test_an_update_begun_on_what_the_state_has_lost_is_found_by_its_id() -> None:
    """An import's update was cut off: what it updated exists."""
    facts = _begun(Touched("aws_kms_key.this", "aws_kms_key", "update", "abc"))
    assert _one(Situation(facts, planned=(_create("aws_kms_key.this"),))) == Import("aws_kms_key.this", "abc")


@pytest.mark.parametrize("actions", [("delete", "create"), ("create", "delete")])
def test_a_finished_replacement_is_no_crash(actions: tuple[str, ...]) -> None:
    """Its state was saved: planned again it is a new replacement, for the comparison to judge."""
    item = Planned("aws_iam_role.this", "aws_iam_role", actions, known={"name": "lab"})
    done = Touched("aws_iam_role.this", "aws_iam_role", "create", "lab", done=True)
    assert _one(Situation(_begun(done, applying=False), planned=(item,))) == Proceed()
    assert isinstance(_one(Situation(_begun(done), planned=(item,))), Park)


def test_what_can_be_said_is_imported_before_the_rest_is_parked() -> None:
    """One unclear and one clear: the clear one is imported first, then the plan says more."""
    facts = _begun(
        Touched("aws_unheard_of.this", "aws_unheard_of", "create"), Touched("aws_s3_bucket.this", "", "create")
    )
    planned = (_create("aws_unheard_of.this"), _create("aws_s3_bucket.this", bucket="lab"))
    assert decide(Situation(facts, planned=planned)) == (Import("aws_s3_bucket.this", "lab"),)


def test_the_account_is_asked_for_once_and_only_where_it_is_needed() -> None:
    """An attachment's reported id is no import id; a bucket's name is enough; a policy needs the account's number."""
    attachment = Touched(
        "aws_iam_role_policy_attachment.this", "aws_iam_role_policy_attachment", "create", "x", done=True
    )
    unclear = _one(Situation(_begun(attachment), planned=(_create(attachment.address),)))
    assert isinstance(unclear, Park)
    policy = Touched("aws_iam_policy.this", "aws_iam_policy", "create")
    situation = Situation(_begun(policy), planned=(_create(policy.address, name="lab", path="/"),), found=Found())
    assert isinstance(_one(situation), Park)
    known = Touched("aws_iam_policy.this", "aws_iam_policy", "create", "arn:p", done=True)
    assert _one(replace(situation, facts=_begun(known), found=None)) == Import("aws_iam_policy.this", "arn:p")


def test_two_begun_of_different_types_are_no_rivals() -> None:
    """A topic and a key are each found by their own kind of ARN."""
    topic = "arn:aws:sns:us-east-1:123456789012:lab"
    facts = _begun(Touched("aws_sns_topic.t", "", "create"), Touched("aws_kms_key.k", "aws_kms_key", "create"))
    planned = (_create("aws_sns_topic.t"), _create("aws_kms_key.k"))
    found = Found("1", "aws", (KEY_ARN, topic))
    assert decide(Situation(facts, planned=planned, found=found)) == (
        Import("aws_sns_topic.t", topic),
        Import("aws_kms_key.k", "abc"),
    )


def test_a_rival_whose_id_is_known_is_none() -> None:
    """One of two keys reported its id: the one left over is the other's."""
    facts = _begun(
        Touched("aws_kms_key.one", "aws_kms_key", "create", "abc", done=True),
        Touched("aws_kms_key.two", "aws_kms_key", "create"),
    )
    other = KEY_ARN.replace("abc", "def")
    planned = (_create("aws_kms_key.one"), _create("aws_kms_key.two"))
    assert decide(Situation(facts, planned=planned, found=Found("1", "aws", (KEY_ARN, other)))) == (
        Import("aws_kms_key.one", "abc"),
        Import("aws_kms_key.two", "def"),
    )


def test_nothing_is_decided_about_what_the_plan_does_not_make() -> None:
    """Begun, and planned as an update or not at all: no import, no search."""
    facts = _begun(Touched("aws_kms_key.this", "aws_kms_key", "create"))
    there = Planned("aws_kms_key.this", "aws_kms_key", ("update",), before={"id": "abc"})
    assert _one(Situation(facts, planned=(there,))) == Proceed()
    importing = replace(_create("aws_kms_key.this"), importing="abc")
    assert _one(Situation(facts, planned=(importing,))) == Proceed()
    assert _one(Situation(facts)) == MakePlan()


def test_what_the_state_holds_is_not_what_was_lost() -> None:
    """Of two keys that bear the tag, the one that is in the state is known by its id, or by its ARN alone."""
    facts = _begun(Touched("aws_kms_key.this", "aws_kms_key", "create"))
    found = Found(arns=(KEY_ARN, KEY_ARN.replace("abc", "def")))
    by_id: list[dict[str, object]] = [{"id": "abc"}, {"id": "abc", "arn": KEY_ARN}]
    for before in by_id:
        kept = Planned("aws_kms_key.kept", "aws_kms_key", ("no-op",), before=before)
        situation = Situation(facts, planned=(_create("aws_kms_key.this"), kept), found=found)
        assert _one(situation) == Import("aws_kms_key.this", "def")
    topics = ("arn:aws:sns:us-east-1:1:a", "arn:aws:sns:us-east-1:1:b")
    facts = _begun(Touched("aws_sns_topic.this", "aws_sns_topic", "create"))
    kept = Planned("aws_sns_topic.kept", "aws_sns_topic", ("no-op",), before={"arn": topics[0]})
    situation = Situation(facts, planned=(_create("aws_sns_topic.this"), kept), found=Found(arns=topics))
    assert _one(situation) == Import("aws_sns_topic.this", topics[1])
