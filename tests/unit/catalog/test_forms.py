"""Software templates of Backstage: made of Gaia's own, and no text of theirs becomes an expression."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import Environment as Jinja
from tests.unit.catalog.backstage_rules import wrong

from gaia.catalog.entities import entities
from gaia.catalog.forms import ANSWERS, EXPRESSIONS, MOST_STACKS, quoted, spec_of
from gaia.catalog.model import Environment, Form, Inventory, Origin, Person
from gaia.errors import Invalid
from gaia.scaffold.answers_schema import answers_schema
from gaia.scaffold.template import Question, Template, check_service, templates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gaia.scaffold.template import Kind

    Backstage = Callable[[Sequence[dict[str, Any]]], list[str]]

BLUEPRINT = Path(__file__).resolve().parents[3] / "blueprint"
SECRET = "${{ secrets.gaiaToken }}"
HOSTILE = (
    SECRET,
    "{% raw %}",
    "{# gone #}",
    "a${{'b'}}c",
    "${{",
    "}}",
    '"',
    "\\",
    "$" * 3,
    "${" + "{" * 4,
    "1.0.0",
    "\n",
)
texts = st.sampled_from(HOSTILE) | st.text(max_size=30)
kinds: st.SearchStrategy[Kind] = st.sampled_from(["str", "int", "bool", "choice"])


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """Of a template whose every text says anything."""
    questions = tuple(
        Question(
            name=f"q{number}", type=draw(kinds), help=draw(texts), default=draw(st.none() | texts),
            choices=tuple(draw(st.lists(texts, unique=True, max_size=2))), pattern=draw(st.none() | texts),
            expected=draw(st.none() | texts), required=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 3)))
    )  # fmt: skip
    name, title = draw(texts.filter(bool)), draw(texts)
    template = Template(name, draw(texts.filter(bool)), title, draw(texts), questions, BLUEPRINT)
    return Form(name, template.version, title, template.description, answers_schema(template), draw(texts))


def made_of(*given: Form, stacks: Sequence[str] = ("acme-use1-dev",)) -> list[dict[str, Any]]:
    """The entities of these templates."""
    shown = Inventory({one: Environment(one, "acme", "dev") for one in stacks}, {})
    return [one for one in entities(shown, [], Origin(), forms=given) if one["kind"] == "Template"]


def of_blueprint() -> list[Form]:
    """Those of Gaia's package."""
    found = templates(BLUEPRINT)
    return [Form(one.name, one.version, one.title, one.description, answers_schema(one)) for one in found]


def strings(value: object) -> Iterator[str]:
    """Every text in it, keys too."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from (*strings(key), *strings(one))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from strings(one)
    elif isinstance(value, str):
        yield value


def test_a_template_as_pages_and_steps() -> None:
    """A page of its questions as Gaia's schema has them, one for stack and name; asked for, and waited for."""
    [store] = [one for one in made_of(*of_blueprint()) if one["metadata"]["name"] == "object-store"]
    assert wrong([store]) == []
    assert store["metadata"]["title"] == "Object store"
    questions, place = store["spec"]["parameters"]
    answers = questions["properties"]["answers"]
    assert {"purpose", "owner", "storage_gb"} <= set(answers["required"])
    asked = answers["properties"]
    assert asked["data_classification"]["enum"] == ["internal", "confidential", "restricted"]
    assert asked["data_classification"]["default"] == "internal"
    assert (asked["storage_gb"]["type"], asked["storage_gb"]["minimum"]) == ("integer", 0)
    assert re.fullmatch(asked["cost_center"]["pattern"], "cc-1234")
    assert asked["owner"]["title"] == "The team that answers for it."
    assert place["properties"]["stack"]["enum"] == ["acme-use1-dev"]
    assert place["properties"]["gaiaToken"]["ui:field"] == "Secret"
    assert store["spec"]["secrets"]["schema"]["required"] == ["gaiaToken"]
    request, wait = store["spec"]["steps"]
    assert (request["action"], wait["action"]) == ("gaia:request", "gaia:wait")
    assert request["input"] == {
        "template": "object-store",
        "version": "1.0.0",
        "stack": "${{ parameters.stack }}",
        "name": "${{ parameters.name }}",
        "answers": ANSWERS,
    }


