"""What an instance is made of, as one digest: equal ones are equal content, whatever the commit. Nothing is run."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.ci.code.touched_files import file_digest
from gaia.errors import GaiaError
from gaia.graph.compare import SECTIONS
from gaia.kit import canonical
from gaia.stacks.model import written
from gaia.terraform.component_files import ComponentFiles

if TYPE_CHECKING:
    from gaia.checkout.files import CheckoutFiles
    from gaia.stacks.model import Instance, InstanceKey

_COMPARED = (*SECTIONS, "metadata", "settings")
_IGNORED = frozenset((".git", ".terraform", "terraform.tfstate.d", "terraform.tfstate", "terraform.tfstate.backup"))
"""What runs leave in a component's folder. The lock file counts: it says which providers are run."""
_WORD = re.compile(r"[\w./@+-]{2,200}")
"""What may be the name of a file in a text."""


def content_of(files: CheckoutFiles, key: InstanceKey) -> str:
    """A digest of the content of an instance; what cannot be built is equal to nothing else."""
    try:
        return _content(files, files.repository.instance(key.component, key.stack))
    except GaiaError as error:
        return canonical.digest(["unbuilt", files.commit, error.code, error.message])


def _content(files: CheckoutFiles, instance: Instance) -> str:
    """A digest of an instance's configuration, of its code, and of what either names: a script, a template.

    How manifests and HCL are laid out is not in it.
    """
    listing = instance.listing()
    said = {name: written(listing.get(name)) for name in _COMPARED}
    folders, named = ComponentFiles.of(instance, files.components, backends=files.backends).parts(files.tree)
    code = [_code(files.tree, files.tree / one) for one in folders]
    beside = [[one, _code(files.tree, files.tree / one)] for one in named]
    root = files.repository.root
    scripts = [[one, file_digest(root / one)] for one in _scripts(root, canonical.dumps(said).decode())]
    return canonical.digest([said, code, beside, scripts])


def _code(tree: Path, folder: Path) -> list[list[str]]:
    """Each file below a folder, or itself, with a digest; also what links within the tree lead to."""
    if folder.is_file():
        return [["", file_digest(folder)]]
    found, seen, inside = [], set[str](), tree.resolve()
    for at, folders, names in os.walk(folder, followlinks=True):
        here = Path(at)
        real = here.resolve()
        folders[:] = sorted(one for one in folders if one not in _IGNORED)
        if str(real) in seen or not real.is_relative_to(inside):  # a link that leads around, or out
            folders.clear()
            continue
        seen.add(str(real))
        files = (here / name for name in sorted(names) if name not in _IGNORED)
        found += [[one.relative_to(folder).as_posix(), file_digest(one)] for one in files if one.is_file()]
    return found


def _scripts(root: Path, said: str) -> list[str]:
    """The files that a configuration names, a program of its `!exec` for instance, relative to where that is run."""
    words = {os.path.normpath(one) for one in _WORD.findall(said)}
    return sorted(one for one in words if not one.startswith(("/", "..")) and (root / one).is_file())
