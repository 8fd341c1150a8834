"""Whether an import may stand for a creation that was approved. Pure.

An approved creation may become an import when the thing found is *ours* and ends up as approved. Ours is what the
journal saw made under this id, what has the instance's tag, or a part of such a thing (a bucket's versioning). Of
anything else that this run had begun only what nobody has tagged or filled in is taken: a bucket is made first and
tagged a moment later. Then nothing that somebody else set may change. That it ends with the approved values is for
`compare` to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.operations.import_ids import INSTANCE_TAG
from gaia.operations.import_rules import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.operations.facts import Facts
    from gaia.operations.planned import Planned

_ALLOWED = (("no-op",), ("update",))


def refused_imports(planned: Sequence[Planned], facts: Facts) -> tuple[str, ...]:
    """`ADDRESS: reason` of each import in the plan that may not stand for a creation; empty when all may."""
    owned = _owned(planned, facts)
    reasons = {item.address: _refusal(item, facts, ours=item.address in owned) for item in planned if item.importing}
    return tuple(f"{address}: {reason}" for address, reason in reasons.items() if reason)


def _refusal(item: Planned, facts: Facts, *, ours: bool) -> str:
    if item.actions not in _ALLOWED:
        return f"what exists as {item.importing} would have to be {'d, then '.join(item.actions)}d"
    if ours:
        return ""
    touched = facts.touched.get(item.address)
    if touched is None or touched.failed:
        return f"{item.importing} exists, and nothing shows that this operation made it"
    tags = item.before.get("tags")
    if tags and tags != item.after.get("tags"):
        return f"{item.importing} exists with other tags, so somebody else made it"
    changed = sorted(name for name, value in item.before.items() if _set(value) and value != item.after.get(name))
    if changed:
        return f"{item.importing} exists with another {', '.join(changed)}, so somebody else may have made it"
    return ""


def _owned(planned: Sequence[Planned], facts: Facts) -> frozenset[str]:
    """Addresses of what is surely this instance's: in its state, seen made, tagged, or a part of one of these."""
    owned = {item.address for item in planned if _owned_itself(item, facts)}
    while True:
        more = {
            item.address
            for item in planned
            if item.importing and item.address not in owned and _parent_of(item, planned) in owned
        }
        if not more:
            return frozenset(owned)
        owned |= more


def _owned_itself(item: Planned, facts: Facts) -> bool:
    if not item.importing:
        return bool(item.before)
    touched = facts.touched.get(item.address)
    if touched is not None and touched.id == item.importing:
        return True
    tags = item.before.get("tags")
    return isinstance(tags, dict) and bool(facts.instance) and tags.get(INSTANCE_TAG) == facts.instance


def _parent_of(item: Planned, planned: Sequence[Planned]) -> str | None:
    rule = RULES.get(item.type)
    if rule is None or rule.parent is None:
        return None
    attribute, kind, name = rule.parent
    value = item.before.get(attribute)
    parents = (other.address for other in planned if other.type == kind and other.before.get(name) == value)
    return next(parents, None) if value else None


def _set(value: object) -> bool:
    """Whether an attribute holds something, rather than nothing or what an absent one is read back as."""
    return value not in (None, "", False, [], {})  # zero is False
