"""The typed model of `terraform show -json PLANFILE` (format 1.x of the documented JSON output format)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from gaia.errors import ToolFailed
from gaia.kit.shapes import as_list, as_map
from gaia.terraform import values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Action = Literal["create", "update", "delete", "replace", "forget", "read", "no-op"]
_ACTIONS: dict[str, Action] = {
    "create": "create",
    "update": "update",
    "delete": "delete",
    "forget": "forget",
    "read": "read",
}


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """What a plan does to one resource instance. Mark trees are as `gaia.terraform.values` describes."""

    address: str
    module_address: str
    mode: Literal["managed", "data"]
    type: str
    provider: str
    """The provider's full source address."""
    actions: tuple[str, ...]
    """As Terraform gives them, in order: `("delete", "create")` is a replacement that deletes first."""
    before: object = field(repr=False)
    after: object = field(repr=False)
    after_unknown: object = field(repr=False)
    before_sensitive: object = field(repr=False)
    after_sensitive: object = field(repr=False)
    previous_address: str | None = None
    import_id: str | None = None
    deposed: str | None = None
    reason: str | None = None
    """Why, in Terraform's own word: `replace_because_cannot_update`, `replace_because_tainted`, …"""
    replace_paths: tuple[tuple[str | int, ...], ...] = ()
    """The attributes whose new values force a replacement."""

    @classmethod
    def of(cls, document: Mapping[str, object]) -> ResourceChange:
        """Read one element of `resource_changes`."""
        change = as_map(document.get("change"))
        importing = as_map(change.get("importing"))
        return cls(
            address=str(document["address"]),
            module_address=str(document.get("module_address", "")),
            mode="data" if document.get("mode") == "data" else "managed",
            type=str(document.get("type", "")),
            provider=str(document.get("provider_name", "")),
            actions=tuple(str(action) for action in as_list(change.get("actions"))),
            before=change.get("before"),
            after=change.get("after"),
            after_unknown=change.get("after_unknown", False),
            before_sensitive=change.get("before_sensitive", False),
            after_sensitive=change.get("after_sensitive", False),
            previous_address=_text(document.get("previous_address")),
            import_id=_text(importing.get("id")),
            deposed=_text(document.get("deposed")),
            reason=_text(document.get("action_reason")),
            replace_paths=tuple(
                tuple(step for step in as_list(path) if isinstance(step, str | int))
                for path in as_list(change.get("replace_paths"))
            ),
        )

    @property
    def action(self) -> Action:
        """The one word for `actions`."""
        if len(self.actions) > 1:
            return "replace"
        return _ACTIONS.get(self.actions[0], "no-op") if self.actions else "no-op"

    @property
    def changes(self) -> bool:
        """Whether applying the plan would change this resource, in the world or in the state."""
        moved = self.previous_address is not None and self.previous_address != self.address
        return self.mode == "managed" and (self.action != "no-op" or self.import_id is not None or moved)

    def sensitive(self) -> Iterator[object]:
        """Every value that is marked sensitive, before and after."""
        yield from values.marked(self.before, self.before_sensitive)
        yield from values.marked(self.after, self.after_sensitive)


