"""What a change affects: two snapshots of a repository, compared instance by instance.

Only instances that can differ are built. A manifest whose files are the same in both is skipped; in the others the
merged trees are compared first, and only components that are, or inherit from, something that differs are built.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from gaia.errors import GaiaError
from gaia.graph.index import TYPE, components_of, family, part, tree_of
from gaia.graph.needs import files_and_folders

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from gaia.stacks.loading.manifests import Manifest
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.stacks.repository import Repository

SECTIONS = (
    "vars",
    "env",
    "providers",
    "required_providers",
    "required_version",
    "generate",
    "backend",
    "backend_type",
    "remote_state_backend",
    "remote_state_backend_type",
    "auth",
    "command",
    "dependencies",
    "source",
    "provision",
)
"""Compared in this order, `metadata` before them and `settings` after: the first that differs is the headline."""
_TEMPLATE = "{{"


@dataclass(frozen=True, slots=True)
class Affected:
    """An instance that a change affects, and why."""

    instance: Instance
    """As it is now; of a deleted one, as it was."""
    reasons: tuple[str, ...]
    """`stack.vars`, `component`, `component.module`, `file`, `folder`, `deleted` …; the first is the headline."""
    file: str = ""
    """The declared file that changed."""
    folder: str = ""
    """The declared folder in which something changed."""
    deleted: Literal["", "component", "stack"] = ""

    @property
    def key(self) -> InstanceKey:
        """Which instance."""
        return self.instance.key


def affected(
    current: Repository,
    base: Repository,
    changed: Collection[str],
    *,
    stack: str | None = None,
    exclude_locked: bool = False,
) -> tuple[Affected, ...]:
    """What differs between `base` and `current`, sorted by stack and component. Both are only read.

    `changed` are the files that differ, relative to `current.root`; also deleted and new ones. Abstract and disabled
    instances are left out, and locked ones on request.

    Raises:
        NotFound: `stack-unknown` when `stack` is in neither.
        Invalid: what is wrong with a manifest of either.
    """
    if stack is not None and stack not in current.stacks and stack not in base.stacks:
        from gaia.graph.analyzer import unknown_stack

        raise unknown_stack(stack, current)
    return _Comparison(current, base, frozenset(changed), stack, exclude_locked=exclude_locked).run()


class _Comparison:
    def __init__(
        self, current: Repository, base: Repository, changed: frozenset[str], stack: str | None, *, exclude_locked: bool
    ) -> None:
        self.current = current
        self.base = base
        self.changed = changed
        self.stack = stack
        self.exclude_locked = exclude_locked

    def run(self) -> tuple[Affected, ...]:
        affected = {one.key: one for one in self._deleted()}
        for key, path in self._suspects().items():
            if key not in affected and self.stack in (None, key.stack):
                for now in self.current.built((key,)):
                    one = self._compared(now, path)
                    if one is not None:
                        affected[key] = one
        return tuple(affected[key] for key in sorted(affected))

    def _suspects(self) -> dict[InstanceKey, str]:
        """Instances of `current` that may differ, with the manifest that defines them."""
        suspects: dict[InstanceKey, str] = {}
        for path in self.current.manifests:
            mine = self.current.merged(path)
            names = self._differing(path, mine)
            tree = tree_of(mine)
            if names is None:
                suspects |= dict.fromkeys(self.current.instances_of(path), path)
                continue
            components = components_of(tree)
            names |= {name for name in components if name not in names and self._code.concerns(tree, name)}
            if names:
                suspects |= {key: path for key in self.current.instances_of(path) if key.component in names}
        return suspects

    def _differing(self, path: str, mine: Manifest) -> set[str] | None:
        """The components of a manifest whose merged trees differ; None: all may."""
        if not self._touched(path, mine):
            return set()
        if self._everything or path not in self._before or not _same_globals(mine, self.base.merged(path)):
            return None
        return _differing(mine, self.base.merged(path))

    def _touched(self, path: str, mine: Manifest) -> bool:
        if self._everything or path not in self._before:
            return True
        if not self._files.isdisjoint((path, *mine.reached)):
            return True
        return bool(self._gone) and not self._gone.isdisjoint(self.base.merged(path).reached)

    @cached_property
    def _before(self) -> frozenset[str]:
        return frozenset(self.base.manifests)

    @cached_property
    def _everything(self) -> bool:
        """Whether the configuration itself changed, wherever its layers are."""
        return self.current.config.document.value != self.base.config.document.value

    @cached_property
    def _files(self) -> frozenset[str]:
        """The manifest files that changed, or that include what changed, relative to the stacks folder."""
        manifests = set(_below(self.changed, self.current, self.current.config.stacks))
        for name, text in _including(self.current):
            if _TEMPLATE in text or any(posixpath.basename(one) in text for one in self.changed):
                manifests.add(name)
        return frozenset(manifests)

    @cached_property
    def _gone(self) -> frozenset[str]:
        """Manifests that were deleted: a glob may have reached them, so the files that reach them need not differ."""
        return frozenset(one for one in self._files if not (self.current.config.stacks / one).is_file())

    @cached_property
    def _code(self) -> Code:
        return Code(self.current, self.changed)

    def _deleted(self) -> Iterator[Affected]:
        mine = frozenset(self.current.manifests)
        for path in self.base.manifests:
            if path in mine and not self._touched(path, self.current.merged(path)):
                continue
            here = frozenset(self.current.instances_of(path)) if path in mine else frozenset()
            for key in self.base.instances_of(path):
                if key not in here and key not in self._now and self.stack in (None, key.stack):
                    kind: Literal["component", "stack"] = "component" if key.stack in self.current.stacks else "stack"
                    reason = "deleted" if kind == "component" else "deleted.stack"
                    try:
                        was = self.base.instance(key.component, key.stack)
                    except GaiaError as error:
                        if self.current.failures is None:
                            raise
                        self.current.failures.note(key.component, key.stack, error)
                    else:
                        yield Affected(was, (reason,), deleted=kind)

    @cached_property
    def _now(self) -> frozenset[InstanceKey]:
        return frozenset(self.current.all_instances)

    @cached_property
    def _then(self) -> frozenset[InstanceKey]:
        return frozenset(self.base.all_instances)

    def _previous(self, key: InstanceKey, path: str) -> Mapping[str, object]:
        """The document of an instance as it was, empty where there was none; as a rule from the same manifest."""
        earlier: Mapping[str, object] | None = None
        try:
            earlier = self.base.listed(path, key) if path in self._before else None
            if earlier is None and key in self._then:
                earlier = self.base.instance(key.component, key.stack).listing()
        except GaiaError:  # what could not be built then is new now
            if self.base.failures is None:
                raise
        return earlier or {}

    def _compared(self, now: Instance, path: str) -> Affected | None:
        """How an instance differs; None when it does not, or is not to be worked on."""
        if not now.enabled or (self.exclude_locked and now.metadata.get("locked") is True):
            return None
        before, after = self._previous(now.key, path), now.listing()
        sections = [f"stack.{one}" for one in SECTIONS if one in after and _differs(after, before, one)]
        reasons = (
            *(["stack.metadata"] if _differs(after, before, "metadata") else ()),
            *(["component.module"] if self._code.module_changed(now.component_path) else ()),
            *(["component"] if self._code.changed(now.component_path) else ()),
            *sections,
            *(["stack.settings"] if _differs(after, before, "settings") else ()),
        )
        kind, declared = next(self._code.declared(now), ("", ""))
        reasons = (*reasons, *([kind] if kind else ()))
        if not reasons:
            return None
        return Affected(
            now, reasons, file=declared if kind == "file" else "", folder=declared if kind == "folder" else ""
        )


class Code:
    """What changed beside the manifests: the code of components, their local modules, files that instances declare."""

    def __init__(self, repository: Repository, changed: frozenset[str]) -> None:
        self._repository = repository
        self._changed = changed
        self._base = posixpath.relpath(str(repository.components_path), str(repository.root))
        stacks = posixpath.relpath(str(repository.config.stacks), str(repository.root))
        others = [one for one in changed if not one.startswith(f"{stacks}/")]
        self._folders = {one.rpartition("/")[0][:end] for one in others for end in _ends(one)}
        self._modules: dict[str, bool] = {}
        self._watching: dict[int, bool] = {}

    def changed(self, folder: str) -> bool:
        """Whether a file in a component's folder changed."""
        return posixpath.normpath(f"{self._base}/{folder}") in self._folders

    def module_changed(self, folder: str) -> bool:
        """Whether a local module that a component calls changed, directly or through other local modules."""
        if folder not in self._modules:
            top = posixpath.normpath(f"{self._base}/{folder}")
            self._modules[folder] = bool(self._folders) and any(
                one in self._folders for one in local_modules(self._repository.root, top)
            )
        return self._modules[folder]

    def declared(self, instance: Instance) -> Iterator[tuple[str, str]]:
        """`("file" or "folder", path)` of what an instance declares and what changed."""
        yield from ((kind, path) for kind, path in files_and_folders(instance) if self._moved(path))

    def _moved(self, path: str) -> bool:
        normal = posixpath.normpath(path)
        return normal in self._changed or any(one.startswith(f"{normal}/") for one in self._changed)

    def concerns(self, tree: Mapping[str, object], name: str) -> bool:
        """Whether the code of a component, or something that it declares, may have changed; seen by names only."""
        components = components_of(tree)
        relatives = family(components, name)
        layers = [tree, part(tree, TYPE), *(components[one] for one in relatives)]
        if any(self._watches(layer) for layer in layers):
            return True
        if not self._folders:
            return False
        named = [part(components[one], "metadata").get("component") for one in relatives]
        folders = {one for one in (*named, *relatives) if isinstance(one, str)}
        return any(self.changed(folder) or self.module_changed(folder) for folder in folders)

    def _watches(self, layer: object) -> bool:
        """Whether a layer declares a file or a folder that changed, or one that only a built instance knows."""
        if id(layer) not in self._watching:
            dependencies = part(layer, "dependencies")
            listed, legacy = dependencies.get("components"), part(layer, "settings").get("depends_on")
            entries = list(listed) if isinstance(listed, list) else []
            entries += legacy.values() if isinstance(legacy, dict) else ()
            paths = [one.get(key) for one in entries if isinstance(one, dict) for key in ("path", "file", "folder")]
            for more in (dependencies.get("files"), dependencies.get("folders")):
                paths += more if isinstance(more, list) else [more and "!"]
            self._watching[id(layer)] = any(isinstance(one, str) for one in (listed, legacy)) or any(
                isinstance(one, str) and (one.startswith("!") or _TEMPLATE in one or self._moved(one)) for one in paths
            )
        return self._watching[id(layer)]


