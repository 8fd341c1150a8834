"""`atlantis generate repo-config`: the file that tells Atlantis about every instance, as Atmos writes it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit.shapes import as_map
from gaia.stacks.building import workspaces
from gaia.stacks.building.integrations import atlantis_project, context, unknown, with_context
from gaia.stacks.building.kinds import TERRAFORM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gaia.stacks.building.built import Built
    from gaia.stacks.repository import Repository

    Wanted = Callable[[str, str, str], bool]
    """Whether a component, in a stack, of a manifest is meant."""

TOP = ("version", "automerge", "parallel_plan", "parallel_apply", "allowed_regexp_prefixes")
OPTIONAL = ("delete_source_branch_on_merge",)
OF_PROJECTS = ("terraform_version", "delete_source_branch_on_merge", "apply_requirements", "workflow")


def repo_config(
    repository: Repository, wanted: Wanted, *, config_template: str = "", project_template: str = ""
) -> dict[str, object]:
    """The content of `atlantis.yaml`. Templates are named, or come from `settings.atlantis` of the components.

    Raises:
        Invalid: `atlantis-template-unknown`, `atlantis-template-missing`, or what is wrong with a component.
    """
    projects: list[dict[str, object]] = []
    section: Mapping[str, object] = {}
    for built in _instances(repository):
        section = as_map(as_map(built.document.get("settings")).get("atlantis")) or section
        if wanted(built.name, built.stack, built.file.manifest.name):
            projects.append(_project(repository, built, project_template))
    listed = as_map(repository.config.setting("integrations", "atlantis", "config_templates"))
    name = config_template or str(section.get("config_template_name") or "")
    own = {} if config_template else as_map(section.get("config_template"))
    if name and not own and name not in listed:
        raise unknown("config", name, listed)
    template = own or as_map(listed.get(name))
    if not template:
        raise _missing("a config template", "--config-template", "config_template")
    found: dict[str, object] = {key: template.get(key, _empty(key)) for key in TOP}
    found |= {key: template[key] for key in OPTIONAL if template.get(key)}
    found["projects"] = projects
    workflows = as_map(section.get("workflow_templates")) or as_map(
        repository.config.setting("integrations", "atlantis", "workflow_templates")
    )
    return found | ({"workflows": workflows} if workflows else {})


def _instances(repository: Repository) -> Iterator[Built]:
    """Every Terraform component that is not abstract, by manifest and name; its templates are not rendered."""
    assembler = repository.assembler
    for path in repository.manifests:
        file = assembler.file(path)
        for name in sorted(file.names(TERRAFORM.name)):
            if not file.is_abstract(TERRAFORM.name, name):
                yield assembler.builder.build(file, TERRAFORM.name, name, by_path=True)


def _project(repository: Repository, built: Built, name: str) -> dict[str, object]:
    template = atlantis_project(built, name)
    if not template:
        raise _missing(f"a project template of {built.name} in {built.stack}", "--project-template", "project_template")
    component = str(built.document["component"])
    folder = repository.components_path / component
    tokens = context(built) | {
        "component-path": os.path.relpath(folder, repository.root),
        "base-component": component if component != built.name else "",
        "workspace": workspaces.of_run(built),
    }
    autoplan = as_map(template.get("autoplan"))
    modified = autoplan.get("when_modified")
    return {
        **{key: with_context(str(template.get(key) or ""), tokens) for key in ("name", "workspace", "dir")},
        **{key: template[key] for key in OF_PROJECTS if template.get(key)},
        "autoplan": {
            "enabled": autoplan.get("enabled") is True,
            "when_modified": [with_context(str(one), tokens) for one in modified] if isinstance(modified, list) else [],
        },
    }


def _empty(key: str) -> object:
    return 0 if key == "version" else [] if key == "allowed_regexp_prefixes" else False


def _missing(what: str, option: str, setting: str) -> Invalid:
    return Invalid(
        "atlantis-template-missing",
        f"{what} for Atlantis is not given",
        next_step=f"Give {option}, or set settings.atlantis.{setting} or {setting}_name in the manifests.",
    )
