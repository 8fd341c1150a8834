"""Another key for a home: what is open is approved again, all else can still be read and proved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select
from tests.unit.platform.loop import STACK
from tests.unit.platform.views.test_offering import offering_of

from gaia.access.callers import authenticate
from gaia.errors import Conflict, Next, Refused, Unavailable
from gaia.kit import canonical, clock, files, keys
from gaia.platform.approvals import approving
from gaia.platform.home import rotating
from gaia.platform.home.backup_files import keeps
from gaia.platform.home.rotating import RotatedView, rotate
from gaia.records import announced, approvals, audit, audit_tail, people, tables
from gaia.records.document_files import FolderDocuments
from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.platform.loop import Loop

    from gaia.kit.keys import SecretKey


@pytest.fixture
def loop(loop_at: Callable[[str], Loop]) -> Loop:
    """A service stands, and root administers everything; both are told of."""
    made = loop_at("lasting")
    with made.platform.database.begin() as tx:
        people.grant(tx, "root", Grant("admin"))
        announced.count(tx, made.platform.key, at=clock.now(), repository="platform")
    return made


def rotated(loop: Loop, who: str = "root") -> RotatedView:
    """In somebody's name."""
    with loop.platform.database.read() as tx:
        caller = authenticate(tx, loop.tokens[who], clock.now())
    return rotate(loop.platform, caller)


def begun_again(loop: Loop) -> Loop:
    """Every process was begun again, and has read the key."""
    key = keys.load_key(loop.platform.home / "keys")
    return replace(loop, platform=replace(loop.platform, key=key, documents=FolderDocuments(loop.platform.home, key)))


def check_whole(loop: Loop) -> None:
    """The audit log holds, also against the head that is kept, and rows are as it tells."""
    key = loop.platform.key
    with loop.platform.database.read() as tx:
        assert audit.verify(tx, key) is None
        assert audit_tail.missing_from(tx, key, loop.platform.audit.head) is None
        assert announced.differences(tx, key) == ()


def forged(loop: Loop, key: SecretKey, action: str, subject: str, **facts: object) -> None:
    """An entry by who has got an older key and writes to the database."""
    with loop.platform.database.begin() as tx:
        row = tx.all(select(tables.audit).order_by(tables.audit.c.seq.desc()).limit(1))[0]
        body = {**row, "seq": row["seq"] + 1, "action": action, "subject": subject, "key_id": key.id}
        body |= {"facts": canonical.dumps(facts).decode(), "previous": row["hash"], "outcome": "done"}
        body.pop("hash")
        tx.change(insert(tables.audit).values(**body, hash=canonical.sign({"gaia": "audit entry", **body}, key.secret)))


def test_open_approvals_are_void_and_everything_else_holds(loop: Loop) -> None:
    """What waits is previewed and approved again, by the new key, and applied."""
    music, before = loop.approved("music"), loop.platform.key
    made = rotated(loop)
    assert (made.voided, made.older) == ((music,), (before.id,))
    assert made.key != before.fingerprint
    now = begun_again(loop)
    assert (made.key, now.platform.key.older) == (now.platform.key.fingerprint, (before,))
    check_whole(now)
    assert now.approvals(loop.request)[0].voided_at is None
    [voided] = now.approvals(music)
    assert voided.voided_why == "key-rotated"
    assert now.carry_out(music).status == "parked"
    now.as_("ann").resume(music)
    assert now.carry_out(music).status == "waiting"
    now.as_("gus").approve(music)
    assert now.carry_out(music).status == "done"
    check_whole(now)


def test_what_waits_with_a_preview_of_before_is_previewed_again(loop: Loop) -> None:
    """Nobody signs what would be something else at its application; one of the new key is signed as ever."""
    music = loop.previewed("music")
    rotated(loop)
    now = begun_again(loop)
    with pytest.raises(Conflict) as caught:
        now.as_("gus").approve(music)
    assert caught.value.code == "preview-other-key"
    assert now.approvals(music) == ()
    view = now.view(music)
    [line] = now.as_("ann").requests(open_only=True)
    for shown in (view, line):
        assert (shown.status, shown.key_replaced) == ("waiting", True)
        assert isinstance(shown.next_step, Next)
        assert (shown.next_step.act, shown.next_step.subject) == ("resume", music)
    offered = {who: offering_of(now, who).of_request(view).acts for who in ("ann", "gus", "vic")}
    assert offered == {
        "ann": {"comment", "resume", "withdraw"}, "gus": {"comment", "resume", "reject"}, "vic": frozenset(),
    }  # fmt: skip
    assert music in offering_of(now, "gus").awaited([line])
    now.as_("ann").resume(music)
    assert now.carry_out(music).status == "waiting"
    assert not now.view(music).key_replaced
    assert "approve" in offering_of(now, "gus").of_request(now.view(music))
    with pytest.raises(Conflict) as again:
        now.as_("ann").resume(music)
    assert again.value.code == "request-not-parked"
    now.as_("gus").approve(music)
    assert now.carry_out(music).status == "done"
    check_whole(now)


