"""Resources move between states: whatever happens half-way, each has one owner in the end."""

from __future__ import annotations

import copy
import itertools
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from tests.unit.checkout.conftest import NET
from tests.unit.checkout.states import Died, States, document, owners, resource, with_states
from tests.unit.checkout.test_registered import Served
from tests.unit.platform.loop import STACK

from gaia.checkout.change import Change
from gaia.checkout.command import UNLOCK, Command
from gaia.checkout.moving import Move, Source
from gaia.cli.next_step import told
from gaia.errors import Conflict, GaiaError, Invalid, NotFound, Refused
from gaia.kit import clock
from gaia.kit.files import exclusive
from gaia.operations.journal import Journal, read
from gaia.platform.instances import journals
from gaia.platform.instances.unfinished_moves import document as journal_of
from gaia.records import audit, leases, resources, runs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.checkout.conftest import Ground
    from tests.unit.platform.loop import Loop

    from gaia.checkout.moving import Planned

OLD = f"{STACK}/old"
FROM = Source(instance=OLD)
KEY = "aws_kms_key"

CHANGING = frozenset(
    (
        *("apply", "deploy", "destroy", "refresh", "import", "taint", "untaint", "force-unlock", "unheard-of"),
        *("state mv", "state rm", "state push", "state replace-provider", "workspace delete"),
    )
)
"""What may change something, a subcommand that nobody here has heard of too."""


@pytest.fixture
def states(ground: Ground) -> States:
    """`old` has a, b and c; `net` has z."""
    both = "{old: {metadata: {component: key}}, net: {metadata: {component: key}, vars: {text: shared}}}"
    ground.write(**{"stacks/net.yaml": f"import: [_defaults]\ncomponents: {{terraform: {both}}}\n"})
    made = States({OLD: document("a", "b", "c", lineage="old"), NET: document("z", lineage="net")})
    with_states(ground, made)
    return made


def move(ground: Ground) -> Move:
    """One to `net`, in a process of its own."""
    checkout = ground.checkout()
    return Move(checkout, ground.instance(checkout))


def moved(ground: Ground, *wanted: str, source: Source = FROM) -> Planned:
    """Planned and carried out."""
    one = move(ground)
    planned = one.plan(source, wanted)
    one.carry_out(planned)
    return planned


def kinds(ground: Ground) -> list[str]:
    """Of the journal's lines."""
    return [entry.kind for entry in read(journal_of(ground.folder, ground.instance(ground.checkout()).key))]


def refused(code: str, doing: Callable[[], object], of: type[GaiaError] = Conflict) -> GaiaError:
    """What it says."""
    with pytest.raises(of) as caught:
        doing()
    assert caught.value.code == code, caught.value.message
    return caught.value


def test_resources_change_their_owner(ground: Ground, states: States) -> None:
    """The target gets them first; each state keeps its lineage and goes on in its count."""
    planned = moved(ground, f"{KEY}.a", f"{KEY}.b={KEY}.y")
    assert owners(states) == {"a": [NET], "b": [NET], "c": [OLD], "z": [NET]}
    assert states.done == [NET, OLD]
    assert [(states.held[one]["lineage"], states.held[one]["serial"]) for one in (OLD, NET)] == [("old", 5), ("net", 5)]
    assert [str(one) for one in planned.managed] == [f"{KEY}.a", f"{KEY}.b={KEY}.y"]
    assert kinds(ground) == ["moving", "wrote target", "moved"]


def test_everything_may_move_to_where_nothing_is(ground: Ground, states: States) -> None:
    """Outputs too; there is a new state then."""
    states.held.pop(NET)
    states.held[OLD]["outputs"] = {"arn": {"value": "x", "type": "string"}}
    moved(ground)
    assert owners(states) == {"a": [NET], "b": [NET], "c": [NET]}
    assert (states.held[NET]["serial"], states.held[NET]["outputs"]) == (1, {"arn": {"value": "x", "type": "string"}})
    assert (states.held[OLD]["resources"], states.held[OLD]["outputs"]) == ([], {})
    assert states.held[NET]["lineage"] not in ("old", "")


