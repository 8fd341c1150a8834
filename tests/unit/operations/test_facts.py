"""A journal summed up."""

from __future__ import annotations

from gaia.operations.facts import Touched, read_facts
from gaia.operations.journal import Entry


def _journal(*entries: tuple[str, dict[str, object]]) -> list[Entry]:
    return [Entry("2026-11-23T23:00:00.000Z", kind, facts) for kind, facts in entries]


BEGIN: tuple[str, dict[str, object]] = ("begin", {"operation": "apply", "instance": "dev/key"})
KEY: dict[str, object] = {"address": "aws_kms_key.this", "type": "aws_kms_key", "action": "create"}


def test_an_empty_journal_is_a_new_operation() -> None:
    """Nothing begun, nothing finished."""
    facts = read_facts([])
    assert not facts.begun
    assert not facts.finished


def test_a_killed_apply_is_begun_and_unsaved() -> None:
    """What was started, finished and locked is known, with the processes to look for."""
    facts = read_facts(
        _journal(
            BEGIN,
            ("child", {"what": "apply", "pid": 7, "started": 70, "boot": "b"}),
            ("applying", {"digest": "d"}),
            ("lock", {"id": "l1"}),
            ("start", KEY),
            ("complete", {**KEY, "id": "abc"}),
            ("start", {**KEY, "address": "aws_kms_alias.this"}),
        )
    )
    assert facts.begun
    assert facts.applying
    assert facts.locks == {"l1"}
    assert [identity.pid for identity in facts.processes] == [7]
    assert facts.touched["aws_kms_key.this"] == Touched("aws_kms_key.this", "aws_kms_key", "create", "abc", done=True)
    assert not facts.touched["aws_kms_alias.this"].done


def test_the_log_of_terraform_adds_what_the_pipe_lost() -> None:
    """A begun change that only terraform's log knows is touched; one that the journal knows keeps its facts."""
    seen: dict[str, object] = {"address": "aws_kms_alias.this", "action": "unknown"}
    also: dict[str, object] = {"address": "aws_kms_key.this", "action": "unknown"}
    facts = read_facts(
        _journal(
            BEGIN,
            ("applying", {}),
            ("start", KEY),
            ("complete", {**KEY, "id": "abc"}),
            ("start", seen),
            ("start", also),
        )
    )
    assert facts.touched["aws_kms_key.this"].id == "abc"
    assert facts.touched["aws_kms_key.this"].done
    assert facts.touched["aws_kms_alias.this"].action == "unknown"


def test_a_deleted_resources_id_is_forgotten() -> None:
    """In a replacement the old id must not be imported as the new thing."""
    deleted: dict[str, object] = {**KEY, "action": "delete", "id": "old"}
    facts = read_facts(_journal(BEGIN, ("applying", {}), ("start", deleted), ("complete", deleted), ("start", KEY)))
    assert facts.touched["aws_kms_key.this"] == Touched("aws_kms_key.this", "aws_kms_key", "create")


def test_a_saved_state_ends_the_doubt() -> None:
    """After `saved` nothing is unsaved; after a final outcome nothing is open; a parked one stays open."""
    saved = _journal(BEGIN, ("applying", {}), ("start", KEY), ("saved", {}))
    assert not read_facts(saved).applying
    assert read_facts([*saved, *_journal(("outcome", {"status": "parked"}))]).begun
    assert read_facts([*saved, *_journal(("outcome", {"status": "applied"}))]).finished


def test_a_creation_that_was_not_answered_did_not_fail() -> None:
    """Failed with an answer it failed; when none came nobody knows, until it is begun again."""
    failed = _journal(BEGIN, ("applying", {}), ("start", KEY), ("failed", KEY))
    assert read_facts(failed).touched["aws_kms_key.this"].failed
    unheard = [*failed, *_journal(("unanswered", {"address": "aws_kms_key.this"}))]
    assert read_facts(unheard).touched["aws_kms_key.this"] == Touched("aws_kms_key.this", "aws_kms_key", "create")
    assert read_facts([*unheard, *_journal(("start", KEY), ("failed", KEY))]).touched["aws_kms_key.this"].failed
    assert read_facts(_journal(("unanswered", {"address": "aws_kms_alias.this"}))).touched == {}
