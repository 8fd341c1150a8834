"""What is done at a checkout is written down by one contract, whether a home serves the repository or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tests.unit.checkout.conftest import NET
from tests.unit.checkout.states import Died, States, document, with_states
from tests.unit.checkout.test_registered import served_at
from tests.unit.platform.loop import STACK

from gaia.checkout.command import UNLOCK, Command
from gaia.checkout.moving import Move, Source
from gaia.cli.next_step import told
from gaia.errors import Conflict
from gaia.kit.interrupt import Interrupt
from gaia.operations.journal import Journal
from gaia.operations.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.checkout.conftest import Ground
    from tests.unit.platform.loop import Loop

    from gaia.checkout.checkout import Checkout
    from gaia.checkout.ports import Records
    from gaia.stacks.model import Instance


@dataclass(frozen=True)
class Kept:
    """A checkout with one kind of records; each call is another process."""

    ground: Ground
    open: Callable[[], Checkout]

    @property
    def records(self) -> Records:
        """Anew."""
        return self.open().records

    def instance(self, component: str = "net") -> Instance:
        """One of the stack's."""
        return self.ground.instance(self.open(), component)

    def in_doubt(self, number: int) -> None:
        """An application that was stopped while it made something."""
        journal = Journal(self.records.journal(self.instance(), number))
        journal.append("begin", operation="apply", instance=NET)
        journal.append("applying", digest="d", changes=[["aws_kms_key.this", ["create"]]])


@pytest.fixture(params=["files", "registered"])
def kept(request: pytest.FixtureRequest, ground: Ground, loop: Loop) -> Kept:
    """`net` and `old`, of one component."""
    both = "{old: {metadata: {component: key}}, net: {metadata: {component: key}, vars: {text: shared}}}"
    ground.write(**{"stacks/net.yaml": f"import: [_defaults]\ncomponents: {{terraform: {both}}}\n"})
    served = served_at(loop, ground)
    return Kept(ground, ground.checkout if request.param == "files" else lambda: served.checkout)


def refused(code: str, doing: Callable[[], object]) -> Conflict:
    """What it says."""
    with pytest.raises(Conflict) as caught:
        doing()
    assert caught.value.code == code, caught.value.message
    return caught.value


def test_nothing_is_in_the_way_of_the_first_change(kept: Kept) -> None:
    """No journal, no lease, no commit; a caller who has a name."""
    records, net = kept.records, kept.instance()
    records.check_direct(net)
    records.check_free(net)
    records.check_finished(net, [])
    records.note(net, "taint")
    assert (records.numbers(net), list(records.every_journal(net)), records.applied_commit(net)) == ([], [], "")
    assert list(records.elsewhere(frozenset({NET, f"{STACK}/old"}))) == []
    assert records.caller


def test_what_the_files_close_is_closed(kept: Kept) -> None:
    """In every clone of a repository, whether this one is registered or not."""
    kept.ground.net("settings: {gaia: {direct: refused}}")
    refused("direct-refused", lambda: kept.records.check_direct(kept.instance()))


def test_journals_are_numbered_and_found_again(kept: Kept) -> None:
    """By number, not as texts; of this instance alone, by another process too."""
    for number in (10, 2):
        kept.records.journal(kept.instance(), number).append(b'{"kind": "x"}')
    kept.records.journal(kept.instance("old"), 1).append(b'{"kind": "y"}')
    assert kept.records.numbers(kept.instance()) == [2, 10]
    assert len(list(kept.records.every_journal(kept.instance()))) == 2
    assert kept.records.journal(kept.instance(), 2) == kept.records.journal(kept.instance(), 2)


def test_an_application_in_doubt_is_in_the_way(kept: Kept) -> None:
    """Of its own instance, but of itself, until it has ended; the refusal says how it is finished."""
    kept.in_doubt(1)
    error = refused("apply-unfinished", lambda: kept.records.check_finished(kept.instance(), []))
    assert error.facts["instance"] == NET
    assert "aws_kms_key.this" in str(error.facts["left"])
    assert f"gaia terraform apply net -s {STACK}" in told(error.next_step)
    kept.records.check_finished(kept.instance("old"), [])
    mine = kept.records.journal(kept.instance(), 1)
    kept.records.check_finished(kept.instance(), [mine])
    Journal(mine).append("outcome", status="applied")
    kept.records.check_finished(kept.instance(), [])


def test_one_change_at_a_time(kept: Kept) -> None:
    """Of one instance; whatever ends it, the next one may begin."""

    def second() -> None:
        with kept.records.run(kept.instance(), "destroy"):
            pass

    with kept.records.run(kept.instance(), "apply") as run, kept.records.run(kept.instance("old"), "apply"):
        refused("operation-running", second)
        with run.watched(Interrupt()) as lease:
            run.end(lease.judged(Outcome("applied")))
    with pytest.raises(Died), kept.records.run(kept.instance(), "move"):
        raise Died
    second()


def test_an_unfinished_move_is_not_among_what_it_finds(kept: Kept) -> None:
    """So what waits for a lock can be helped: it is released, and the move ends. Anything else is refused."""
    states = States({f"{STACK}/old": document("a", lineage="old"), NET: document("z", lineage="net")})
    with_states(kept.ground, states)
    one = Move(kept.open(), kept.instance())
    planned, states.passed, states.die_at = one.plan(Source(instance=f"{STACK}/old"), ()), 0, 7
    with pytest.raises(Died):
        one.carry_out(planned)
    states.die_at = 0
    for component in ("net", "old"):
        kept.records.check_finished(kept.instance(component), [])
        checkout = kept.open()
        words = kept.ground.words("taint", "a.b")
        refused("move-unfinished", Command(checkout, words, kept.instance(component)).run)
        words = kept.ground.words(UNLOCK, "-force", "1")
        assert Command(checkout, words, kept.instance(component)).run() == 0
    Move(kept.open(), kept.instance()).resume()
    assert states.done == [NET, f"{STACK}/old"]
    assert Command(kept.open(), kept.ground.words("taint", "a.b"), kept.instance()).run() == 0