@dataclass(frozen=True, slots=True)
class OutputChange:
    """What a plan does to one output value of the root module."""

    name: str
    actions: tuple[str, ...]
    after: object = field(repr=False)
    unknown: bool
    sensitive: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan. `raw` is Terraform's JSON, untouched; it may hold secrets in clear."""

    raw: Mapping[str, object] = field(repr=False)
    resources: tuple[ResourceChange, ...]
    drift: tuple[ResourceChange, ...]
    outputs: tuple[OutputChange, ...]
    sha256: str = ""
    """Of the plan file as terraform wrote it, in hexadecimal; empty where there is none."""

    @classmethod
    def nothing(cls) -> Plan:
        """A plan of no resources."""
        return cls.parse({"format_version": "1.2", "resource_changes": [], "planned_values": {"root_module": {}}})

    @classmethod
    def parse(cls, document: Mapping[str, object] | str | bytes) -> Plan:
        """Read the JSON text, or the data of one.

        Raises:
            ToolFailed: `plan-unreadable` for something else than a plan in format 1.x.
        """
        data = _decode(document)
        if not str(data.get("format_version", "")).startswith("1."):
            raise _unreadable(f"its format version is {data.get('format_version')!r}")
        try:
            return cls(
                raw=data,
                resources=tuple(ResourceChange.of(as_map(entry)) for entry in as_list(data.get("resource_changes"))),
                drift=tuple(ResourceChange.of(as_map(entry)) for entry in as_list(data.get("resource_drift"))),
                outputs=tuple(_output(name, entry) for name, entry in as_map(data.get("output_changes")).items()),
            )
        except KeyError as error:
            raise _unreadable(f"a resource change has no {error}") from error

    @property
    def only_refreshes(self) -> bool:
        """Whether it is a plan of `-refresh-only`: applying it writes what was found into the state, and no more."""
        return "resource_changes" not in self.raw and bool(self.drift) and self.raw.get("applyable") is not False

    @property
    def changes(self) -> tuple[ResourceChange, ...]:
        """The resources that applying would change, in the world or in the state alone."""
        resources = self.drift if self.only_refreshes else self.resources
        return tuple(resource for resource in resources if resource.changes)

    @property
    def empty(self) -> bool:
        """Whether applying would change no resource and no output."""
        return not self.changes and all(output.actions == ("no-op",) for output in self.outputs)

    @property
    def destroys(self) -> bool:
        """Whether it only takes away, and nothing is left: as what is planned with `-destroy`."""
        managed = [one for one in self.resources if one.mode == "managed"]
        return bool(managed) and all(one.action in ("delete", "forget") for one in managed)

    @property
    def errored(self) -> bool:
        """Whether planning stopped half-way; such a plan cannot be applied."""
        return self.raw.get("errored") is True

    def sensitive(self) -> Iterator[object]:
        """Every value that is marked sensitive anywhere in the document."""
        for change in (*self.resources, *self.drift):
            yield from change.sensitive()
        for output in as_map(self.raw.get("output_changes")).values():
            entry = as_map(output)
            yield from values.marked(entry.get("before"), entry.get("before_sensitive"))
            yield from values.marked(entry.get("after"), entry.get("after_sensitive"))
        for part in ("prior_state", "planned_values"):
            tree = as_map(self.raw.get(part))
            tree = as_map(tree.get("values")) if part == "prior_state" else tree
            for output in as_map(tree.get("outputs")).values():
                if as_map(output).get("sensitive") is True:
                    yield as_map(output).get("value")
            yield from _module_secrets(as_map(tree.get("root_module")))
        declared = as_map(as_map(as_map(self.raw.get("configuration")).get("root_module")).get("variables"))
        for name, variable in as_map(self.raw.get("variables")).items():
            if as_map(declared.get(name)).get("sensitive") is True:
                yield as_map(variable).get("value")


def _module_secrets(module: Mapping[str, object]) -> Iterator[object]:
    for resource in as_list(module.get("resources")):
        entry = as_map(resource)
        yield from values.marked(entry.get("values"), entry.get("sensitive_values"))
    for child in as_list(module.get("child_modules")):
        yield from _module_secrets(as_map(child))


def _output(name: str, document: object) -> OutputChange:
    entry = as_map(document)
    return OutputChange(
        name=name,
        actions=tuple(str(action) for action in as_list(entry.get("actions"))),
        after=entry.get("after"),
        unknown=values.any_mark(entry.get("after_unknown")),
        sensitive=values.any_mark(entry.get("after_sensitive")),
    )


def _decode(document: Mapping[str, object] | str | bytes) -> Mapping[str, object]:
    if not isinstance(document, str | bytes):
        return document
    try:
        data = json.loads(document)
    except ValueError as error:
        raise _unreadable("it is not JSON") from error
    if not isinstance(data, dict):
        raise _unreadable("it is not an object")
    return data


def _unreadable(why: str) -> ToolFailed:
    return ToolFailed(
        "plan-unreadable",
        f"terraform's plan cannot be read: {why}",
        next_step="Use a terraform from 1.9 on, or an OpenTofu from 1.8 on.",
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
