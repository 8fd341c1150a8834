"""Many instances of a checkout: planned together, what was seen is applied, and a failure stops what needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.platform.loop import STACK
from tests.unit.platform.played import refused

from gaia.checkout.batch import Batch
from gaia.checkout.batch_model import Ended, Listener
from gaia.checkout.selection import Selection, instances_meant
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.unit.checkout.conftest import Ground

    from gaia.checkout.batch_model import Planned
    from gaia.stacks.model import Instance

STACKS = """\
import: [_defaults]
components:
  terraform:
    net: {metadata: {component: key}, vars: {text: shared}}
    shop: {metadata: {component: store}, vars: {bucket: shop, key: !terraform.state net arn}}
    free: {metadata: {component: key}, vars: {text: free}}
"""


class Told(Listener):
    """What a batch said, in order."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def planning(self, instances: Sequence[Instance]) -> None:
        """How many."""
        self.words.append(f"planning {len(instances)}")

    def planned(self, planned: Planned) -> None:
        """How it looks."""
        self.words.append(f"{planned.instance.key.component} {planned.status}")

    def begins(self, key: InstanceKey) -> None:
        """Whose turn it is."""
        self.words.append(f"{key.component} begins")

    def ended(self, ended: Ended) -> None:
        """How."""
        self.words.append(f"{ended.key.component} {ended.status}")


@pytest.fixture(name="told")
def _told() -> Told:
    return Told()


@pytest.fixture(name="batch")
def _batch(ground: Ground, told: Told) -> Batch:
    """Three instances with local states, of which `shop` needs `net`."""
    ground.locally()
    ground.write(**{"stacks/net.yaml": STACKS})
    checkout = ground.checkout()
    found = instances_meant(checkout.files.repository, Selection(STACK))
    return Batch(checkout, found, parallel=1, listener=told)


def statuses(ends: Sequence[Ended]) -> dict[str, str]:
    """By component."""
    return {one.key.component: one.status for one in ends}


def test_what_was_seen_together_is_applied_in_order(batch: Batch, ground: Ground, told: Told) -> None:
    """One plan for all; each is planned once more when what it needs is there, with the values that it has then."""
    planned = batch.plan(changing=True)
    assert [one.status for one in planned] == ["changes"] * 3
    assert [word for word in ground.world.commands if word.startswith("plan")] == ["plan the preview"]
    assert statuses(batch.apply(planned)) == dict.fromkeys(("free", "net", "shop"), "applied")
    assert ground.world.states[f"{STACK}/shop"]["key"] == f"arn:{STACK}/net"
    begun = [word.partition(" ")[0] for word in told.words if word.endswith("begins")]
    assert begun.index("net") < begun.index("shop")
    assert told.words[0] == "planning 3"


def test_a_failure_stops_what_needs_it_and_only_that(batch: Batch, ground: Ground) -> None:
    """It is said which one, and why."""
    ground.world.fails[f"{STACK}/net"] = refused("no such region")
    ends = batch.apply(batch.plan())
    assert statuses(ends) == {"free": "applied", "net": "parked", "shop": "not tried"}
    (shop,) = (one for one in ends if one.key.component == "shop")
    assert (shop.because, shop.reason) == (InstanceKey(STACK, "net"), f"it needs {STACK}/net")
    assert shop.as_json()["because"] == f"{STACK}/net"


def test_policies_that_say_no_park_what_they_say_no_to(batch: Batch, ground: Ground) -> None:
    """Nothing of it is begun."""
    ground.rules.always("plan.polite.deny")
    ends = batch.apply(batch.plan())
    assert set(statuses(ends).values()) <= {"parked", "not tried"}
    assert ends[0].outcome is not None
    assert ends[0].outcome.code == "policy-denied"
    assert ground.world.states == {}


def test_one_that_does_not_do_as_it_was_seen_is_parked(batch: Batch, ground: Ground) -> None:
    """Its own plan has to refine what was shown."""
    planned = batch.plan()
    ground.world.adds[f"{STACK}/free"] = {"text": "another"}
    ends = {one.key.component: one for one in batch.apply(planned)}
    assert (ends["free"].status, ends["free"].as_json()["code"]) == ("parked", "approval-void")
    assert ends["shop"].status == "applied"


