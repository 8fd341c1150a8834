"""The blueprint's keys name every role that uses them: no IAM policy gives what a key's policy does not."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from gaia.stacks.model import Instance, Reference
from gaia.stacks.repository import Repository

ROOT = Path(__file__).resolve().parents[3] / "blueprint"
ROLES = {
    "account-baseline": {"config"},
    "backup": {"backup"},
    "eks": {"cluster"},
    "eks-addons": {"aws-ebs-csi-driver", "external-secrets"},
}
"""Roles of components that use the key they are given, by the ends of their names; RDS, EKS and disks use grants."""


@cache
def _instances() -> dict[tuple[str, str], Instance]:
    repository = Repository.open(ROOT)
    found = (repository.instance(key.component, key.stack) for key in repository.instances)
    return {(each.key.stack, each.key.component): each for each in found if each.enabled and not each.abstract}


def _name(instance: Instance) -> str:
    return "-".join(str(instance.vars[part]) for part in ("tenant", "environment", "stage", "name"))


def _users(instance: Instance, variable: str = "user_roles") -> set[str]:
    named = instance.vars.get(variable, [])
    assert isinstance(named, list)
    return {str(each) for each in named}


@pytest.mark.parametrize("stack", sorted({stack for stack, _ in _instances()}))
def test_a_key_names_the_roles_that_use_it(stack: str) -> None:
    """Those of the components that are given the key, and the role of each service."""
    for (place, _), instance in _instances().items():
        for variable in ("key_arn", "volume_key_arn"):
            given = instance.vars.get(variable)
            if place == stack and isinstance(given, Reference):
                kind = instance.component_path
                used = {f"{_name(instance)}-{role}" for role in ROLES.get(kind, ())}
                used |= {_name(instance)} if kind == "service-identity" else set()
                if (kind, variable) != ("eks-addons", "key_arn"):
                    assert used - _users(_instances()[given.stack, given.component]) == set(), instance.key


def test_a_key_that_gets_copies_names_the_roles_that_make_them() -> None:
    """Backups and states are encrypted anew in the other region, with its key."""
    copied = 0
    for (stack, _), instance in _instances().items():
        if instance.vars.get("copies"):
            other = stack.replace("use1", "euw1") if "use1" in stack else stack.replace("euw1", "use1")
            assert f"{_name(instance)}-backup" in _users(_instances()[other, "platform-key"])
            copied += 1
        if instance.vars.get("destination"):
            for each in (stack, stack.replace("use1", "euw1")):
                assert f"{_name(instance)}-replication" in _users(_instances()[each, "state"], "state_roles")
            copied += 1
    assert copied == 6


def test_readers_of_a_secret_are_users_of_its_key() -> None:
    """Who may read must be able to decrypt; what brings secrets into the cluster is one of them."""
    for (stack, _), instance in _instances().items():
        if instance.component_path == "secrets":
            secrets = instance.vars["secrets"]
            assert isinstance(secrets, dict)
            readers = {str(reader) for secret in secrets.values() for reader in secret["readers"]}
            assert f"{_name(_instances()[stack, 'cluster-addons'])}-external-secrets" in readers
            assert readers - _users(_instances()[stack, "platform-key"]) == set(), instance.key


def test_an_account_has_one_monitor_of_cost() -> None:
    """AWS refuses a second one, whatever the region."""
    made = [
        (instance.vars["tenant"], instance.vars["stage"])
        for instance in _instances().values()
        if instance.component_path == "monitoring" and instance.vars.get("anomaly_monitor", "make") == "make"
    ]
    assert len(made) == len(set(made)) == 6
