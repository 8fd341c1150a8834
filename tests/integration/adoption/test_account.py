"""`gaia adopt --coverage` in the emulated AWS: every list call is answered, and its answer is understood."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.adoption.conftest import Team

pytestmark = pytest.mark.cloud


def test_coverage_names_what_no_state_has(team: Team) -> None:
    """What a state has, what could be imported, what AWS made itself; nothing of it is silent."""
    name = team.bucket
    team.client("sns").create_topic(Name=name, Tags=[{"Key": "a", "Value": "b"}])
    team.client("ssm").put_parameter(Name=f"/{name}", Value="x", Type="String")
    team.client("logs").create_log_group(logGroupName=f"/{name}")
    team.client("dynamodb").create_table(
        TableName=name, KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
    )  # fmt: skip
    team.client("iam").create_user(UserName=name)
    team.client("kms").create_alias(
        AliasName=f"alias/{name}", TargetKeyId=team.client("kms").create_key()["KeyMetadata"]["KeyId"]
    )
    team.client("secretsmanager").create_secret(Name=name, SecretString="x")
    team.write("components/terraform/bucket/main.tf", 'resource "aws_s3_bucket" "this" {}\n')
    team.write("stacks/dev.yaml", "vars: {stage: dev}\ncomponents: {terraform: {bucket: {}}}\n")
    entry = {"mode": "managed", "type": "aws_s3_bucket", "name": "this", "instances": [{"attributes": {"id": name}}]}
    state = {"version": 4, "serial": 1, "lineage": "l", "terraform_version": "1.5.0", "resources": [entry]}
    team.write("components/terraform/bucket/terraform.tfstate.d/dev/terraform.tfstate", json.dumps(state))
    line = [sys.executable, "-m", "gaia", "adopt", "--coverage", "-o", "json"]
    done = subprocess.run(line, cwd=team.root, env=team.settings.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["silent"], report["unread"]) == ([], [])
    mine = {one["type"]: one["standing"] for one in report["things"] if name in one["id"]}
    assert mine == {
        "aws_s3_bucket": "managed",
        **dict.fromkeys(
            ("aws_sns_topic", "aws_ssm_parameter", "aws_cloudwatch_log_group", "aws_dynamodb_table", "aws_iam_user",
             "aws_kms_alias", "aws_secretsmanager_secret"), "importable",
        ),
    }  # fmt: skip
    assert {one["type"] for one in report["things"] if one["standing"] == "made by the provider"} >= {
        "aws_vpc", "aws_security_group",
    }  # fmt: skip
