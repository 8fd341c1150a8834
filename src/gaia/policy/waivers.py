"""Waivers: a deny of one rule about one value of one resource, excused for a time, and still shown. Pure but `read`.

Each `waivers/*.yaml` of a repository holds `waivers:`, a list of `rule`, `resource` (the address that the finding
gives, or `-` for what is judged as a whole), `instance` (what is judged, where `*` stands for any text:
`STACK/COMPONENT`; of a request `STACK/SERVICE`, of an object of Kubernetes `KIND/NAME` or `NAMESPACE/KIND/NAME`),
`value` (as the finding says it), `reason`, `owner` and `expires` (`YYYY-MM-DD`, the last day on which it holds, and
not more than `LONGEST` days away: what is excused for ever is a change of the rule).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Position
from gaia.kit.files import listed
from gaia.kit.scalars import Date
from gaia.kit.shapes import as_list, as_map
from gaia.policy.model import SUBJECTS, Finding, Waived

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gaia.kit.yaml import Document
    from gaia.policy.model import Subject
    from gaia.policy.rules import PolicySet

FOLDER = "waivers"
"""Of a platform repository. Not in `policies/`: the rules that come with Gaia are waived too."""
LONGEST = 400
"""Days before its end from which on a waiver holds: a year, and time to renew it."""
WHOLE = "-"
"""The resource of a finding that is about what is judged as a whole."""
UNUSED = "waiver.unused"
"""The rule of a notice that a waiver excuses nothing."""
_FIELDS = ("rule", "resource", "instance", "value", "reason", "owner", "expires")
_INSTANCE = "Write it as STACK/COMPONENT (of a request STACK/SERVICE, of an object KIND/NAME); * is any text."
_VALUE = re.compile(r"sha256:[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver, with its place; two that say the same are the same, wherever they stand."""

    rule: str
    resource: str
    instance: str
    value: str
    reason: str
    owner: str
    expires: date
    at: Position
    """Where it begins."""

    @property
    def words(self) -> tuple[object, ...]:
        """What it says."""
        return (self.rule, self.resource, self.instance, self.value, self.reason, self.owner, self.expires)

    @property
    def subject(self) -> Subject:
        """What its rule judges; rules that were written for others judge plans."""
        return next((one for one in SUBJECTS if one == self.rule.partition(".")[0]), "plan")

    def days(self, today: date) -> int:
        """Until its last day; negative once that is over."""
        return (self.expires - today).days

    def is_long(self, today: date) -> bool:
        """Whether its end is too far away for it to hold."""
        return self.days(today) > LONGEST

    def is_about(self, instance: str, subject: Subject = "plan") -> bool:
        """Whether it speaks of what is judged, for instance `STACK/COMPONENT`."""
        return self.subject == subject and _matches(self.instance, instance)

    def names(self, finding: Finding, instance: str) -> bool:
        """Whether it speaks of the rule and resource of a finding about an instance, whatever the value.

        A report of several objects says which of them it is about before the address, and so may a waiver.
        """
        shown = " ".join(filter(None, (instance, finding.address)))
        return finding.rule == self.rule and self.resource in (finding.address or WHOLE, shown)


