"""Whether the rows that give rights are those that the audit log tells of.

Who writes to the database alone can make a token, a role or an approval by hand, take one away, or take a revocation
back; the log's chain holds then. So the log is replayed: what it tells of has to be there as it says, and what it tells
of nothing has not.

Not everything was told in full from the beginning. One entry, with the fact `counted`, lists what was there when that
began; rows are held against what is told from then on. A home that was made since has it in its first entry.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from gaia.records import approvals, audit, rights, witness
from gaia.records import sessions as browsers
from gaia.records.model import Approval
from gaia.records.people import names
from gaia.records.tables import approvals as approval_rows
from gaia.records.tables import audit as audit_rows
from gaia.records.tables import sessions, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from gaia.kit.keys import SecretKey
    from gaia.records.database import Transaction
    from gaia.records.model import Entry
    from gaia.records.rights import Facts, Name

COUNTED = "access.counted"
"""The entry of a home that has rows from before they were told in full."""
FACT = "counted"
"""What it lists: by kind the rows, each as its name and its facts. Others say so with an empty one."""
_BEGINS = (COUNTED, "repository.initialised", "repository.adopted", "token.created")
_VOID_ALL = ("request.approval-void", "request.undone", "request.rejected", "request.expired")
_TOLD = (
    *(*_BEGINS, *_VOID_ALL, "token.replaced", "token.recovered", "token.revoked", "role.given", "role.withdrawn"),
    *("group.joined", "group.left", "person.disabled", "person.enabled", "person.admitted"),
    *("delegation.created", "delegation.revoked", "session.begun", "session.ended", "link.made"),
    *("request.signed", "request.approved", "request.resumed", *witness.ASKED),
)
_KEPT = frozenset({"token", "role", "group", "shut out", "delegation", "identity", "approval"})
"""Of these no row is ever taken away without an entry; a session and a link are forgotten."""
_ABOUT = frozenset({"name", "request"})
"""What gives no right by being there, and one to somebody else by being changed; not every entry tells of it."""
_ROWS = 500
"""Of one entry."""


def told(tx: Transaction, token: str) -> Facts:
    """What the entry that announces a token says of it, by its id."""
    return rights.token(tx.all(select(tokens).where(tokens.c.id == token))[0])


def of_session(tx: Transaction, session: str) -> Facts:
    """What the entry that announces a browser's session says of it, by its id."""
    return rights.session(tx.all(select(sessions).where(sessions.c.id == session))[0])


def of_link(secret: str) -> str:
    """What tells a link that signs somebody in from others, and nothing of its secret."""
    return rights.seal(browsers.kept_of(secret))


def is_counted(tx: Transaction) -> bool:
    """Whether there is an entry from which on everything is told."""
    begins = (audit_rows.c.action.in_(_BEGINS), audit_rows.c.facts.contains(f'"{FACT}":'))
    return tx.first(select(audit_rows.c.seq).where(*begins).limit(1)) is not None


def count(tx: Transaction, key: SecretKey, *, at: datetime, repository: str) -> bool:
    """Write down what is there, where nobody has; whether it was written."""
    if is_counted(tx):
        return False
    known = _replayed(tx)
    listed = [
        (kind, name, facts)
        for kind, rows in rights.there(tx).items()
        for name, facts in rows.items()
        if kind not in ("approval", "session", "request")
        or (name not in known.expected[kind] and key.named(str(facts.get("key"))) is None)
    ]
    parts = [listed[at : at + _ROWS] for at in range(0, len(listed), _ROWS)] or [[]]
    for number, part in enumerate(parts, start=1):
        rows: dict[str, list[Any]] = {}
        for kind, name, said in part:
            rows.setdefault(kind, []).append([list(name), said])
        facts = {FACT: rows, "part": number, "parts": len(parts)}
        audit.append(
            tx, key, at=at, actor="engine", action=COUNTED, subject=repository, repository=repository, facts=facts
        )
    return True


