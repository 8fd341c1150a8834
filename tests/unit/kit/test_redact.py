"""gaia.kit.redact."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.kit.redact import MASK, Redactor


def test_nothing_is_hidden_before_something_is_learnt() -> None:
    """A new redactor is the identity."""
    assert Redactor()("password=hunter2") == "password=hunter2"


def test_every_string_in_a_value_is_hidden() -> None:
    """Nested maps, lists and numbers are learnt too."""
    redact = Redactor()
    redact.learn({"a": ["first-secret", {"b": "second-secret"}], "port": 54321})
    text = redact("x first-secret y second-secret z 54321")
    assert text == f"x {MASK} y {MASK} z {MASK}"


def test_the_escaped_form_is_hidden() -> None:
    """A secret with quotes, newlines or letters beyond ASCII is found in JSON text in either spelling."""
    secret = 'pa"ss\nwörd'
    redact = Redactor()
    redact.learn(secret)
    for text in (json.dumps({"x": secret}), json.dumps({"x": secret}, ensure_ascii=False), secret):
        assert "ss" not in redact(text).replace(MASK, "")


def test_each_line_of_a_long_secret_is_hidden() -> None:
    """A private key printed line by line stays hidden."""
    redact = Redactor()
    redact.learn("-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----")
    assert redact("> MIIEvQIBADANBg <") == f"> {MASK} <"


def test_a_secret_inside_a_longer_one_leaves_no_rest() -> None:
    """The longest is replaced first."""
    redact = Redactor()
    redact.learn(["secret", "secret-and-more"])
    assert redact("secret-and-more") == MASK


@pytest.mark.parametrize("value", ["", "abc", 1, True, None, 3.5])
def test_short_values_do_not_blank_every_line(value: object) -> None:
    """They are hidden by structure (the plan's marks), not by text."""
    redact = Redactor()
    redact.learn(value)
    assert redact("abc 1 True None 3.5") == "abc 1 True None 3.5"


@given(st.lists(st.text(min_size=4), min_size=1, max_size=4), st.text(), st.text())
def test_no_learnt_secret_survives(secrets: list[str], before: str, after: str) -> None:
    """Whatever surrounds it, a learnt secret does not stand in the result, unless the mask itself holds it."""
    redact = Redactor()
    redact.learn(secrets)
    for secret in secrets:
        if secret not in MASK:
            assert secret not in redact(f"{before}{secret}{after}").replace(MASK, "\x00")


def test_data_stays_json_when_a_number_is_secret() -> None:
    """Texts are redacted inside the data, so a secret that looks like a number cannot break the document."""
    redact = Redactor()
    redact.learn({"port": 5432, "password": "correct horse"})
    assert redact.data({"elapsed": 5432, "say": ["port 5432", "correct horse", None]}) == {
        "elapsed": 5432,
        "say": ["port (sensitive)", "(sensitive)", None],
    }


def test_exactly_the_secret_is_hidden_in_its_escaped_forms() -> None:
    """The text around it stays, quotes and all, so that the document is still one."""
    secret = 'pa"ss\nwörd'
    redact = Redactor()
    redact.learn(secret)
    for escaped in (json.dumps({"x": secret}), json.dumps({"x": secret}, ensure_ascii=False)):
        assert redact(escaped) == f'{{"x": "{MASK}"}}'


@pytest.mark.parametrize(
    ("value", "hidden"), [("abcd", True), ("abc", False), (1234, True), (123, False), (1.25, True)]
)
def test_what_is_long_enough_is_hidden(value: object, hidden: bool) -> None:
    """From four characters on."""
    redact = Redactor()
    redact.learn(value)
    assert redact.knows(f"<{value}>") is hidden
    assert redact(f"<{value}>") == (f"<{MASK}>" if hidden else f"<{value}>")


def test_lines_of_a_secret_count_as_secrets_of_their_own() -> None:
    """Those that are long enough; what was learnt before is still known."""
    redact = Redactor()
    redact.learn("earlier")
    redact.learn(("first-line\nabc", {"deep": ["second\nsecret"]}))
    assert all(redact.knows(text) for text in ("earlier", "first-line", "second", "secret"))
    assert not redact.knows("abc")
    assert not redact.knows("nothing of this kind")


def test_texts_in_tuples_and_maps_are_redacted() -> None:
    """Keys stay, for they name things."""
    redact = Redactor()
    redact.learn("hunter2")
    assert redact.data({"hunter2": ("hunter2", 7, True)}) == {"hunter2": [MASK, 7, True]}
