"""More than one account: whoever takes a role acts in the account of the role, also after a restart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.integration.sandbox.at_work import terraform_at

from gaia import sandbox
from gaia.terraform.aws_account import find_account

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.cloud, pytest.mark.long(1)]
OWN, OTHER = "123456789012", "222222222222"
ROLE = f"arn:aws:iam::{OTHER}:role/deployer"
ROOT = f"""
terraform {{
  required_providers {{
    aws = {{ source = "hashicorp/aws" }}
  }}
  backend "s3" {{
    bucket      = "states"
    key         = "terraform.tfstate"
    region      = "us-east-1"
    assume_role = {{ role_arn = "{ROLE}" }}
  }}
}}

provider "aws" {{
  region = "us-east-1"
}}

provider "aws" {{
  alias  = "other"
  region = "us-east-1"
  assume_role {{
    role_arn = "{ROLE}"
  }}
}}

data "aws_caller_identity" "other" {{
  provider = aws.other
}}

resource "aws_sns_topic" "own" {{
  name = "news"
}}

resource "aws_sns_topic" "other" {{
  provider = aws.other
  name     = "news"
}}

resource "aws_iam_role" "other" {{
  provider           = aws.other
  name               = "reader"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [] }})
}}

output "found" {{
  value = [
    data.aws_caller_identity.other.account_id, aws_sns_topic.own.arn, aws_sns_topic.other.arn, aws_iam_role.other.arn,
  ]
}}
"""
BUCKET = f"""
provider "aws" {{
  region = "us-east-1"
  assume_role {{
    role_arn = "{ROLE}"
  }}
}}

resource "aws_s3_bucket" "states" {{
  bucket = "states"
}}
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A GAIA_HOME with an empty sandbox."""
    sandbox.up(tmp_path / "home", buckets=())
    yield tmp_path / "home"
    sandbox.down(tmp_path / "home")


def test_a_role_acts_in_its_account(home: Path, tmp_path: Path) -> None:
    """Topics of one name in two accounts, the state in a bucket of the other; after a restart nothing is to be done."""
    terraform = terraform_at(home)
    for name, text in (("bucket", BUCKET), ("root", ROOT)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text)
        terraform(tmp_path / name, "init", "-input=false", "-no-color")
        terraform(tmp_path / name, "apply", "-auto-approve", "-input=false", "-no-color")
    root = tmp_path / "root"
    found = json.loads(terraform(root, "output", "-json", "found"))
    arns = [f"arn:aws:sns:us-east-1:{account}:news" for account in (OWN, OTHER)]
    assert found == [OTHER, *arns, f"arn:aws:iam::{OTHER}:role/reader"]

    sandbox.down(home)
    sandbox.up(home, buckets=())
    assert sandbox.kept(home).differing == ()
    terraform(root, "plan", "-input=false", "-no-color", "-detailed-exitcode")  # 2 if there were a change
    terraform(root, "destroy", "-auto-approve", "-input=false", "-no-color")


def test_the_guard_of_accounts_sees_the_account_of_the_role(home: Path) -> None:
    """A stack of another account passes with a role there, and only with it."""
    environ = sandbox.environment(home)
    assert environ is not None
    assert find_account({"assume_role": {"role_arn": ROLE}}, environ).account == OTHER
    assert find_account({}, environ).account == OWN
