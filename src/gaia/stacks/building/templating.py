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
from gaia.stacks.building.traits import TEMPLATE, Traits
from gaia.stacks.loading.tags import manifest_tag, not_supported
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
ACCOUNTS = re.compile(r"sources|\bdeps|atmos_cli_config|(?<![\w)\"'\]])\.(?![\w.\"'`])|\$(?![\w.])|\$\s*\.(?!\w)")
"""A template that may look at the account of files, or at the document as a whole."""


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
        self._evaluations = max(1, rendering.evaluations)
        self._rendering = rendering
        self._environ = dict(environ)
        self._functions: dict[tuple[tuple[str, str], ...], Functions] = {}

    def functions(self, extra_env: Mapping[str, object]) -> Functions:
        """The functions that `atmos.yaml` switches on; the environment with what `atmos.yaml` and stacks add."""
        added = {**self._rendering.env, **extra_env}
        key = tuple(sorted((name, str(value)) for name, value in added.items()))
        if key not in self._functions:
            environ = {**self._environ, **dict(key)}
            functions: dict[str, Callable[..., object]] = {}
            if self._rendering.gomplate:
                functions |= gomplate.functions(environ)
            if self._rendering.sprig:
                functions |= sprig.functions(environ)
            self._functions[key] = functions
        return self._functions[key]

    def text(self, template: str, data: Mapping[str, object], functions: Functions, place: str) -> str:
        """One template rendered; a missing key prints `<no value>`.

        Raises:
            Invalid: `template-…`.
        """
        return gotemplate.parse(template, name=place, left=self.left, right=self.right).render(data, functions)

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
        self._traits = Traits(renderer.left)

    def run(self) -> dict[str, object]:
        """The document rendered; itself where there is nothing to render."""
        texts = [
            text for key, value in self._document.items() if key not in NOT_RENDERED for text in self._texts(value)
        ]
        if not texts:
            return self._document
        if any(ACCOUNTS.search(text) for text in texts):
            self._data = {**self._data, **self._accounts()}
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
            return self._scalar(value, path) if self._renderer.left in value else value
        if not isinstance(value, (dict, list)) or not self._traits.of(value) & TEMPLATE:
            return value
        if isinstance(value, list):
            return [self._value(inner, (*path, index)) for index, inner in enumerate(value)]
        if any(self._renderer.left in key for key in value):
            raise goyaml.NotLocal
        return {key: self._value(inner, (*path, key)) for key, inner in value.items()}

    def _scalar(self, text: str, path: Path) -> object:
        def render(template: str) -> str:
            return self._text(template, path)

        try:
            return goyaml.render_scalar(text, render)
        except Unanswered:
            return text

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
        shown = {key: value for key, value in self._data.items() if key not in NOT_RENDERED}
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
        return {**{key: value for key, value in tree.items() if key in self._document}, **kept}

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
