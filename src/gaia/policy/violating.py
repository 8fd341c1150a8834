"""The value that a finding is about, as a digest: the same as long as what is wrong is the same. Pure.

Of a plan it covers what the rule says, and of the resource whatever the rule may have read of what its code writes: the
attributes that the rule or its libraries name, all of them, and blocks, for no plan says which ones a `dynamic` writes.
What else is computed is not among it, for it is another one after the apply. What is sensitive counts as a digest of
its own, so that a change of it is one of the value. It covers what the resource belongs to as well (the role of a
policy, the bucket, the function), and of one that goes what goes with it. Of another document it covers what the rule
says, what stands at the address, or where nothing does what would hold it, and which container that is in. A rule that
gives `value` beside its message says itself what it is, of its resource or container.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from gaia.kit.shapes import as_list, as_map
from gaia.policy.causes import Configuration
from gaia.policy.paths import followed
from gaia.policy.rego import references, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.policy.model import Finding, Module

_LIBRARY = ("data", "gaia", "lib")
_UNKNOWN = "(known after apply)"
_TARGET = re.compile(
    r"(?:.*_)?(?:arn|bucket|cluster|domain|function|group|id|key|listener|queue|repository|role|table|topic|url|user"
    r"|vault)s?|(?:bucket|cluster|domain|event_bus|function|group|queue|repository|role|table|topic|user|vault)_name"
)
"""Attributes that say what a resource belongs to."""
_PASSING = re.compile(
    r"(?:.*_)?(?:at|date|etag|status|time|count)|(?:last|latest)_.*|serial|size_in_bytes|version_id|instances"
)
"""Attributes that AWS changes while nobody changes the resource."""
_OF_OTHERS = ("count.", "data.", "each.", "local.", "module.", "path.", "self.", "terraform.", "var.")


class Values:
    """The values of one plan, by the rules that read them."""

    def __init__(self, plan: Mapping[str, object], modules: tuple[Module, ...]) -> None:
        changes = [as_map(one) for one in as_list(plan.get("resource_changes"))]
        self._changes = {str(one.get("address")): as_map(one.get("change")) for one in changes}
        self._configuration = Configuration(plan)
        self._texts = {one.path: one.text for one in modules}
        self._words: dict[str, frozenset[str]] = {}

    def of(self, finding: Finding, path: str, given: object = None) -> str:
        """The digest; `path` is the rule's file, `given` what it says itself."""
        address = finding.address or ""
        more = [one for one in (self._targets(address), self._lost(address)) if one]
        return _digest([*([given] if given is not None else [finding.message, self._attributes(finding, path)]), *more])

    def _targets(self, address: str) -> dict[str, object]:
        """What it belongs to: another resource of the code by its name, else the value."""
        change = self._changes.get(address, {})
        after, unknown = as_map(change.get("after")), as_map(change.get("after_unknown"))
        found: dict[str, object] = {}
        for name, refers in self._configuration.references(address).items():
            if not _TARGET.fullmatch(name) or isinstance(after.get(name), (dict, list)):
                continue
            if not unknown.get(name) and (not refers or any(one.startswith(_OF_OTHERS) for one in refers)):
                hidden = as_map(change.get("after_sensitive")).get(name)
                found[name] = _judged(after.get(name), None, hidden)
            else:
                found[name] = sorted(refers)
        return found

    def _lost(self, address: str) -> dict[str, object]:
        """Of what is destroyed or replaced what it is today."""
        change = self._changes.get(address, {})
        if "delete" not in as_list(change.get("actions")):
            return {}
        before, hidden = as_map(change.get("before")), as_map(change.get("before_sensitive"))
        held = {name: value for name, value in before.items() if not _PASSING.fullmatch(name)}
        return {"lost": {name: _judged(value, None, hidden.get(name)) for name, value in held.items()}}

    def _attributes(self, finding: Finding, path: str) -> dict[str, object]:
        address = finding.address or ""
        change = self._changes.get(address, {})
        after, unknown = as_map(change.get("after")), as_map(change.get("after_unknown"))
        hidden = as_map(change.get("after_sensitive"))
        blocks = {name for name in after if _is_block(after[name])}
        judged = self._read(path) & (self._configuration.written(address) | blocks)
        return {name: _judged(after.get(name), unknown.get(name), hidden.get(name)) for name in judged}

    def _read(self, path: str) -> frozenset[str]:
        """The words of a rule and of the libraries that it uses."""
        if path not in self._words:
            text = self._texts.get(path, "")
            self._words[path] = words(text)  # before the libraries: two may use each other
            for name in {one.path[3] for one in references(text) if one.path[:3] == _LIBRARY and len(one.path) > 3}:
                self._words[path] |= self._read(f"lib/{name}.rego")
        return self._words[path]


class PlainValues:
    """The values of one document that is no plan."""

    def __init__(self, document: Mapping[str, object]) -> None:
        self._document = document

    def of(self, finding: Finding, path: str, given: object = None) -> str:
        """See `Values.of`."""
        del path
        if finding.address is None:
            return _digest([finding.message if given is None else given])
        steps, whole = followed(self._document, finding.address)
        if not steps:  # nobody could say what a waiver of it excuses, but the rule
            return "" if given is None else _digest([given])
        found: object = self._document
        owners: list[object] = []
        for step in steps:
            found = found[step]  # type: ignore[index]
            if isinstance(step, int):
                owners.append([as_map(found).get("name"), as_map(found).get("image")])
        there = [] if whole else ["(not there)"]
        return _digest([*([given] if given is not None else [finding.message, found, *there]), *owners])


def _digest(said: object) -> str:
    text = json.dumps(said, sort_keys=True, default=str)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _is_block(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _judged(value: object, unknown: object, hidden: object) -> object:
    """An attribute as the digest takes it."""
    known = [value, _UNKNOWN if _any(unknown) else ""]
    return ["(sensitive)", _digest(known)] if _any(hidden) else known


def _any(marks: object) -> bool:
    """Whether a tree of marks, as a plan has them, holds one."""
    if isinstance(marks, dict):
        return any(map(_any, marks.values()))
    return any(map(_any, marks)) if isinstance(marks, list) else marks is True
