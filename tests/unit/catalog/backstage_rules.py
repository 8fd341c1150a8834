"""Backstage's rules for entities, told anew from `@backstage/catalog-model` 1.10.1: its field formats and schemas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
LABEL = re.compile(r"[a-z0-9]+(?:-+[a-z0-9]+)*")
TAG = re.compile(r"[a-z0-9:+#]+(-[a-z0-9:+#]+)*")
REF = re.compile(r"(component|domain|group|resource|system|template|user):default/[A-Za-z0-9_.-]{1,63}")
WANTED = {
    "Component": ("type", "lifecycle", "owner"),
    "Domain": ("owner",),
    "Group": ("type",),
    "Resource": ("type", "owner"),
    "System": ("owner",),
    "Template": ("type",),
    "User": (),
}
RELATIONS = ("owner", "system", "domain", "dependsOn", "memberOf")
VERSIONS = {"Template": "scaffolder.backstage.io/v1beta3"}


def is_name(text: object) -> bool:
    """Of an entity, a label's value, and the last part of a key."""
    return isinstance(text, str) and len(text) <= 63 and NAME.fullmatch(text) is not None


def is_key(text: str) -> bool:
    """Of a label or an annotation."""
    before, slash, last = text.rpartition("/")
    return is_name(last) and (not slash or all(LABEL.fullmatch(one) and len(one) <= 63 for one in before.split(".")))


def complaints(entity: dict[str, Any]) -> Iterator[str]:
    """What Backstage would refuse of one entity."""
    kind, about, spec = entity["kind"], entity["metadata"], entity["spec"]
    version = VERSIONS.get(kind, "backstage.io/v1alpha1")
    if set(entity) != {"apiVersion", "kind", "metadata", "spec"} or entity["apiVersion"] != version:
        yield "no envelope"
    if not is_name(about["name"]):
        yield f"name {about['name']!r}"
    if about["namespace"] != "default" or not about["title"]:
        yield "namespace or title"
    yield from _noted(about)
    for wanted in WANTED[kind]:
        if not (isinstance(spec.get(wanted), str) and spec[wanted]):
            yield f"spec.{wanted}"
    if kind == "User" and not isinstance(spec["memberOf"], list):
        yield "spec.memberOf"
    if kind == "Template" and not (spec["steps"] and all(one["action"] for one in spec["steps"])):
        yield "spec.steps"
    if kind == "Group" and spec["children"] != []:
        yield "spec.children"
    yield from (f"reference {one!r}" for one in related(entity) if not REF.fullmatch(one))


def _noted(about: dict[str, Any]) -> Iterator[str]:
    for key, value in about.get("annotations", {}).items():
        if not is_key(key) or not isinstance(value, str):
            yield f"annotation {key!r}"
    for key, value in about.get("labels", {}).items():
        if not is_key(key) or not (value == "" or is_name(value)):
            yield f"label {key!r}: {value!r}"
    for tag in about.get("tags", []):
        if len(tag) > 63 or not TAG.fullmatch(tag):
            yield f"tag {tag!r}"


def related(entity: dict[str, Any]) -> list[str]:
    """The references that an entity has."""
    held = [entity["spec"].get(name, []) for name in RELATIONS]
    return [one for value in held for one in ([value] if isinstance(value, str) else value)]


def wrong(made: Iterable[dict[str, Any]]) -> list[str]:
    """What Backstage would refuse of a whole catalog: also two of one reference, and relations that lead nowhere."""
    listed = list(made)
    refs = [f"{one['kind']}:default/{one['metadata']['name']}".lower() for one in listed]
    found = [f"{ref}: {complaint}" for ref, one in zip(refs, listed, strict=True) for complaint in complaints(one)]
    found += [f"{ref}: twice" for ref in sorted(set(refs)) if refs.count(ref) > 1]
    ends = [(ref, to) for ref, one in zip(refs, listed, strict=True) for to in related(one)]
    return found + [f"{ref}: {to} is nowhere" for ref, to in ends if to not in refs]
