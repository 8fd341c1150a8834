"""Which layer wins, how backends, workspaces and names come about, what functions give."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.unit.stacks.conftest import ATMOS, PLACE, STACK, built

from gaia.errors import Invalid, NotFound
from gaia.stacks.local import LocalResolver
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATTERN = "{tenant}-{environment}-{stage}"


def test_layers_win_in_their_order(repository: Callable[..., Repository]) -> None:
    """File, type, bases from left to right, component, overrides: the later one wins, maps merge."""
    instance = built(
        repository,
        """\
settings: {a: file, b: file, c: file, d: file, e: file}
terraform: {settings: {b: type, c: type, d: type, e: type}, overrides: {settings: {e: override}}}
components:
  terraform:
    left: {metadata: {type: abstract}, settings: {c: left, d: left, m: {l: 1}}}
    right: {metadata: {type: abstract}, settings: {c: right, m: {r: 1}}}
    c: {metadata: {inherits: [left, right]}, settings: {d: own, e: own}}
""",
    )
    assert instance.settings == {
        "a": "file", "b": "type", "c": "right", "d": "own", "e": "override", "m": {"l": 1, "r": 1},
    }  # fmt: skip
    origin = instance.explain(("settings", "e"))
    chain = [(one.value, one.at.line) for one in (origin, *origin.overridden)]
    assert chain == [("override", 3), ("own", 8), ("type", 3), ("file", 2)]


def test_component_vars_of_a_catalog_beat_the_stack_files_globals(repository: Callable[..., Repository]) -> None:
    """Imports merge key by key, so a component's own var is stronger than a global one of the importer."""
    files = {
        "catalog/c.yaml": "components: {terraform: {c: {vars: {v: catalog}}}}\n",
        "orgs/dev.yaml": f"import: [catalog/c]\n{PLACE}terraform: {{vars: {{v: stack}}}}\n",
    }
    assert repository(files).instance("c", STACK).vars["v"] == "catalog"


def test_the_last_base_assigns_its_command_even_when_it_has_none(repository: Callable[..., Repository]) -> None:
    """`command` and `backend_type` are assigned by each base, so a later one without wipes them."""
    text = """\
components:
  terraform:
    a: {metadata: {type: abstract}, command: tofu, backend_type: s3}
    b: {metadata: {type: abstract}}
    c: {metadata: {inherits: [a, b]}}
    d: {metadata: {inherits: [b, a]}}
"""
    assert (built(repository, text).command, built(repository, text).backend_type) == ("terraform", "")
    assert (built(repository, text, component="d").command, built(repository, text, component="d").backend_type) == (
        "tofu",
        "s3",
    )


def test_metadata_is_inherited_without_type_and_inherits(repository: Callable[..., Repository]) -> None:
    """A base hands down its metadata; being abstract and its own bases stay with it."""
    text = """\
components:
  terraform:
    a: {metadata: {type: abstract, component: code, custom: {k: 1}}}
    c: {metadata: {inherits: [a], enabled: false}}
"""
    instance = built(repository, text)
    assert instance.metadata == {"component": "code", "custom": {"k": 1}, "inherits": ["a"], "enabled": False}
    assert (instance.component_path, instance.abstract, instance.enabled) == ("code", False, False)
    assert built(repository, text, component="a").abstract


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        ("backend_type: s3, backend: {s3: {bucket: b}}", {"bucket": "b", "workspace_key_prefix": "net-vpc"}),
        ("backend_type: gcs, backend: {gcs: {bucket: b}}", {"bucket": "b", "prefix": "net-vpc"}),
        ("backend_type: azurerm, backend: {azurerm: {key: k}}", {"key": "k/net-vpc.terraform.tfstate"}),
        ("backend_type: local, backend: {local: {path: p}}", {"path": "p"}),
        ("backend: {s3: {bucket: b}}", {}),
    ],
)
def test_backend_defaults(repository: Callable[..., Repository], backend: str, expected: object) -> None:
    """States are kept apart by the name of the code, a slash becomes a dash."""
    text = f"terraform: {{{backend}}}\ncomponents: {{terraform: {{c: {{metadata: {{component: net/vpc}}}}}}}}\n"
    assert built(repository, text).backend == expected


