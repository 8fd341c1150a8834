"""Go templates of finished components: what types come out, where errors point, what other instances give."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pytest
from tests.unit.stacks.conftest import ATMOS, PLACE

from gaia.errors import Invalid
from gaia.stacks.model import Unknown
from gaia.stacks.ports import Processing
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STACK = "acme-use1-dev"
DEV = "orgs/dev.yaml"
ON = ATMOS + "templates: {settings: {enabled: true, evaluations: 1, sprig: {enabled: true}}}\n"
VALUES = ("i-1", "pre-i-1", "x", "map[id:i-1]", '"i-1"', '{"id":"i-1"}')
NAME = "{{ .vars.tenant | upper }}-{{ .vars.stage }}"


def _vars(*lines: str, name: str = "c") -> str:
    return "\n".join([f"    {name}:", "      vars:", *(f"        {line}" for line in lines), ""])


def _file(*components: str) -> dict[str, str]:
    return {DEV: f"{PLACE}components:\n  terraform:\n{''.join(components)}"}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("'{{ add 1 2 }}'", "3"),
        ("0{{5}}", 5),
        ('tru{{"e"}}', True),
        ('nul{{"l"}}', None),
        ("'x {{ .vars.stage }}'", "x dev"),
        ("'{{ .vars.missing }}'", "<no value>"),
        ("'{{ .atmos_component }} in {{ .atmos_stack }}'", "c in acme-use1-dev"),
        ("['{{ .vars.stage }}', {k: 'a{{ .vars.stage }}'}]", ["dev", {"k": "adev"}]),
        ("!template '{{ toJson .vars.tenant }}'", "acme"),
        ("!template '{\"a\": {{ len .vars.stage }}}'", {"a": 3}),
        ("'{{ .workspace }}'", "acme-use1-dev"),
    ],
)
def test_the_yaml_round_trip_gives_the_type(repository: Callable[..., Repository], written: str, value: object) -> None:
    """A text that begins with a template stays one, others become what YAML makes of them."""
    assert repository(_file(_vars(f"x: {written}")), atmos=ON).instance("c", STACK).vars["x"] == value


def test_a_pass_sees_the_document_before_it(repository: Callable[..., Repository]) -> None:
    """A chain of templates needs as many evaluations as it is long."""
    files = _file(_vars("a: '{{ .vars.b }}'", "b: '{{ .vars.stage }}'"))
    assert repository(files, atmos=ON).instance("c", STACK).vars["a"] == "{{ .vars.stage }}"
    twice = ON.replace("evaluations: 1", "evaluations: 2")
    assert repository(files, atmos=twice).instance("c", STACK).vars["a"] == "dev"


@pytest.mark.parametrize(
    ("number", "printed", "shown"),
    [
        ("1e6", "1e+06 float64", "1000000"),
        ("2.0", "2 float64", "2"),
        ("1.5", "1.5 float64", "1.5"),
        ("3", "3 int", "3"),
    ],
)
def test_templates_see_floats(repository: Callable[..., Repository], number: str, printed: str, shown: str) -> None:
    """A float without a fraction is one for templates, of files too; JSON shows the whole number everywhere."""
    template = "'{{ printf \"%v %T\" .vars.x .vars.x }}'"
    files = {
        DEV: f"import: [{{path: catalog/c, context: {{n: {number}}}}}]\n{PLACE}terraform: {{vars: {{x: {number}}}}}\n",
        "catalog/c.yaml": "components: {terraform: {d: {vars: {y: 'v {{ .n }}', n: '{{ .n }}'}}}}\n",
        "orgs/e.yaml": PLACE
        + f"components: {{terraform: {{c: {{vars: {{x: {number}, l: [{number}], y: {template}}}}}}}}}\n",
    }
    found = repository(files, atmos=ON)
    instance = found.instance("c", STACK)
    assert instance.vars["y"] == printed
    document = instance.describe()
    texts = [document["vars"]["x"], document["vars"]["l"], document["sources"]["vars"]["x"]["final_value"]]  # type: ignore[index]
    origin = found.instance("d", STACK).explain(("vars", "x"))
    assert [json.dumps(one) for one in (*texts, origin.value)] == [shown, f"[{shown}]", shown, shown]
    variables = found.instance("d", STACK).vars
    assert (variables["y"], json.dumps(variables["n"])) == (f"v {printed.split(maxsplit=1)[0]}", shown)


@pytest.mark.parametrize("more", ["", ", y: '{{ .vars.stage }}'"])
def test_keys_are_rendered(repository: Callable[..., Repository], more: str) -> None:
    """Also where no value holds a template."""
    found = repository(_file(_vars(f"x: {{'a{{{{ .vars.stage }}}}': 1{more}}}")), atmos=ON).instance("c", STACK)
    assert found.vars["x"] == {"adev": 1, **({"y": "dev"} if more else {})}


def test_names_have_all_functions_and_the_usual_delimiters(repository: Callable[..., Repository]) -> None:
    """What is switched on, and how templates of values are written, plays no part for stacks and workspaces."""
    atmos = ATMOS.replace("name_pattern", "name_template").replace("{tenant}-{environment}-{stage}", NAME)
    atmos += "templates: {settings: {enabled: true, delimiters: ['[[', ']]']}}\n"
    metadata = "metadata: {terraform_workspace_template: '{{ .vars.stage | upper }}'}"
    files = {
        DEV: f"{PLACE}components: {{terraform: {{c: {{{metadata}, vars: {{x: '{{{{ 1 }}}} [[ .atmos_stack ]]'}}}}}}}}\n"
    }
    found = repository(files, atmos=atmos).instance("c", "ACME-dev")
    assert (found.vars["x"], found.workspace) == ("{{ 1 }} ACME-dev", "DEV")


def test_inserted_text_is_not_escaped(repository: Callable[..., Repository]) -> None:
    """A comment cuts a plain text off."""
    files = _file(_vars("h: 'a #'", "x: 'y{{ .vars.h }}z'"))
    assert repository(files, atmos=ON).instance("c", STACK).vars["x"] == "ya"


def test_a_template_may_look_at_the_account_of_files(repository: Callable[..., Repository]) -> None:
    """`deps`, `sources` and atmos.yaml are made for it alone."""
    files = _file(_vars("x: '{{ .deps | join \",\" }}'", "y: '{{ .atmos_cli_config.stacks.base_path }}'"))
    found = repository(files, atmos=ON).instance("c", STACK).vars
    assert (found["x"], found["y"]) == ("orgs/dev", "stacks")


def test_no_yaml_any_more_is_an_error_at_the_value(repository: Callable[..., Repository]) -> None:
    """An apostrophe inside of a quoted text ends it too early."""
    files = _file(_vars('q: "it\'s"', "x: '{{ .vars.q }}'"))
    with pytest.raises(Invalid) as caught:
        repository(files, atmos=ON).instance("c", STACK)
    assert (caught.value.code, str(caught.value.at)) == ("yaml-after-template", "stacks/orgs/dev.yaml:7:9")


def test_a_failing_template_is_an_error_at_the_value(repository: Callable[..., Repository]) -> None:
    """The place is that of the value, not one in the rendered text."""
    with pytest.raises(Invalid) as caught:
        repository(_file(_vars("a: 1", "x: '{{ fail \"no\" }}'")), atmos=ON).instance("c", STACK)
    assert str(caught.value.at) == "stacks/orgs/dev.yaml:7:9"


def test_templates_stay_where_they_are_off(repository: Callable[..., Repository], tmp_path: Path) -> None:
    """They are off unless atmos.yaml says otherwise, and a command can switch them off."""
    files = _file(_vars("x: '{{ .vars.stage }}'"))
    assert repository(files).instance("c", STACK).vars["x"] == "{{ .vars.stage }}"
    repository(files, atmos=ON)
    off = Repository.open(tmp_path, processing=Processing(templates=False))
    assert off.instance("c", STACK).vars["x"] == "{{ .vars.stage }}"


def test_a_rendered_value_comes_from_its_template(repository: Callable[..., Repository]) -> None:
    """`explain` names the file and line of the template, and what lost to it."""
    files = {
        DEV: f"{PLACE}terraform: {{vars: {{x: 1}}}}\ncomponents:\n  terraform:\n" + _vars("x: '{{ .vars.stage }}'")
    }
    origin = repository(files, atmos=ON).instance("c", STACK).explain(("vars", "x"))
    assert (origin.value, origin.at.line, [one.value for one in origin.overridden]) == ("dev", 7, [1])


def test_another_instance_is_asked(repository: Callable[..., Repository]) -> None:
    """Its finished values can be used; outputs that nobody knows leave the text as it is written."""
    ask = '(atmos.Component "b" .stack)'
    files = _file(
        _vars(f"x: '{{{{ {ask}.vars.y }}}}'", f"o: '{{{{ {ask}.outputs.id }}}}'"),
        _vars("y: '{{ .vars.stage }}!'", name="b"),
    )
    found = repository(files, atmos=ON).instance("c", STACK)
    assert found.vars["x"] == "dev!"
    unknown = found.vars["o"]
    assert isinstance(unknown, Unknown)
    assert unknown.text == f"{{{{ {ask}.outputs.id }}}}"
    assert cast("dict[str, object]", found.describe()["vars"])["o"] == unknown.text
    assert [(path, one.component, one.expression) for path, one in found.references] == [(("vars", "o"), "b", ".id")]


@pytest.mark.parametrize(
    "text",
    [
        '{{ (atmos.Component "b" .stack).outputs.id }}',
        '{{ (atmos.Component "b" .stack).outputs.id | toJson }}',
        '{{ (atmos.Component "b" .stack).outputs | toJson }}',
        'pre-{{ (atmos.Component "b" .stack).outputs.id }}',
        '!template {{ (atmos.Component "b" .stack).outputs.id }}',
        '{{ index (atmos.Component "b" .stack).outputs "id" }}',
        '{{ if (atmos.Component "b" .stack).outputs.id }}x{{ end }}',
        '{{ if (atmos.Component "b" .stack).outputs }}x{{ end }}',
        '{{ if (atmos.Component "b" .stack).vars.of }}x{{ end }}',
        '{{ range $k, $v := (atmos.Component "b" .stack).outputs }}x{{ end }}',
        '{{ if hasKey (atmos.Component "b" .stack).outputs "id" }}x{{ end }}',
        '{{ get (atmos.Component "b" .stack).outputs "id" }}',
        '{{ (atmos.Component "b" .stack).outputs }}',
        '{{ (atmos.Component "b" .stack).outputs.id | default "x" }}',
        '{{ atmos.Resolve "!terraform.output b id" }}',
        'pre-{{ (atmos.Component "b" .stack).vars.of }}',
        '{{ (atmos.Component "b" .stack).vars.late }}',
    ],
)
def test_what_reads_outputs_is_open_until_somebody_knows_them(repository: Callable[..., Repository], text: str) -> None:
    """In every spelling; who has outputs gets the value."""
    its = ("of: !terraform.output a id", "late: '{{ (atmos.Component \"a\" .stack).outputs.id }}'")
    files = _file(_vars(f"o: '{text}'"), _vars(*its, name="b"), _vars("x: 1", name="a"))
    found = repository(files, atmos=ON)
    assert isinstance(found.instance("c", STACK).vars["o"], Unknown)
    known = found.resolving(lambda one: {"id": "i-1"} if one.expression == "." else "i-1")
    assert known.instance("c", STACK).vars["o"] in (*VALUES, {"id": "i-1"})


def test_instances_that_ask_each_other_are_refused(repository: Callable[..., Repository]) -> None:
    """The whole circle is named, and the place of the template that closes it."""
    files = _file(
        _vars("x: '{{ (atmos.Component \"b\" .stack).vars.x }}'"),
        _vars("x: '{{ (atmos.Component \"c\" .stack).vars.x }}'", name="b"),
    )
    with pytest.raises(Invalid, match=r"b in .* → c in .* → b in") as caught:
        repository(files, atmos=ON).instance("c", STACK)
    assert caught.value.code == "function-cycle"
    assert caught.value.at


def test_a_workspace_template_is_rendered(repository: Callable[..., Repository]) -> None:
    """Also where templates are off for everything else."""
    text = "    c: {metadata: {terraform_workspace_template: '{{ .vars.stage }}/{{ .atmos_component }}'}}\n"
    assert repository(_file(text)).instance("c", STACK).workspace == "dev-c"
