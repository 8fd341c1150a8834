"""Changes without a request: what is written down, and what a killed one leaves to the next; without terraform."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Conflict, NotFound
from gaia.kit import clock
from gaia.kit.procfs import Identity
from gaia.operations.journal import Journal
from gaia.operations.model import InstanceResource, Outcome
from gaia.platform import direct, journals
from gaia.platform.model import PlanView
from gaia.records import people
from gaia.records.model import Grant
from gaia.terraform.normal import NormalForm
from gaia.testing import views

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.platform.conftest import House

    from gaia.platform.model import InstanceChangeView, WhyView
    from gaia.platform.service import Platform
    from gaia.records.documents import Growing

STACK = "acme-use1-dev"
KEY = f"{STACK}/network"
VPC = InstanceResource("aws_vpc.this", "aws_vpc", "vpc-1", "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1")
APPLIED = Outcome("applied", resources=(VPC,), changed={"create": 1})


class Stage:
    """Direct changes of one instance whose terraform is played: what it is asked, and the outcome that it gives."""

    def __init__(self, house: House, admin: Platform) -> None:
        self.house = house
        self.admin = admin
        self.outcome = APPLIED
        self.locked: list[bool] = []
        self.journals: list[Growing] = []

    def journal(self, number: int, **entries: Mapping[str, object]) -> None:
        """Write entries into the journal of the change with this number."""
        journal = Journal(journals.of_change(self.house.platform, KEY, number))
        for kind, facts in entries.items():
            journal.append(kind, **facts)

    def change(self, *, destroy: bool = False) -> InstanceChangeView | None:
        """Change it, saying yes."""
        return self.admin.direct("network", STACK).change(destroy=destroy, confirm=lambda _: True, say=lambda _: None)


@pytest.fixture
def stage(house: House, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """root administers the tenant acme."""
    with house.platform.database.begin() as tx:
        people.add_person(tx, "root", at=clock.now())
        people.grant(tx, "root", Grant("admin", "acme"))
        expires = clock.now() + timedelta(days=1)
        house.tokens["root"] = people.create_token(tx, "root", at=clock.now(), expires=expires)[1]
    stage = Stage(house, house.as_("root"))

    def planned(self: direct.Direct, *, destroy: bool, locked: bool) -> tuple[PlanView, NormalForm]:
        del destroy
        stage.locked.append(locked)
        return PlanView(KEY, self._commit, (), views.target(), "root"), NormalForm({}, "key")

    def perform(self: direct.Direct, approved: NormalForm, own: Growing, **_: object) -> Outcome:
        del self, approved
        stage.journals.append(own)
        return stage.outcome

    monkeypatch.setattr(direct.Direct, "_planned", planned)
    monkeypatch.setattr(direct.Direct, "_perform", perform)
    return stage


def told(view: WhyView, what: str) -> list[str]:
    """The texts of one kind of lines."""
    return [line.text for line in view.lines if line.what == what]


@pytest.mark.parametrize(
    ("subject", "stack"), [("vpc-1", None), ("aws_vpc.this", STACK), (KEY, None), ("network", STACK)]
)
def test_what_is_applied_is_explained_by_who_applied_it(stage: Stage, subject: str, stack: str | None) -> None:
    """By cloud id, address or instance: person, commit and the places of the values; no request. Others see nothing."""
    made = stage.change()
    assert made is not None
    view = stage.house.as_("vic").why(subject, stack=stack)
    assert view.request == ""
    [change] = told(view, "change")
    assert change.startswith("applied by root, ")
    assert told(view, "commit") == [made.commit]
    assert any(line.at for line in view.lines if line.what == "value")
    with pytest.raises(NotFound) as unseen:
        stage.house.as_("bob").why(subject, stack=stack)
    assert unseen.value.code == "subject-unknown"


def test_what_is_destroyed_is_remembered_and_what_is_parked_stays(stage: Stage) -> None:
    """A change that was parked says nothing about the state, so what was there before still counts as there."""
    stage.change()
    stage.outcome = Outcome("parked", "locked by somebody", "lock-foreign")
    stage.change(destroy=True)
    assert "destroyed" not in told(stage.admin.why("vpc-1"), "resource")[0]
    stage.outcome = Outcome("applied", changed={"delete": 1})
    stage.change(destroy=True)
    assert "destroyed" in told(stage.admin.why("vpc-1"), "resource")[0]


def test_a_plan_takes_the_lock_unless_what_was_killed_may_hold_it(stage: Stage) -> None:
    """After a kill it does without; while the processes of a change still run it does not."""
    network = stage.admin.direct("network", STACK)
    network.plan()
    dead = replace(Identity.of(os.getpid()), started=1)
    stage.journal(1, begin={"operation": "apply", "instance": KEY}, child=_child(dead))
    network.plan()
    stage.journal(1, child=_child(Identity.of(os.getpid())))
    network.plan()
    stage.journal(1, outcome={"status": "applied"})
    network.plan()
    assert stage.locked == [True, False, True, True]


def _child(identity: Identity) -> dict[str, object]:
    return {"what": "plan", "pid": identity.pid, "started": identity.started, "boot": identity.boot}


def test_a_destruction_after_an_apply_that_was_killed_while_it_planned(stage: Stage) -> None:
    """Nothing was changed, so it goes ahead, with a journal of its own and without waiting for the dead one's lock."""
    stage.journal(1, begin={"operation": "apply", "instance": KEY})
    stage.change(destroy=True)
    assert stage.locked == [False]
    assert [one.name.rpartition("/")[2] for one in stage.journals] == ["2"]


def test_an_instance_that_changes_while_the_plan_is_read_is_planned_again(stage: Stage) -> None:
    """Another's change went on with the same journal and ended: its outcome is not taken for ours."""
    stage.journal(1, begin={"operation": "apply", "instance": KEY})

    def confirm(_: PlanView) -> bool:
        stage.journal(1, outcome={"status": "applied"})
        return True

    with pytest.raises(Conflict) as changed:
        stage.admin.direct("network", STACK).change(confirm=confirm, say=lambda _: None)
    assert (changed.value.code, stage.journals) == ("instance-changed", [])


@pytest.mark.parametrize("destroy", [False, True])
def test_nothing_is_changed_while_a_request_left_it_in_doubt(stage: Stage, *, destroy: bool) -> None:
    """What a request's application may have made and no state has would be made twice, or left behind."""
    journal = Journal(journals.of_request(stage.house.platform, "req_1", KEY))
    journal.append("begin", operation="apply", instance=KEY)
    journal.append("applying", digest="d", changes=[["aws_vpc.this", ["create"]]])
    with pytest.raises(Conflict) as refused:
        stage.change(destroy=destroy)
    assert (refused.value.code, stage.journals) == ("apply-unfinished", [])


def test_an_apply_goes_on_with_its_own_doubts(stage: Stage) -> None:
    """It is what settles them; a destruction is refused until then."""
    stage.journal(
        1,
        begin={"operation": "apply", "instance": KEY},
        applying={"digest": "d", "changes": [["aws_vpc.this", ["create"]]]},
    )
    with pytest.raises(Conflict) as refused:
        stage.change(destroy=True)
    assert refused.value.code == "apply-unfinished"
    stage.change()
    assert [one.name.rpartition("/")[2] for one in stage.journals] == ["1"]
