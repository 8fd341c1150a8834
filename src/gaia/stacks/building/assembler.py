"""The machinery behind a repository: files, folds, names, templates and functions, each made once."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from gaia.errors import Conflict, GaiaError, Invalid
from gaia.kit.shapes import as_map
from gaia.stacks.answering import Answering
from gaia.stacks.building.chain import Chain
from gaia.stacks.building.folding import Folds
from gaia.stacks.building.functions import World, early
from gaia.stacks.building.gitfacts import GitFacts
from gaia.stacks.building.instances import Finished, finish
from gaia.stacks.building.naming import NameMissing, Names
from gaia.stacks.building.sections import Builder
from gaia.stacks.building.stackfile import StackFile
from gaia.stacks.building.traits import Traits, opening

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from gaia.errors import Position
    from gaia.stacks.building.built import Built
    from gaia.stacks.building.provenance import Provenance
    from gaia.stacks.building.templating import Renderer
    from gaia.stacks.failures import Failures
    from gaia.stacks.loading.config import Config
    from gaia.stacks.loading.manifests import Manifests
    from gaia.stacks.model import Reference
    from gaia.stacks.ports import Processing, Resolver

    Listing = dict[str, dict[str, dict[str, dict[str, object]]]]

CHECKED_KINDS = ("terraform", "helmfile")
UNNAMED = ("name-pattern-missing-var", "name-template-failed")
"""Errors of a component whose stack the rule for names cannot tell."""
OF_THE_FILE = ("atmos_stack_file", "atmos_manifest", "imports")
"""Keys in which equal components of two manifests differ."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which components are asked for; what is not given leaves nothing out."""

    stack: str | None = None
    """A stack's name, or the path of a top-level manifest without extension."""
    components: Collection[str] = ()
    kinds: Collection[str] = ()

    def in_stack(self, stack: str, manifest: str) -> bool:
        """Whether components of a stack that stand in a manifest are meant."""
        return self.stack in (None, stack, manifest)

    def component(self, kind: str, name: str) -> bool:
        """Whether a component is meant, in whichever stack."""
        return (not self.kinds or kind in self.kinds) and (not self.components or name in self.components)


EVERYTHING = Wanted()


