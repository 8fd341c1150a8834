"""All states of a repository, and where the guards say no; what does not read is a finding."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.errors import Conflict, GaiaError
from gaia.states import found as lying
from gaia.states.guards import CONTEXT, Claim, Lying, Makes, Misplaced, concerns, misplaced, nearest, shared
from gaia.states.lineages import check_lineage, known_state, owner_of
from gaia.states.places import FilePlace, ObjectPlace, OtherPlace
from gaia.states.reading import Reader, Reading, locked, parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gaia.stacks.model import Instance, InstanceKey
    from gaia.states.found import Buckets
    from gaia.states.places import Bucket, Place
    from gaia.states.reading import Ground
    from gaia.terraform.state import State

GUARDED = frozenset(("state-misplaced", "state-shared", "state-lineage", "state-lost"))
"""Codes of what the guards say no with."""
NEIGHBORS = 200
"""Of a repository with so many instances all are looked at for a state that is shared, else those of the stack."""
_READERS = 8
"""States read at once: each mostly waits for an answer."""
STRANGERS = 1000
"""So many states that nobody claims are read to see whose they are, the likeliest first."""


@dataclass(frozen=True)
class Survey:
    """All states that were read, by instance, and where the guards say no."""

    readings: Mapping[InstanceKey, Reading]
    misplaced: tuple[Misplaced, ...] = ()
    unclaimed: tuple[Place, ...] = ()
    """States that no instance claims."""
    unread: int = 0
    """How many of them were not looked into, though they may be of an instance that has none."""
    unlisted: tuple[str, ...] = ()
    """Where other states were not looked for, or not for all, and why."""

    @property
    def gaps(self) -> tuple[str, ...]:
        """What an instance's state may have been overlooked by, as sentences."""
        return gaps(self.unread, self.unlisted)


def gaps(unread: int, unlisted: Iterable[str]) -> tuple[str, ...]:
    """What was not looked at for states that lie elsewhere than they are looked for, as sentences."""
    states = "1 state" if unread == 1 else f"{unread} states"
    more = [f"{states} that no instance claims could not be looked into"] if unread else []
    return (*more, *(f"states that lie elsewhere were not looked for in {one}" for one in unlisted))


def survey(
    reader: Reader,
    instances: Sequence[Instance],
    everybody: Iterable[Instance] = (),
    on_read: Callable[[], object] = lambda: None,
    *,
    limit: int = STRANGERS,
) -> Survey:
    """Read the states of instances, look for others, and compare.

    `everybody` are all instances of the repository, whose states are claimed too; `on_read` is called after each. No
    more than `limit` states that nobody claims are looked into.
    """
    everybody = list({one.key: one for one in (*everybody, *instances)}.values())
    places = {one.key: reader.place(one) for one in everybody}
    for one in instances:  # found once, before the readers all look for it
        reader.ground.terraform(one)

    def read(instance: Instance) -> Reading:
        reading = reader.read(instance, places[instance.key])
        on_read()
        return reading

    with ThreadPoolExecutor(_READERS) as readers:
        readings = dict(zip((one.key for one in instances), readers.map(read, instances), strict=True))
    by_key = {one.key: one for one in everybody}
    listed = _Listed(reader, by_key, places)
    readings = _shared(_locked(readings, listed, by_key), shared(places))
    others = listed.unclaimed()
    claims = [_claim(reader, one, places[one.key], readings.get(one.key)) for one in everybody]
    if not any(one.empty for one in claims):
        return Survey(readings, (), others)
    likely = nearest(claims, others)
    strangers, torn = listed.read(likely[:limit], claims)
    unread = len(likely[limit:]) + torn
    twice = tuple(_owned(reader.ground, one) for one in misplaced(claims, strangers))
    return Survey(readings, twice, others, unread, tuple(listed.unlisted))


def _owned(ground: Ground, found: Misplaced) -> Misplaced:
    """With whose it is known to be, where that is another instance."""
    owner = owner_of(ground.lineages, found.lineage)
    return replace(found, owner=owner) if owner not in ("", str(found.key)) else found


def check_state_places(
    ground: Ground,
    instances: Iterable[Instance],
    tell: Callable[[str], object],
    others: Callable[[], Iterable[Instance]] = lambda: (),
) -> None:
    """Before instances are planned: raise where the state of one lies elsewhere than it looks for it, or is another.

    What else is wrong with a state that does not read, terraform says in its own words; but not what makes a bucket
    that is missing. See `states_before_plan`.

    Raises:
        Conflict: `state-misplaced`, `state-shared`, `state-lineage`, `state-lost`. Unavailable: `bucket-missing`.
    """
    for reading in states_before_plan(ground, list(instances), tell, others).values():
        if reading.error is not None and reading.error.code in (*GUARDED, "bucket-missing"):
            raise reading.error


