"""What `gaia serve` is made of: its first admin, and its engine."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING

from tests.unit.api.conftest import estimator

from gaia.bootstrap.served import Served
from gaia.platform.serving.standing import StandingEngine

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

    from gaia.platform.context import PlatformContext


def test_an_admin_is_made_where_nobody_is(loop: Loop) -> None:
    """Once: whoever starts the server again gets no other token."""
    from sqlalchemy import delete

    from gaia.policy.regorus import Regorus
    from gaia.records import tables

    served = Served(loop.platform, estimator, Regorus, "us-east-1")
    assert served.first_admin() is None
    with loop.platform.database.begin() as tx:
        for table in (tables.tokens, tables.grants, tables.people):
            tx.change(delete(table))
    secret = served.first_admin()
    assert secret is not None
    assert served.offering(served.authenticate(secret)).administers
    entered = served.signing_in.follow(served.admin_link(), "/")
    assert served.offering(served.signing_in.in_session(entered.secret)).administers
    assert served.first_admin() is None


def test_an_engine_that_cannot_begin_says_so_once_and_ends(loop: Loop) -> None:
    """The API goes on answering; the engine is tried again until the process ends."""
    (loop.platform.home / "engine.lock").mkdir()
    said: list[str] = []
    heard, tried = threading.Event(), threading.Event()
    attempts: list[object] = []

    def platform() -> nullcontext[PlatformContext]:
        attempts.append(None)
        if len(attempts) == 3:
            tried.set()
        return nullcontext(loop.platform)

    def tell(text: str) -> None:
        said.append(text)
        heard.set()

    engine = StandingEngine(platform, tell, look=0.01)
    engine.start()
    assert heard.wait(30)
    assert tried.wait(30)
    engine.end()
    assert len(said) == 1
    assert said[0].startswith("The engine cannot run")
