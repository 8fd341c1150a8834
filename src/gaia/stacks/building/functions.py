"""YAML functions of a finished document: what can be answered is, the rest stays visible or is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.errors import GaiaError, Invalid, Refused
from gaia.kit.scalars import from_json, whole
from gaia.kit.shapes import as_map
from gaia.stacks.building.gitfacts import FACTS, GitFacts
from gaia.stacks.loading.arguments import referred, with_options, words
from gaia.stacks.loading.deferred import Deferred
from gaia.stacks.loading.tags import function_of, not_supported
from gaia.stacks.merge import APPENDED, is_append, together
from gaia.stacks.model import HOLDERS, Reference, Unknown
from gaia.stacks.ports import Call, Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gaia.errors import Position
    from gaia.stacks.ports import Processing, Resolver

    Path = tuple[str | int, ...]

UNSET = object()
TERRAFORM = ("terraform.state", "terraform.output")


@dataclass(slots=True)
class World:
    """What functions of one repository may ask, and the commands that have run."""

    environ: Mapping[str, str]
    resolver: Resolver | None
    processing: Processing
    untrusted: bool
    facts: GitFacts
    executed: dict[tuple[str, str], object] = field(default_factory=dict)


def _labels(metadata: Mapping[str, object]) -> dict[str, object]:
    labels = metadata.get("labels")
    return (
        {key: labels[key] for key in sorted(labels) if isinstance(labels[key], str)} if isinstance(labels, dict) else {}
    )


LABELS: Mapping[str, Callable[[Mapping[str, object]], object]] = {
    "labels": _labels,
    "labels.keys": lambda metadata: list(_labels(metadata)),
    "labels.values": lambda metadata: list(_labels(metadata).values()),
    "tags": lambda metadata: metadata.get("tags") or [],
}


class Functions:
    """Resolves the functions in the document of one instance.

    `locate(path)` gives the place of a value; it is asked only where a function or an error needs it.
    """

    def __init__(
        self,
        world: World,
        *,
        component: str,
        stack: str,
        document: Mapping[str, object],
        locate: Callable[[Sequence[str | int]], Position],
    ) -> None:
        self._world = world
        self._component = component
        self._stack = stack
        env, metadata = document.get("env"), document.get("metadata")
        self._env = as_map(env)
        self._metadata = as_map(metadata)
        self._locate = locate
        self.references: list[tuple[Path, Reference]] = []

    def walk(self, value: object, path: Path) -> object:
        """`value` with its functions resolved; the same object where there are none.

        Raises:
            Refused: `exec-refused`, `exec` in an untrusted repository.
            Invalid: `not-supported`, `function-arguments`, `function-failed`.
        """
        if isinstance(value, str):
            if isinstance(value, Deferred):
                return self._later(value, path)
            return self._text(value, path) if value[:1] == "!" else value
        if isinstance(value, Unknown):
            self.references += [(path, one) for one in value.needs]
            return value
        if isinstance(value, dict):
            if is_append(value):
                return self.walk(value[APPENDED], path)
            changed = {key: new for key, old in value.items() if (new := self.walk(old, (*path, key))) is not old}
            if not changed:
                return value
            return {key: new for key, new in (value | changed).items() if new is not UNSET}
        if isinstance(value, list):
            items = [self.walk(old, (*path, index)) for index, old in enumerate(value)]
            if all(new is old for new, old in zip(items, value, strict=True)):
                return value
            return [new for new in items if new is not UNSET]
        return value

    def meet(self, values: Sequence[object], path: Path, strategy: str) -> object:
        """The values of all layers at a path where one of them is a function: resolved, then put together.

        Other than among plain values null says nothing, and functions inside of lists stay as they are written.
        """
        found: list[object] = []
        for one in values:
            value = one if isinstance(one, list) else self.walk(one, path)
            found = [] if value is UNSET else found if value is None else [*found, value]
        return together(found, strategy) if found else UNSET

    def _text(self, text: str, path: Path) -> object:
        name = function_of(text)
        if name is None or name in self._world.processing.skip:
            return text
        arguments = text[len(name) + 1 :].strip()
        if name in TERRAFORM:
            return self._terraform(name, arguments, text, path)
        if name == "env":
            return self._environment(arguments, path)
        if name in ("template", "exec") and not arguments:
            raise self._wrong(f"!{name} needs a text", path)
        if name == "template":
            return decoded(arguments)
        if name == "unset":
            return UNSET
        if name == "exec":
            return self._execute(arguments, text, path)
        if name in LABELS:
            return LABELS[name](self._metadata)
        if name in FACTS:
            return self._fact(name, arguments, path)
        return self._outside(name, arguments, text, path)

    def _later(self, text: Deferred, path: Path) -> object:
        """A text around a local that was not known while its file was read."""
        from gaia.stacks.building.later import render

        try:
            return render(text, lambda value: self.walk(value, path), self._world.environ, self._locate(path))
        except Unanswered:
            return Unknown("template", str(text), self._locate(path), "string")

    def _terraform(self, name: str, arguments: str, text: str, path: Path) -> object:
        at = self._locate(path)
        given = referred(arguments, name, at)
        reference = Reference(name, given.component, given.stack or self._stack, given.expression, text, at)
        if self._world.resolver is not None:
            try:
                return self._world.resolver.terraform(reference)
            except Unanswered:
                pass
        self.references.append((path, reference))
        return reference

    def _environment(self, arguments: str, path: Path) -> object:
        given = self._words(arguments, path)
        if len(given) not in (1, 2):
            raise self._wrong("!env needs NAME [DEFAULT]", path)
        own = self._env.get(given[0])
        if own is not None and not (isinstance(own, str) and function_of(own)):
            return own
        return self._world.environ.get(given[0], given[1] if len(given) > 1 else "")

    def _execute(self, command: str, text: str, path: Path) -> object:
        if self._world.untrusted:
            raise Refused(
                "exec-refused",
                "!exec would run a command, and this repository's content is not trusted",
                at=self._locate(path),
                next_step="Write the value out.",
            )
        resolver = self._world.resolver
        if resolver is None:
            return Unknown("exec", text, self._locate(path))
        # The same command gives the same answer within one run, but it sees the environment of the component.
        own = {key: _text(value) for key, value in self._env.items() if isinstance(value, (str, int, float))}
        key = (command, json.dumps(own, sort_keys=True))
        if key not in self._world.executed:
            try:
                output = resolver.execute(command, {**self._world.environ, **own})
            except Unanswered as unanswered:
                return Unknown("exec", text, self._locate(path), unanswered.kind)
            except GaiaError as error:
                error.at = error.at or self._locate(path)
                raise
            self._world.executed[key] = decoded(output.removesuffix("\n"))
        return self._world.executed[key]

    def _fact(self, name: str, arguments: str, path: Path) -> object:
        given = self._words(arguments, path)
        found = FACTS[name](self._world.facts)
        if found is not None:
            return str(found)
        if given:
            return given[0]
        raise Invalid(
            "function-failed",
            f"!{name} is not known here: the folder is in no git repository, or git does not say",
            at=self._locate(path),
            next_step=f"Give a value to fall back on: `!{name} VALUE`.",
        )

    def _outside(self, name: str, arguments: str, text: str, path: Path) -> object:
        """Functions that only a resolver can answer."""
        family = name.partition(".")[0]
        if family not in ("store", "secret", "aws"):
            raise not_supported(f"!{name}", self._locate(path), "Write the value out.")
        at = self._locate(path)
        given, options = with_options(arguments, at)
        call = Call(name, tuple(given), text, self._component, self._stack, at)
        resolver = self._world.resolver
        kind = "string" if family == "aws" else None
        if resolver is None:
            return Unknown(name, text, at, kind)
        answers = {"store": resolver.store, "secret": resolver.secret, "aws": resolver.cloud}
        try:
            value = answers[family](call)
        except Unanswered as unanswered:
            return Unknown(name, text, at, unanswered.kind or kind)
        if value is None and "default" in options:
            return options["default"]
        query = options.get("query") or options.get("path")
        if not query:
            return value
        from gaia.golang import yq

        try:
            return yq.evaluate(query, value)
        except Invalid as error:
            error.at = at
            raise

    def _words(self, arguments: str, path: Path) -> list[str]:
        return words(arguments, self._locate(path))

    def _wrong(self, message: str, path: Path) -> Invalid:
        return Invalid("function-arguments", message, at=self._locate(path), next_step="Correct the arguments.")


EARLY = frozenset(("env", "template", "exec", *FACTS))


def early(world: World, text: str, at: Position) -> object:
    """What a function gives without any instance.

    Raises:
        Unanswered: it needs one, or it fails, which is then an error of the instance that uses it.
    """
    if function_of(text) not in EARLY or not world.processing.functions:
        raise Unanswered
    try:
        value = Functions(world, component="", stack="", document={}, locate=lambda _: at).walk(text, ())
    except GaiaError:
        raise Unanswered from None
    if isinstance(value, HOLDERS) or value is text:
        raise Unanswered
    return value


def _text(value: str | float) -> str:
    """A value as a variable of the environment."""
    return value if isinstance(value, str) else json.dumps(whole(value))


def decoded(text: str) -> object:
    """The text as JSON, or as it is."""
    try:
        return from_json(text)
    except (ValueError, RecursionError):
        return text
