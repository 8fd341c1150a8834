"""Reading YAML: values by Go's rules, places, and hostile input."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.errors import Invalid, Position
from gaia.kit.yaml import MAX_SCALAR, parse, parse_values

if TYPE_CHECKING:
    from collections.abc import Callable

JSON_DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(codec="ascii")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="ascii")), inner, max_size=4)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("on", "on"), ("n", "n"), ("true", True), ("FALSE", False), ("~", None), ("null", None),
        ("0644", 420), ("0o644", 420), ("0x1F", 31), ("0b101", 5), ("-0x10", -16), ("1_000", 1000), ("+12", 12),
        ("08", 8), ("1e5", 100000), ("1.0", 1), ("1.50", 1.5), (".5", 0.5), ("1:30", "1:30"), ("1e400", "1e400"),
        ("12345678901234567890", 12345678901234567890), ("-0", 0), ("!!str 1", "1"), ("'1'", "1"), ("2012-10-17", {}),
        ("2001-12-14t21:59:43.10-05:00", {}), ("1.2.3", "1.2.3"), ("0x", "0x"), ("_1", "_1"),
    ],
)  # fmt: skip
def test_plain_scalars_follow_go(text: str, value: object) -> None:
    """An unquoted scalar has the type and value that Go's yaml.v3 gives it."""
    found = parse(f"a: {text}".encode(), "f").value
    assert found == {"a": value}
    assert isinstance(found, dict)
    assert isinstance(found["a"], type(value))
    assert isinstance(found["a"], bool) is isinstance(value, bool)


@given(JSON_DATA)
def test_json_is_yaml(data: object) -> None:
    """JSON data written as JSON is read back unchanged."""
    assert parse(json.dumps(data).encode(), "f").value == data


@given(st.binary(max_size=200) | st.text(st.sampled_from("ab:-[]{}&*!<>|'\"\n \t#?%@,~1"), max_size=60).map(str.encode))
def test_any_bytes_give_a_tree_or_one_error(content: bytes) -> None:
    """Whatever a file holds, the reader answers with data or with an error that has a position."""
    found = _outcome(lambda: parse(content, "f", _kept).value)
    assert not isinstance(found, Invalid) or (found.code.startswith("yaml-") and found.at)


@given(
    st.lists(
        st.sampled_from(
            ("a: ", "b: &x ", "*x", "<<: *x\n", "{c: 1}", "[1, 'y']", "- ", "\n", "  ", "!t ", "!!str ", '"q"', "~",
             "0x1F", "2020-01-01", "? ", ": ", "a: 1\n", "---\n")
        ),
        max_size=12,
    ).map("".join)
)  # fmt: skip
def test_values_alone_are_the_same(text: str) -> None:
    """The faster way gives the same tree, or the same error at the same place."""
    found, wanted = (
        _outcome(lambda: parse_values(text.encode(), "f", _kept)),
        _outcome(lambda: parse(text.encode(), "f", _kept).value),
    )
    if isinstance(wanted, Invalid):
        assert isinstance(found, Invalid)
        assert (found.code, found.at) == (wanted.code, wanted.at)
    else:
        assert found == wanted


def _outcome(read: Callable[[], object]) -> object:
    """What is read, or the error."""
    try:
        return read()
    except Invalid as error:
        return error


def _kept(tag: str, value: object, _: Position) -> object:
    return [tag, value]


def test_knows_where_keys_and_elements_stand() -> None:
    """A key's place is where the key is written, an element's where it begins."""
    document = parse(b"a:\n  b: 1\n  c:\n    - x\n    - {d: 2}\n", "f.yaml")
    assert document.at(("a", "c")) == Position("f.yaml", 3, 3)
    assert document.at(("a", "c", 1, "d")) == Position("f.yaml", 5, 8)
    assert document.mark_of(("a", "b"))[2:4] == (2, 6)


def test_merge_keys_keep_the_places_of_their_source() -> None:
    """What a map says itself beats a merged map; a merged key stands where it is written."""
    document = parse(b"base: &b {x: 1, y: 1}\nown:\n  y: 2\n  <<: *b\n", "f")
    assert document.value == {"base": {"x": 1, "y": 1}, "own": {"y": 2, "x": 1}}
    assert document.at(("own", "x")) == Position("f", 1, 11)


def test_keys_that_are_not_texts_become_texts() -> None:
    """Numbers, booleans and null are spelled out as keys."""
    assert parse(b"{1: a, true: b, 0x10: c}", "f").value == {"1": "a", "true": "b", "16": "c"}


def test_custom_tags_are_handed_over() -> None:
    """The caller decides what a custom tag gives, and learns its place."""
    seen: list[tuple[str, object, Position]] = []

    def tag(name: str, value: object, at: Position) -> object:
        seen.append((name, value, at))
        return 7

    assert parse(b"a: !f x y\nb: !g [1]\n", "f", tag).value == {"a": 7, "b": 7}
    assert seen == [("!f", "x y", Position("f", 1, 4)), ("!g", [1], Position("f", 2, 4))]


BOMB = b"a: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n".encode()
    for before, name in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"a:\n\tb: 1\n", "yaml-syntax", 2),
        (b"a: {{ .x }}\n", "yaml-key", 1),
        (b"a: [1\n", "yaml-syntax", 2),
        (b"ok: 1\nbin: \x00\x01\n", "yaml-binary", 2),
        (b"\x7fELF\x02\xff\xfe", "yaml-binary", 1),
        (b"a: 1\nb: 2\na: 3\n", "yaml-duplicate-key", 3),
        (b"1: x\n'1': y\n", "yaml-duplicate-key", 2),
        (b"a: *nowhere\n", "yaml-alias", 1),
        (b"a: &x\n  b: *x\n", "yaml-alias", 2),
        (BOMB, "yaml-alias", 6),
        (b"a:\n  " + b"[" * 5000, "yaml-too-deep", 2),
        (b"a: 1\nb: " + b"x" * (MAX_SCALAR + 1), "yaml-too-large", 2),
        (b"x: !unknown 1\n", "yaml-tag", 1),
    ],
)
def test_bad_input_has_one_error_with_a_place(content: bytes, code: str, line: int) -> None:
    """Broken and hostile files are refused with the line, never with a hang or a stack trace."""
    with pytest.raises(Invalid) as caught:
        parse(content, "bad.yaml")
    assert caught.value.code == code
    assert caught.value.at is not None
    assert (caught.value.at.file, caught.value.at.line) == ("bad.yaml", line)
