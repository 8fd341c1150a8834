"""Resources move from one state to another: a component was renamed or split, a key or a workspace changed.

The journal says what goes where before either state is written. The target gets them first, then the source gives them
up, so that nothing is lost; until both are done neither instance is changed by anything else. After a kill `--resume`
looks at both states as they are and goes on; the journal holds addresses, never values.
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.checkout.command import Command
from gaia.checkout.opened_state import OpenedState
from gaia.checkout.words import Words
from gaia.errors import Conflict, Invalid, NotFound
from gaia.kit.files import exclusive
from gaia.operations.journal import Journal
from gaia.operations.model import InstanceResource, Outcome
from gaia.platform.instances.unfinished_moves import PLACES, S3, BegunMove, begun, check_moved, document
from gaia.stacks.model import InstanceKey
from gaia.terraform import generated, state_parts
from gaia.terraform.addresses import only_read
from gaia.terraform.state import State
from gaia.terraform.state_parts import Pair

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gaia.checkout.checkout import Checkout
    from gaia.checkout.ports import ChangeRun
    from gaia.stacks.model import Instance

_Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the resources come from: an instance, or a state at a place that no instance has any more."""

    instance: str = ""
    """`STACK/COMPONENT`."""
    path: str = ""
    """An absolute path of a local state file, or `s3://BUCKET/KEY`, the whole key as it lies in the bucket."""

    @classmethod
    def parse(cls, text: str, cwd: Path) -> Source:
        """Read what `--from` says.

        Raises:
            Invalid: `source-invalid`, `instance-key`. NotFound: `source-missing`.
        """
        if text.startswith(S3):
            bucket, _, key = text.removeprefix(S3).partition("/")
            if not (bucket and key):
                raise Invalid("source-invalid", f"{text} names no key", next_step="Write s3://BUCKET/KEY.")
            return cls(path=text)
        if "://" in text:
            raise Invalid(
                "source-invalid",
                f"{text} is at a kind of place that Gaia moves nothing from",
                next_step="Give STACK/COMPONENT, s3://BUCKET/KEY, or fetch the state and give the path of the file.",
            )
        if text.startswith((".", "/")) or text.endswith(".tfstate"):
            place = (cwd / text).resolve()
            if not place.is_file():
                raise NotFound("source-missing", f"there is no state {place}", next_step="Give the path of a state.")
            return cls(path=str(place))
        return cls(instance=str(InstanceKey.parse(text)))

    @classmethod
    def written(cls, text: str) -> Source:
        """The inverse of `str`."""
        return cls(path=text) if text.startswith(PLACES) else cls(instance=text)

    def __str__(self) -> str:
        return self.instance or self.path


@dataclass(frozen=True, slots=True)
class Planned:
    """A move that can be shown and then carried out."""

    target: str
    source: Source
    pairs: tuple[Pair, ...]
    outputs: bool
    """Whether the source's outputs go too: everything does."""

    @property
    def managed(self) -> tuple[Pair, ...]:
        """Without data sources, which are read anew: they go along, and may be in both states."""
        return tuple(one for one in self.pairs if not only_read(one.old))

    @property
    def data(self) -> frozenset[str]:
        """The old addresses of data sources."""
        return frozenset(one.old for one in self.pairs if only_read(one.old))


