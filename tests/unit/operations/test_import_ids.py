"""Import ids by resource type."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from gaia.kit import hcl
from gaia.operations import import_ids
from gaia.operations.console import console_link
from gaia.operations.decide import STATE_ONLY
from gaia.operations.import_rules import RULES

POLICY = "arn:aws:iam::123456789012:policy/lab"
BUCKET_PARTS = """
accelerate_configuration cors_configuration lifecycle_configuration logging notification object_lock_configuration
ownership_controls policy public_access_block replication_configuration request_payment_configuration
server_side_encryption_configuration versioning website_configuration
"""
SECRET = "arn:aws:secretsmanager:us-east-1:1:secret:lab-x"
ACCOUNT = {"account": "123456789012", "partition": "aws"}


@pytest.mark.parametrize(
    ("kind", "known", "expected"),
    [
        ("aws_s3_bucket", {"bucket": "lab"}, "lab"),
        *((f"aws_s3_bucket_{part}", {"bucket": "lab"}, "lab") for part in BUCKET_PARTS.split()),
        ("aws_cloudwatch_log_group", {"name": "/lab"}, "/lab"),
        ("aws_dynamodb_table", {"name": "lab"}, "lab"),
        ("aws_iam_instance_profile", {"name": "lab"}, "lab"),
        ("aws_iam_user", {"name": "lab"}, "lab"),
        ("aws_ssm_parameter", {"name": "/lab/a"}, "/lab/a"),
        ("aws_kms_alias", {"name": "alias/lab"}, "alias/lab"),
        ("aws_iam_role", {"name": "lab"}, "lab"),
        ("aws_iam_role_policy", {"role": "lab", "name": "data"}, "lab:data"),
        ("aws_iam_role_policy_attachment", {"role": "lab", "policy_arn": POLICY}, f"lab/{POLICY}"),
        ("aws_iam_policy", {"name": "lab", "path": "/", **ACCOUNT}, POLICY),
        ("aws_iam_policy", {"name": "lab", "path": "/"}, None),
        ("aws_s3_bucket", {"bucket": None}, None),
        ("aws_s3_bucket", {"bucket": ""}, None),
        ("aws_s3_bucket", {"bucket": 7}, None),
        ("aws_sns_topic", {"name": "lab"}, None),
        ("aws_secretsmanager_secret", {"name": "lab"}, None),
        ("aws_iam_role_policy_attachment", {"role": "lab"}, None),
        ("aws_kms_key", {"description": "lab"}, None),
        ("aws_unheard_of", {"name": "lab"}, None),
    ],
)
def test_natural_ids_need_every_part(kind: str, known: dict[str, object], expected: str | None) -> None:
    """A natural id is made from known attributes only; one part missing means no id, never a guess."""
    assert import_ids.natural_id(kind, known) == expected


def test_a_reported_id_that_cannot_be_imported_is_not_used() -> None:
    """An attachment reports an id of Terraform's own making; keys and policies report what import takes."""
    assert import_ids.reported_id("aws_iam_role_policy_attachment", "lab-2026") is None
    assert import_ids.reported_id("aws_kms_key", "6dbe6a85") == "6dbe6a85"
    assert import_ids.reported_id("aws_unheard_of", "x-1") == "x-1"
    assert import_ids.reported_id("aws_kms_key", "") is None


def test_tagged_things_are_told_apart_by_their_arn() -> None:
    """Only ARNs of the type count, and give the id that import takes."""
    arns = ["arn:aws:kms:us-east-1:1:key/abc", "arn:aws:s3:::lab", "arn:aws:s3:::lab/object", "arn:aws:kms:x:1:alias/a"]
    assert import_ids.tagged_ids("aws_kms_key", arns) == ("abc",)
    assert import_ids.tagged_ids("aws_s3_bucket", arns) == ("lab",)
    assert import_ids.tagged_ids("aws_iam_role", arns) == ()
    assert import_ids.tagged_ids("aws_unheard_of", arns) == ()
    many = [f"arn:aws:s3:::{name}" for name in ("lab", "c", "b", "a", "e", "d", "lab")]
    assert import_ids.tagged_ids("aws_s3_bucket", many) == ("a", "b", "c", "d", "e", "lab")