@pytest.mark.parametrize("section", ["backend", "remote_state_backend"])
def test_a_backend_that_is_configured_for_other_types_only(repository: Callable[..., Repository], section: str) -> None:
    """The type must be one of those that have an entry; the remote state's is the backend's where none is given."""
    entries: dict[str, object] = {"backend": {"gcs": {}, "local": {}}, section: {"s3": {}}}
    text = f"terraform: {json.dumps({'backend_type': 'gcs', **entries})}\n"
    opened = repository({"orgs/dev.yaml": f"{PLACE}{text}components: {{terraform: {{c: {{}}}}}}\n"})
    with pytest.raises(Invalid, match=f"{section}_type of c in orgs/dev.yaml is gcs, but {section} only has s3"):
        opened.instance("c", STACK)


@pytest.mark.parametrize(
    ("component", "workspace", "varfile"),
    [
        ("vpc: {}", STACK, f"{STACK}-vpc"),
        ("vpc: {metadata: {component: infra/vpc}}", f"{STACK}-vpc", f"{STACK}-infra-vpc"),
        ("net/vpc: {}", STACK, f"{STACK}-net-vpc"),
        ("vpc: {metadata: {terraform_workspace: a/b}}", "a-b", f"{STACK}-vpc"),
        ("vpc: {metadata: {terraform_workspace_pattern: '{stage}-{component}-{x}'}}", "dev-vpc-{x}", f"{STACK}-vpc"),
        ("vpc: {backend_type: http}", "default", f"{STACK}-vpc"),
    ],
)
def test_workspace_and_files(
    repository: Callable[..., Repository], component: str, workspace: str, varfile: str
) -> None:
    """Names are Atmos's, so that states and files can be exchanged with it."""
    text = f"components:\n  terraform:\n    {component}\n"
    instance = built(repository, text, component=component.partition(":")[0])
    assert instance.workspace == workspace
    assert instance.varfile_name == f"{varfile}.terraform.tfvars.json"
    assert instance.planfile_name == f"{varfile}.planfile"


@pytest.mark.parametrize(
    ("atmos", "text", "stack"),
    [
        (ATMOS, "name: mine\n", "mine"),
        (ATMOS.replace("name_pattern", "name_template").replace(PATTERN, "{{ .vars.stage }}.x"), "", "dev.x"),
        (ATMOS.replace("name_pattern", "name_template").replace(PATTERN, "{{ if false }}x{{ end }}"), "", "orgs/a/dev"),
        (ATMOS.replace(PATTERN, "x-{tenant}-x{stage}-{stage}"), "", "acme-dev"),
        (ATMOS.replace(PATTERN, "{dir}"), "", "orgs/a/dev"),
        (ATMOS.replace("  name_pattern", "  # name_pattern"), "", "orgs/a/dev"),
    ],
)  # fmt: skip
def test_stack_names(repository: Callable[..., Repository], atmos: str, text: str, stack: str) -> None:
    """Manifest name, template, pattern, path: the first that there is names the stack."""
    files = {"orgs/a/dev.yaml": f"{text}{PLACE}components: {{terraform: {{c: {{}}}}}}\n"}
    assert repository(files, atmos=atmos).stacks == (stack,)


def test_a_components_own_stage_moves_it_to_another_stack(repository: Callable[..., Repository]) -> None:
    """Names are computed per component from its merged vars."""
    text = f"{PLACE}components: {{terraform: {{a: {{}}, b: {{vars: {{stage: prod}}}}}}}}\n"
    assert [str(key) for key in repository({"orgs/dev.yaml": text}).instances] == [
        "acme-use1-dev/a",
        "acme-use1-prod/b",
    ]


