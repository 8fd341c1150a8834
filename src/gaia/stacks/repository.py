"""A platform repository: the stacks, the instances in them, the errors of asking for what is not there."""

from __future__ import annotations

import posixpath
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

from gaia.errors import GaiaError, NotFound
from gaia.kit.files import real_path
from gaia.kit.scalars import whole
from gaia.kit.shapes import as_map
from gaia.stacks.building.assembler import Assembler, Wanted
from gaia.stacks.building.instances import instance, told_apart
from gaia.stacks.building.kinds import KINDS, TERRAFORM
from gaia.stacks.building.naming import NameMissing
from gaia.stacks.failures import Failures
from gaia.stacks.index import Index
from gaia.stacks.loading.config import Config, read_config
from gaia.stacks.loading.manifests import Manifests
from gaia.stacks.model import Instance, InstanceKey
from gaia.stacks.nearest import Nowhere, nearest
from gaia.stacks.ports import Filters, Processing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from gaia.kit.yaml import Document
    from gaia.stacks.building.stackfile import Group, StackFile
    from gaia.stacks.loading.config_tags import Execute
    from gaia.stacks.loading.manifests import Manifest
    from gaia.stacks.model import Reference
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
        self._manifests = Manifests(
            config,
            untrusted=untrusted,
            cache=cache,
            answer=lambda text, at: self.assembler.answer(text, at),  # noqa: PLW0108 -- it is made below
        )
        self.assembler = Assembler(
            config,
            self._manifests,
            environ=dict(environ),
            untrusted=untrusted,
            resolver=resolver,
            processing=processing or Processing(),
            describe=self.described,
        )
        self._instances: dict[tuple[str, str, str | None], Instance] = {}
        self.failures: Failures | None = None
        """What could not be built so far, of a forgiving repository; of others every mistake is raised."""

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
        execute: Execute | None = None,
    ) -> Repository:
        """The repository whose `atmos.yaml` is in `path`. Nothing but that file is read yet.

        `environ` answers `!env` and may hold `ATMOS_…` variables; `untrusted` refuses functions that run commands.
        `resolver` answers functions that reach outside; without one their values stay as they are written.
        `processing` switches templates and functions off. `cache` is a folder where parsed files are kept. `execute`
        runs what `!exec` in `atmos.yaml` names, where the resolver does not.

        Raises:
            NotFound: `not-a-repository`. Invalid: a setting that cannot be used, with its position.
        """
        execute = execute or (resolver.execute if resolver is not None else None)
        config = read_config(real_path(path), environ or {}, execute=None if untrusted else execute)
        return cls(config, environ or {}, untrusted=untrusted, resolver=resolver, processing=processing, cache=cache)

    def refreshed(self, changed: Collection[str]) -> Repository:
        """A snapshot of now, after files have changed, come or gone (relative to the stacks folder).

        Manifests that they do not reach are taken over as they are merged. A changed `atmos.yaml` needs a new `open`.

        Raises:
            GaiaError: as `open`.
        """
        fresh = copy(self)
        for name in ("manifests", "stacks", "instances", "all_instances", "_index", "spellings"):
            vars(fresh).pop(name, None)
        manifests = self._manifests.refreshed(changed)
        fresh.assembler = self.assembler.refreshed(manifests)
        vars(fresh).update(_manifests=manifests, _instances={})
        return fresh

    def resolving(self, value: Callable[[Reference], object]) -> Repository:
        """The same snapshot, in which `value` answers what is read of outputs; it may raise `Unanswered`."""
        fresh = copy(self)
        vars(fresh).update(_instances={}, assembler=self.assembler.resolving(value, fresh.described))
        return fresh

    def forgiving(self) -> Repository:
        """The same snapshot, in which a component that cannot be built fails only what needs it.

        It is noted in `failures` and left out of `instances`, `built` and `iter_stacks`. A manifest that cannot be
        read or merged fails everything here too.
        """
        fresh = copy(self)
        for name in ("stacks", "instances", "all_instances"):
            vars(fresh).pop(name, None)
        fresh.failures = Failures()
        return fresh

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
        self._refuse_unnamed()
        return tuple(sorted({group.stack for _, group in self._index.groups() if group.stack is not None}))

    def manifests_of(self, stack: str) -> tuple[str, ...]:
        """The top-level manifests that define something of a stack, relative to the stacks folder, sorted."""
        return tuple(sorted({path for path, group in self._index.groups() if group.stack == stack}))

    def sections(self, stack: str, section: str = "vars") -> dict[str, dict[str, object]]:
        """A top-level section of each of a stack's manifests, as merged; or `NotFound("stack-unknown")`."""
        if self.failures is None:
            self._refuse_unnamed()
        trees = {path: as_map(self.assembler.file(path).tree.get(section)) for path in self.manifests_of(stack)}
        if not trees:
            raise self._nowhere.stack(stack)
        return {path: {key: whole(value) for key, value in tree.items()} for path, tree in trees.items()}

    def stack_vars(self, stack: str, section: str = "vars") -> dict[str, object]:
        """The top-level vars, or another section, that a stack's manifests agree on; or `NotFound("stack-unknown")`."""
        first, *others = self.sections(stack, section).values()
        return {key: value for key, value in first.items() if all(key in one and one[key] == value for one in others)}

    @cached_property
    def instances(self) -> tuple[InstanceKey, ...]:
        """The keys of all Terraform instances that are not abstract, sorted.

        Raises:
            Invalid: a manifest cannot be read, or a component cannot be named.
        """
        self._refuse_unnamed(TERRAFORM.name)
        return tuple(sorted(set(self._keys())))

    @cached_property
    def all_instances(self) -> tuple[InstanceKey, ...]:
        """The keys of all Terraform instances, abstract ones that can be named too, sorted."""
        return tuple(sorted({*self.instances, *self._keys(abstract=True)}))

    def groups(self, manifest: str | None = None) -> Iterator[Group]:
        """The components of every type, alike ones together: of one top-level manifest (any spelling), or of all.

        Raises:
            Invalid: a component cannot be named.
        """
        path = None if manifest is None else self.spellings[manifest]
        self._refuse_unnamed(None, path)
        return (group for _, group in self._index.groups(path) if group.stack is not None)

    def instances_of(self, manifest: str) -> tuple[InstanceKey, ...]:
        """The instances that a top-level manifest defines; its path is relative to the repository or to the stacks.

        Raises:
            NotFound: `manifest-unknown`.
        """
        wanted = posixpath.normpath(manifest)
        path = self.spellings.get(wanted)
        if path is None:
            raise NotFound(
                "manifest-unknown",
                f"{manifest} is not a top-level manifest",
                next_step=nearest(wanted, [self._manifests.shown(one) for one in self.manifests]),
            )
        self._refuse_unnamed(TERRAFORM.name, path)
        return tuple(sorted(self._keys(path)))

    def heirs(self, component: str, stack: str) -> tuple[InstanceKey, ...]:
        """The instances of a stack that inherit from a component, sorted; none of them is built."""
        heirs = {
            name
            for path, group in self._index.groups()
            if (group.kind, group.stack, group.abstract) == (TERRAFORM.name, stack, False)
            for name in group.names
            if component in self.assembler.file(path).bases(group.kind, name)
        }
        return tuple(InstanceKey(stack, name) for name in sorted(heirs))

    def merged(self, manifest: str) -> Manifest:
        """A top-level manifest (as `manifests` names it) with its imports merged, before any instance is built."""
        return self.assembler.file(manifest).manifest

    def written(self, manifest: str) -> Document:
        """A manifest (its path relative to the stacks folder) as it is written."""
        return self._manifests.written(manifest)

    def locals_of(self, document: Document) -> Mapping[str, object]:
        """The locals of a file, for itself and for types, resolved; raises what templates of the file would."""
        return self._manifests.locals_of(document)

    def listed(self, manifest: str, key: InstanceKey) -> dict[str, object] | None:
        """`Instance.listing` of a Terraform instance as one top-level manifest has it; None where it has none.

        No other manifest is read.

        Raises:
            Invalid: what is wrong with its configuration, with a position.
        """
        file, kind = self.assembler.file(manifest), TERRAFORM.name
        if not file.has(kind, key.component) or self.assembler.stack(file, kind, key.component) != key.stack:
            return None
        return self.assembler.finished(file, kind, key.component).listing()

    def instance(self, component: str, stack: str, kind: str | None = None) -> Instance:
        """One component in one stack; an abstract one too. Without `kind` the types are tried in their order.

        Raises:
            NotFound: `stack-unknown`, `component-unknown`, with the nearest names. Conflict: `duplicate-component`.
            Invalid: what is wrong with its configuration, with a position.
        """
        known = self._instances.get((stack, component, kind))
        if known is None:
            known = self._instances[stack, component, kind] = self._find(component, stack, kind)
            self._manifests.save()
        return known

    def built(self, keys: Iterable[InstanceKey], kind: str | None = None) -> Iterator[Instance]:
        """The instances of some keys; of a forgiving repository without those that cannot be built.

        Raises:
            GaiaError: as `instance`, of a repository that is not forgiving.
        """
        for key in keys:
            try:
                yield self.instance(key.component, key.stack, *((kind,) if kind else ()))
            except GaiaError as error:
                if self.failures is None:
                    raise
                self.failures.note(key.component, key.stack, error)

    def describe_component(self, component: str, stack: str) -> dict[str, object]:
        """`Instance.describe` of one instance, for callers that need no more; raises what `instance` does."""
        return self.instance(component, stack).describe()

    def described(self, component: str, stack: str) -> dict[str, object]:
        """The same for templates of others: the values that are not known are told apart, see `HOLDERS`."""
        return told_apart(self._find(component, stack, None))

    def describe_stacks(self, **filters: Unpack[Filters]) -> dict[str, dict[str, object]]:
        """Atmos's `describe stacks` document: stack → `components` → type → name → sections.

        Each filter that is given leaves out the rest. `iter_stacks` gives the same piece by piece.

        Raises:
            GaiaError: what is wrong with any manifest, with a position.
        """
        return dict(self.iter_stacks(**filters))

    def iter_stacks(
        self,
        *,
        stack: str | None = None,
        components: Collection[str] = (),
        kinds: Collection[str] = (),
        sections: Collection[str] = (),
        include_empty: bool = False,
        provenance: bool = False,
    ) -> Iterator[tuple[str, dict[str, object]]]:
        """The stacks of `describe_stacks`, one by one in the order of their names, nothing kept.

        With `provenance` each component has a section of that name: by section, the tree of its values with
        `FILE:LINE` in their places.
        """
        shown = frozenset((*sections, "provenance"))
        wanted = Wanted(stack, components, kinds)
        listings = self.assembler.listings(self.manifests, wanted, provenance=provenance, failures=self.failures)
        for name, listing in listings:
            if sections:
                for found in listing.get("components", {}).values():
                    for component, document in found.items():
                        found[component] = {key: document[key] for key in document if key in shown}
            if listing or include_empty:
                yield name, dict(listing)

    def refuse_duplicates(self) -> None:
        """Refuse components that two manifests of one stack define differently, as `validate stacks` does.

        Raises:
            Conflict: `duplicate-component`. Invalid: `name-not-configured`, or a component cannot be named.
        """
        self.assembler.refuse_unnamed()
        self.assembler.refuse_duplicates(self.manifests)

    @property
    def _nowhere(self) -> Nowhere:
        return Nowhere(self.assembler, self.manifests)

    @cached_property
    def _index(self) -> Index:
        return Index.of(self.assembler, self._manifests, self.manifests)

    @cached_property
    def spellings(self) -> dict[str, str]:
        """Each top-level manifest by every way to name it."""
        spellings: dict[str, str] = {}
        for path in self.manifests:
            for spelling in (path, self._manifests.shown(path), posixpath.splitext(path)[0]):
                spellings.setdefault(spelling, path)
        return spellings

    def _refuse_unnamed(self, kind: str | None = None, path: str | None = None) -> None:
        """Refuse components that are not abstract and that the rule for names cannot name."""
        for one in self._index.unnamed(path):
            for file, its, name in self.assembler.members((one,)):
                if kind in (None, its) and not file.is_abstract(its, name):
                    try:
                        self.assembler.stack(file, its, name)
                    except GaiaError as error:
                        if self.failures is None:
                            raise
                        self.failures.note(name, file.manifest.name, error)

    def _find(self, component: str, stack: str, kind: str | None) -> Instance:
        names: set[str] = set()
        missing: list[NameMissing] = []
        broken: list[GaiaError] = []
        candidates: dict[str, list[StackFile]] = {}
        for path in self._index.holding(component, stack, kind) or self.manifests:
            file = self.assembler.file(path)
            for one in (kind,) if kind else file.kinds:
                if not file.has(one, component):
                    continue
                try:
                    name = self.assembler.names.stack(file, one, component)
                except NameMissing as error:
                    if stack == file.manifest.name or self.config.name_template:
                        missing.append(error)
                    continue
                except GaiaError as error:
                    broken.append(error)
                    continue
                names.add(name)
                if name == stack:
                    candidates.setdefault(one, []).append(file)
        if not candidates and (missing or broken):
            raise missing[0].error if missing else broken[0]
        for one in KINDS:
            if one in candidates:
                files = candidates[one]
                if len(files) > 1 and not files[0].is_abstract(one, component):
                    self.assembler.refuse_different(stack, one, component, files)
                return instance(self.assembler.finished(files[0], one, component))
        raise self._nowhere.component(component, stack, names)

    def _keys(self, path: str | None = None, *, abstract: bool = False) -> Iterator[InstanceKey]:
        for _, group in self._index.groups(path):
            if group.kind == TERRAFORM.name and group.abstract == abstract and group.stack is not None:
                for name in group.names:
                    yield InstanceKey(group.stack, name)