class Move:
    """One move to an instance of a checkout."""

    def __init__(self, checkout: Checkout, target: Instance) -> None:
        self.checkout, self.target = checkout, target
        self._document = document(checkout.workplace.folder, target.key)

    def plan(self, source: Source, wanted: tuple[str, ...]) -> Planned:
        """What it would do; nothing is written.

        Raises:
            Conflict: `move-unfinished`, `address-taken`, `move-to-itself`; what forbids a change of an instance.
            NotFound: `address-unknown`, `source-empty`.
        """
        source = self._claimed(source)
        if source.instance == str(self.target.key):
            raise Conflict(
                "move-to-itself",
                f"{source} is the target itself",
                next_step="Name another source; within one state, terraform state mv gives another address.",
            )
        self._check(source)
        with self._opened(source) as state:
            before = state.pull()
        planned = Planned(str(self.target.key), source, state_parts.pairs(before, wanted), outputs=not wanted)
        if not planned.managed:
            raise NotFound(
                "source-empty",
                f"the state of {source} holds nothing to move",
                next_step="Name another source; what was moved before is in the target.",
            )
        with self._opened(None) as state:
            state_parts.check_free(state.pull(), planned.pairs)
        return planned

    def carry_out(self, planned: Planned) -> None:
        """Do it.

        Raises:
            Conflict: `state-locked` and `operation-running` before anything is written; as `plan` and `resume`.
        """
        with self._alone(planned.source) as runs:
            self._check(planned.source)  # somebody else may have begun one since it was shown
            for source in (planned.source, None):
                with self._opened(source) as state:
                    state.check_writable()
            journal = Journal(self._document)
            journal.append(
                "moving",
                target=planned.target,
                source=str(planned.source),
                pairs=[str(one) for one in planned.pairs],
                outputs=planned.outputs,
            )
            self._finish(journal, planned, runs, written=False)

    def resume(self) -> Planned:
        """Go on with what was begun. A state that could not be saved is in nobody's way: it waits for this end.

        Raises:
            NotFound: `move-none`.
            Conflict: `move-called-off` and `address-taken`, when nothing could be moved and nothing was; `move-differs`
                for what somebody changed in between, when the others have been moved. All end the move.
        """
        source = Source.written(self._begun().source)
        for instance in self._instances(source):
            self.checkout.check_account(instance)
        with self._alone(source) as runs:
            left = self._begun()  # who was alone until now may have finished it
            planned = Planned(left.target, source, tuple(map(Pair.parse, left.pairs)), left.outputs)
            self._finish(Journal(self._document), planned, runs, written=left.written)
        return planned

    def _begun(self) -> BegunMove:
        if left := begun(self._document):
            return left
        raise NotFound("move-none", f"no move to {self.target.key} is unfinished", next_step="Nothing has to be done.")

    def _finish(self, journal: Journal, planned: Planned, runs: Mapping[str, ChangeRun], *, written: bool) -> None:
        if not written:
            self._give(journal, planned)
            journal.append("wrote target")
        with self._opened(None) as state:
            target = state.pull()
        with self._opened(planned.source) as state:
            now = state.pull()
            gone = state_parts.same(now, target, planned.managed)
            left = state_parts.without(now, gone | planned.data, outputs=planned.outputs)
            if gone:
                state.change(left, now)
        journal.append("moved")
        number = {"move": len(planned.managed)}
        for key, held, changed in ((planned.target, target, number), (planned.source.instance, left, {})):
            if key:
                runs[key].end(Outcome("applied", resources=_resources(held), changed=changed))
        if other := [one.old for one in state_parts.having(left, planned.managed)]:
            raise Conflict(
                "move-differs",
                f"the rest was moved, but these were changed by somebody else since: {', '.join(other)}",
                next_step=f"They are still in the state of {planned.source}; look at both states, then move them, or "
                "take them out with terraform state rm.",
                facts={"addresses": other},
            )

    def _give(self, journal: Journal, planned: Planned) -> None:
        """The target gets them, unless it has them already."""
        with self._opened(planned.source) as state:
            before = state.pull()
        with self._opened(None) as state:
            now = state.pull()
            if state_parts.same(before, now, planned.managed):
                return  # a state is written whole: a kill came between that and the journal's line
            moved = state_parts.having(before, planned.pairs)
            try:
                state_parts.check_free(now, moved)
                self._check_left(planned, before)
            except Conflict:
                journal.append("called-off")
                raise
            state.change(state_parts.with_moved(now, before, moved, outputs=planned.outputs), now)

    def _check_left(self, planned: Planned, source: _Document) -> None:
        if not state_parts.having(source, planned.managed):
            raise Conflict(
                "move-called-off",
                f"the state of {planned.source} has nothing of what was to be moved any more",
                next_step="Look at both states; nothing was written into the target's.",
            )

    def _check(self, source: Source) -> None:
        """Whatever forbids to change one of the states forbids to move too."""
        if source.path:
            check_moved(self.checkout.workplace.folder, source.path)
        for instance in self._instances(source):
            self.checkout.check_open(instance)
            self.checkout.check_account(instance)
            self.checkout.check_state(instance)
            self.checkout.records.check_finished(instance, [])

    def _instances(self, source: Source) -> list[Instance]:
        """The target, and the source where it is one: in one order, whichever way they swap."""
        found = [self.target]
        if source.instance:
            key = InstanceKey.parse(source.instance)
            found.append(self.checkout.instance(key.component, key.stack))
        return sorted(found, key=lambda one: str(one.key))

    def _claimed(self, source: Source) -> Source:
        """The source as the instance whose state lies at its path, where there is one: it is closed to others then."""
        claims = self.checkout.whose(source.path) if source.path else []
        for one in claims:  # it may be of a request under way, which the checkout does not have
            self.checkout.check_open(one)
        return Source(instance=str(claims[0].key)) if claims else source

    @contextmanager
    def _opened(self, source: Source | None) -> Iterator[OpenedState]:
        """A state: the target's for None."""
        instance, extra = self.target, dict[str, bytes]()
        if source is not None and source.instance:
            key = InstanceKey.parse(source.instance)
            instance = self.checkout.instance(key.component, key.stack)
        elif source is not None:
            instance, extra = self._placed(source.path)
        command = Command(self.checkout, Words("state", "pull"), instance, extra)
        with command.opened() as directory:
            yield OpenedState(command.terraform, directory)

    def _placed(self, path: str) -> tuple[Instance, dict[str, bytes]]:
        """The target's code with another place for the state: the default workspace, whose key is the whole path."""
        kind, body = "local", dict[str, object](path=path)
        if path.startswith(S3):
            bucket, _, key = path.removeprefix(S3).partition("/")
            own = self.target.backend if self.target.backend_type == "s3" else {}
            kind, body = "s3", {**own, "bucket": bucket, "key": key}
            body.pop("workspace_key_prefix", None)
        at = replace(self.target, workspace="default", backend_type=kind, backend=body)
        return at, {"backend_override.tf.json": generated.backend(kind, body, "default")}

    @contextmanager
    def _alone(self, source: Source) -> Iterator[Mapping[str, ChangeRun]]:
        """Both states to ourselves; the runs of those that are instances', by key."""
        with ExitStack() as stack:
            if source.path:
                lock = f"{hashlib.sha256(source.path.encode()).hexdigest()}.lock"
                if not stack.enter_context(exclusive(self.checkout.workplace.folder / "moves/places" / lock)):
                    raise Conflict(
                        "operation-running",
                        f"another process moves resources from {source}",
                        next_step="Wait until it is done.",
                    )
            runs = {
                str(one.key): stack.enter_context(self.checkout.records.run(one, "move"))
                for one in self._instances(source)
            }
            yield runs


def _resources(state: _Document) -> tuple[InstanceResource, ...]:
    found = State.parse(state).resources if state else ()
    return tuple(InstanceResource(one.address, one.type, one.id, one.arn) for one in found)
