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
        "aws_kms_key.this", "aws_kms_key", ("update",), before={"enable_key_rotation": False, "description": "a"},
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
    assert "other tags" in refused_imports((tagged,), _facts(STARTED))[0]
    filled = replace(
        BUCKET, before={"bucket": "lab", "tags": {}, "policy": "x"}, after={"bucket": "lab", "policy": "y"}
    )
    assert "another policy" in refused_imports((filled,), _facts(STARTED))[0]
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


def test_a_bucket_with_the_approved_tags_is_taken() -> None:
    """It was begun here and bears exactly what was approved, though nothing in it names the instance."""
    tags = {"owner": "ann"}
    plain = replace(BUCKET, before={"bucket": "lab", "tags": tags}, after={"bucket": "lab", "tags": tags})
    assert refused_imports((plain,), _facts(STARTED)) == ()


def test_what_stands_for_nothing_is_nobodys_setting() -> None:
    """An empty list, a zero or an empty map is what an absent setting is read back as."""
    before = {"bucket": "lab", "tags": {}, "grant": [], "size": 0, "rule": {}, "policy": "", "force_destroy": False}
    after = {"bucket": "lab", "grant": [1], "size": 1, "rule": {"a": 1}, "policy": "x", "force_destroy": True}
    assert refused_imports((replace(BUCKET, before=before, after=after),), _facts(STARTED)) == ()
    for name, value in {"grant": [2], "size": 2, "rule": {"b": 1}, "policy": "y"}.items():
        refused = refused_imports((replace(BUCKET, before={**before, name: value}, after=after),), _facts(STARTED))
        assert f"another {name}," in refused[0]


def test_a_type_without_a_rule_is_nobodys_part() -> None:
    """Never begun here: it is refused, not guessed."""
    other = Planned("aws_unheard_of.this", "aws_unheard_of", ("no-op",), before={"a": 1}, importing="x")
    (reason,) = refused_imports((other,), _facts())
    assert "nothing shows that this operation made it" in reason


def test_a_part_is_owned_by_its_parent_alone() -> None:
    """Something else of ours that names the same bucket says nothing about who made the bucket."""
    policy = Planned("aws_s3_bucket_policy.this", "aws_s3_bucket_policy", ("no-op",), before={"bucket": "lab"})
    assert refused_imports((policy, VERSIONING), _facts())
    ours = replace(BUCKET, importing="")
    assert refused_imports((ours, VERSIONING), _facts()) == ()
    assert refused_imports((replace(ours, before={**ours.before, "bucket": "other"}), VERSIONING), _facts())
    nameless = replace(VERSIONING, before={"bucket": None})
    assert refused_imports((replace(ours, before={"tags": TAGS, "bucket": None}), nameless), _facts())


def test_what_the_state_holds_owns_its_parts_without_a_tag() -> None:
    """It is there, so it is this instance's, whatever it bears."""
    held = replace(BUCKET, importing="", before={"bucket": "lab"}, after={"bucket": "lab"})
    assert refused_imports((held, VERSIONING), _facts()) == ()
    assert refused_imports((replace(held, before={}), VERSIONING), _facts())
