"""The state file, version 4: what `terraform state pull` prints."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.errors import ToolFailed
from gaia.terraform import values
from gaia.terraform.schema_secrets import of_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class StateResource:
    """One instance of a managed resource as the state knows it."""

    address: str
    type: str
    id: str | None
    arn: str | None
    attributes: Mapping[str, object] = field(repr=False)
    sensitive: tuple[values.Path, ...] = ()
    """Paths of the attributes that are marked sensitive."""
    provider: str = ""
    deposed: str | None = None
    """Key of a deposed object: a replacement created the new object and has not deleted this one."""
    tainted: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """One output value."""

    value: object = field(repr=False)
    sensitive: bool


@dataclass(frozen=True, slots=True)
class State:
    """A whole state. `raw` is the document as it was; it may hold secrets in clear."""

    raw: Mapping[str, object] = field(repr=False)
    serial: int
    lineage: str
    resources: tuple[StateResource, ...]
    outputs: Mapping[str, Output]

    @classmethod
    def parse(cls, document: Mapping[str, object] | str | bytes) -> State:
        """Read the JSON text, or the data of one.

        Raises:
            ToolFailed: `state-unreadable` for something else than a state of version 4.
        """
        try:
            data = json.loads(document) if isinstance(document, str | bytes) else document
        except ValueError as error:
            raise _unreadable("it is not JSON") from error
        if not isinstance(data, dict) or data.get("version") != 4:
            raise _unreadable("it is not version 4")
        return cls(
            raw=data,
            serial=int(data.get("serial", 0)),
            lineage=str(data.get("lineage", "")),
            resources=tuple(resource for entry in data.get("resources", ()) for resource in _resources(entry)),
            outputs={
                name: Output(entry.get("value"), entry.get("sensitive") is True)
                for name, entry in data.get("outputs", {}).items()
            },
        )

    @property
    def empty(self) -> bool:
        """Whether the state knows no managed resource."""
        return not self.resources

    @property
    def output_values(self) -> dict[str, object]:
        """The outputs' values by name, sensitive ones too."""
        return {name: output.value for name, output in self.outputs.items()}

    def raw_output(self, name: str) -> Mapping[str, object] | None:
        """An output with its type, as the document has it."""
        entries = self.raw.get("outputs")
        entry = entries.get(name) if isinstance(entries, dict) else None
        return entry if isinstance(entry, dict) else None

    def secrets(self) -> Iterator[object]:
        """Every value that is marked sensitive."""
        for output in self.outputs.values():
            if output.sensitive and output.value is not None:
                yield output.value
        entries = self.raw.get("resources")
        for entry in entries if isinstance(entries, list) else ():
            for instance in entry.get("instances", ()):
                attributes = instance.get("attributes") or {}
                found = [values.at_path(attributes, path) for path in _paths(instance)]
                yield from (value for value in found if value is not None)
                yield from (value for value in of_schema(str(entry.get("type")), attributes) if value not in found)


def _resources(entry: Mapping[str, object]) -> Iterator[StateResource]:
    if entry.get("mode") != "managed":
        return
    base = f"{entry['type']}.{entry['name']}"
    if entry.get("module"):
        base = f"{entry['module']}.{base}"
    instances = entry.get("instances")
    for instance in instances if isinstance(instances, list) else ():
        attributes = instance.get("attributes") or {}
        yield StateResource(
            address=base + index_suffix(instance.get("index_key")),
            type=str(entry["type"]),
            id=_text(attributes.get("id")),
            arn=_text(attributes.get("arn")),
            attributes=attributes,
            sensitive=_paths(instance),
            provider=str(entry.get("provider", "")),
            deposed=instance.get("deposed") or None,
            tainted=instance.get("status") == "tainted",
        )


def index_suffix(key: object) -> str:
    """The part of an address that an instance key makes: nothing, `[0]` or `["name"]`."""
    if key is None:
        return ""
    if isinstance(key, str):
        text = json.dumps(key, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
        return f"[{text}]"
    return f"[{key}]"


def _paths(instance: Mapping[str, object]) -> tuple[values.Path, ...]:
    found = instance.get("sensitive_attributes")
    paths = []
    for steps in found if isinstance(found, list) else ():
        path: list[str | int] = []
        for step in steps:
            key = step.get("value")
            # an index step wraps its key as a typed value: {"value": 0, "type": "number"}
            path.append(key["value"] if isinstance(key, dict) else key)
        paths.append(tuple(path))
    return tuple(paths)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _unreadable(why: str) -> ToolFailed:
    return ToolFailed(
        "state-unreadable",
        f"terraform's state cannot be read: {why}",
        next_step="Open the state with the terraform that wrote it; it upgrades old formats.",
    )
