"""Places of failures, limits, and what rendering leaves alone."""

from __future__ import annotations

import gc
import weakref
from collections import UserDict
from concurrent.futures import ThreadPoolExecutor

import pytest

from gaia.errors import Invalid
from gaia.golang.gotemplate import Namespace, parse
from gaia.golang.gotemplate.gomplate import library as gomplate
from gaia.golang.gotemplate.sprig.library import functions

FUNCTIONS = functions({"HOME": "/srv/x", "A": "1"})


def refusal(text: str, data: object = None, *, strict: bool = False) -> Invalid:
    """The refusal that `text` ends in."""
    with pytest.raises(Invalid) as caught:
        parse(text, name="a.yaml", line=10).render(data, FUNCTIONS, missing="error" if strict else "default")
    return caught.value


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("a\nb {{ if }}", "template-syntax", "a.yaml:11:9"),
        ("{{ nope 1 }}", "template-syntax", "a.yaml:10:4"),
        ("x\n\n  {{ .a.b }}", "template-failed", "a.yaml:12:6"),
        (f"{{{{ {'9' * 5000} }}}}", "template-syntax", "a.yaml:10:4"),
        ("{{ upper 1 }}", "template-failed", "a.yaml:10:10"),
        ("{{ fail `no` }}", "template-failed", "a.yaml:10:4"),
    ],
)
def test_a_failure_says_where(text: str, code: str, at: str) -> None:
    """The position is that of the expression, counted from the line that the text begins on."""
    error = refusal(text, {"a": None})
    assert (error.code, str(error.at)) == (code, at)
    assert error.next_step


def test_a_missing_key_is_its_own_failure() -> None:
    """With `missing="error"` a key that a map lacks has a code of its own; else it prints as in Go."""
    assert refusal("{{ .a.b }}", {"a": {}}, strict=True).code == "template-missing-key"
    assert refusal("{{ .a.b }}", {}, strict=True).code == "template-missing-key"
    assert parse("{{ .a.b }}", name="t").render({}, {}) == "<no value>"


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "{{ range 2000000000 }}{{ end }}",
        "{{ range until 1000 }}{{ range until 1000 }}{{ range until 1000 }}x{{ end }}{{ end }}{{ end }}",
        '{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}',
        '{{ repeat 1000000000 "abc" }}',
        '{{ $x := "ab" }}{{ range until 60 }}{{ $x = cat $x $x }}{{ end }}',
        "{{ $x := list 1 }}{{ range until 60 }}{{ $x = concat $x $x }}{{ end }}",
        "{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ $x }}",
        "{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ toJson $x }}",
        (
            "{{ $x := list 1 }}{{ $y := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ $y = list $y $y }}"
            "{{ end }}{{ deepEqual $x $y }}"
        ),
        '{{ range until 1000 }}{{ repeat 100000 "a" }}{{ end }}',
        '{{ replace "" (repeat 9000 "b") (repeat 9000 "a") }}',
        '{{ indent 100000 (repeat 100000 "\\n") }}',
        "{{ until 100000000 }}",
        '{{ $l := list }}{{ range until 1000 }}{{ $l = append $l (repeat 9000000 "a") }}{{ end }}',
        '{{ $x := repeat 9000000 "a" }}{{ range until 1000 }}{{ $y := upper $x }}{{ end }}',
        '{{ regexFindAll "" (repeat 1000000 "a") -1 }}',
        '{{ regexReplaceAll "a" (repeat 1000000 "a") "b" }}',
        "{{ $x := until 200000 }}{{ range until 100000 }}{{ $y := reverse $x }}{{ end }}",
        '{{ $a := dict }}{{ $_ := merge $a (dict "x" $a) }}{{ $a }}',
    ],
)
@pytest.mark.no_cover
def test_a_template_that_makes_too_much_is_stopped(text: str) -> None:
    """Loops, recursion and doubling end in a refusal, soon and with little memory."""
    assert refusal(text).code == "template-too-long"


@pytest.mark.parametrize("text", ["(" * 300, "{{" + "(" * 300 + ".s" + ")" * 300 + "}}", "{{if .}}" * 300])
def test_deep_nesting_is_refused(text: str) -> None:
    """A parser that recurses would run out of stack."""
    if text.startswith("{{"):
        assert refusal(text).code == "template-syntax"
    else:
        assert parse(text, name="t").render({}, {}) == text


def test_a_value_nested_a_thousand_levels_is_refused() -> None:
    """Data that a template builds cannot make the printer run out of stack."""
    error = refusal("{{ $x := list 1 }}{{ range until 5000 }}{{ $x = list $x }}{{ end }}{{ $x }}")
    assert error.code == "template-too-long"


