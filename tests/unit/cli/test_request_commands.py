"""request, retire, resume, approve, reject: what is asked of the platform, what is said, how it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Conflict, Unauthenticated
from gaia.testing import views

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia

    from gaia.records.model import RequestStatus

SHORT = views.REQUEST[:16]
ASK = ("request", "object-store", "photos", "-s", "acme-use1-dev")


@pytest.fixture
def waiting(gaia: Gaia) -> Gaia:
    """One request of ada's waits; grace calls."""
    gaia.platform.views[views.REQUEST] = views.waiting()
    return gaia


def called(gaia: Gaia, name: str) -> dict[str, object]:
    """The arguments of the only call of that name."""
    (arguments,) = [arguments for each, arguments in gaia.platform.calls if each == name]
    return arguments


def test_request_hands_the_answers_on_and_shows_the_preview(gaia: Gaia) -> None:
    """Pairs stay texts, the time to live becomes a span, and the preview is on stdout with what to type next."""
    said = gaia(*ASK, "-a", "owner=team-media", "-a", "note=a=b", "--expires", "12h")
    assert said.code == 0
    assert called(gaia, "submit")["answers"] == {"owner": "team-media", "note": "a=b"}
    assert called(gaia, "submit")["expires"] == timedelta(hours=12)
    assert "7 to create" in said.out
    assert f"gaia approve {SHORT}" in said.out


def test_a_time_to_live_is_handed_on(gaia: Gaia) -> None:
    """And who is to approve is told that it ends by itself."""
    said = gaia(*ASK, "--ttl", "7d")
    assert called(gaia, "submit")["ttl"] == timedelta(days=7)
    assert "destroyed by itself 7d after it came to exist" in said.out


@pytest.mark.parametrize(
    ("given", "until"),
    [
        ((), None),
        (("--for", "12h"), timedelta(hours=12)),
        (("--for-ever",), "for-ever"),
        (("--until", "2030-12-24"), datetime(2030, 12, 25, tzinfo=UTC)),
        (("--until", "2030-12-24T18:00+01:00"), datetime(2030, 12, 24, 17, tzinfo=UTC)),
    ],
)
def test_keep_hands_the_end_on(gaia: Gaia, given: tuple[str, ...], until: object) -> None:
    """A day is meant with its end; without any end it is as long again as it was given."""
    standing = replace(views.waiting(), status="done", ttl=3600, lives_until="2026-11-30T00:00:00.000Z")
    gaia.platform.views[views.REQUEST] = standing
    said = gaia("keep", "photos", "-s", "acme-use1-dev", *given)
    assert (said.code, called(gaia, "keep")["until"]) == (0, until)
    assert ("lives until" in said.out) == (until != "for-ever")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (("--for", "7 days"), "duration-invalid"),
        (("--until", "tomorrow"), "date-invalid"),
        (("--until", "2099-12-24T18:00"), "date-invalid"),
        (("--until", "9999-12-31"), "date-invalid"),
        (("--until", "\x1b[31m2099"), "date-invalid"),
        (("--until", "2099-12-24", "--for-ever"), "keep-ambiguous"),
        (("--for", "1h", "--until", "2099-12-24"), "keep-ambiguous"),
    ],
)
def test_an_end_that_is_none(gaia: Gaia, given: tuple[str, ...], code: str) -> None:
    """One clear error, and nobody is asked."""
    said = gaia("keep", "photos", "-s", "acme-use1-dev", *given)
    assert (said.code, f"[{code}]" in said.err, gaia.platform.calls) == (2, True, [])
    assert "\x1b" not in said.err


def test_request_never_asks_where_nobody_sits(gaia: Gaia) -> None:
    """Without a terminal the questions are the platform's to refuse."""
    assert gaia(*ASK, given="team\n").code == 0
    assert called(gaia, "submit")["answers"] == {}


def test_request_asks_on_a_terminal_only_what_has_no_default(gaia: Gaia) -> None:
    """How many others there are is said; the template answers them itself."""
    said = gaia(*ASK, "-a", "owner=team-media", tty=True, given="gold\n")
    assert called(gaia, "submit")["answers"] == {"owner": "team-media", "tier": "gold"}
    assert "`--ask` asks 2 more questions" in said.err
    assert "GB" not in said.err


def test_request_asks_nothing_where_everything_is_answered(gaia: Gaia) -> None:
    """By options and defaults."""
    said = gaia(*ASK, "-a", "owner=team-media", "-a", "tier=gold", tty=True)
    assert called(gaia, "submit")["answers"] == {"owner": "team-media", "tier": "gold"}
    assert "--ask" not in said.err


def test_request_asks_everything_only_where_somebody_sits(gaia: Gaia) -> None:
    """`--ask` without a terminal is refused."""
    said = gaia(*ASK, "--ask")
    assert (said.code, "[no-terminal]" in said.err) == (2, True)


