"""Where a stack is: the tenant and the stage that roles are given for, and what templates are told besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Conflict, Invalid
from gaia.kit.shapes import as_map

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.stacks.repository import Repository

ALL = "all"
"""The tenant, or the stage, of stacks of which nothing says one."""
_SCOPE = ("tenant", "stage")


def scope_of(repository: Repository, stack: str) -> dict[str, str]:
    """`tenant`, `environment`, `stage` and `region` of a stack, in the words that its manifests use.

    Environment and region are empty where no variable of that name says them. Tenant and stage, each for itself:
    `settings.gaia.scope` of any manifest of the stack; the variable of that name; the part of its name that
    `name_pattern` made of it; `gaia.scope` of `atmos.yaml`; `all`. What one manifest says holds for the stack, also
    where others say nothing: no service that is added to it takes its rules away.

    Raises:
        NotFound: `stack-unknown`, with the nearest names.
        Invalid: `scope-invalid`. Conflict: `scope-differs`, where two manifests say different things.
    """
    variables, told = repository.sections(stack), told_of(repository, stack)
    known = {name: value for name, value in repository.stack_vars(stack).items() if isinstance(value, str) and value}
    general = _told(repository.config.setting("gaia", "scope"), "gaia.scope of the configuration")
    named = {
        path: {one: v for one in _SCOPE if isinstance(v := said.get(one), str) and v}
        for path, said in variables.items()
    }
    agreed = _agreed(
        stack, "vars", {path: {n: v for n, v in said.items() if n not in told} for path, said in named.items()}
    )
    scope = dict.fromkeys(_SCOPE, ALL) | general | _by_pattern(repository, stack) | agreed | told
    return {name: scope[name] for name in _SCOPE} | {name: known.get(name, "") for name in ("environment", "region")}


def told_of(repository: Repository, stack: str) -> dict[str, str]:
    """What `settings.gaia.scope` of a stack's manifests says; raises as `scope_of`."""
    said = {}
    for path, settings in repository.sections(stack, "settings").items():
        scope = as_map(settings.get("gaia")).get("scope")
        said[path] = _told(scope, f"settings.gaia.scope of {stack} ({path})")
    return _agreed(stack, "settings.gaia.scope", said)


def _agreed(stack: str, where: str, said: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What manifests say together, by their paths: two that differ would make one of them a dead letter."""
    found: dict[str, tuple[str, str]] = {}
    for path, scope in sorted(said.items()):
        for name, value in scope.items():
            first, before = found.setdefault(name, (path, value))
            if before != value:
                raise Conflict(
                    "scope-differs",
                    f"the {name} of {stack} is {before!r} by {where} in {first}, and {value!r} in {path}",
                    next_step=f"Say one {name} for the whole stack: who may act there, and who approves, goes by it.",
                )
    return {name: value for name, (_, value) in found.items()}


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