def check_reachable(ground: Ground, instances: Sequence[Instance]) -> None:
    """Raise where a state lies on this machine, while workers on others would look for it on theirs and find none.

    Raises:
        Conflict: `state-on-one-machine`.
    """
    reader = Reader(ground)
    for one in instances:
        if isinstance(reader.place(one), FilePlace):
            raise Conflict(
                "state-on-one-machine",
                f"the state of {one.key} would lie on this machine, but several work on these records",
                next_step="Give its stack a backend that all workers reach, such as s3.",
            )


def check_shared(ground: Ground, instances: Sequence[Instance]) -> None:
    """Raise where the state of one is another's too: whoever changes or destroys one does so to the other.

    Raises:
        Conflict: `state-shared`.
    """
    reader = Reader(ground)
    places = {one.key: reader.place(one) for one in instances}
    found = _shared({key: Reading(place) for key, place in places.items()}, _sharing(reader, instances))
    for reading in found.values():
        if reading.error is not None:
            raise reading.error


def _sharing(reader: Reader, instances: Sequence[Instance]) -> Mapping[InstanceKey, tuple[InstanceKey, ...]]:
    """Which of these have a state together with others: of the repository, or in a large one of their stacks."""
    repository = reader.ground.repository.forgiving()
    keys, stacks = repository.instances, {one.key.stack for one in instances}
    near = keys if len(keys) <= NEIGHBORS else [key for key in keys if key.stack in stacks]
    others = {one.key: one for one in repository.built(near) if usable(one)} | {one.key: one for one in instances}
    return shared({key: reader.place(one) for key, one in others.items()})


def states_before_plan(
    ground: Ground,
    instances: Sequence[Instance],
    tell: Callable[[str], object],
    others: Callable[[], Iterable[Instance]] = lambda: (),
    *,
    look_elsewhere: bool = True,
) -> dict[InstanceKey, Reading]:
    """The states of instances that are about to be planned, where a guard says no with its error.

    One read where its state is there; only where that is missing or empty the others are looked for. What could not
    be looked at is told: refused, nothing new could be made beside a bucket that may not be listed. A state that is
    another instance's too is refused whether it is there or not. `others` are instances that the repository does not
    have, and that claim their states all the same. Without `look_elsewhere`, which is for what destroys, an empty state
    is just that.
    """
    reader, without = Reader(ground), []
    for one in instances:  # found once, before the readers all look for it
        ground.terraform(one)
    with ThreadPoolExecutor(_READERS) as readers:
        listed = readers.map(lambda one: reader.read(one, reader.place(one)), instances)
        readings = dict(zip((one.key for one in instances), listed, strict=True))
    for instance in instances:
        reading = readings[instance.key]
        if reading.state is not None and not reading.state.empty:
            readings[instance.key] = _of_lineage(ground, instance, reading)
        elif reading.error is None:
            without.append(instance)
    readings = _shared(readings, _sharing(reader, instances))
    without = [one for one in without if readings[one.key].error is None]
    if not without or not look_elsewhere:
        return readings
    repository = ground.repository.forgiving()  # one that cannot be built says nothing about these
    everybody = [*others(), *repository.built(repository.instances)]
    found = survey(reader, without, [one for one in everybody if usable(one)])
    mine = {one.key for one in without}
    readings |= {key: reading for key, reading in found.readings.items() if key in mine}
    for twice in reversed(found.misplaced):  # the nearest of several is named
        if twice.key in mine and not _had_another(ground, twice):  # which `_of_lineage` says
            readings[twice.key] = Reading(readings[twice.key].place, None, twice.error())
    readings |= {one.key: _of_lineage(ground, one, readings[one.key]) for one in without}
    names = ", ".join(map(str, sorted(mine)))
    for gap in found.gaps:
        tell(f"{names} {'has' if len(mine) == 1 else 'have'} no state, and {gap}")
    return readings


def _had_another(ground: Ground, found: Misplaced) -> bool:
    """Whether the instance itself is known to have had a state, and it was not this one."""
    known = known_state(ground.lineages, found.key)
    return known is not None and known.lineage != found.lineage


def _of_lineage(ground: Ground, instance: Instance, reading: Reading) -> Reading:
    """The reading, or the error that it is not the state which the instance had."""
    if reading.error is None:
        try:
            check_lineage(ground.lineages, instance.key, reading.place, reading.state)
        except Conflict as error:
            return Reading(reading.place, None, error)
    return reading


def usable(instance: Instance) -> bool:
    """Whether terraform can be run on it at all."""
    return instance.kind == "terraform" and not instance.abstract and instance.enabled


def _claim(reader: Reader, instance: Instance, place: Place, reading: Reading | None) -> Claim:
    empty = reading is not None and reading.error is None and (reading.state is None or reading.state.empty)
    words = {name: value for name in CONTEXT if isinstance(value := instance.vars.get(name), str) and value}
    makes = reader.code.makes(reader.home_of(instance)) if empty else Makes(frozenset())
    home = reader.ground.states / instance.component_path
    return Claim(instance.key, place, instance.workspace or "default", makes, words, empty, home)


