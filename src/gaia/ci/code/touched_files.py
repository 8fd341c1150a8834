"""The content of what a pull request touches, for every instance's digest: what reads a file cannot always be known.

A script that code names by a computed path, a program that a manifest runs, what a link leads to: all that counts, of
whichever folder. Of manifests and HCL counts what they say: of those each instance has resolved, of these the form.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from gaia.ci.code.commits import touched_between
from gaia.ci.code.instance_paths import beside, head_of
from gaia.kit.git import Git
from gaia.kit.hcl_form import form_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gaia.ci.code.ground import Ground
    from gaia.stacks.model import Instance

HCL = (".tf", ".tofu")
_FILES = ("100644", "100755")


def content_touched(ground: Ground, instances: Sequence[Instance]) -> list[list[str]]:
    """Each file that differs from where the branch began, with its mode and what is in it; without manifests of these
    instances, and without HCL that says the same as before."""
    head = head_of(ground)
    resolved = head.configuration(instances)
    began = beside(ground, ground.before.root)
    found = []
    for one in touched_between(Git(head.top, ground.checkout.shell), ground.sides):
        if one.path in resolved:
            continue
        said = one.content
        if one.path.endswith(HCL) and one.mode in _FILES:
            said = file_digest(head.top / one.path)
            if one.was == one.mode and said == file_digest(began / one.path):
                continue
        found.append([ascii(one.path), one.mode, said])
    return sorted(found)


def file_digest(path: Path) -> str:
    """Of the content; of HCL, of what it says."""
    content = path.read_bytes()
    return hashlib.sha256(form_of(content) if path.suffix in HCL else content).hexdigest()
