"""`describe stacks` and `describe component`: types, filters, workspaces, functions that meet values, resolvers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.stacks.conftest import ATMOS, PLACE

from gaia.errors import Conflict, Invalid, NotFound, Position, ToolFailed
from gaia.stacks.local import LocalResolver
from gaia.stacks.model import Unknown
from gaia.stacks.ports import Call, Processing, Unanswered
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.stacks.model import Reference

STACK = "acme-use1-dev"
DEV = "orgs/dev.yaml"
PROD = "vars: {tenant: acme, environment: use1, stage: prod}\n"


def _stack(components: str, *, top: str = "", place: str = PLACE) -> str:
    return f"{place}{top}components: {components}\n"


def test_every_type_has_its_own_sections(repository: Callable[..., Repository]) -> None:
    """Only Terraform has backends and workspaces; types that nobody knows are not shown."""
    types = "{terraform: {a: {}}, helmfile: {b: {}}, packer: {c: {}}, ansible: {d: {}}, odd: {e: {}}}"
    found = repository({DEV: _stack(types)}).describe_stacks()[STACK]["components"]
    assert isinstance(found, dict)
    assert list(found) == ["terraform", "helmfile", "packer", "ansible"]
    assert "backend" in found["terraform"]["a"]
    assert "backend" not in found["helmfile"]["b"]
    assert "hooks" in found["helmfile"]["b"]
    assert "hooks" not in found["packer"]["c"]
    assert [found[kind][name]["command"] for kind, name in (("helmfile", "b"), ("packer", "c"), ("ansible", "d"))] == [
        "helmfile",
        "packer",
        "ansible",
    ]


def test_a_type_can_be_asked_for(repository: Callable[..., Repository]) -> None:
    """A name may stand for components of several types: terraform is tried first."""
    files = {DEV: _stack("{terraform: {a: {vars: {x: 1}}}, helmfile: {a: {vars: {x: 2}}}}")}
    opened = repository(files)
    assert (opened.instance("a", STACK).vars["x"], opened.instance("a", STACK, "helmfile").vars["x"]) == (1, 2)
    with pytest.raises(NotFound):
        opened.instance("a", STACK, "packer")


LAYERS = {
    "terraform": {
        **dict.fromkeys(("vars", "settings", "env", "auth", "hooks", "generate"), "GTBCO"),
        "dependencies": "GTBC",
        "source": "TBC",
        "provision": "TBC",
        "secrets": "GBCO",
        "retry": "BCO",
        "mocks": "BC",
    },
    "helmfile": {
        **dict.fromkeys(("vars", "settings", "env", "auth"), "GTBCO"),
        "dependencies": "GTBC",
        "hooks": "BCO",
        "source": "BC",
        "provision": "BC",
        "secrets": "GBCO",
        "retry": "BCO",
    },
    "packer": {
        **dict.fromkeys(("vars", "settings", "env", "auth", "dependencies"), "GTBC"),
        "source": "BC",
        "provision": "BC",
        "secrets": "GBC",
        "retry": "BC",
    },
    "ansible": {
        **dict.fromkeys(("vars", "settings", "env", "auth", "dependencies"), "GTBC"),
        "secrets": "GBC",
        "retry": "BC",
    },
    "helm": {
        **dict.fromkeys(("vars", "settings", "env", "auth", "dependencies", "hooks", "generate"), "GTBC"),
        "source": "TBC",
        "provision": "TBC",
        "secrets": "BC",
        "retry": "BC",
    },
}
"""Which layers a real atmos 1.226 merged into each section: of the file, type, base, component and overrides."""
SECTIONS = sorted({section for sections in LAYERS.values() for section in sections})


@pytest.mark.parametrize("kind", LAYERS)
def test_the_layers_of_each_type(repository: Callable[..., Repository], kind: str) -> None:
    """Not every type has every section, and only Terraform's and helmfile's components can be overridden."""

    def layer(letter: str) -> dict[str, object]:
        return {section: {letter: "set"} for section in SECTIONS}

    components = {
        "base": {"metadata": {"type": "abstract"}} | layer("B"),
        "c": {"metadata": {"inherits": ["base"]}} | layer("C"),
    }
    whole = {
        **layer("G"), "vars": {"tenant": "acme", "environment": "use1", "stage": "dev", "G": "set"},
        kind: layer("T") | {"overrides": layer("O")}, "components": {kind: components},
    }  # fmt: skip
    document: dict[str, Any] = dict(repository({DEV: json.dumps(whole)}).describe_stacks())
    found = document[STACK]["components"][kind]["c"]
    shown = {section: "".join(one for one in "GTBCO" if one in found.get(section, {})) for section in SECTIONS}
    assert {section: layers for section, layers in shown.items() if layers} == LAYERS[kind]


def test_a_base_may_be_a_folder_of_its_own_type(repository: Callable[..., Repository], tmp_path: Path) -> None:
    """`component:` may name code that no manifest configures, where that type has its code; `atmos.yaml` says where."""
    (tmp_path / "components/terraform/net").mkdir(parents=True)
    (tmp_path / "charts/app").mkdir(parents=True)
    atmos = ATMOS.replace("components: {", "components: {helmfile: {base_path: charts}, ")
    kept = repository({DEV: _stack("{terraform: {a: {component: net}}, helmfile: {b: {component: app}}}")}, atmos=atmos)
    assert kept.instance("b", STACK, "helmfile").describe()["component"] == "app"
    lost = repository({DEV: _stack("{helmfile: {b: {component: net}}}")}, atmos=atmos)
    with pytest.raises(NotFound, match="inherits from net"):
        lost.instance("b", STACK, "helmfile")


def test_a_listed_workspace_is_named_by_the_fixed_one_before_a_template(repository: Callable[..., Repository]) -> None:
    """As in Atmos: what runs use is named by the template."""
    both = "{terraform_workspace: fixed, terraform_workspace_template: '{{ .vars.stage }}-w'}"
    opened = repository({DEV: _stack(f"{{terraform: {{a: {{metadata: {both}}}}}}}")})
    stack = opened.describe_stacks(sections=["workspace"])[STACK]["components"]
    assert stack == {"terraform": {"a": {"workspace": "fixed"}}}
    assert opened.instance("a", STACK).workspace == "dev-w"


def test_filters(repository: Callable[..., Repository]) -> None:
    """By stack, component, type and section; stacks that nothing is left of are left out unless asked for."""
    files = {
        DEV: _stack("{terraform: {a: {vars: {x: 1}}, b: {}}, helmfile: {h: {}}}"),
        "orgs/prod.yaml": _stack("{terraform: {b: {}}}", place=PROD),
    }
    opened = repository(files)
    assert list(opened.describe_stacks()) == [STACK, "acme-use1-prod"]
    assert opened.describe_stacks(stack=STACK, components=["a"], sections=["vars"]) == {
        STACK: {
            "components": {
                "terraform": {"a": {"vars": {"tenant": "acme", "environment": "use1", "stage": "dev", "x": 1}}}
            }
        }
    }
    assert list(opened.describe_stacks(kinds=["helmfile"])) == [STACK]
    assert opened.describe_stacks(components=["a"], include_empty=True)["acme-use1-prod"] == {}
    assert [name for name, _ in opened.iter_stacks()] == [STACK, "acme-use1-prod"]


def test_what_is_listed_has_another_workspace(repository: Callable[..., Repository]) -> None:
    """As in Atmos: describe stacks leaves the component out, and prefers a fixed workspace to a pattern."""
    both = "{terraform_workspace_pattern: '{stage}-{component}', terraform_workspace: fixed}"
    terraform = f"{{vpc: {{}}, a: {{metadata: {{component: vpc}}}}, b: {{metadata: {both}}}}}"
    opened = repository({DEV: _stack(f"{{terraform: {terraform}}}")})
    stack = opened.describe_stacks(sections=["workspace"])[STACK]["components"]
    assert stack == {"terraform": {"vpc": {"workspace": STACK}, "a": {"workspace": STACK}, "b": {"workspace": "fixed"}}}
    assert [opened.instance(name, STACK).workspace for name in "ab"] == [f"{STACK}-a", "dev-b"]


def test_duplicates_are_refused_before_anything_is_shown(repository: Callable[..., Repository]) -> None:
    """Also where only another type of component differs; equal ones are fine."""
    same = {
        "orgs/a.yaml": _stack("{helmfile: {a: {vars: {x: 1}}}}"),
        "orgs/b.yaml": _stack("{helmfile: {a: {vars: {x: 1}}}}"),
    }
    assert list(repository(same).describe_stacks()) == [STACK]
    with pytest.raises(Conflict):
        repository(same | {"orgs/b.yaml": _stack("{helmfile: {a: {vars: {x: 2}}}}")}).describe_stacks()


def test_authored_sections_only(repository: Callable[..., Repository]) -> None:
    """The shorter document holds what somebody wrote, and the imports under the name that manifests use."""
    files = {
        DEV: _stack("{terraform: {a: {env: {A: x}}}}", top="import: [catalog/x]\n"),
        "catalog/x.yaml": "vars: {}\n",
    }
    document = repository(files).instance("a", STACK).describe(authored=True)
    assert set(document) == {"component", "vars", "env", "command", "import"}
    assert document["import"] == ["catalog/x"]


MAP, LIST, WORD = "!template '{\"k\": 1}'", "!template '[1, {\"k\": 1}]'", "!env NONE said"


@pytest.mark.parametrize(
    ("strategy", "lower", "upper", "value"),
    [
        ("replace", "{a: 1}", MAP, {"a": 1, "k": 1}),
        ("replace", MAP, "{a: 1}", {"a": 1, "k": 1}),
        ("replace", WORD, "high", "high"),
        ("replace", "low", WORD, "said"),
        ("replace", "[2]", LIST, [1, {"k": 1}]),
        ("replace", WORD, "~", "said"),
        ("replace", WORD, "[!env NONE x]", ["!env NONE x"]),
        ("append", "[2]", LIST, [2, 1, {"k": 1}]),
        ("append", LIST, "high", [1, {"k": 1}]),
        ("append", "low", LIST, [1, {"k": 1}]),
        ("append", "[]", WORD, None),
        ("merge", LIST, "[2]", [2, {"k": 1}]),
        ("merge", "[2, {a: 1}, 3]", LIST, [1, {"a": 1, "k": 1}, 3]),
        ("merge", "[2]", WORD, "said"),
        ("append", "[2]", "!git.owner none", "none"),
    ],
)
def test_a_function_that_meets_a_value(
    repository: Callable[..., Repository], strategy: str, lower: str, upper: str, value: object
) -> None:
    """Rules of their own, as a real atmos has them: null says nothing, lists and maps stay lists and maps."""
    text = _stack(f"{{terraform: {{c: {{vars: {{x: {upper}}}}}}}}}", top=f"terraform: {{vars: {{x: {lower}}}}}\n")
    atmos = f"{ATMOS}settings: {{list_merge_strategy: {strategy}}}\n"
    assert repository({DEV: text}, atmos=atmos).instance("c", STACK).vars["x"] == value


@pytest.mark.parametrize(
    ("strategy", "value", "before"),
    [("replace", [3], [3]), ("append", [1, 2, 3], [1, 3]), ("merge", [3], "!template [2]")],
)
def test_a_function_that_meets_a_value_by_the_strategy_of_the_component(
    repository: Callable[..., Repository], strategy: str, value: object, before: object
) -> None:
    """The component's own strategy holds; the account of files has what the layers make of the function's text."""
    base = "{metadata: {type: abstract}, vars: {x: !template '[2]'}}"
    own = f"{{metadata: {{inherits: [b]}}, settings: {{list_merge_strategy: {strategy}}}, vars: {{x: [3]}}}}"
    text = _stack(f"{{terraform: {{b: {base}, c: {own}}}}}", top="terraform: {vars: {x: [1]}}\n")
    document = repository({DEV: text}).instance("c", STACK).describe()
    assert document["vars"]["x"] == value  # type: ignore[index]
    assert document["sources"]["vars"]["x"]["final_value"] == before  # type: ignore[index]


def test_templates_of_functions_that_meet_a_value(repository: Callable[..., Repository]) -> None:
    """They are rendered in every layer, also where nothing of them is left in the merged document."""
    lower = "{base: {metadata: {type: abstract}, vars: {x: !template '{{ toJson .vars.one }}', y: {a: 1}}}, "
    upper = "c: {metadata: {inherits: [base]}, vars: {one: {k: 1}, x: {a: 1}, y: !template '{{ toJson .vars.one }}'}}}"
    atmos = f"{ATMOS}templates: {{settings: {{enabled: true, sprig: {{enabled: true}}}}}}\n"
    found = repository({DEV: _stack(f"{{terraform: {lower}{upper}}}")}, atmos=atmos).instance("c", STACK).vars
    assert (found["x"], found["y"]) == ({"a": 1, "k": 1}, {"a": 1, "k": 1})
    broken = upper.replace("{a: 1}, y: !template '{{ toJson .vars.one }}'", "'', y: !template '{{ nope }}'")
    with pytest.raises(Invalid, match="nope") as caught:
        repository({DEV: _stack(f"{{terraform: {lower}{broken}}}")}, atmos=atmos).instance("c", STACK)
    assert caught.value.at is not None


def test_unset_takes_away_what_weaker_layers_say(repository: Callable[..., Repository]) -> None:
    """From maps and lists."""
    text = _stack("{terraform: {c: {vars: {x: !unset '', l: [1, !unset '', 2]}}}}", top="terraform: {vars: {x: 1}}\n")
    found = repository({DEV: text}).instance("c", STACK).vars
    assert "x" not in found
    assert found["l"] == [1, 2]


def test_a_function_whose_place_is_gone_is_refused(repository: Callable[..., Repository]) -> None:
    """A stronger layer put a text where the function's map was."""
    text = _stack("{terraform: {c: {vars: {m: text}}}}", top="terraform: {vars: {m: {x: !env HOME}}}\n")
    with pytest.raises(Invalid) as caught:
        repository({DEV: text}).instance("c", STACK)
    assert (caught.value.code, str(caught.value.at)) == ("function-path", "stacks/orgs/dev.yaml:2:24")