def _shared(
    readings: dict[InstanceKey, Reading], together: Mapping[InstanceKey, tuple[InstanceKey, ...]]
) -> dict[InstanceKey, Reading]:
    for key in readings.keys() & together.keys():
        others = ", ".join(map(str, together[key]))
        error = Conflict(
            "state-shared",
            f"{key} and {others} have one state, {readings[key].place}: each would destroy the other's resources",
            next_step="Give each a workspace or a key of its own.",
        )
        readings[key] = Reading(readings[key].place, None, error)
    return readings


def _locked(
    readings: Mapping[InstanceKey, Reading], listed: _Listed, by_key: Mapping[InstanceKey, Instance]
) -> dict[InstanceKey, Reading]:
    found = dict(readings)
    for key, reading in readings.items():
        try:
            if isinstance(reading.place, ObjectPlace) and (holder := listed.lock(reading.place, by_key[key])):
                raise locked(key, reading.place, holder)
        except GaiaError as error:  # be it that the lock itself does not read
            found[key] = Reading(reading.place, None, error)
    return found


class _Listed:
    """The states that exist where instances keep theirs."""

    def __init__(
        self, reader: Reader, by_key: Mapping[InstanceKey, Instance], places: Mapping[InstanceKey, Place]
    ) -> None:
        self._reader = reader
        self._by_key = by_key
        self._places = places
        self._used: dict[Bucket, list[InstanceKey]] = {}
        for key, place in places.items():
            if isinstance(place, ObjectPlace):
                self._used.setdefault(place.bucket, []).append(key)
        self._keys: dict[Bucket, dict[str, None]] = {}
        self._locks: dict[ObjectPlace, str] = {}
        self.unlisted: list[str] = []
        for bucket, keys in self._used.items():
            try:
                self._list(bucket, [place for key in keys if isinstance(place := places[key], ObjectPlace)])
            except GaiaError as error:
                if error.code != "bucket-missing":  # nothing lies in one that is not there
                    self.unlisted.append(f"s3://{bucket.name}: {error.message}")

    def _list(self, bucket: Bucket, places: Sequence[ObjectPlace]) -> None:
        buckets = self._buckets(self._used[bucket][0])
        if buckets.credentials(bucket) is None:
            self.unlisted.append(f"s3://{bucket.name}: only terraform finds the credentials for it")
            return
        self._locks |= buckets.locks(places)
        keys, whole = buckets.keys(bucket)
        self._keys[bucket] = dict.fromkeys(keys)
        if not whole:
            self.unlisted.append(f"s3://{bucket.name} beyond its first {len(keys)} objects")

    def _buckets(self, key: InstanceKey) -> Buckets:
        return self._reader.buckets(self._by_key[key])

    def lock(self, place: ObjectPlace, instance: Instance) -> str:
        """Who holds the lock of a state, or nothing."""
        if place in self._locks:
            return self._locks[place]
        lock = f"{place.key}.tflock"
        if not place.lock_file or lock not in self._keys.get(place.bucket, ()):
            return ""
        content = self._reader.buckets(instance).get(ObjectPlace(place.bucket, lock))
        return lying.who_locks(content.decode("utf-8", "replace")) if content else ""

    def unclaimed(self) -> tuple[Place, ...]:
        """Where states lie that no instance has."""
        claimed = {str(place) for place in self._places.values() if not isinstance(place, OtherPlace)}
        found: list[Place] = []
        if any(isinstance(place, FilePlace) for place in self._places.values()):
            found += lying.files(self._reader.ground.states)
        for bucket, keys in self._keys.items():
            used = [place for key in self._used[bucket] if isinstance(place := self._places[key], ObjectPlace)]
            found += [ObjectPlace(bucket, key) for key in lying.states_among(tuple(keys), used)]
        return tuple(place for place in found if str(place) not in claimed)

    def read(self, places: Sequence[Place], claims: Sequence[Claim]) -> tuple[tuple[Lying, ...], int]:
        """Those of them that hold what a claim without a state would make, and how many did not read."""

        def one(place: Place) -> Lying | bool:
            try:
                state = self._state(place)
            except (GaiaError, OSError):
                return False
            return Lying(place, state) if state is not None and concerns(claims, state) else True

        with ThreadPoolExecutor(_READERS) as readers:
            found = list(readers.map(one, places))
        return tuple(one for one in found if isinstance(one, Lying)), found.count(False)

    def _state(self, place: Place) -> State | None:
        if isinstance(place, FilePlace):
            return parsed(place.path.read_bytes(), place)
        if isinstance(place, ObjectPlace):
            content = self._buckets(self._used[place.bucket][0]).get(place)
            return parsed(content, place) if content else None
        return None
