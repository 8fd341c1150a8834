"""The bucket of states: what makes it is found, its state lies here first and then there, and never in two places."""

from __future__ import annotations

import itertools
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.checkout.states import Died, States, StateTerraform, document, with_states
from tests.unit.platform.loop import STACK

from gaia.checkout import first_states
from gaia.checkout.bootstrap import Bootstrap, check_makes, makes
from gaia.checkout.state_buckets import StateBucket, state_buckets
from gaia.cli.next_step import told
from gaia.errors import Conflict, GaiaError, Invalid, NotFound, Unavailable
from gaia.platform.home import unregistered
from gaia.platform.home.backup_files import keeps
from gaia.states.places import Bucket
from gaia.terraform.plan import Plan, ResourceChange

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.checkout.conftest import Ground

    from gaia.stacks.model import Instance
    from gaia.states.places import ObjectPlace

STORE, KEY = f"{STACK}/store", f"{STACK}/key"
PLACES = {
    "stacks/place.yaml": "import: [_defaults]\ncomponents: {terraform: {store: {vars: {bucket: b, key: "
    "!terraform.state key arn}}, key: {vars: {text: k}}, net: {metadata: {component: key}, vars: {text: n}}}}\n",
    "stacks/net.yaml": "import: [_defaults]\ncomponents: {}\n",
}
MINE = document("a", lineage="first")


@dataclass
class Cloud:
    """One account, in place of plain requests."""

    buckets: set[str] = field(default_factory=set)
    states: States = field(default_factory=States)
    silent: str = ""
    """Why nobody answers."""
    asked: list[str] = field(default_factory=list)

    def credentials(self, bucket: Bucket) -> object | None:
        """Somebody's; of a bucket that is called so, only terraform finds them."""
        return None if bucket.name == "only-terraform" else object()

    def keys(self, bucket: Bucket, pages: int) -> tuple[tuple[str, ...], bool]:
        """Nobody looks at which."""
        assert pages == 1
        self.asked.append(bucket.name)
        if self.silent:
            raise Unavailable("aws-unreachable", self.silent, next_step="Try again.")
        if bucket.name not in self.buckets:
            raise Unavailable("bucket-missing", bucket.name, next_step="Look.")
        return (), True

    def get(self, place: ObjectPlace) -> bytes | None:
        """The state of the instance whose workspace is in the key."""
        if place.bucket.name not in self.buckets:
            raise Unavailable("bucket-missing", place.bucket.name, next_step="Look.")
        name = next((one for one in self.states.held if one.partition("/")[2] in place.key), "")
        return json.dumps(self.states.held[name]).encode() if name else None


@pytest.fixture
def cloud(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """An account that is empty, for the stack of `store` (which makes the bucket `b`), `key` and `net`."""
    made = Cloud()
    monkeypatch.setattr("gaia.states.reading.Buckets", lambda _: made)
    ground.write(**PLACES)
    with_states(ground, made.states)
    return made


def begun(ground: Ground, component: str, state: dict[str, Any] = MINE) -> Path:
    """The file of a state that lies here."""
    checkout = ground.checkout()
    instance = ground.instance(checkout, component)
    first_states.begin(ground.folder, instance.key)
    file = first_states.place_of(ground.folder, instance).path
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(state))
    return file


def bootstrap(ground: Ground) -> Bootstrap:
    """Of the stack."""
    return Bootstrap(ground.checkout(), STACK)


@pytest.mark.usefixtures("cloud")
def test_what_the_bucket_needs_is_made_before_it(ground: Ground) -> None:
    """Which instance gives it the name, and what that reads; the rest of the stack is none of it."""
    one = bootstrap(ground)
    standing = one.look(one.buckets[0])
    assert (standing.status, [str(each.key) for each in standing.instances]) == ("missing", [KEY, STORE])


def test_a_bucket_that_is_there_is_left_alone(ground: Ground, cloud: Cloud) -> None:
    """Whoever made it."""
    cloud.buckets.add("b")
    one = bootstrap(ground)
    assert (one.look(one.buckets[0]).status, one.look(one.buckets[0]).instances) == ("there", ())


