"""Every state is read at most once, without a lock and without a change; what does not read is a finding."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.adoption import found as lying
from gaia.adoption import hoisting
from gaia.adoption.code import Code
from gaia.adoption.found import Buckets
from gaia.adoption.guards import CONTEXT, Claim, Lying, Makes, Misplaced, misplaced, shared
from gaia.adoption.places import FilePlace, ObjectPlace, OtherPlace, place_of
from gaia.errors import Conflict, GaiaError, Invalid, ToolFailed
from gaia.terraform.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gaia.adoption.places import Bucket, Place
    from gaia.checkout.checkout import Checkout
    from gaia.stacks.model import Instance, InstanceKey

_READERS = 8
"""States read at once: each mostly waits for an answer."""
_STRANGERS = 200
"""So many states that nobody claims are read to see whose they are."""
_VERSION = re.compile(r"(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Reading:
    """The state of one instance as it is now."""

    place: Place
    state: State | None = None
    """None where there is none, or it does not read."""
    error: GaiaError | None = None
    """Why it does not read, or must not be relied on."""


@dataclass(frozen=True)
class Survey:
    """All states that were read, by instance, and where the guards say no."""

    readings: Mapping[InstanceKey, Reading]
    misplaced: tuple[Misplaced, ...] = ()
    unclaimed: tuple[Place, ...] = ()
    """States that no instance claims, without those that hold no resource."""
    strangers: tuple[Lying, ...] = field(default=(), repr=False)
    """Those of them that were read, and hold something."""


class Reader:
    """Reads the states of a checkout's instances."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        self.code = Code()
        self._environ: dict[str, Mapping[str, str]] = {}

    def place(self, instance: Instance) -> Place:
        """Where its state lies."""
        checkout = self.checkout
        said = checkout.files.backends and instance.backend_type
        code = None if said else self.code.component(checkout.home_of(instance))
        return place_of(
            instance,
            folder=checkout.workplace.states / instance.component_path,
            in_code=code.backend[0] if code and code.backend else None,
            backends=checkout.files.backends,
            environ=self._of(instance),
        )

    def _of(self, instance: Instance) -> Mapping[str, str]:
        own = {name: str(value) for name, value in instance.env.items() if name.startswith("AWS_")}
        return {**self.checkout.terraform(instance).environ, **own}

    def providers(self, instance: Instance) -> dict[str, object]:
        """How its providers are configured, as far as code and stack say it without terraform."""
        blocks = hoisting.read(self.checkout.home_of(instance))
        own = blocks.values(instance.vars) if blocks is not None else None
        return {**(own or {}), **instance.providers}

    def buckets(self, instance: Instance) -> Buckets:
        """The buckets as the instance's backend reaches them."""
        environ = dict(self._of(instance))
        environ.setdefault("HOME", self.checkout.shell.get("HOME", "/"))
        return Buckets(environ)

    def read(self, instance: Instance, place: Place) -> Reading:
        """Read one, in the cheapest way that there is."""
        try:
            state = self._state(instance, place)
            if state is not None:
                self._check(instance, state)
        except GaiaError as error:
            return Reading(place, None, error)
        return Reading(place, state)

    def _state(self, instance: Instance, place: Place) -> State | None:
        if isinstance(place, FilePlace):
            if holder := lying.file_lock(place):
                raise locked(instance.key, place, holder)
            try:
                return parsed(place.path.read_bytes(), place)
            except FileNotFoundError:
                return None
            except OSError as error:
                raise ToolFailed(
                    "state-unreadable", f"{place}: {error.strerror}", next_step="Look at the file's permissions."
                ) from error
        if isinstance(place, ObjectPlace) and self.buckets(instance).credentials(place.bucket) is not None:
            content = self.buckets(instance).get(place)
            return parsed(content, place) if content is not None else None
        return self.checkout.outputs(instance).state(instance)

    def _check(self, instance: Instance, state: State) -> None:
        """Learn its secrets, and refuse one that another terraform wrote."""
        for value in state.secrets():
            self.checkout.redact.learn(value)
        mine, its = self.checkout.terraform(instance).tool.version, str(state.raw.get("terraform_version") or "")
        if (one := _VERSION.match(its)) and (two := _VERSION.match(mine)) and _pair(one) > _pair(two):
            raise Conflict(
                "state-newer",
                f"the state of {instance.key} was written by terraform {its}, and {mine} is used here",
                next_step=f"Use terraform {its} or a later one: name it in GAIA_TERRAFORM.",
                facts={"written_by": its, "used": mine},
            )


def _pair(match: re.Match[str]) -> tuple[int, int]:
    return int(match[1]), int(match[2])