def test_a_plan_writes_nothing(ground: Ground, states: States) -> None:
    """No state, no journal."""
    move(ground).plan(FROM, ())
    assert (states.done, ground.left("journal.jsonl")) == ([], [])


def test_no_values_are_written_down(ground: Ground, states: States) -> None:
    """The journal has addresses; nothing else of a state is kept."""
    states.held[OLD]["resources"].append(resource("s", password="hunter-two"))
    for number in range(20):
        states.die_at, states.passed = number, 0
        with suppress(Died, GaiaError):
            moved(ground)
    for path in ground.left("*"):
        assert b"hunter-two" not in path.read_bytes(), path


@pytest.mark.parametrize("whole", [True, False])
def test_killed_at_any_step_it_is_finished(ground: Ground, states: States, whole: bool) -> None:
    """Nothing is without an owner at any time; both instances are closed from the first line on to the end."""
    wanted = () if whole else (f"{KEY}.a", f"{KEY}.b={KEY}.y")
    expected = {"a": [NET], "b": [NET], "c": [NET if whole else OLD], "z": [NET]}
    begin, closed = copy.deepcopy(states.held), 0
    for number in range(1, 40):
        states.held, states.die_at, states.passed = copy.deepcopy(begin), number, 0
        try:
            moved(ground, *wanted)
        except Died:
            states.die_at = 0
        else:
            assert states.passed < number
            break
        assert set(owners(states)) == set(expected), "something was lost for a while"
        checkout = ground.checkout()
        began = kinds(ground)[-1:] not in ([], ["moved"])
        if not began:
            assert owners(states) == owners(States(begin))
            moved(ground, *wanted)
        else:
            closed += 1
            for component in ("net", "old"):
                refused("move-unfinished", partial(checkout.check_open, ground.instance(checkout, component)))
            step = refused("move-unfinished", lambda: moved(ground, *wanted)).next_step
            assert told(step) == f"Finish it first: gaia move net -s {STACK} --resume"
            assert move(ground).resume().managed[0].new == f"{KEY}.a"
        assert owners(states) == expected, number
        for component in ("net", "old"):
            checkout.check_open(ground.instance(checkout, component))
    assert closed > 6


def test_killed_again_while_it_is_finished(ground: Ground, states: States) -> None:
    """Twice, at each pair of steps."""
    begin, tried = copy.deepcopy(states.held), 0
    for first, second in itertools.product(range(9, 18), range(1, 12)):
        states.held, states.die_at, states.passed = copy.deepcopy(begin), first, 0
        with suppress(Died):
            moved(ground, f"{KEY}.a")
        states.die_at, states.passed = second, 0
        with suppress(Died, NotFound):
            move(ground).resume()
        states.die_at = 0
        if kinds(ground)[-1] != "moved":
            tried += 1
            move(ground).resume()
        assert owners(states) == {"a": [NET], "b": [OLD], "c": [OLD], "z": [NET]}, (first, second)
    assert tried > 20


def test_only_the_last_move_counts(ground: Ground, states: States) -> None:
    """The journal goes on from move to move."""
    moved(ground, f"{KEY}.a")
    states.die_at, states.passed = 9, 0
    with pytest.raises(Died):
        moved(ground, f"{KEY}.b")
    states.die_at = 0
    assert [one.new for one in move(ground).resume().managed] == [f"{KEY}.b"]
    assert owners(states) == {"a": [NET], "b": [NET], "c": [OLD], "z": [NET]}
    refused("move-none", lambda: move(ground).resume(), NotFound)


# --- what somebody else does meanwhile ---------------------------------------------------------------------------


def begun(ground: Ground, states: States, *wanted: str, at: int) -> None:
    """Killed at a step, after the first line of the journal."""
    states.die_at, states.passed = at, 0
    with pytest.raises(Died):
        moved(ground, *wanted)
    states.die_at = 0
    assert kinds(ground)[-1] in ("moving", "wrote target")


