"""gaia.policy.wording: a line says what it is about, and is said once."""

from __future__ import annotations

from gaia.policy.wording import sentences


def test_a_resource_is_named_and_a_sentence_is_said_once() -> None:
    """With the number of those that are not named; what is about no resource has its words alone."""
    found = [("Tag it", f"aws_sns_topic.t{number}", "no owner") for number in (1, 2, 3, 4, 1)]
    assert sentences([*found, ("Tag it", "aws_s3_bucket.b", "no cost centre"), ("", "", "why")]) == [
        "Tag it: aws_sns_topic.t1, aws_sns_topic.t2 and 2 more: no owner",
        "Tag it: aws_s3_bucket.b: no cost centre",
        "why",
    ]
