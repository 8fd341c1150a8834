"""How a component's own code configures its providers: in whichever file the program in use reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gaia.errors import Refused
from gaia.kit.hcl import Expression
from gaia.terraform import code_providers
from gaia.terraform.aws_account import check_account

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.stacks.model import Instance

MINE, OTHER = "111122223333", "999988887777"
DEV = 'provider "aws" {\n  profile = "dev"\n  region = "eu-west-1"\n}\n'
PROD = 'provider "aws" {\n  profile = "prod"\n}\n'
PROD_JSON = '{"provider": {"aws": {"profile": "prod"}}}'
AT = 'provider "aws" {\n  profile = var.profile\n}\n'


def aws(folder: Path, files: Mapping[str, str], given: Mapping[str, Any] | None = None, *, tofu: bool = False) -> Any:
    """What the files say of the default AWS provider."""
    for name, text in files.items():
        (folder / name).write_text(text)
    return code_providers.read(folder, tofu=tofu).default("aws", given or {})


@pytest.mark.parametrize(
    ("files", "tofu", "profile"),
    [
        ({"providers.tf": PROD}, False, "prod"),
        ({"provider.tf.json": PROD_JSON}, False, "prod"),
        ({"provider.tf.json": '{"provider": [{"aws": [{"profile": "prod"}]}]}'}, False, "prod"),
        ({"providers.tf": DEV, "aws_override.tf": PROD}, False, "prod"),
        ({"zz.tf": DEV, "aws_override.tf.json": PROD_JSON}, False, "prod"),
        ({"zz.tf": DEV, "override.tf": PROD}, False, "prod"),
        ({"a_override.tf": DEV, "b_override.tf": PROD, "zz.tf": DEV}, False, "prod"),
        ({"override.tf": PROD}, False, "prod"),
        ({"providers.tofu": PROD}, True, "prod"),
        ({"providers.tofu.json": PROD_JSON}, True, "prod"),
        ({"providers.tf": DEV, "providers.tofu": PROD}, True, "prod"),
        ({"providers.tf": DEV, "aws_override.tofu": PROD}, True, "prod"),
        ({"providers.tf": DEV, "providers.tofu": PROD}, False, "dev"),
        ({"providers.tf": DEV, ".hidden.tf": PROD, "x.tf~": PROD}, False, "dev"),
        ({"main.tf": f'variable "profile" {{\n  default = "prod"\n}}\n{AT}'}, False, "prod"),
        ({"main.tf": AT, "v.tf": 'variable "profile" {}', "terraform.tfvars": 'profile = "prod"'}, False, "prod"),
        (
            {"main.tf": AT, "terraform.tfvars": 'profile = "dev"', "x.auto.tfvars.json": '{"profile": "prod"}'},
            False,
            "prod",
        ),
        ({"p.tf.json": '{"provider": {"aws": {"profile": "${var.team}-x"}}}'}, False, "media-x"),
        ({"p.tf.json": '{"provider": {"aws": {"profile": "${var.team}"}}}'}, False, "media"),
        ({"p.tf": DEV, "q.tf": 'provider "aws" {\n  alias = "prod"\n  profile = "prod"\n}\n'}, False, "dev"),
    ],
)  # fmt: skip
def test_every_file_that_the_program_reads_counts(
    tmp_path: Path, files: dict[str, str], tofu: bool, profile: str
) -> None:
    """Overrides last, OpenTofu's own in the place of terraform's, variables by their files and defaults."""
    assert aws(tmp_path, files, {"team": "media"}, tofu=tofu)["profile"] == profile


def test_an_override_keeps_what_it_does_not_say(tmp_path: Path) -> None:
    """Nested blocks of a kind are replaced together."""
    block = 'provider "aws" {\n  region = "a"\n  assume_role {\n    role_arn = "one"\n  }\n}\n'
    over = 'provider "aws" {\n  assume_role {\n    role_arn = "two"\n  }\n}\n'
    assert aws(tmp_path, {"a.tf": block, "a_override.tf": over}) == {
        "region": "a",
        "assume_role": [{"role_arn": "two"}],
    }


def test_what_only_terraform_can_tell_is_no_value(tmp_path: Path) -> None:
    """In HCL and in JSON alike."""
    assert aws(tmp_path, {"a.tf": 'provider "aws" {\n  profile = local.x\n}\n'})["profile"] == Expression("local.x")
    assert aws(tmp_path, {"a.tf": "", "b.tf.json": '{"provider": {"aws": {"profile": "${local.x}"}}}'}) == {
        "profile": Expression("local.x")
    }


@pytest.mark.parametrize(
    ("name", "text", "tofu"),
    [
        ("providers.tf", PROD, False),
        ("provider.tf.json", PROD_JSON, False),
        ("providers.tofu", PROD, True),
        ("aws_override.tf", PROD, False),
    ],
)
def test_the_account_guard_goes_by_it(
    tmp_path: Path, make: Callable[..., Instance], name: str, text: str, tofu: bool
) -> None:
    """Whichever file says whose credentials are taken, a wrong account is refused."""
    if "override" in name:
        (tmp_path / "providers.tf").write_text(DEV)
    (tmp_path / name).write_text(text)
    config = tmp_path / "config"
    config.write_text(f"[profile dev]\nsso_account_id = {MINE}\n[profile prod]\nsso_account_id = {OTHER}\n")
    environ = {"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "dev", "HOME": "/nowhere"}
    instance = make("vpc", "vpc", {}, settings={"gaia": {"account": MINE}})
    assert check_account(instance, environ).account == MINE
    with pytest.raises(Refused) as caught:
        check_account(instance, environ, code=tmp_path, tofu=tofu)
    assert (caught.value.code, caught.value.facts["account"]) == ("account-wrong", OTHER)
