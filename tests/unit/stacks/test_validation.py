"""`validate stacks` and `validate component`: what they find, where, and what they let pass."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gaia.errors import GaiaError
from gaia.stacks.repository import Repository
from gaia.stacks.validation.component import Check, checks, validate_component
from gaia.stacks.validation.schema import SHIPPED, dotted
from gaia.stacks.validation.stacks import COMPONENT_KEYS, validate_stacks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

ATMOS = """\
base_path: "."
components: {terraform: {base_path: components/terraform}}
stacks:
  base_path: stacks
  included_paths: ["deploy/**/*"]
  excluded_paths: ["**/_defaults.yaml"]
  name_pattern: "{tenant}-{stage}"
schemas:
  jsonschema: {base_path: rules}
  opa: {base_path: rules}
"""
GOOD = "vars: {tenant: acme, stage: dev}\ncomponents: {terraform: {vpc: {vars: {cidr: 10.0.0.0/16}}}}\n"


def repository(folder: Path, files: Mapping[str, str], atmos: str = ATMOS) -> Repository:
    """The files as a repository; paths without a suffix are manifests."""
    for name, text in {"atmos.yaml": atmos, **files}.items():
        path = folder / (name if "." in name else f"stacks/{name}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Repository.open(folder)


def found(folder: Path, files: Mapping[str, str], atmos: str = ATMOS) -> list[tuple[str, str]]:
    """Code and place of everything that is found."""
    report = validate_stacks(repository(folder, files, atmos))
    assert all(one.next_step for one in report.findings)
    return [(one.code, str(one.at)) for one in report.findings]


def test_what_stacks_say_to_gaia_itself_is_validated(tmp_path: Path) -> None:
    """A word that closes nothing though somebody meant it to, and a workspace whose state is another one's."""
    files = {
        "deploy/dev": (
            "vars: {tenant: acme, stage: dev}\n"
            "settings: {gaia: {direct: Refused}}\n"
            "components:\n  terraform:\n    vpc:\n      metadata: {terraform_workspace: ..}\n"
            "    fine: {settings: {gaia: {direct: allowed}}}\n"
        ),
        "components/terraform/vpc/main.tf": "",
        "components/terraform/fine/main.tf": "",
    }
    assert [one for one in found(tmp_path, files) if one[0] != "variable-undeclared"] == [
        ("direct-invalid", "stacks/deploy/dev.yaml:2:19"),
        ("workspace-invalid", "stacks/deploy/dev.yaml:6:18"),
    ]


def test_a_good_repository_has_no_findings(tmp_path: Path) -> None:
    """Functions and templates may stand for any value; unknown keys at the top hold anchors."""
    loose = """\
        x-anchors: [1, 2]
        import:
          - catalog/vpc
          - {path: catalog/vpc, context: {a: 1}, skip_if_missing: true}
        vars: {tenant: acme, stage: dev}
        components:
          terraform:
            app:
              metadata: {inherits: [vpc], enabled: "{{ .settings.on }}", custom: {a: 1}}
              vars: !env VARS
              backend_type: s3
              backend: {s3: {bucket: b}, local: null}
              env: {A: 1, B: null, C: true}
    """
    report = validate_stacks(
        repository(tmp_path, {"deploy/dev": loose, "catalog/vpc": "components: {terraform: {vpc: {}}}"})
    )
    assert [one for one in report.findings if one.code == "schema-violation"] == []
    report = validate_stacks(repository(tmp_path / "other", {"deploy/dev": GOOD}))
    assert (report.findings, report.files, report.stacks) == ((), 1, 1)


