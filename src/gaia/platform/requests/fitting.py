"""How what a template renders fits a repository that is laid out otherwise than the blueprint.

`stacks/` in a template stands for the repository's stacks folder. A template of Gaia's package is written for the
blueprint: in another layout its manifest is put beside those of the stack, imports what they import, and repeats the
variables that name the stack; what it cannot do without is looked for, and said where it is missing.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit.shapes import as_map
from gaia.platform.scope import told_of
from gaia.scaffold.render import written_import
from gaia.stacks.building.naming import TOKENS
from gaia.stacks.loading.files import selector
from gaia.stacks.loading.globs import is_glob
from gaia.stacks.loading.imports import stem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gaia.platform.snapshot import Snapshot, StackScope
    from gaia.scaffold.render import Rendered
    from gaia.stacks.building.stackfile import StackFile
    from gaia.stacks.repository import Repository

_VARIABLE = re.compile(r"\.vars\.([A-Za-z_][A-Za-z0-9_]*)")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_SUFFIXES = (".yaml", ".yml")
_Way = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""What a manifest imports: paths, each with the names of the stack that it hands on."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a manifest needs to be one of a stack's."""

    imports: tuple[str, ...]
    """As they are written (`gaia.scaffold.render.written_import`), relative to the stacks folder."""
    vars: tuple[tuple[str, str], ...] = ()
    """Variables that name the stack, where no import gives them."""
    scope: tuple[tuple[str, str], ...] = ()
    """What the stack's settings say its tenant and stage are: each manifest says it, none alone."""


@dataclass(frozen=True, slots=True)
class _Brought:
    """What a service has by importing what another manifest of its stack imports."""

    imports: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()
    """Variables that name the stack."""
    bases: int = 0
    """How many components there are to inherit from."""


def ground_of(repository: Repository, stack: str, scope: StackScope) -> Ground:
    """What a service's manifest in a stack imports and sets.

    Where tenant and stage have defaults by the name that Atmos gives them, those; else what that manifest of the stack
    imports which thereby has most to inherit from, but for what has a component that would come along. Of an import's
    context the service hands on what names the stack, and none of what was chosen for its environment.
    """
    told = tuple(sorted(told_of(repository, stack).items()))
    defaults = f"orgs/{scope.tenant}/{scope.stage}/_defaults"
    if (repository.config.stacks / f"{defaults}.yaml").is_file():
        return Ground((defaults,), scope=told)
    wanted = {*TOKENS, "region", *_VARIABLE.findall(repository.config.name_template)}
    known = repository.stack_vars(stack)
    names = {one: v for one in sorted(wanted) if isinstance(v := known.get(one), str) and _PLAIN.fullmatch(v)}
    ways = dict.fromkeys(_way(repository, manifest, names) for manifest in repository.manifests_of(stack))
    brought = (_brought(repository, way, names) for way in ways)
    best = max(brought, key=lambda one: (one.bases, len(one.given)), default=_Brought())
    left = tuple((name, value) for name, value in names.items() if name not in best.given)
    return Ground(best.imports, left, told)


def fitted(snapshot: Snapshot, stack: str, service: str, made: Rendered) -> Rendered:
    """`made` where the repository has it: below its stacks folder, selected by its `included_paths`.

    Raises:
        Invalid: `template-does-not-fit`, of a template of the package.
    """
    repository = snapshot.repository
    base = repository.config.stacks.relative_to(snapshot.tree).as_posix()
    path = made.manifest.removeprefix("stacks/")
    if is_packaged(snapshot.tree):
        path = next(filter(selector(repository.config), _places(repository, stack, service, path)), "")
        if not path:
            raise _unfit(
                f"stacks.included_paths select no place for a manifest of a service in {stack}",
                "Set gaia.services in atmos.yaml to a folder below the stacks folder in which they select manifests.",
            )
        _check_needs(snapshot, stack, made)
    target = posixpath.normpath(f"{base}/{path}")
    if target == made.manifest:
        return made
    return replace(
        made,
        files={target: made.files[made.manifest]},
        manifest=target,
        origins={target: made.origins[made.manifest]} if made.manifest in made.origins else {},
    )


def is_packaged(tree: Path) -> bool:
    """Whether the templates of a repository are those of Gaia's package."""
    from gaia.scaffold.template import folder_of

    return not folder_of(tree).is_relative_to(tree)


def _places(repository: Repository, stack: str, service: str, path: str) -> Iterator[str]:
    """Where the manifest may be, the best place first."""
    chosen = repository.config.setting("gaia", "services")
    if isinstance(chosen, str) and chosen:
        yield posixpath.normpath(f"{chosen}/{stack.replace('/', '-')}/{service}.yaml")
        yield posixpath.normpath(f"{chosen}/{stack.replace('/', '-')}-{service}.yaml")
        return
    if (repository.config.stacks / posixpath.dirname(posixpath.dirname(path))).is_dir():
        yield path
    for manifest in repository.manifests_of(stack):
        folder = posixpath.dirname(manifest)
        yield posixpath.join(folder, f"services/{service}.yaml")
        yield posixpath.join(folder, f"{posixpath.basename(stem(manifest))}-{service}.yaml")
    yield path


