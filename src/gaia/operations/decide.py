"""What to do next, after a crash or at the start: a pure function from what is known to a list of actions.

`recover.recover` carries the actions out, learns what came of them, and asks again until the answer is `Proceed` or
`Park`. Order matters: nothing is unlocked while a process of ours may still hold the lock, nothing is planned while the
lock is held, and nothing is created while something that an earlier attempt began may exist already.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.operations import import_ids
from gaia.operations.import_ids import ByHand
from gaia.terraform.addresses import only_read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.operations.facts import Facts, Touched
    from gaia.operations.planned import Planned
    from gaia.terraform.diagnostics import LockInfo

STATE_ONLY = ("random_", "null_", "time_", "tls_", "terraform_")
"""Providers whose resources exist in the state alone: made again they are not made twice."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search by tag brought up in the account."""

    account: str = ""
    partition: str = ""
    arns: tuple[str, ...] = ()
    """Things that have our tag and exist; keys that are pending deletion are not among them."""
    region: str = ""

    @property
    def of_account(self) -> Mapping[str, str]:
        """What import ids hold beside a resource's own attributes."""
        return {"account": self.account, "partition": self.partition, "region": self.region} if self.account else {}


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that the next actions depend on."""

    facts: Facts
    keeps: bool = True
    """Whether what was cut off is kept where it can be."""
    alive: tuple[int, ...] = ()
    """Pids of processes of earlier attempts that still run."""
    lock: LockInfo | None = None
    """The lock that the last plan stumbled over."""
    planned: tuple[Planned, ...] | None = None
    """The plan with the imports chosen so far; None before the first and after every change."""
    found: Found | None = None
    imports: Mapping[str, str] = field(default_factory=dict)
    """Address to import id, as written beside the configuration."""
    absent: frozenset[str] = frozenset()
    """Addresses of which terraform said that nothing exists there."""


@dataclass(frozen=True, slots=True)
class End:
    """End these processes and prove them gone."""

    pids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Unlock:
    """Release the state lock with this id; the backend compares it."""

    id: str


@dataclass(frozen=True, slots=True)
class MakePlan:
    """Plan with the imports chosen so far."""


@dataclass(frozen=True, slots=True)
class Untaint:
    """Keep a resource whose creation was cut off: the next plan says what it still lacks."""

    address: str


@dataclass(frozen=True, slots=True)
class Search:
    """Look for things that have the instance's tag."""


@dataclass(frozen=True, slots=True)
class Import:
    """Write an import block, then plan again."""

    address: str
    id: str


@dataclass(frozen=True, slots=True)
class Park:
    """Stop here: a person has to look. `left` are addresses, each with its reason."""

    code: str
    reason: str
    left: tuple[str, ...] = ()
    by_hand: tuple[ByHand, ...] = ()
    """What a person may adopt, with the form of its import id."""


@dataclass(frozen=True, slots=True)
class Proceed:
    """The plan may be compared, judged and applied."""


RecoveryStep = End | Unlock | MakePlan | Untaint | Search | Import | Park | Proceed


def decide(situation: Situation) -> tuple[RecoveryStep, ...]:
    """The next actions; never empty."""
    facts = situation.facts
    if situation.alive:
        return (End(situation.alive),)
    if situation.lock is not None:
        return (_about_lock(situation.lock, facts),)
    if situation.planned is None:
        return (MakePlan(),)
    if facts.operation == "destroy":  # what is gone is gone: the refreshed plan is the list of what is left
        return (Proceed(),)
    tainted = (item for item in situation.planned if item.tainted and item.address in facts.touched)
    if situation.keeps and (untaint := tuple(Untaint(item.address) for item in tainted if not _broke(item, facts))):
        return untaint
    return _about_orphans(situation, situation.planned)


def _broke(item: Planned, facts: Facts) -> bool:
    """Whether what its code runs when it is made has failed, or may have: no plan shows that, so it is not kept."""
    touched = facts.touched[item.address]
    return item.provisioned and touched.failed and not touched.cut_off


