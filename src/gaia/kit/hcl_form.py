"""What an HCL file says, however it is laid out: without comments and blanks, but for those in texts."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Parser

_WHOLE = frozenset(("string_lit", "template_expr", "heredoc_template", "quoted_template"))
"""Texts: every blank in them counts, and the parser drops some between interpolations."""


@cache
def parser() -> Parser:
    """The one parser of HCL; importing it takes a while."""
    import tree_sitter
    import tree_sitter_hcl

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def form_of(data: bytes) -> bytes:
    """Equal for files that say the same; of what is no HCL, the bytes as they are."""
    root = parser().parse(data).root_node
    if root.has_error:
        return data
    return b"\0".join(_pieces(root))


def _pieces(node: Node) -> Iterator[bytes]:
    if node.type == "comment":
        return
    if node.type in _WHOLE or not node.children:
        yield node.text or b""
        return
    yield f"({node.type}".encode()
    for child in node.children:
        yield from _pieces(child)
    yield b")"
