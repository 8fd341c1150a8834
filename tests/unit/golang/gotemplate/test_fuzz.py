"""Whatever stands in a template: a text or a refusal with a place, soon, and never a traceback."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from gaia.errors import Invalid
from gaia.golang.gotemplate import parse
from gaia.golang.gotemplate.gomplate import library as gomplate
from gaia.golang.gotemplate.sprig import library as sprig

ENVIRON = {"A": "1"}
SPRIG = sprig.functions(ENVIRON)
GOMPLATE = gomplate.functions(ENVIRON)
DATA = {"s": "a", "n": 1, "f": 2.5, "t": True, "nil": None, "l": [1, "b", None], "m": {"a": {"b": 1}}, "u": "é\u2028😀"}
LANGUAGE = """{{ }} {{- -}} ( ) | . .s .n .f .t .nil .l .m .m.a.b .x.y $ $x := = , if else end range with define
template
block break continue nil true false 0 1 -1 1.5 0x1 1e9 "a" `b` 'c' "%d" print printf index len slice eq lt and or not
add div until list dict join toJson upper repeat /* */ strings.Title coll.Has :"""
PIECES = LANGUAGE.split()
VALUES = r"""nil; true; false; 0; 1; -1; 3; 99; -99; 2.5; 1e308; 9223372036854775807; ""; "a"; "é😀"; "1"; "0x";
"2020-01-01"; "("; "%"; "a,b"; "1.2.3"; "{\"a\":1}"; .s; .n; .f; .t; .nil; .l; .m; .missing; (list); (list 1 "a" nil);
(dict); (dict "a" 1); (list (list 1)); (list 2 1); (until 3); (now); (semver "1.2.3"); (int64 3); "\x80"; "\n";
(dict "a" (dict "b" nil)); (toDate "2006" "2020")""".replace("\n", " ").split("; ")


def outcome(text: str, functions: object = SPRIG) -> str:
    """The text, or the code of the refusal."""
    try:
        return parse(text, name="t").render(DATA, functions)  # type: ignore[arg-type]
    except Invalid as refused:
        error = refused
    assert error.code.startswith("template-")
    assert error.at is not None
    assert min(error.at.line, error.at.column) >= 1
    return error.code


@given(st.lists(st.sampled_from(PIECES), max_size=24))
def test_any_pieces(pieces: list[str]) -> None:
    """Pieces of the language in any order, with and without delimiters around them."""
    outcome(" ".join(pieces))
    outcome("{{ " + " ".join(pieces) + " }}")
    outcome("{{ if .t }}" + " ".join(pieces) + "{{ end }}", GOMPLATE)


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    """Text in an action, in a string, in a comment, and around."""
    for template in (text, "{{" + text, "{{" + text + "}}", "{{ `" + text + "` }}", "{{/*" + text + "*/}}"):
        outcome(template)
    literal = json.dumps(text.replace("\u007f", ""), ensure_ascii=False)
    if not any(ord(char) < 32 for char in text) and "\u007f" not in text:
        assert outcome("{{ " + literal + " }}") == text


SPACES = ("strings", "regexp", "path", "base64", "crypto", "coll", "conv", "math", "test", "data", "time", "env")
MEMBERS = [name for name in GOMPLATE if name not in SPACES] + [
    f"{space}.{member}"
    for space in SPACES
    for member in GOMPLATE[space]().members  # type: ignore[attr-defined]
]
ARGUMENTS = st.lists(st.sampled_from(VALUES), max_size=4)


@given(st.sampled_from(sorted(SPRIG)), ARGUMENTS)
def test_any_call_of_sprig(name: str, values: list[str]) -> None:
    """Every function with any arguments: none makes the renderer break."""
    outcome("{{ " + " ".join([name, *values]) + " }}")


@given(st.sampled_from(MEMBERS), ARGUMENTS)
@example("conv.ParseInt", ["3", "0", "9223372036854775807"])
def test_any_call_of_gomplate(name: str, values: list[str]) -> None:
    """Every function and member of a namespace with any arguments."""
    outcome("{{ " + " ".join([name, *values]) + " }}", {**SPRIG, **GOMPLATE})