def test_request_asks_every_question_when_told_to(gaia: Gaia) -> None:
    """A wrong answer is asked again, given ones are not asked; prompts are on stderr."""
    said = gaia(*ASK, "--ask", "-a", "tier=gold", tty=True, given="team-media\nmany\n20\nno\n")
    assert called(gaia, "submit")["answers"] == {
        "tier": "gold", "owner": "team-media", "storage_gb": "20", "versioned": "false",
    }  # fmt: skip
    assert "How many GB? [10]: " in said.err
    assert "This needs a whole number." in said.err
    assert "How many GB?" not in said.out
    assert "Which tier?" not in said.err


def test_request_takes_answers_from_a_file_and_pairs_win(gaia: Gaia) -> None:
    """YAML, typed as written."""
    (gaia.settings.cwd / "answers.yaml").write_text("owner: team-a\nstorage_gb: 5\n")
    assert gaia(*ASK, "--answers", "answers.yaml", "-a", "owner=team-b").code == 0
    assert called(gaia, "submit")["answers"] == {"owner": "team-b", "storage_gb": 5}


@pytest.mark.parametrize(
    ("content", "code", "at"),
    [
        (None, "answers-missing", None),
        ("- a\n", "answers-invalid", "answers.yaml:1:1"),
        ("a: [1\nb: 2\n", "answers-invalid", "answers.yaml:2:2"),
        ("", "answers-invalid", "answers.yaml:1:1"),
    ],
)
def test_a_bad_file_of_answers_is_refused_with_its_place(
    gaia: Gaia, content: str | None, code: str, at: str | None
) -> None:
    """Nothing is submitted."""
    if content is not None:
        (gaia.settings.cwd / "answers.yaml").write_text(content)
    said = gaia(*ASK, "--answers", "answers.yaml", "-o", "json")
    assert said.error["error"] == code
    assert (said.error["at"] or "").endswith(at or "")
    assert gaia.platform.calls == []


@pytest.mark.parametrize("pair", ["owner", "=x", " =x"])
def test_an_answer_needs_a_key_and_a_value(gaia: Gaia, pair: str) -> None:
    """Invalid, and nothing is submitted."""
    said = gaia(*ASK, "-a", pair)
    assert said.code == 2
    assert "[answer-form]" in said.err


@pytest.mark.parametrize("text", ["7", "7 days", "0d", "d", "-1d", "1y"])
def test_a_time_to_live_that_is_none(gaia: Gaia, text: str) -> None:
    """One clear error."""
    said = gaia(*ASK, f"--expires={text}")
    assert said.code == 2
    assert "[duration-invalid]" in said.err


def test_detach_returns_before_any_work(gaia: Gaia) -> None:
    """The request is written down, and how to follow it is said."""
    said = gaia(*ASK, "--detach")
    assert "work" not in dict(gaia.platform.calls)
    assert f"gaia status {SHORT} --watch" in said.out


@pytest.mark.parametrize(
    ("end", "code"),
    [("waiting", 0), ("done", 0), ("denied", 5), ("rejected", 5), ("expired", 6), ("parked", 6), ("failed", 7)],
)
def test_the_exit_code_tells_how_it_ended(gaia: Gaia, end: RequestStatus, code: int) -> None:
    """The same codes as those of errors of that kind; the document is on stdout all the same."""
    gaia.platform.end = end
    said = gaia(*ASK, "--output", "json")
    assert said.code == code
    assert said.json["status"] == end


def test_approve_approves_the_digest_that_is_there_and_applies(waiting: Gaia) -> None:
    """The digest is read first, so that what is approved is what was there when the command began."""
    said = waiting("approve", "photos", "--reason", "small")
    assert said.code == 0
    assert called(waiting, "approve") == {"request": views.REQUEST, "digest": views.DIGEST, "reason": "small"}
    assert "✓ done" in said.out
    assert "apply …" in said.err


def test_approve_on_a_terminal_shows_the_preview_and_asks(waiting: Gaia) -> None:
    """Anything but yes decides nothing."""
    said = waiting("approve", "photos", tty=True, given="\n")
    assert said.code == 1
    assert "What an approver signs" in said.out
    assert "approve" not in dict(waiting.platform.calls)
    assert waiting("approve", "photos", tty=True, given="y\n").code == 0


@pytest.mark.parametrize("extra", [("--yes",), ("--digest", views.DIGEST)])
def test_approve_does_not_ask_whoever_has_decided(waiting: Gaia, extra: tuple[str, ...]) -> None:
    """With --yes, or with the digest in hand."""
    assert waiting("approve", "photos", *extra, tty=True).code == 0


def test_approve_another_digest_is_a_conflict(waiting: Gaia) -> None:
    """The preview has changed since somebody looked at it."""
    said = waiting("approve", "photos", "--digest", "sha256:00", "--output", "json")
    assert (said.code, said.error["error"]) == (6, "preview-changed")
    assert said.out == ""


