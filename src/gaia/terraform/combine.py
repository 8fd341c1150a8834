"""One root module that calls several components, one merged state, and the single parts of the resulting plan.

Pure: data in, data out. `preview` decides who takes part.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.kit import canonical
from gaia.kit.shapes import as_map
from gaia.terraform import generated
from gaia.terraform.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gaia.kit.hcl import Component
    from gaia.stacks.model import InstanceKey
    from gaia.terraform.state import State

_OWN = "own"
_PROVIDER = re.compile(r'provider\["(?P<source>[^"]+)"\](?P<alias>\.[\w-]+)?')
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Call:
    """One instance as a module call."""

    key: InstanceKey
    name: str
    """The module's name in the root."""
    source: str
    """Relative path of the component's folder."""
    component: Component
    arguments: Mapping[str, object] = field(repr=False)
    """In Terraform's JSON syntax: data is escaped, wirings are templates."""
    providers: Mapping[str, object] = field(repr=False)
    """The instance's providers section, references resolved."""


def module_names(keys: Iterable[InstanceKey]) -> dict[InstanceKey, str]:
    """A module name for each instance: readable, valid and unique."""
    names: dict[InstanceKey, str] = {}
    for key in keys:
        text = _NOT_A_NAME.sub("-", key.component)
        base = text if re.match(r"[A-Za-z_]", text) else f"c-{text}"
        name, number = base, 2
        while name in names.values():
            name, number = f"{base}-{number}", number + 1
        names[key] = name
    return names


@dataclass(frozen=True, slots=True)
class Root:
    """The root module's document, and how many provider configurations it has."""

    document: Mapping[str, object]
    configurations: int
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By module: what its configurations are in the root, by `NAMESPACE/TYPE` and `NAMESPACE/TYPE.ALIAS`."""

    def provider_of(self, module: str, address: str) -> str:
        """Where the root has the provider that a module's own state calls `address`; one of a block in the code stays
        with that."""
        match = _PROVIDER.fullmatch(address)
        if match is None:  # of a block in a nested module
            return f"module.{module}.{address}"
        name = self.known.get(module, {}).get(f"{_tail(match['source'])}{match['alias'] or ''}", "")
        if name == _OWN:
            return f"module.{module}.{address}"
        _, dot, alias = name.partition(".")
        return f'provider["{match["source"]}"]{dot}{alias}'


def root_module(calls: Iterable[Call], outputs: Mapping[str, str]) -> Root:
    """The root for these calls. `outputs` maps names to expressions whose planned values somebody wants to know."""
    calls = tuple(calls)
    sources = {
        name: source for call in calls for name, source in provider_sources(call.component, call.providers).items()
    }
    blocks, mappings = _configurations(calls)
    modules = {
        call.name: {"source": call.source, **call.arguments} | ({"providers": mapping} if mapping else {})
        for call, mapping in zip(calls, mappings, strict=True)
    }
    document: dict[str, object] = {"module": modules}
    if blocks:
        document["provider"] = blocks
    if sources:
        document["terraform"] = {"required_providers": {name: {"source": sources[name]} for name in sorted(sources)}}
    if outputs:
        document["output"] = {
            name: {"value": "${" + expression + "}", "sensitive": True} for name, expression in outputs.items()
        }
    known = {call.name: _known(call, mapping) for call, mapping in zip(calls, mappings, strict=True)}
    return Root(document, sum(len(entries) for entries in blocks.values()), known)


def _known(call: Call, mapping: Mapping[str, str]) -> dict[str, str]:
    """See `Root.known`; `_OWN` for a configuration that the component's code has itself."""
    sources = provider_sources(call.component, call.providers)
    own = {f"{one.name}.{one.alias}" if one.alias else one.name for one in call.component.providers}
    found: dict[str, str] = {}
    for name in {*sources, *call.providers, *mapping, *own}:
        local, dot, alias = name.partition(".")
        if local in sources:
            found[f"{_tail(sources[local])}{dot}{alias}"] = _OWN if name in own else mapping.get(name, name)
    return found


def _tail(source: str) -> str:
    """`hashicorp/aws`, with or without a registry's host before it."""
    return "/".join(source.lower().split("/")[-2:])


def provider_sources(component: Component, providers: Mapping[str, object]) -> dict[str, str]:
    """Local name and source of every provider that a component uses or that its instance configures."""
    names = {name: entry.source for name, entry in component.required.items()}
    for kind in component.resource_types:
        names.setdefault(kind.partition("_")[0], f"hashicorp/{kind.partition('_')[0]}")
    for name in providers:
        names.setdefault(name.partition(".")[0], f"hashicorp/{name.partition('.')[0]}")
    names.pop("terraform", None)  # built in
    return names