def differences(tx: Transaction, key: SecretKey) -> tuple[str, ...]:
    """What is not as the log tells it: one line for each row. The log's chain is known to hold."""
    known, there = _replayed(tx), rights.there(tx)
    found: list[str] = []
    for kind, rows in there.items():
        expected, gone = known.expected[kind], known.gone[kind]
        for name in sorted({*rows, *expected}):
            shown = f"{kind} {' '.join(name)}"
            if name not in rows:
                if kind in _KEPT:
                    found.append(f"{shown} is not there, and entry {expected[name].seq} tells of it")
            elif name in expected:
                found += [f"{shown}: {what}" for what in _differs(rows[name], expected[name])]
            elif name in gone:
                found.append(f"{shown} is there, and entry {gone[name]} took it away")
            elif (
                known.counted and kind not in _ABOUT and key.named(str(rows[name].get("key"))) is None
            ):  # what is signed with it nobody made by hand
                found.append(f"{shown} is there, and no entry tells of it")
    if is_counted(tx) and not known.counted:
        found.append("the entry that lists what there was is not whole")
    return (*found, *known.odd, *_unsigned(tx, key))


@dataclass(frozen=True, slots=True)
class _Told:
    """What entries say of a row; what they leave out is not compared."""

    facts: Facts
    seq: int