def test_what_was_added_to_the_source_meanwhile_stays_there(ground: Ground, states: States) -> None:
    """Everything is what was everything when it was shown."""
    begun(ground, states, at=9)
    states.held[OLD]["resources"].append(resource("new"))
    move(ground).resume()
    assert owners(states) == {"a": [NET], "b": [NET], "c": [NET], "z": [NET], "new": [OLD]}


def test_what_was_added_to_the_target_meanwhile_stays_there(ground: Ground, states: States) -> None:
    """By somebody at another machine."""
    begun(ground, states, f"{KEY}.a", at=9)
    states.held[NET]["resources"].append(resource("new"))
    move(ground).resume()
    assert owners(states) == {"a": [NET], "b": [OLD], "c": [OLD], "z": [NET], "new": [NET]}


def test_nothing_is_moved_over_what_the_target_got_meanwhile(ground: Ground, states: States) -> None:
    """The move ends, nothing was done, and both instances are open again."""
    begun(ground, states, f"{KEY}.a", at=9)
    states.held[NET]["resources"].append(resource("a", "another"))
    refused("address-taken", lambda: move(ground).resume())
    assert owners(states) == {"a": [OLD], "b": [OLD], "c": [OLD], "z": [NET], "another": [NET]}
    assert kinds(ground)[-1] == "called-off"
    refused("move-none", lambda: move(ground).resume(), NotFound)
    moved(ground, f"{KEY}.b")


def test_what_has_gone_from_the_source_is_not_moved(ground: Ground, states: States) -> None:
    """All of it: the move ends. A part: the rest is moved."""
    begun(ground, states, f"{KEY}.a", f"{KEY}.b", at=9)
    del states.held[OLD]["resources"][0]
    move(ground).resume()
    assert owners(states) == {"b": [NET], "c": [OLD], "z": [NET]}
    begun(ground, states, f"{KEY}.c", at=9)
    del states.held[OLD]["resources"][0]
    refused("move-called-off", lambda: move(ground).resume())
    assert (kinds(ground)[-1], owners(states)) == ("called-off", {"b": [NET], "z": [NET]})


def test_what_was_replaced_meanwhile_keeps_its_owner(ground: Ground, states: States) -> None:
    """The new object is in the source alone; it is said, and the rest is moved."""
    begun(ground, states, f"{KEY}.a", f"{KEY}.b", at=13)
    assert kinds(ground)[-1] == "wrote target"
    states.held[OLD]["resources"][0] = resource("a", "replaced")
    error = refused("move-differs", lambda: move(ground).resume())
    assert error.facts["addresses"] == [f"{KEY}.a"]
    assert owners(states) == {"replaced": [OLD], "a": [NET], "b": [NET], "c": [OLD], "z": [NET]}
    assert kinds(ground)[-1] == "moved"


def test_a_state_that_changes_between_reading_and_writing_is_not_written_over(ground: Ground, states: States) -> None:
    """Terraform compares the count; the next attempt reads it anew."""

    def somebody() -> None:
        states.held[NET]["resources"].append(resource("new"))
        states.held[NET]["serial"] += 1

    states.before[11] = somebody  # the target has been read by then
    with pytest.raises(GaiaError) as caught:
        moved(ground, f"{KEY}.a")
    assert caught.value.code == "terraform-failed"
    assert "new" in owners(states)
    move(ground).resume()
    assert owners(states) == {"a": [NET], "b": [OLD], "c": [OLD], "z": [NET], "new": [NET]}


def test_an_empty_state_that_came_to_be_meanwhile_is_gone_on_with(ground: Ground, states: States) -> None:
    """As S3 makes one with a workspace: of another lineage."""
    states.held.pop(NET)
    begun(ground, states, f"{KEY}.a", at=7)
    states.held[NET] = document(lineage="made meanwhile")
    move(ground).resume()
    assert (states.held[NET]["lineage"], owners(states)["a"]) == ("made meanwhile", [NET])


# --- alone -------------------------------------------------------------------------------------------------------


