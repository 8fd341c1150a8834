"""`describe affected`: what a change affects, in Atmos's words, and as marks for a drawing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from gaia.graph.index import ReverseIndex
from gaia.graph.needed_by import KINDS, all_dependents, identity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.graph.compare import Affected
    from gaia.graph.picture import Mark
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.stacks.repository import Repository

Document = dict[str, Any]


def describe_affected(
    affected: Sequence[Affected],
    current: Repository,
    base: Repository,
    *,
    include_dependents: bool = False,
    include_settings: bool = False,
    references: bool = False,
    stack: str | None = None,
) -> list[Document]:
    """Atmos's document of `found`, in its order. `references` counts what reads a state among the dependents.
    What was deleted has none: its dependents had to change with it, or cannot be planned any more.

    `dependents` and `settings` are null where they were not asked for. An entry that is a dependent of another one has
    `included_in_dependents`, so that a pipeline does not work on it twice.
    """
    index = ReverseIndex(current) if include_dependents else None
    kinds = None if references else KINDS
    documents = []
    for one in affected:
        document: Document = identity(base if one.deleted else current, one.instance)
        document |= {"affected": one.reasons[0], "affected_all": list(one.reasons)}
        document |= {key: value for key, value in (("file", one.file), ("folder", one.folder)) if value}
        below: list[dict[str, object]] | None = None if index is None else []
        if index is not None and not one.deleted:
            below = all_dependents(
                index, current, one.instance, include_settings=include_settings, kinds=kinds, stack=stack
            )
        document |= {
            "dependents": below,
            "included_in_dependents": False,
            "settings": dict(one.instance.settings) if include_settings else None,
        }
        if one.deleted:
            document |= {"deleted": True, "deletion_type": one.deleted}
        documents.append(document)
    if index is not None:
        _mark_included(documents)
    return documents


def marks(affected: Sequence[Affected], current: Repository) -> Mapping[InstanceKey, Mark]:
    """What changed, and what that reaches through dependencies of any kind."""
    index = ReverseIndex(current)
    result: dict[InstanceKey, Mark] = {one.key: "changed" for one in affected if not one.deleted}
    left: list[Instance] = [one.instance for one in affected]
    while left:
        for one, _ in index.needing(left.pop()):
            if one.key not in result:
                result[one.key] = "reached"
                left.append(one)
    return result


def _mark_included(documents: Sequence[Document]) -> None:
    """An entry is included when another one's dependents hold it; within those of one entry likewise."""
    inside = [_slugs(one["dependents"]) for one in documents]
    holders = Counter(slug for slugs in inside for slug in slugs)
    for one, own in zip(documents, inside, strict=True):
        slug = one["stack_slug"]
        one["included_in_dependents"] = holders[slug] > (slug in own)
        if not one["included_in_dependents"] and one["dependents"]:
            _mark_included(one["dependents"])


def _slugs(documents: Sequence[Document] | None) -> set[str]:
    slugs: set[str] = set()
    for one in documents or ():
        slugs |= {one["stack_slug"], *_slugs(one["dependents"])}
    return slugs