def test_functions_that_need_nothing_outside(repository: Callable[..., Repository]) -> None:
    """`!env` reads the component's env, then what was handed in; unknown words with a mark stay text."""
    text = """\
components:
  terraform:
    c:
      env: {OWN: own}
      vars: {a: !env OWN, b: !env HANDED, c: !env NONE "two words", d: "!env NONE", e: "!important", f: !template '[1]'}
"""
    instance = built(repository, text, environ={"HANDED": "in"})
    found = {key: instance.vars[key] for key in "abcdef"}
    assert found == {"a": "own", "b": "in", "c": "two words", "d": "", "e": "!important", "f": [1]}
    assert instance.explain(("vars", "a")).value == "own"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('{"a": [1, 1.0, 1e3, 1.5]}', {"a": [1, 1, 1000, 1.5]}),
        ("NaN", "NaN"),
        ("[-Infinity]", "[-Infinity]"),
        ("[1e999]", "[1e999]"),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_functions_read_json_as_go_does(repository: Callable[..., Repository], written: str, value: object) -> None:
    """Whole numbers have no fraction; what only Python takes for JSON, or nobody reads, stays a text."""
    found = built(repository, f"components: {{terraform: {{c: {{vars: {{x: !template '{written}'}}}}}}}}\n").vars["x"]
    assert json.dumps(found) == json.dumps(value)


def test_what_atmos_yaml_puts_below_all_layers(repository: Callable[..., Repository]) -> None:
    """`env`, and `integrations.github` below the settings; both are explained by their place there."""
    atmos = (
        ATMOS + "env: {A: weak, B: weak}\nintegrations: {github: {gitops: {role: r, region: weak}}, other: {x: 1}}\n"
    )
    text = (
        "settings: {integrations: {github: {gitops: {region: own}}}}\ncomponents: {terraform: {c: {env: {A: own}}}}\n"
    )
    instance = built(repository, text, atmos=atmos)
    assert instance.env == {"A": "own", "B": "weak"}
    assert instance.settings == {"integrations": {"github": {"gitops": {"role": "r", "region": "own"}}}}
    places = [
        str(instance.explain(path).at)
        for path in (("env", "A"), ("env", "B"), ("settings", "integrations", "github", "gitops", "role"))
    ]
    assert places == ["stacks/orgs/dev.yaml:3:36", "atmos.yaml:8:16", "atmos.yaml:9:34"]


def test_the_environment_of_atmos_yaml_is_text(repository: Callable[..., Repository]) -> None:
    """Numbers are written as Go writes them, null is no variable, and what has parts is empty."""
    atmos = f"{ATMOS}env: {{I: 1, B: true, F: 1.5, G: 1e6, H: 1e-7, S: x, N: ~, L: [1]}}\n"
    env = {"I": "1", "B": "true", "F": "1.5", "G": "1000000", "H": "0.0000001", "S": "x", "L": ""}
    assert built(repository, "components: {terraform: {c: {}}}\n", atmos=atmos).env == env


def test_commands_see_the_environment_as_text(tmp_path: Path, repository: Callable[..., Repository]) -> None:
    """What `env` sets is handed to `!exec` as Go prints it."""
    text = "components: {terraform: {c: {env: {B: true, F: 2.0, T: x}, vars: {x: !exec 'echo $B $F $T'}}}}\n"
    repository({"orgs/dev.yaml": PLACE + text})
    opened = Repository.open(tmp_path, resolver=LocalResolver(tmp_path))
    assert opened.instance("c", STACK).vars["x"] == "true 2 x"


def test_numbers_of_included_hcl_are_whole(tmp_path: Path, repository: Callable[..., Repository]) -> None:
    """Atmos keeps what stands before the point, as a number of 64 bits."""
    (tmp_path / "x.tfvars").write_text("a = 1.9\nb = [-1.9, 2, true]\nc = { d = 12345678901234567890 }\n")
    instance = built(repository, "components: {terraform: {c: {vars: {x: !include x.tfvars}}}}\n")
    assert instance.vars["x"] == {"a": 1, "b": [-1, 2, True], "c": {"d": 2**63 - 1}}


