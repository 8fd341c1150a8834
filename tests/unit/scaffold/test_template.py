"""Questions, and answers that are refused before anything happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.errors import Invalid, NotFound
from gaia.kit import spans
from gaia.scaffold.template import (
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
    from pathlib import Path


@pytest.fixture
def store(blueprint: Path) -> Template:
    """The blueprint's object store."""
    return load_template(blueprint, "object-store")


def test_the_blueprint_offers_the_object_store(blueprint: Path) -> None:
    """Templates are listed with version, title and typed questions."""
    store = next(one for one in templates(blueprint) if one.name == "object-store")
    assert (store.name, store.version, store.title) == ("object-store", "1.0.0", "Object store")
    kinds = {question.name: question.type for question in store.questions}
    assert kinds["data_classification"] == "choice"
    assert kinds["storage_gb"] == "int"
    assert kinds["versioning"] == "bool"
    assert all(question.help and question.wants for question in store.questions)


def test_an_unknown_template_names_the_nearest(blueprint: Path) -> None:
    """A typing error leads to the right name."""
    with pytest.raises(NotFound) as caught:
        load_template(blueprint, "objectstore")
    assert caught.value.code == "template-unknown"
    assert "object-store" in caught.value.next_step


@pytest.mark.parametrize("name", ["..", "../templates/object-store", "object-store/", "/etc", ""])
def test_a_template_name_is_no_path(blueprint: Path, name: str) -> None:
    """Only the names of folders in templates/ are names."""
    with pytest.raises(NotFound):
        load_template(blueprint, name)


def test_good_answers_are_completed_and_typed(store: Template, answers: dict[str, object]) -> None:
    """Defaults are filled in, texts from a terminal are converted, and the order is that of the questions."""
    checked = check_answers(store, {**answers, "storage_gb": " 7", "versioning": "No"})
    assert checked["storage_gb"] == 7
    assert checked["versioning"] is False
    assert checked["data_classification"] == "internal"
    assert list(checked) == [question.name for question in store.questions]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"storage": 1}, "answer-unknown"),
        ({"storage_gb": "many"}, "answer-type"),
        ({"storage_gb": 1.5}, "answer-type"),
        ({"storage_gb": True}, "answer-type"),
        ({"storage_gb": "1_000"}, "answer-type"),
        ({"storage_gb": None}, "answer-type"),
        ({"storage_gb": -1}, "answer-range"),
        ({"versioning": "perhaps"}, "answer-type"),
        ({"versioning": 1}, "answer-type"),
        ({"data_classification": "secret"}, "answer-choice"),
        ({"data_classification": ["internal"]}, "answer-type"),
        ({"owner": "Team Photos"}, "answer-pattern"),
        ({"owner": 7}, "answer-type"),
        ({"cost_center": "cc-1234\n"}, "answer-type"),
    ],
)
def test_a_wrong_answer_names_its_question(
    store: Template, answers: dict[str, object], change: dict[str, object], code: str
) -> None:
    """Message and facts name the question; the next step says what is expected."""
    with pytest.raises(Invalid) as caught:
        check_answers(store, {**answers, **change})
    (name,) = change
    assert caught.value.code == code
    assert caught.value.facts["question"] == name
    assert name in caught.value.message
    known = store.question(name)
    assert (known.wants if known else "storage_gb") in caught.value.next_step


def test_a_missing_answer_is_named(store: Template, answers: dict[str, object]) -> None:
    """A question without a default must be answered."""
    del answers["owner"]
    with pytest.raises(Invalid) as caught:
        check_answers(store, answers)
    assert caught.value.code == "answer-missing"
    assert "owner" in caught.value.message


EXPLOITS = [
    "!exec touch x",
    " !exec touch x",
    "\u00a0!exec touch x",
    "!include /etc/passwd",
    "{{ exec `touch x` }}",
    "a {{ env `HOME` }} b",
    "${file('/etc/passwd')}",
    "%{ for x in y }",
    "{% include '/etc/passwd' %}",
    "{# gone #}",
]


@pytest.mark.parametrize("text", EXPLOITS)
@pytest.mark.parametrize("name", ["purpose", "owner", "data_classification", "storage_gb", "versioning"])
def test_an_answer_that_is_code_is_refused(store: Template, answers: dict[str, object], name: str, text: str) -> None:
    """Whatever Atmos would execute, or a template engine render, is refused for every question."""
    with pytest.raises(Invalid) as caught:
        check_answers(store, {**answers, name: text})
    assert caught.value.code == "answer-is-code"
    assert caught.value.facts["question"] == name


