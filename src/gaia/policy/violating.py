"""The value that a finding is about, as a digest: the same as long as what is wrong is the same. Pure.

Of a plan it covers what the rule says, and of the resource whatever the rule may have read of what its code writes: the
attributes that the rule or its libraries name, all of them, and blocks, for no plan says which ones a `dynamic` writes.
What else is computed is not among it, for it is another one after the apply. What is sensitive counts as a digest of
its own, so that a change of it is one of the value. Of another document it covers what the rule says and what stands at
the address. A rule that gives `value` beside its message says itself what it is.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from gaia.kit.shapes import as_list, as_map
from gaia.policy.causes import Configuration
from gaia.policy.paths import value_at
from gaia.policy.rego import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.policy.model import Finding, Module

_LIBRARY = re.compile(r"\bdata\.gaia\.lib\.(\w+)")
_UNKNOWN = "(known after apply)"


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
        return _digest([given] if given is not None else [finding.message, self._attributes(finding, path)])

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
            for name in sorted(set(_LIBRARY.findall(text))):
                self._words[path] |= self._read(f"lib/{name}.rego")
        return self._words[path]


class PlainValues:
    """The values of one document that is no plan."""

    def __init__(self, document: Mapping[str, object]) -> None:
        self._document = document

    def of(self, finding: Finding, path: str, given: object = None) -> str:
        """See `Values.of`."""
        del path
        return _digest(
            [given] if given is not None else [finding.message, value_at(self._document, finding.address or "")]
        )


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
