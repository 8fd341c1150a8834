"""Where a stack is: the tenant and the stage that roles are given for, and what templates are told besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid

if TYPE_CHECKING:
    from gaia.stacks.repository import Repository

ALL = "all"
"""The tenant, or the stage, of stacks of which nothing says one."""
_SCOPE = ("tenant", "stage")


def scope_of(repository: Repository, stack: str) -> dict[str, str]:
    """`tenant`, `environment`, `stage` and `region` of a stack, in the words that its manifests use.

    Environment and region are empty where no variable of that name says them. Tenant and stage, each for itself:
    `settings.gaia.scope` of the stack; the variable of that name, which all its manifests agree on; the part of its
    name that `name_pattern` made of it; `gaia.scope` of `atmos.yaml`; `all`.

    Raises:
        NotFound: `stack-unknown`, with the nearest names.
        Invalid: `scope-invalid`.
    """
    variables = repository.stack_vars(stack)
    gaia = repository.stack_vars(stack, "settings").get("gaia")
    told = _told(gaia.get("scope") if isinstance(gaia, dict) else None, f"settings.gaia.scope of {stack}")
    general = _told(repository.config.setting("gaia", "scope"), "gaia.scope of the configuration")
    known = {name: value for name, value in variables.items() if isinstance(value, str) and value}
    scope = dict.fromkeys(_SCOPE, ALL) | general | _by_pattern(repository, stack) | known | told
    return {name: scope[name] for name in _SCOPE} | {name: known.get(name, "") for name in ("environment", "region")}


def _by_pattern(repository: Repository, stack: str) -> dict[str, str]:
    """What the name says where only components set the variables; nothing where a value has a dash in it."""
    from gaia.stacks.building.naming import TOKENS

    config = repository.config
    if config.name_template:
        return {}
    tokens = [part[1:-1] for part in config.name_pattern.split("-") if part in {f"{{{one}}}" for one in TOKENS}]
    parts = stack.split("-")
    return dict(zip(tokens, parts, strict=True)) if len(tokens) == len(parts) else {}


def _told(scope: object, where: str) -> dict[str, str]:
    if scope is None:
        return {}
    fits = isinstance(scope, dict) and scope.keys() <= set(_SCOPE)
    if not fits or not all(isinstance(one, str) and one for one in scope.values()):  # type: ignore[attr-defined]
        raise Invalid(
            "scope-invalid",
            f"{where} is not a map of tenant and stage to texts",
            next_step="Write it as `scope: {tenant: acme, stage: dev}`; either may be left out.",
        )
    return scope  # type: ignore[return-value]
