"""What a template asks, and whether given answers are good ones. Answers are data and never become code.

A template is a folder `templates/NAME` of the platform repository with Copier's `copier.yml`. Gaia reads the part of
that format that needs no trust: typed questions with literal defaults and choices. Names with an underscore that are
Gaia's own: `_version`, `_title`, `_description`, `_ttl` (`gaia.scaffold.lifespan`) and `_constraints` (per question:
`pattern`, `expected`, `minimum`, `maximum`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, cast

from gaia.errors import Invalid, NotFound, Position
from gaia.kit.ids import check_name
from gaia.scaffold.lifespan import Lifespan, read_lifespan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Kind = Literal["str", "int", "bool", "choice"]
CODE = ("{{", "${", "%{", "{%", "{#")
"""What Atmos, Terraform or Jinja would render."""
LONGEST = 1000
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_SERVICE = re.compile(r"[a-z][a-z0-9-]{1,28}[a-z0-9]")
_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_UNTRUSTED = ("_tasks", "_migrations", "_jinja_extensions", "_external_data")
_QUESTION_KEYS = frozenset({"type", "help", "default", "choices", "validator", "placeholder"})


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that a template asks. `default` is None and `required` is true where there is none."""

    name: str
    type: Kind
    help: str
    default: str | int | bool | None = None
    choices: tuple[str, ...] = ()
    pattern: str | None = None
    """A regular expression that the whole answer must match."""
    expected: str | None = None
    """The pattern in words."""
    minimum: int | None = None
    maximum: int | None = None
    required: bool = True

    @property
    def wants(self) -> str:
        """In words, what a good answer is."""
        if self.type == "choice":
            return "one of " + ", ".join(self.choices)
        if self.type == "bool":
            return "true or false"
        if self.type == "int":
            low, high = self.minimum, self.maximum
            if low is not None and high is not None:
                return f"a whole number from {low} to {high}"
            return "a whole number" + (f", {low} or more" if low is not None else f", {high} or less" if high else "")
        return self.expected or (f"text that matches {self.pattern}" if self.pattern else "one line of text")


@dataclass(frozen=True, slots=True)
class Template:
    """A template as its `copier.yml` describes it."""

    name: str
    version: str
    title: str
    description: str
    questions: tuple[Question, ...]
    folder: Path
    lifespan: Lifespan = field(default_factory=Lifespan)
    """How long what it makes may live."""
    settings: Mapping[str, object] = field(default_factory=dict, compare=False)
    """What stands in the file besides questions, by its names with an underscore."""

    def question(self, name: str) -> Question | None:
        """The question of that name."""
        return next((question for question in self.questions if question.name == name), None)


def templates(root: Path) -> tuple[Template, ...]:
    """All templates of the platform repository at `root`, by name.

    Raises:
        Invalid: `template-invalid` or `template-unsafe` for the first one that cannot be used.
    """
    return tuple(load_template(root, name) for name in _names(root))


def load_template(root: Path, name: str) -> Template:
    """The template `templates/NAME` of the platform repository at `root`.

    Raises:
        NotFound: `template-unknown`, with the nearest names.
        Invalid: `template-invalid` or `template-unsafe`, with the file.
    """
    names = _names(root)
    if name not in names:
        near = get_close_matches(name, names, 3, 0.5)
        raise NotFound(
            "template-unknown",
            f"there is no template {name!r}",
            next_step=f"Did you mean {' or '.join(near)}?"
            if near
            else f"Templates here: {', '.join(names) or 'none'}.",
            facts={"templates": list(names)},
        )
    return read_template(folder_of(root) / name, name)


def read_template(folder: Path, name: str) -> Template:
    """The template in a folder; `name` is what it is called below `templates/`.

    Raises:
        Invalid: `template-invalid` or `template-unsafe`, with the file.
    """
    return _Reader(folder, name).read()


def check_service(name: str) -> str:
    """`name` when it can name a service: it becomes part of bucket, role and file names.

    Raises:
        Invalid: `name-invalid`.
    """
    if not _SERVICE.fullmatch(name):
        raise Invalid(
            "name-invalid",
            f"{name!r} cannot be the name of a service",
            next_step="Use 3 to 30 lower-case letters, digits and hyphens; begin with a letter, end with no hyphen.",
        )
    return check_name(name, "service")


