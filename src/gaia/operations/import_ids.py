"""What `import` needs to know of each resource type: its import id, and how a thing found is told to be ours.

Pure. The ids are those of the "Import" section of each type's page in the AWS provider's documentation (5.x). A test
holds a rule for every type that the blueprint uses. A type that is not here can only be imported by the id that its
creation reported; where even that is not known it is parked.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.operations.import_rules import RULES, ImportRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

INSTANCE_TAG = "gaia:instance"
"""Tag whose value is STACK/COMPONENT; manifests set it in `vars.tags`."""
_OF_ACCOUNT = frozenset({"account", "partition", "region"})
"""What only a search tells."""
_REPORTED = "reported"


@dataclass(frozen=True, slots=True)
class ByHand:
    """What nobody but a person can adopt: where to look, and what to type."""

    address: str
    type: str
    reason: str
    form: str
    """How its import id is written, e.g. `{plan_id}|{id}`."""

    def as_json(self) -> dict[str, str]:
        """`{address, type, reason, form}`."""
        return {"address": self.address, "type": self.type, "reason": self.reason, "form": self.form}


def natural_id(kind: str, known: Mapping[str, object]) -> str | None:
    """The import id of a resource of type `kind` from its known attributes (and what is of the account), or None."""
    rule = RULES.get(kind)
    for template in (rule.id, *rule.or_else) if rule else ():
        if template and (made := _made(template, known)) is not None:
            return made
    return None


def _made(template: str, known: Mapping[str, object]) -> str | None:
    """The template with its values; None where one is not known as text."""
    said = ""
    for text, name, form, _ in string.Formatter().parse(template):
        said += text
        if not name:
            continue
        value = known.get(name)
        if not isinstance(value, str) or not value:
            return None
        said += value.removeprefix("https://") if form == "bare" else value
    return said


def reported_id(kind: str, reported: str, known: Mapping[str, object] | None = None) -> str | None:
    """The import id for a resource whose creation reported the id `reported`, or None when that is not importable, or
    not by itself while what it lacks is not known."""
    rule = RULES.get(kind) or ImportRule()
    return _made(rule.reported, {**(known or {}), _REPORTED: reported}) if rule.reported and reported else None


def tagged_ids(kind: str, arns: Iterable[str]) -> tuple[str, ...]:
    """Import ids of the resources of type `kind` among ARNs of things that have our tag, sorted."""
    rule = RULES.get(kind)
    if rule is None or not rule.arn:
        return ()
    matches = (re.fullmatch(rule.arn, arn) for arn in arns)
    return tuple(sorted({rule.of_arn.format(*match.groups()) for match in matches if match}))


def found_by_tag(kind: str) -> bool:
    """Whether the tag finds this type, so that nothing found means that nothing exists."""
    rule = RULES.get(kind)
    return rule is not None and bool(rule.arn)


def needs_account(kind: str) -> bool:
    """Whether an import id holds the account's number, its partition or the region."""
    rule = RULES.get(kind)
    return rule is not None and any(_OF_ACCOUNT & set(_names(one)) for one in (rule.id, *rule.or_else, rule.reported))


def may_repeat(kind: str) -> bool:
    """Whether making it again makes nothing twice: a setting that is put, or what adopts a thing that exists."""
    rule = RULES.get(kind)
    return rule is not None and rule.again


def form(kind: str) -> str:
    """How the import id of a type is written, for people; empty where nobody has written it down."""
    rule = RULES.get(kind)
    if rule is None:
        return ""
    templates = [one for one in (rule.id, *rule.or_else) if one] or [rule.reported.replace(_REPORTED, "id")]
    return " or ".join(one.replace(":bare}", "}") for one in templates if one)


def _names(template: str) -> Iterator[str]:
    return (name for _, name, _, _ in string.Formatter().parse(template) if name)
