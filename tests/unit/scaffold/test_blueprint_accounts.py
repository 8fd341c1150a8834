"""The accounts of the blueprint's stacks: a mixin of each says which, to Gaia, to the provider and to the backend."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.stacks.repository import Repository
from gaia.states.places import ObjectPlace, place_of
from gaia.terraform.aws_account import find_account, wanted

if TYPE_CHECKING:
    from gaia.stacks.model import Instance

ROOT = Path(__file__).resolve().parents[3] / "blueprint"
ACCOUNTS = sorted(path.stem for path in (ROOT / "stacks/mixins/account").glob("*.yaml"))
PEOPLE = ("100000000001", "200000000001")
"""Accounts that people sign in to."""


def instances(root: Path, name: str) -> list[Instance]:
    """Those of the stage, once it imports its mixin."""
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns("components"))
    (root / "components/terraform").mkdir(parents=True)
    defaults = root / "stacks/orgs" / name.replace("-", "/") / "_defaults.yaml"
    text = defaults.read_text()
    defaults.write_text(text.replace("import:\n", f"import:\n  - mixins/account/{name}\n", 1))
    repository = Repository.open(root)
    tenant, stage = name.split("-")
    stacks = [one for one in repository.stacks if one.startswith(tenant) and one.endswith(stage)]
    return [repository.instance(key.component, key.stack) for key in repository.instances if key.stack in stacks]


def test_every_stage_has_an_account() -> None:
    """Of each tenant; no two share one."""
    stages = {f"{path.parts[-3]}-{path.parts[-2]}" for path in (ROOT / "stacks/orgs").glob("*/*/_defaults.yaml")}
    assert set(ACCOUNTS) == stages
    texts = [(ROOT / f"stacks/mixins/account/{one}.yaml").read_text() for one in ACCOUNTS]
    numbers = [re.findall(r'account: "(\d{12})"', text) for text in texts]
    assert len({one for [one] in numbers}) == len(ACCOUNTS)


@pytest.mark.parametrize("name", ACCOUNTS)
def test_everybody_is_told_the_same_account(tmp_path: Path, name: str) -> None:
    """The guard, the provider, the role that is assumed there and for the states, and every ARN of the stage."""
    found = instances(tmp_path / "repository", name)
    assert len(found) > 20
    for one in found:
        aws = one.providers["aws"]
        assert isinstance(aws, dict)
        [account] = {each for wish in wanted(one, aws) for each in wish.accounts}
        assert len(wanted(one, aws)) == 2, one.key
        assert find_account(aws, {}).account == account
        place = place_of(one, folder=tmp_path)
        assert isinstance(place, ObjectPlace)
        assert place.bucket.role == aws["assume_role"]["role_arn"] == f"arn:aws:iam::{account}:role/gaia-deployer"
        named = set(re.findall(r"arn:aws:\w+:[\w-]*:(\d{12}):", str(one.vars)))
        assert {each for each in named if each not in PEOPLE} <= {account}, one.key