def test_what_cannot_be_built_into_the_plan_stops_what_reads_it(batch: Batch, ground: Ground) -> None:
    """One whose configuration is wrong has its error; what reads it waits for its values, and says for which."""
    ground.write(**{"components/key/main.tf": "resource {\n"})
    ground.world.breaks["the preview"] = refused("wrong")
    planned = {one.instance.key.component: one for one in batch.plan()}
    assert planned["net"].error is not None
    assert planned["shop"].status in ("failed", "waits")
    ends = batch.apply(tuple(planned.values()))
    assert "applied" not in statuses(ends).values()


def test_a_signal_begins_nothing_more(batch: Batch, ground: Ground) -> None:
    """What is under way ends; the others say that they were not tried, and how to go on."""
    planned = batch.plan()
    ground.world.during = lambda _key: ground.interrupt.ask()
    ends = batch.apply(planned)
    assert sorted(statuses(ends).values()).count("not tried") == 2
    assert any("--resume" in one.next_step for one in ends if one.status == "not tried")


def test_one_that_is_killed_names_what_it_may_have_made(batch: Batch, ground: Ground) -> None:
    """Others go by what is in the state, and this is not."""
    planned = batch.plan()

    def killed(_key: str) -> None:
        raise KeyboardInterrupt

    ground.world.during = killed
    ends = {one.key.component: one for one in batch.apply(planned)}
    assert ends["net"].status == "interrupted"
    assert ends["net"].as_json()["left"] == ["aws_kms_key.this: it may have been made"]
    assert (ends["net"].as_json()["code"], ends["shop"].status) == ("interrupted", "not tried")
    assert "gaia apply --resume" in ends["net"].next_step


def test_what_is_not_there_is_not_destroyed(batch: Batch, ground: Ground) -> None:
    """Nothing is planned for it, and nobody asks for the values that it would read: what gives them is gone too."""
    down = Batch(batch.checkout, batch.instances[::-1], destroy=True, parallel=1)
    planned = down.plan(changing=True)
    assert [one.status for one in planned] == ["unchanged"] * 3
    assert set(statuses(down.apply(planned)).values()) == {"unchanged"}
    assert ground.world.commands == []


def test_code_that_is_not_what_was_shown_any_more_is_not_applied(batch: Batch, ground: Ground) -> None:
    """Another branch is checked out in the middle, say: who is not yet begun is parked, and the files are named."""
    planned = batch.plan(changing=True)

    def elsewhere(key: str) -> None:
        if key == f"{STACK}/net":
            text = (ground.root / "components/store/main.tf").read_text()
            ground.write(**{"components/store/main.tf": f"{text}# of another branch\n"})

    ground.world.during = elsewhere
    ends = {one.key.component: one for one in batch.apply(planned)}
    assert (ends["net"].status, ends["shop"].status) == ("applied", "parked")
    assert ends["shop"].as_json()["code"] == "code-changed"
    assert "components/store/main.tf" in ends["shop"].reason
    assert not (batch.checkout.workplace.folder / "batch/0/code").exists()
    assert f"{STACK}/shop" not in ground.world.states


def test_what_a_run_of_the_batch_leaves_in_the_code_is_no_change_of_it(batch: Batch, ground: Ground) -> None:
    """A provisioner writes a file beside the code that another instance has too."""
    planned = batch.plan(changing=True)
    (ground.home / "old.txt").write_text("gone soon")
    planned = batch.plan(changing=True)

    def leaves(key: str) -> None:
        copy = ground.folder / "work" / key / "tree/components/key"
        (copy / f"{key.rpartition('/')[2]}.kubeconfig").write_text("made")
        (copy / "old.txt").unlink(missing_ok=True)

    ground.world.during = lambda key: leaves(key) if "shop" not in key else None
    assert set(statuses(batch.apply(planned)).values()) == {"applied"}
    assert sorted(path.name for path in ground.home.glob("*.kubeconfig")) == ["free.kubeconfig", "net.kubeconfig"]
    assert not (ground.home / "old.txt").exists()
