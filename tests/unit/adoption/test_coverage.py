"""What an account holds, and how each thing stands."""

from __future__ import annotations

from gaia.adoption.account import CALLS, Call, things
from gaia.adoption.coverage import Thing, covered
from gaia.operations.import_rules import RULES
from gaia.terraform.state import State

BY_TYPE: dict[str, Call] = {call.type: call for call in CALLS}
TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"


def state(kind: str, **attributes: str) -> State:
    """A state with one resource."""
    entry = {"mode": "managed", "type": kind, "name": "this", "instances": [{"attributes": attributes}]}
    return State.parse({"version": 4, "resources": [entry]})


def test_every_call_lists_a_type_that_can_be_imported() -> None:
    """But those of the network, whose import id is their own."""
    assert {call.type for call in CALLS} - RULES.keys() == {""}


def test_what_several_calls_give_is_one_thing() -> None:
    """The tagging API knows ARNs; a type that Gaia knows has its import id, any other its service."""
    found = things(
        [
            (BY_TYPE["aws_sns_topic"], "us-east-1", {"TopicArn": TOPIC}),
            (BY_TYPE[""], "us-east-1", {"ResourceARN": TOPIC}),
            (BY_TYPE["aws_s3_bucket"], "us-east-1", {"Name": "photos"}),
            (BY_TYPE[""], "us-east-1", {"ResourceARN": "arn:aws:s3:::photos"}),
            (BY_TYPE[""], "us-east-1", {"ResourceARN": "arn:aws:ec2:us-east-1:1:vpc/vpc-1"}),
            (BY_TYPE[""], "us-east-1", {"ResourceARN": "arn:aws:lambda:us-east-1:1:function:f"}),
        ]
    )
    assert [(one.type, one.id) for one in found] == [
        ("aws_sns_topic", TOPIC),
        ("aws_s3_bucket", "photos"),
        ("aws_vpc", "vpc-1"),
        ("lambda", "arn:aws:lambda:us-east-1:1:function:f"),
    ]


def test_what_aws_makes_itself_is_told_apart() -> None:
    """Default network, managed keys, roles of services."""
    role = "arn:aws:iam::1:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
    found = things(
        [
            (BY_TYPE["aws_vpc"], "r", {"vpcId": "vpc-1", "isDefault": "true"}),
            (BY_TYPE["aws_vpc"], "r", {"vpcId": "vpc-2", "isDefault": "false"}),
            (BY_TYPE["aws_security_group"], "r", {"groupId": "sg-1", "groupName": "default"}),
            (BY_TYPE["aws_kms_alias"], "r", {"AliasName": "alias/aws/s3", "TargetKeyId": "k1"}),
            (BY_TYPE["aws_kms_key"], "r", {"KeyId": "k1"}),
            (BY_TYPE["aws_kms_key"], "r", {"KeyId": "k2"}),
            (BY_TYPE["aws_iam_role"], "r", {"RoleName": "AWSServiceRoleForX", "Arn": role}),
        ]
    )
    assert [one.id for one in found if not one.own] == ["vpc-2", "k2"]


def test_standings() -> None:
    """By ARN or by what the state calls it; what a state has is managed, whoever made it."""
    states = {
        "dev/topic": state("aws_sns_topic", id=TOPIC, arn=TOPIC),
        "dev/logs": state("aws_cloudwatch_log_group", id="/x", arn="arn:aws:logs:r:1:log-group:/x"),
        "dev/net": state("aws_vpc", id="vpc-1"),
    }
    found = covered(
        [
            Thing("aws_sns_topic", TOPIC, TOPIC),
            Thing("aws_cloudwatch_log_group", "/x", "arn:aws:logs:r:1:log-group:/x:*"),
            Thing("aws_vpc", "vpc-1", own="the default VPC"),
            Thing("aws_vpc", "vpc-2", own="the default VPC"),
            Thing("aws_s3_bucket", "photos"),
            Thing("lambda", "arn:aws:lambda:r:1:function:f"),
        ],
        states,
    )
    assert [(one.thing.id, one.standing, one.instance) for one in found] == [
        ("/x", "managed", "dev/logs"),
        (TOPIC, "managed", "dev/topic"),
        ("vpc-1", "managed", "dev/net"),
        ("photos", "importable", ""),
        ("arn:aws:lambda:r:1:function:f", "not importable", ""),
        ("vpc-2", "made by the provider", ""),
    ]
