"""A journal summed up."""

from __future__ import annotations

from gaia.kit.procfs import Identity
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


def test_what_is_only_read_is_no_fact() -> None:
    """Data sources and ephemeral resources, in modules too, and reads and no-ops of anything."""
    data: dict[str, object] = {"type": "aws_kms_key", "action": "read", "id": "abc"}
    entries = [
        ("start", {**data, "address": 'data.aws_kms_key.gaia_search["x"]'}),
        ("complete", {**data, "address": 'module.a["x.y"].data.aws_kms_key.k', "action": "unknown"}),
        ("start", {**data, "address": "ephemeral.aws_secret.s", "action": "open"}),
        ("complete", {**data, "address": "aws_kms_key.this"}),
        ("complete", {**data, "address": "aws_kms_key.this", "action": "no-op"}),
    ]
    assert read_facts(_journal(BEGIN, *entries)).touched == {}


def test_an_update_says_under_which_id_it_exists() -> None:
    """Begun and not finished: its id is known; of a creation or a deletion begun it is not taken."""
    update: dict[str, object] = {**KEY, "action": "update", "id": "abc"}
    facts = read_facts(_journal(BEGIN, ("applying", {}), ("start", update)))
    assert facts.touched["aws_kms_key.this"] == Touched("aws_kms_key.this", "aws_kms_key", "update", "abc")
    for action in ("create", "delete"):
        begun: dict[str, object] = {**KEY, "action": action, "id": "abc"}
        assert read_facts(_journal(BEGIN, ("start", begun))).touched["aws_kms_key.this"].id == ""


def test_an_apply_that_never_began_changes_nothing() -> None:
    """What was unsaved before it is unsaved, what was saved is saved."""
    never = _journal(("applying", {}), ("unbegun", {}))
    assert not read_facts([*_journal(BEGIN), *never]).applying
    assert read_facts([*_journal(BEGIN, ("applying", {})), *never]).applying
    assert not read_facts([*_journal(BEGIN, ("applying", {}), ("saved", {})), *never]).applying


def test_the_newest_outcome_counts_until_something_is_applied_again() -> None:
    """A parked outcome is passed over once the next attempt applies; processes and instance are known throughout."""
    parked = _journal(BEGIN, ("outcome", {"status": "parked"}))
    assert read_facts(parked).outcome == {"status": "parked"}
    again = read_facts([*parked, *_journal(("applying", {}))])
    assert again.outcome is None
    assert (again.operation, again.instance) == ("apply", "dev/key")
    assert read_facts(_journal(BEGIN, ("outcome", {"status": "unchanged"}))).finished


def test_an_id_is_kept_through_what_happens_to_a_thing_later() -> None:
    """Created, then updated, then failed: under the id that its creation reported, with its type."""
    made: dict[str, object] = {**KEY, "id": "abc"}
    later: dict[str, object] = {"address": KEY["address"], "action": "update"}
    facts = read_facts(_journal(BEGIN, ("start", KEY), ("complete", made), ("failed", later)))
    assert facts.touched["aws_kms_key.this"] == Touched("aws_kms_key.this", "aws_kms_key", "update", "abc", failed=True)
    replaced = read_facts(_journal(BEGIN, ("complete", made), ("complete", {**KEY, "id": "new"})))
    assert replaced.touched["aws_kms_key.this"].id == "new"
    gone = read_facts(_journal(BEGIN, ("complete", made), ("start", {**KEY, "action": "delete"})))
    assert gone.touched["aws_kms_key.this"] == Touched("aws_kms_key.this", "aws_kms_key", "delete")


def test_a_process_without_numbers_is_nobody() -> None:
    """A damaged entry names pid 0, which is never found."""
    child: dict[str, object] = {"what": "plan", "pid": "7", "started": None, "boot": "b"}
    assert read_facts(_journal(BEGIN, ("child", child))).processes == (Identity(0, 0, "b"),)


def test_the_type_comes_from_whoever_knows_it() -> None:
    """An event has it; terraform's own log has not."""
    typed: dict[str, object] = {**KEY, "type": "new_type", "action": "update"}
    facts = read_facts(_journal(BEGIN, ("complete", {**KEY, "id": "abc"}), ("failed", typed)))
    assert facts.touched["aws_kms_key.this"].type == "new_type"


def test_nothing_is_finished_or_refused_that_only_began() -> None:
    """What a line does not say is not so: no id, not done, not failed, an action that nobody knows."""
    facts = read_facts(_journal(BEGIN, ("applying", {}), ("start", {"address": "aws_kms_key.this"})))
    assert facts.touched["aws_kms_key.this"] == Touched("aws_kms_key.this", "", "unknown", "", done=False, failed=False)
    assert not Touched("a.b", "a", "create").done
    assert not read_facts([]).applying


def test_what_was_begun_anew_is_not_what_was_done_before() -> None:
    """Failed, then begun again by the next attempt: without an id there is nothing to keep of the first."""
    facts = read_facts(_journal(BEGIN, ("start", KEY), ("failed", KEY), ("start", KEY)))
    assert facts.touched["aws_kms_key.this"] == Touched("aws_kms_key.this", "aws_kms_key", "create")
    untyped: dict[str, object] = {"address": KEY["address"], "action": "update"}
    later = read_facts(_journal(BEGIN, ("start", KEY), ("failed", untyped)))
    assert later.touched["aws_kms_key.this"] == Touched("aws_kms_key.this", "", "update", failed=True)


def test_another_operation_in_the_place_of_the_first() -> None:
    """Of that only processes and locks count: what it touched is nothing that the other one has done."""
    child = {"what": "plan", "pid": 5, "started": 7, "boot": "b"}
    facts = read_facts(
        (
            Entry("", "begin", {"operation": "destroy", "instance": "dev/x"}),
            Entry("", "child", child),
            Entry("", "lock", {"id": "l"}),
            Entry("", "applying", {"digest": "d", "changes": [["a.b", ["delete"]]]}),
            Entry("", "start", {"address": "a.b", "type": "a", "action": "delete"}),
            Entry("", "outcome", {"status": "parked"}),
            Entry("", "begin", {"operation": "apply", "instance": "dev/x"}),
        )
    )
    assert (facts.operation, facts.applying, dict(facts.touched), facts.outcome) == ("apply", False, {}, None)
    assert (len(facts.processes), facts.locks, facts.begun, facts.instead) == (1, frozenset("l"), True, True)


def test_what_ended_because_terraform_was_told_to_end_was_cut_off() -> None:
    """And no longer once it is begun again; what failed of itself was not."""
    failed = [*_journal(BEGIN, ("applying", {"digest": "d"}), ("start", KEY), ("failed", KEY), ("saved", {}))]
    told = [*failed, *_journal(("outcome", {"status": "parked", "code": "interrupted"}))]
    assert read_facts(told).touched["aws_kms_key.this"].cut_off
    assert not read_facts([*told, *_journal(("start", KEY), ("failed", KEY))]).touched["aws_kms_key.this"].cut_off
    other = [*failed, *_journal(("outcome", {"status": "parked", "code": "terraform-failed"}))]
    assert not read_facts(other).touched["aws_kms_key.this"].cut_off
