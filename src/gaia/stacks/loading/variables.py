"""The `ATMOS_…` variables that beat `atmos.yaml`, and where in it each belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid, Position

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TEXT, LIST, FLAG = "text", "list", "flag"
TYPES = ("terraform", "helmfile", "packer", "ansible")

VARIABLES: dict[str, tuple[str, str]] = {
    "ATMOS_BASE_PATH": ("base_path", TEXT),
    "ATMOS_STACKS_BASE_PATH": ("stacks.base_path", TEXT),
    "ATMOS_STACKS_INCLUDED_PATHS": ("stacks.included_paths", LIST),
    "ATMOS_STACKS_EXCLUDED_PATHS": ("stacks.excluded_paths", LIST),
    "ATMOS_STACKS_NAME_PATTERN": ("stacks.name_pattern", TEXT),
    "ATMOS_STACKS_NAME_TEMPLATE": ("stacks.name_template", TEXT),
    **{
        f"ATMOS_COMPONENTS_{one.upper()}_{key.upper()}": (f"components.{one}.{key}", TEXT)
        for one in TYPES
        for key in ("command", "base_path")
    },
    "ATMOS_COMPONENTS_TERRAFORM_APPLY_AUTO_APPROVE": ("components.terraform.apply_auto_approve", FLAG),
    "ATMOS_COMPONENTS_TERRAFORM_DEPLOY_RUN_INIT": ("components.terraform.deploy_run_init", FLAG),
    "ATMOS_COMPONENTS_TERRAFORM_INIT_RUN_RECONFIGURE": ("components.terraform.init_run_reconfigure", FLAG),
    "ATMOS_COMPONENTS_TERRAFORM_INIT_PASS_VARS": ("components.terraform.init.pass_vars", FLAG),
    "ATMOS_COMPONENTS_TERRAFORM_PLAN_SKIP_PLANFILE": ("components.terraform.plan.skip_planfile", FLAG),
    "ATMOS_COMPONENTS_TERRAFORM_AUTO_GENERATE_BACKEND_FILE": ("components.terraform.auto_generate_backend_file", FLAG),
    "ATMOS_COMPONENTS_TERRAFORM_APPEND_USER_AGENT": ("components.terraform.append_user_agent", TEXT),
    "ATMOS_WORKFLOWS_BASE_PATH": ("workflows.base_path", TEXT),
    "ATMOS_SCHEMAS_JSONSCHEMA_BASE_PATH": ("schemas.jsonschema.base_path", TEXT),
    "ATMOS_SCHEMAS_OPA_BASE_PATH": ("schemas.opa.base_path", TEXT),
    "ATMOS_SCHEMAS_CUE_BASE_PATH": ("schemas.cue.base_path", TEXT),
    "ATMOS_SCHEMAS_ATMOS_MANIFEST": ("schemas.atmos.manifest", TEXT),
    "ATMOS_SETTINGS_LIST_MERGE_STRATEGY": ("settings.list_merge_strategy", TEXT),
    "ATMOS_VENDOR_BASE_PATH": ("vendor.base_path", TEXT),
    "ATMOS_LOGS_LEVEL": ("logs.level", TEXT),
    "ATMOS_LOGS_FILE": ("logs.file", TEXT),
    "ATMOS_DESCRIBE_COMPONENT_FILTER": ("describe.component.filter", TEXT),
    "ATMOS_DESCRIBE_PROVENANCE": ("describe.provenance", FLAG),
    "GAIA_COMPAT": ("gaia.compat", TEXT),
}
_TRUE, _FALSE = ("1", "t", "true"), ("0", "f", "false")


def overrides(environ: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Each variable that is set and not empty, as the tree that it stands for.

    Raises:
        Invalid: `config-type` for a flag that is neither true nor false.
    """
    for name, (path, kind) in VARIABLES.items():
        text = environ.get(name)
        if not text:
            continue
        value: object = text
        if kind == LIST:
            value = [one.strip() for one in text.split(",") if one.strip()]
        elif kind == FLAG:
            value = _flag(name, text)
        for key in reversed(path.split(".")):
            value = {key: value}
        if isinstance(value, dict):
            yield name, value


def _flag(name: str, text: str) -> bool:
    if text.lower() not in (*_TRUE, *_FALSE):
        raise Invalid(
            "config-type",
            f"{name} must be true or false, not {text!r}",
            at=Position(name, 1),
            next_step="Give true or false.",
        )
    return text.lower() in _TRUE
