"""gaia.kit.visible."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.errors import Invalid
from gaia.kit.visible import LONGEST, LONGEST_KEPT, cut, json_escaped, kept, shortened, visible, visible_in_color, whole

HOSTILE = "ok\x1b[2J\x1b]0;t\x07\r\x9b1m\u202egnp\u2066\u200b\ud800\x7f\n\tend"


def test_what_a_terminal_would_obey_is_shown_instead() -> None:
    """Escape sequences, a carriage return, C1 controls, bidi overrides, half characters; not newline and tab."""
    assert visible(HOSTILE) == (r"ok\x1b[2J\x1b]0;t\x07\r\x9b1m\u202egnp\u2066\u200b\ud800\x7f" + "\n\tend")
    assert visible("Grüße, 日本 ✓") == "Grüße, 日本 ✓"


@given(st.text(st.characters()))
def test_nothing_dangerous_is_left_and_twice_is_once(text: str) -> None:
    """No control character but newline and tab, no override; what is shown once is shown the same again."""
    shown = visible(text)
    assert visible(shown) == shown
    assert all(unicodedata.category(one) not in ("Cc", "Cs") or one in "\n\t" for one in shown)
    assert not any(unicodedata.bidirectional(one) in ("RLO", "LRO", "RLE", "LRE", "RLI", "LRI") for one in shown)


@given(st.text(st.characters(exclude_categories=[])))
def test_an_escaped_document_is_the_same_document(text: str) -> None:
    """And holds nothing of that raw; characters beyond 16 bits become pairs."""
    document = json_escaped(json.dumps({"reason": text}, ensure_ascii=False))
    assert json.loads(document) == json.loads(json.dumps({"reason": text}))
    assert visible(document) == document


def test_a_long_text_says_how_much_is_missing() -> None:
    """A text as long as the limit is whole."""
    assert shortened("a" * LONGEST) == "a" * LONGEST
    assert shortened("a" * (LONGEST + 5)).endswith("a … (5 more characters; --output json has all)")


def test_the_beginning_of_a_text_says_that_there_is_more() -> None:
    """In as many characters as were asked for; what fits is whole."""
    assert (cut("abc", 3), cut("abcd", 3)) == ("abc", "ab…")


def test_the_colors_of_a_program_stay_and_nothing_else() -> None:
    """What else its lines hold is shown, not obeyed."""
    assert visible_in_color("\x1b[1;31mred\x1b[0m") == "\x1b[1;31mred\x1b[0m"
    assert visible_in_color("\x1b[2J\x1b]52;c;YQ==\x07\x1b[0m\r") == r"\x1b[2J\x1b]52;c;YQ==\x07" + "\x1b[0m" + r"\r"


@pytest.mark.parametrize("text", ["a\ud800", "\udcff", "nul\0"])
def test_half_characters_are_not_written_down(text: str) -> None:
    """Bytes that were no UTF-8, from any door; the error itself can be shown."""
    with pytest.raises(Invalid, match="the reason is not UTF-8") as caught:
        kept(text, "the reason")
    assert caught.value.code == "text-invalid"
    assert caught.value.message.isprintable()
    assert whole("Grüße 日本 🙂\n", "it") == "Grüße 日本 🙂\n"


def test_what_is_written_down_has_an_end() -> None:
    """A text as long as the limit is kept."""
    assert kept("a" * LONGEST_KEPT, "it") == "a" * LONGEST_KEPT
    with pytest.raises(Invalid) as caught:
        kept("a" * (LONGEST_KEPT + 1), "it")
    assert caught.value.code == "text-too-long"
