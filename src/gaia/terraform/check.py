"""What `terraform validate` says of several instances together, before any of them exists: no cloud is asked.

As in a preview, one root calls them and their outputs are wired to inputs. A value that only a state or a store could
give stays unknown, so nothing is said about it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.errors import NotFound
from gaia.stacks.model import HOLDERS
from gaia.terraform import combine, root
from gaia.terraform.inputs import Inputs
from gaia.terraform.preview_members import Member, members
from gaia.terraform.workdir import copy_tree, prepare

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gaia.stacks.model import Instance, Reference, Unknown
    from gaia.terraform.command import Terraform
    from gaia.terraform.diagnostics import Diagnostic


def check(
    terraform: Terraform, *, folder: Path, tree: Path, instances: Sequence[Instance], components: str = ""
) -> tuple[Diagnostic, ...]:
    """Look at instances, in dependency order. What this writes into `folder` is for the caller to remove.

    Raises:
        ToolFailed: `terraform-failed`: they cannot even be initialised. Unavailable: `provider-missing`.
        Invalid: `hcl-syntax`. NotFound: `output-unknown`.
    """
    copy_tree(tree, folder / root.TREE)
    everybody = members(instances, folder / root.TREE, components)
    joined = [member for member in everybody if member.reason is None]
    said = _together(terraform, folder, joined) if joined else ()
    for number, member in enumerate(each for each in everybody if each.reason is not None):
        said += _alone(terraform, folder / f"alone{number}", member, tree, components)
    return said


def _together(terraform: Terraform, folder: Path, joined: Sequence[Member]) -> tuple[Diagnostic, ...]:
    unknown: dict[str, str] = {}

    def stand_in(value: Reference | Unknown) -> str:
        return "${var." + unknown.setdefault(value.text, f"u{len(unknown)}") + "}"

    inputs = Inputs({member.key: member for member in joined}, {}, _nobody, destroy=False, stand_in=stand_in)
    names = combine.module_names(member.key for member in joined)
    calls = [
        root.call(member, names, inputs, _known_providers(member), terraform.redact, below=folder) for member in joined
    ]
    document = dict(combine.root_module(calls, {}).document)
    if unknown:
        document["variable"] = {name: {} for name in unknown.values()}
    wd = root.write(folder, document, {names[member.key]: member for member in joined}, "the instances")
    terraform.init(wd)
    return tuple(one.placed(wd) for one in terraform.validate(wd))


def _alone(terraform: Terraform, folder: Path, member: Member, tree: Path, components: str) -> tuple[Diagnostic, ...]:
    """One that cannot join a root: its code alone, without its variables, which `validate` does not look at."""
    instance = replace(member.instance, backend_type="local", backend={}, providers=_known_providers(member))
    wd = prepare(folder, tree_source=tree, instance=instance, variables={}, components=components)
    terraform.init(wd)
    return tuple(one.placed(wd) for one in terraform.validate(wd))


def _known_providers(member: Member) -> dict[str, object]:
    """The providers section; a configuration that needs a value from outside is left empty."""
    return {name: {} if _holds_unknown(body) else body for name, body in member.instance.providers.items()}


def _holds_unknown(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_unknown, value.values()))
    if isinstance(value, list):
        return any(map(_holds_unknown, value))
    return isinstance(value, HOLDERS)


def _nobody(reference: Reference) -> object:
    raise NotFound("output-missing", f"{reference.text} was not asked for", next_step="-", at=reference.at)