def _about_lock(lock: LockInfo, facts: Facts) -> RecoveryStep:
    if lock.id and lock.id in facts.locks:
        return Unlock(lock.id)
    holder = f"{lock.who or 'somebody'} since {lock.created or '?'} ({lock.operation or 'operation unknown'})"
    return Park("lock-foreign", f"the state is locked by {holder}, lock {lock.id}, which no process of this run took")


def _about_orphans(situation: Situation, planned: tuple[Planned, ...]) -> tuple[RecoveryStep, ...]:
    """Account for every creation that an earlier attempt had begun: import it, or know that nothing came of it."""
    suspects = tuple(item for item in planned if _may_exist(item, situation))
    if situation.found is None and any(_needs_search(item, situation.facts) for item in suspects):
        return (Search(),)
    chosen: list[Import] = []
    unclear: list[ByHand] = []
    for item in suspects:
        touched = situation.facts.touched[item.address]
        answer = _import_id(item, touched, situation, planned, suspects)
        if isinstance(answer, _Unclear):
            unclear.append(ByHand(item.address, item.type, answer.reason, import_ids.form(item.type)))
        elif answer:
            chosen.append(Import(item.address, answer))
    if chosen:  # an unclear one may become clear: its parent's values are known once that is imported
        return tuple(chosen)
    if unclear:
        return (
            Park(
                "orphan-unresolved",
                "an earlier attempt may have made these, and they are not in the state; import or remove them by hand",
                tuple(f"{one.address}: {one.reason}" for one in unclear),
                tuple(unclear),
            ),
        )
    return (Proceed(),)


def _may_exist(item: Planned, situation: Situation) -> bool:
    touched = situation.facts.touched.get(item.address)
    if touched is None or "create" not in item.actions or touched.action not in ("create", "update", "unknown"):
        return False
    if item.tainted and _broke(item, situation.facts):
        return False  # it is in the state
    if (touched.done or touched.action == "update") and not situation.facts.applying:
        return False  # its state was saved, so it went away later: making it again is what the plan says
    answered = item.importing or item.address in situation.absent or item.address in situation.imports
    harmless = item.type.startswith(STATE_ONLY) or import_ids.may_repeat(item.type)
    return not answered and not harmless


def _needs_search(item: Planned, facts: Facts) -> bool:
    if import_ids.reported_id(item.type, facts.touched[item.address].id, item.known):
        return False
    if import_ids.natural_id(item.type, item.known):
        return False
    return import_ids.found_by_tag(item.type) or import_ids.needs_account(item.type)


@dataclass(frozen=True, slots=True)
class _Unclear:
    reason: str


def _import_id(
    item: Planned, touched: Touched, situation: Situation, planned: tuple[Planned, ...], suspects: tuple[Planned, ...]
) -> str | _Unclear:
    """The id to import, "" when nothing came of the creation, or why neither can be said."""
    if "delete" in item.actions:
        if touched.done or item.actions == ("create", "delete"):
            return _Unclear("its replacement may exist beside the old one")
        return ""  # deleted first, and the old one is still there: the new one was never begun
    search = situation.found or Found()
    facts = {**item.known, **search.of_account}
    if known := import_ids.reported_id(item.type, touched.id, facts):
        return known
    if natural := import_ids.natural_id(item.type, facts):
        return natural
    if import_ids.found_by_tag(item.type):
        return _by_tag(item, situation, planned, suspects)
    return _Unclear("nothing tells its id")


def _by_tag(
    item: Planned, situation: Situation, planned: tuple[Planned, ...], suspects: tuple[Planned, ...]
) -> str | _Unclear:
    search = situation.found or Found()
    others = [touched for touched in situation.facts.touched.values() if touched.address != item.address]
    taken = {str(other.before.get(name)) for other in planned if other.type == item.type for name in ("id", "arn")}
    taken |= set(situation.imports.values())
    taken |= {touched.id for touched in others if touched.id and not only_read(touched.address)}
    free = [id_ for id_ in import_ids.tagged_ids(item.type, search.arns) if id_ not in taken]
    if not free:
        return ""
    rivals = Counter(other.type for other in suspects if not situation.facts.touched[other.address].id)[item.type]
    if len(free) > 1 or rivals > 1:
        return _Unclear(
            f"{len(free)} things have the instance's tag ({', '.join(free)}), and nothing tells which it is"
        )
    return free[0]
