"""The content of what a pull request touches, for every instance's digest: what reads a file cannot always be known.

A script that code names by a computed path, a program that a manifest runs, what a link leads to: all that counts, of
whichever folder. Of manifests and HCL counts what they say: of those each instance has resolved, of these the form.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from gaia.ci.code.instance_paths import beside, head_of
from gaia.kit.git import Git
from gaia.kit.hcl_form import form_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
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
    for old, new, content, path in _differing(Git(head.top, ground.checkout.shell), ground):
        if path in resolved:
            continue
        said = content
        if path.endswith(HCL) and new in _FILES:
            said = _form(head.top / path)
            if old == new and said == _form(began / path):
                continue
        found.append([ascii(path), new, said])
    return sorted(found)


def _differing(git: Git, ground: Ground) -> Iterator[tuple[str, str, str, str]]:
    """Mode before and now, what git calls the content, and the path; by a command that no configuration changes."""
    sides = ground.sides
    command = ("diff-tree", "-r", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=none")
    said = git(*command, sides.fork_point, sides.head, "--").split("\0")
    for about, path in zip(said[::2], said[1::2], strict=False):
        old, new, _, content, _ = about.removeprefix(":").split(" ")
        yield old, new, content, path


def _form(path: Path) -> str:
    return hashlib.sha256(form_of(path.read_bytes())).hexdigest()