def test_all_mistakes_are_in_one_report(tmp_path: Path) -> None:
    """Each file and each component is looked at, whatever is wrong with others; every finding has its place."""
    files = {
        "deploy/a": "import: [nothing/here]\nvars: {tenant: acme, stage: dev}\n",
        "deploy/b": "vars:\ncomponents: {terraform: {}}\n",
        "deploy/c": "vars: {tenant: a, stage: c}\ncomponents:\n  terraform:\n    a: {metadata: {inherits: [none]}}\n",
        "deploy/d": "vars: {tenant: acme}\ncomponents:\n  terraform:\n    vpc: {}\n",
        "deploy/e": "vars: {a: 1\n",
        "catalog/x": "import: {a: 1}\n",
        "deploy/f": "vars: {}\n\tb: 1\n",
    }
    assert found(tmp_path, files) == [
        ("schema-violation", "stacks/catalog/x.yaml:1:1"),
        ("import-not-found", "stacks/deploy/a.yaml:1:10"),
        ("schema-violation", "stacks/deploy/b.yaml:1:1"),
        ("missing-base-component", "stacks/deploy/c.yaml:4:31"),
        ("name-pattern-missing-var", "stacks/deploy/d.yaml:4:5"),
        ("yaml-syntax", "stacks/deploy/e.yaml:2:1"),
        ("yaml-syntax", "stacks/deploy/f.yaml:2:1"),
    ]


def test_every_component_is_built(tmp_path: Path) -> None:
    """What only shows when a component is put together is found too, of abstract ones as well."""
    text = """\
vars: {tenant: acme, stage: dev}
terraform: {backend: {s3: {bucket: b}}}
components:
  terraform:
    one: {backend_type: gcs}
    a: {metadata: {type: abstract, inherits: [b]}}
    b: {metadata: {type: abstract, inherits: [c]}}
    c: {metadata: {type: abstract, inherits: [b]}}
"""
    codes = {code for code, _ in found(tmp_path, {"deploy/dev": text})}
    assert codes == {"backend-type-mismatch", "inheritance-cycle"}


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("components:", "1:1", "components must be a map, not nothing"),
        ("terraform: [a]", "1:1", "terraform must be a map, not a list"),
        ("components: {terraform: {vpc: {metadata: {type: abstrakt}}}}", "1:43", "one of abstract, real"),
        ("components: {terraform: {vpc: {metadata: {inherits: base}}}}", "1:43", "inherits must be a list, not a text"),
        ("components: {terraform: {vpc: }}", "1:26", "components.terraform.vpc must be a map, not nothing"),
        ("import:\n  - context: {}", "2:5", "import[0] lacks path"),
        ("settings: {list_merge_strategy: zip}", "1:12", "one of replace, append, merge"),
        ("settings: {depends_on: [a]}", "1:12", "settings.depends_on must be a map, not a list"),
        ("env: {A: [1]}", "1:7", "env.A must be"),
        ("metadata: {enabled: 1}", "1:12", "metadata.enabled must be true or false, not a number"),
        ("dependencies: {components: {a: 1}}", "1:16", "dependencies.components must be a list, not a map"),
    ],
)
def test_the_schema_names_the_value_and_what_it_must_be(tmp_path: Path, text: str, place: str, words: str) -> None:
    """In words, at the key."""
    report = validate_stacks(repository(tmp_path, {"catalog/x": text, "deploy/dev": GOOD}))
    finding = next(one for one in report.errors if one.code == "schema-violation")
    assert str(finding.at) == f"stacks/catalog/x.yaml:{place}"
    assert words in finding.message


def test_templates_and_excluded_files_are_not_read_as_they_are(tmp_path: Path) -> None:
    """They need not be YAML, or are not manifests of their own."""
    files = {"deploy/dev": GOOD, "stacks/mixins/a.yaml.tmpl": "{{ if x }}\n", "deploy/_defaults": "vars: [a]\n"}
    assert found(tmp_path, files) == []


