"""Resources move from one state to another: a component was renamed or split, a key or a workspace changed.

The journal says what both states were and what they are to become, before either is written. Until a move has ended,
nothing else is done to either instance, so a resource never has two owners that act; after a kill the same command, or
`--resume`, goes on from whichever state was written last.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from gaia.checkout.command import Command
from gaia.checkout.unfinished_moves import check_moved, folder_of
from gaia.checkout.words import Words
from gaia.errors import Conflict, Invalid, NotFound
from gaia.kit.files import exclusive, write_atomic
from gaia.kit.lines import LinesAt
from gaia.kit.sealing import seal, unseal
from gaia.operations.journal import Journal, read
from gaia.stacks.model import InstanceKey
from gaia.terraform import generated
from gaia.terraform.state_parts import moved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from gaia.checkout.checkout import Checkout
    from gaia.stacks.model import Instance

_S3 = "s3://"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the resources come from: an instance, or a state at a place that no instance has any more."""

    instance: str = ""
    """`STACK/COMPONENT`."""
    path: str = ""
    """An absolute path of a local state file, or `s3://BUCKET/KEY`, the whole key as it lies in the bucket."""

    @classmethod
    def parse(cls, text: str, cwd: Path) -> Source:
        """Read what `--from` says."""
        if text.startswith(_S3):
            bucket, _, key = text.removeprefix(_S3).partition("/")
            if not (bucket and key):
                raise Invalid("source-invalid", f"{text} names no key", next_step="Write s3://BUCKET/KEY.")
            return cls(path=text)
        if text.startswith((".", "/")) or text.endswith(".tfstate"):
            place = (cwd / text).resolve()
            if not place.is_file():
                raise NotFound("source-missing", f"there is no state {place}", next_step="Give the path of a state.")
            return cls(path=str(place))
        return cls(instance=str(InstanceKey.parse(text)))

    def __str__(self) -> str:
        return self.instance or self.path


@dataclass(frozen=True, slots=True)
class Planned:
    """A move that can be shown and then carried out."""

    target: str
    source: Source
    addresses: tuple[str, ...]
    states: Mapping[str, Mapping[str, object] | None]
    """`source` and `target` as they are, `source after` and `target after` as they are to be."""


