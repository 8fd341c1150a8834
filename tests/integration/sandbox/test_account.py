"""The account guard against the emulated AWS: its STS is asked as terraform's provider would ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import Refused
from gaia.stacks.repository import Repository
from gaia.terraform.aws_account import check_account, find_account

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.sandbox import Sandbox
    from gaia.stacks.model import Instance

pytestmark = pytest.mark.cloud
EMULATED = "123456789012"
"""The account of any key that the emulator has not made itself."""


def environment(sandbox: Sandbox) -> dict[str, str]:
    """What leads terraform to the emulator."""
    return {
        "AWS_ENDPOINT_URL": sandbox.url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": "us-east-1",
    }


def instance(root: Path, account: str) -> Instance:
    """One whose stack inherits the setting from a file that it imports."""
    files = {
        "atmos.yaml": "stacks: {base_path: stacks, included_paths: ['dev*'], name_pattern: '{stage}'}\n",
        "stacks/_account.yaml": f"settings: {{gaia: {{account: '{account}'}}}}\n",
        "stacks/dev.yaml": "import: [_account]\nvars: {stage: dev}\ncomponents: {terraform: {vpc: {vars: {a: 1}}}}\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return Repository.open(root).instance("vpc", "dev")


def test_credentials_of_another_account_are_refused(emulator: Sandbox, tmp_path: Path) -> None:
    """The setting is inherited, and the refusal says where it stands; the right account passes."""
    environ = environment(emulator)
    assert find_account({}, environ).account == EMULATED
    check_account(instance(tmp_path / "right", EMULATED), environ)
    with pytest.raises(Refused) as caught:
        check_account(instance(tmp_path / "wrong", "111122223333"), environ)
    assert caught.value.code == "account-wrong"
    assert str(caught.value.at).startswith("stacks/_account.yaml:1:")