def test_a_component_that_two_manifests_define_differently_is_found(tmp_path: Path) -> None:
    """By template or pattern, whatever `name:` says; equal definitions and abstract ones are fine."""
    other = GOOD.replace("10.0", "10.1")
    assert found(tmp_path, {"deploy/a": GOOD, "deploy/b": "name: elsewhere\n" + other}) == [
        ("duplicate-component", "stacks/deploy/b.yaml:3:26")
    ]
    assert found(tmp_path / "equal", {"deploy/a": GOOD, "deploy/b": GOOD}) == []
    abstract = [text.replace("vpc: {", "vpc: {metadata: {type: abstract}, ") for text in (GOOD, other)]
    assert found(tmp_path / "abstract", {"deploy/a": abstract[0], "deploy/b": abstract[1]}) == []


def test_a_repository_needs_a_naming_rule(tmp_path: Path) -> None:
    """Without one Atmos refuses to validate."""
    atmos = ATMOS.replace('  name_pattern: "{tenant}-{stage}"\n', "")
    assert found(tmp_path, {"deploy/dev": GOOD}, atmos) == [("name-not-configured", "atmos.yaml:3:1")]


def test_what_works_but_should_be_changed_is_a_warning(tmp_path: Path) -> None:
    """Deprecated fields, and keys of a component that have no effect."""
    text = GOOD.replace("vars: {cidr: 10.0.0.0/16}", "\n  tags: [a],\n  settings: {depends_on: {}}\n")
    report = validate_stacks(repository(tmp_path, {"deploy/dev": text}))
    assert report.errors == ()
    assert [(one.code, str(one.at)) for one in report.warnings] == [
        ("key-without-effect", "stacks/deploy/dev.yaml:3:3"),
        ("deprecated", "stacks/deploy/dev.yaml:4:14"),
    ]


def test_the_rules_of_an_older_repository_are_a_warning(tmp_path: Path) -> None:
    """They were found, not chosen, and its owner should know."""
    catalog = "name: vpcs\nmetadata: {author: ann}\n"
    good = "import: [catalog/vpc]\n" + GOOD
    assert [code for code, _ in found(tmp_path, {"deploy/dev": good, "catalog/vpc": catalog})] == ["older-rules"]


def test_a_schema_of_one_s_own_is_used(tmp_path: Path) -> None:
    """The file that schemas.atmos.manifest names, relative to the base path; one that is missing or broken is said."""
    atmos = ATMOS + "  atmos: {manifest: rules/manifest.json}\n"
    (tmp_path / "rules").mkdir()
    rule = tmp_path / "rules/manifest.json"
    rule.write_text('{"required": ["description"]}')
    assert found(tmp_path, {"deploy/dev": GOOD}, atmos) == [("schema-violation", "stacks/deploy/dev.yaml:1:1")]
    for text, code in (
        ("{", "schema-invalid"),
        ('{"type": 5}', "schema-invalid"),
        ('{"$ref": "https://a/b"}', "schema-invalid"),
    ):
        rule.write_text(text)
        with pytest.raises(GaiaError) as caught:
            found(tmp_path, {"deploy/dev": GOOD}, atmos)
        assert caught.value.code == code
    rule.unlink()
    with pytest.raises(GaiaError, match="no schema"):
        found(tmp_path, {"deploy/dev": GOOD}, atmos)
    with pytest.raises(GaiaError, match="schema at a URL"):
        found(tmp_path, {"deploy/dev": GOOD}, ATMOS + "  atmos: {manifest: 'https://schemas.example/m.json'}\n")


def test_nothing_found_is_a_mistake(tmp_path: Path) -> None:
    """A typing error in `base_path` or `included_paths` must not look as if all were well."""
    assert found(tmp_path, {}) == [("no-manifests", "atmos.yaml:5:3")]


def test_the_schema_and_the_warnings_know_the_same_keys() -> None:
    """What the shipped schema describes on a component has an effect."""
    described = json.loads(SHIPPED.read_text())["$defs"]["component"]["properties"]
    assert set(described) <= COMPONENT_KEYS