def test_what_was_begun_is_gone_on_with(ground: Ground, cloud: Cloud) -> None:
    """Also where the bucket is there by now: a state has to follow."""
    begun(ground, "key")
    one = bootstrap(ground)
    assert (one.look(one.buckets[0]).status, len(one.look(one.buckets[0]).instances)) == ("begun", 2)
    cloud.buckets.add("b")
    assert [str(each.key) for each in bootstrap(ground).look(one.buckets[0]).instances] == [KEY]


@pytest.mark.usefixtures("cloud")
def test_two_that_are_given_the_name_are_refused(ground: Ground) -> None:
    """Nobody could say which is meant."""
    text = PLACES["stacks/place.yaml"].replace(
        "net: {", "other: {metadata: {component: store}, vars: {bucket: b}}, net: {"
    )
    ground.write(**{"stacks/place.yaml": text})
    one = bootstrap(ground)
    with pytest.raises(Conflict, match="store") as error:
        one.look(one.buckets[0])
    assert (error.value.code, len(error.value.facts["instances"])) == ("bootstrap-makers", 2)  # type: ignore[arg-type]


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    ("backend", "code"),
    [
        ("backend_type: local", "bootstrap-none"),
        ("backend_type: s3, backend: {s3: {bucket: only-terraform, key: k}}", "bucket-unknown"),
    ],
)
def test_what_cannot_be_said_is_refused(ground: Ground, backend: str, code: str) -> None:
    """No bucket at all; one of which only terraform knows who may ask."""
    head = (ground.root / "stacks/_defaults.yaml").read_text().partition("terraform:")[0]
    ground.write(**{"stacks/_defaults.yaml": f"{head}terraform: {{{backend}}}\n"})
    one = bootstrap(ground)
    with pytest.raises((Invalid, Unavailable)) as error:
        one.look(one.buckets[0])
    assert error.value.code == code


@pytest.mark.usefixtures("cloud")
def test_an_unknown_stack_is_refused(ground: Ground) -> None:
    """With those that there are."""
    with pytest.raises(NotFound) as error:
        _ = Bootstrap(ground.checkout(), "acme-use1-nowhere").buckets
    assert error.value.code == "stack-unknown"


@pytest.mark.usefixtures("cloud")
def test_nobody_plans_with_the_empty_state_of_the_bucket(ground: Ground) -> None:
    """Everything would be made twice; the error says how to go on. The one that is being made may be planned."""
    begun(ground, "key")
    checkout = ground.checkout()
    with pytest.raises(Conflict) as error:
        checkout.check_state(ground.instance(checkout, "key"))
    assert (error.value.code, told(error.value.next_step)) == (
        "bootstrap-unfinished",
        f"Go on with that: gaia bootstrap -s {STACK}",
    )
    checkout.check_state(first_states.local(ground.folder, ground.instance(checkout, "key")))
    checkout.check_state(ground.instance(checkout, "net"))


@pytest.mark.usefixtures("cloud")
def test_what_lies_here_is_needed_and_backed_up(ground: Ground) -> None:
    """The folder of a checkout is not tidied away while a state stands nowhere else."""
    file = begun(ground, "key")
    assert unregistered.unfinished(ground.folder) == {KEY}
    path = file.relative_to(ground.folder).parts
    assert keeps(("repos", "checkout-0123456789ab", *path))
    first_states.end(ground.folder, ground.instance(ground.checkout(), "key").key)
    assert unregistered.unfinished(ground.folder) == set()
    assert not (ground.folder / "bootstrap").exists()


def _handed(ground: Ground, component: str) -> None:
    bootstrap(ground).hand_over(_plain(ground, component))


def _plain(ground: Ground, component: str) -> Instance:
    """With the backend that the stack gives it."""
    return ground.instance(ground.checkout(), component)


def test_a_state_is_handed_over_once(ground: Ground, cloud: Cloud) -> None:
    """Written into the bucket, read there, and gone from here; nothing is left to be handed over."""
    cloud.buckets.add("b")
    begun(ground, "key")
    _handed(ground, "key")
    assert cloud.states.held == {KEY: MINE}
    assert bootstrap(ground).is_handed_over(_plain(ground, "key"))
    assert not (ground.folder / "bootstrap").exists()
    _handed(ground, "key")
    assert cloud.states.done == [KEY]