def test_the_requester_may_not_approve(waiting: Gaia) -> None:
    """Refused, told once, on stderr."""
    waiting.platform.caller = "ada"
    said = waiting("approve", "photos", "--yes")
    assert said.code == 5
    assert said.err.count("who asks for something cannot approve it") == 1


def test_reject_needs_a_reason(waiting: Gaia) -> None:
    """A usage error without; with one, the requester reads it."""
    assert waiting("reject", "photos").code == 2
    said = waiting("reject", "photos", "--reason", "too big")
    assert said.code == 0
    assert "too big" in said.out


def test_retire_is_a_request_like_any_other(gaia: Gaia) -> None:
    """It is previewed and waits."""
    gaia.platform.views[views.REQUEST] = replace(views.waiting(), status="done")
    said = gaia("retire", "photos", "-s", "acme-use1-dev")
    assert said.code == 0
    assert "Retire photos" in said.out


@pytest.fixture
def leaving(gaia: Gaia) -> Gaia:
    """A live service whose retirement a policy approves of."""
    gaia.platform.views[views.REQUEST] = replace(views.waiting(), status="done")
    gaia.platform.policy_approves = True
    return gaia


def test_what_a_policy_would_destroy_is_shown_and_asked_first(leaving: Gaia) -> None:
    """The plan and where it would happen; a no, or nobody there, destroys nothing and says how to go on."""
    said = leaving("retire", "photos", "-s", "acme-use1-dev", tty=True, given="n\n")
    assert "As grace, destroy exactly this in account 123456789012" in said.err
    assert "Nothing was destroyed. `gaia approve" in said.err
    assert (said.code, said.out.count("Changes")) == (1, 1)
    assert [view.status for view in leaving.platform.views.values() if view.kind == "retire"] == ["waiting"]


def test_a_yes_destroys_what_was_shown(leaving: Gaia) -> None:
    """By the digest that was shown, in the policy's name."""
    said = leaving("retire", "photos", "-s", "acme-use1-dev", tty=True, given="y\n")
    assert "✓ done" in said.out
    approved = [arguments for name, arguments in leaving.platform.calls if name == "approve"]
    assert [one["digest"] for one in approved] == [views.DIGEST]


@pytest.mark.parametrize(("words", "status"), [((), "waiting"), (("--yes",), "done")])
def test_a_script_says_yes_beforehand(leaving: Gaia, words: tuple[str, ...], status: str) -> None:
    """Without it the retirement waits to be confirmed."""
    said = leaving("retire", "photos", "-s", "acme-use1-dev", *words, "-o", "json")
    assert (said.code, said.json["status"]) == (0, status)


def test_resume_goes_on(waiting: Gaia) -> None:
    """Through the work to the end."""
    waiting.platform.views[views.REQUEST] = replace(views.waiting(), status="parked")
    assert "✓ done" in waiting("resume", "photos").out


def test_an_error_in_the_work_is_told_with_nothing_on_stdout(waiting: Gaia) -> None:
    """The engine is elsewhere, say."""
    waiting.platform.fails["work"] = Conflict("engine-busy", "another engine runs", next_step="Wait for it.")
    said = waiting("approve", "photos", "-y", "-o", "json")
    assert (said.code, said.out, said.error["error"]) == (6, "", "engine-busy")


def test_ctrl_c_in_the_work_says_how_to_go_on(waiting: Gaia) -> None:
    """130, and the request's own command."""
    waiting.platform.fails["work"] = KeyboardInterrupt()
    said = waiting("approve", "photos", "-y")
    assert said.code == 130
    assert f"gaia resume {SHORT}" in said.err


def test_a_log_that_cannot_be_followed_does_not_stop_the_work(waiting: Gaia) -> None:
    """Progress is a courtesy."""
    waiting.platform.fails["log"] = OSError("gone")
    assert waiting("approve", "photos", "-y").code == 0


def test_progress_is_plain_lines_where_no_terminal_is(waiting: Gaia) -> None:
    """Resources with times, on stderr; nothing there beside documents, where only an error may stand."""
    waiting.platform.lines = [
        {"at": "2126-11-23T23:09:02.000Z", "level": "info", "step": "apply", "message": "",
         "instance": "acme-use1-dev/photos-key",
         "event": {"kind": kind, "address": "aws_kms_key.this", "action": "create"}}
        for kind in ("start", "complete")
    ]  # fmt: skip
    documents = waiting("approve", "photos", "-y", "-o", "json")
    assert (documents.json["status"], documents.err) == ("done", "")
    waiting.platform.views[views.REQUEST] = views.waiting()
    said = waiting("approve", "photos", "-y")
    assert "photos-key: aws_kms_key.this creating" in said.err
    assert "aws_kms_key.this created after 0s" in said.err


def test_without_a_token_one_error_says_what_to_set(gaia: Gaia) -> None:
    """Unauthenticated has an exit code of its own."""
    gaia.platform.fails["submit"] = Unauthenticated("token-missing", "GAIA_TOKEN is not set", next_step="Set it.")
    assert gaia(*ASK).code == 4