VALIDATION = """\
vars: {tenant: acme, stage: dev}
components:
  terraform:
    vpc:
      vars: {cidr: 10.0.0.0/8}
      settings:
        validation:
          shape: {schema_type: jsonschema, schema_path: vpc.json, description: The shape}
          rules: {schema_type: opa, schema_path: vpc.rego, module_paths: [lib], timeout: 5}
          off: {schema_type: opa, schema_path: none.rego, disabled: true}
"""
RULES = {
    "rules/vpc.json": '{"properties": {"vars": {"properties": {"cidr": {"pattern": "/16$"}}}}}',
    "rules/vpc.rego": "package atmos\n",
    "rules/lib/names.rego": "package lib\n",
    "rules/lib/names_test.rego": "package lib\n",
}


def test_an_instance_is_checked_by_what_its_settings_name(tmp_path: Path) -> None:
    """The schema sees the whole document, the hook gets the rule with its modules, without their tests."""
    repo = repository(tmp_path, {"deploy/dev": VALIDATION, **RULES})
    asked: list[Sequence[tuple[str, str]]] = []

    def rego(modules: Sequence[tuple[str, str]], document: Mapping[str, object]) -> Sequence[str]:
        asked.append(modules)
        return [f"{document['atmos_component']} is too large"]

    findings = validate_component(repo.instance("vpc", "acme-dev"), repo.config, rego)
    assert [path for path, _ in asked[0]] == ["rules/vpc.rego", "rules/lib/names.rego"]
    assert [(one.message.split(":")[0], str(one.at)) for one in findings] == [
        ("rules", "stacks/deploy/dev.yaml:9:11"), ("shape", "stacks/deploy/dev.yaml:8:11"),
    ]  # fmt: skip
    assert findings[0].message == "rules: vpc is too large"
    assert "vars.cidr" in findings[1].message


def test_a_rule_may_be_given_instead(tmp_path: Path) -> None:
    """Then the settings do not count."""
    repo = repository(tmp_path, {"deploy/dev": GOOD, **RULES})
    instance = repo.instance("vpc", "acme-dev")
    assert validate_component(instance, repo.config, lambda *_: ["x"]) == ()
    given = Check("given", "opa", "vpc.rego", (), None)
    (finding,) = validate_component(instance, repo.config, lambda *_: ["x"], asked=[given])
    assert finding.message == "given: x"


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("[a]", "validation-invalid"),
        ("{a: 1}", "validation-invalid"),
        ("{a: {schema_type: cue, schema_path: x}}", "validation-invalid"),
        ("{a: {schema_type: opa}}", "validation-invalid"),
        ("{a: {schema_type: opa, schema_path: x.rego, module_paths: y}}", "validation-invalid"),
        ("{a: {schema_type: opa, schema_path: none.rego}}", "schema-missing"),
        ("{a: {schema_type: opa, schema_path: ../../x.rego}}", "path-escapes"),
    ],
)
def test_a_rule_that_cannot_be_used_is_an_error_with_its_place(tmp_path: Path, entry: str, code: str) -> None:
    """Nothing is let pass because a rule is missing."""
    text = GOOD.replace("vars: {cidr: 10.0.0.0/16}", f"\n  settings: {{validation: {entry}}}\n")
    repo = repository(tmp_path, {"deploy/dev": text})
    with pytest.raises(GaiaError) as caught:
        validate_component(repo.instance("vpc", "acme-dev"), repo.config, lambda *_: [])
    assert (caught.value.code, str(caught.value.at).rsplit(":", 1)[0]) == (code, "stacks/deploy/dev.yaml:3")


def test_checks_are_listed_without_those_that_are_off(tmp_path: Path) -> None:
    """By name."""
    repo = repository(tmp_path, {"deploy/dev": VALIDATION, **RULES})
    listed = checks(repo.instance("vpc", "acme-dev"))
    assert [(one.name, one.kind, one.modules) for one in listed] == [
        ("rules", "opa", ("lib",)), ("shape", "jsonschema", ()),
    ]  # fmt: skip


def test_paths_are_written_with_dots_and_brackets() -> None:
    """As `gaia explain` takes them."""
    assert dotted(("import", 0, "path")) == "import[0].path"