def _matches(pattern: str, text: str) -> bool:
    """Whether a text is the pattern, in which `*` is any text; in one pass, however many there are."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == first
    *inner, last = rest
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in inner:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


@dataclass(frozen=True, slots=True)
class Waivers:
    """Those that count, those that do not yet, and what has to be said of where they come from."""

    counted: tuple[Waiver, ...] = ()
    pending: tuple[Waiver, ...] = ()
    """In the files that are judged, and not on the published branch: they come with what they excuse."""
    unpublished: bool = False
    """Whether they count as they lie, for no published branch is known."""

    @classmethod
    def of(cls, lying: Sequence[Waiver], published: Sequence[Waiver] | None) -> Waivers:
        """`lying`: of the files that are judged. `published`: of the branch that they have to be on; None: of none."""
        if published is None:
            return cls(tuple(lying), unpublished=bool(lying))
        known = {one.words for one in published}
        return cls(tuple(published), tuple(one for one in lying if one.words not in known))


def read(root: Path) -> tuple[Waiver, ...]:
    """The waivers of a repository, by file and line.

    Raises:
        Invalid: `waiver-invalid` with its place, `yaml-…`.
    """
    try:
        files = listed(root / FOLDER, "*.y*ml")
    except OSError as error:
        start = Position(f"{FOLDER}/", 1)
        raise _wrong(start, f"cannot look into the folder: {error.strerror}", "Make it a readable folder.") from error
    return tuple(waiver for path in files for waiver in _of_file(path, f"{FOLDER}/{path.name}"))


def _of_file(path: Path, file: str) -> Iterator[Waiver]:
    from gaia.kit.only_document import read_only

    start = Position(file, 1)
    try:
        document = read_only(path, file)
    except OSError as error:
        raise _wrong(start, f"cannot read the file: {error.strerror}", "Make it a readable file.") from error
    held = as_map(document.value)
    if set(held) != {"waivers"} or not isinstance(held["waivers"], list):
        raise _wrong(start, "the file holds no list of them", "Begin it with `waivers:`, and put a list below.")
    for number, one in enumerate(held["waivers"]):
        yield _waiver(document, number, one)


def check(waivers: Sequence[Waiver], policies: PolicySet) -> None:
    """Refuse a waiver of a rule that is not there.

    Raises:
        Invalid: `waiver-rule-unknown`, with its line.
    """
    known = {rule.name for rule in policies.rules}
    for one in waivers:
        if one.rule not in known:
            raise Invalid(
                "waiver-rule-unknown",
                f"a waiver is for the rule {one.rule}, and no rule has that name",
                next_step="Correct the name, or take the waiver away.",
                at=one.at,
            )


def waive(
    findings: Sequence[Finding],
    waivers: Waivers,
    instance: str,
    document: Mapping[str, object],
    today: date,
    subject: Subject = "plan",
) -> tuple[Finding, ...]:
    """The findings about an instance's plan, or another document, as waivers make them.

    None goes; what is wrong with a waiver is added.
    """
    about = [one for one in waivers.counted if one.is_about(instance, subject)]
    live = [one for one in about if one.days(today) in range(LONGEST + 1)]
    made = [_waived(finding, live, instance) for finding in findings]
    used = any(one.waiver for one in made)
    notices = [
        *(_expired(one, instance) for one in about if one.expires < today),
        *(_too_long(one, instance, today) for one in about if one.is_long(today)),
        *(notice for one in live if (notice := _useless(one, findings, instance, document))),
        *(_pending(one, instance) for one in waivers.pending if one.is_about(instance, subject)),
        *([_unpublished()] if waivers.unpublished and used else []),
    ]
    return (*made, *dict.fromkeys(notices))


def _waived(finding: Finding, live: Sequence[Waiver], instance: str) -> Finding:
    if finding.effect != "deny":
        return finding
    for one in live:
        if one.names(finding, instance) and one.value == finding.value:
            return replace(
                finding, effect="waived", waiver=Waived(one.reason, one.owner, one.expires.isoformat(), one.at)
            )
    return finding


def _useless(waiver: Waiver, findings: Sequence[Finding], instance: str, plan: Mapping[str, object]) -> Finding | None:
    """Void where the value is another one; unused where there is nothing to excuse any more."""
    denied = [one for one in findings if one.effect == "deny" and waiver.names(one, instance)]
    if any(one.value == waiver.value for one in denied):
        return None
    if denied:
        values = " or ".join(sorted({one.value or "nothing that a waiver could name" for one in denied}))
        return _notice("void", waiver, f"it is about {waiver.value}, and the value is {values} now", instance)
    if waiver.instance != instance or _untouched(plan, waiver.resource):
        return None  # other stacks may need it; what does not change is not judged
    return _notice("unused", waiver, "the rule has nothing against this", instance)


def _untouched(plan: Mapping[str, object], address: str) -> bool:
    changes = [as_map(one) for one in as_list(plan.get("resource_changes"))]
    mine = next((one for one in changes if one.get("address") == address), {})
    return as_map(mine.get("change")).get("actions") in (["no-op"], ["read"])


def _expired(waiver: Waiver, instance: str) -> Finding:
    return _notice("expired", waiver, f"it held until {waiver.expires.isoformat()}", instance)


def _too_long(waiver: Waiver, instance: str, today: date) -> Finding:
    return _notice("too-long", waiver, f"{waiver.days(today)} days are left of it", instance)


def _pending(waiver: Waiver, instance: str) -> Finding:
    return _notice("pending", waiver, "it does not count before it is on the published branch", instance)


_TITLES = {
    "void": ("A waiver is void, for the value has changed", "Look at the new value; waive that one, or repair it."),
    "unused": ("A waiver excuses nothing", "Take it away."),
    "expired": ("A waiver has expired", "Repair what it excused, or have the policy's owner renew it."),
    "too-long": (
        f"A waiver holds no longer than {LONGEST} days",
        f"Let it end within {LONGEST} days, and renew it then; or change the rule.",
    ),
    "pending": (
        "A waiver comes with the change that it excuses",
        "Have the policy's owner publish the waiver first, by a change of its own.",
    ),
}


def _notice(kind: str, waiver: Waiver, why: str, instance: str) -> Finding:
    title, remedy = _TITLES[kind]
    resource = waiver.resource.removeprefix(f"{instance} ")
    address = None if resource in (WHOLE, instance) else resource
    message = f"{waiver.rule}, waived by {waiver.owner} at {waiver.at}: {why}"
    return Finding(f"waiver.{kind}", "warn", title, "low", message, address, (), remedy)


def _unpublished() -> Finding:
    return Finding(
        "waiver.unpublished", "warn", "Nobody else has agreed to these waivers", "low",
        f"no published branch is known of this repository, so {FOLDER}/ counts as it lies here", None, (),
        "Serve the repository with Gaia; then only what its branch says counts.",
    )  # fmt: skip


def _waiver(document: Document, number: int, held: object) -> Waiver:
    def place(*path: str) -> Position:
        mark = document.mark_of(("waivers", number, *path))
        return Position(document.file, mark.key_line, mark.key_column)

    fields = as_map(held)
    for name in _FIELDS:
        if not (isinstance(fields.get(name), Date) or str(fields.get(name) or "").strip()):
            raise _wrong(place(), f"{name} is missing", f"Say {', '.join(_FIELDS)}: a waiver has them all.")
        if not isinstance(fields[name], str) and not (name == "expires" and isinstance(fields[name], Date)):
            raise _wrong(place(name), f"{name} is no text", "Put it in quotes.")
    if unknown := sorted(set(fields) - set(_FIELDS)):
        raise _wrong(place(unknown[0]), f"it has no {unknown[0]}", f"Say {', '.join(_FIELDS)}, and no more.")
    rule, resource, instance, value, reason, owner, expires = (_words(fields[one]) for one in _FIELDS)
    if not _VALUE.fullmatch(value):
        raise _wrong(place("value"), f"{value} is no value of a finding", "Copy it from the finding.")
    if "/" not in instance:
        raise _wrong(place("instance"), f"{instance} is nothing that is judged", _INSTANCE)
    try:
        last = date.fromisoformat(expires)
    except ValueError:
        raise _wrong(place("expires"), f"{expires} is no day", "Write it as 2027-12-31.") from None
    return Waiver(rule, resource, instance, value, reason, owner, last, place())


def _words(said: object) -> str:
    """In one line; a day without quotes is what YAML takes for a moment."""
    return said.text.partition("T")[0] if isinstance(said, Date) else " ".join(str(said).split())


def _wrong(at: Position, what: str, next_step: str) -> Invalid:
    return Invalid("waiver-invalid", f"the waiver cannot be used: {what}", next_step=next_step, at=at)


def told(findings: Sequence[Finding]) -> Iterator[str]:
    """A line for each finding that is waived, with whose word that is."""
    for one in findings:
        if one.waiver:
            where = f"{one.address}: " if one.address else ""
            yield f"waived: {one.title}: {where}{one.message} ({one.waiver})"
