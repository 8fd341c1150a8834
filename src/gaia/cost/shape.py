"""Whether plan JSON has the form that is read here: what has another is refused before anything is made of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gaia.errors import Invalid

_VERSION = re.compile(r"[01]\.\d+")
"""Terraform adds to a format within 1.x; 0.x is that of Terraform before 1.1."""
_MODES = ("managed", "data")
_TEXTS = ("address", "type", "name")
_SIDES = ("before", "after")
_SHOW = "Give what `terraform show -json PLANFILE` prints."


def changes_of(plan: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The changes of a plan; a plan without a change may leave them out.

    Raises:
        Invalid: `plan-invalid` for something else than a plan, and for one with parts that are none of Terraform's.
    """
    version, changes = plan.get("format_version"), plan.get("resource_changes", [])
    why = next(_odd(plan, changes), "")
    if "serial" in plan or ("values" in plan and "resource_changes" not in plan):
        why = "this is a state, not a plan"
    elif isinstance(version, str) and not _VERSION.fullmatch(version):
        why = f"plans of format {version} are not known: only those of 1.x"
    elif not isinstance(version, str) or not isinstance(changes, list):
        why = "this is not the JSON of a Terraform plan"
    if why:
        raise Invalid("plan-invalid", why, next_step=_SHOW)
    return list(changes)


def managed(plan: Mapping[str, Any]) -> list[Any]:
    """The changes of what is billed: neither what is read, nor what was left over and has another's address."""
    return [item for item in changes_of(plan) if item["mode"] == "managed" and "deposed" not in item]


def _odd(plan: Mapping[str, Any], changes: object) -> Iterator[str]:
    """What is wrong with its parts."""
    seen: set[tuple[str, object]] = set()
    for number, item in enumerate(changes if isinstance(changes, list) else ()):
        if not _is_change(item):
            yield f"resource_changes[{number}] is none of Terraform's"
            continue
        place = (item["address"], str(item.get("deposed")))
        if place in seen:
            yield f"resource_changes[{number}] is a second change of {item['address']}"
        seen.add(place)
        if "create" in (item["change"].get("actions") or ()) and item["change"].get("after") is None:
            yield f"resource_changes[{number}] makes {item['address']}, and does not say of what"
    planned = (plan.get("planned_values") or {}) if isinstance(plan.get("planned_values"), Mapping) else {}
    if "resource_changes" not in plan and planned.get("root_module"):
        yield "this plan has resources, and no resource_changes: what changes is not known"
    configuration = plan.get("configuration") or {}
    if not isinstance(configuration, Mapping):
        yield "the configuration of this plan is none"
        return
    providers = configuration.get("provider_config") or {}
    if not _is_map_of_maps(providers) or not _is_map_of_maps(plan.get("variables") or {}):
        yield "the providers or variables of this plan are none of Terraform's"
    if not _is_module(configuration.get("root_module") or {}):
        yield "the configuration of this plan is none of Terraform's"


def _is_change(item: object) -> bool:
    if not isinstance(item, Mapping) or item.get("mode") not in _MODES:
        return False
    change, module = item.get("change"), item.get("module_address")
    named = all(isinstance(item.get(name), str) for name in _TEXTS) and isinstance(module, str | None)
    sides = isinstance(change, Mapping) and all(
        isinstance(change.get(side), Mapping | None) for side in ("before", "after")
    )
    return named and sides and isinstance(item.get("index"), str | int | None)


def _is_module(module: object, within: tuple[int, ...] = ()) -> bool:
    if not isinstance(module, Mapping):
        return False
    if id(module) in within:
        return True
    resources = module.get("resources") or []
    calls = module.get("module_calls") or {}
    if not isinstance(resources, list) or not all(map(_is_resource, resources)) or not _is_map_of_maps(calls):
        return False
    parts = all(_is_map_of_maps(module.get(name) or {}) for name in ("outputs", "variables"))
    return parts and all(
        isinstance(call.get("expressions") or {}, Mapping)
        and _is_module(call.get("module") or {}, (*within, id(module)))
        for call in calls.values()
    )


def _is_resource(resource: object) -> bool:
    return (
        isinstance(resource, Mapping)
        and isinstance(resource.get("address"), str)
        and isinstance(resource.get("type", ""), str)
        and isinstance(resource.get("expressions") or {}, Mapping)
    )


def _is_map_of_maps(node: object) -> bool:
    return isinstance(node, Mapping) and all(isinstance(one, Mapping) for one in node.values())
