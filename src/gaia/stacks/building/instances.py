"""Finishing a built component: templates, then functions; and the instance that is handed out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.kit.scalars import whole
from gaia.kit.shapes import map_at
from gaia.stacks.building import sources, workspaces
from gaia.stacks.building.functions import UNSET, Functions
from gaia.stacks.building.places import Places
from gaia.stacks.building.traits import APPEND, FUNCTION, TEMPLATE, WHOLE
from gaia.stacks.loading.tags import function_of
from gaia.stacks.model import RESOLVED, Instance, InstanceKey, Origin, Reference, written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gaia.errors import Position
    from gaia.stacks.building.built import Built
    from gaia.stacks.building.functions import World
    from gaia.stacks.building.templating import Renderer

    Path = tuple[str | int, ...]

REFERRING = ("vars", "providers")


@dataclass(frozen=True, slots=True)
class Finished:
    """A component with everything resolved. Knows where its values come from."""

    built: Built
    document: dict[str, object]
    references: tuple[tuple[Path, Reference], ...]
    open: bool
    """Whether values may be left that only something outside can give."""

    def explain(self, path: Sequence[str | int]) -> Origin:
        """As `Instance.explain`."""
        return Places(self.built).explain(path, self.document)

    def describe(self) -> dict[str, object]:
        """As `Instance.describe`."""
        return {**self.listing(), **{key: whole(value) for key, value in sources.accounts(self.built).items()}}

    def listing(self) -> dict[str, object]:
        """The document as JSON data, without the account of files."""
        if not self.open:
            return self.document
        return {key: written(value) for key, value in self.document.items()}


def finish(
    built: Built, world: World, renderer: Callable[[], Renderer], describe: Callable[[str, str], dict[str, object]]
) -> Finished:
    """Render the templates of a component and resolve its functions, where it has any.

    `describe(component, stack)` gives the document of another instance, for `atmos.Component`.

    Raises:
        GaiaError: what goes wrong at a value, with its position.
    """
    document, traits, deferred = built.document, built.fold.traits, built.fold.deferred
    places = Places(built)
    if template := workspaces.template(built):
        document["workspace"] = _workspace(template, built, renderer())
    if traits & TEMPLATE and world.processing.templates and built.file.config.templates:
        document, deferred = _rendered(built, world, renderer(), places, describe)
        if document is not built.document:
            traits |= FUNCTION | WHOLE
    if not traits & (FUNCTION | APPEND) or not world.processing.functions:
        return Finished(built, _shown(document, traits), (), traits & (APPEND | TEMPLATE) != 0)
    functions = Functions(world, component=built.name, stack=built.stack, document=document, locate=places.locate)
    result = {key: functions.walk(value, (key,)) for key, value in document.items()}
    for path, values in deferred.items():
        _set(result, path, functions.meet(values, path, built.fold.strategy))
    result = {key: value for key, value in result.items() if value is not UNSET}
    references = tuple(one for one in functions.references if one[0][0] in REFERRING)
    return Finished(built, _shown(result, traits), references, True)


def _shown(document: dict[str, object], traits: int) -> dict[str, object]:
    """The document with its numbers as JSON has them: until here templates had to see the floats."""
    return {key: whole(value) for key, value in document.items()} if traits & WHOLE else document


def _rendered(
    built: Built,
    world: World,
    renderer: Renderer,
    places: Places,
    describe: Callable[[str, str], dict[str, object]],
) -> tuple[dict[str, object], dict[tuple[str, ...], list[object]]]:
    """The document, and the functions that meet values of other layers, which are no part of it until they have run."""
    from gaia.stacks.building.templating import ASIDE

    settings = map_at(map_at(map_at(built.document, "settings"), "templates"), "settings")

    def atmos() -> object:
        from gaia.stacks.building.atmosfunctions import namespace

        functions = Functions(
            world, component=built.name, stack=built.stack, document=built.document, locate=places.locate
        )
        return namespace(built, functions, world.resolver, places.locate, describe, switched.get("datasource"))

    switched = renderer.functions(settings)
    functions = {**switched, "atmos": atmos}
    deferred, paths = built.fold.deferred, list(built.fold.deferred)
    document = built.document
    if deferred:
        held: list[object] = [[one if _is_function(one) else None for one in deferred[path]] for path in paths]
        document = document | {ASIDE: held}

    def locate(path: Sequence[str | int]) -> Position:
        return places.locate(paths[int(path[1])] if path[:1] == (ASIDE,) else path)

    rendered = renderer.document(document, functions, locate, lambda: _accounts(built))
    if rendered is document:
        return built.document, deferred
    texts = rendered.pop(ASIDE, None)
    if not isinstance(texts, list):
        return rendered, deferred
    return rendered, {
        path: [old if new is None else new for old, new in zip(deferred[path], texts[index], strict=True)]
        for index, path in enumerate(paths)
    }


def _is_function(value: object) -> bool:
    return isinstance(value, str) and function_of(value) is not None


def _accounts(built: Built) -> dict[str, object]:
    """What a template may look at, made only for one that does."""
    return {**sources.accounts(built), "atmos_cli_config": built.file.config.setting()}


def _workspace(template: str, built: Built, renderer: Renderer) -> str:
    place = "metadata.terraform_workspace_template"
    return renderer.name(template, built.document, place, strict=False).replace("/", "-")


def _set(document: dict[str, object], path: Path, value: object) -> None:
    """Put a value where it belongs; the maps on the way are shared with other instances and so copied."""
    holder = document
    for key in path[:-1]:
        inner = holder.get(str(key))
        copy = dict(inner) if isinstance(inner, dict) else {}
        holder[str(key)] = copy
        holder = copy
    if value is UNSET:
        holder.pop(str(path[-1]), None)
    else:
        holder[str(path[-1])] = value


def told_apart(found: Instance) -> dict[str, object]:
    """The document of an instance, in which what is not known stands as what it is and not as its text."""
    document = found.describe()
    return document | {name: getattr(found, name) for name in RESOLVED if name in document}


def instance(finished: Finished) -> Instance:
    """What is handed out of a finished component."""
    built, document = finished.built, finished.document
    metadata = map_at(document, "metadata")
    inheritance = document["inheritance"]
    return Instance(
        key=InstanceKey(built.stack, built.name),
        kind=built.kind.name,
        component_path=built.folder,
        vars=map_at(document, "vars"),
        settings=map_at(document, "settings"),
        env=map_at(document, "env"),
        metadata=metadata,
        providers=map_at(document, "providers"),
        backend_type=str(document.get("backend_type", "")),
        backend=map_at(document, "backend"),
        dependencies=map_at(document, "dependencies"),
        workspace=str(document.get("workspace", "")),
        command=str(document.get("command", "")),
        inheritance=tuple(inheritance) if isinstance(inheritance, list) else (),
        imports=built.file.imports,
        manifest=built.file.manifest.name,
        varfile_name=f"{built.stem}.terraform.tfvars.json",
        planfile_name=f"{built.stem}.planfile",
        abstract=built.file.is_abstract(built.kind.name, built.name),
        enabled=metadata.get("enabled") is not False,
        references=finished.references,
        provenance=finished,
    )
