"""The root module that calls several instances as modules, as files that terraform runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.terraform import combine, generated
from gaia.terraform.authored import of_modules
from gaia.terraform.component_files import LOCK_FILE
from gaia.terraform.workdir import WorkingDirectory, write_private

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gaia.kit.redact import Redactor
    from gaia.stacks.model import InstanceKey
    from gaia.terraform.inputs import Inputs
    from gaia.terraform.preview_members import Member

FILE = "main.tf.json"
TREE = "tree"
"""Beside the root's own folder: the copy of the repository that holds the components."""


def call(
    member: Member,
    names: Mapping[InstanceKey, str],
    inputs: Inputs,
    providers: Mapping[str, object],
    redact: Redactor,
    *,
    below: Path,
) -> combine.Call:
    """An instance as a module call. Vars that the component does not declare are left out, as a varfile allows.

    Raises:
        UnknownInput: a value that it needs does not exist yet. NotFound: `output-unknown`.
    """
    arguments: dict[str, object] = {}
    for name, value in member.instance.vars.items():
        variable = member.component.variables.get(name)
        if variable is None:
            continue
        arguments[name] = inputs.wired(value, names)
        if variable.sensitive:
            redact.learn(arguments[name])
    source = f"../{TREE}/" + member.folder.relative_to((below / TREE).resolve()).as_posix()
    return combine.Call(member.key, names[member.key], source, member.component, arguments, providers)


def write(folder: Path, document: Mapping[str, object], members: Mapping[str, Member], whose: str) -> WorkingDirectory:
    """The root in a folder that holds the copy of the repository; `members` are those it calls by module name."""
    module = folder / "root"
    wd = WorkingDirectory(
        root=folder,
        tree=folder / TREE,
        module=module,
        data=folder / "data",
        varfile=module / "none.tfvars.json",
        planfile=module / "preview.planfile",
        name=whose,
        authors={FILE: of_modules({name: member.instance for name, member in members.items()})},
        locks=tuple(sorted({member.folder / LOCK_FILE for member in members.values()})),
    )
    write_private(module / FILE, generated.dump(document, whose))
    write_private(wd.varfile, b"{}\n")
    return wd
