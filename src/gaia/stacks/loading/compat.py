"""Which rules a repository was written for, as far as its manifests show it.

Since December 2025 Atmos reads `name:` of a whole file as the name of its stack and hands metadata down to components;
since July 2026 it refuses other `metadata:` of whole files than a few keys. Repositories from before used both as
comments, also in catalogs that every stack imports: by today's rules all their stacks are refused, or become one.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gaia.errors import GaiaError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gaia.stacks.loading.files import Files

GLOBAL_METADATA = frozenset(("labels", "tags", "custom", "enabled", "locked", "terraform_workspace_pattern"))
"""What a file may set for all of its components."""
OLDER_KEYS = ("metadata", "name")
"""Sections of whole files that releases before December 2025 did not know."""


def shown_by(files: Files, top_level: Iterable[str]) -> str | None:
    """The file that shows that the repository is older: not selected itself, with a name and metadata for comments.

    One that is selected may be a mistake, and then it is an error that its author wants to see.
    """
    selected = frozenset(top_level)
    named, described = False, None
    for path in files.listed:
        if path in selected or path.endswith(".tmpl"):
            continue
        tree: object = None
        with suppress(GaiaError):
            tree = files.document(path, None).value
        if not isinstance(tree, dict):
            continue
        named = named or isinstance(tree.get("name"), str)
        metadata = tree.get("metadata")
        if isinstance(metadata, dict) and not GLOBAL_METADATA.issuperset(metadata):
            described = described or path
    return described if named else None