def test_nor_is_a_retirement_of_before_confirmed(loop: Loop) -> None:
    """Whom a policy lets do it by the word of who asked is held to the same."""
    loop.rules.says["data.gaia.request.auto_approve"] = lambda _: True
    request = loop.as_("ann").retire("photos", STACK).id
    assert loop.carry_out(request).confirms
    rotated(loop)
    now = begun_again(loop)
    with pytest.raises(Conflict) as caught:
        now.as_("ann").approve(request)
    assert caught.value.code == "preview-other-key"
    assert offering_of(now, "ann").of_request(now.view(request)).acts == {"comment", "resume", "withdraw"}
    now.as_("ann").resume(request)
    assert now.carry_out(request).confirms
    assert now.as_("ann").approve(request).status == "applying"


def test_the_log_tells_who_did_it_and_who_wrote_before(loop: Loop) -> None:
    """The key's id, never the key."""
    before = loop.platform.key
    made = rotated(loop)
    with loop.platform.database.read() as tx:
        [entry] = audit.entries(tx, subject=before.id)
        assert (entry.action, dict(entry.facts)) == ("key.rotated", {"key": made.key})
        assert people.names(tx)[entry.actor] == "root"


def test_whoever_still_has_the_old_key_writes_nothing(loop: Loop) -> None:
    """A server that was not begun again, say: it says what to do."""
    rotated(loop)
    with pytest.raises(Unavailable) as caught:
        loop.as_("ann").submit("pair", "music", STACK, {"text": "hello"})
    assert caught.value.code == "key-rotated"
    check_whole(begun_again(loop))


def test_entries_made_with_the_old_key_afterwards_are_no_entries(loop: Loop) -> None:
    """Somebody who has got it and writes to the database: nobody acts on them, and they are found."""
    old, stands = loop.platform.key, loop.approvals(loop.request)[0]
    rotated(loop)
    now = begun_again(loop)
    own = replace(stands, id="apr_forged", request=now.written("music"))
    own = replace(own, signature=canonical.sign(approvals.statement(own), old.secret))
    with now.platform.database.read() as tx:
        assert approving.holds(tx, stands, now.platform.key)
        assert not approving.holds(tx, own, now.platform.key)
    forged(now, old, "request.approved", own.request, approval=own.id)
    with now.platform.database.read() as tx:
        assert not approving.holds(tx, own, now.platform.key)
        assert audit.verify(tx, now.platform.key) == audit.count(tx)


def _at_the_write(number: int) -> Callable[[pytest.MonkeyPatch], None]:
    def prepare(patch: pytest.MonkeyPatch) -> None:
        done = [0]
        write = files.write_atomic

        def write_or_die(path: object, content: bytes) -> None:
            done[0] += 1
            if done[0] == number:
                raise KeyboardInterrupt
            write(path, content)  # type: ignore[arg-type]

        patch.setattr(keys, "write_atomic", write_or_die)

    return prepare


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def _before_it_is_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rotating, "_told", _die)


def _before_it_is_committed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(audit_tail, "keep", _die)


@pytest.mark.parametrize(
    ("killed", "works_with"),
    [
        (_at_the_write(1), "old"), (_at_the_write(2), "old"), (_before_it_is_told, "new"),
        (_before_it_is_committed, "new"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("between", [False, True])
def test_killed_anywhere_the_home_works_and_the_same_call_ends_it(
    loop: Loop, killed: Callable[[pytest.MonkeyPatch], None], works_with: str, between: bool
) -> None:
    """With one whole key, whether somebody acts in between or not; an approval by the one before counts never again."""
    music, before = loop.approved("music"), loop.platform.key
    with pytest.MonkeyPatch.context() as patch:
        killed(patch)
        with pytest.raises(KeyboardInterrupt):
            rotated(loop)
    now = begun_again(loop)
    assert (now.platform.key == before) == (works_with == "old")
    if between:
        now.ask("mail")
    check_whole(now)
    if works_with == "new":
        assert not approvals.verify(now.approvals(music)[0], [now.platform.key])
    made = rotated(now)
    assert made.voided == (music,)
    assert before.id in made.older
    ended = begun_again(now)
    assert len(ended.platform.key.every) == 2
    check_whole(ended)


def test_it_is_an_admins_business(loop: Loop) -> None:
    """The refusal is written down, and the key stays."""
    with pytest.raises(Refused):
        rotated(loop, "gus")
    assert begun_again(loop).platform.key == loop.platform.key
    with loop.platform.database.read() as tx:
        entry = audit.entries(tx, newest=True, limit=1)[0]
    assert (entry.action, entry.outcome) == ("key.rotate", "refused")


def test_it_is_refused_while_an_engine_works(loop: Loop) -> None:
    """That one has read the key, and would stop in the middle of what it does."""
    with files.exclusive(loop.platform.home / "engine.lock"), pytest.raises(Conflict) as caught:
        rotated(loop)
    assert caught.value.code == "engine-running"
    assert begun_again(loop).platform.key == loop.platform.key


def test_a_backup_keeps_the_older_keys(loop: Loop) -> None:
    """And nothing else that lies beside them."""
    made = rotated(loop)
    assert keeps(("keys", "older", f"{made.older[0]}.key"))
    assert not keeps(("keys", "older", "notes.txt"))
    assert not keeps(("keys", "older", "..", "key-000000000000.key"))