@given(st.text())
def test_no_accepted_text_is_code_or_has_a_control_character(text: str) -> None:
    """For a question without any pattern: what passes is one line that nothing executes."""
    from pathlib import Path

    free = Template("t", "1", "T", "d", (Question("note", "str", "?"),), Path())
    try:
        value = check_answers(free, {"note": text})["note"]
    except Invalid:
        return
    assert value == text
    assert text.isprintable()
    assert not looks_like_code(text)


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "a/b",
        "/abs",
        "a..b",
        ".",
        "",
        "Photos",
        "a\n",
        "photos\n",
        "-a",
        "a-",
        "ab",
        "x" * 31,
        "{{x}}",
        "!x",
        "a b",
    ],
)
def test_a_service_name_is_no_path(name: str) -> None:
    """A service's name becomes part of file, bucket and role names, so it is a short plain word."""
    with pytest.raises(Invalid) as caught:
        check_service(name)
    assert caught.value.code == "name-invalid"


@pytest.mark.parametrize(
    ("questions", "code", "words"),
    [
        ("_tasks: [touch x]\n", "template-unsafe", "_tasks"),
        ("_jinja_extensions: [os]\n", "template-unsafe", "_jinja_extensions"),
        ("_migrations: [{version: 1}]\n", "template-unsafe", "_migrations"),
        ("note: {type: yaml, help: h}\n", "template-invalid", "type"),
        ("note: {type: str}\n", "template-invalid", "help"),
        ("note: {type: str, help: h, when: '{{ x }}'}\n", "template-invalid", "when"),
        ("note: {type: int, help: h, default: '{{ 7 * 7 }}'}\n", "template-invalid", "default"),
        ("note: {type: str, help: h, choices: ['!exec x']}\n", "template-invalid", "code"),
        (
            "note: {type: str, help: h}\n_constraints: {note: {pattern: '('}}\n",
            "template-invalid",
            "regular expression",
        ),
        ("_constraints: {note: {minimum: 1}}\n", "template-invalid", "no question"),
        ("gaia: {type: str, help: h}\n", "template-invalid", "gaia"),
        ("_ttl: 7d\n", "template-invalid", "default, longest"),
        ("_ttl: {}\n", "template-invalid", "default, longest"),
        ("_ttl: {shortest: 7d}\n", "template-invalid", "default, longest"),
        ("_ttl: {default: 7 days}\n", "template-invalid", "default of _ttl is no length"),
        ("_ttl: {default: [7d]}\n", "template-invalid", "default of _ttl is no length"),
        ("_ttl: {default: 30m}\n", "template-invalid", "from 1h to 3650d"),
        ("_ttl: {longest: 9999d}\n", "template-invalid", "from 1h to 3650d"),
        ("_ttl: {default: 7d, longest: 6d}\n", "template-invalid", "more than its longest"),
        ("note: !include other.yml\n", "template-invalid", "YAML"),
        ("note: [\n", "template-invalid", "YAML"),
    ],
)
def test_a_template_that_cannot_be_used_says_where(
    make_template: Callable[..., Path], questions: str, code: str, words: str
) -> None:
    """Templates that want trust, or what Gaia does not know, are refused with the file."""
    with pytest.raises(Invalid) as caught:
        load_template(make_template(questions), "little")
    assert caught.value.code == code
    assert words in caught.value.message
    assert caught.value.at is not None
    assert caught.value.at.file == "templates/little/copier.yml"


@pytest.mark.parametrize(
    ("said", "asked", "seconds"),
    [
        ("", None, None), ("", "7d", 604_800), ("{default: 2d}", None, 172_800), ("{default: 2d}", "1h", 3600),
        ("{longest: 2d}", None, 172_800), ("{default: 1d, longest: 2d}", None, 86_400),
        ("{default: 1d, longest: 2d}", "2d", 172_800), ("{default: 2d}", "3650d", 315_360_000),
    ],
)  # fmt: skip
def test_how_long_what_it_makes_lives(
    make_template: Callable[..., Path], said: str, asked: str | None, seconds: int | None
) -> None:
    """What somebody asks for, else the default, else the longest; where nothing is said, for ever."""
    lifespan = load_template(make_template(f"_ttl: {said}\n"), "little").lifespan
    assert lifespan.seconds(spans.parse(asked) if asked else None) == seconds
    assert bool(str(lifespan)) == bool(said)


@pytest.mark.parametrize(
    ("said", "asked", "code"),
    [
        ("", "59m", "ttl-too-short"), ("", "3651d", "ttl-too-long"), ("{longest: 2d}", "3d", "ttl-too-long"),
        ("{longest: 2d}", None, "ttl-too-long"),
    ],
)  # fmt: skip
def test_how_long_it_does_not(make_template: Callable[..., Path], said: str, asked: str | None, code: str) -> None:
    """Nobody could be warned of an end that is too near; with a longest, nothing is kept for ever."""
    lifespan = load_template(make_template(f"_ttl: {said}\n"), "little").lifespan
    with pytest.raises(Invalid) as caught:
        lifespan.check(spans.parse(asked) if asked else None)
    assert caught.value.code == code