def check_answers(template: Template, answers: Mapping[str, object]) -> dict[str, object]:
    """Complete, typed answers in the order of the questions; texts from a terminal are converted.

    Raises:
        Invalid: `answer-unknown`, `answer-missing`, `answer-type`, `answer-choice`, `answer-range`, `answer-pattern`,
            `answer-too-long` or `answer-is-code`; message and `facts` name the question, the next step says what it
            expects.
    """
    for name in answers:
        if template.question(name) is None:
            known = [question.name for question in template.questions]
            near = get_close_matches(name, known, 1, 0.5)
            hint = f"Did you mean {near[0]}? " if near else ""
            raise Invalid(
                "answer-unknown",
                f"the template {template.name} does not ask {name!r}",
                next_step=f"{hint}It asks: {', '.join(known)}.",
                facts={"question": name},
            )
    return {question.name: _check(question, answers) for question in template.questions}


def looks_like_code(text: str) -> bool:
    """Whether Atmos, Terraform or Jinja could take `text` for more than text."""
    return text.lstrip().startswith("!") or any(mark in text for mark in CODE)


def _check(question: Question, answers: Mapping[str, object]) -> str | int | bool:
    if question.name not in answers:
        if question.default is None:
            raise _bad(question, "answer-missing", f"{question.name} has no answer: {question.help}")
        return question.default
    value = answers[question.name]
    if isinstance(value, str) and looks_like_code(value):
        raise _bad(question, "answer-is-code", f"{question.name} would be taken for code: it {_why_code(value)}")
    if question.type == "int":
        return _check_int(question, value)
    if question.type == "bool":
        truth = _BOOLEANS.get(value.strip().lower()) if isinstance(value, str) else value
        if not isinstance(truth, bool):
            raise _wrong_type(question, value)
        return truth
    if not isinstance(value, str):
        raise _wrong_type(question, value)
    return _check_text(question, value)


def _check_int(question: Question, value: object) -> int:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong_type(question, value)
    low, high = question.minimum, question.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        raise _bad(question, "answer-range", f"{question.name} is {value}, which is out of range")
    return value


def _check_text(question: Question, value: str) -> str:
    if question.type == "choice":
        if value not in question.choices:
            raise _bad(question, "answer-choice", f"{question.name} is {value!r}, which is none of the choices")
        return value
    if not value.isprintable():
        raise _bad(question, "answer-type", f"{question.name} holds a line break or another control character")
    if len(value) > LONGEST:
        raise _bad(question, "answer-too-long", f"{question.name} has {len(value)} characters, more than {LONGEST}")
    if question.pattern and not re.fullmatch(question.pattern, value):
        raise _bad(question, "answer-pattern", f"{question.name} is {value!r}, which is not {question.wants}")
    return value


def _bad(question: Question, code: str, message: str) -> Invalid:
    return Invalid(
        code,
        message,
        next_step=f"Answer {question.name} with {question.wants}.",
        facts={"question": question.name, "expected": question.wants},
    )


def _wrong_type(question: Question, value: object) -> Invalid:
    return _bad(question, "answer-type", f"{question.name} is {value!r}, which is not {question.wants}")


def _why_code(value: str) -> str:
    if value.lstrip().startswith("!"):
        return "begins with '!'"
    return "holds " + " and ".join(repr(mark) for mark in CODE if mark in value)


def _names(root: Path) -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in folder_of(root).glob("*/copier.yml")))


def folder_of(root: Path) -> Path:
    """The templates of the repository at `root`; those of Gaia's package where it has no such folder."""
    from gaia.scaffold.blueprint import own_or_packaged

    return own_or_packaged(root, "templates")


