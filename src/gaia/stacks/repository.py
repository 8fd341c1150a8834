"""A platform repository: the stacks, the instances in them, the errors of asking for what is not there."""

from __future__ import annotations

import posixpath
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Conflict, NotFound
from gaia.stacks.building.instances import build
from gaia.stacks.building.naming import NameMissing, stack_name
from gaia.stacks.building.stackfile import StackFile
from gaia.stacks.loading.config import Config, read_config
from gaia.stacks.loading.manifests import Manifests
from gaia.stacks.model import Instance, InstanceKey
from gaia.stacks.ports import Processing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from gaia.stacks.loading.manifests import Manifest
    from gaia.stacks.ports import Resolver


class Repository:
    """A snapshot: files are read when they are first needed, each at most once, and never again."""

    def __init__(
        self,
        config: Config,
        environ: Mapping[str, str],
        *,
        untrusted: bool,
        resolver: Resolver | None = None,
        processing: Processing | None = None,
        cache: Path | None = None,
    ) -> None:
        self.config = config
        self._resolver = resolver
        self._processing = processing or Processing()
        self._environ = dict(environ)
        self._untrusted = untrusted
        self._manifests = Manifests(config, untrusted=untrusted, cache=cache)
        self._files: dict[str, StackFile] = {}
        self._instances: dict[tuple[str, str], Instance] = {}

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        environ: Mapping[str, str] | None = None,
        untrusted: bool = False,
        resolver: Resolver | None = None,
        processing: Processing | None = None,
        cache: Path | None = None,
    ) -> Repository:
        """The repository whose `atmos.yaml` is in `path`. Nothing but that file is read yet.

        `environ` answers `!env` and may hold `ATMOS_…` variables; `untrusted` refuses functions that run commands.
        `resolver` answers functions that reach outside; without one their values stay as they are written.
        `processing` switches templates and functions off. `cache` is a folder where parsed files are kept.

        Raises:
            NotFound: `not-a-repository`.
            Invalid: a setting that cannot be used, with its position.
        """
        config = read_config(Path(path).resolve(), environ or {})
        return cls(config, environ or {}, untrusted=untrusted, resolver=resolver, processing=processing, cache=cache)

    @property
    def notices(self) -> tuple[str, ...]:
        """What was decided about the repository that its owner should know."""
        _ = self._manifests.config
        return self._manifests.notices

    @property
    def root(self) -> Path:
        """The folder of `atmos.yaml`."""
        return self.config.root

    @property
    def components_path(self) -> Path:
        """The folder of the Terraform components."""
        return self.config.components

    @cached_property
    def manifests(self) -> tuple[str, ...]:
        """The top-level manifests, relative to the stacks folder, sorted."""
        return tuple(self._manifests.top_level())

    @cached_property
    def stacks(self) -> tuple[str, ...]:
        """The names of all stacks, sorted; a stack exists as soon as its catalog is imported, before any instance."""
        names = tuple(sorted({name for path in self.manifests for name in self._stack_names(path)}))
        self._manifests.save()
        return names

    def stack_vars(self, stack: str) -> dict[str, object]:
        """The top-level vars that all manifests of a stack agree on: where it is, also before it has an instance.

        Raises:
            NotFound: `stack-unknown`, with the nearest names.
        """
        tops = [self._file(path).top.at(("vars",)) for path in self.manifests if stack in self._stack_names(path)]
        if not tops:
            raise self._unknown_stack(stack, [])
        first, *others = [top.value if top and isinstance(top.value, dict) else {} for top in tops]
        return {key: value for key, value in first.items() if all(key in o and o[key] == value for o in others)}

    @cached_property
    def instances(self) -> tuple[InstanceKey, ...]:
        """The keys of all instances that are not abstract, sorted.

        Raises:
            Invalid: a manifest cannot be read, or a component cannot be named.
        """
        return tuple(sorted({key for path in self.manifests for key in self._keys(path)}))

    @cached_property
    def all_instances(self) -> tuple[InstanceKey, ...]:
        """The keys of all instances, abstract ones too, sorted; an abstract one that cannot be named is left out."""
        found = set(self.instances)
        for path in self.manifests:
            file = self._file(path)
            for name in file.names:
                with suppress(NameMissing):
                    found.add(InstanceKey(stack_name(file, name), name))
        return tuple(sorted(found))

    def instances_of(self, manifest: str) -> tuple[InstanceKey, ...]:
        """The instances that a top-level manifest defines; its path is relative to the repository or to the stacks.

        Raises:
            NotFound: `manifest-unknown`.
        """
        wanted = posixpath.normpath(manifest)
        for path in self.manifests:
            if wanted in (path, self._manifests.shown(path), posixpath.splitext(path)[0]):
                return tuple(sorted(self._keys(path)))
        raise NotFound(
            "manifest-unknown",
            f"{manifest} is not a top-level manifest",
            next_step=_nearest(wanted, [self._manifests.shown(path) for path in self.manifests]),
        )

    def merged(self, manifest: str) -> Manifest:
        """A top-level manifest (as `manifests` names it) with its imports merged, before any instance is built."""
        return self._file(manifest).manifest

    def instance(self, component: str, stack: str, kind: str | None = None) -> Instance:
        """One component in one stack; an abstract one too. `kind` is its type; terraform and others are tried without.

        Raises:
            NotFound: `stack-unknown`, `component-unknown`, with the nearest names.
            Conflict: `duplicate-component`.
            Invalid: what is wrong with its configuration, with a position.
        """
        if kind not in (None, "terraform"):
            raise self._unknown(component, stack, ())
        if (stack, component) not in self._instances:
            self._instances[stack, component] = self._find(component, stack)
            self._manifests.save()
        return self._instances[stack, component]

    def describe_stacks(
        self,
        *,
        stack: str | None = None,
        components: Collection[str] = (),
        kinds: Collection[str] = (),
        sections: Collection[str] = (),
        include_empty: bool = False,
    ) -> dict[str, dict[str, object]]:
        """Atmos's `describe stacks` document: stack → `components` → type → name → sections.

        Each filter that is given leaves out the rest. `iter_stacks` gives the same piece by piece.

        Raises:
            GaiaError: what is wrong with any manifest, with a position.
        """
        return dict(
            self.iter_stacks(
                stack=stack, components=components, kinds=kinds, sections=sections, include_empty=include_empty
            )
        )

    def iter_stacks(
        self,
        *,
        stack: str | None = None,
        components: Collection[str] = (),
        kinds: Collection[str] = (),
        sections: Collection[str] = (),
        include_empty: bool = False,
    ) -> Iterator[tuple[str, dict[str, object]]]:
        """The stacks of `describe_stacks`, one by one in the order of their names, nothing kept."""
        self.refuse_duplicates()
        for name in [stack] if stack else self.stacks:
            found: dict[str, object] = {}
            for path in self.manifests:
                file = self._file(path)
                for component in file.names if not kinds or "terraform" in kinds else ():
                    if (components and component not in components) or stack_name(file, component) != name:
                        continue
                    document = self.instance(component, name).describe()
                    found[component] = {key: document[key] for key in document if not sections or key in sections}
            if found or include_empty:
                yield name, {"components": {"terraform": found}} if found else {}

    def refuse_duplicates(self) -> None:
        """Refuse components that two manifests of one stack define differently.

        Raises:
            Conflict: `duplicate-component`.
        """
        for key in self.instances:
            self.instance(key.component, key.stack)

    def build(self, file: StackFile, component: str) -> Instance:
        """The instance of a component as one top-level manifest has it, whatever others say.

        Raises:
            Invalid: what is wrong with its configuration, with a position.
        """
        return build(file, component, environ=self._environ, untrusted=self._untrusted)

    def _find(self, component: str, stack: str) -> Instance:
        names: set[str] = set()
        missing: list[NameMissing] = []
        found: list[StackFile] = []
        for path in self.manifests:
            file = self._file(path)
            if component not in file:
                continue
            try:
                name = stack_name(file, component)
            except NameMissing as error:
                if stack == file.manifest.name or file.config.name_template:
                    missing.append(error)
                continue
            names.add(name)
            if name == stack:
                found.append(file)
        if missing and not found:
            raise missing[0].error
        if not found:
            raise self._unknown(component, stack, names)
        built = [self.build(file, component) for file in found]
        if not built[0].abstract and any(not _equal(one, built[0]) for one in built[1:]):
            places = [str(file.component(component).position) for file in found]
            raise Conflict(
                "duplicate-component",
                f"{component} in {stack} is defined differently by {len(found)} manifests: {', '.join(places)}",
                at=found[1].component(component).position,
                next_step="Keep one of them, or give the stacks different names.",
                facts={"places": places},
            )
        return built[0]

    def _unknown(self, component: str, stack: str, stacks_of_component: Iterable[str]) -> NotFound:
        by_path = next((path for path in self.manifests if posixpath.splitext(path)[0] == stack), None)
        real = sorted({key.stack for key in self._keys(by_path)}) if by_path else []
        if stack not in self.stacks:
            return self._unknown_stack(stack, real)
        here = sorted(key.component for key in self.instances if key.stack == stack)
        elsewhere = sorted(stacks_of_component)
        hint = f"{component} is in {', '.join(elsewhere[:5])}." if elsewhere else _nearest(component, here)
        return NotFound(
            "component-unknown",
            f"the stack {stack} has no component {component!r}",
            next_step=hint,
            facts={"nearest": _close(component, here)},
        )

    def _unknown_stack(self, stack: str, real: list[str]) -> NotFound:
        return NotFound(
            "stack-unknown",
            f"there is no stack {stack!r}",
            next_step=f"This manifest's stack is {real[0]!r}." if real else _nearest(stack, self.stacks),
            facts={"nearest": real or _close(stack, self.stacks)},
        )

    def _stack_names(self, path: str) -> set[str]:
        file, names = self._file(path), set()
        for name in file.names:
            try:
                names.add(stack_name(file, name))
            except NameMissing as error:
                if not file.is_abstract(name):
                    raise error.error from error
        return names

    def _keys(self, path: str) -> list[InstanceKey]:
        file = self._file(path)
        try:
            return [InstanceKey(stack_name(file, name), name) for name in file.names if not file.is_abstract(name)]
        except NameMissing as error:
            raise error.error from error

    def _file(self, path: str) -> StackFile:
        if path not in self._files:
            self._files[path] = StackFile(self._manifests.manifest(path), self._manifests.config)
        return self._files[path]


def _equal(one: Instance, other: Instance) -> bool:
    fields = ("vars", "settings", "env", "backend", "backend_type", "metadata", "providers", "command", "dependencies")
    return all(getattr(one, field) == getattr(other, field) for field in fields)


def _close(name: str, known: Iterable[str]) -> list[str]:
    import difflib

    return difflib.get_close_matches(name, list(known), n=3)


def _nearest(name: str, known: Iterable[str]) -> str:
    known = list(known)
    near = _close(name, known)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return f"Known: {', '.join(known[:8])}{' …' if len(known) > 8 else ''}." if known else "There are none."
