"""What was read goes into the records, unless somebody has changed it since."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.checkout.conftest import NET, ground  # noqa: F401 - a fixture
from tests.unit.checkout.states import document
from tests.unit.checkout.test_registered import Served, served_at
from tests.unit.platform.conftest import loop, loop_at, stages  # noqa: F401 - fixtures
from tests.unit.platform.loop import STACK

from gaia.adoption.check import Checked, CheckReport
from gaia.adoption.recording import record
from gaia.checkout.registered import RegisteredRecords
from gaia.kit import clock
from gaia.records import resources
from gaia.stacks.model import InstanceKey
from gaia.terraform.state import State

if TYPE_CHECKING:
    from datetime import datetime

    from tests.unit.checkout.conftest import Ground
    from tests.unit.platform.loop import Loop


@pytest.fixture
def served(loop: Loop, ground: Ground) -> Served:  # noqa: F811 - fixtures
    """A checkout of a registered repository."""
    return served_at(loop, ground)


def report(*keys: str, began: datetime) -> CheckReport:
    """Each of these has one resource, `old`, and plans empty."""
    state = State.parse(document("old", lineage="l"))
    checked = tuple(Checked(InstanceKey.parse(key), "empty", "s3://b/k", state) for key in keys)
    return CheckReport("/r", "c" * 40, 0, checked, began=began)


def ids(served: Served, component: str) -> list[str]:
    """What the records have of an instance."""
    with served.loop.platform.database.read() as tx:
        return [one.cloud_id for one in resources.of_instance(tx, "platform", STACK, component)]


def test_what_an_operation_changed_meanwhile_is_not_written_over(served: Served) -> None:
    """The check takes minutes; what ended in that time is newer, and is left for the next time."""
    began = clock.now()
    served.change()
    records = served.checkout.records
    assert isinstance(records, RegisteredRecords)
    made = record(records, report(NET, f"{STACK}/other", began=began))
    assert (made.busy, made.adopted) == ((NET,), (f"{STACK}/other",))
    assert (ids(served, "net"), ids(served, "other")) == ([f"id:{NET}"], ["old"])
    made = record(records, report(NET, f"{STACK}/other", began=clock.now()))
    assert (made.busy, ids(served, "net")) == ((), ["old"])


def test_what_a_request_changed_meanwhile_is_not_written_over(served: Served) -> None:
    """Whichever instance of it."""
    began = clock.now()
    request = served.loop.approved("photos")
    served.loop.carry_out(request, until="publish")
    keys = sorted(served.loop.row(request).instances)
    records = served.checkout.records
    assert isinstance(records, RegisteredRecords)
    assert keys
    assert record(records, report(*keys, began=began)).adopted == ()