def _same_globals(mine: Manifest, theirs: Manifest) -> bool:
    """Whether everything beside the components is the same."""
    one, other = tree_of(mine), tree_of(theirs)
    keys = (one.keys() | other.keys()) - {"components", "import"}
    return all(key in one and key in other and one[key] == other[key] for key in keys)


def _differing(mine: Manifest, theirs: Manifest) -> set[str]:
    """The components whose own part, or that of something they inherit from, differs."""
    now, before = (components_of(tree_of(one)) for one in (mine, theirs))
    changed = {name for name in now if name not in before or now[name] != before[name]}
    changed |= {name for name in mine.overrides.keys() | theirs.overrides.keys() if _overrides(mine, theirs, name)}
    if not changed:
        return set()
    return {name for name in now if not changed.isdisjoint(family(now, name))}


def _overrides(mine: Manifest, theirs: Manifest, name: str) -> bool:
    one, other = mine.overrides.get(name), theirs.overrides.get(name)
    return (one.value if one else None) != (other.value if other else None)


def _differs(after: Mapping[str, object], before: Mapping[str, object], section: str) -> bool:
    return section not in before or after.get(section) != before[section]


def _including(repository: Repository) -> Iterator[tuple[str, str]]:
    """The manifest files that include others, with their texts."""
    for path in repository.config.stacks.rglob("*"):
        if path.suffix in (".yaml", ".yml", ".tmpl") and path.is_file():
            text = path.read_text("utf-8", "replace")
            if "!include" in text:
                yield posixpath.relpath(str(path), str(repository.config.stacks)), text


def _below(paths: Collection[str], repository: Repository, folder: Path) -> Iterator[str]:
    prefix = posixpath.relpath(str(folder), str(repository.root))
    yield from (posixpath.relpath(one, prefix) for one in paths if one.startswith(f"{prefix}/"))


def _ends(path: str) -> Iterator[int]:
    """Where the folders on the way to a file end in its path."""
    folder = path.rpartition("/")[0]
    yield from (index for index, one in enumerate(folder) if one == "/")
    yield len(folder)


def local_modules(root: Path, folder: str) -> set[str]:
    """The folders of the local modules that the code in `folder` calls, relative to `root`."""
    from gaia.errors import Invalid
    from gaia.kit.hcl import read_component

    modules: set[str] = set()
    left = [folder]
    while left:
        one = left.pop()
        try:
            calls = read_component(root / one).modules if (root / one).is_dir() else {}
        except Invalid:
            continue  # terraform says what is wrong with it
        for source in calls.values():
            path = posixpath.normpath(posixpath.join(one, source))
            if source.startswith(("./", "../")) and path not in modules:
                modules.add(path)
                left.append(path)
    return modules
