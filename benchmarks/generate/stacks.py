"""A platform repository of the size that one of the largest known users of Atmos reports.

865 files: 65 components with a base and eight variants each, three organizations of four tenants of five stages of up
to five regions, 195 stacks in all. Every stack imports its defaults, a region and 47 variants, and sets a value on
every third component: 9,165 components that are deployed and as many abstract bases.
"""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

COMPONENTS, VARIANTS, STACKS, IN_EACH = 65, 8, 195, 47
ORGANIZATIONS, TENANTS = ("acme", "beta", "core"), ("plat", "data", "sec", "net")
STAGES, REGIONS = ("dev", "staging", "prod", "test", "sandbox"), ("ue1", "ue2", "uw2", "ew1", "gbl")
ATMOS = """\
base_path: "."
components: {terraform: {base_path: components/terraform}}
stacks:
  base_path: stacks
  included_paths: ["orgs/**/*"]
  excluded_paths: ["**/_defaults.yaml"]
  name_pattern: "{namespace}-{tenant}-{environment}-{stage}"
templates: {settings: {enabled: %s, sprig: {enabled: true}, gomplate: {enabled: false}}}
"""


def write_tree(root: Path, *, templates: bool = False) -> list[str]:
    """Write the repository below `root` (which becomes a git work tree by name) and return the names of its stacks."""
    (root / ".git").mkdir(parents=True, exist_ok=True)
    (root / "atmos.yaml").write_text(ATMOS % str(templates).lower())
    stacks = root / "stacks"
    _catalog(stacks, templates=templates)
    _defaults(stacks)
    names = []
    places = itertools.product(ORGANIZATIONS, TENANTS, STAGES, REGIONS)
    for number, (organization, tenant, stage, region) in enumerate(itertools.islice(places, STACKS)):
        chosen = [(f"comp{(number + one) % COMPONENTS:02d}", (number * 7 + one) % VARIANTS) for one in range(IN_EACH)]
        imports = [f"orgs/{organization}/{tenant}/{stage}/_defaults", f"mixins/region/{region}"]
        imports += [f"catalog/{name}/v{variant}" for name, variant in chosen]
        own = {name: {"vars": {"own": one}} for one, (name, _) in enumerate(chosen) if one % 3 == 0}
        _write(stacks / f"orgs/{organization}/{tenant}/{stage}/{region}.yaml", imports, {"vars": {"seq": number}}, own)
        names.append(f"{organization}-{tenant}-{region}-{stage}")
    return names


def _catalog(stacks: Path, *, templates: bool) -> None:
    label = "{{ .vars.stage }}-" if templates else ""
    for number in range(COMPONENTS):
        name = f"comp{number:02d}"
        base = {
            "metadata": {"type": "abstract", "component": name},
            "settings": {"spacelift": {"workspace_enabled": True, "labels": ["a", "b"]}, "tier": number % 3},
            "vars": {
                "enabled": True,
                "name": name,
                **{f"v{one}": f"value-{one}" for one in range(20)},
                "nested": {f"k{one}": {"a": one, "b": [1, 2, 3], "c": {"d": f"x{one}"}} for one in range(8)},
            },
        }
        _write(stacks / f"catalog/{name}/defaults.yaml", [], {}, {f"{name}/defaults": base})
        for variant in range(VARIANTS):
            values = {"variant": variant, "nested": {"k1": {"a": variant}}, "label": label + name}
            real = {"metadata": {"component": name, "inherits": [f"{name}/defaults"]}, "vars": values}
            _write(stacks / f"catalog/{name}/v{variant}.yaml", [f"catalog/{name}/defaults"], {}, {name: real})


def _defaults(stacks: Path) -> None:
    for organization in ORGANIZATIONS:
        backend = {
            "bucket": f"{organization}-tfstate",
            "region": "us-east-1",
            "encrypt": True,
            "dynamodb_table": "lock",
        }
        shared = {
            "vars": {"namespace": organization},
            "terraform": {
                "backend_type": "s3",
                "backend": {"s3": backend},
                "vars": {"tags": {"org": organization, "managed": "atmos"}},
            },
            "settings": {"a": {"b": "c"}},
        }
        _write(stacks / f"orgs/{organization}/_defaults.yaml", [], shared, {})
        for tenant in TENANTS:
            above = f"orgs/{organization}/_defaults"
            _write(stacks / f"orgs/{organization}/{tenant}/_defaults.yaml", [above], {"vars": {"tenant": tenant}}, {})
            for stage in STAGES:
                imports = [f"orgs/{organization}/{tenant}/_defaults", f"mixins/stage/{stage}"]
                _write(stacks / f"orgs/{organization}/{tenant}/{stage}/_defaults.yaml", imports, {}, {})
    for region in REGIONS:
        place = {"environment": region, "region": f"r-{region}"}
        _write(stacks / f"mixins/region/{region}.yaml", [], {"vars": place}, {})
    for stage in STAGES:
        _write(stacks / f"mixins/stage/{stage}.yaml", [], {"vars": {"stage": stage}}, {})


def _write(path: Path, imports: list[str], sections: dict[str, object], components: dict[str, object]) -> None:
    """One manifest; what stands below a component's section is written in one line, as people do."""
    lines = ["import:", *(f"  - {one}" for one in imports)] if imports else []
    lines += [f"{key}: {json.dumps(value)}" for key, value in sections.items()]
    if components:
        lines += ["components:", "  terraform:"]
    for name, body in components.items():
        lines.append(f"    {name}:")
        if isinstance(body, dict):
            lines += [f"      {key}: {json.dumps(value)}" for key, value in body.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