class Answers(LocalResolver):
    """Knows one output, one store and one secret."""

    def terraform(self, reference: Reference) -> object:
        """The output `id`."""
        if reference.expression != "id":
            raise Unanswered
        return f"{reference.stack}/{reference.component}"

    def store(self, call: Call) -> object:
        """A map; nothing for the key `none`."""
        return None if call.words[-1] == "none" else {"k": list(call.words)}

    def secret(self, call: Call) -> object:
        """Of a type that is known."""
        del call
        raise Unanswered("string")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("!terraform.state vpc id", f"{STACK}/vpc"),
        ("!terraform.output vpc other id", "other/vpc"),
        ("!store s vpc key", {"k": ["s", "vpc", "key"]}),
        ('!store.get s "a b" | query .k[1]', "a b"),
        ("!store s vpc none | default x", "x"),
        ("!exec printf '%s' '[1, 2]'", [1, 2]),
        ("!exec echo $OWN", "own"),
        ("!secret pw", Unknown("secret", "!secret pw", Position("stacks/orgs/dev.yaml", 6, 9), "string")),
        ("!aws.region ''", Unknown("aws.region", "!aws.region", Position("stacks/orgs/dev.yaml", 6, 9), "string")),
    ],
)
def test_a_resolver_answers(repository: Callable[..., Repository], tmp_path: Path, written: str, value: object) -> None:
    """What it does not know stays visible, with its type where that is known."""
    text = f"terraform:\n    env: {{OWN: own, PATH: /usr/bin:/bin}}\n    vars:\n        x: {written}\n"
    repository({DEV: f"{PLACE}components: {{terraform: {{c: {{}}}}}}\n{text}"})
    opened = Repository.open(tmp_path, environ={}, resolver=Answers(tmp_path))
    assert opened.instance("c", STACK).vars["x"] == value


