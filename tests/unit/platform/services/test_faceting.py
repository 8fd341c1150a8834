"""What services are told apart by, and how many there are of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.platform.loop import STACK

from gaia.access.callers import authenticate
from gaia.kit import clock
from gaia.platform.services.faceting import faceted
from gaia.platform.views.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.platform.loop import Loop

    from gaia.records.origins import Facet


def of(stage: str, owner: str, template: str = "pair") -> Mapping[Facet, str]:
    """A combination of values."""
    return {"tenant": "acme", "stage": stage, "stack": f"acme-{stage}", "status": "done", "template": template,
            "owner": owner}  # fmt: skip


MANY = [(of("dev", "red"), 3), (of("dev", "blue"), 2), (of("prod", "red", "store"), 4), (of("prod", ""), 1)]


def counts(chosen: Mapping[Facet, str], name: str) -> tuple[tuple[str, int], ...]:
    """Of one facet."""
    return next(one.values for one in faceted(MANY, chosen).facets if one.name == name)


def test_each_value_is_counted_with_what_is_chosen_of_the_others() -> None:
    """A facet itself shows what else there would be."""
    assert faceted(MANY, {}).number == 10
    assert counts({}, "owner") == (("red", 7), ("blue", 2), ("", 1))
    assert counts({"stage": "dev"}, "owner") == (("red", 3), ("blue", 2))
    assert counts({"stage": "dev"}, "stage") == (("dev", 5), ("prod", 5))
    assert counts({"stage": "dev", "owner": "red"}, "stage") == (("prod", 4), ("dev", 3))
    assert faceted(MANY, {"stage": "dev", "owner": "red"}).number == 3


def test_what_no_service_has_is_shown_as_chosen() -> None:
    """So that it can be taken back."""
    assert counts({"owner": "green"}, "owner")[-1] == ("green", 0)
    assert faceted(MANY, {"owner": "green"}).number == 0


def listing_of(loop: Loop, who: str) -> Listing:
    """Somebody's lists."""
    with loop.platform.database.read() as tx:
        return Listing(loop.platform, authenticate(tx, loop.tokens[who], clock.now()))


def test_they_count_what_the_list_lists(done: Loop) -> None:
    """The same services, by the same text and places; another tenant's admin is told of none."""
    done.written("waits")
    lists = listing_of(done, "ann")
    chosen: Mapping[Facet, str] = {"stack": STACK, "owner": ""}
    assert [one.service for one in lists.services(facets=chosen)] == ["photos"]
    assert lists.facets(chosen).number == 1
    assert lists.facets({}, holding="hot").number == 1
    assert lists.facets({}, holding="nothing").number == 0
    assert not lists.services(facets={"stage": "prod"})
    assert listing_of(done, "bob").facets({}).number == 0


def test_the_owner_is_an_answer(done: Loop) -> None:
    """Of the template; also where it looks like something else."""
    from sqlalchemy import update

    from gaia.records.tables import requests

    with done.platform.database.begin() as tx:
        tx.change(update(requests).values(answers={"text": "x", "owner": "team-'\"%"}))
    lists = listing_of(done, "ann")
    [owner] = [one for one in lists.facets({}).facets if one.name == "owner"]
    assert owner.values == (("team-'\"%", 1),)
    assert len(lists.services(facets={"owner": "team-'\"%"})) == 1
