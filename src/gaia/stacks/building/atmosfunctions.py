"""`atmos.Component`, `atmos.Store` and `atmos.Resolve`: what templates may ask of other instances and of the world."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.golang.gotemplate import Namespace
from gaia.golang.gotemplate.values import Object
from gaia.kit.shapes import as_map
from gaia.stacks.loading.tags import not_supported
from gaia.stacks.model import HOLDERS, Reference
from gaia.stacks.ports import Call, Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gaia.errors import Position
    from gaia.stacks.building.built import Built
    from gaia.stacks.building.functions import Functions
    from gaia.stacks.ports import Resolver


class _Outputs(Object):
    """Outputs that nobody knows: whatever reads them stays as it is written."""

    go_type = "map[string]interface {}"

    def member(self, name: str) -> object:
        """Not known."""
        del name
        raise Unanswered

    def __str__(self) -> str:
        raise Unanswered


def namespace(
    built: Built,
    functions: Functions,
    resolver: Resolver | None,
    locate: Callable[[Sequence[str | int]], Position],
    describe: Callable[[str, str], dict[str, object]],
    source: Callable[..., object] | None,
) -> Namespace:
    """The functions for the templates of one instance; `describe(component, stack)` gives another one's document.

    `source` is gomplate's `datasource`, where that is switched on.
    """

    configured = built.file.config.setting("stores")
    stores = as_map(configured)

    def component(name: str, stack: str) -> object:
        document = dict(describe(name, stack))
        outputs: object = _Outputs()
        if resolver is not None:
            at = locate(())
            with suppress(Unanswered):
                outputs = resolver.terraform(Reference("terraform.output", name, stack, ".", "atmos.Component", at))
        return document | {"outputs": outputs}

    def store(name: str, stack: str, of: str, key: str) -> object:
        if name not in stores:
            raise Invalid(
                "function-failed",
                f"atmos.Store: there is no store {name!r}",
                at=locate(()),
                next_step="Stores are configured under `stores:` in atmos.yaml.",
            )
        if resolver is None:
            raise Unanswered
        at = locate(())
        return resolver.store(Call("store", (name, stack, of, key), "atmos.Store", built.name, built.stack, at))

    def resolve(text: str) -> object:
        value = functions.walk(text if text[:1] == "!" else f"!{text}", ())
        if isinstance(value, HOLDERS):
            raise Unanswered
        return value

    def datasource(alias: str, *arguments: str) -> object:
        if source is None:
            step = "Set templates.settings.gomplate.enabled in atmos.yaml."
            raise not_supported(f"atmos.GomplateDatasource {alias} without gomplate", locate(()), step)
        return source(alias, *arguments)

    return Namespace(
        "atmos", {"Component": component, "Store": store, "Resolve": resolve, "GomplateDatasource": datasource}
    )