def test_a_command_that_fails_says_so(repository: Callable[..., Repository], tmp_path: Path) -> None:
    """With its status and the end of what it said."""
    repository({DEV: _stack("{terraform: {c: {vars: {x: !exec 'echo broken >&2; exit 3'}}}}")})
    with pytest.raises(ToolFailed, match=r"status 3.*broken"):
        Repository.open(tmp_path, environ={"PATH": "/usr/bin:/bin"}, resolver=LocalResolver(tmp_path)).instance(
            "c", STACK
        )


def test_functions_can_be_left_alone(repository: Callable[..., Repository], tmp_path: Path) -> None:
    """All of them, or some by name."""
    repository({DEV: _stack("{terraform: {c: {vars: {x: !env NONE a, y: !template '1'}}}}")})
    off = Repository.open(tmp_path, processing=Processing(functions=False)).instance("c", STACK).vars
    assert (off["x"], off["y"]) == ("!env NONE a", "!template 1")
    some = Repository.open(tmp_path, processing=Processing(skip=frozenset(("env",)))).instance("c", STACK).vars
    assert (some["x"], some["y"]) == ("!env NONE a", 1)


def test_documents_are_json(repository: Callable[..., Repository]) -> None:
    """References and unknown values are texts there, as they are written."""
    opened = repository({DEV: _stack("{terraform: {c: {vars: {x: !terraform.state v id, y: [!store a b c]}}}}")})
    document = json.loads(json.dumps(opened.describe_stacks()))
    found = document[STACK]["components"]["terraform"]["c"]["vars"]
    assert (found["x"], found["y"]) == ("!terraform.state v id", ["!store a b c"])
    assert opened.describe_component("c", STACK)["vars"] == found


