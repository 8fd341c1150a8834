"""The normal form of a preview: what exactly is approved, without what may differ between two equal previews.

Only resource changes that do something, sorted by instance and address. Left out: data sources, no-ops, versions,
times, outputs, attributes that move by themselves, and the module prefixes of a combined plan (the parts come without).
A value that is not known yet is `{"$unknown": true}`; a sensitive one is `{"$sensitive": HMAC}`, made with the
repository's key over instance, address and value; one that is both has both keys. A user's own key that begins with `$`
gets a second `$`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from gaia.errors import Invalid
from gaia.kit import canonical
from gaia.kit.shapes import as_list, as_map
from gaia.stacks.model import InstanceKey
from gaia.terraform import values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.kit.keys import SecretKey
    from gaia.terraform.plan import Plan, ResourceChange

    _Sign = Callable[[object], str]

VERSION = 1
_MOVING = {"aws_db_instance": frozenset({"latest_restorable_time"})}
"""By the type of a resource, what no code can set and AWS moves on every few minutes: no two plans would be equal."""
NOTHING = object()
"""The value behind a `Secret` that was read from JSON: gone."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only applying will tell."""

    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Secret:
    """A sensitive value: its HMAC, and, in the process that made it, the value (never written, shown or compared)."""

    mac: str
    value: object = field(default=NOTHING, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class NormalChange:
    """One resource change. `before` and `after` are JSON data with `Unknown` and `Secret` in it."""

    address: str
    type: str
    actions: tuple[str, ...]
    before: object = field(repr=False)
    """What is there now; None for a creation."""
    after: object = field(repr=False)
    """What will be there; None for a deletion."""
    previous_address: str | None = None
    import_id: str | None = None
    deposed: str | None = None
    reason: str = field(default="", compare=False)
    """Terraform's word for why. With `forced_by` it explains what is approved and is no part of it: not in the JSON
    form, hence not in the digest."""
    forced_by: tuple[str, ...] = field(default=(), compare=False)
    """Attributes that force a replacement, as Terraform writes them: `engine`, `rule[0].name`."""

    @property
    def sort_key(self) -> tuple[str, str]:
        """Address, and the key of a deposed object: together they are unique in one plan."""
        return self.address, self.deposed or ""

    def as_json(self) -> dict[str, object]:
        """`{address, type, actions, before, after, …}`; the last three only where they are set."""
        document: dict[str, object] = {
            "address": self.address,
            "type": self.type,
            "actions": list(self.actions),
            "before": _encode(self.before),
            "after": _encode(self.after),
        }
        for name in ("previous_address", "import_id", "deposed"):
            if getattr(self, name) is not None:
                document[name] = getattr(self, name)
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, object]) -> NormalChange:
        """The inverse of `as_json`."""
        actions = document["actions"]
        return cls(
            address=str(document["address"]),
            type=str(document["type"]),
            actions=tuple(str(action) for action in actions) if isinstance(actions, list) else (),
            before=_decode(document["before"]),
            after=_decode(document["after"]),
            previous_address=_text(document.get("previous_address")),
            import_id=_text(document.get("import_id")),
            deposed=_text(document.get("deposed")),
        )