def _configurations(calls: tuple[Call, ...]) -> tuple[dict[str, list[object]], list[dict[str, str]]]:
    """Provider blocks, one for each distinct configuration, and each call's `providers` argument.

    Each configuration that is used is one process of the provider. Where all calls agree on a provider there is one
    default block, which modules inherit; else every call is told which alias is its own.
    """
    bodies: dict[str, dict[bytes, object]] = {}
    wanted: list[dict[str, bytes]] = []
    for call in calls:
        mine: dict[str, bytes] = {}
        local = {name: call.providers.get(name, {}) for name in provider_sources(call.component, call.providers)}
        for name, body in (local | dict(call.providers)).items():
            content = generated.data(as_map(body))
            digest = canonical.dumps(content)
            bodies.setdefault(name.partition(".")[0], {})[digest] = content
            mine[name] = digest
        wanted.append(mine)
    blocks: dict[str, list[object]] = {}
    aliases: dict[tuple[str, bytes], str] = {}
    for name, found in sorted(bodies.items()):
        for number, (digest, content) in enumerate(found.items()):
            single = len(found) == 1
            aliases[name, digest] = name if single else f"{name}.c{number}"
            body = dict(content) if isinstance(content, dict) else {}
            blocks.setdefault(name, []).append(body if single else {**body, "alias": f"c{number}"})
    mappings = [
        {
            name: aliases[name.partition(".")[0], digest]
            for name, digest in mine.items()
            if name != aliases[name.partition(".")[0], digest]
        }
        for mine in wanted
    ]
    return blocks, mappings


def merged_state(states: Mapping[str, State], version: str, root: Root) -> bytes:
    """One local state in which each instance's resources live in its module. Keys of `states` are module names.

    Terraform takes the state's word for who manages a resource that the code has no more, so that is translated too.
    """
    resources: list[object] = []
    for name, state in states.items():
        entries = state.raw.get("resources")
        for entry in entries if isinstance(entries, list) else ():
            inner = f".{entry['module']}" if entry.get("module") else ""
            resources.append(
                {**entry, "module": f"module.{name}{inner}", "provider": root.provider_of(name, str(entry["provider"]))}
            )
    document = {
        "version": 4,
        "terraform_version": version,
        "serial": 1,
        "lineage": str(uuid.uuid4()),
        "outputs": {},
        "resources": resources,
        "check_results": None,
    }
    return json.dumps(document).encode()


def part_of(plan: Plan, module: str) -> Plan:
    """What the plan of a combined root says about one of its modules, as a plan of that module alone."""
    raw = plan.raw
    prefix = f"module.{module}."
    configuration = as_map(raw.get("configuration"))
    calls = as_map(as_map(configuration.get("root_module")).get("module_calls"))
    document: dict[str, object] = {
        "format_version": raw.get("format_version"),
        "terraform_version": raw.get("terraform_version"),
        "resource_changes": _own(raw.get("resource_changes"), prefix),
        "resource_drift": _own(raw.get("resource_drift"), prefix),
        "relevant_attributes": _relevant(raw.get("relevant_attributes"), prefix),
        "output_changes": {},
        "planned_values": {"root_module": _module(as_map(raw.get("planned_values")), module)},
        "prior_state": {
            "format_version": "1.0",
            "values": {"root_module": _module(as_map(as_map(raw.get("prior_state")).get("values")), module)},
        },
        "configuration": {
            "provider_config": configuration.get("provider_config", {}),
            "root_module": as_map(calls.get(module)).get("module", {}),
        },
    }
    for name in ("errored", "applyable", "complete", "timestamp"):
        if name in raw:
            document[name] = raw[name]
    return Plan.parse(document)


def _own(entries: object, prefix: str) -> list[object]:
    listed = entries if isinstance(entries, list) else []
    return [_stripped(entry, prefix) for entry in listed if str(entry.get("address", "")).startswith(prefix)]


def _relevant(entries: object, prefix: str) -> list[object]:
    found = [as_map(entry) for entry in (entries if isinstance(entries, list) else [])]
    own = [entry for entry in found if str(entry.get("resource", "")).startswith(prefix)]
    return [{**entry, "resource": str(entry["resource"]).removeprefix(prefix)} for entry in own]


def _module(values: Mapping[str, object], module: str) -> dict[str, object]:
    children = as_map(values.get("root_module")).get("child_modules")
    for child in children if isinstance(children, list) else ():
        if child.get("address") == f"module.{module}":
            return _stripped_module(child, f"module.{module}.")
    return {}


def _stripped_module(child: Mapping[str, object], prefix: str) -> dict[str, object]:
    own = dict(child)
    address = str(own.pop("address", "")).removeprefix(prefix)
    if address and not prefix.startswith(address + "."):
        own["address"] = address
    for name in ("resources", "child_modules"):
        entries = own.get(name)
        if isinstance(entries, list):
            strip = _stripped if name == "resources" else _stripped_module
            own[name] = [strip(entry, prefix) for entry in entries]
    return own


def _stripped(entry: Mapping[str, object], prefix: str) -> dict[str, object]:
    own = dict(entry)
    for name in ("address", "previous_address"):
        if name in own:
            own[name] = str(own[name]).removeprefix(prefix)
    module = f"{own.pop('module_address', '')}.".removeprefix(prefix).strip(".")
    return own | ({"module_address": module} if module else {})
