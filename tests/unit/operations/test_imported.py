"""Which imports may stand for an approved creation."""

from __future__ import annotations

from dataclasses import replace

from gaia.operations.facts import Facts, Touched
from gaia.operations.imported import refused_imports
from gaia.operations.planned import Planned

INSTANCE = "acme-use1-dev/demo-bucket"
TAGS = {"gaia:instance": INSTANCE, "owner": "ann"}
BUCKET = Planned(
    "aws_s3_bucket.this",
    "aws_s3_bucket",
    ("update",),
    before={"bucket": "lab", "force_destroy": None, "tags": TAGS},
    after={"bucket": "lab", "force_destroy": True, "tags": TAGS},
    importing="lab",
)
VERSIONING = Planned(
    "aws_s3_bucket_versioning.this",
    "aws_s3_bucket_versioning",
    ("update",),
    before={"bucket": "lab", "versioning_configuration": [{"status": "Suspended"}]},
    after={"bucket": "lab", "versioning_configuration": [{"status": "Enabled"}]},
    importing="lab",
)
STARTED = Touched(BUCKET.address, BUCKET.type, "create")


def _facts(*touched: Touched) -> Facts:
    return Facts("apply", INSTANCE, applying=True, touched={item.address: item for item in touched})


def test_what_bears_our_tag_is_taken_with_its_parts() -> None:
    """The bucket is ours by its tag, the versioning because the bucket is; both may be finished."""
    assert refused_imports((BUCKET, VERSIONING), _facts(STARTED)) == ()


def test_what_the_journal_saw_made_is_taken() -> None:
    """A key found by the id that its creation reported needs no tag."""
    key = Planned(
        "aws_kms_key.this", "aws_kms_key", ("update",), before={"enable_key_rotation": False, "description": "b"},
        after={"enable_key_rotation": True, "description": "a"}, importing="abc",
    )  # fmt: skip
    assert refused_imports((key,), _facts(Touched(key.address, key.type, "create", "abc", done=True))) == ()


def test_a_bare_bucket_is_taken_when_nothing_of_it_changes() -> None:
    """Made a moment before it would have been tagged: no tags, and only what is empty is filled."""
    bare = replace(BUCKET, before={"bucket": "lab", "force_destroy": None, "tags": {}})
    assert refused_imports((bare,), _facts(STARTED)) == ()


def test_a_bucket_of_somebody_else_is_refused() -> None:
    """Other tags, other settings, a creation that failed, or one that never began."""
    tagged = replace(BUCKET, before={**BUCKET.before, "tags": {"owner": "bob"}})
    assert "exists with other tags" in refused_imports((tagged,), _facts(STARTED))[0]
    filled = replace(
        BUCKET, before={"bucket": "lab", "tags": {}, "policy": "x"}, after={"bucket": "lab", "policy": "y"}
    )
    assert "another policy" in refused_imports((filled,), _facts(STARTED))[0]
    more = {"policy": "x", "acl": "private", "website": "w"}
    filled = replace(filled, before={"bucket": "lab", "tags": {}, **more})
    assert "another acl, policy, website" in refused_imports((filled,), _facts(STARTED))[0]
    bare = replace(BUCKET, before={"bucket": "lab", "tags": None})
    assert refused_imports((bare,), _facts(replace(STARTED, failed=True)))
    assert refused_imports((bare,), _facts())


def test_an_import_never_replaces_or_deletes() -> None:
    """Whatever exists would be lost."""
    replaced = replace(BUCKET, actions=("delete", "create"))
    assert "deleted, then created" in refused_imports((replaced,), _facts(STARTED))[0]


def test_an_alias_belongs_to_the_key_that_it_points_to() -> None:
    """An alias of the right name that points to another key is somebody else's."""
    key = Planned("aws_kms_key.this", "aws_kms_key", ("no-op",), before={"key_id": "abc"}, after={"key_id": "abc"})
    alias = Planned(
        "aws_kms_alias.this", "aws_kms_alias", ("no-op",), before={"name": "alias/lab", "target_key_id": "abc"},
        after={"name": "alias/lab", "target_key_id": "abc"}, importing="alias/lab",
    )  # fmt: skip
    facts = _facts(Touched(alias.address, alias.type, "create"))
    assert refused_imports((key, alias), facts) == ()
    theirs = replace(alias, actions=("update",), before={"name": "alias/lab", "target_key_id": "other"})
    assert "another target_key_id" in refused_imports((key, theirs), facts)[0]