@pytest.mark.parametrize(
    ("kind", "arn", "found"),
    [
        ("aws_cloudwatch_log_group", "arn:aws:logs:us-east-1:1:log-group:/lab", "/lab"),
        ("aws_cloudwatch_log_group", "arn:aws:logs:us-east-1:1:log-group:/lab:*", "/lab"),
        ("aws_dynamodb_table", "arn:aws:dynamodb:us-east-1:1:table/lab", "lab"),
        ("aws_dynamodb_table", "arn:aws:dynamodb:us-east-1:1:table/lab/index/a", None),
        (
            "aws_secretsmanager_secret",
            "arn:aws:secretsmanager:us-east-1:1:secret:lab-x",
            "arn:aws:secretsmanager:us-east-1:1:secret:lab-x",
        ),
        ("aws_sns_topic", "arn:aws:sns:us-east-1:1:lab", "arn:aws:sns:us-east-1:1:lab"),
        ("aws_sns_topic", "arn:aws:sns:us-east-1:1:lab:subscription", None),
        ("aws_kms_key", "arn:aws-cn:kms:cn-north-1:1:key/mrk-1", "mrk-1"),
        ("aws_s3_bucket", "arn:aws-cn:s3:::lab", "lab"),
    ],
)
def test_what_the_tag_finds(kind: str, arn: str, found: str | None) -> None:
    """The whole ARN has to be of the type; it gives the id that import takes."""
    assert import_ids.found_by_tag(kind)
    assert import_ids.tagged_ids(kind, [arn]) == ((found,) if found else ())


def test_what_the_tag_does_not_find_is_not_searched_by_it() -> None:
    """Nothing found would prove nothing."""
    assert not any(map(import_ids.found_by_tag, ("aws_iam_role", "aws_kms_alias", "aws_s3_bucket_policy", "aws_x")))
    assert {kind for kind in (*RULES, "aws_unheard_of") if import_ids.needs_account(kind)} == {
        "aws_budgets_budget", "aws_cloudtrail", "aws_cloudwatch_query_definition", "aws_iam_openid_connect_provider",
        "aws_iam_policy", "aws_s3_account_public_access_block", "aws_securityhub_account", "aws_xray_encryption_config",
    }  # fmt: skip


def test_what_terraform_does_not_know_as_text_is_no_part_of_an_id() -> None:
    """A number, a list or nothing would be written into the id as it is printed."""
    others: list[object] = [5, ["lab"], "", False]
    for other in others:
        assert import_ids.natural_id("aws_s3_bucket", {"bucket": other}) is None


@pytest.mark.parametrize(
    "part",
    [
        "accelerate_configuration", "cors_configuration", "lifecycle_configuration", "logging", "notification",
        "object_lock_configuration", "ownership_controls", "policy", "public_access_block",
        "request_payment_configuration", "server_side_encryption_configuration", "versioning", "website_configuration",
    ],
)  # fmt: skip
def test_every_part_of_a_bucket_is_the_buckets(part: str) -> None:
    """It is imported by the bucket's name, and belongs to whoever the bucket belongs to."""
    rule = RULES[f"aws_s3_bucket_{part}"]
    assert import_ids.natural_id(f"aws_s3_bucket_{part}", {"bucket": "lab"}) == "lab"
    assert (rule.parent, rule.arn, rule.reported) == (("bucket", "aws_s3_bucket", "bucket"), "", "{reported}")


@pytest.mark.parametrize(
    "kind",
    [
        "aws_cloudwatch_log_group", "aws_dynamodb_table", "aws_iam_instance_profile", "aws_iam_role", "aws_iam_user",
        "aws_kms_alias", "aws_ssm_parameter",
    ],
)  # fmt: skip
def test_what_has_a_name_is_imported_by_it(kind: str) -> None:
    """As the provider's documentation says."""
    assert import_ids.natural_id(kind, {"name": "lab"}) == "lab"


@pytest.mark.parametrize(
    ("kind", "arn", "expected"),
    [
        ("aws_cloudwatch_log_group", "arn:aws:logs:us-east-1:123:log-group:/lab/a:*", "/lab/a"),
        ("aws_cloudwatch_log_group", "arn:aws:logs:us-east-1:123:log-group:/lab/a", "/lab/a"),
        ("aws_dynamodb_table", "arn:aws:dynamodb:us-east-1:123:table/lab", "lab"),
        ("aws_dynamodb_table", "arn:aws:dynamodb:us-east-1:123:table/lab/index/a", None),
        ("aws_kms_key", "arn:aws-cn:kms:cn-north-1:123:key/abc", "abc"),
        ("aws_s3_bucket", "arn:aws:s3:::lab", "lab"),
        ("aws_secretsmanager_secret", "arn:aws:secretsmanager:us-east-1:123:secret:lab-a", True),
        ("aws_sns_topic", "arn:aws:sns:us-east-1:123:lab", True),
        ("aws_sns_topic", "arn:aws:sns:us-east-1:123:lab:subscription", None),
    ],
)
def test_a_tag_finds_things_by_their_arn(kind: str, arn: str, expected: str | bool | None) -> None:
    """The id is a part of the ARN, or the whole of it."""
    wanted = arn if expected is True else expected
    assert import_ids.tagged_ids(kind, [arn, arn, "arn:aws:other:us-east-1:123:x"]) == ((wanted,) if wanted else ())


