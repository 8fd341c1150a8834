"""A program that is kept and asked again and again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from gaia.errors import ToolFailed
from gaia.kit.process import Conversation, converse

if TYPE_CHECKING:
    from pathlib import Path

ECHO = """
import sys
for line in sys.stdin:
    if "die" in line: sys.stderr.write("oops"); sys.exit(3)
    if "hang" in line: input()
    print(len(line), flush=True)
"""


@pytest.fixture
def talk(tmp_path: Path) -> Conversation:
    """With a program that says how long each line is."""
    return converse([sys.executable, "-c", ECHO], cwd=tmp_path, env={})


def test_questions_are_answered_one_after_the_other(talk: Conversation) -> None:
    """Also one that is much longer than a pipe holds."""
    assert [talk.ask(b"x" * size + b"\n", 30) for size in (1, 5_000_000, 2)] == [b"2", b"5000001", b"3"]
    assert talk.running


def test_one_that_ends_says_how(talk: Conversation) -> None:
    """Its status, and what it complained of; after that it is of no use."""
    with pytest.raises(ToolFailed) as caught:
        talk.ask(b"die\n", 30)
    assert (caught.value.code, caught.value.facts) == ("tool-ended", {"status": 3, "stderr": "oops"})
    assert not talk.running


def test_one_that_does_not_answer_is_ended(talk: Conversation) -> None:
    """With all that it started; an answer that came later would be another question's."""
    with pytest.raises(ToolFailed) as caught:
        talk.ask(b"hang\n", 0.2)
    assert caught.value.code == "tool-timeout"
    assert not talk.running
