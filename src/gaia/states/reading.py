"""Every state is read in the cheapest way that there is, without a lock and without a change."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.errors import Conflict, GaiaError, Invalid, Next, ToolFailed, Unavailable
from gaia.states import found as lying
from gaia.states.code import Code
from gaia.states.found import Buckets
from gaia.states.places import FilePlace, ObjectPlace, place_of
from gaia.terraform.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.kit.redact import Redactor
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.stacks.repository import Repository
    from gaia.states.places import Place
    from gaia.terraform.command import Terraform

_ALSO = frozenset(("home", "path", "https_proxy", "http_proxy", "all_proxy", "no_proxy"))
"""What credentials depend on, beside AWS's own variables."""
_VERSION = re.compile(r"(\d+)\.(\d+)")


@dataclass(frozen=True)
class Ground:
    """The repository whose states are read, at a commit or as it lies, and what that takes."""

    repository: Repository
    backends: bool
    """Whether stacks say where states are; else the code does."""
    components: Path
    """The folder of the components' code."""
    states: Path
    """Where the states are whose backend is a relative path: one folder a component."""
    lineages: Path
    """The file of `gaia.states.lineages`."""
    terraform: Callable[[Instance], Terraform]
    pull: Callable[[Instance], State | None]
    """Has terraform read a state."""
    redact: Redactor


@dataclass(frozen=True, slots=True)
class Reading:
    """The state of one instance as it is now."""

    place: Place
    state: State | None = None
    """None where there is none, or it does not read."""
    error: GaiaError | None = None
    """Why it does not read, or must not be relied on."""


class Reader:
    """Reads the states of a repository's instances."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.code = Code()
        self._buckets: dict[tuple[tuple[str, str], ...], Buckets] = {}

    def place(self, instance: Instance) -> Place:
        """Where its state lies."""
        ground = self.ground
        said = ground.backends and instance.backend_type
        code = None if said else self.code.component(self.home_of(instance))
        return place_of(
            instance,
            folder=ground.states / instance.component_path,
            in_code=code.backend[0] if code and code.backend else None,
            code_settings=code.backend_settings if code else None,
            backends=ground.backends,
            environ=self._of(instance),
        )

    def _of(self, instance: Instance) -> Mapping[str, str]:
        """The environment in which its backend is reached; the same for every program, so one that is not here is none
        of the others' matter."""
        try:
            terraform = self.ground.terraform(instance)
        except Unavailable:
            terraform = self.ground.terraform(replace(instance, command=""))
        return {**terraform.environ, **instance.environ}

    def home_of(self, instance: Instance) -> Path:
        """The component's own folder."""
        return self.ground.components / instance.component_path

    def buckets(self, instance: Instance) -> Buckets:
        """The buckets as the instance's backend reaches them; those of one environment ask for credentials once."""
        environ = self._of(instance)
        said = [one for one in environ.items() if one[0].startswith("AWS_") or one[0].lower() in _ALSO]
        return self._buckets.setdefault(tuple(sorted(said)), Buckets(environ))

    def read(self, instance: Instance, place: Place) -> Reading:
        """Read one, in the cheapest way that there is; one in a file that somebody is changing is not relied on."""
        try:
            if isinstance(place, FilePlace) and (holder := lying.file_lock(place)):
                raise locked(instance.key, place, holder)
            return Reading(place, self.state(instance, place))
        except GaiaError as error:
            return Reading(place, None, error)

    def without_terraform(self, instance: Instance, place: Place) -> bool:
        """Whether a state there is read without terraform."""
        if isinstance(place, ObjectPlace):
            return self.buckets(instance).credentials(place.bucket) is not None
        return isinstance(place, FilePlace)

    def state(self, instance: Instance, place: Place) -> State | None:
        """The state as it is now, whoever is changing it; None where there is none.

        Raises:
            Conflict: `state-newer`. Invalid: `state-encrypted`. ToolFailed: `state-unreadable`, `terraform-failed`.
            Refused: `state-refused`. Unavailable: `bucket-missing`, `aws-unreachable`.
        """
        try:
            state = self._state(instance, place)
        except Unavailable as error:
            if error.code == "bucket-missing":
                what = "Where the account is new, make it"
                also = "Else look at the backend's bucket, and at whose credentials these are."
                error.next_step = Next("bootstrap", words=what, stack=instance.key.stack, after=also)
            raise
        if state is not None:
            self._check(instance, state)
        return state

    def _state(self, instance: Instance, place: Place) -> State | None:
        if isinstance(place, FilePlace):
            try:
                return parsed(place.path.read_bytes(), place)
            except FileNotFoundError:
                return None
            except OSError as error:
                raise ToolFailed(
                    "state-unreadable", f"{place}: {error.strerror}", next_step="Look at the file's permissions."
                ) from error
        if isinstance(place, ObjectPlace) and self.without_terraform(instance, place):
            content = self.buckets(instance).get(place)
            return parsed(content, place) if content is not None else None
        return self.ground.pull(instance)

    def _check(self, instance: Instance, state: State) -> None:
        """Learn its secrets, and refuse one that another terraform wrote."""
        for value in state.secrets():
            self.ground.redact.learn(value)
        mine, its = self.ground.terraform(instance).tool.version, str(state.raw.get("terraform_version") or "")
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
        next_step=Next("unlock", key.component, "Wait until that has ended, or see whether it lives", stack=key.stack),
    )
