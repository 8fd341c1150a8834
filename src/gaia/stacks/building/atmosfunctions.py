"""`atmos.Component`, `atmos.Store` and `atmos.Resolve`: what templates may ask of other instances and of the world."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from gaia.errors import Invalid
from gaia.golang.gotemplate import Namespace
from gaia.golang.gotemplate.values import Object
from gaia.kit.shapes import as_map
from gaia.stacks.loading.tags import not_supported
from gaia.stacks.model import HOLDERS, Reference, holders
from gaia.stacks.ports import Call, Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gaia.errors import Position
    from gaia.stacks.building.built import Built
    from gaia.stacks.building.functions import Functions
    from gaia.stacks.model import Unknown
    from gaia.stacks.ports import Resolver


class _Outputs(dict[str, object]):
    """Outputs that nobody knows: whatever looks at them stays as it is written."""

    def __init__(self, whole: Reference) -> None:
        super().__init__()
        self._whole = whole

    def get(self, name: str, default: object = None) -> NoReturn:
        """Not known."""
        del default
        raise Unanswered(needs=(replace(self._whole, expression=f".{name}"),))

    def _unknown(self, *_: object) -> NoReturn:
        raise Unanswered(needs=(self._whole,))

    __getitem__ = get
    __bool__ = __len__ = __iter__ = __contains__ = __eq__ = __str__ = __repr__ = _unknown
    keys = values = items = copy = _unknown
    __hash__ = None


class _Open(Object):
    """A value of another instance that nobody knows: it is never the text that stands for it."""

    def __init__(self, holder: Reference | Unknown) -> None:
        self._needs = (holder,) if isinstance(holder, Reference) else holder.needs

    def member(self, name: str) -> object:
        """Not known."""
        del name
        raise Unanswered(needs=self._needs)

    @property
    def is_true(self) -> bool:
        """Not known either."""
        raise Unanswered(needs=self._needs)

    def __str__(self) -> str:
        raise Unanswered(needs=self._needs)


def veiled(value: object) -> object:
    """`value`, in which what is not known cannot be read by a template."""
    if isinstance(value, HOLDERS):
        return _Open(value)
    if isinstance(value, dict):
        return {key: veiled(inner) for key, inner in value.items()} if any(holders(value)) else value
    return [veiled(inner) for inner in value] if isinstance(value, list) else value


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
        whole = Reference("terraform.output", name, stack, ".", "atmos.Component", locate(()))
        outputs: object = _Outputs(whole)
        if resolver is not None:
            with suppress(Unanswered):
                outputs = resolver.terraform(whole)
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
            raise Unanswered(needs=(value,) if isinstance(value, Reference) else value.needs)
        return value

    def datasource(alias: str, *arguments: str) -> object:
        if source is None:
            step = "Set templates.settings.gomplate.enabled in atmos.yaml."
            raise not_supported(f"atmos.GomplateDatasource {alias} without gomplate", locate(()), step)
        return source(alias, *arguments)

    return Namespace(
        "atmos", {"Component": component, "Store": store, "Resolve": resolve, "GomplateDatasource": datasource}
    )
