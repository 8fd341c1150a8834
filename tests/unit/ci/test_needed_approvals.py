"""Whom a host says people are, and whose word releases a fork."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest

from gaia.ci.forks import check_released, released_by
from gaia.ci.hosts.host import Comment
from gaia.ci.needed_approvals import People
from gaia.ci.owners import Needed
from gaia.errors import NotFound, Refused

if TYPE_CHECKING:
    from gaia.ci.hosts.host import Host

HEAD, NOW = "a" * 40, datetime(2026, 11, 30, tzinfo=UTC)


@dataclass
class Known:
    """A host that knows a few people, and counts how often it is asked of them."""

    name: str = "github"
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


def test_a_release_is_of_one_whole_commit_in_a_comment_that_nobody_edited() -> None:
    """And says nothing else."""
    right = f"/gaia release {HEAD}"
    assert released_by([said("ann", f" {right}\n")], HEAD) == ("ann",)
    wrong = [
        said("ann", right, edited=True), said("ann", f"/gaia release {'b' * 40}"),
        said("ann", f"/gaia release {HEAD[:12]}"),
        said("ann", f"please {right}"), said("ann", f"{right} and more"), said("ann", f"> {right}"),
    ]  # fmt: skip
    assert released_by(wrong, HEAD) == ()


@pytest.mark.parametrize(
    ("who", "owner", "fine"),
    [
        ("ann", "@ann", True),
        ("ann", "@acme/ops", True),
        ("bob", "@ann", False),
        ("eve", "@eve", False),
        ("ann", "", False),
    ],
)
def test_only_an_owner_who_may_push_releases(who: str, owner: str, fine: bool) -> None:
    """Of files that nobody owns nobody does; without a host nobody is asked."""
    host = cast("Host", Known(said=[said(who, f"/gaia release {HEAD}")]))
    needed = [Needed(frozenset({owner}))] if owner else []
    if fine:
        check_released(host, 1, HEAD, needed)
    else:
        with pytest.raises(Refused) as caught:
            check_released(host, 1, HEAD, needed)
        assert caught.value.code == "fork-unreleased"
        assert HEAD in caught.value.next_step
    with pytest.raises(Refused):
        check_released(None, 1, HEAD, needed)
