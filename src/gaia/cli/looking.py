"""Looking at instances for drift, as several commands do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cli.selecting import instances

if TYPE_CHECKING:
    from gaia.checkout.checkout import Checkout
    from gaia.cli.selecting import Selected
    from gaia.cli.session import Session
    from gaia.operations.drift.model import Report


def drift_of(session: Session, checkout: Checkout, selected: Selected, parallel: int | None) -> Report:
    """Look at all of them, in as few plans as can be."""
    from gaia.checkout.batch import Batch
    from gaia.checkout.change import ending_well
    from gaia.checkout.drift import Scanner, unbuilt
    from gaia.cli.batch_listener import looking, planning
    from gaia.kit import clock
    from gaia.operations.drift.together import together

    found, unbuilt_ones = instances(session, checkout, selected, reverse=False)
    scanner = Scanner(checkout, clock.now().date())
    failures = map(unbuilt, unbuilt_ones)
    if len(found) == 1:  # its own working directory is ready from the last time
        session.note(f"Planning {found[0].key} …", "quiet")
        with ending_well(checkout):
            return together([scanner.look(found[0])[0], *failures])
    listener = looking(session)
    with ending_well(checkout), planning(listener):
        planned = Batch(checkout, found, parallel=parallel, listener=listener).plan(read=True)
    return together([*map(scanner.of, planned), *failures])