def test_two_who_swap_do_not_meet(ground: Ground, states: States) -> None:
    """From here to there and back: the second is refused, whichever half it is at."""
    checkout = ground.checkout()
    back = Move(checkout, ground.instance(checkout, "old"))
    planned = back.plan(Source(instance=NET), (f"{KEY}.z",))
    begun(ground, states, f"{KEY}.a", at=9)
    refused("move-unfinished", lambda: back.carry_out(planned))
    refused("move-unfinished", lambda: back.plan(Source(instance=NET), (f"{KEY}.z",)))
    move(ground).resume()
    back.carry_out(planned)
    assert owners(states) == {"a": [NET], "b": [OLD], "c": [OLD], "z": [OLD]}


@pytest.mark.parametrize("key", [NET, OLD])
def test_it_is_alone_with_both_instances(ground: Ground, states: States, key: str) -> None:
    """Another process works on one of them: nothing is begun."""
    planned = move(ground).plan(FROM, ())
    (ground.folder / "work" / key).mkdir(parents=True)
    with exclusive(ground.folder / "work" / key / "run.lock") as free:
        assert free
        refused("operation-running", lambda: move(ground).carry_out(planned))
    assert (states.done, kinds(ground)) == ([], [])


@pytest.mark.parametrize("key", [NET, OLD])
def test_a_locked_state_is_found_before_anything_is_written(ground: Ground, states: States, key: str) -> None:
    """It is somebody else's lock."""
    states.locks[key] = "12345678-0000-0000-0000-000000000000"
    refused("state-locked", lambda: moved(ground))
    assert (states.done, kinds(ground), len(states.locks)) == ([], [], 1)


@pytest.mark.parametrize("key", [NET, OLD])
def test_the_lock_of_a_killed_one_of_ours_is_released(ground: Ground, states: States, key: str) -> None:
    """Its id is in the log of the terraform that took it."""
    begun(ground, states, f"{KEY}.a", at=9)
    ours = "12345678-0000-0000-0000-00000000000a"
    states.locks[key] = ours
    refused("state-locked", lambda: move(ground).resume())
    log = ground.folder / "plan" / key / "core.log"
    log.write_text(f"Attempting to lock remote state: tf_backend.lock.id={ours}\n")
    move(ground).resume()
    assert (states.locks, owners(states)["a"]) == ({}, [NET])


def test_until_it_has_ended_nothing_changes_either_instance(ground: Ground, states: States) -> None:
    """By whatever command; what only reads is run."""
    begun(ground, states, f"{KEY}.a", at=13)
    checkout = ground.checkout()
    for component in ("net", "old"):
        instance = ground.instance(checkout, component)
        for name in sorted(CHANGING - {UNLOCK}):
            word, _, second = name.partition(" ")
            words = replace(ground.words(word, second=second), component=component)
            refused("move-unfinished", Command(checkout, words, instance).run)
        refused("move-unfinished", partial(Command(checkout, ground.words("shell"), instance).shell, "true"))
        for destroy in (True, False):
            change = Change(checkout, instance, ground.words("apply"), destroy=destroy)
            refused("move-unfinished", change.check)
    assert ground.program.asked == []
    for component in ("net", "old"):  # a lock may be what it waits for
        words = replace(ground.words(UNLOCK, "-force", "1"), component=component)
        assert Command(checkout, words, ground.instance(checkout, component)).run() == 0
    assert Command(checkout, ground.words("state", second="list"), ground.instance(checkout)).run() == 0


def test_a_plan_that_was_shown_before_is_not_applied_meanwhile(ground: Ground, states: States) -> None:
    """Somebody thinks about it for long, and a move is begun in that time."""
    checkout = ground.checkout()
    change = Change(checkout, ground.instance(checkout), ground.words("apply"), destroy=False)
    seen = change.plan()
    begun(ground, states, f"{KEY}.a", at=13)
    refused("move-unfinished", lambda: change.apply(seen, lambda *_: None))


# --- refused -----------------------------------------------------------------------------------------------------


def test_an_unfinished_change_of_either_is_in_the_way(ground: Ground, states: States) -> None:
    """It may have made more than the state has."""
    checkout = ground.checkout()
    journal = Journal(checkout.records.journal(ground.instance(checkout, "old"), 1))
    journal.append("begin", operation="apply", instance=OLD)
    journal.append("applying", digest="d", changes=[[f"{KEY}.a", ["create"]]])
    refused("apply-unfinished", lambda: move(ground).plan(FROM, ()))
    assert states.passed == 0