@dataclass(frozen=True, slots=True)
class NormalForm:
    """The changes of each instance; an instance that could not be previewed is not in it."""

    parts: Mapping[InstanceKey, tuple[NormalChange, ...]]
    key_id: str
    key: SecretKey | None = field(default=None, repr=False, compare=False)
    """Set where the form was made from plans: needed to compare a value with an approved HMAC."""

    @classmethod
    def of(
        cls, parts: Mapping[InstanceKey, Plan], key: SecretKey, *, hide: Callable[[str], bool] = lambda _: False
    ) -> NormalForm:
        """The normal form of these plans.

        `hide` says of a text whether it holds a secret that terraform has lost the mark of: one that was wired in from
        another instance, or an attribute that a provider computed from one.
        """
        return cls(
            {
                instance: tuple(
                    sorted(
                        (_change(resource, instance, key, hide) for resource in plan.changes),
                        key=lambda change: change.sort_key,
                    )
                )
                for instance, plan in sorted(parts.items())
            },
            key.id,
            key,
        )

    def part(self, instance: InstanceKey) -> NormalForm:
        """The form of one instance alone; empty when it is not in this one."""
        mine = {key: changes for key, changes in self.parts.items() if key == instance}
        return NormalForm(mine, self.key_id, self.key)

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not any(self.parts.values())

    @property
    def digest(self) -> str:
        """`sha256:…` over the JSON form."""
        return canonical.digest(self.as_json())

    def as_json(self) -> dict[str, object]:
        """`{"version": 1, "key": ID, "instances": {"STACK/COMPONENT": [change, …]}}`; holds no secret."""
        return {
            "version": VERSION,
            "key": self.key_id,
            "instances": {
                str(instance): [change.as_json() for change in changes] for instance, changes in self.parts.items()
            },
        }

    def reasons(self) -> dict[str, dict[str, dict[str, object]]]:
        """What explains the changes and is not in the digest: instance → address → `{reason, forced_by}`."""
        return {
            str(instance): {
                change.address: {"reason": change.reason, "forced_by": list(change.forced_by)}
                for change in changes
                if change.reason and not change.deposed
            }
            for instance, changes in self.parts.items()
        }

    def explained(self, reasons: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> NormalForm:
        """The same form with what `reasons` gave."""
        parts = {
            instance: tuple(
                _explained(change, reasons.get(str(instance), {}).get(change.address)) for change in changes
            )
            for instance, changes in self.parts.items()
        }
        return replace(self, parts=parts)

    @classmethod
    def from_json(cls, document: Mapping[str, object]) -> NormalForm:
        """The inverse of `as_json`, without the values behind the HMACs.

        Raises:
            Invalid: `preview-unreadable` for another version or a damaged document.
        """
        if document.get("version") != VERSION:
            raise _unreadable(f"it has version {document.get('version')!r}")
        try:
            instances = cast("dict[str, list[dict[str, object]]]", document["instances"])
            parts = {
                InstanceKey.parse(name): tuple(NormalChange.from_json(change) for change in changes)
                for name, changes in sorted(instances.items())
            }
            return cls(parts, str(document["key"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise _unreadable("it is damaged") from error


def mac(value: object, instance: InstanceKey, address: str, key: SecretKey) -> str:
    """The HMAC that stands for a sensitive value of one resource."""
    return canonical.sign(["gaia-sensitive-v1", str(instance), address, value], key.secret)


def _change(
    resource: ResourceChange, instance: InstanceKey, key: SecretKey, hide: Callable[[str], bool]
) -> NormalChange:
    def sign(secret: object) -> str:
        return mac(secret, instance, resource.address, key)

    moving = _MOVING.get(resource.type)

    def build(value: object, unknown: object, sensitive: object) -> object:
        node = _hidden(_node(value, unknown, sensitive, sign), hide, sign)
        if moving and isinstance(node, dict):
            return {name: one for name, one in node.items() if name not in moving}
        return node

    # a value keeps its mark when only one side of the change has it
    marks = values.union(resource.before_sensitive, resource.after_sensitive)
    action = resource.action
    return NormalChange(
        address=resource.address,
        type=resource.type,
        actions=resource.actions,
        before=None if action == "create" else build(resource.before, False, marks),
        after=None if action in ("delete", "forget") else build(resource.after, resource.after_unknown, marks),
        previous_address=resource.previous_address if resource.previous_address != resource.address else None,
        import_id=resource.import_id,
        deposed=resource.deposed,
        reason=resource.reason or "",
        forced_by=tuple(_path(steps) for steps in resource.replace_paths),
    )


def _explained(change: NormalChange, reason: Mapping[str, Any] | None) -> NormalChange:
    if reason is None or change.deposed:
        return change
    return replace(change, reason=str(reason["reason"]), forced_by=tuple(map(str, reason["forced_by"])))


def _path(steps: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")


def _hidden(node: object, hide: Callable[[str], bool], sign: _Sign) -> object:
    if isinstance(node, str) and hide(node):
        return Secret(sign(node), node)
    if isinstance(node, dict):
        return {name: _hidden(child, hide, sign) for name, child in node.items()}
    if isinstance(node, list):
        return [_hidden(child, hide, sign) for child in node]
    return node


def _node(value: object, unknown: object, sensitive: object, sign: _Sign) -> object:
    """Join a value with its marks. What is unknown is absent from `value` (in a list it is null)."""
    if unknown is True:
        return Unknown(sensitive=sensitive is True)
    if sensitive is True and not values.any_mark(unknown):
        return value if value is None else Secret(sign(value), value)
    if isinstance(value, dict) or (value is None and isinstance(unknown, dict) and values.any_mark(unknown)):
        body = as_map(value)
        marked = as_map(unknown)
        names = [*body, *(name for name in marked if name not in body and values.any_mark(marked[name]))]
        return {
            name: _node(body.get(name), marked.get(name, False), values.child_mark(sensitive, name), sign)
            for name in names
        }
    if isinstance(value, list) or (value is None and isinstance(unknown, list) and values.any_mark(unknown)):
        items = as_list(value)
        marked_items = as_list(unknown)
        return [
            _node(
                items[at] if at < len(items) else None,
                values.child_mark(marked_items, at),
                values.child_mark(sensitive, at),
                sign,
            )
            for at in range(max(len(items), len(marked_items)))
        ]
    return value


def _encode(node: object) -> object:
    if isinstance(node, Unknown):
        return {"$unknown": True} | ({"$sensitive": ""} if node.sensitive else {})
    if isinstance(node, Secret):
        return {"$sensitive": node.mac}
    if isinstance(node, dict):
        return {("$" + key if key.startswith("$") else key): _encode(child) for key, child in node.items()}
    if isinstance(node, list):
        return [_encode(child) for child in node]
    return node


def _decode(data: object) -> object:
    if isinstance(data, dict):
        if data.get("$unknown") is True:
            return Unknown(sensitive="$sensitive" in data)
        if "$sensitive" in data:
            return Secret(str(data["$sensitive"]))
        return {key.removeprefix("$"): _decode(child) for key, child in data.items()}
    if isinstance(data, list):
        return [_decode(child) for child in data]
    return data


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _unreadable(why: str) -> Invalid:
    return Invalid("preview-unreadable", f"the stored preview cannot be used: {why}", next_step="Preview it again.")