def test_data_is_left_alone() -> None:
    """A function that changes a map changes a copy: what is rendered twice is the same twice."""
    data = {"m": {"a": 1}}
    template = parse('{{ $_ := set .m "a" 2 }}{{ .m.a }}{{ $_ := unset .m "a" }}{{ .m }}', name="t")
    assert [template.render(data, FUNCTIONS) for _ in range(2)] == ["2map[]"] * 2
    assert data == {"m": {"a": 1}}


def test_a_map_cannot_be_put_into_itself() -> None:
    """A cycle would never end when it is printed."""
    assert refusal('{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ $x }}').code == "template-failed"


def test_other_delimiters() -> None:
    """The delimiters of the configuration are used for everything, trim markers too."""
    template = parse("a [[- .x -]] b {{ .x }}", name="t", left="[[", right="]]")
    assert template.render({"x": 1}, {}) == "a1b {{ .x }}"


def test_a_function_is_handed_in() -> None:
    """A plain function is called with what its annotations say; a namespace gives methods."""

    def component(name: str, stack: str) -> object:
        return {"vars": {"name": name, "stack": stack}}

    atmos = Namespace("atmos", {"Component": component})
    template = parse('{{ (atmos.Component "vpc" .s).vars.stack }}', name="t")
    assert template.render({"s": "dev"}, {"atmos": lambda: atmos}) == "dev"
    with pytest.raises(Invalid, match="wrong number of args for Component: want 2 got 1"):
        parse('{{ atmos.Component "vpc" }}', name="t").render({}, {"atmos": lambda: atmos})
    with pytest.raises(Invalid, match="can't evaluate field Nope"):
        parse("{{ atmos.Nope }}", name="t").render({}, {"atmos": lambda: atmos})


def test_a_function_is_not_kept() -> None:
    """A parsed template lives as long as the process; what a function holds, a whole repository maybe, does not."""

    class Held(UserDict[str, str]):
        pass

    def rendered(held: Held) -> str:
        def show(text: str) -> str:
            return f"{held[text]} {text}"

        space = Namespace("space", {"Show": show})
        given = {**gomplate.functions(held), "show": show, "space": lambda: space}
        return parse('{{ show "a" }} {{ space.Show "b" }} {{ env.Getenv "a" }}', name="t").render({}, given)

    held = Held(a="1", b="2")
    seen = weakref.ref(held)
    assert rendered(held) == "1 a 2 b 1"
    del held
    gc.collect()
    assert seen() is None


def test_upper_case_makes_no_two_letters_of_one() -> None:
    """As in Go, by sprig and by gomplate alike."""
    both = {**FUNCTIONS, **gomplate.functions({})}
    assert parse('{{ upper "Straße" }} {{ strings.ToUpper "Straße" }}', name="t").render({}, both) == "STRAßE STRAßE"
    assert parse('{{ lower "İ" }} {{ strings.ToLower "İ" }}', name="t").render({}, both) == "i i"


def test_the_environment_is_the_one_handed_in() -> None:
    """The process's environment is not looked at."""
    assert parse('{{ env "HOME" }} {{ expandenv "$A-${A}-$B" }}', name="t").render({}, FUNCTIONS) == "/srv/x 1-1-"


def test_threads_share_a_template() -> None:
    """One parsed template can be rendered by several threads with different functions."""
    template = parse("{{ f .x }}", name="t")

    def render(number: int) -> str:
        def double(value: int) -> int:
            return value * 2

        def text(value: object) -> str:
            return f"<{value}>"

        return template.render({"x": number}, {"f": double if number % 2 else text})

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(render, range(400)))
    assert results == [str(number * 2) if number % 2 else f"<{number}>" for number in range(400)]


def test_output_that_is_no_text_is_refused() -> None:
    """Half a character cannot be written to a file as UTF-8."""
    assert refusal("{{ substr 0 1 .s }}", {"s": "é"}).code == "template-failed"


@pytest.mark.parametrize("call", ["randAlpha 5", "uuidv4", "genCA `x` 1", 'getHostByName "x"', 'htpasswd "a" "b"'])
def test_what_would_differ_from_run_to_run_is_refused(call: str) -> None:
    """The functions are known, so that the refusal can say why there is no result."""
    error = refusal("{{ " + call + " }}")
    assert error.code == "template-failed"
    assert "not supported" in error.message


def test_the_current_time_is_there() -> None:
    """Unlike random values it is what people write into tags; the local zone is UTC."""
    assert parse('{{ now | date "2006" }}', name="t").render({}, FUNCTIONS).startswith("2")
    assert parse("{{ ago now }}", name="t").render({}, FUNCTIONS) in ("0s", "1s")


def test_an_expression_that_would_backtrack_is_linear() -> None:
    """Regular expressions are RE2's: no text makes them slow, and long ones are refused."""
    text = '{{ regexMatch "^(a+)+$" (printf "%sb" (repeat 100000 "a")) }}'
    assert parse(text, name="t").render({}, FUNCTIONS) == "false"
    assert refusal('{{ regexFind (repeat 5000 "a") "a" }}').code == "template-too-long"