def test_another_account_is_in_the_way(ground: Ground, states: States) -> None:
    """Also of what was begun."""
    begun(ground, states, f"{KEY}.a", at=9)
    stacks = ground.root / "stacks/net.yaml"
    net = stacks.read_text()
    stacks.write_text(net.replace("net: {", "net: {settings: {gaia: {account: '123456789012'}}, "))
    with pytest.raises(GaiaError) as caught:
        move(ground).resume()
    assert isinstance(caught.value, Refused | Invalid | Conflict) or caught.value.code.startswith("account")
    stacks.write_text(net)
    move(ground).resume()


@pytest.mark.parametrize(
    ("source", "wanted", "code"),
    [
        (Source(instance=NET), (), "move-to-itself"),
        (Source(instance=f"{STACK}/nothing"), (), "component-unknown"),
        (Source(instance="nowhere/net"), (), "stack-unknown"),
        (FROM, (f"{KEY}.x",), "address-unknown"),
        (FROM, (f"{KEY}.a={KEY}.z",), "address-taken"),
        (FROM, ("a",), "address-invalid"),
        (Source(path="s3://b/none"), (), "source-empty"),
    ],
)
def test_what_is_no_move(ground: Ground, states: States, source: Source, wanted: tuple[str, ...], code: str) -> None:
    """Nothing is written."""
    refused(code, lambda: move(ground).plan(source, wanted), GaiaError)
    assert (states.done, ground.left("journal.jsonl")) == ([], [])


def test_a_source_with_data_alone_holds_nothing_to_move(ground: Ground, states: States) -> None:
    """They are read anew."""
    states.held[OLD]["resources"] = [{**resource("a"), "mode": "data"}]
    refused("source-empty", lambda: move(ground).plan(FROM, ()), NotFound)


def test_data_of_both_do_not_pass_for_moved(ground: Ground, states: States) -> None:
    """Both have the same region, say; killed before the target was written, the resources are still moved."""
    for key in (OLD, NET):
        states.held[key]["resources"].append({**resource("here"), "mode": "data"})
    begun(ground, states, at=9)
    move(ground).resume()
    assert owners(states) == {"a": [NET], "b": [NET], "c": [NET], "z": [NET]}
    assert states.held[OLD]["resources"] == []
    assert [one["mode"] for one in states.held[NET]["resources"]].count("data") == 1


# --- states at a place -------------------------------------------------------------------------------------------


def test_a_source_may_be_a_key_in_a_bucket(ground: Ground, states: States) -> None:
    """The whole key, by the means of the target's backend."""
    place = "s3://other/env:/gone/k"
    states.held[place] = document("lost", lineage="gone")
    moved(ground, source=Source.parse(place, ground.root))
    assert owners(states)["lost"] == [NET]
    assert {frozenset(one.items()) for one in states.backends} == {
        frozenset({"bucket": "other", "key": "env:/gone/k", "region": "us-east-1"}.items())
    }


def test_a_source_may_be_a_file(ground: Ground, states: States) -> None:
    """Of a component that is no more; its backend says nothing but the path, and a kill is gone on from."""
    path = ground.root / "old.tfstate"
    path.write_text("{}")
    states.held[str(path)] = document("lost", lineage="gone")
    source = Source.parse("./old.tfstate", ground.root)
    states.die_at, states.passed = 9, 0
    with pytest.raises(Died):
        moved(ground, source=source)
    states.die_at = 0
    assert str(move(ground).resume().source) == str(path)
    assert owners(states)["lost"] == [NET]
    assert [one for one in states.backends if one != {"path": str(path)}] == []


