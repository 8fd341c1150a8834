"""Reading manifests and merging their imports: each file is parsed once and merged once.

What a file gives is a function of its closure and of what the import hands it (a context, overrides, values for
templated paths). Without those, the merged layer is kept and shared by everything that imports the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit import yaml
from gaia.kit.shapes import as_map
from gaia.stacks.layers import Layer, merged, unwrapped, without_appends
from gaia.stacks.loading.cache import Cache
from gaia.stacks.loading.compat import OLDER_KEYS, shown_by
from gaia.stacks.loading.config import CURRENT, OLDER, STRICT
from gaia.stacks.loading.deferred import OPEN
from gaia.stacks.loading.files import Files
from gaia.stacks.loading.imports import Entry, entries, stem
from gaia.stacks.loading.locals import has_locals, template_data, unanswered
from gaia.stacks.loading.overrides import Scopes
from gaia.stacks.loading.rendering import Renderer
from gaia.stacks.merge import combine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from gaia.stacks.loading.config import Config
    from gaia.stacks.loading.locals import Answer

MAX_IMPORT_DEPTH = 64
MAX_APPLIED = 5_000
"""Files read into one manifest. Overrides make a file's result depend on its importer, so it is merged each time."""
SHADOWED = ("vars", "settings", "env")
Chain = tuple[tuple[str, Entry], ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A file with its imports merged under it."""

    path: str
    """Relative to the stacks folder."""
    layer: Layer
    document: yaml.Document
    reached: Mapping[str, yaml.Document]
    """Every file that imports lead to, by its path."""
    overrides_of: Mapping[str, Mapping[str, Layer]]
    """By type and component, what `overrides:` sections set."""
    outgoing: Mapping[str, Layer]
    """By type, the overrides of this file and its imports: they leak to files that are imported after it."""
    pure: bool = True
    """Whether the importer plays no part: no import path is made of what was imported before."""

    @property
    def name(self) -> str:
        """The path without extension; a template file keeps all of it."""
        return self.path if self.path.endswith(".tmpl") else stem(self.path)

    @property
    def overrides(self) -> Mapping[str, Layer]:
        """What `overrides:` sections set for each Terraform component that they reach."""
        return self.overrides_of.get("terraform", {})


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the files imported so far set, of the importing files too: import paths may be made of it."""

    above: Gathered | None
    layers: list[Layer]

    def data(self, strategy: str) -> dict[str, object]:
        """The merged settings, vars and env."""
        merged = self.above.data(strategy) if self.above else {}
        for section in SHADOWED:
            values = [merged.get(section), *(layer.value.get(section) for layer in self.layers if layer.value)]  # type: ignore[attr-defined]
            present = [value for value in values if isinstance(value, dict)]
            if present:
                merged[section] = combine(present, strategy)
        return merged


@dataclass(frozen=True, slots=True)
class Arrival:
    """What an import hands to the file."""

    context: Mapping[str, object] = field(default_factory=dict)
    skip_templates: bool = False
    ignore_missing: bool = False
    overrides: Mapping[str, Layer] = field(default_factory=dict)
    gathered: Gathered | None = None

    @property
    def changes_nothing(self) -> bool:
        """Whether the result can be shared: what its key does not tell plays no part."""
        return not self.overrides

    def key(self) -> str:
        """The same text for what gives the same result."""
        if not (self.context or self.skip_templates or self.ignore_missing):
            return ""
        import json

        return json.dumps([self.context, self.skip_templates, self.ignore_missing], sort_keys=True, default=repr)


class Manifests:
    """The manifests of one stacks folder."""

    def __init__(
        self, config: Config, *, untrusted: bool = False, cache: Path | None = None, answer: Answer | None = None
    ) -> None:
        self._given = config
        self._config = config
        self._decided = bool(config.compat)
        self.notices: tuple[str, ...] = ()
        """What was decided about the repository that its owner should know."""
        self._untrusted = untrusted
        self._answer = answer or unanswered
        self._files = Files(config, Cache(cache, config.stacks))
        self._renderer = Renderer(config.environ, untrusted=untrusted)
        self._applied = 0
        self._merged: dict[tuple[str, str], Manifest] = {}
        self._plain = Arrival(ignore_missing=config.rendering.ignore_missing)
        self._plain_key = self._plain.key()

    def refreshed(self, changed: Iterable[str]) -> Manifests:
        """The manifests after some files have changed, come or gone (relative to the stacks folder).

        What does not depend on them is taken over: equal manifests are the same objects.
        """
        gone = self._files.including.union(changed)
        fresh = Manifests(self._given, untrusted=self._untrusted, answer=self._answer)
        fresh._files = self._files.refreshed(gone)
        if fresh._files.listed == self._files.listed:
            fresh._merged = {
                key: manifest
                for key, manifest in self._merged.items()
                if manifest.path not in gone and gone.isdisjoint(manifest.reached)
            }
            # Other rules merge differently; they are looked for again; seldom there are others.
            if fresh.config.compat != self.config.compat:
                fresh._merged = {}
        fresh._renderer = self._renderer
        return fresh

    def holds(self, manifest: Manifest) -> bool:
        """Whether this is what `manifest(path)` would give, without reading anything."""
        return self._merged.get((manifest.path, self._plain_key)) is manifest

    def save(self) -> None:
        """As `Files.save`."""
        self._files.save()

    def derived(self, name: str, *parts: str) -> object:
        """As `Files.derived`; None also while something from outside of the files was read."""
        return self._files.derived(name, *parts)

    def keep_derived(self, name: str, value: object, *parts: str) -> None:
        """As `Files.keep_derived`; nothing is kept when the environment may have played a part."""
        if not self._renderer.used:
            self._files.keep_derived(name, value, *parts)

    def files(self) -> list[str]:
        """As `Files.listed`."""
        return self._files.listed

    def top_level(self) -> tuple[str, ...]:
        """As `Files.top_level`."""
        return self._files.top_level

    def shown(self, path: str) -> str:
        """As `Files.shown`."""
        return self._files.shown(path)

    def written(self, path: str) -> yaml.Document:
        """A file as it is written."""
        return self._files.document(path, None)

    def locals_of(self, document: yaml.Document) -> Mapping[str, object]:
        """The locals of a file, resolved; as `template_data` raises."""
        found = template_data(document, self._renderer, {}, self._answer).get("locals")
        return as_map(found)

    @property
    def config(self) -> Config:
        """The configuration, with the rules that the manifests were found to be written for."""
        if not self._decided:
            self._decided = True
            compat = self.derived("compat")
            if not isinstance(compat, str):
                compat = shown_by(self._files, self.top_level()) or ""
                self._files.keep_derived("compat", compat)
            if compat:
                self._config = self._given.older()
                notice = (
                    f"{self.shown(compat)} and others set metadata and name for whole files, so this repository is "
                    f"read by the rules of before December 2025. Set gaia.compat in atmos.yaml to "
                    f"{OLDER} to say so, or to {CURRENT}."
                )
                self.notices = (notice,)
        return self._config

    def manifest(self, path: str, context: Mapping[str, object] | None = None) -> Manifest:
        """The file at `path` (relative to the stacks folder) with everything that it imports.

        `context` is what an import of it would hand on.

        Raises:
            GaiaError: what reading it and its imports raises, with a position.
        """
        self._applied = 0
        _ = self.config  # decides by which rules files are merged
        return self._load(path, replace(self._plain, context=context) if context else self._plain, ())

    def _load(self, path: str, arrival: Arrival, chain: Chain) -> Manifest:
        key = (path, arrival.key())
        known = self._merged.get(key)
        if known is not None and arrival.changes_nothing:
            return known
        document, context = self._rendered(path, arrival, chain[-1][1] if chain else None)
        self._applied += 1
        if self._applied > MAX_APPLIED:
            message = f"more than {MAX_APPLIED:,} imports for one manifest"
            raise Invalid("import-too-many", message, at=document.at(), next_step="Import each file once.")
        result = self._with_imports(path, document, replace(arrival, context=context), chain)
        if result.pure and arrival.changes_nothing:
            self._merged[key] = result
        return result

    def _with_imports(self, path: str, document: yaml.Document, arrival: Arrival, chain: Chain) -> Manifest:
        """The file over its imports, which are handed the context of `arrival`."""
        strategy = self._config.list_strategy
        whole = Layer(document.value or {}, document=document)
        scopes = Scopes(whole, arrival.overrides, strategy)
        layers: list[Layer] = []
        reached: dict[str, yaml.Document] = {}
        pure = True
        gathered = Gathered(arrival.gathered, layers)
        for entry in entries(document):
            for manifest in self._imported(entry, path, arrival, chain, scopes, gathered):
                if manifest.overrides_of or manifest.outgoing:
                    scopes.gather(manifest.overrides_of, manifest.outgoing)
                if manifest.layer.value:
                    layers.append(manifest.layer)
                reached.update(manifest.reached)
                reached[manifest.path] = manifest.document
                pure = pure and manifest.pure and OPEN not in entry.path
        own = whole.without(("import", "locals", "overrides", *(OLDER_KEYS if self._config.compat == OLDER else ())))
        layer = merged([*layers, own], strategy) or own
        if layers and any(self._files.appends(one) for one in (path, *reached)):
            layer = without_appends(layer)
        return Manifest(path, layer, document, reached, scopes.attached(), scopes.outgoing(), pure)

    def _imported(
        self,
        entry: Entry,
        path: str,
        arrival: Arrival,
        chain: Chain,
        scopes: Scopes,
        gathered: Gathered,
    ) -> Iterator[Manifest]:
        """The files of one entry, merged, in their order."""
        files = self._files
        if entry.plain and not arrival.context and not scopes.handed_on():
            # Nearly every import is of this kind, and of a file that is known already.
            for child in files.targets(entry, path):
                known = self._merged.get((child, self._plain_key))
                yield known or self._descend(child, replace(self._plain, gathered=gathered), path, entry, chain)
            return
        context = _merged_context(entry.context, arrival.context, self._config.list_strategy)
        entry = self._with_path(entry, path, gathered, context)
        # What leaks out of one file of a pattern does not reach the other ones.
        handed = Arrival(
            context=context,
            skip_templates=entry.skip_templates,
            ignore_missing=entry.ignore_missing or self._config.rendering.ignore_missing,
            overrides=scopes.handed_on(),
            gathered=gathered,
        )
        for child in files.targets(entry, path):
            yield self._descend(child, handed, path, entry, chain)

    def _descend(self, child: str, arrival: Arrival, path: str, entry: Entry, chain: Chain) -> Manifest:
        self._refuse_cycle(child, path, entry, chain)
        return self._load(child, arrival, (*chain, (path, entry)))

    def _with_path(self, entry: Entry, importer: str, gathered: Gathered, context: Mapping[str, object]) -> Entry:
        """The entry with the templates in its path rendered."""
        if OPEN not in entry.path:
            return entry
        if not self._config.templates or entry.skip_templates:
            # The text stays, and as such names no file: that is passed over in silence.
            return entry.at_path(entry.path, optional=True)
        data = gathered.data(self._config.list_strategy)
        data.update(context)
        try:
            path = self._renderer.text(entry.path, data, self.shown(importer), strict=True)
        except Invalid as error:
            raise Invalid(
                "import-path-template",
                f"the import path {entry.path!r} cannot be rendered: {error.message}",
                at=entry.at,
                next_step="It sees settings, vars and env of the imports before it, and its own context.",
            ) from error
        return entry.at_path(path, optional=entry.skip_if_missing)

    def _rendered(self, path: str, arrival: Arrival, at: Entry | None) -> tuple[yaml.Document, Mapping[str, object]]:
        """The file as its templates leave it, and the context that it hands to its imports.

        That is the one it was given. Under `strict` a file with locals hands on all that its templates see.
        """
        fatal = bool(arrival.context)
        # Locals are of one file: those of the importing one only show that there is a context.
        context = {key: value for key, value in arrival.context.items() if key != "locals"}
        if path.endswith(".tmpl") and not arrival.skip_templates:
            return _replaced(self._template(path, replace(arrival, context=context), at), context), context
        document = self._files.document(path, at)
        if arrival.skip_templates:
            return document, arrival.context
        if has_locals(document.value):
            data = template_data(document, self._renderer, context, self._answer)
            context = data if self._config.compat == STRICT else context
        elif context:
            data = context
        else:
            return document, context
        rendered = self._renderer.document(document, data, strict=not arrival.ignore_missing, fatal=fatal)
        return _replaced(rendered, data), context

    def _template(self, path: str, arrival: Arrival, at: Entry | None) -> yaml.Document:
        """A file that need not be YAML before it is rendered."""
        content = self._files.content(path, at)
        text, problem = self._renderer.source(
            content,
            self.shown(path),
            arrival.context,
            strict=not arrival.ignore_missing,
            fatal=bool(arrival.context),
        )
        try:
            document = self._files.parsed(path, text)
        except Invalid:
            if problem is not None:
                raise problem from None
            raise
        if text.count(b"\n") == content.count(b"\n"):
            return document
        # Its lines are not those of the source any more.
        return yaml.Document(document.file, document.value, yaml.NOWHERE)

    def _refuse_cycle(self, child: str, path: str, entry: Entry, chain: Chain) -> None:
        if child == path:
            raise Invalid(
                "import-self", f"{self.shown(path)} imports itself", at=entry.at, next_step="Remove this import."
            )
        names = [one for one, _ in chain]
        if child in names:
            loop = [(one, step.at) for one, step in [*chain[names.index(child) :], (path, entry)]]
            raise Invalid(
                "import-cycle",
                "imports go round in a circle: " + " → ".join([*(one for one, _ in loop), child]),
                at=entry.at,
                next_step="Remove one of these imports: " + ", ".join(str(at) for _, at in loop) + ".",
                facts={"cycle": [{"file": self.shown(one), "at": str(at)} for one, at in loop]},
            )
        if len(chain) >= MAX_IMPORT_DEPTH:
            message = f"imports are nested deeper than {MAX_IMPORT_DEPTH} files"
            raise Invalid("import-too-deep", message, at=entry.at, next_step="Import the files side by side.")


def _replaced(document: yaml.Document, data: Mapping[str, object]) -> yaml.Document:
    """The file with the sections that its templates saw as sections of its own, as Atmos leaves it.

    So where a section cannot be rendered by itself it stays as it is written, whatever the whole file came to.
    """
    sections = {key: found for key in SHADOWED if isinstance(found := data.get(key), dict) and found}
    if not sections:
        return document
    tree = as_map(document.value)
    return document.holding({**tree, **sections})


def _merged_context(entry: Mapping[str, object], outer: Mapping[str, object], strategy: str) -> Mapping[str, object]:
    """An entry's own context under the importing file's. As any merge of two it uses up what `!append` wraps."""
    if not (isinstance(entry, dict) and entry and outer):
        return outer or entry
    merged_context = unwrapped(combine([entry, dict(outer)], strategy))
    return as_map(merged_context)