def _imports(repository: Repository, manifest: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The files that a manifest imports by their plain paths, and the context that it hands each."""
    written = repository.written(manifest).value if manifest else None
    listed = written.get("import") if isinstance(written, dict) else None
    for one in listed if isinstance(listed, list) else ():
        entry = {"path": one} if isinstance(one, str) else as_map(one)
        path = entry.get("path")
        if not isinstance(path, str) or entry.keys() - {"path", "context"} or is_glob(path) or "{{" in path:
            continue
        if path.split("/", 1)[0] in (".", ".."):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(manifest), path))
        spellings = (path, *(path + suffix for suffix in _SUFFIXES))
        found = next((one for one in spellings if (repository.config.stacks / one).is_file()), None)
        if found is not None:
            yield found, as_map(entry.get("context"))


def _way(repository: Repository, manifest: str, names: Mapping[str, str]) -> _Way:
    """The manifests of many services import the same."""
    return tuple(
        (path, tuple((name, value) for name, value in names.items() if handed.get(name) == value))
        for path, handed in _imports(repository, manifest)
    )


def _brought(repository: Repository, way: _Way, names: Mapping[str, str]) -> _Brought:
    imports: list[str] = []
    given: set[str] = set()
    bases = 0
    for path, handed in way:
        context = dict(handed)
        if (file := _importable(repository, path, context)) is not None:
            imports.append(written_import(stem(path), context))
            gives = as_map(file.tree.get("vars"))
            given |= {name for name in context if gives.get(name) == names[name]}
            bases += len(list(file.members()))
    return _Brought(tuple(imports), frozenset(given), bases)


def _importable(repository: Repository, path: str, context: Mapping[str, object]) -> StackFile | None:
    """What an import brings; None of one that a service cannot have.

    That is where a component is not abstract, since its instances would be the service's too, and where the file needs
    more of the context than names.
    """
    try:
        file = repository.assembler.imported(path, context)
    except Invalid as error:
        if context and error.code.startswith("template-"):
            return None
        raise
    return file if all(file.is_abstract(kind, name) for kind, name in file.members()) else None


def _check_needs(snapshot: Snapshot, stack: str, made: Rendered) -> None:
    """Refuse what would only fail later, in words about its own lines."""
    from gaia.kit import yaml

    repository = snapshot.repository
    document = yaml.parse(made.files[made.manifest], made.manifest, lambda _, value, __: value).value
    components = _components(document)
    named = {_text(one, "component") or name for name, one in components.items()}
    folders = sorted(one for one in named if not (repository.components_path / one).is_dir())
    known = {name for path in repository.manifests_of(stack) for _, name in repository.assembler.file(path).members()}
    bases = {base for one in components.values() for base in _bases(one)} - components.keys()
    missing = sorted(bases - known)
    if folders or missing:
        what = [f"no code of {', '.join(folders)} in {snapshot.components}"] if folders else []
        what += [f"no component {', '.join(missing)} to inherit from in {stack}"] if missing else []
        raise _unfit(
            f"this repository has {' and '.join(what)}",
            "Copy them from a repository that Gaia makes, or give this one templates of its own in templates/.",
        )
    inline = [path for path in repository.manifests_of(stack) if _has_terraform(repository.written(path).value)]
    if inline and not (repository.config.stacks / "orgs").is_dir():
        raise _unfit(
            f"{inline[0]} says the backend, or what else its section `terraform` holds, where no other manifest has it",
            "Move the section into a file of its own that it imports; a service's manifest imports that too.",
        )


def _components(document: object) -> Mapping[str, object]:
    found = document.get("components") if isinstance(document, dict) else None
    found = found.get("terraform") if isinstance(found, dict) else None
    return as_map(found)


def _text(component: object, key: str) -> str:
    metadata = component.get("metadata") if isinstance(component, dict) else None
    value = metadata.get(key) if isinstance(metadata, dict) else None
    return value if isinstance(value, str) else ""


def _bases(component: object) -> list[str]:
    metadata = component.get("metadata") if isinstance(component, dict) else None
    listed = metadata.get("inherits") if isinstance(metadata, dict) else None
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []


def _has_terraform(written: object) -> bool:
    return isinstance(written, dict) and bool(written.get("terraform"))


def _unfit(why: str, step: str) -> Invalid:
    return Invalid("template-does-not-fit", f"the template of Gaia's package does not fit here: {why}", next_step=step)