GIT: Mapping[str, str] = {
    "HEAD": "ref: refs/heads/feature/x\n",
    "packed-refs": "# pack-refs with: peeled\n0123456789012345678901234567890123456789 refs/heads/feature/x\n",
    "config": '[core]\n\tbare = false\n[remote "origin"]\n\turl = git@git.example.com:group/sub/repo.git\n',
}


@pytest.mark.parametrize(
    ("function", "value"),
    [
        ("git.branch", "feature/x"),
        ("git.sha", "0123456789012345678901234567890123456789"),
        ("git.ref", "refs/heads/feature/x"),
        ("git.host", "git.example.com"),
        ("git.owner", "group/sub"),
        ("git.name", "repo"),
        ("git.repository", "group/sub/repo"),
        ("git.url", "git@git.example.com:group/sub/repo.git"),
    ],
)
def test_git_facts_come_from_files(
    repository: Callable[..., Repository], tmp_path: Path, function: str, value: str
) -> None:
    """No process is started for them."""
    opened = repository({DEV: _stack(f"{{terraform: {{c: {{vars: {{x: !{function} ''}}}}}}}}")})
    for name, text in GIT.items():
        (tmp_path / ".git" / name).write_text(text)
    assert opened.instance("c", STACK).vars["x"] == value


def test_a_git_fact_that_is_not_known_needs_a_default(repository: Callable[..., Repository]) -> None:
    """Outside of git, or without a remote."""
    opened = repository({DEV: _stack("{terraform: {c: {vars: {x: !git.url none}}, d: {vars: {x: !git.url ''}}}}")})
    assert opened.instance("c", STACK).vars["x"] == "none"
    with pytest.raises(Invalid) as caught:
        opened.instance("d", STACK)
    assert caught.value.code == "function-failed"