def test_whoever_dies_in_between_goes_on(ground: Ground, cloud: Cloud) -> None:
    """At each step: one state in the end, the one that was made."""
    cloud.buckets.add("b")
    for number in itertools.count(1):
        cloud.states.held.clear()
        begun(ground, "key")
        cloud.states.passed, cloud.states.die_at = 0, number
        with suppress(Died):
            _handed(ground, "key")
        ended = cloud.states.passed < number
        cloud.states.die_at = 0
        _handed(ground, "key")
        assert cloud.states.held == {KEY: MINE}
        assert not (ground.folder / "bootstrap").exists()
        if ended:
            break
    assert number > 1


def test_another_state_in_the_bucket_is_not_written_over(ground: Ground, cloud: Cloud) -> None:
    """Both stay where they are, and both are named; what came of the same one is no other."""
    cloud.buckets.add("b")
    file = begun(ground, "key")
    cloud.states.held[KEY] = document("z", lineage="another")
    with pytest.raises(Conflict) as error:
        _handed(ground, "key")
    assert (error.value.code, error.value.facts) == ("bootstrap-taken", {"here": "first", "there": "another"})
    assert file.exists()
    cloud.states.held[KEY] = {**MINE, "serial": 9}
    _handed(ground, "key")
    assert (cloud.states.held[KEY]["serial"], file.exists()) == (9, False)


def test_a_state_that_does_not_arrive_stays_here(ground: Ground, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Terraform says that it wrote it, and nobody finds it there."""
    cloud.buckets.add("b")
    file = begun(ground, "key")
    monkeypatch.setattr(StateTerraform, "state_push", lambda *_: None)
    with pytest.raises(GaiaError) as error:
        _handed(ground, "key")
    assert (error.value.code, file.exists()) == ("bootstrap-lost", True)


@pytest.mark.usefixtures("cloud")
def test_who_was_refused_before_anything_was_made_has_begun_nothing(ground: Ground) -> None:
    """A window of changes, say; with a state it is another matter."""
    one, instance = bootstrap(ground), _plain(ground, "key")
    first_states.begin(ground.folder, instance.key)
    one.give_up(instance)
    assert not first_states.is_begun(ground.folder, instance.key)
    begun(ground, "key")
    one.give_up(instance)
    assert first_states.is_begun(ground.folder, instance.key)


def _change(kind: str, name: str) -> ResourceChange:
    change = {"actions": ["create"], "after": {"bucket": name}}
    return ResourceChange.of({"address": f"{kind}.a", "mode": "managed", "type": kind, "change": change})


@pytest.mark.parametrize(
    ("kind", "name", "made"),
    [("aws_s3_bucket", "b", True), ("aws_s3_bucket", "c", False), ("aws_s3_bucket_policy", "b", False)],
)
def test_a_plan_makes_the_bucket_or_not(ground: Ground, kind: str, name: str, made: bool) -> None:
    """A bucket of that name; else the error says that its name alone makes nothing."""
    plan = Plan.nothing()
    object.__setattr__(plan, "resources", (_change(kind, name),))
    assert makes(plan, Bucket("b")) is made
    instance = _plain(ground, "net")
    if made:
        check_makes(plan, instance, Bucket("b"))
        return
    with pytest.raises(NotFound, match="names the bucket b") as error:
        check_makes(plan, instance, Bucket("b"))
    assert error.value.code == "bootstrap-maker"


def test_a_doctor_hears_which_buckets_are_missing(ground: Ground, cloud: Cloud) -> None:
    """Each is asked once; one that was begun, and those of a region that says nothing, not at all."""
    assert state_buckets(ground.checkout().ground, ground.folder) == (StateBucket("b", STACK, "missing"),)
    cloud.buckets.add("b")
    assert state_buckets(ground.checkout().ground, ground.folder) == (StateBucket("b", STACK, "there"),)
    assert cloud.asked == ["b", "b"]
    cloud.silent = "no way there"
    assert state_buckets(ground.checkout().ground, ground.folder) == (
        StateBucket("b", STACK, "unknown", "no way there"),
    )
    begun(ground, "key")
    assert state_buckets(ground.checkout().ground, ground.folder) == (StateBucket("b", STACK, "begun"),)