@given(forms())
@example(Form(SECRET, "1", " ", "", answers_schema(Template("x", "1", "x", "x", (), BLUEPRINT))))
@example(Form(SECRET, SECRET, SECRET, SECRET, answers_schema(
    Template("x", "1", "x", "x", (Question("q", "str", SECRET, pattern=SECRET, expected=SECRET),), BLUEPRINT)
)))  # fmt: skip
def test_no_text_of_a_template_becomes_an_expression(form: Form) -> None:
    """Whatever it says, all expressions are ours; what a step is given is what the template is called."""
    [made] = made_of(form, stacks=("acme-use1-dev", SECRET))
    assert wrong([made]) == []
    spec, about = made["spec"], made["metadata"]
    given = spec["steps"][0]["input"]
    engine = Jinja(variable_start_string="${{", variable_end_string="}}", keep_trailing_newline=True)  # noqa: S701 - no HTML
    for wanted, said in ((form.name, given.pop("template")), (form.version, given.pop("version"))):
        assert engine.from_string(said).render(secrets={"gaiaToken": "stolen"}) == wanted.replace("\r\n", "\n").replace(
            "\r", "\n"
        )
    for text in strings([spec, about["title"], about["description"]]):
        assert "${{" not in text or text in EXPRESSIONS
    for text in strings([spec["steps"], spec["output"]]):
        assert "{%" not in text
        assert "{#" not in text


@given(texts)
@example("a${{ '}}' }}")
def test_what_is_quoted_holds_no_other_expression(text: str) -> None:
    """It is the text itself, or one expression of nothing but texts."""
    made = quoted(text)
    assert made == text or (made.startswith('${{ "') and made.count("${{") == 1 == made.count("}}"))


def test_a_pattern_that_browsers_do_not_have_is_left_to_gaia() -> None:
    """The form would not open; the answer is checked when it is asked for."""

    def pattern(text: str) -> object:
        asked = Template("x", "1", "x", "x", (Question("q", "str", "?", pattern=text),), BLUEPRINT)
        [made] = made_of(Form("x", "1", "x", "x", answers_schema(asked)))
        return made["spec"]["parameters"][0]["properties"]["answers"]["properties"]["q"].get("pattern")

    assert pattern("[a-z]{2,4}(?:-x)?\\d+") == "^(?:[a-z]{2,4}(?:-x)?\\d+)$"
    for one in ("(?i)a", "(?P<n>a)", r"a\Z", r"\_", "a++", "[]a]", "a{b"):
        assert pattern(one) is None, one


def test_one_that_asks_nothing_has_no_page_for_it() -> None:
    """And many stacks are typed."""
    form = Form("x", "1", "x", "x", answers_schema(Template("x", "1", "x", "x", (), BLUEPRINT)))
    spec = spec_of(form, [f"s{number}" for number in range(MOST_STACKS + 1)])
    [place] = spec["parameters"]
    assert "enum" not in place["properties"]["stack"]
    assert spec["steps"][0]["input"]["answers"] == {}


@given(st.from_regex(r"[a-z][a-z0-9-]{0,31}", fullmatch=True) | st.text("aB1-_\n", max_size=5))
@example("ab")
@example("a" * 31)
def test_the_form_takes_the_names_that_gaia_takes(name: str) -> None:
    """Written twice, as the rooms do not know each other."""
    asked = spec_of(Form("x", "1", "x", "x", {"properties": {}}), [])["parameters"][0]["properties"]["name"]
    try:
        check_service(name)
    except Invalid:
        assert not re.search(asked["pattern"].replace("$", r"\Z"), name)
    else:
        assert re.search(asked["pattern"], name)


def test_people_are_members_of_their_groups() -> None:
    """A group of Gaia's that owns something too is one."""
    shown = Inventory({"acme-use1-dev": Environment("acme-use1-dev", "acme", "dev", owner="security")}, {})
    made = entities(shown, [], Origin(), people=[Person("ada", ("security", "on-call")), Person("bob")])
    assert wrong(made) == []
    users = {one["metadata"]["name"]: one["spec"] for one in made if one["kind"] == "User"}
    assert users["ada"] == {
        "profile": {"displayName": "ada"},
        "memberOf": ["group:default/on-call", "group:default/security"],
    }
    assert users["bob"]["memberOf"] == []
    assert [one["metadata"]["name"] for one in made if one["kind"] == "Group"] == ["on-call", "security"]


@pytest.mark.slow
def test_backstage_itself_takes_them(backstage: Backstage) -> None:
    """Its policies, and the scaffolder's own schema of a template."""
    seen = made_of(*of_blueprint())

    @given(forms())
    def collect(form: Form) -> None:
        seen.extend(made_of(form))

    collect()
    assert len(seen) > 20
    people = entities(Inventory({}, {}), [], Origin(), people=[Person("ada", ("security",)), Person("bob")])
    assert backstage([*seen, *people]) == []
    broken = {**seen[0], "spec": {**seen[0]["spec"], "steps": [{"id": "x"}]}}
    assert len(backstage([broken, {**people[-1], "spec": {"memberOf": "security"}}])) == 2