BLUEPRINT = Path(__file__).resolve().parents[3] / "blueprint/components/terraform"


def used() -> set[str]:
    """The resource types of the blueprint's components."""
    code = [hcl.parse(path.read_text(), path.name) for path in BLUEPRINT.rglob("*.tf")]
    return {block.labels[0] for file in code for block in file.blocks if block.type == "resource"}


def test_every_type_of_the_blueprint_has_a_rule() -> None:
    """Else what a killed application made of it could only be parked; types of the state alone need none."""
    missing = {kind for kind in used() if not kind.startswith(STATE_ONLY)} - RULES.keys()
    assert missing == set()
    assert len(used()) > 90


@pytest.mark.parametrize("kind", sorted(RULES))
def test_every_rule_is_whole(kind: str) -> None:
    """It finds its type, or the type may be made again, or its creation reports the id; and its parts fit together."""
    rule = RULES[kind]
    assert rule.id or rule.arn or rule.again or rule.reported
    groups = re.compile(rule.arn).groups if rule.arn else 1
    numbers = {int(name) for _, name, _, _ in string.Formatter().parse(rule.of_arn) if name}
    assert not rule.arn or (groups and max(numbers) < groups)
    assert rule.parent is None or rule.parent[1] in RULES
    assert rule.parent is None or rule.parent[0] in rule.id or kind == "aws_kms_alias"


FACTS: dict[str, object] = {"account": "1", "partition": "aws", "region": "us-east-1"}
ALIASES = {"event_bus_name": "default", "rule": "lab", "target_id": "a"}
ASSOCIATION = {"cluster_name": "a", "principal_arn": "b", "policy_arn": "c"}
RECORD = {"zone_id": "Z1", "name": "a.lab", "type": "A"}
OIDC = "oidc.eks.us-east-1.amazonaws.com/id/A"
PROVIDER = f"arn:aws:iam::1:oidc-provider/{OIDC}"
WEB_ACL = "arn:aws:wafv2:us-east-1:1:regional/webacl/lab/a-1"


@pytest.mark.parametrize(
    ("kind", "known", "expected"),
    [
        ("aws_backup_vault_policy", {"backup_vault_name": "lab"}, "lab"),
        ("aws_budgets_budget", {"name": "lab", **FACTS}, "1:lab"),
        ("aws_cloudtrail", {"name": "lab", **FACTS}, "arn:aws:cloudtrail:us-east-1:1:trail/lab"),
        ("aws_cloudwatch_event_rule", {"name": "lab", "event_bus_name": "default"}, "default/lab"),
        ("aws_cloudwatch_event_target", ALIASES, "default/lab/a"),
        ("aws_cloudwatch_log_metric_filter", {"log_group_name": "/lab", "name": "a"}, "/lab:a"),
        ("aws_db_instance", {"identifier": "lab"}, "lab"),
        ("aws_db_instance", {"identifier_prefix": "lab"}, None),
        ("aws_eks_access_policy_association", ASSOCIATION, "a#b#c"),
        ("aws_eks_addon", {"cluster_name": "a", "addon_name": "b"}, "a:b"),
        (
            "aws_iam_openid_connect_provider",
            {"url": f"https://{OIDC}", **FACTS},
            PROVIDER,
        ),
        ("aws_lb_listener_certificate", {"listener_arn": "a", "certificate_arn": "b"}, "a_b"),
        ("aws_route", {"route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0"}, "rtb-1_0.0.0.0/0"),
        ("aws_route", {"route_table_id": "rtb-1", "destination_ipv6_cidr_block": "::/0"}, "rtb-1_::/0"),
        ("aws_route", {"destination_cidr_block": "0.0.0.0/0"}, None),
        ("aws_route53_record", RECORD, "Z1_a.lab_A"),
        ("aws_route53_record", {**RECORD, "set_identifier": "b"}, "Z1_a.lab_A_b"),
        ("aws_route_table_association", {"subnet_id": "s-1", "route_table_id": "rtb-1"}, "s-1/rtb-1"),
        ("aws_route_table_association", {"gateway_id": "igw-1", "route_table_id": "rtb-1"}, "igw-1/rtb-1"),
        ("aws_secretsmanager_secret_rotation", {"secret_id": SECRET}, SECRET),
        ("aws_sqs_queue_policy", {"queue_url": "https://sqs/1/lab"}, "https://sqs/1/lab"),
        ("aws_wafv2_web_acl_association", {"web_acl_arn": "a", "resource_arn": "b"}, "a,b"),
    ],
)
def test_ids_of_more_than_a_name(kind: str, known: dict[str, object], expected: str | None) -> None:
    """As the provider's documentation writes them."""
    assert import_ids.natural_id(kind, known) == expected