class Assembler:
    """Builds and finishes the components of one repository."""

    def __init__(
        self,
        config: Config,
        manifests: Manifests,
        *,
        environ: Mapping[str, str],
        untrusted: bool,
        resolver: Resolver | None,
        processing: Processing,
        describe: Callable[[str, str], dict[str, object]],
    ) -> None:
        self._describe = describe
        self._chain = Chain()
        self._asked: dict[tuple[str, str], dict[str, object]] = {}
        self._manifests = manifests
        self._environ = environ
        self._world = World(environ, resolver, processing, untrusted, GitFacts(config.root))
        self._files: dict[str, StackFile] = {}
        self.names = Names(config.name_template, config.name_pattern, self._named)

    def refreshed(self, manifests: Manifests) -> Assembler:
        """An assembler for a later snapshot; what it says of manifests that are still the same is taken over."""
        fresh = copy(self)
        for name in ("builder", "_renderer", "_provenance"):
            vars(fresh).pop(name, None)
        kept = {path: file for path, file in self._files.items() if manifests.holds(file.manifest)}
        vars(fresh).update(_manifests=manifests, _files=kept)
        fresh.names = self.names.rendering(fresh._named)  # noqa: SLF001 -- a copy of its own
        return fresh

    def resolving(
        self, value: Callable[[Reference], object], describe: Callable[[str, str], dict[str, object]]
    ) -> Assembler:
        """An assembler of the same files that has outputs from `value`; `describe` is that of its repository."""
        fresh = copy(self)
        world = replace(self._world, resolver=Answering(value, self._world.resolver))
        vars(fresh).update(_chain=Chain(), _asked={}, _describe=describe, _world=world)
        return fresh

    @property
    def config(self) -> Config:
        """The configuration, with the rules that the manifests were found to be written for."""
        return self._manifests.config

    @cached_property
    def builder(self) -> Builder:
        """Builds sections; made when the rules are known."""
        config = self.config
        folds = Folds(
            config.list_strategy,
            Traits(opening(config.rendering.delimiters[0])),
            inherit_metadata=config.inherit_metadata,
            under={section: layer.value for section, layer in config.under.items()},
        )
        return Builder(folds, self.names)

    @cached_property
    def _renderer(self) -> Renderer:
        # The template assembler is a hundred milliseconds of imports that most commands do not need.
        from gaia.stacks.building.templating import Renderer

        return Renderer(self.config, self._environ)

    @cached_property
    def _provenance(self) -> Provenance:
        from gaia.stacks.building.provenance import Provenance

        return Provenance(self.config)

    def _named(self, file: StackFile, kind: str, name: str, template: str) -> str:
        """A name template over the section as it is written."""
        place = self.config.document.at(("stacks", "name_template")).file
        return self._renderer.name(template, self.builder.raw(file, kind, name), place, strict=True)

    def _for_another(self, component: str, stack: str) -> dict[str, object]:
        """The document of an instance that another one's template asks for."""
        from gaia.stacks.building.atmosfunctions import veiled

        if (component, stack) not in self._asked:
            self._chain.enter(component, stack)
            try:
                self._asked[component, stack] = as_map(veiled(self._describe(component, stack)))
            finally:
                self._chain.leave()
        return self._asked[component, stack]

    def answer(self, text: str, at: Position) -> object:
        """What a function in a local gives before any instance is looked at.

        Raises:
            Unanswered: it depends on the instance, or on something outside of the repository.
        """
        return early(self._world, text, at)

    def file(self, path: str) -> StackFile:
        """The top-level manifest at `path`, with everything that it imports."""
        if path not in self._files:
            self._files[path] = StackFile(self._manifests.manifest(path), self.config)
        return self._files[path]

    def imported(self, path: str, context: Mapping[str, object]) -> StackFile:
        """The file at `path` as a manifest has it that imports it with a context.

        Raises:
            GaiaError: what is wrong with it, or what its templates miss in the context.
        """
        return StackFile(self._manifests.manifest(path, context), self.config) if context else self.file(path)

    def finished(self, file: StackFile, kind: str, name: str, *, listed: bool = False) -> Finished:
        """A component of a manifest with everything resolved; a listed one that has no stack goes by the manifest.

        Raises:
            GaiaError: what is wrong with the configuration, with a position.
        """
        try:
            return self.finish(self.builder.build(file, kind, name, listed=listed, by_path=listed))
        except NameMissing as error:
            raise error.error from error

    def finish(self, built: Built) -> Finished:
        """A component that was built, its templates rendered and its functions resolved.

        Raises:
            GaiaError: what is wrong with a value, with its position.
        """
        return finish(built, self._world, lambda: self._renderer, self._for_another)

    def stack(self, file: StackFile, kind: str, name: str) -> str:
        """The stack that a component is in. An abstract one that cannot be named goes by the manifest's path.

        Raises:
            Invalid: `name-pattern-missing-var`, `name-template-failed`.
        """
        try:
            return self.names.stack(file, kind, name)
        except NameMissing as error:
            if file.is_abstract(kind, name) and not self.config.name_template:
                return file.manifest.name
            raise error.error from error

    def name_or_path(self, file: StackFile, kind: str, name: str) -> str:
        """The stack that a component is in, or the manifest's path where it cannot be named: for what is shown."""
        try:
            return self.names.stack(file, kind, name)
        except (NameMissing, GaiaError):
            return file.manifest.name

    def members(self, paths: Iterable[str]) -> Iterator[tuple[StackFile, str, str]]:
        """Every component of some manifests: the file, the type, the name."""
        for path in paths:
            file = self.file(path)
            for kind, name in file.members():
                yield file, kind, name

    def listings(
        self,
        paths: Iterable[str],
        wanted: Wanted = EVERYTHING,
        *,
        provenance: bool = False,
        failures: Failures | None = None,
    ) -> Iterator[tuple[str, Listing]]:
        """Stack by stack, by name: type → component → document; empty where a filter left nothing.

        With `failures` a component that cannot be built is noted there and left out, and one that cannot be given a
        stack is shown under the path of its manifest.

        Raises:
            GaiaError: without `failures`, what is wrong with a component.
        """
        unclear = self._unclear(paths, wanted, failures)
        stacks: dict[str, list[tuple[StackFile, str, str]]] = {}
        for file, kind, name in self.members(paths):
            found = self._placed(file, kind, name, wanted, failures)
            if found is not None and wanted.in_stack(found, file.manifest.name):
                members = stacks.setdefault(found, [])
                if wanted.component(kind, name) and (file, kind, name) not in unclear:
                    members.append((file, kind, name))
        for found in sorted(stacks):
            listing: dict[str, dict[str, dict[str, object]]] = {}
            for file, kind, name in stacks.pop(found):
                # Of several equal ones the first by path counts.
                if name not in listing.get(kind, ()):
                    try:
                        document = self.finished(file, kind, name, listed=True).listing()
                        if provenance:
                            places = self._provenance.of(file, kind, name, document.get("backend_type"))
                            document = {**document, "provenance": places}
                    except GaiaError as error:
                        if failures is None:
                            raise
                        failures.note(name, found, error)
                    else:
                        listing.setdefault(kind, {})[name] = document
            yield found, {"components": listing} if listing else {}

    def _placed(self, file: StackFile, kind: str, name: str, wanted: Wanted, failures: Failures | None) -> str | None:
        """`stack`; where that cannot be said it is noted, and the manifest's path stands for it, or nothing."""
        try:
            return self.stack(file, kind, name)
        except GaiaError as error:
            if failures is None:
                raise
            path = file.manifest.name
            if wanted.stack in (None, path) and wanted.component(kind, name):
                failures.note(name, path, error)
            return path if error.code in UNNAMED else None

    def _unclear(
        self, paths: Iterable[str], wanted: Wanted, failures: Failures | None
    ) -> set[tuple[StackFile, str, str]]:
        """Components that two manifests of one stack define differently, which are noted.

        The name of the stack is the one by template or pattern here, `name:` of a manifest does not count.

        Raises:
            Conflict: `duplicate-component`, without `failures`.
            Invalid: without `failures`, a component cannot be named.
        """
        if not self.config.name_template and not self.config.name_pattern:
            return set()
        seen: dict[tuple[str, str, str], list[StackFile]] = {}
        for file, kind, name in self.members(paths):
            if kind in CHECKED_KINDS and not file.is_abstract(kind, name):
                try:
                    stack = self.names.rule(file, kind, name)
                except (NameMissing, GaiaError) as error:
                    if failures is not None:
                        continue  # noted where it is given a place
                    raise error.error if isinstance(error, NameMissing) else error from error
                seen.setdefault((stack or "", kind, name), []).append(file)
        unclear: set[tuple[StackFile, str, str]] = set()
        for (stack, kind, name), files in seen.items():
            if len(files) > 1:
                try:
                    self.refuse_different(stack, kind, name, files)
                except GaiaError as error:
                    if failures is None:
                        raise
                    unclear |= {(file, kind, name) for file in files}
                    if wanted.component(kind, name) and any(wanted.in_stack(stack, one.manifest.name) for one in files):
                        failures.note(name, stack, error)
        return unclear

    def refuse_duplicates(self, paths: Iterable[str]) -> None:
        """Refuse components that two manifests of one stack define differently.

        Raises:
            Conflict: `duplicate-component`.
            Invalid: a component cannot be named.
        """
        self._unclear(paths, EVERYTHING, None)

    def refuse_different(self, stack: str, kind: str, name: str, files: list[StackFile]) -> None:
        """Refuse a component that some manifests define differently.

        Raises:
            Conflict: `duplicate-component`.
        """
        first, *others = [self.builder.build(file, kind, name) for file in files]
        if all(_same(first, other) for other in others):
            return
        places = [file.component(kind, name).position for file in files]
        raise Conflict(
            "duplicate-component",
            f"{name} in {stack or 'the stack without a name'} is defined differently by {len(files)} manifests: "
            + ", ".join(map(str, places)),
            at=places[1],
            next_step="Keep one of them, or give the stacks different names.",
            facts={"places": [str(place) for place in places]},
        )

    def refuse_unnamed(self) -> None:
        """Refuse a repository that names its stacks by neither template nor pattern.

        Raises:
            Invalid: `name-not-configured`.
        """
        if not self.config.name_template and not self.config.name_pattern:
            raise Invalid(
                "name-not-configured",
                "neither stacks.name_template nor stacks.name_pattern is set",
                at=self.config.document.at(("stacks",)),
                next_step="Set stacks.name_template in atmos.yaml.",
            )


def _same(one: Built, other: Built) -> bool:
    left, right = ({k: v for k, v in built.document.items() if k not in OF_THE_FILE} for built in (one, other))
    return left == right
