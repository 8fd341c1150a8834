"""What a scan finds: classes of drift, where each shows, and what may be done about it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from gaia.errors import Position
    from gaia.operations.drift.ignoring import Rule
    from gaia.terraform.plan import Plan
    from gaia.terraform.state import State

Kind = Literal[
    "changed outside", "gone", "read from elsewhere", "not applied", "undecided", "ignore rule", "provider's own"
]
"""In the order in which they are shown. `read from elsewhere`: a data source or an output of another instance gives
another value than at the last apply. `not applied`: the code or the manifests were changed. `undecided`: only applying
would tell. `ignore rule`: a rule of `settings.gaia.drift.ignore` that does not hold. `provider's own`: what the
provider itself reads back otherwise, by an upgrade or in another order; it needs nobody."""
KINDS: tuple[Kind, ...] = (
    "changed outside",
    "gone",
    "read from elsewhere",
    "not applied",
    "undecided",
    "ignore rule",
    "provider's own",
)
Role = Literal["changed", "reads", "follows"]
"""How a cause shows at a place: this is what was changed; it reads that; its plan changes because of that."""
Repair = Literal["create", "update", "replace", "delete", ""]
Status = Literal["in sync", "drift", "not checked"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one instance, refreshed by a plan."""

    instance: str
    """`STACK/COMPONENT`."""
    plan: Plan = field(repr=False)
    today: date
    stored: State | None = field(default=None, repr=False)
    """The state as it lay before the plan; without it nobody can tell what an upgrade added, or which data moved."""
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Variables whose values come from other instances' states, each with `STACK/COMPONENT output NAME`."""
    readers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of each output of its own, the instances that read it."""
    code: str = ""
    """The folder of its code: what is not applied of one component is one cause in all stacks."""
    scope: str = ""
    """Where its providers act, account and region: ids are unique there."""
    same_code: bool = False
    """Whether it is known that code and manifests are those of the last apply."""
    rules: tuple[Rule, ...] = ()
    broken: tuple[tuple[str, Position], ...] = ()
    """Rules that do not hold, each with the reason and its place."""
    hide: Callable[[str], bool] = field(default=lambda _: False, repr=False)
    """Whether a text holds a secret that terraform has lost the mark of."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One value that is not as it was. `before` and `after` are short texts without secrets."""

    path: str
    """As Terraform writes it: `tags.owner`, `rule[0].name`."""
    before: str
    after: str
    put_back: bool = False
    """Whether an apply would change it back."""
    relevant: bool = False
    """Whether terraform says that changes which it plans depend on it."""
    read_by: tuple[str, ...] = ()
    """Addresses of the same instance, and other instances by their outputs, that read it."""
    ignored: str = ""
    """The reason of the rule that lets it be."""

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return {
            "path": self.path,
            "before": self.before,
            "after": self.after,
            "put_back": self.put_back,
            "relevant": self.relevant,
            "read_by": list(self.read_by),
            "ignored": self.ignored or None,
        }


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a cause shows."""

    instance: str
    address: str
    """Of a resource or a data source; `output.NAME`, `var.NAME` of the root module; empty for all of it."""
    role: Role = "changed"
    would: str = ""
    """What an apply would do there, for instance `update: input`."""

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return {
            "instance": self.instance,
            "address": self.address,
            "role": self.role,
            "would": self.would or None,
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause."""

    kind: Kind
    cause: tuple[str, ...]
    """What makes it this cause and no other, in every scan: no address of ours where the thing itself has a name."""
    title: str
    """What it is about: the thing's type and id, an output, a component."""
    places: tuple[Place, ...]
    attributes: tuple[Attribute, ...] = ()
    repair: Repair = ""
    """What an apply would do about the thing itself; nothing where it would leave it."""
    loses: tuple[str, ...] = ()
    """Addresses of things with data in them that an apply would replace or delete."""
    reason: str = ""
    at: Position | None = None

    @property
    def fingerprint(self) -> str:
        """The same for the same cause, whichever scan finds it at however many places."""
        return hashlib.sha256(json.dumps(self.cause).encode()).hexdigest()[:16]

    @property
    def ignored(self) -> bool:
        """Whether a rule lets all of it be."""
        return bool(self.attributes) and all(one.ignored for one in self.attributes)

    @property
    def counts(self) -> bool:
        """Whether it is drift that somebody has to do something about."""
        return not self.ignored and self.kind != "provider's own"

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return {
            "kind": self.kind,
            "fingerprint": self.fingerprint,
            "title": self.title,
            "ignored": self.ignored,
            "places": [one.as_json() for one in self.places],
            "attributes": [one.as_json() for one in self.attributes],
            "repair": self.repair or None,
            "loses": list(self.loses),
            "reason": self.reason or None,
            "at": str(self.at) if self.at else None,
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Finding:
        """What `as_json` wrote, for people to read: of its cause only the fingerprint is known, nothing of `at`."""
        return cls(
            document["kind"],
            (str(document["fingerprint"]),),
            str(document["title"]),
            tuple(
                Place(str(one["instance"]), str(one["address"]), one["role"], str(one["would"] or ""))
                for one in document["places"]
            ),
            tuple(_attribute(one) for one in document["attributes"]),
            document["repair"] or "",
            tuple(map(str, document["loses"])),
            str(document["reason"] or ""),
        )


def _attribute(document: Mapping[str, Any]) -> Attribute:
    return Attribute(
        str(document["path"]),
        str(document["before"]),
        str(document["after"]),
        bool(document["put_back"]),
        bool(document["relevant"]),
        tuple(map(str, document["read_by"])),
        str(document["ignored"] or ""),
    )


@dataclass(frozen=True, slots=True)
class Scan:
    """One instance: what was found, or why nothing could be."""

    instance: str
    findings: tuple[Finding, ...] = ()
    code: str = ""
    """Of the error that stopped it; then nothing is known of the instance."""
    reason: str = ""
    next_step: str = ""

    @property
    def status(self) -> Status:
        """What is known of it."""
        if self.code:
            return "not checked"
        return "drift" if any(one.counts for one in self.findings) else "in sync"

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return {
            "instance": self.instance,
            "status": self.status,
            "findings": [one.fingerprint for one in self.findings],
            "code": self.code or None,
            "reason": self.reason or None,
            "next_step": self.next_step or None,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """All instances of one scan, and each cause once."""

    scans: tuple[Scan, ...]
    findings: tuple[Finding, ...]

    @property
    def drift(self) -> bool:
        """Whether anything was found that somebody has to do something about."""
        return any(one.counts for one in self.findings)

    @property
    def complete(self) -> bool:
        """Whether every instance was checked."""
        return all(one.status != "not checked" for one in self.scans)

    @property
    def counts(self) -> dict[Status, int]:
        """Instances by status."""
        found = Counter(one.status for one in self.scans)
        statuses: tuple[Status, ...] = ("in sync", "drift", "not checked")
        return {status: found[status] for status in statuses}

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return {
            "drift": self.drift,
            "counts": self.counts,
            "instances": [one.as_json() for one in self.scans],
            "findings": [one.as_json() for one in self.findings],
        }