@pytest.mark.parametrize(
    ("kind", "known", "expected"),
    [
        ("aws_backup_selection", {"plan_id": "p"}, "p|x"),
        ("aws_backup_selection", {}, None),
        ("aws_cloudwatch_query_definition", FACTS, "arn:aws:logs:us-east-1:1:query-definition:x"),
        ("aws_eks_pod_identity_association", {"cluster_name": "a"}, "a,x"),
        ("aws_wafv2_web_acl", {"name": "lab", "scope": "REGIONAL"}, "x/lab/REGIONAL"),
        ("aws_vpc", {}, "x"),
        ("aws_route", {}, None),
        ("aws_cloudwatch_event_target", {}, None),
    ],
)
def test_a_reported_id_with_what_it_lacks(kind: str, known: dict[str, object], expected: str | None) -> None:
    """Some ids are only a part of what import takes."""
    assert import_ids.reported_id(kind, "x", known) == expected


@pytest.mark.parametrize(
    ("kind", "arn", "expected"),
    [
        ("aws_vpc", "arn:aws:ec2:us-east-1:1:vpc/vpc-1", "vpc-1"),
        ("aws_subnet", "arn:aws:ec2:us-east-1:1:subnet/subnet-1", "subnet-1"),
        ("aws_lb", "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/lab/1", True),
        ("aws_lb_listener", "arn:aws:elasticloadbalancing:us-east-1:1:listener/app/lab/1/2", True),
        ("aws_lb_listener", "arn:aws:elasticloadbalancing:us-east-1:1:listener-rule/app/lab/1/2/3", None),
        ("aws_rds_cluster", "arn:aws:rds:us-east-1:1:cluster:lab", "lab"),
        ("aws_eks_pod_identity_association", "arn:aws:eks:us-east-1:1:podidentityassociation/lab/a-1", "lab,a-1"),
        ("aws_sqs_queue", "arn:aws:sqs:us-east-1:1:lab", "https://sqs.us-east-1.amazonaws.com/1/lab"),
        ("aws_wafv2_web_acl", WEB_ACL, "a-1/lab/REGIONAL"),
        ("aws_backup_plan", "arn:aws:backup:us-east-1:1:backup-plan:a-1", "a-1"),
        ("aws_guardduty_detector", "arn:aws:guardduty:us-east-1:1:detector/a/filter/b", None),
    ],
)
def test_what_has_no_name_is_found_by_its_tag(kind: str, arn: str, expected: str | bool | None) -> None:
    """The ARN tells the type, and the id that import takes is made of it."""
    wanted = arn if expected is True else expected
    assert import_ids.tagged_ids(kind, [arn]) == ((wanted,) if wanted else ())


def test_what_may_be_made_again_is_said() -> None:
    """Settings, what waits, and what adopts a thing that exists; nothing that would be there twice."""
    again = {kind for kind in (*RULES, "aws_unheard_of") if import_ids.may_repeat(kind)}
    assert again == {
        "aws_acm_certificate_validation", "aws_config_configuration_recorder_status", "aws_default_network_acl",
        "aws_default_security_group", "aws_ebs_default_kms_key", "aws_ebs_encryption_by_default",
        "aws_guardduty_detector_feature", "aws_iam_account_password_policy", "aws_s3_account_public_access_block",
        "aws_securityhub_standards_subscription", "aws_sns_topic_subscription", "aws_xray_encryption_config",
    }  # fmt: skip


def test_the_form_of_an_id_is_told_to_people() -> None:
    """Of types that nobody has heard of none is known."""
    assert import_ids.form("aws_backup_selection") == "{plan_id}|{id}"
    assert import_ids.form("aws_iam_openid_connect_provider") == "arn:{partition}:iam::{account}:oidc-provider/{url}"
    two = "{subnet_id}/{route_table_id} or {gateway_id}/{route_table_id}"
    assert import_ids.form("aws_route_table_association") == two
    assert import_ids.form("aws_unheard_of") == ""


def test_a_person_is_led_to_the_console() -> None:
    """To the page of the type in the region; where that is not known, nowhere."""
    assert console_link("aws_sqs_queue", "eu-west-1") == (
        "https://eu-west-1.console.aws.amazon.com/sqs/v3/home?region=eu-west-1#/queues"
    )
    assert console_link("aws_vpc_endpoint", "us-east-1").endswith("vpcconsole/home?region=us-east-1#Endpoints:")
    assert console_link("aws_xyz", "cn-north-1", "aws-cn") == (
        "https://console.amazonaws.cn/resource-groups/tag-editor/find-resources?region=cn-north-1"
    )
    nowhere = [console_link("random_pet", "us-east-1"), console_link("aws_vpc", ""), console_link("aws_vpc", "a", "b")]
    assert nowhere == [""] * 3
    assert all(console_link(kind, "us-east-1") for kind in RULES)
