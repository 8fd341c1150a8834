"""What is given to a negated call, read as OPA reads it."""

from __future__ import annotations

import pytest

from gaia.policy.negation import as_opa_reads


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("\tnot tags.good(r.after.tags)\n", "\tgiven_1 := r.after.tags; not tags.good(given_1)\n"),
        ('{ not r.b in {"x.y"}; r }', '{ given_1 := r.b; not given_1 in {"x.y"}; r }'),
        ('not f(r["a-b"].c, `r.d`)', 'given_1 := r["a-b"].c; not f(given_1, `r.d`)'),
        ("not f(lower(r.a), r.b)", "given_1 := r.a; given_2 := r.b; not f(lower(given_1), given_2)"),
        ("not re_match(`^a$`, r.a) # not f(r.b)", "given_1 := r.a; not regex.match(`^a$`, given_1) # not f(r.b)"),
    ],
)
def test_what_is_given_is_read_before_the_negation(text: str, read: str) -> None:
    """On the same line; the older name of a function is the newer one's."""
    assert as_opa_reads(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "not r.a.b",
        "not r.a == 1",
        "not f(r)",
        "not f(r.a[_])",
        "not f(input.x) with input as y",
        "not f(r.a,\n  r.b)",
        '# not f(r.a)\nx := "not f(r.a)"',
        'x := "re_match(r.a)"',
    ],
)
def test_everything_else_stays_as_it_is(text: str) -> None:
    """Equality is no call, a name alone is there, and what is not on one line is left alone."""
    assert as_opa_reads(text) == text