class Move:
    """One move to an instance of a checkout."""

    def __init__(self, checkout: Checkout, target: Instance) -> None:
        self.checkout, self.target = checkout, target
        self._folder = folder_of(checkout.workplace, target.key)
        self._document = LinesAt(self._folder / "journal.jsonl", below=checkout.workplace.folder)

    def plan(self, source: Source, wanted: tuple[str, ...]) -> Planned:
        """What it would do; nothing is written.

        Raises:
            Conflict: `move-unfinished`, `address-taken`, `move-to-itself`. NotFound: `address-unknown`, `source-empty`.
        """
        for instance in (self.target, self._instance(source)):
            if instance is not None:
                self.checkout.check_open(instance)
                check_moved(self.checkout.workplace, instance)
        if source.instance == str(self.target.key):
            raise Conflict("move-to-itself", f"{source} is the target itself", next_step="Name another source.")
        with self._opened(source) as (there, _):
            before = there()
        if before is None or not before.get("resources"):
            raise NotFound("source-empty", f"the state of {source} holds nothing", next_step="Name another source.")
        with self._opened(None) as (here, _):
            target = here()
        made = moved(before, target, wanted)
        states = {"source": before, "target": target, "source after": made.source, "target after": made.target}
        return Planned(str(self.target.key), source, made.addresses, states)

    def carry_out(self, planned: Planned) -> None:
        """Do it: the target gets them, then the source gives them up."""
        with self._alone():
            journal = Journal(self._document)
            about = f"move to {self.target.key}"
            content = seal(self.checkout.workplace.key, json.dumps(dict(planned.states)).encode(), about=about)
            write_atomic(self._folder / "states.sealed", content)
            journal.append(
                "moving", target=planned.target, source=str(planned.source), addresses=list(planned.addresses)
            )
            self._finish(journal, planned)

    def resume(self) -> Planned:
        """Go on with what was begun.

        Raises:
            NotFound: `move-none`. Conflict: `move-moved-on` where a state is neither as it was nor as it is to be.
        """
        with self._alone():
            entries = read(self._document)
            if not entries or entries[-1].kind == "moved":
                raise NotFound(
                    "move-none", f"no move to {self.target.key} is unfinished", next_step="Nothing has to be done."
                )
            begun = [entry for entry in entries if entry.kind == "moving"][-1]
            text = str(begun.facts["source"])
            source = Source(path=text) if text.startswith((_S3, "/")) else Source(instance=text)
            sealed = (self._folder / "states.sealed").read_bytes()
            states = json.loads(unseal(self.checkout.workplace.key, sealed, about=f"move to {self.target.key}"))
            addresses = tuple(str(one) for one in cast("list[object]", begun.facts["addresses"]))
            planned = Planned(str(self.target.key), source, addresses, states)
            self._finish(Journal(self._document), planned)
            return planned

    def _finish(self, journal: Journal, planned: Planned) -> None:
        for name, source in (("target", None), ("source", planned.source)):
            with self._opened(source) as (pull, push):
                self._put(pull(), planned.states[name], planned.states[f"{name} after"], push, name)
            journal.append(f"wrote {name}")
        journal.append("moved")
        (self._folder / "states.sealed").unlink(missing_ok=True)

    def _put(
        self,
        now: Mapping[str, object] | None,
        before: Mapping[str, object] | None,
        after: Mapping[str, object] | None,
        push: Callable[[Mapping[str, object]], None],
        name: str,
    ) -> None:
        """Write a state, unless it is written already."""
        if after is None or _same(now, after):
            return
        if not _same(now, before):
            raise Conflict(
                "move-moved-on",
                f"the {name}'s state was changed by somebody else since the move was begun",
                next_step="Look at both states; put the resources where they belong with terraform state.",
            )
        push(after)

    def _instance(self, source: Source) -> Instance | None:
        if not source.instance:
            return None
        key = InstanceKey.parse(source.instance)
        return self.checkout.instance(key.component, key.stack)

    @contextmanager
    def _opened(
        self, source: Source | None
    ) -> Iterator[tuple[Callable[[], Mapping[str, object] | None], Callable[[Mapping[str, object]], None]]]:
        """Reading and writing of a state: the target's for None."""
        instance, extra = self.target, dict[str, bytes]()
        if source is not None and source.instance:
            instance = self._instance(source) or self.target
        elif source is not None:
            instance, extra = self._placed(source.path)
        command = Command(self.checkout, Words("state", "pull"), instance, extra)
        with command.opened() as directory:
            terraform = command.terraform

            def pull() -> Mapping[str, object] | None:
                state = terraform.state_pull(directory)
                return state.raw if state else None

            def push(state: Mapping[str, object]) -> None:
                terraform.state_push(directory, json.dumps(state).encode())

            yield pull, push

    def _placed(self, path: str) -> tuple[Instance, dict[str, bytes]]:
        """The target's code with another place for the state: the default workspace, whose key is the whole path."""
        if path.startswith(_S3):
            bucket, _, key = path.removeprefix(_S3).partition("/")
            body = {**self.target.backend, "bucket": bucket, "key": key}
            body.pop("workspace_key_prefix", None)
            kind = "s3"
        else:
            kind, body = "local", {"path": path}
        at = replace(self.target, workspace="default", backend_type=kind, backend=body)
        return at, {"backend_override.tf.json": generated.backend(kind, body, "default")}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with exclusive(self._folder / "move.lock") as free:
            if not free:
                raise Conflict(
                    "operation-running", f"another process moves to {self.target.key}", next_step="Wait for it."
                )
            with self.checkout.records.run(self.target, destroy=False):
                yield


def _same(one: Mapping[str, object] | None, other: Mapping[str, object] | None) -> bool:
    return _digest(one) == _digest(other)


def _digest(state: Mapping[str, object] | None) -> str:
    """Of what a state says; the serial is the backend's to count."""
    if state is None or not (state.get("resources") or state.get("outputs")):
        return ""
    said = {name: state.get(name) for name in ("resources", "outputs", "lineage")}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
