"""Policies about the configuration of instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.policy.manifests import manifest_findings
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
