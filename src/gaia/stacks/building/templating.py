"""Go templates at the component stage: a document is written as YAML, rendered, and read again.

Only values that hold a template are touched. Where YAML makes of a scalar what it makes of it alone, that is done
scalar by scalar; else the whole document takes the long way.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol

from gaia.errors import GaiaError, Invalid
from gaia.golang import gotemplate, goyaml
from gaia.golang.gotemplate.gomplate import library as gomplate
from gaia.golang.gotemplate.sprig import library as sprig
from gaia.kit import yaml
from gaia.kit.shapes import as_map
from gaia.stacks.building.repositoryfiles import RepositoryFiles
from gaia.stacks.building.traits import TEMPLATE, Traits, opening
from gaia.stacks.loading.deferred import Deferred, restored, set_aside
from gaia.stacks.loading.tags import manifest_tag, not_supported
from gaia.stacks.model import Unknown
from gaia.stacks.ports import Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gaia.errors import Position
    from gaia.stacks.loading.config import Config

    Functions = Mapping[str, Callable[..., object]]
    Path = tuple[str | int, ...]

NOT_RENDERED = ("component_info", "sources", "mocks")
ASIDE = " aside"
"""A section that is rendered, and that no template sees."""
ACCOUNTS = re.compile(r"sources|\bdeps|atmos_cli_config|component_info")
"""A template that may look at the account of files, or at what is not of the manifests."""
WHOLE = re.compile(r"(?<![\w)\"'\]])\.(?![\w.\"'`])|\$(?![\w.])|\$\s*\.(?!\w)")
"""One that may look at the document as a whole."""
HIDDEN = ("component_info", "component_type", "sources", "atmos_cli_config")
"""What is no part of the document as a whole; a template that names one sees it."""


class Place(Protocol):
    """Where a value of the document is written."""

    def __call__(self, path: Sequence[str | int]) -> Position:
        """The position of the value at `path`."""
        ...


class Renderer:
    """Renders documents of one repository."""

    def __init__(self, config: Config, environ: Mapping[str, str]) -> None:
        rendering = config.rendering
        self.left, self.right = rendering.delimiters
        self.mark = opening(self.left)
        """What a text holds that may be a template: quotes of the delimiters come with the dump."""
        self.quotes = "'" in self.left + self.right
        self._evaluations = max(1, rendering.evaluations)
        self._rendering = rendering
        self._environ = dict(environ)
        self._files = RepositoryFiles(config.root, config.top)
        self._functions: dict[tuple[tuple[tuple[str, str], ...], ...], Functions] = {}

    def functions(self, settings: Mapping[str, object]) -> Functions:
        """The functions that `atmos.yaml` switches on; environment and datasources with what `settings` of a stack,
        its `settings.templates.settings`, add.
        """
        extra, engine = settings.get("env"), settings.get("gomplate")
        added = {**self._rendering.env, **as_map(extra)}
        named = engine.get("datasources") if isinstance(engine, dict) else None
        urls = _urls({**self._rendering.datasources, **as_map(named)})
        environment = tuple(sorted((name, str(value)) for name, value in added.items()))
        key = (environment, tuple(sorted(urls.items())))
        if key not in self._functions:
            environ = {**self._environ, **dict(environment)}
            functions: dict[str, Callable[..., object]] = {}
            if self._rendering.gomplate:
                functions |= gomplate.functions(environ, self._files, urls)
            if self._rendering.sprig:
                functions |= sprig.functions(environ)
            self._functions[key] = functions
        return self._functions[key]

    def text(self, template: str, data: Mapping[str, object], functions: Functions, place: str) -> str:
        """One template rendered; a missing key prints `<no value>`.

        Raises:
            Invalid: `template-…`.
        """
        parsed = gotemplate.parse(template, name=place, left=self.left, right=self.right)
        return parsed.render(data, functions, missing="error" if self.quotes else "default")

    def name(self, template: str, data: Mapping[str, object], place: str, *, strict: bool) -> str:
        """The name of a stack or a workspace: delimiters and functions are the usual ones, whatever is switched on.

        Raises:
            Invalid: `template-…`; `template-missing-key` where `strict`.
        """
        missing: Literal["error", "default"] = "error" if strict else "default"
        return gotemplate.parse(template, name=place).render(data, self._every_function, missing=missing)

    @cached_property
    def _every_function(self) -> Functions:
        environ = {**self._environ, **{name: str(value) for name, value in self._rendering.env.items()}}
        return {**gomplate.functions(environ), **sprig.functions(environ)}

    def document(
        self,
        document: dict[str, object],
        functions: Functions,
        locate: Place,
        accounts: Callable[[], Mapping[str, object]],
    ) -> dict[str, object]:
        """The document rendered as often as `atmos.yaml` says; itself where it holds no template.

        `accounts` gives what is only made when a template looks at it.

        Raises:
            Invalid: `template-…` at the value; `yaml-after-template` when the result is no YAML.
        """
        for _ in range(self._evaluations):
            rendered = _Pass(self, document, functions, locate, accounts).run()
            if rendered is document:
                break
            document = rendered
        return document


def _urls(datasources: Mapping[str, object]) -> dict[str, str]:
    """The URLs of datasources by their aliases."""
    return {
        alias: str(source["url"])
        for alias, source in datasources.items()
        if isinstance(source, dict) and "url" in source
    }


class _Pass:
    """One evaluation: all templates see the document as it was before."""

    def __init__(
        self,
        renderer: Renderer,
        document: dict[str, object],
        functions: Functions,
        locate: Place,
        accounts: Callable[[], Mapping[str, object]],
    ) -> None:
        self._renderer = renderer
        self._document = document
        self._functions = functions
        self._locate = locate
        self._accounts = accounts
        self._data: Mapping[str, object] = document
        if ASIDE in document:
            self._data = {key: value for key, value in document.items() if key != ASIDE}
        self._traits = Traits(renderer.mark)

    def run(self) -> dict[str, object]:
        """The document rendered; itself where there is nothing to render."""
        texts = [
            text for key, value in self._document.items() if key not in NOT_RENDERED for text in self._texts(value)
        ]
        if not texts:
            return self._document
        named = any(ACCOUNTS.search(text) for text in texts)
        if named or any(WHOLE.search(text) for text in texts):
            seen = {**self._data, **self._accounts()}
            self._data = seen if named else {key: value for key, value in seen.items() if key not in HIDDEN}
        try:
            return {
                key: value if key in NOT_RENDERED else self._value(value, (key,))
                for key, value in self._document.items()
            }
        except goyaml.NotLocal:
            return self._at_once()

    def _texts(self, value: object) -> list[str]:
        if not self._traits.of(value) & TEMPLATE:
            return []
        if isinstance(value, dict):
            return [text for key, inner in value.items() for one in (key, inner) for text in self._texts(one)]
        if isinstance(value, list):
            return [text for inner in value for text in self._texts(inner)]
        return [str(value)]

    def _value(self, value: object, path: Path) -> object:
        if isinstance(value, str):
            if self._renderer.mark not in value or isinstance(value, Deferred):
                return value
            return self._scalar(value, path)
        if not isinstance(value, (dict, list)) or not self._traits.of(value) & TEMPLATE:
            return value
        if isinstance(value, list):
            return [self._value(inner, (*path, index)) for index, inner in enumerate(value)]
        if any(self._renderer.mark in key for key in value):
            raise goyaml.NotLocal
        return {key: self._value(inner, (*path, key)) for key, inner in value.items()}

    def _scalar(self, text: str, path: Path) -> object:
        def render(template: str) -> str:
            return self._text(template, path)

        try:
            return (
                goyaml.render_with_quotes(text, render) if self._renderer.quotes else goyaml.render_scalar(text, render)
            )
        except Unanswered as open_:
            return Unknown("atmos.Component", text, self._locate(path), open_.kind, open_.needs)
        except Invalid as error:
            # Whether such delimiters were meant at all the dump does not say: what they do not know is not theirs.
            if self._renderer.quotes and error.code == "template-missing-key":
                return text
            raise

    def _text(self, template: str, path: Path) -> str:
        try:
            return self._renderer.text(template, self._data, self._functions, ".".join(map(str, path)))
        except GaiaError as error:
            error.facts = {**error.facts, "template_at": str(error.at)}
            error.at = self._locate(path)
            raise

    def _at_once(self) -> dict[str, object]:
        """The long way: the document as YAML text."""
        kept = {key: value for key, value in self._document.items() if key in NOT_RENDERED}
        later: list[Deferred] = []
        shown = {
            key: set_aside(value, {}, frozenset(), later)
            for key, value in self._data.items()
            if key not in NOT_RENDERED
        }
        try:
            text = self._text(goyaml.dump(shown), ())
        except Unanswered:
            raise not_supported(
                "outputs that are not known yet, in an instance whose templates change its YAML",
                self._locate(self._suspect()),
                "Quote what the template inserts.",
            ) from None
        try:
            tree = yaml.parse_values(text.encode(), "rendered", manifest_tag)
        except Invalid as error:
            suspect = self._suspect()
            raise Invalid(
                "yaml-after-template",
                f"what the templates give is no YAML: {error.message}",
                at=self._locate(suspect),
                next_step="Quote what is inserted, for instance with `toJson` or `quote`.",
                facts={"line": error.at.line if error.at else None},
            ) from error
        if not isinstance(tree, dict):
            raise Invalid(
                "yaml-after-template",
                "what the templates give is no map",
                at=self._locate(()),
                next_step="Look at templates that insert several lines.",
            )
        return {**{key: restored(value, later) for key, value in tree.items() if key in self._document}, **kept}

    def _suspect(self) -> Path:
        """The first value that cannot be rendered by itself."""
        for path in self._paths(self._document, ()):
            value: object = self._document
            for key in path:
                value = value[key] if isinstance(value, (dict, list)) else value  # type: ignore[index]
            try:
                goyaml.render_scalar(str(value), lambda template, path=path: self._text(template, path))  # type: ignore[misc]
            except Unanswered:
                continue
            except (goyaml.NotLocal, GaiaError):
                return path
        return ()

    def _paths(self, value: object, path: Path) -> list[Path]:
        if not self._traits.of(value) & TEMPLATE:
            return []
        if isinstance(value, dict):
            return [found for key, inner in value.items() for found in self._paths(inner, (*path, key))]
        if isinstance(value, list):
            return [found for index, inner in enumerate(value) for found in self._paths(inner, (*path, index))]
        return [path]
