"""Who holds the lock of a state, and its release."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.checkout.conftest import NET
from tests.unit.checkout.states import States, document, with_states
from tests.unit.checkout.test_registered import served_at

from gaia.checkout.command import Command
from gaia.checkout.unlocking import Locks
from gaia.errors import Conflict, Unavailable
from gaia.kit.procfs import Identity, namespace
from gaia.operations.journal import Journal
from gaia.platform.instances.outputs import working_folder
from gaia.records import audit
from gaia.states.found import note_beside
from gaia.states.places import FilePlace
from gaia.states.reading import Reader
from gaia.terraform.workdir import alone_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.checkout.conftest import Ground
    from tests.unit.platform.loop import Loop

    from gaia.checkout.checkout import Checkout
    from gaia.checkout.unlocking import Locked

HERE = f"ada@{os.uname().nodename}"


@pytest.fixture
def states(ground: Ground) -> States:
    """`net` has a state, which is locked."""
    made = States({NET: document("z", lineage="net")}, {NET: "lock-1"})
    with_states(ground, made)
    return made


def locked(ground: Ground) -> tuple[Locks, Locked | None]:
    """What is found of `net`."""
    checkout = ground.checkout()
    locks = Locks(checkout)
    return locks, locks.of(ground.instance(checkout))


def begun(checkout: Checkout, ground: Ground, process: Identity, **more: str) -> None:
    """An application of `net` took the lock and did not end."""
    journal = Journal(checkout.records.journal(ground.instance(checkout), 1))
    journal.append("begin", operation="apply", instance=NET)
    journal.append("child", what="apply", pid=process.pid, started=process.started, boot=process.boot, **more)
    journal.append("lock", id="lock-1")


def test_terraform_is_asked_where_nobody_else_can(ground: Ground, states: States) -> None:
    """A holder on another machine: nobody here knows whether it lives; what is released is this lock and no other."""
    locks, found = locked(ground)
    assert found is not None
    assert (found.lock.who, found.ours, found.holder.life) == ("ada@laptop", False, "unknown")
    assert found.as_json() | {"place": ""} == {
        "instance": NET, "place": "", "id": "lock-1", "who": "ada@laptop", "host": "laptop",
        "since": "2026-11-29T19:00:00Z", "operation": "OperationTypeApply", "version": "", "ours": False,
        "holder": "unknown", "why": "it was taken on laptop, not here", "pids": [],
    }  # fmt: skip
    states.locks[NET] = "lock-2"
    with pytest.raises(Conflict) as changed:
        locks.release(found)
    assert changed.value.code == "lock-changed"
    states.locks[NET] = "lock-1"
    locks.release(found)
    assert (states.locks, locked(ground)[1]) == ({}, None)
    with pytest.raises(Conflict, match="is gone"):
        locks.release(found)


def test_a_dead_process_of_ours_is_known(ground: Ground, states: States) -> None:
    """By the journal, which stays as it is: the next application finishes what was begun."""
    states.who = HERE
    checkout = ground.checkout()
    begun(checkout, ground, Identity(os.getpid(), 1, "another boot"))
    before = checkout.records.journal(ground.instance(checkout), 1).read()
    locks, found = locked(ground)
    assert found is not None
    assert (found.ours, found.holder.life) == (True, "dead")
    locks.release(found)
    assert states.locks == {}
    assert checkout.records.journal(ground.instance(checkout), 1).read() == before


@pytest.mark.parametrize("there", [namespace(), "pid:[4026540000]", ""])
def test_in_a_container_only_its_own_processes_are_known_to_be_dead(ground: Ground, states: States, there: str) -> None:
    """By the PID namespace that the journal remembers; one of earlier versions remembers none."""
    ground.more["sees_all"] = lambda: False
    states.who = HERE
    checkout = ground.checkout()
    begun(checkout, ground, replace(Identity.of(os.getpid()), started=1), namespace=there)
    found = locked(ground)[1]
    assert found is not None
    assert (found.ours, found.holder.life) == (True, "dead" if there == namespace() else "unknown")


def test_a_living_process_of_ours_keeps_its_lock(ground: Ground, states: States) -> None:
    """It is named; only who says so in so many words takes the lock from it."""
    states.who = HERE
    begun(ground.checkout(), ground, Identity.of(os.getpid()))
    locks, found = locked(ground)
    assert found is not None
    assert (found.holder.life, found.holder.pids) == ("alive", (os.getpid(),))
    with pytest.raises(Conflict) as refused:
        locks.release(found)
    assert refused.value.code == "lock-alive"
    assert states.locks == {NET: "lock-1"}
    locks.release(found, even_alive=True)
    assert states.locks == {}


def test_who_works_in_the_folder_lives(ground: Ground, states: States) -> None:
    """Also where it has journalled no process yet; a lock from elsewhere is not its own."""
    checkout = ground.checkout()
    with alone_in(working_folder(checkout.workplace, ground.instance(checkout), "work")):
        states.who = HERE
        assert locked(ground)[1].holder.life == "alive"  # type: ignore[union-attr]
        states.who = "ada@laptop"
        assert locked(ground)[1].holder.life == "unknown"  # type: ignore[union-attr]


def test_what_terraform_logged_is_ours(ground: Ground, states: States) -> None:
    """A command that writes no journal leaves its lock's id in the folder's log."""
    states.who, states.locks[NET] = HERE, "6604db24-1a78-af15-9692-dcb78879b3c6"
    checkout = ground.checkout()
    folder = working_folder(checkout.workplace, ground.instance(checkout), "plan")
    folder.mkdir(parents=True)
    (folder / "core.log").write_text(f"Attempting to lock remote state: tf_backend.lock.id={states.locks[NET]}\n")
    found = locked(ground)[1]
    assert found is not None
    assert (found.ours, found.holder.life) == (True, "dead")


def noted(ground: Ground) -> tuple[Path, Path]:
    """A local state, and terraform's note beside it."""
    ground.locally()
    state = ground.home / "terraform.tfstate.d/acme-use1-dev-net/terraform.tfstate"
    state.parent.mkdir(parents=True)
    state.write_text("{}")
    note = state.parent / ".terraform.tfstate.lock.info"
    note.write_text(json.dumps({"ID": "1", "Who": HERE, "Created": "now", "Operation": "apply"}))
    return state, note


