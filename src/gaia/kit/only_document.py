"""Reading a YAML file that is a rule: one document, for of several all but the first would be passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit import yaml
from gaia.kit.files import read_regular

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.kit.marks import Document


def read_only(path: Path, file: str) -> Document:
    """The one document of `path`, shown as `file` in positions; an empty one behind it is nothing.

    Raises:
        Invalid: `yaml-documents`, `yaml-…`, with a position.
        OSError: the file cannot be opened, or is no regular file.
    """
    content = read_regular(path, yaml.MAX_BYTES + 1)
    if len(content) > yaml.MAX_BYTES:
        raise yaml.too_large(file)
    builder = yaml.Builder(content, file, yaml.tag_is_unknown)
    found = yaml.guarded(content, file, lambda: list(builder.documents()))
    for other in found[1:]:
        if other.value is not None:
            raise Invalid(
                "yaml-documents",
                f"{file} holds several documents, and only the first would count",
                at=other.at(()),
                next_step="Put what they say into one, or each into a file of its own.",
            )
    return found[0] if found else yaml.parse(b"", file)
