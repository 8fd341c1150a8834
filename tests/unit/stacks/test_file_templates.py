"""Templates of whole files: contexts, locals, template files, templated paths."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.unit.stacks.conftest import ATMOS, PLACE

from gaia.errors import GaiaError, Invalid
from gaia.stacks.model import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.stacks.repository import Repository

STACK = "acme-use1-dev"
DEV = "orgs/dev.yaml"
C = "components: {terraform: {c: {}}}\n"
TEMPLATES = ATMOS + "templates: {settings: {enabled: true}}\n"
STRICT = ATMOS + "gaia: {compat: strict}\n"


def _vars(repository: Repository) -> dict[str, object]:
    found = dict(repository.instance("c", STACK).vars)
    return {key: found[key] for key in found if key not in ("tenant", "environment", "stage")}


CASES: dict[str, tuple[Mapping[str, str], Mapping[str, object]]] = {
    "a context renders the file, a lone reference keeps its type": (
        {
            DEV: f"{PLACE}{C}import: [{{path: a, context: {{x: {{k: [1]}}, w: blue}}}}]\n",
            "a.yaml": "vars: {one: '{{ .x }}', two: 'is {{ .w | upper }}', three: '7{{ index .x.k 0 }}'}\n",
        },
        {"one": {"k": [1]}, "two": "is BLUE", "three": 71},
    ),
    "keys and imports are rendered too": (
        {
            DEV: f"{PLACE}{C}import: [{{path: a, context: {{w: blue}}}}]\n",
            "a.yaml": "import: ['m/{{ .w }}']\nvars: {'k-{{ .w }}': 1}\n",
            "m/blue.yaml": "vars: {m: '{{ .w }}'}\n",
        },
        {"k-blue": 1, "m": "blue"},
    ),
    "the outer context wins, entries without one inherit it": (
        {
            DEV: f"{PLACE}{C}import: [{{path: a, context: {{who: outer, only: o}}}}]\n",
            "a.yaml": "import: [{path: b, context: {who: inner, deep: d}}, c]\nvars: {a: '{{ .who }}'}\n",
            "b.yaml": "vars: {b: '{{ .who }}-{{ .only }}-{{ .deep }}'}\n",
            "c.yaml": "vars: {c: '{{ .who }}-{{ .only }}'}\n",
        },
        {"a": "outer", "b": "outer-o-d", "c": "outer-o"},
    ),
    "a missing key may be ignored": (
        {
            DEV: f"{PLACE}{C}import: [{{path: a, context: {{x: 1}}, ignore_missing_template_values: true}}]\n",
            "a.yaml": "vars: {y: '[{{ .z }}]'}\n",
        },
        {"y": "[<no value>]"},
    ),
    "skipped templates stay for the component stage": (
        {
            DEV: f"{PLACE}{C}import: [{{path: a, context: {{x: 1}}, skip_templates_processing: true}}]\n",
            "a.yaml": "vars: {y: '{{ .x }}'}\n",
        },
        {"y": "{{ .x }}"},
    ),
    "a template file need not be YAML before": (
        {
            DEV: f"{PLACE}{C}import: [{{path: a, context: {{names: [a, b]}}}}]\n",
            "a.yaml.tmpl": "vars:\n{{- range $i, $e := .names }}\n  {{ $e }}: {{ $i }}\n{{- end }}\n",
        },
        {"a": 0, "b": 1},
    ),
    "without a context what cannot be rendered is left": (
        {DEV: f"{PLACE}{C}import: [a]\n", "a.yaml.tmpl": "vars: {x: '{{ .missing }}'}\n"},
        {"x": "{{ .missing }}"},
    ),
    "locals name each other in any order and their file's sections": (
        {
            DEV: PLACE.replace("}", ", n: '{{ .locals.name }}', m: '{{ .locals.map }}'}")
            + "locals: {name: '{{ .locals.env }}-{{ .vars.stage }}', env: E, map: {a: ['{{ .locals.env }}']}}\n"
            + "terraform: {locals: {tf: '{{ .locals.env }}-tf'}}\n"
            + "components: {terraform: {c: {vars: {t: 'is {{ .locals.tf }}'}}}}\n",
        },
        {"n": "E-dev", "m": {"a": ["E"]}, "t": "is E-tf"},
    ),
    "one unknown expression leaves composite texts of the file, not lone references": (
        {
            DEV: f"{PLACE}locals: {{l: x}}\n"
            "components: {terraform: {c: {vars: {a: '{{ .locals.l }}', b: '{{ .locals.l }}-c', d: '{{ .atmos }}'}}}}\n"
        },
        {"a": "x", "b": "{{ .locals.l }}-c", "d": "{{ .atmos }}"},
    ),
    "a section of a file with locals is rendered by itself, also where the file as a whole cannot be": (
        {
            DEV: PLACE.replace("}", ", a: '{{ .locals.l }}-v'}")
            + "locals: {l: x}\n"
            + "components: {terraform: {c: {vars: {b: '{{ .locals.l }}-c', d: '{{ .atmos }}'}}}}\n"
        },
        {"a": "x-v", "b": "{{ .locals.l }}-c", "d": "{{ .atmos }}"},
    ),
    "a section of which something cannot be rendered stays as it is written": (
        {
            DEV: PLACE.replace("}", ", a: '{{ .locals.l }}', b: '{{ .vars.imported }}'}")
            + "locals: {l: x}\n"
            + "settings: {s: '{{ .locals.l }}'}\n"
            + "components: {terraform: {c: {vars: {d: '{{ .settings.s }}', e: '{{ .locals.l }}'}}}}\n"
        },
        {"a": "{{ .locals.l }}", "b": "{{ .vars.imported }}", "d": "x", "e": "x"},
    ),
    "vars of a context replace those of the file": (
        {
            DEV: f"{PLACE}{C}import: [{{path: a, context: {{vars: {{x: 1}}}}}}]\n",
            "a.yaml": "vars: {x: '{{ .vars.x }}-y', z: 2}\n",
        },
        {"x": 1},
    ),
    "locals do not reach imported files": (
        {
            DEV: f"{PLACE}{C}locals: {{l: 1}}\nimport: [a]\n",
            "a.yaml": "vars: {fromA: '{{ .locals.l }}'}\n",
        },
        {"fromA": "{{ .locals.l }}"},
    ),
    "!env in a local is answered at once": (
        {DEV: PLACE.replace("}", ", h: 'at {{ .locals.where }}'}") + f"{C}locals: {{where: !env PLACE}}\n"},
        {"h": "at home"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_files_are_rendered(repository: Callable[..., Repository], case: str) -> None:
    """Each case says its rule."""
    files, wanted = CASES[case]
    assert _vars(repository(files, environ={"PLACE": "home"})) == wanted


def test_positions_of_rendered_values_stay_those_of_the_source(repository: Callable[..., Repository]) -> None:
    """A value that a context filled in is still set where its key is written."""
    files = {
        DEV: f"{PLACE}{C}import: [{{path: a, context: {{w: blue}}}}]\n",
        "a.yaml": "vars:\n  x: 1\n  y: 'is {{ .w }}'\n",
    }
    origin = repository(files).instance("c", STACK).explain(("vars", "y"))
    assert (origin.value, str(origin.at)) == ("is blue", "stacks/a.yaml:3:3")


def test_import_paths_are_rendered_from_earlier_imports(repository: Callable[..., Repository]) -> None:
    """They see the settings, vars and env of the imports before, here and in the importing files."""
    files = {
        DEV: f"{PLACE}{C}import: [base, a]\n",
        "base.yaml": "vars: {region: eu}\n",
        "a.yaml": "import: ['mix/{{ .vars.region }}', {path: 'mix/{{ .vars.region }}-x', skip_if_missing: true}]\n",
        "mix/eu.yaml": "vars: {found: true}\n",
    }
    assert _vars(repository(files, atmos=TEMPLATES)) == {"region": "eu", "found": True}
    with pytest.raises(GaiaError) as caught:
        repository({**files, "base.yaml": ""}, atmos=TEMPLATES).instance("c", STACK)
    assert (caught.value.code, str(caught.value.at)) == ("import-path-template", "stacks/a.yaml:1:10")


def test_a_templated_path_is_passed_over_where_templates_are_off(repository: Callable[..., Repository]) -> None:
    """As text it names no file, and Atmos says nothing about it."""
    assert _vars(repository({DEV: f"{PLACE}{C}import: ['mix/{{{{ .vars.region }}}}']\n"})) == {}


def test_what_templates_make_of_a_file_must_be_yaml(repository: Callable[..., Repository]) -> None:
    """The inserted text is not escaped: the error names the file that was rendered."""
    files = {
        DEV: f'{PLACE}{C}import: [{{path: a, context: {{w: "it\'s"}}}}]\n',
        "a.yaml": "vars: {x: '{{ .w }} {{ .w }}'}\n",
    }
    with pytest.raises(Invalid) as caught:
        repository(files).instance("c", STACK)
    assert (caught.value.code, str(caught.value.at)) == ("yaml-after-template", "stacks/a.yaml:1:1")


def test_strict_compatibility_has_the_defect_of_locals(repository: Callable[..., Repository]) -> None:
    """There a file with locals replaces the vars of what it imports, and renders it as if it were given a context."""
    files = {
        DEV: f"{PLACE}{C}locals: {{l: 1}}\nimport: [a]\n",
        "a.yaml": "import: [b]\nvars: {a: 1}\n",
        "b.yaml": "vars: {b: 1}\n",
    }
    assert _vars(repository(files)) == {"a": 1, "b": 1}
    assert _vars(repository(files, atmos=STRICT)) == {}
    with pytest.raises(Invalid) as caught:
        repository({**files, "b.yaml": "settings: {x: '{{ .atmos_stack }}'}\n"}, atmos=STRICT).instance("c", STACK)
    assert caught.value.code == "template-missing-key"


def test_what_a_file_with_locals_hands_down_is_merged_into_a_context_of_its_own(
    repository: Callable[..., Repository],
) -> None:
    """Under `strict`, level by level, and once: a list that is appended to does not grow with the depth."""
    files = {
        DEV: f"{PLACE}{C}locals: {{l: 1}}\nimport: [{{path: a, context: {{w: 1}}}}]\nsettings: {{s: !append [x]}}\n",
        "a.yaml": "import: [b]\nsettings: {s: [a]}\n",
        "b.yaml": "settings: {s: [b]}\n",
    }
    opened = repository(files, atmos=STRICT + "settings: {list_merge_strategy: append}\n")
    assert opened.instance("c", STACK).settings["s"] == ["x", "x", "x"]


def test_what_leaks_out_of_one_file_of_a_pattern_does_not_reach_the_others(
    repository: Callable[..., Repository],
) -> None:
    """Overrides leak from import to import, not among the files that one import gives."""
    parts = {
        "mix/a.yaml": "overrides: {vars: {l: [a]}}\n",
        "mix/b.yaml": "overrides: {vars: {m: [b]}}\ncomponents: {terraform: {c: {}}}\n",
    }
    found = [
        _vars(repository({DEV: f"{PLACE}import: [{imports}]\n", **parts})) for imports in ("mix/*", "mix/a, mix/b")
    ]
    assert found == [{"m": ["b"]}, {"m": ["b"], "l": ["a"]}]


def test_a_template_cannot_grow_without_end(repository: Callable[..., Repository]) -> None:
    """A loop over loops ends with an error at the file, not with the memory."""
    loops = "{{ range $x }}" * 12
    body = '{{ $x := (printf "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") }}' + loops + "x" + "{{ end }}" * 12
    files = {DEV: f"{PLACE}{C}import: [{{path: a, context: {{w: 1}}}}]\n", "a.yaml.tmpl": f"vars: {{x: {body}}}\n"}
    with pytest.raises(Invalid) as caught:
        repository(files).instance("c", STACK)
    assert caught.value.at is not None
    assert caught.value.at.file == "stacks/a.yaml.tmpl"


def test_an_unknown_local_makes_a_text_unknown(repository: Callable[[Mapping[str, str]], Repository]) -> None:
    """A text, a list or a condition around a reference is not known either, and holds no source of a function."""
    opened = repository(
        {
            DEV: "locals: {id: !terraform.state vpc .id, m: {id: !store s c k, n: 1}, two: '{{ .locals.id }}!'}\n"
            f"{PLACE}components:\n  terraform:\n    vpc: {{}}\n    c:\n      vars:\n"
            "        text: 'x-{{ .locals.id }}'\n        twice: 'y-{{ .locals.two }}'\n"
            "        list: ['{{ .locals.id | upper }}', '{{ .locals.m.n }}-known']\n"
            "        chosen: '{{ if .locals.id }}a{{ else }}b{{ end }}'\n        lone: '{{ .locals.m.n }}'\n"
        }
    )
    found = _vars(opened)
    listed = found["list"]
    assert isinstance(listed, list)
    assert all(isinstance(one, Unknown) for one in (found["text"], found["twice"], found["chosen"], listed[0]))
    assert (listed[1], found["lone"]) == ("1-known", 1)
    shown = json.dumps(opened.instance("c", STACK).describe()["vars"])
    assert "!terraform" not in shown
    assert "!store" not in shown