def test_what_the_journal_saw_made_under_another_id_is_looked_at_like_any_other() -> None:
    """The id has to be the one that its creation reported."""
    mine = Touched(BUCKET.address, BUCKET.type, "create", "lab", done=True)
    theirs = replace(BUCKET, before={"bucket": "lab", "tags": {"owner": "bob"}})
    assert refused_imports((theirs,), _facts(mine)) == ()
    assert refused_imports((replace(theirs, importing="other"),), _facts(mine))


def test_a_part_of_what_is_nobodys_is_not_taken_with_it() -> None:
    """A bucket that is still to be made, or that is refused itself, makes nothing its own."""
    new = replace(BUCKET, actions=("create",), before={}, importing="")
    assert "another versioning_configuration" in refused_imports((new, VERSIONING), _facts(_started(VERSIONING)))[0]
    bob = replace(BUCKET, before={"bucket": "lab", "tags": {"owner": "bob"}})
    assert len(refused_imports((bob, VERSIONING), _facts(STARTED, _started(VERSIONING)))) == 2


def test_a_part_of_what_is_in_the_state_is_taken() -> None:
    """The bucket is there, tagged or not; its versioning was being changed when everything died."""
    kept = replace(BUCKET, actions=("no-op",), before={"bucket": "lab"}, importing="")
    assert refused_imports((kept, VERSIONING), _facts(_started(VERSIONING))) == ()


def test_what_is_read_back_of_an_empty_attribute_is_nothing_that_somebody_set() -> None:
    """Null, an empty text, list or map, false and zero; anything else is."""
    blanks: list[object] = [None, "", False, 0, [], {}]
    for nothing in blanks:
        bare = replace(BUCKET, before={"bucket": "lab", "policy": nothing}, after={"bucket": "lab", "policy": "x"})
        assert refused_imports((bare,), _facts(STARTED)) == ()
    filled_in: list[object] = ["y", True, 1, ["y"], {"y": 1}]
    for something in filled_in:
        filled = replace(BUCKET, before={"bucket": "lab", "policy": something}, after={"bucket": "lab", "policy": "x"})
        assert refused_imports((filled,), _facts(STARTED))


def _started(item: Planned) -> Touched:
    return Touched(item.address, item.type, "create")


def test_a_tag_without_a_value_is_nobodys() -> None:
    """A journal that does not say whose it is owns nothing by a tag that says nothing."""
    tagged = replace(BUCKET, before={"bucket": "lab", "tags": {"gaia:instance": ""}})
    assert refused_imports((tagged,), replace(_facts(STARTED), instance=""))


def test_what_has_the_approved_tags_already_is_taken() -> None:
    """Tagged as it was approved, whoever the tags do not name: nothing of it would change."""
    tags = {"owner": "ann"}
    tagged = replace(BUCKET, before={"bucket": "lab", "tags": tags}, after={"bucket": "lab", "tags": tags})
    assert refused_imports((tagged,), _facts(STARTED)) == ()


def test_only_a_bucket_makes_a_part_of_a_bucket_its_own() -> None:
    """Something else of this instance that names the same bucket does not."""
    policy = Planned("aws_s3_object.this", "aws_s3_object", ("no-op",), before={"bucket": "lab"}, after={})
    assert refused_imports((policy, VERSIONING), _facts(_started(VERSIONING)))


def test_something_of_a_type_that_belongs_to_nothing_is_judged_by_itself() -> None:
    """No rule says what it would be a part of."""
    thing = Planned("aws_x.this", "aws_x", ("no-op",), before={"name": "a"}, after={"name": "a"}, importing="a")
    assert refused_imports((BUCKET, thing), _facts(STARTED, _started(thing))) == ()
    assert refused_imports((BUCKET, thing), _facts(STARTED))