def test_a_note_beside_a_local_state_is_removed(ground: Ground) -> None:
    """The system says that nobody has the file locked: a killed terraform left the note."""
    state, note = noted(ground)
    checkout = ground.checkout()
    locks = Locks(checkout)
    [found], unasked = locks.every([ground.instance(checkout)])
    assert (found.holder.life, unasked, str(found.place)) == ("dead", [], str(state))
    locks.release(found)
    assert (note.exists(), state.read_text()) == (False, "{}")


def test_a_local_state_in_use_is_never_unlocked(ground: Ground) -> None:
    """Whatever is said: the lock is the process's own, and nobody else can give it back."""
    state, note = noted(ground)
    with state.open("r+") as file:
        child = os.fork()  # a lock of this process would be no lock for it
        if not child:
            fcntl.lockf(file, fcntl.LOCK_EX)
            os.kill(os.getpid(), 19)
            os._exit(0)
        os.waitpid(child, os.WUNTRACED)
        try:
            locks, found = locked(ground)
            assert found is not None
            assert found.holder.life == "alive"
            for even_alive in (False, True):
                with pytest.raises(Conflict, match="has the state's file locked"):
                    locks.release(found, even_alive=even_alive)
        finally:
            os.kill(child, 9)
            os.waitpid(child, 0)
    assert note.exists()


def test_of_many_only_terraform_can_ask_about_some(ground: Ground, states: States) -> None:
    """They are named, and not taken for free."""
    del states
    checkout = ground.checkout()
    locked, unasked = Locks(checkout).every([ground.instance(checkout)])
    assert (locked, [str(one.key) for one in unasked]) == ([], [NET])


def test_of_many_one_that_does_not_answer_hides_no_other(ground: Ground) -> None:
    """Asked about alone, it says why."""
    s3 = "bucket: b, key: k, region: us-east-1, access_key: a, secret_key: s, use_lockfile: true"
    away = f"backend_type: s3, backend: {{s3: {{{s3}, endpoints: {{s3: 'http://127.0.0.1:9'}}}}}}"
    both = f"net: {{metadata: {{component: key}}}}, away: {{metadata: {{component: key}}, {away}}}"
    ground.locally()
    ground.write(**{"stacks/net.yaml": f"import: [_defaults]\ncomponents: {{terraform: {{{both}}}}}\n"})
    checkout = ground.checkout()
    net, away_one = (ground.instance(checkout, name) for name in ("net", "away"))
    place = Reader(checkout.ground).place(net)
    assert isinstance(place, FilePlace)
    place.path.parent.mkdir(parents=True)
    note_beside(place).write_text(json.dumps({"ID": "lock-1", "Who": HERE}))
    [locked], unasked = Locks(checkout).every([away_one, net])
    assert (locked.instance.key, [one.key for one in unasked]) == (net.key, [away_one.key])
    with pytest.raises(Unavailable):
        Locks(checkout).of(away_one)


def test_a_release_is_audited(ground: Ground, states: States, loop: Loop) -> None:
    """Where the repository is registered; journals of requests count as well."""
    checkout = served_at(loop, ground).checkout
    locks = Locks(checkout)
    found = locks.of(ground.instance(checkout))
    assert found is not None
    locks.release(found)
    with loop.platform.database.read() as tx:
        entries = audit.entries(tx, subject=NET)
    assert [one.facts["command"] for one in entries if "command" in one.facts] == ["unlock lock-1"]
    assert states.locks == {}


LEFT = "6604db24-1a78-af15-9692-dcb78879b3c6"


@pytest.mark.parametrize("theirs", [False, True])
def test_what_a_killed_plan_left_locked_is_given_back(ground: Ground, states: States, *, theirs: bool) -> None:
    """Nothing was journalled yet: terraform's log in the folder tells that the lock is ours. Another's stays."""
    told: list[str] = []
    ground.more["tell"] = told.append
    checkout = ground.checkout()
    folder = working_folder(checkout.workplace, ground.instance(checkout), "plan")
    folder.mkdir(parents=True)
    (folder / "core.log").write_text(f"Attempting to lock remote state: tf_backend.lock.id={LEFT}\n")
    states.locks[NET] = "another" if theirs else LEFT
    assert Command(checkout, ground.words("plan"), ground.instance(checkout)).run() == 0
    assert states.locks == ({NET: "another"} if theirs else {})
    assert told == ([] if theirs else [f"releasing the lock {LEFT}, which a command that was killed has left"])
    assert (folder / "core.log").read_text() == ""


def test_a_command_leaves_word_of_its_lock(ground: Ground) -> None:
    """In a log that terraform writes itself; where the caller wants a log of her own, that one is written."""
    checkout = ground.checkout()
    Command(checkout, ground.words("plan"), ground.instance(checkout)).run()
    said = (ground.program.folder / "environ").read_text()
    assert "TF_LOG_CORE=info" in said
    ground.shell["TF_LOG"] = "debug"
    checkout = ground.checkout()
    Command(checkout, ground.words("plan"), ground.instance(checkout)).run()
    said = (ground.program.folder / "environ").read_text()
    assert ("TF_LOG_CORE" in said, "TF_LOG=debug" in said) == (False, True)