@dataclass
class _Replay:
    ids: Mapping[str, str]
    """Name of a person → id."""
    expected: dict[str, dict[Name, _Told]] = field(default_factory=lambda: defaultdict(dict))
    gone: dict[str, dict[Name, int]] = field(default_factory=lambda: defaultdict(dict))
    decided: dict[str, list[Name]] = field(default_factory=dict)
    """By request, the approvals of it."""
    odd: list[str] = field(default_factory=list)
    """What was done with something that no entry tells of, and is not there any more."""
    counted: bool = False
    parts: int = 0

    def put(self, kind: str, name: Name, seq: int, facts: Facts | None = None) -> None:
        """A row is there from now on."""
        self.gone[kind].pop(name, None)
        self.expected[kind][name] = _Told(facts or {}, seq)

    def change(self, kind: str, name: Name, seq: int, facts: Facts) -> None:
        """A row is another one from now on; one that nobody told of is known by this alone."""
        before = self.expected[kind].get(name)
        self.expected[kind][name] = _Told({**(before.facts if before else {}), **facts}, seq)

    def take(self, kind: str, name: Name, seq: int) -> None:
        """A row is there no longer."""
        self.expected[kind].pop(name, None)
        self.gone[kind][name] = seq

    def read(self, entry: Entry) -> None:
        """What one entry tells."""
        family, _, _ = entry.action.partition(".")
        if isinstance(rows := entry.facts.get(FACT), dict):
            self._count(entry, rows)
        if family not in ("session", "link") and ("seal" in entry.facts or entry.action == "token.created"):
            self._token(entry)
        self._name(entry)
        match family:
            case "request" if entry.action in witness.ASKED:
                if (entry.subject,) not in self.expected["request"]:  # one that waits in line is told of again
                    self.put("request", (entry.subject,), entry.seq, {"requester": witness.requester(entry)})
            case "request":
                self._decision(entry)
            case "link" if "seal" in entry.facts:
                said = {"expires": entry.facts["expires"]} if "expires" in entry.facts else {}
                self.put("link", (str(entry.facts["seal"]),), entry.seq, {"of": entry.subject, **said})
            case "token" | "session" | "delegation":
                self._ended_or_begun(family, entry)
            case "role" | "group" | "person":
                self._person(entry)

    def _count(self, entry: Entry, rows: Mapping[str, Any]) -> None:
        """Only the first counting holds: what somebody made by hand since is not let in by another."""
        number = entry.facts.get("part", 1)
        if self.counted or number != self.parts + 1:
            return
        self.parts, self.counted = self.parts + 1, number == entry.facts.get("parts", 1)
        for kind, listed in rows.items():
            for name, facts in listed:
                key = tuple(map(str, name))
                before = self.expected[kind].get(key)
                ended = {"revoked": True} if before and before.facts.get("revoked") else {}
                if key not in self.gone[kind]:
                    self.expected[kind][key] = _Told({**facts, **ended}, entry.seq)
                if kind == "approval":
                    self.decided.setdefault(str(facts.get("request")), []).append(key)

    def _token(self, entry: Entry) -> None:
        facts = entry.facts
        named = str(facts.get("token", entry.subject))
        said = {name: facts[name] for name in rights.TOKEN if name in facts}
        self.put("token", (named,), entry.seq, {**said, "revoked": False})
        owner = facts.get("of") or self.ids.get(str(facts.get("person")))  # the name alone, before it was told in full
        roles = facts.get("roles")
        for role in roles if owner and self.counted and isinstance(roles, list) else ():
            place = (str(facts.get("tenant", "*")), str(facts.get("stage", "*")))
            self.put("role", (str(owner), str(role), *place), entry.seq)
        replaced = facts.get("replaces")
        for one in replaced if isinstance(replaced, list) else ():
            self.change("token", (str(one),), entry.seq, {"revoked": True})

    def _ended_or_begun(self, kind: str, entry: Entry) -> None:
        name, facts = (entry.subject,), entry.facts
        match entry.action:
            case "token.revoked" | "delegation.revoked":
                self.change(kind, name, entry.seq, {"revoked": True})
            case "session.ended":
                self.change(kind, name, entry.seq, {"ended": True})
            case "session.begun":
                said = {each: facts[each] for each in rights.SESSION if each in facts}
                self.put(kind, name, entry.seq, {"of": entry.actor, **said})
                if "link" in facts:
                    link = (str(facts["link"]),)
                    if self.counted and link not in self.expected["link"]:
                        self.odd.append(f"session {entry.subject} was begun with a link that no entry tells of")
                    self.take("link", link, entry.seq)
            case "delegation.created":
                said = {each: facts[each] for each in ("to", "tenant", "stage", "until") if each in facts}
                self.put(kind, name, entry.seq, {"of": entry.actor, "revoked": False, **said})

    def _name(self, entry: Entry) -> None:
        """Nobody is called otherwise later: roles, links and tokens are given to a name."""
        facts = entry.facts
        who = facts.get("of") if "of" in facts else entry.subject
        if isinstance(who, str) and who.startswith("per_") and isinstance(named := facts.get("person"), str):
            self.put("name", (who,), entry.seq, {"called": named})

    def _person(self, entry: Entry) -> None:
        facts, seq = entry.facts, entry.seq
        match entry.action:
            case "role.given" | "role.withdrawn":
                name = (entry.subject, *(str(facts[each]) for each in ("role", "tenant", "stage")))
                (self.put if entry.action == "role.given" else self.take)("role", name, seq)
            case "group.joined" | "group.left":
                name = (entry.subject, str(facts["group"]))
                (self.put if entry.action == "group.joined" else self.take)("group", name, seq)
            case "person.disabled":
                self.put("shut out", (entry.subject,), seq)
            case "person.enabled":
                self.take("shut out", (entry.subject,), seq)
            case "person.admitted":
                self.put("identity", (str(facts["issuer"]), str(facts["subject"])), seq, {"of": entry.subject})

    def _decision(self, entry: Entry) -> None:
        facts, request = entry.facts, entry.subject
        mine = facts.get("approval")
        signed = entry.action in ("request.signed", "request.approved")
        void = entry.action in _VOID_ALL or facts.get("voided") is True
        for name in self.decided.get(request, ()) if self.counted else ():
            again = signed and self.expected["approval"][name].facts.get("person") == entry.actor
            if name != (mine,) and (void or again):
                self.change("approval", name, entry.seq, {"voided": True})
        if isinstance(mine, str) and (signed or entry.action == "request.rejected"):
            who = {} if entry.actor in ("policy", "expiry") else {"person": entry.actor}
            said = {"preview": facts["preview"]} if "preview" in facts else {}
            # the key that the entry was signed with signed it too: under another id nobody could check that
            self.put("approval", (mine,), entry.seq, {"request": request, "key": entry.key_id, **said, **who})
            self.decided.setdefault(request, []).append((mine,))


def _replayed(tx: Transaction) -> _Replay:
    known = _Replay({name: one for one, name in names(tx).items()})
    for entry in audit.told(tx, _TOLD):
        known.read(entry)
    return known


def _differs(row: Facts, said: _Told) -> Iterator[str]:
    for name, value in said.facts.items():
        if row.get(name) != value:
            yield f"{name} is {row.get(name)!s:.60}, and entry {said.seq} says {value!s:.60}"


def _unsigned(tx: Transaction, key: SecretKey) -> Iterator[str]:
    """Approvals that were not signed with this home's key, though they say so."""
    mine = approval_rows.c.key_id.in_([one.id for one in key.every])
    for row in tx.stream(select(approval_rows).where(mine).order_by(approval_rows.c.id)):
        one = Approval(**row)
        if not any(approvals.is_signed(one, signer) for signer in key.every if signer.id == one.key_id):
            yield f"approval {one.id} is not what was signed"
