"""Who needs an instance, found by name: only instances that may need it are built.

Building all instances of a large repository to ask each what it needs takes seconds. The merged manifests are there
anyway; a look at them says which components could be meant, and the exact rules of `gaia.graph.needs` decide.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from gaia.graph.needs import CONTEXT, context_of, needs
from gaia.kit.shapes import as_list, as_map
from gaia.stacks.loading.deferred import Deferred

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gaia.graph.needs import Need
    from gaia.stacks.loading.manifests import Manifest
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.stacks.repository import Repository

ANY, OWN = "*", ""
"""Stands for a name that only a built instance knows, and for the stack of the instance itself."""
TYPE = "terraform"
_REFERENCES = ("!terraform.state", "!terraform.output")
_REFERRING = ("vars", "providers")
_EMPTY: dict[str, object] = {}
"""Always the same one: layers are remembered by identity, so none may go and leave its identity to another."""
Hint = tuple[str, str]
"""A component and a stack that may be needed."""


class ReverseIndex:
    """Which instances of a repository need a given one, directly."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._declared_in: dict[int, tuple[Hint, ...]] = {}
        self._referred_in: dict[int, tuple[Hint, ...]] = {}
        self._referring: dict[str, bool] = {}
        self._keys: dict[str, Mapping[str, InstanceKey]] = {}
        self._found: dict[str, dict[tuple[str, str], set[str]]] = defaultdict(lambda: defaultdict(set))
        """By needed component (or `ANY`): manifest and component that may need it, with the stacks meant."""
        for path in repository.manifests:
            self._scan(path, repository.merged(path))

    def needing(
        self, target: Instance, *, kinds: Collection[str] | None = None, stack: str | None = None
    ) -> tuple[tuple[Instance, Need], ...]:
        """The enabled instances that need `target`, sorted by key, each with the first need that says so.

        `kinds` limits the kinds of dependencies, `stack` the stacks of those that need it.
        """
        key = target.key
        needing: dict[InstanceKey, tuple[Instance, Need]] = {}
        for source in self._candidates(key):
            if source == key or source in needing or stack not in (None, source.stack):
                continue
            for instance in self._repository.built((source,)):
                need = next((one for one in needs(instance) if _meets(one, target, kinds)), None)
                if need is not None and instance.enabled and not instance.abstract:
                    needing[source] = (instance, need)
        return tuple(needing[one] for one in sorted(needing))

    def needing_stack(self, stack: str) -> tuple[InstanceKey, ...]:
        """Instances of other stacks that may need something in `stack`, sorted."""
        needing = {
            key
            for users in self._found.values()
            for (path, name), stacks in users.items()
            if stacks & {stack, ANY} and (key := self._key(path, name)) is not None and key.stack != stack
        }
        return tuple(sorted(needing))

    def _candidates(self, target: InstanceKey) -> Iterator[InstanceKey]:
        for component in (target.component, ANY):
            for (path, name), stacks in self._found.get(component, {}).items():
                if not stacks & {OWN, ANY, target.stack}:
                    continue
                key = self._key(path, name)
                if key is not None and (stacks & {ANY, target.stack} or key.stack == target.stack):
                    yield key

    def _key(self, path: str, name: str) -> InstanceKey | None:
        """The instance of a component of a manifest; None for an abstract one."""
        if path not in self._keys:
            self._keys[path] = {key.component: key for key in self._repository.instances_of(path)}
        return self._keys[path].get(name)

    def _scan(self, path: str, manifest: Manifest) -> None:
        tree = tree_of(manifest)
        components = components_of(tree)
        documents = [(path, manifest.document), *manifest.reached.items()]
        refers = any(self._refers(name, document.value) for name, document in documents)
        shared = [*self._of(tree, refers=refers), *self._of(part(tree, TYPE), refers=refers)]
        for name in components:
            hints = set(shared)
            for base in family(components, name):
                hints.update(self._of(components[base], refers=refers))
            if name in manifest.overrides:
                hints.update(self._of(manifest.overrides[name].value, refers=refers))
            for component, stack in hints:
                self._found[component][path, name].add(stack)

    def _refers(self, name: str, tree: object) -> bool:
        """Whether a file holds a reference at all: most do not, and need not be searched for each component."""
        if name not in self._referring:
            self._referring[name] = any(True for _ in _texts(tree))
        return self._referring[name]

    def _of(self, layer: object, *, refers: bool) -> tuple[Hint, ...]:
        """What one layer may need; layers are shared between manifests, so each is looked at once."""
        key = id(layer)
        if key not in self._declared_in:
            self._declared_in[key] = tuple(_declared(layer))
        if not refers:
            return self._declared_in[key]
        if key not in self._referred_in:
            self._referred_in[key] = tuple(
                _referred(text) for section in _REFERRING for text in _texts(_at(layer, section))
            )
        return (*self._declared_in[key], *self._referred_in[key])


