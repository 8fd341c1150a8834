"""What changing one resource changes in what is read back of another."""

from __future__ import annotations

import pytest

from gaia.operations.side_effects import EFFECTS, shown_elsewhere
from gaia.terraform.normal import Change, Unknown


def _change(kind: str, before: object, after: object = None) -> Change:
    return Change(f"{kind}.this", kind, ("delete",), before, after)


@pytest.mark.parametrize("kind", EFFECTS)
def test_each_part_is_shown_by_what_it_names(kind: str) -> None:
    """And by nothing else, and only when it was touched."""
    effect = EFFECTS[kind]
    part = _change(kind, {effect.attribute: "x"})
    shows = _change(effect.type, {effect.key: "x"})
    other = Change("other.one", effect.type, ("delete",), {effect.key: "y"}, None)
    stranger = Change("other.two", "a_type", ("delete",), {effect.key: "x"}, None)
    changes = (part, shows, other, stranger)
    assert shown_elsewhere(changes, {part.address}) == {shows.address: frozenset(effect.shown)}
    assert shown_elsewhere(changes, {shows.address}) == {}


def test_an_attachment_is_counted_by_its_policy_too() -> None:
    """Role and policy both show it; several parts of one thing add up."""
    attachment = _change("aws_iam_role_policy_attachment", {"role": "r", "policy_arn": "p"})
    inline = _change("aws_iam_role_policy", {"role": "r"})
    role, policy = _change("aws_iam_role", {"name": "r"}), _change("aws_iam_policy", {"arn": "p"})
    touched = {attachment.address, inline.address}
    assert shown_elsewhere((attachment, inline, role, policy), touched) == {
        role.address: {"managed_policy_arns", "inline_policy"},
        policy.address: {"attachment_count"},
    }


def test_a_name_that_is_not_known_meets_nothing() -> None:
    """Neither unknown values nor absent or empty ones are equal; what is made is met by what it will name."""
    for name in (Unknown(), "", None):
        part = _change("aws_s3_bucket_policy", None, {"bucket": name})
        assert shown_elsewhere((part, _change("aws_s3_bucket", {"bucket": name})), {part.address}) == {}
    made = _change("aws_s3_bucket_policy", None, {"bucket": "b"})
    bucket = _change("aws_s3_bucket", None, {"bucket": "b"})
    assert shown_elsewhere((made, bucket), {made.address}) == {bucket.address: {"policy"}}
