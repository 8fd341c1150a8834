"""Policies about the configuration of instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.policy.manifests import UNKNOWN, manifest_document, manifest_findings
from gaia.policy.regorus import Regorus
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.policy.rules import PolicySet


def test_instances_are_judged_by_their_backends(shipped: PolicySet, tmp_path: Path) -> None:
    """A backend that does not encrypt is denied, one that does is not, an unresolved one is undecided."""
    (tmp_path / "atmos.yaml").write_text(
        'base_path: .\nstacks: {base_path: stacks, included_paths: ["**/*"], name_pattern: "{stage}"}\n'
        "components: {terraform: {base_path: components}}\n"
    )
    (tmp_path / "stacks").mkdir()
    backends = {"good": "true", "bad": "false", "later": "!store.get s k"}
    text = "vars: {stage: dev}\ncomponents:\n  terraform:\n"
    for name, value in backends.items():
        text += f"    {name}:\n      backend_type: s3\n      backend:\n        s3:\n          encrypt: {value}\n"
    (tmp_path / "stacks/dev.yaml").write_text(text)
    repository = Repository.open(tmp_path)
    instances = [repository.instance(name, "dev") for name in backends]
    found = manifest_findings(shipped, instances, Regorus())
    assert [(one.key.component, each.effect) for one, each in found] == [("bad", "deny"), ("later", "undecided")]


def test_a_rule_sees_the_whole_instance_resolved(tmp_path: Path) -> None:
    """Each section, in maps and lists; what is not resolved is told from what is not there, and from its text."""
    (tmp_path / "atmos.yaml").write_text(
        'base_path: .\nstacks: {base_path: stacks, included_paths: ["**/*"], name_pattern: "{stage}"}\n'
        "components: {terraform: {base_path: components}}\n"
    )
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/dev.yaml").write_text("""
vars: {stage: dev}
components:
  terraform:
    one:
      vars: {later: !store.get s k, list: [a, {deep: !store.get s k}, [!store.get s k]], map: {deep: !store.get s k}}
      settings: {owner: ann, later: !store.get s k}
      env: {A: b}
      metadata: {custom: {tier: 1}}
      providers: {aws: {region: r}}
      backend_type: s3
      backend: {s3: {bucket: state}}
""")
    document = manifest_document(Repository.open(tmp_path).instance("one", "dev"))
    assert document["vars"] == {
        "stage": "dev", "later": UNKNOWN, "list": ["a", {"deep": UNKNOWN}, [UNKNOWN]], "map": {"deep": UNKNOWN},
    }  # fmt: skip
    assert document["settings"] == {"owner": "ann", "later": UNKNOWN}
    assert (document["env"], document["providers"]) == ({"A": "b"}, {"aws": {"region": "r"}})
    assert "custom" in str(document["metadata"])
    assert (document["backend_type"], "state" in str(document["backend"])) == ("s3", True)
    assert document["component"] == "one"
    assert "store.get" not in str({name: document[name] for name in ("vars", "settings", "env", "backend")})