def test_a_bucket_without_a_backend_of_that_kind(ground: Ground, states: States) -> None:
    """The target's is another: only bucket and key are known."""
    ground.write(**{"stacks/_defaults.yaml": (ground.root / "stacks/_defaults.yaml").read_text().replace(
        "{backend_type: s3, backend: {s3: {bucket: b, key: k, region: us-east-1}}}", "{backend_type: local}"
    )})  # fmt: skip
    states.held["s3://b/k"] = document("lost", lineage="gone")
    moved(ground, source=Source(path="s3://b/k"))
    assert states.backends[0] == {"bucket": "b", "key": "k"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3://b/env:/x/k", {"path": "s3://b/env:/x/k"}),
        ("dev/net", {"instance": "dev/net"}),
        ("dev/eks/cluster", {"instance": "dev/eks/cluster"}),
        ("there.tfstate", {"path": "HERE/there.tfstate"}),
        ("./other", {"path": "HERE/other"}),
        ("../HERE/other", {"path": "HERE/other"}),
    ],
)
def test_how_a_source_is_named(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    """And written down so that it is read again."""
    for name in ("there.tfstate", "other"):
        (tmp_path / name).write_text("")
    found = Source.parse(text.replace("HERE", tmp_path.name), tmp_path)
    assert found == Source(**{name: value.replace("HERE", str(tmp_path)) for name, value in expected.items()})
    assert Source.written(str(found)) == found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("s3://b", "source-invalid"),
        ("s3://b/", "source-invalid"),
        ("s3:///k", "source-invalid"),
        ("gs://b/k", "source-invalid"),
        ("./nothing", "source-missing"),
        ("nothing.tfstate", "source-missing"),
        (".", "source-missing"),
        ("net", "instance-key"),
        ("", "instance-key"),
    ],
)
def test_what_names_no_source(tmp_path: Path, text: str, code: str) -> None:
    """It is said which."""
    refused(code, lambda: Source.parse(text, tmp_path), GaiaError)


def at_a_place(ground: Ground, states: States) -> Source:
    """A state in a file that nobody claims, and two instances that could have it."""
    path = ground.root / "old/p.tfstate"
    path.parent.mkdir()
    path.write_text("{}")
    states.held[str(path)] = document("lost", lineage="gone")
    return Source.parse("old/p.tfstate", ground.root)


def test_one_place_is_moved_from_once(ground: Ground, states: States) -> None:
    """Killed after the target got it: to another instance it goes neither by itself nor by way of a link."""
    source = at_a_place(ground, states)
    states.die_at, states.passed = 13, 0
    with pytest.raises(Died):
        moved(ground, source=source)
    states.die_at = 0
    assert kinds(ground)[-1] == "wrote target"
    (ground.root / "link").symlink_to("old")
    checkout = ground.checkout()
    other = Move(checkout, ground.instance(checkout, "old"))
    for text in ("old/p.tfstate", "link/p.tfstate"):
        error = refused("move-unfinished", partial(other.plan, Source.parse(text, ground.root), ()))
        assert told(error.next_step) == f"Finish it first: gaia move net -s {STACK} --resume"
    assert move(ground).resume().source == source
    assert owners(states)["lost"] == [NET]
    refused("source-empty", lambda: other.plan(source, ()), NotFound)


def test_two_do_not_move_from_one_place_at_once(ground: Ground, states: States) -> None:
    """Both were shown; the second is refused, at whichever step the first one is, and leaves no trace."""
    source = at_a_place(ground, states)
    checkout = ground.checkout()
    other = Move(checkout, ground.instance(checkout, "old"))
    planned, said = other.plan(source, ()), list[str]()

    def somebody() -> None:
        with pytest.raises(Conflict) as caught:
            other.carry_out(planned)
        said.append(caught.value.code)

    one = move(ground)
    mine, states.passed = one.plan(source, ()), 0
    states.before = dict.fromkeys(range(1, 30), somebody)
    one.carry_out(mine)
    assert len(said) > 5
    assert set(said) == {"operation-running"}
    assert owners(states)["lost"] == [NET]
    refused("move-called-off", lambda: other.carry_out(planned))


