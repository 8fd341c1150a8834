"""gaia.kit.canonical."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.kit import canonical

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=12,
)


def test_the_form_is_sorted_dense_utf8() -> None:
    """Order of keys and blanks do not matter; letters stay letters."""
    assert canonical.dumps({"b": [1, 2], "a": "é"}) == '{"a":"é","b":[1,2]}'.encode()


@given(st.dictionaries(st.text(), JSON, max_size=6))
def test_the_form_does_not_depend_on_order_and_loses_nothing(value: dict[str, object]) -> None:
    """The same data in another order has the same bytes, and the bytes hold the data."""
    again = dict(reversed(list(value.items())))
    assert canonical.dumps(value) == canonical.dumps(again)
    assert json.loads(canonical.dumps(value)) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"bytes", object()])
def test_what_json_lacks_is_an_error(value: object) -> None:
    """A digest is never taken over something that has no one form."""
    with pytest.raises((TypeError, ValueError)):
        canonical.dumps({"x": value})


def test_the_digest_is_a_known_one() -> None:
    """Digests are stored for years, so the form must never change by accident."""
    assert (
        canonical.digest({"b": 1, "a": [True, None, "é"]})
        == "sha256:17c8c6f7f948ee1c9b93b1bc35f6edc29cbaf3022bff7d076d1c4831dd8a44a2"
    )


def test_a_signature_holds_for_its_value_and_key_only() -> None:
    """Another value, another key and another text are refused."""
    signature = canonical.sign({"a": 1}, b"key")
    assert signature.startswith("hmac-sha256:")
    assert canonical.verify({"a": 1}, b"key", signature)
    assert not canonical.verify({"a": 2}, b"key", signature)
    assert not canonical.verify({"a": 1}, b"other", signature)
    assert not canonical.verify({"a": 1}, b"key", "hmac-sha256:00")