class _Reader:
    """Reads one `copier.yml`, strictly."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.folder = folder
        self.file = f"templates/{name}/copier.yml"

    def read(self) -> Template:
        config = self._load()
        unsafe = [key for key in _UNTRUSTED if config.get(key)]
        if unsafe:
            raise Invalid(
                "template-unsafe",
                f"the template {self.name} wants to run code: {', '.join(unsafe)}",
                next_step="Remove that from the template; Gaia gives no template the trust to run anything.",
                at=Position(self.file, 1),
            )
        constraints = self._mapping(config.get("_constraints", {}), "_constraints")
        names = [name for name in config if not name.startswith("_")]
        for name in constraints:
            if name not in names:
                raise self._invalid(f"_constraints names {name!r}, which is no question")
        return Template(
            name=self.name,
            version=self._text(config, "_version"),
            title=self._text(config, "_title"),
            description=self._text(config, "_description"),
            questions=tuple(self._question(name, config[name], constraints.get(name, {})) for name in names),
            folder=self.folder,
            lifespan=read_lifespan(config.get("_ttl"), self._invalid),
            settings={name: value for name, value in config.items() if name.startswith("_")},
        )

    def _load(self) -> dict[str, object]:
        import yaml

        try:
            config = yaml.safe_load((self.folder / "copier.yml").read_bytes())
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            at = Position(self.file, mark.line + 1, mark.column + 1) if mark else Position(self.file, 1)
            raise self._invalid(f"it is not YAML: {getattr(error, 'problem', error)}", at) from error
        return self._mapping(config, "the file")

    def _question(self, name: str, raw: object, limits: object) -> Question:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name) or name == "gaia":
            raise self._invalid(f"{name!r} cannot be the name of a question")
        details, limit = self._mapping(raw, name), self._mapping(limits, f"_constraints.{name}")
        unknown = sorted(set(details) - _QUESTION_KEYS) + sorted(
            set(limit) - {"pattern", "expected", "minimum", "maximum"}
        )
        if unknown:
            raise self._invalid(f"question {name} has {', '.join(unknown)}, which Gaia does not support")
        choices = self._choices(name, details.get("choices"))
        kind = details.get("type")
        if kind not in ("str", "int", "bool") or (choices and kind != "str"):
            raise self._invalid(f"question {name} must have the type str, int or bool, and choices only with str")
        default = details.get("default")
        question = Question(
            name=name,
            type="choice" if choices else kind,
            help=self._text(details, "help", name),
            choices=choices,
            pattern=self._pattern(name, limit.get("pattern")),
            expected=cast("str | None", limit.get("expected")),
            minimum=cast("int | None", limit.get("minimum")),
            maximum=cast("int | None", limit.get("maximum")),
            required=default is None,
        )
        if default is None:
            return question
        try:
            checked = _check(question, {name: default})
        except Invalid as error:
            raise self._invalid(f"the default of {name} is no good answer: {error.message}") from error
        from dataclasses import replace

        return replace(question, default=checked)

    def _choices(self, name: str, raw: object) -> tuple[str, ...]:
        values = list(raw.values()) if isinstance(raw, dict) else raw or []
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise self._invalid(f"the choices of {name} must be a list of texts")
        if any(looks_like_code(value) for value in values):
            raise self._invalid(f"a choice of {name} would be taken for code")
        return tuple(values)

    def _pattern(self, name: str, raw: object) -> str | None:
        if raw is None:
            return None
        try:
            re.compile(str(raw))
        except re.error as error:
            raise self._invalid(f"the pattern of {name} is no regular expression: {error}") from error
        return str(raw)

    def _mapping(self, value: object, what: str) -> dict[str, object]:
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise self._invalid(f"{what} must be a map")
        return value

    def _text(self, config: Mapping[str, object], key: str, of: str = "the template") -> str:
        value = config.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self._invalid(f"{of} lacks {key}")
        if len(value) > LONGEST:
            raise self._invalid(f"{key} of {of} has {len(value):,} characters, more than {LONGEST:,}")
        return value

    def _invalid(self, message: str, at: Position | None = None) -> Invalid:
        return Invalid(
            "template-invalid",
            f"the template {self.name} cannot be used: {message}",
            next_step=f"Repair {self.file}.",
            at=at or Position(self.file, 1),
        )
