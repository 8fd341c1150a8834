"""Roles by groups: a file that gives what it says, and nothing where it says nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gaia.access.oidc.mapping import GroupRoles
from gaia.errors import Unavailable
from gaia.records.model import Grant

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
groups:
  platform-admins: [{role: admin}]
  acme-developers:
  - {role: developer, tenant: acme, stage: dev}
  - {role: viewer, tenant: acme}
"""


@pytest.fixture(name="file")
def at(tmp_path: Path) -> Path:
    """A file of roles."""
    path = tmp_path / "roles.yaml"
    path.write_text(GOOD)
    return path


def test_members_have_what_their_groups_have(file: Path) -> None:
    """Of several groups, all of it once; of an unknown one nothing."""
    roles = GroupRoles(file)
    assert roles.grants(["platform-admins"]) == (Grant("admin"),)
    assert roles.grants(["acme-developers", "acme-developers", "others"]) == (
        Grant("developer", "acme", "dev"),
        Grant("viewer", "acme"),
    )
    assert roles.grants([]) == roles.grants(["Platform-Admins", "*", ""]) == ()


def test_a_change_counts_at_once(file: Path) -> None:
    """Without a restart."""
    roles = GroupRoles(file)
    assert roles.grants(["platform-admins"])
    file.write_text("groups: {}\n")
    os.utime(file, ns=(1, 1))
    assert roles.grants(["platform-admins"]) == ()


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "groups: []", "groups: {a: admin}", "groups: {a: [admin]}", "groups: {a: [{tenant: acme}]}",
        "groups: {a: [{role: owner}]}", "groups: {a: [{role: admin, tenants: acme}]}", "roles: {}", "groups: {a: null}",
        "groups: {a: [{role: admin, tenant: 7}]}", "groups: {a: [{role: admin, tenant: ''}]}", "groups: {a: [",
        "groups: {}\nmore: 1", "groups: {a: [{role: admin, stage: null}]}", "groups: {a: [{role: [admin]}]}",
    ],
)  # fmt: skip
def test_a_file_with_a_mistake_gives_nobody_anything(file: Path, text: str) -> None:
    """What was read before counts no longer either: it may be what was to be taken away."""
    roles = GroupRoles(file)
    assert roles.grants(["platform-admins"])
    file.write_text(text)
    os.utime(file, ns=(1, 1))
    with pytest.raises(Unavailable) as caught:
        roles.grants(["platform-admins"])
    assert caught.value.code == "roles-unusable"
    assert "roles.yaml" in caught.value.message or text == ""


def test_a_file_that_is_not_there_gives_nobody_anything(tmp_path: Path) -> None:
    """Nor does a folder."""
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(Unavailable) as caught:
            GroupRoles(path).grants(["a"])
        assert caught.value.code == "roles-unusable"
