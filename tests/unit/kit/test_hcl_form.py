"""What a file of HCL says, whatever it looks like."""

from __future__ import annotations

import pytest

from gaia.kit.hcl_form import form_of

CODE = b'resource "a" "b" {\n  x = "u ${v} ${w}"\n  n = [1, 2]\n  t = <<EOT\n  a  b\n  ${c}  d\nEOT\n}\n'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"  x = ", b"\n\n\tx    =  "),
        (b"[1, 2]", b"[ 1,2 ]"),
        (b"[1, 2]", b"[1, 2] # why"),
        (b"  n = ", b"  /* this\n too */ n = "),
    ],
)
def test_blanks_and_comments_say_nothing(old: bytes, new: bytes) -> None:
    """Between words."""
    assert form_of(CODE.replace(old, new)) == form_of(CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"${v} ${w}", b"${v}  ${w}"),
        (b"${v} ${w}", b"${v}${w}"),
        (b"a  b", b"a b"),
        (b"}  d", b"} d"),
        (b"  a  b", b"    a  b"),
        (b"[1, 2]", b"[12]"),
        (b"[1, 2]", b"[1, -2]"),
        (b'"b" {', b'"b " {'),
        (b"x = ", b"xn = "),
    ],
)
def test_blanks_in_texts_and_everything_else_do(old: bytes, new: bytes) -> None:
    """Also those between values that are put into a text, which a parser may drop."""
    assert form_of(CODE.replace(old, new)) != form_of(CODE)


def test_what_is_no_hcl_is_its_bytes() -> None:
    """So that nothing of it is passed over."""
    assert form_of(b"a = [ # x\n") != form_of(b"a = [ # y\n")
    assert form_of(b"\xff\xfe") == b"\xff\xfe"
