"""Records what the flips stand on: `python -m tests.unit.policy.flips.record [schema] [plans]`, with a real terraform.

`schema.json.xz` is the part of `terraform providers schema -json` that is about the types that rules name.
`plan-STAGE.json.xz` is the plan that makes everything in one stack of the blueprint, one module an instance, in an
emulated AWS; only what rules read is kept.
"""

from __future__ import annotations

import json
import lzma
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.integration.sandbox.at_work import terraform_at
from tests.terraform.test_stacks import BLUEPRINT, GIVEN

from gaia import sandbox
from gaia.stacks.model import Reference
from gaia.stacks.repository import Repository

HERE = Path(__file__).parent
STACKS = {"dev": "acme-use1-dev", "prod": "acme-use1-prod"}
DATA_SOURCES = {"aws_caller_identity"}
"""Types that rules name and that are read, not made."""
_TYPE = re.compile(r'"(aws_[a-z0-9_]+)"')


def types_named() -> set[str]:
    """Every type of AWS that stands in a rule or in what rules share."""
    files = (BLUEPRINT / "policies").rglob("*.rego")
    return {
        kind for file in files if not file.stem.endswith("_test") for kind in _TYPE.findall(file.read_text("utf-8"))
    }


def read(name: str) -> Any:
    """One recorded document."""
    return json.loads(lzma.decompress((HERE / f"{name}.json.xz").read_bytes()))


def _write(name: str, document: object) -> None:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    (HERE / f"{name}.json.xz").write_bytes(lzma.compress(text.encode(), preset=9))


def record_schema(home: Path) -> None:
    """Types, their attributes and their blocks; of an attribute its type, of a block what is in it."""
    folder = home / "schema"
    folder.mkdir()
    shutil.copy(BLUEPRINT / "components/terraform/kms/versions.tf", folder)
    terraform = terraform_at(home)
    terraform(folder, "init", "-backend=false", "-input=false", "-no-color")
    (provider,) = json.loads(terraform(folder, "providers", "schema", "-json"))["provider_schemas"].values()
    known = provider["resource_schemas"]
    _write("schema", {kind: _block(known[kind]["block"]) for kind in sorted(types_named() - DATA_SOURCES)})


def _block(block: dict[str, Any]) -> dict[str, Any]:
    attributes = {name: about.get("type", "nested") for name, about in block.get("attributes", {}).items()}
    blocks = {
        name: {"nesting": about["nesting_mode"], "block": _block(about["block"])}
        for name, about in block.get("block_types", {}).items()
    }
    return {"attributes": attributes, "blocks": blocks}


def record_plan(home: Path, stage: str) -> None:
    """The plan of one stack, with known values where an instance reads what another gives out."""
    folder = home / stage
    folder.mkdir()
    shutil.copytree(BLUEPRINT / "components", home / stage / "components")
    repository = Repository.open(BLUEPRINT)
    instances = [
        repository.instance(key.component, key.stack) for key in repository.instances if key.stack == STACKS[stage]
    ]
    modules = {
        str(one.key.component): {
            "source": f"./components/terraform/{one.component_path}",
            **{name: _given(value) for name, value in one.vars.items()},
        }
        for one in instances
        if one.enabled
    }
    region = str(instances[0].vars["region"])
    tags = {"tags": {"gaia:instance": f"{STACKS[stage]}/any"}}
    root = {"provider": {"aws": {"region": region, "default_tags": tags}}, "module": modules}
    (folder / "main.tf.json").write_text(json.dumps(root))
    terraform = terraform_at(home)
    terraform(folder, "init", "-input=false", "-no-color")
    terraform(folder, "plan", "-input=false", "-no-color", "-out=planfile")
    _write(f"plan-{stage}", _compact(json.loads(terraform(folder, "show", "-json", "planfile"))))


def _given(value: object) -> object:
    if isinstance(value, Reference):
        return GIVEN[value.expression]
    if isinstance(value, dict):
        return {key: _given(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_given(inner) for inner in value]
    return value.replace("${", "$${") if isinstance(value, str) else value


def _compact(plan: dict[str, Any]) -> dict[str, Any]:
    changes = [
        {key: one[key] for key in ("address", "module_address", "mode", "type", "name", "index") if key in one}
        | {"change": {key: one["change"][key] for key in ("actions", "before", "after", "after_unknown")}}
        for one in plan["resource_changes"]
        if one["mode"] == "managed"
    ]
    configuration = plan["configuration"]
    return {
        "format_version": plan["format_version"],
        "resource_changes": changes,
        "configuration": {
            "provider_config": configuration["provider_config"],
            "root_module": _module(configuration["root_module"]),
        },
    }


def _module(module: dict[str, Any]) -> dict[str, Any]:
    resources = [
        {key: one[key] for key in ("address", "mode", "type", "name")}
        | {"expressions": _references(one.get("expressions", {})) or {}}
        for one in module.get("resources", [])
    ]
    calls = {
        name: {key: call[key] for key in ("source", "version_constraint") if key in call}
        | {"module": _module(call["module"])}
        for name, call in module.get("module_calls", {}).items()
    }
    return {"resources": resources} | ({"module_calls": calls} if calls else {})


def _references(expression: object) -> object:
    """What an expression refers to, in a block too; nothing of what it says."""
    if isinstance(expression, list):
        inner = [_references(one) for one in expression]
        return inner if any(inner) else None
    if not isinstance(expression, dict):
        return None
    if "references" in expression:
        return {"references": expression["references"]}
    return {name: found for name, one in expression.items() if (found := _references(one))} or None


def main(wanted: list[str]) -> None:
    """Record what is asked for, or everything."""
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        sandbox.up(home, buckets=())
        try:
            if not wanted or "schema" in wanted:
                record_schema(home)
            for stage in STACKS:
                if not wanted or "plans" in wanted:
                    record_plan(home, stage)
        finally:
            sandbox.down(home)


if __name__ == "__main__":
    main(sys.argv[1:])