def parsed(content: bytes, place: Place) -> State | None:
    """The state in a file or an object; None for one that is empty.

    Raises:
        Invalid: `state-encrypted`. ToolFailed: `state-unreadable`.
    """
    if not content.strip():
        return None
    try:
        data = json.loads(content)
    except ValueError:
        data = None
    if isinstance(data, dict) and "encrypted_data" in data:
        raise Invalid(
            "state-encrypted",
            f"the state at {place} is encrypted",
            next_step="Let the tofu that encrypted it read it: name it in GAIA_TERRAFORM, and set TF_ENCRYPTION.",
        )
    try:
        return State.parse(content)
    except (ToolFailed, KeyError, TypeError, AttributeError, ValueError) as error:
        raise ToolFailed(
            "state-unreadable",
            f"the state at {place} cannot be read: {getattr(error, 'message', 'it is no state of terraform')}",
            next_step="Restore it from its backup, or open it with the terraform that wrote it.",
        ) from error


def locked(key: InstanceKey, place: Place, holder: str) -> Conflict:
    """The error for a state that somebody is changing now."""
    return Conflict(
        "state-locked",
        f"the state of {key} at {place} is locked by {holder}",
        next_step="Wait until that has ended; what a killed terraform left, `terraform force-unlock` releases.",
    )


def survey(
    reader: Reader,
    instances: Sequence[Instance],
    everybody: Iterable[Instance] = (),
    on_read: Callable[[], object] = lambda: None,
) -> Survey:
    """Read the states of instances, look for others, and compare.

    `everybody` are all instances of the repository, whose states are claimed too; `on_read` is called after each.
    """
    everybody = list({one.key: one for one in (*everybody, *instances)}.values())
    places = {one.key: reader.place(one) for one in everybody}
    for one in instances:  # found once, before the readers all look for it
        reader.checkout.terraform(one)

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
    held = listed.read(others)
    strangers = tuple(Lying(place, state) for place, state in held.items() if state is not None)
    others = tuple(place for place in others if held.get(place, True) is not None)
    return Survey(readings, misplaced(claims, strangers), others, strangers)


def check_state_place(checkout: Checkout, instance: Instance) -> None:
    """Before an instance is changed: raise where its state lies elsewhere than it looks for it.

    One read where its state is there; only where that is missing or empty the others are looked for.

    Raises:
        Conflict: `state-misplaced`, `state-shared`.
    """
    reader = Reader(checkout)
    reading = reader.read(instance, reader.place(instance))
    if reading.error is not None or (reading.state is not None and not reading.state.empty):
        return  # terraform says in its own words what is wrong with it
    repository = checkout.files.repository
    everybody = [repository.instance(key.component, key.stack) for key in repository.instances]
    everybody = [one for one in everybody if usable(one)]
    found = survey(reader, [instance], everybody)
    for one in found.misplaced:
        if one.key == instance.key:
            raise one.error()
    if (error := found.readings[instance.key].error) is not None and error.code == "state-shared":
        raise error


def usable(instance: Instance) -> bool:
    """Whether terraform can be run on it at all."""
    return instance.kind == "terraform" and not instance.abstract and instance.enabled


def _claim(reader: Reader, instance: Instance, place: Place, reading: Reading | None) -> Claim:
    empty = reading is not None and reading.error is None and (reading.state is None or reading.state.empty)
    words = {name: value for name in CONTEXT if isinstance(value := instance.vars.get(name), str) and value}
    makes = reader.code.makes(reader.checkout.home_of(instance)) if empty else Makes(frozenset())
    home = reader.checkout.workplace.states / instance.component_path
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
        if isinstance(reading.place, ObjectPlace) and (holder := listed.lock(reading.place, by_key[key])):
            found[key] = Reading(reading.place, None, locked(key, reading.place, holder))
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
        for bucket, keys in self._used.items():
            buckets = self._buckets(keys[0])
            try:
                if buckets.credentials(bucket) is None:
                    continue
                self._keys[bucket] = dict.fromkeys(buckets.keys(bucket))
                mine = [place for key in keys if isinstance(place := places[key], ObjectPlace)]
                self._locks |= buckets.locks(mine)
            except GaiaError:  # reading the states themselves says why
                continue

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
            found += lying.files(self._reader.checkout.workplace.states)
        for bucket, keys in self._keys.items():
            used = [place for key in self._used[bucket] if isinstance(place := self._places[key], ObjectPlace)]
            found += [ObjectPlace(bucket, key) for key in lying.states_among(tuple(keys), used)]
        return tuple(place for place in found if str(place) not in claimed)

    def read(self, places: Sequence[Place]) -> dict[Place, State | None]:
        """What they hold, None for one without resources, as a move leaves it; what does not read is left out."""

        def one(place: Place) -> tuple[Place, State | None] | None:
            try:
                if isinstance(place, FilePlace):
                    content: bytes | None = place.path.read_bytes()
                elif isinstance(place, ObjectPlace):
                    content = self._buckets(self._used[place.bucket][0]).get(place)
                else:
                    return None
                state = parsed(content, place) if content else None
            except (GaiaError, OSError):
                return None
            return place, state if state is not None and not state.empty else None

        with ThreadPoolExecutor(_READERS) as readers:
            return dict(filter(None, readers.map(one, places[:_STRANGERS])))