def test_who_takes_the_place_over_waits_for_the_end(ground: Ground, states: States) -> None:
    """It was nobody's when the move began; now an instance says that its state lies there."""
    ground.locally()
    source = at_a_place(ground, states)
    states.die_at, states.passed = 9, 0
    with pytest.raises(Died):
        moved(ground, source=source)
    states.die_at = 0
    text = (ground.root / "stacks/net.yaml").read_text()
    mine = (
        f"{{metadata: {{component: key, terraform_workspace: default}}, backend: {{local: {{path: {source.path}}}}}}}"
    )
    ground.write(**{"stacks/net.yaml": text.replace("old: {metadata: {component: key}}", f"old: {mine}")})
    checkout = ground.checkout()
    assert checkout.place(ground.instance(checkout, "old")) == source.path
    refused("move-unfinished", lambda: checkout.check_open(ground.instance(checkout, "old")))
    move(ground).resume()
    ground.checkout().check_open(ground.instance(checkout, "old"))


@pytest.mark.parametrize("component", ["net", "old"])
def test_a_state_that_could_not_be_saved_is_in_the_way(ground: Ground, states: States, component: str) -> None:
    """The one at the place lacks what was made; moved on, it would be pushed away."""
    planned = move(ground).plan(FROM, ())
    (ground.home / f"{STACK}-{component}.errored.tfstate").write_text("{}")
    states.passed = 0
    refused("state-errored", lambda: move(ground).plan(FROM, ()))
    refused("state-errored", lambda: move(ground).carry_out(planned))
    assert (states.passed, kinds(ground)) == (0, [])


# --- a registered repository -------------------------------------------------------------------------------------


@pytest.fixture
def served(loop: Loop, ground: Ground, states: States) -> Served:
    """A checkout that a home serves, with the states of `states`."""
    del states
    return Served(ground, loop, "")


def test_it_is_a_run_of_both_and_is_audited(served: Served, states: States) -> None:
    """What each has then is known; the leases are given back."""
    checkout = served.checkout
    one = Move(checkout, served.ground.instance(checkout))
    one.carry_out(one.plan(FROM, (f"{KEY}.a",)))
    database = served.loop.platform.database
    with database.read() as tx:
        for key, expected in ((NET, ["a", "z"]), (OLD, ["b", "c"])):
            [run] = runs.of_subject(tx, "platform", key)
            assert run.status == "done"
            assert leases.holder(tx, "platform", key) is None
            found = resources.of_instance(tx, "platform", *key.split("/"))
            assert sorted(one.cloud_id for one in found) == expected
        changed = [entry.facts.get("changed") for entry in audit.entries(tx, subject=NET)]
    assert {"move": 1} in changed
    assert owners(states)["a"] == [NET]


@pytest.mark.parametrize("key", [NET, OLD])
def test_what_a_request_has_is_left_alone(served: Served, states: States, key: str) -> None:
    """Be it source or target; also where the request came after the plan was shown."""
    checkout = served.checkout
    one = Move(checkout, served.ground.instance(checkout))
    planned = one.plan(FROM, ())
    request = served.loop.as_("ann").submit("pair", "photos", STACK, {"text": "x"}).id
    with served.loop.platform.database.begin() as tx:
        [run] = runs.of_subject(tx, "platform", request)
        leases.acquire_all(tx, "platform", [key], run=run.id, at=clock.now(), request=request)
    refused("instance-leased", lambda: one.plan(FROM, ()))
    refused("instance-leased", lambda: one.carry_out(planned))
    assert states.done == []


def test_a_request_waits_for_the_end_of_a_move(served: Served, states: States) -> None:
    """The run that died held the leases; and whoever would apply finds the move."""
    checkout, platform = served.checkout, served.loop.platform
    one = Move(checkout, served.ground.instance(checkout))
    states.die_at = 9
    with pytest.raises(Died):
        one.carry_out(one.plan(FROM, ()))
    states.die_at = 0
    for key in (NET, OLD):
        error = journals.unfinished(platform, [key])
        assert error is not None
        assert (error.code, error.facts["left"]) == ("move-unfinished", [f"{KEY}.{name}" for name in "abc"])
    assert journals.unfinished(platform, [f"{STACK}/other"]) is None
    one.resume()
    assert journals.unfinished(platform, [NET, OLD]) is None
