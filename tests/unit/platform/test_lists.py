"""Lists of requests: the database filters them, shows what the caller may see and cuts pages, at a fixed cost."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from gaia.cli.next_step import told
from gaia.kit import clock
from gaia.platform.model import RequestLine
from gaia.records import people, requests
from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.platform.loop import Loop


@contextmanager
def statements(loop: Loop) -> Iterator[list[str]]:
    """Those that the database is asked meanwhile."""
    asked: list[str] = []

    def note(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    engine = loop.platform.database._adapter.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_the_number_of_statements_does_not_grow_with_the_list(done: Loop) -> None:
    """Whatever became of the requests; and no preview is read."""
    done.platform.documents.delete("preview", str(done.row(done.request).preview).partition(":")[2])
    done.written("first")
    done.as_("ann").requests()  # when a token was last used is written once in a while
    with statements(done) as few:
        assert len(done.as_("ann").requests()) == 2
    for number in range(30):
        asked = done.written(f"service-{number}")
        if number % 2:
            with done.platform.database.begin() as tx:
                requests.move(tx, asked, ["submitted"], "failed", at=clock.now(), reason="no")
    with statements(done) as many:
        assert len(done.as_("ann").requests()) == 32
    assert len(many) == len(few) < 15


def test_a_line_says_what_the_request_says(done: Loop) -> None:
    """With the cost as it was judged; what failed after something was made says how to get rid of it."""
    waiting = done.previewed("music")
    for request in (done.request, waiting):
        [line] = [one for one in done.as_("ann").requests() if one.id == request]
        view = done.view(request)
        assert line == RequestLine.of(view)
        assert line.digest
        assert line.as_json()["partial"] is False
    failed = done.approved("films")
    done.carry_out(failed, until="publish")
    with done.platform.database.begin() as tx:
        requests.move(tx, failed, ["applying"], "parked", at=clock.now())
        requests.move(tx, failed, ["parked"], "failed", at=clock.now(), reason="gone")
    [line] = [one for one in done.as_("ann").requests() if one.id == failed]
    assert "gaia retire films" in told(line.next_step)
    assert line == RequestLine.of(done.view(failed))


def test_pages_follow_each_other(loop: Loop) -> None:
    """Newest first; each request once; after the last nothing."""
    ids = [loop.written(f"service-{number}") for number in range(5)]
    pages, after = [], None
    while page := [one.id for one in loop.as_("ann").requests(after=after, limit=2)]:
        pages.append(page)
        after = page[-1]
    assert pages == [ids[4:2:-1], ids[2:0:-1], ids[:1]]


@pytest.mark.parametrize(
    ("grants", "seen"),
    [
        ([], 0),
        ([("viewer", "acme", "dev")], 1),
        ([("viewer", "acme", "*")], 1),
        ([("viewer", "*", "dev")], 1),
        ([("viewer", "*", "*")], 1),
        ([("viewer", "acme", "prod")], 0),
        ([("viewer", "other", "*"), ("viewer", "acme", "prod")], 0),
        ([("viewer", "other", "*"), ("developer", "acme", "dev")], 1),
    ],
)
def test_who_may_see_what_is_asked_of_the_database(loop: Loop, grants: list[tuple[str, str, str]], seen: int) -> None:
    """By tenant and stage of each grant."""
    loop.written("photos")
    with loop.platform.database.begin() as tx:
        people.add_person(tx, "zoe", at=clock.now())
        for role, tenant, stage in grants:
            people.grant(tx, "zoe", Grant(role, tenant, stage))  # type: ignore[arg-type]
        token = people.create_token(tx, "zoe", at=clock.now(), expires=clock.now() + timedelta(days=1))[1]
    loop.tokens["zoe"] = token
    assert len(loop.as_("zoe").requests()) == seen
