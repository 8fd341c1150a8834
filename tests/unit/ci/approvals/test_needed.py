"""Whom a host says people are, and whose word allows a fork."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest

from gaia.ci.approvals.forks import allowed_by, check_allowed
from gaia.ci.approvals.needed import People
from gaia.ci.approvals.owners import GITLAB, read_code_owners
from gaia.ci.hosts.host import Comment
from gaia.errors import NotFound, Refused

if TYPE_CHECKING:
    from gaia.ci.hosts.host import Host

HEAD, NOW = "a" * 40, datetime(2026, 11, 30, tzinfo=UTC)


@dataclass
class Known:
    """A host that knows a few people, and counts how often it is asked of them."""

    name: str = "github"
    account: str = "gaia[bot]"
    said: list[Comment] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def members(self, team: str) -> frozenset[str]:
        """Of one team."""
        self.asked.append(team)
        if team != "acme/ops":
            raise NotFound("host-unknown", "there is none", next_step="x")
        return frozenset({"Ann"})

    def may_write(self, person: str) -> bool:
        """All but one."""
        self.asked.append(person)
        return person != "eve"

    def comments(self, number: int) -> tuple[Comment, ...]:
        """Of any pull request."""
        del number
        return tuple(self.said)


def people(host: Known) -> People:
    """What it says of them."""
    return People(cast("Host", host))


def said(who: str, text: str, *, edited: bool = False) -> Comment:
    """A comment."""
    return Comment("1", who, text, NOW, NOW + timedelta(minutes=edited), ours=False)


def test_a_person_is_an_owner_by_name_or_by_team_and_each_team_is_asked_for_once() -> None:
    """In any letters; a team that is not there has nobody, and an address of mail is nobody's."""
    host = Known()
    asked = people(host)
    assert asked.is_member("ANN", "@ann")
    assert asked.is_member("ann", "@acme/ops")
    assert not asked.is_member("bob", "@acme/ops")
    assert not asked.is_member("ann", "@acme/none")
    assert not asked.is_member("ann", "ann@example.org")
    assert not asked.is_member("bob", "@ann")
    assert host.asked == ["acme/ops", "acme/none"]
    assert not people(Known("gitlab")).is_member("bob", "@ann")


def test_a_permission_is_of_one_whole_commit_in_a_comment_that_nobody_edited() -> None:
    """And says nothing else."""
    right = f"/gaia allow {HEAD}"
    assert allowed_by([said("ann", f" {right}\n")], HEAD) == ("ann",)
    wrong = [
        said("ann", right, edited=True), said("ann", f"/gaia allow {'b' * 40}"),
        said("ann", f"/gaia allow {HEAD[:12]}"),
        said("ann", f"please {right}"), said("ann", f"{right} and more"), said("ann", f"> {right}"),
    ]  # fmt: skip
    assert allowed_by(wrong, HEAD) == ()


def allowed(said_by: list[str], owners: str, *touched: str) -> str:
    """What is against it; nothing where it is allowed."""
    host = cast("Host", Known(said=[said(who, f"/gaia allow {HEAD}") for who in said_by]))
    rules = read_code_owners(owners, "CODEOWNERS", GITLAB)
    try:
        check_allowed(host, 1, HEAD, rules, touched)
    except Refused as error:
        return f"{error.code}: {error.next_step}"
    return ""


@pytest.mark.parametrize(
    ("who", "owner", "fine"),
    [
        ("ann", "@ann", True),
        ("bob", "@ann", False),
        ("eve", "@eve", False),
        ("ann", "", False),
        ("", "@ann", False),
    ],
)
def test_only_an_owner_who_may_push_allows(who: str, owner: str, fine: bool) -> None:
    """Of files that nobody owns nobody does; nor does an account that was deleted; without a host nobody is asked."""
    assert (allowed([who], f"* {owner}\n", "x") == "") is fine
    with pytest.raises(Refused):
        check_allowed(None, 1, HEAD, read_code_owners("* @ann\n", "CODEOWNERS", GITLAB), ["x"])


def test_every_group_of_owners_allows_what_is_its_own() -> None:
    """One word for all does not do, be it that another file has other owners, several are asked for, or nobody is."""
    owners = "/a/ @ann\n/b/ @bob\n[Both][2] @ann @bob\n/c/\n"
    assert allowed(["ann"], owners, "a/x") == ""
    against = allowed(["ann"], owners, "a/x", "b/x")
    assert against.startswith("fork-not-allowed")
    assert "@bob comment: /gaia allow aaaa" in against
    assert allowed(["ann", "bob"], owners, "a/x", "b/x", "c/x") == ""
    assert "2 of" in allowed(["ann", "ANN"], owners, "c/x")
    assert "an owner of d/x" in allowed(["ann", "bob"], owners, "a/x", "d/x")
    assert allowed(["ann"], owners)


def test_an_account_that_was_deleted_is_nobody() -> None:
    """And the host is not asked about it."""
    host = Known()
    assert not people(host).may_write("")
    assert not people(host).is_member("", "@")
    assert not host.asked


def test_the_account_whose_token_jobs_have_says_nothing() -> None:
    """Owner or not, in any letters: what a plan runs may speak in its name."""
    host = Known(account="Gaia")
    assert not people(host).may_write("gaia")
    host.said = [said("GAIA", f"/gaia allow {HEAD}")]
    rules = read_code_owners("* @gaia", "CODEOWNERS", GITLAB)
    with pytest.raises(Refused) as caught:
        check_allowed(cast("Host", host), 1, HEAD, rules, ["main.tf"])
    assert caught.value.code == "fork-not-allowed"
    assert host.asked == []
