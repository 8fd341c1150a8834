"""What becomes of the results of an expression: printed as YAML, and read again by Atmos's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gaia.errors import Invalid
from gaia.golang.gotemplate.values import Failure
from gaia.golang.yq.encoding import yaml_text
from gaia.golang.yq.model import NULL, SCALAR, Node, value_of
from gaia.kit import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.errors import Position

_TAGS: Final[Mapping[str, object]] = {
    "!!map": "", "!!seq": "", "!!str": "", "!!null": None,
    **{tag: tag for tag in ("!!int", "!!float", "!!bool", "!!timestamp")},
}  # fmt: skip
"""What becomes of a tag that is printed alone: it is read as the tag of nothing."""


def printed(nodes: Sequence[Node]) -> object:
    """The value that the printed results are read as."""
    if not nodes:
        return None
    first = nodes[0]
    if len(nodes) == 1 and (first.kind != SCALAR or first.tag == NULL):
        return value_of(first)
    document = first.document
    shown = "".join(yaml_text(node) for node in nodes if node.document == document)
    return read(shown)


def read(shown: str) -> object:
    """A text as YAML, unless it is a word that only looks like a map or a comment.

    Raises:
        Failure: it has several lines and is no YAML.
    """
    trimmed = shown.strip()
    if trimmed in _TAGS:
        return _TAGS[trimmed]
    one_line = "\n" not in trimmed
    if one_line and (trimmed[:1] == "#" or (trimmed[-1:] == ":" and ": " not in trimmed and trimmed[0] not in "{[")):
        return trimmed
    try:
        value = yaml.parse_values(shown.encode("utf-8", "surrogateescape"), "result", _tagged)
    except Invalid:
        if one_line:
            return trimmed
        raise Failure("its results are no YAML document") from None
    if isinstance(value, dict) and len(value) == 1:
        key, inner = next(iter(value.items()))
        if inner in (None, "") and trimmed in (f"{key}:", f"{key}::"):
            return trimmed
    return value


def _tagged(tag: str, value: object, at: Position) -> object:
    """A tag that Atmos does not look at here stays with its text as it was printed."""
    del at
    return f"{tag} {value}".strip() if isinstance(value, str) else value
