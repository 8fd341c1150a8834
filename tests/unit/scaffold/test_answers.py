"""What each kind of question takes for an answer, and how it says what it wants."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gaia.errors import Invalid, NotFound
from gaia.scaffold.template import (
    LONGEST,
    Question,
    Template,
    check_answers,
    check_service,
    load_template,
    looks_like_code,
    templates,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def _template(*questions: Question) -> Template:
    return Template("t", "1", "T", "d", questions, Path())


def _refused(question: Question, answer: object) -> Invalid | None:
    """The refusal of an answer, or nothing."""
    try:
        check_answers(_template(question), {"q": answer})
    except Invalid as error:
        return error
    return None


def _code(question: Question, answer: object) -> str:
    """The code of the refusal, which says what is wanted; empty where there is none."""
    error = _refused(question, answer)
    if error is None:
        return ""
    assert error.facts == {"question": "q", "expected": question.wants}
    assert error.next_step == f"Answer q with {question.wants}."
    return error.code


@pytest.mark.parametrize(
    ("more", "wants"),
    [
        ({"type": "choice", "choices": ("a", "b")}, "one of a, b"),
        ({"type": "bool"}, "true or false"),
        ({"type": "int"}, "a whole number"),
        ({"type": "int", "minimum": 0}, "a whole number, 0 or more"),
        ({"type": "int", "maximum": 9}, "a whole number, 9 or less"),
        ({"type": "int", "minimum": 0, "maximum": 9}, "a whole number from 0 to 9"),
        ({"type": "str"}, "one line of text"),
        ({"type": "str", "pattern": "a+"}, "text that matches a+"),
        ({"type": "str", "pattern": "a+", "expected": "some a"}, "some a"),
    ],
)
def test_a_question_says_what_it_wants(more: dict[str, Any], wants: str) -> None:
    """In words, from its kind and its limits."""
    assert Question("q", help="h", **more).wants == wants


def test_a_number_is_within_its_limits() -> None:
    """Both of them belong to it; a text from a terminal is a number, a truth is none."""
    question = Question("q", "int", "h", minimum=2, maximum=4)
    assert [_code(question, answer) for answer in (2, 4, " +3 ", 1, 5, "9", "x", "", True, 2.0)] == [
        "", "", "", "answer-range", "answer-range", "answer-range", "answer-type", "answer-type", "answer-type",
        "answer-type",
    ]  # fmt: skip
    assert check_answers(_template(question), {"q": "3"}) == {"q": 3}
    assert _code(Question("q", "int", "h"), -5) == ""
    assert _code(Question("q", "int", "h", minimum=0), -1) == "answer-range"
    assert _code(Question("q", "int", "h", maximum=0), 1) == "answer-range"
    assert _code(Question("q", "int", "h"), "1" * 18) == ""
    assert _code(Question("q", "int", "h"), "1" * 19) == "answer-type"


def test_a_truth_has_six_names() -> None:
    """In any case, with spaces around."""
    question = _template(Question("q", "bool", "h"))
    assert [check_answers(question, {"q": text})["q"] for text in ("true", " Yes", "ON", True)] == [True] * 4
    assert [check_answers(question, {"q": text})["q"] for text in ("false", "no ", "Off", False)] == [False] * 4
    assert _code(Question("q", "bool", "h"), "1") == "answer-type"


def test_a_text_is_one_line_not_too_long_and_matches_as_a_whole() -> None:
    """A part that matches is not enough."""
    free, bound = Question("q", "str", "h"), Question("q", "str", "h", pattern="a+")
    assert [_code(free, "x" * LONGEST), _code(free, "x" * (LONGEST + 1))] == ["", "answer-too-long"]
    assert [_code(free, text) for text in ("a\tb", "a\nb", "\x1b[2J", "größe")] == ["answer-type"] * 3 + [""]
    assert [_code(bound, text) for text in ("aa", "ab", "ba", "")] == ["", *["answer-pattern"] * 3]
    assert _code(Question("q", "choice", "h", choices=("a",)), "A") == "answer-choice"


def test_a_default_stands_for_an_answer_also_where_it_is_false() -> None:
    """Nothing and zero are answers; only a question without a default has to be answered."""
    questions = (Question("no", "bool", "h", default=False), Question("none", "int", "h", default=0))
    assert check_answers(_template(*questions), {}) == {"no": False, "none": 0}
    with pytest.raises(Invalid) as caught:
        check_answers(_template(Question("q", "str", "why")), {})
    assert (caught.value.code, caught.value.message) == ("answer-missing", "q has no answer: why")


@pytest.mark.parametrize(
    ("text", "why"),
    [("!exec", "begins with '!'"), ("a {{b", "holds '{{'"), ("${a} %{b}", "holds '${' and '%{'"), ("{%", "holds '{%'")],
)
def test_code_is_told_why(text: str, why: str) -> None:
    """So that whoever meant it as text can write it otherwise."""
    assert looks_like_code(text)
    with pytest.raises(Invalid) as caught:
        check_answers(_template(Question("q", "str", "h")), {"q": text})
    assert caught.value.message.endswith(why)
    assert not looks_like_code("a ! b { c } $ d %")


def test_a_question_that_is_not_asked_names_the_nearest() -> None:
    """And all that are asked."""
    template = _template(Question("storage", "int", "h"), Question("owner", "str", "h"))
    for name, step in (
        ("storag", "Did you mean storage? It asks: storage, owner."),
        ("zzz", "It asks: storage, owner."),
    ):
        with pytest.raises(Invalid) as caught:
            check_answers(template, {name: 1})
        assert (caught.value.code, caught.value.next_step) == ("answer-unknown", step)
    assert template.question("owner") is template.questions[1]
    assert template.question("other") is None


@pytest.mark.parametrize(
    ("name", "good"), [("abc", True), ("a" * 30, True), ("a1-b", True), ("1ab", False), ("ab1", True)]
)
def test_a_service_has_a_short_plain_name(name: str, good: bool) -> None:
    """Three to thirty characters that begin with a letter."""
    if good:
        assert check_service(name) == name
    else:
        with pytest.raises(Invalid):
            check_service(name)


def test_a_repository_whose_folder_has_no_template_says_so(tmp_path: Path) -> None:
    """None are listed, and none can be near."""
    (tmp_path / "templates").mkdir()
    assert templates(tmp_path) == ()
    with pytest.raises(NotFound) as caught:
        load_template(tmp_path, "object-store")
    assert (caught.value.next_step, caught.value.facts) == ("Templates here: none.", {"templates": []})


def test_questions_are_read_with_all_that_is_said_of_them(make_template: Callable[..., Path]) -> None:
    """Typed defaults, choices by list or by map, limits by name."""
    root = make_template(
        "size: {type: int, help: how much, default: 5}\n"
        "kind: {type: str, help: which, choices: {First: a, Second: b}}\n"
        "note: {type: str, help: what}\n"
        "_constraints: {size: {minimum: 1, maximum: 9}, note: {pattern: 'a+', expected: some a}}\n"
    )
    size, kind, note = load_template(root, "little").questions
    assert size == Question("size", "int", "how much", 5, minimum=1, maximum=9, required=False)
    assert kind == Question("kind", "choice", "which", choices=("a", "b"))
    assert note == Question("note", "str", "what", pattern="a+", expected="some a")


@pytest.mark.parametrize(
    ("questions", "words"),
    [
        ("n: {type: int, help: h, choices: [a]}\n", "choices only with str"),
        ("n: {type: str, help: h, choices: [1]}\n", "must be a list of texts"),
        ("n: {type: str, help: h, choices: a}\n", "must be a list of texts"),
        ("n: {type: int, help: h, default: 5}\n_constraints: {n: {maximum: 4}}\n", "default of n is no good answer"),
        ("n: {type: str, help: h}\n_constraints: {n: {longest: 4}}\n", "longest, which Gaia does not support"),
        ("n: 5\n", "n must be a map"),
        ("n: {type: str, help: h}\n_constraints: {n: 5}\n", "_constraints.n must be a map"),
        ("n: {type: str, help: h}\n_constraints: 5\n", "_constraints must be a map"),
        ("N: {type: str, help: h}\n", "cannot be the name of a question"),
        ("n: {type: str, help: ' '}\n", "n lacks help"),
        ("_external_data: {a: b}\n", "_external_data"),
    ],
)
def test_what_is_wrong_with_a_template_is_said(make_template: Callable[..., Path], questions: str, words: str) -> None:
    """In the words of its file."""
    with pytest.raises(Invalid) as caught:
        load_template(make_template(questions), "little")
    assert words in caught.value.message