def tree_of(manifest: Manifest) -> Mapping[str, object]:
    """A manifest with its imports merged."""
    return as_map(manifest.layer.value)


def components_of(tree: Mapping[str, object]) -> Mapping[str, object]:
    """The Terraform components of a tree, abstract ones too."""
    return part(part(tree, "components"), TYPE)


def part(value: object, key: str) -> Mapping[str, object]:
    """The map at a key, empty where there is none."""
    inner = _at(value, key)
    return inner if isinstance(inner, dict) else _EMPTY


def family(components: Mapping[str, object], name: str) -> list[str]:
    """A component and everything that it may inherit from, in no particular order."""
    members = [name]
    for one in members:
        component = components.get(one)
        inherits = part(component, "metadata").get("inherits")
        bases = [*(inherits if isinstance(inherits, list) else ()), _at(component, "component")]
        members += [base for base in bases if isinstance(base, str) and base in components and base not in members]
    return members


def _meets(need: Need, target: Instance, kinds: Collection[str] | None) -> bool:
    if need.component != target.key.component or (kinds is not None and need.kind not in kinds):
        return False
    if need.stack is not None:
        return need.stack == target.key.stack
    return need.context == context_of(target.vars)


def _declared(layer: object) -> Iterator[Hint]:
    listed = _at(layer, "dependencies")
    entries = listed.get("components") if isinstance(listed, dict) else listed
    yield from _entries(entries)
    settings = _at(layer, "settings")
    legacy = settings.get("depends_on") if isinstance(settings, dict) else settings
    yield from _entries(list(legacy.values()) if isinstance(legacy, dict) else legacy)


def _entries(entries: object) -> Iterator[Hint]:
    if isinstance(entries, str):  # a function gives them
        yield ANY, ANY
    for entry in _listed(entries):
        if isinstance(entry, str):
            yield ANY, ANY
        if isinstance(entry, dict):
            named = entry.get("component") or entry.get("name")
            stack = entry.get("stack")
            open_ended = any(entry.get(field) for field in CONTEXT) and not stack
            yield _fixed(named), ANY if open_ended else _fixed(stack) if stack else OWN


def _listed(value: object) -> list[object]:
    """A list, or the list in what `!append` leaves of it."""
    if isinstance(value, dict):
        return [one for inner in value.values() if isinstance(inner, list) for one in inner]
    return as_list(value)


def _referred(text: str) -> Hint:
    words = text.split(" ")
    words = [word for word in words[1:] if word]
    if "{{" in text or '"' in text or len(words) not in (2, 3) or words[1][:1] in ".[{|'":
        return ANY, ANY
    return words[0], words[1] if len(words) == 3 else OWN


def _texts(value: object) -> Iterator[str]:
    """The references below a value, and templates that may become one."""
    if isinstance(value, str):
        if value.startswith(_REFERENCES) or isinstance(value, Deferred) or ("{{" in value and "terraform." in value):
            yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _fixed(value: object) -> str:
    return value if isinstance(value, str) and "{{" not in value and not value.startswith("!") else ANY


def _at(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None
