"""A lease that is lost while terraform works."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.unit.platform.loop import KEY

from gaia.kit import clock
from gaia.kit.interrupt import Interrupt
from gaia.operations.model import Outcome
from gaia.platform.instances.leased import watched
from gaia.records import leases

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

LEFT = Outcome("parked", "the operation was interrupted", "interrupted", "Resume it.", left=("aws_kms_key.this",))
SOON = 0.01


def test_a_lost_lease_asks_for_an_end_and_has_to_be_reconciled(approved: Loop) -> None:
    """Once, and well; what is left stays named."""
    approved.carry_out(approved.request, until=f"apply {KEY}")
    run, database = approved.run(approved.request).id, approved.platform.database
    interrupt, asked = Interrupt(), threading.Event()
    with (
        interrupt.watched(lambda _: asked.set()),
        watched(database, "platform", KEY, run, interrupt, every=SOON) as lease,
    ):
        assert not asked.wait(5 * SOON)
        with database.begin() as tx:
            leases.release_run(tx, run, at=clock.now())
        assert asked.wait(30)
    assert interrupt.times == 1
    outcome = lease.judged(LEFT)
    assert (outcome.status, outcome.code, outcome.left) == ("parked", "needs-reconcile", LEFT.left)
    assert f"the lease of {KEY} was lost" in outcome.reason
    applied = Outcome("applied")
    assert lease.judged(applied) == applied


def test_a_lease_that_is_held_changes_nothing(approved: Loop) -> None:
    """Neither while it is watched nor afterwards."""
    approved.carry_out(approved.request, until=f"apply {KEY}")
    interrupt = Interrupt()
    run = approved.run(approved.request).id
    with watched(approved.platform.database, "platform", KEY, run, interrupt, every=SOON) as lease:
        threading.Event().wait(5 * SOON)
    assert (interrupt.times, lease.judged(LEFT)) == (0, LEFT)


def test_a_database_that_does_not_answer_says_nothing(approved: Loop) -> None:
    """It is asked again; the block ends as ever."""
    from types import SimpleNamespace
    from typing import Any, cast

    from gaia.errors import Unavailable

    tried = threading.Event()

    def read() -> Any:
        tried.set()
        raise Unavailable("database-locked", "busy", next_step="Wait.")

    interrupt = Interrupt()
    database = cast("Any", SimpleNamespace(read=read))
    with watched(database, "platform", KEY, approved.request, interrupt, every=SOON) as lease:
        assert tried.wait(30)
    assert (interrupt.times, lease.lost) == (0, None)