def test_mocks_are_shown_as_they_are_written(repository: Callable[..., Repository]) -> None:
    """Bases and components may have them, and they are never rendered."""
    text = """\
components:
  terraform:
    base: {metadata: {type: abstract}, mocks: {a: '{{ .vars.stage }}', b: 1}}
    c: {metadata: {inherits: [base]}, mocks: {b: 2}, vars: {x: '{{ .vars.stage }}'}}
"""
    document = built(repository, text, atmos=ATMOS + "templates: {settings: {enabled: true}}\n").describe()
    assert document["mocks"] == {"a": "{{ .vars.stage }}", "b": 2}


def test_unset_and_labels(repository: Callable[..., Repository]) -> None:
    """`!unset` takes a key away, inherited or not; labels that are texts are sorted by key, tags keep their order."""
    text = """\
terraform: {vars: {gone: 1}}
components:
  terraform:
    c:
      metadata: {labels: {z: "1", a: "2", no: 3}, tags: [t2, t1]}
      vars: {gone: !unset , m: {a: !unset , b: 1}, l: !labels , k: !labels.keys , v: !labels.values , t: !tags }
"""
    instance = built(repository, text)
    assert "gone" not in instance.vars
    assert instance.vars["m"] == {"b": 1}
    assert instance.vars["l"] == {"a": "2", "z": "1"}
    assert [instance.vars[key] for key in "kvt"] == [["a", "z"], ["2", "1"], ["t2", "t1"]]


def test_describe_shows_references_as_written(repository: Callable[..., Repository]) -> None:
    """The document is JSON data with Atmos's keys."""
    import json

    text = "components: {terraform: {c: {vars: {k: !terraform.state x y}}}}\n"
    document = built(repository, text).describe()
    assert json.loads(json.dumps(document)) == document
    assert document["vars"] == {
        "tenant": "acme",
        "environment": "use1",
        "stage": "dev",
        "k": "!terraform.state x y",
    }
    assert (document["atmos_stack"], document["atmos_manifest"]) == (STACK, "orgs/dev")
    assert document["deps"] == ["orgs/dev"]


def test_explaining_what_is_not_there_suggests(repository: Callable[..., Repository]) -> None:
    """An unknown path is an error with the nearest key."""
    with pytest.raises(NotFound) as caught:
        built(repository, "components: {terraform: {c: {vars: {bucket: 1}}}}\n").explain(("vars", "buckets"))
    assert caught.value.code == "path-unknown"
    assert "bucket" in caught.value.next_step


def test_import_forms(repository: Callable[..., Repository]) -> None:
    """Relative, glob and map entries apply in order; a missing one may be skipped; later imports win."""
    files = {
        "orgs/dev.yaml": """\
import:
  - ./_defaults
  - mixins/*
  - {path: nothing/here, skip_if_missing: true}
  - path: late.yml
components: {terraform: {c: {}}}
""",
        "orgs/_defaults.yaml": PLACE + "settings: {a: defaults, b: defaults, c: defaults, d: defaults}\n",
        "mixins/1.yaml": "settings: {b: one, c: one, d: one}\n",
        "mixins/2.yaml": "settings: {c: two, d: two}\n",
        "late.yml": "settings: {d: late}\n",
    }
    instance = repository(files).instance("c", STACK)
    assert instance.settings == {"a": "defaults", "b": "one", "c": "two", "d": "late"}
    assert instance.imports == ("late", "mixins/1", "mixins/2", "orgs/_defaults")


def test_importing_the_room_is_cheap() -> None:
    """Neither the graph library nor the YAML library is loaded before it is needed."""
    import subprocess
    import sys

    code = "import sys, gaia.graph, gaia.stacks.repository; print({'networkx', 'yaml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
