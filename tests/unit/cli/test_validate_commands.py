"""`gaia validate …`: reports for people and machines, and exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia

RULE = """\
package atmos

import data.lib.names

errors contains message if {
    names.is_short(input.vars.name)
    message := sprintf("%s is too short a name", [input.vars.name])
}
"""
NAMED = """\
# METADATA
# title: Names say something
# custom:
#   severity: low
#   owner: platform
#   remediation: Find a longer one.
package gaia.manifest.named

SET contains {"address": "vars.name", "message": message} if {
    count(input.vars.name) < 10
    message := sprintf("%s is too short a name", [input.vars.name])
}
"""
LIBRARY = "package lib.names\n\nis_short(name) if count(name) < 10\n"


def test_a_valid_repository_is_said_to_be(gaia: Gaia) -> None:
    """With how much was looked at; exit code 0."""
    said = gaia("validate", "stacks")
    assert (said.code, said.out) == (0, "✓ Valid: 4 files, 2 stacks.\n")
    assert gaia("validate", "stacks", "-o", "json").json == {"valid": True, "files": 4, "stacks": 2, "findings": []}


def test_mistakes_are_shown_with_their_places(gaia: Gaia, tmp_path: Path) -> None:
    """All of them, the tally at the end, and exit code 1; warnings alone are exit code 0."""
    path = tmp_path / "stacks/orgs/acme/dev/photos.yaml"
    path.write_text(path.read_text() + "      tags: [a]\n")
    said = gaia("validate", "stacks")
    assert (said.code, "1 warning" in said.out) == (0, True)
    path.write_text(path.read_text() + "env:\n")
    said = gaia("validate", "stacks")
    assert said.code == 1
    assert "✗  env must be a map, not nothing  [schema-violation]" in said.out
    assert "at stacks/orgs/acme/dev/photos.yaml:12:1" in said.out
    assert "1 mistake, 1 warning in 4 files" in said.out
    findings = gaia("validate", "stacks", "-o", "json").json["findings"]
    assert [(each["severity"], each["code"]) for each in findings] == [
        ("error", "schema-violation"), ("warning", "key-without-effect"),
    ]  # fmt: skip


def test_a_schema_may_be_given(gaia: Gaia, tmp_path: Path) -> None:
    """Instead of the shipped one."""
    (tmp_path / "own.json").write_text('{"required": ["description"]}')
    said = gaia("validate", "stacks", "--schemas-atmos-manifest", "own.json", "-o", "json")
    assert (said.code, len(said.json["findings"])) == (1, 4)


def test_policies_about_manifests_are_asked(gaia: Gaia, tmp_path: Path) -> None:
    """What they deny is a mistake like any other, with its place; what they warn of leaves the exit code alone."""
    rule = tmp_path / "policies/manifest/named.rego"
    rule.parent.mkdir(parents=True)
    rule.write_text(NAMED.replace("SET", "deny"))
    said = gaia("validate", "stacks")
    assert (said.code, "1 mistake in 4 files" in said.out) == (1, True)
    assert "✗  manifest.named: Names say something: photos is too short a name" in said.out
    assert "(acme-use1-dev/photos-bucket, value" in said.out
    [finding] = gaia("validate", "stacks", "-o", "json").json["findings"]
    place = "stacks/orgs/acme/dev/photos.yaml:8:9"
    assert (finding["severity"], finding["at"], finding["next_step"]) == ("error", place, "Find a longer one.")
    for effect, code in (("warn", "policy-warning"), ("undecided", "policy-undecided")):
        rule.write_text(NAMED.replace("SET", effect))
        said = gaia("validate", "stacks", "-o", "json")
        assert (said.code, said.json["valid"]) == (0, True)
        assert [(one["severity"], one["code"]) for one in said.json["findings"]] == [("warning", code)]


def test_an_instance_is_validated_by_rego_and_schemas(gaia: Gaia, tmp_path: Path) -> None:
    """By the rules of its settings, or by one that is given; without any it is said that there are none."""
    arguments = ("validate", "component", "photos-bucket", "-s", "acme-use1-dev")
    assert "no rules" in gaia(*arguments).out
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/name.rego").write_text(RULE)
    (tmp_path / "rules/lib.rego").write_text(LIBRARY)
    given = ("--schema-path", "rules/name.rego", "--schema-type", "opa", "--module-paths", "rules/lib.rego")
    said = gaia(*arguments, *given)
    assert (said.code, "photos is too short a name" in said.out) == (1, True)
    document = gaia(*arguments, *given, "-o", "json").json
    assert (document["valid"], document["checks"], len(document["findings"])) == (False, ["name"], 1)
    (tmp_path / "rules/name.json").write_text('{"required": ["vars"]}')
    said = gaia(*arguments, "--schema-path", "rules/name.json")
    assert (said.code, said.out) == (0, "✓ photos-bucket in acme-use1-dev is valid by name.\n")


def test_a_rule_that_cannot_be_evaluated_is_an_error(gaia: Gaia, tmp_path: Path) -> None:
    """Not a valid component; it has a place. What is no text is refused too."""
    (tmp_path / "bad.rego").write_text("package atmos\n\nerrors contains 1 if {\n")
    arguments = ("validate", "component", "photos-bucket", "-s", "acme-use1-dev", "--schema-type", "opa", "-o", "json")
    said = gaia(*arguments, "--schema-path", "bad.rego")
    assert (said.code, said.error["error"]) == (2, "policy-broken")
    assert said.error["at"].startswith("bad.rego:")
    (tmp_path / "bad.rego").write_text("package atmos\n\nerrors contains 1\n")
    assert gaia(*arguments, "--schema-path", "bad.rego").error["error"] == "policy-bad-result"


def test_a_folder_with_two_main_files_is_told_which_is_read(gaia: Gaia, tmp_path: Path) -> None:
    """On the error stream of every command that reads, and as a warning of the validation."""
    (tmp_path / "atmos.yml").write_text("base_path: elsewhere\n")
    for words in (("list", "stacks"), ("explain", "photos-bucket", "-s", "acme-use1-dev")):
        said = gaia(*words)
        assert "atmos.yaml is read, and atmos.yml beside it is not" in " ".join(said.err.split())
        assert said.code == 0
    assert "atmos.yml" not in gaia("version").err
    findings = gaia("validate", "stacks", "--output", "json").json["findings"]
    assert [(one["code"], one["severity"]) for one in findings if one["code"] == "main-files"] == [
        ("main-files", "warning")
    ]


def test_manifests_that_put_one_stack_in_two_places_are_a_mistake(gaia: Gaia, tmp_path: Path) -> None:
    """Who may act there, and who approves, would depend on which of them is read."""
    for name, stage in (("photos", "pci"), ("more", "dev")):
        path = tmp_path / f"stacks/orgs/acme/dev/{name}.yaml"
        text = path.read_text() if path.exists() else (tmp_path / "stacks/orgs/acme/dev/photos.yaml").read_text()
        text = text.partition("components:")[0] + f"components: {{terraform: {{{name}: {{}}}}}}\n"
        path.write_text(text.partition("settings:")[0] + f"settings: {{gaia: {{scope: {{stage: {stage}}}}}}}\n")
    said = gaia("validate", "stacks", "-o", "json")
    assert said.code == 1
    assert "scope-differs" in [each["code"] for each in said.json["findings"]]


def test_a_rule_of_approval_that_is_about_no_stack_is_told(gaia: Gaia, tmp_path: Path) -> None:
    """`Dev` asks nobody where the stage is `dev`; the places that there are stand beside it."""
    (tmp_path / "approvals").mkdir()
    rules = "approvals: [{stage: dev, approvers: 2}, {stage: Dev, approvers: 2}]\n"
    (tmp_path / "approvals/rules.yaml").write_text(rules)
    said = gaia("validate", "stacks", "-o", "json")
    [found] = said.json["findings"]
    assert (said.code, found["severity"], found["code"]) == (0, "warning", "approval-rule-unused")
    assert "acme/Dev" not in found["message"]
    assert "*/Dev" in found["message"]
    assert "acme/dev, acme/prod" in found["next_step"]
    (tmp_path / "approvals/rules.yaml").write_text("approvals: [{approvers: 2}]\n---\napprovals: [{approvers: 3}]\n")
    said = gaia("validate", "stacks", "-o", "json")
    assert (said.code, [one["code"] for one in said.json["findings"]]) == (1, ["yaml-documents"])
