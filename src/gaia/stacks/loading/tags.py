"""Custom tags of manifests: a tagged scalar becomes the text `!name arguments`, which is resolved per instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit.yaml import Unquoted
from gaia.stacks.merge import APPENDED

if TYPE_CHECKING:
    from gaia.errors import Position

FUNCTIONS = frozenset(
    (
        "env",
        "exec",
        "template",
        "terraform.state",
        "terraform.output",
        "store",
        "store.get",
        "secret",
        "repo-root",
        "git.root",
        "git.branch",
        "git.sha",
        "git.ref",
        "git.owner",
        "git.name",
        "git.host",
        "git.url",
        "git.repository",
        "aws.account_id",
        "aws.caller_identity_arn",
        "aws.caller_identity_user_id",
        "aws.region",
        "aws.organization_id",
        "labels",
        "labels.keys",
        "labels.values",
        "tags",
        "unset",
        "version",
        "emulator",
        "cel",
    )
)
"""Functions that run on a finished instance. A text that merely looks like one is one, quoted or not."""
LEFT_ALONE = frozenset(("cwd", "random"))
"""Functions of `atmos.yaml`; in a manifest they stay text."""
AT_PARSE = frozenset(("include", "include.raw", "append", "literal"))


def manifest_tag(tag: str, value: object, at: Position) -> object:
    """The value of a node with a custom tag.

    Raises:
        Invalid: `unsupported-yaml-tag`.
    """
    name = tag[1:]
    if name == "literal":
        return _untagged(value)
    if name == "append":
        # There is nothing to append to a single value, or a map: the tag is dropped.
        return {APPENDED: value} if isinstance(value, list) else _untagged(value)
    if name in FUNCTIONS or name in LEFT_ALONE:
        if isinstance(value, str):
            return f"{tag} {value}".strip()
        return value  # a tag on a map or a list means nothing
    known = ", ".join(f"!{one}" for one in sorted(FUNCTIONS | AT_PARSE))
    raise Invalid("unsupported-yaml-tag", f"unknown tag {tag}", at=at, next_step=f"Known tags: {known}.")


def _untagged(value: object) -> object:
    """A value as if it had no tag."""
    return value.untagged() if isinstance(value, Unquoted) else value


def function_of(text: str) -> str | None:
    """The name of the function that a text calls, or None for a text that calls none."""
    if text[:1] != "!":
        return None
    if text.startswith("!template"):
        # What its templates give may touch the tag: `!template["one"]`.
        return "template"
    name = text[1:].split(None, 1)[0] if len(text) > 1 and not text[1].isspace() else ""
    return name if name in FUNCTIONS else None


def not_supported(what: str, at: Position, next_step: str) -> Invalid:
    """The error for everything of Atmos that this engine does not do."""
    return Invalid("not-supported", f"not supported: {what}", at=at, next_step=next_step)
