"""What a pull request's preview is, and what of it an approval is for: frozen data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal, cast, get_args

from gaia.checkout.batch_model import PlannedStatus
from gaia.errors import Invalid
from gaia.kit import canonical, clock
from gaia.kit.shapes import as_map
from gaia.terraform.normal import NormalForm

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gaia.checkout.batch_model import Planned

VERSION = 1
Cause = Literal["base", "input", "state", "policy", "touched"]
CAUSES: Mapping[Cause, str] = {
    "base": "the base branch has other code or configuration of it now",
    "input": "its code or configuration on the pull request's branch is another",
    "state": "its state was changed meanwhile",
    "policy": "the policies, waivers or budgets of the base branch are others",
    "touched": "a file that the pull request touches, and that it may read, is another",
}
"""Why what was reviewed is not what there is now, in words."""


UNTOUCHED = canonical.digest([])
"""Of inputs, where nothing is touched but what instances are known to be made of."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the plan of one instance was made of: digests, so that equal ones are equal content, whatever the commit."""

    base: str
    """Its configuration and code on the base branch; empty where it is not there."""
    input: str
    """The same on the pull request's branch."""
    state: str
    """`LINEAGE SERIAL`; empty where there is none."""
    policy: str
    """Policies, waivers and budgets of the base branch."""
    touched: str
    """What the pull request touches, whoever reads it: see `gaia.ci.code.touched_files`."""

    @property
    def as_on_base(self) -> bool:
        """Whether all that is read or run of it is the base branch's."""
        return self.base == self.input and self.touched == UNTOUCHED


def causes(reviewed: Inputs, now: Inputs) -> tuple[Cause, ...]:
    """What is not as it was when the preview was made. Pure."""
    mine, theirs = asdict(reviewed), asdict(now)
    return tuple(name for name in get_args(Cause) if mine[name] != theirs[name])


@dataclass(frozen=True, slots=True)
class Part:
    """One instance of a preview, as it was reviewed."""

    instance: str
    """`STACK/COMPONENT`."""
    status: PlannedStatus
    digest: str
    """Of the normal form of its plan; empty where nobody could plan it."""
    inputs: Inputs

    @property
    def asks(self) -> bool:
        """Whether it needs a yes: it is changed, or code of it is run that the base branch does not have."""
        return self.acts or not self.inputs.as_on_base

    @property
    def acts(self) -> bool:
        """Whether an application would do something about it."""
        return self.status in ("changes", "refused")


@dataclass(frozen=True, slots=True)
class Preview:
    """What was reviewed. Its digest is of content alone: neither commits nor times are in it."""

    base: str
    """The commit that policies, waivers, budgets and owners were read from."""
    head: str
    """The commit that was planned."""
    parts: tuple[Part, ...]
    normal: NormalForm
    at: datetime

    @property
    def digest(self) -> str:
        """`sha256:…` of what would be done and of what that was made of."""
        return canonical.digest({"normal": self.normal.as_json(), "parts": [asdict(one) for one in self.parts]})

    def part(self, instance: str) -> Part | None:
        """The part of an instance."""
        return next((one for one in self.parts if one.instance == instance), None)

    def as_json(self) -> dict[str, object]:
        """The documented machine form, and what is kept."""
        return {
            "version": VERSION,
            "digest": self.digest,
            "base": self.base,
            "head": self.head,
            "at": clock.rfc3339(self.at),
            "instances": [asdict(one) for one in self.parts],
            "normal": self.normal.as_json(),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, object]) -> Preview:
        """The inverse of `as_json`.

        Raises:
            Invalid: `preview-unreadable`.
        """
        if document.get("version") != VERSION:
            raise _unreadable(f"it has version {document.get('version')!r}")
        try:
            listed = cast("list[dict[str, object]]", document["instances"])
            return cls(
                base=str(document["base"]),
                head=str(document["head"]),
                parts=tuple(_part(one) for one in listed),
                normal=NormalForm.from_json(as_map(document["normal"])),
                at=clock.parse_rfc3339(str(document["at"])),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _unreadable("it is damaged") from error


@dataclass(frozen=True, slots=True)
class Gone:
    """An instance that only the base has."""

    instance: str
    resources: int | None
    """How many its state holds; None where it does not read."""


@dataclass(frozen=True, slots=True)
class Made:
    """A preview, and what people are told of it."""

    preview: Preview
    planned: tuple[Planned, ...]
    """In the order in which they would be applied."""
    needs: Mapping[str, tuple[str, ...]]
    """By instance, which others of the preview have to be applied first."""
    gone: tuple[Gone, ...] = ()
    unbuilt: tuple[tuple[str, str], ...] = ()
    """Instances whose configuration cannot be resolved, and why."""
    drawing: str = ""
    """Which instance needs which, as Mermaid."""
    held: Mapping[str, int] = field(default_factory=dict)
    """By instance, the other pull request that has it now."""
    behind: tuple[str, ...] = ()
    """Instances that the base branch has changed since the branch began."""
    passing: tuple[str, ...] = ()
    """Instances whose state is a file that is gone when the job ends."""

    @property
    def denied(self) -> bool:
        """Whether this may not be applied as it is."""
        against = self.unbuilt or self.held or self.behind or self.passing
        return bool(against) or any(one.error is not None or one.refused for one in self.planned)

    @property
    def empty(self) -> bool:
        """Whether nothing would be done."""
        return not self.denied and all(one.unchanged for one in self.planned)

    def deferred(self, instance: str) -> tuple[str, ...]:
        """What has to be applied before all values of this instance are known."""
        acting = {one.instance for one in self.preview.parts if one.status != "unchanged"}
        return tuple(one for one in self.needs.get(instance, ()) if one in acting)


def _part(document: Mapping[str, object]) -> Part:
    inputs = {name: str(value) for name, value in as_map(document["inputs"]).items()}
    status = cast("PlannedStatus", document["status"])
    if status not in get_args(PlannedStatus):
        raise ValueError(status)
    return Part(str(document["instance"]), status, str(document["digest"]), Inputs(**inputs))


def _unreadable(why: str) -> Invalid:
    return Invalid("preview-unreadable", f"the kept preview cannot be used: {why}", next_step="Plan it again.")
