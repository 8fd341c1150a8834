"""A template and answers become manifests, and each line knows the answers that it depends on.

Both facts come from rendering again: with one answer changed, the lines that differ depend on it; with a text replaced
by a harmless one of the same shape, nothing but that text may differ, or the answer would have become structure or
code, however careless the template is.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from functools import partial
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Position
from gaia.kit import yaml
from gaia.scaffold import copier
from gaia.scaffold.inert import differences, harmless, manifest_tree
from gaia.scaffold.source_lines import source_lines
from gaia.scaffold.template import check_answers, check_service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gaia.scaffold.template import Question, Template

    Sources = Mapping[str, Mapping[int, Position]]
    """Rendered path → line → the place in the template."""

_CONTEXT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_FREER = {
    "stack": re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,127}"),
    "import": re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,254}"),
    "requester": re.compile(r"[\w][\w .,'+@-]{0,127}"),
}
"""What names no file may hold a little more."""
_OPTIONAL = ("environment", "region")
"""What not every stack sets: a template that uses it cannot be rendered where it is not set."""
_FILE = re.compile(r"stacks/([A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*\.yaml")
_MOST_CHOICES = 4


@dataclass(frozen=True, slots=True)
class Context:
    """What Gaia adds to the answers; templates see it as `gaia.NAME`, but for what is empty."""

    request: str
    service: str
    stack: str
    tenant: str
    environment: str
    stage: str
    region: str
    requester: str
    imports: tuple[str, ...] = ()
    """What the manifest imports to be one of the stack, as `written_import` writes it."""
    vars: tuple[tuple[str, str], ...] = ()
    """What it sets besides, where no import does."""
    scope: tuple[tuple[str, str], ...] = ()
    """What its `settings.gaia.scope` says, as the other manifests of the stack do; mostly nothing."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The files of one service."""

    files: Mapping[str, bytes]
    """Path in the platform repository → content."""
    manifest: str
    """The path of the one manifest."""
    origins: Mapping[str, Mapping[int, tuple[str, ...]]] = field(default_factory=dict)
    """Path → line (from 1) → names of the answers that the line depends on, in the order of the questions."""


def render(template: Template, answers: Mapping[str, object], *, context: Context) -> Rendered:
    """Render the template; nothing is written anywhere.

    Raises:
        Invalid: what `check_answers` raises; `name-invalid`; `answer-refused` by a validator of the template;
            `answer-is-code` when an answer would become more than text; `template-invalid`.
    """
    checked = check_answers(template, answers)
    data = {**checked, "gaia": _context(template, context)}
    plan = [(question, value) for question in template.questions for value in _others(question, checked[question.name])]
    probes = [
        (question, harmless(str(checked[question.name]))) for question in template.questions if _is_free(question)
    ]
    variants = [{**data, question.name: value} for question, value in [*plan, *probes]]
    outcomes = copier.render_all(template.name, template.folder, [data, *variants])
    files = _files(outcomes[0])
    manifest = _manifest(template, files)
    sources = partial(source_lines, template, data, files)
    for (question, _), outcome in zip(probes, outcomes[1 + len(plan) :], strict=True):
        _check_inert(template, question, files, outcome, sources)
    questions = [question for question, _ in [*plan, *probes]]
    return Rendered(
        files={path: text.encode() for path, text in files.items()},
        manifest=manifest,
        origins={path: _origins(path, text, questions, outcomes[1:]) for path, text in files.items()},
    )


def _context(template: Template, context: Context) -> dict[str, object]:
    check_service(context.service)
    data = {name: value for name, value in asdict(context).items() if value or name not in _OPTIONAL}
    imports, variables, scope = data.pop("imports"), dict(data.pop("vars")), dict(data.pop("scope"))
    for name, value in [*data.items(), *(piece for one in imports for piece in _import_pieces(one))]:
        if not _FREER.get(name, _CONTEXT).fullmatch(value):
            raise Invalid(
                "name-invalid",
                f"{name} {value!r} cannot stand in a manifest",
                next_step="Use letters, digits and _ . - only.",
            )
    given = {"imports": list(imports), "vars": variables, "scope": scope}
    return {**data, **given, "template": template.name, "version": template.version}


def written_import(path: str, context: Mapping[str, str]) -> str:
    """An import as a template writes it behind a dash: a path, or a map on one line where it hands on a context."""
    return json.dumps({"path": path, "context": dict(context)}) if context else path


def _import_pieces(written: str) -> Iterator[tuple[str, str]]:
    """What an import is made of, and by which rule of names each piece is judged."""
    if not written.startswith("{"):
        yield "import", written
        return
    entry = json.loads(written)
    yield "import", entry["path"]
    for name, value in entry["context"].items():
        yield "name of a context", name
        yield "context", value


def _is_free(question: Question) -> bool:
    return question.type == "str"


def _others(question: Question, value: object) -> list[object]:
    """Other answers to the same question, whose renderings show what depends on it."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        ends = [value + 1, value - 1, question.minimum, question.maximum]
        low = value if question.minimum is None else question.minimum
        high = value + 1 if question.maximum is None else question.maximum
        return [end for end in dict.fromkeys(ends) if end is not None and end != value and low <= end <= high]
    return list([choice for choice in question.choices if choice != value][:_MOST_CHOICES])


def _files(outcome: copier.Outcome) -> dict[str, str]:
    if isinstance(outcome, Invalid):
        raise outcome
    return outcome


def _manifest(template: Template, files: Mapping[str, str]) -> str:
    outside = [path for path in files if not _FILE.fullmatch(path)]
    if outside or len(files) != 1:
        raise _template_invalid(
            template, f"it must render exactly one manifest below stacks/, and renders {', '.join(files) or 'nothing'}"
        )
    return next(iter(files))


def sources(template: Template, answers: Mapping[str, object], made: Rendered, *, context: Context) -> Sources:
    """For each line of what `render` made, the template's line that it came from, where that can be told."""
    data = {**check_answers(template, answers), "gaia": _context(template, context)}
    return source_lines(template, data, {path: content.decode() for path, content in made.files.items()})


def _check_inert(
    template: Template,
    question: Question,
    files: Mapping[str, str],
    outcome: copier.Outcome,
    find: Callable[[], Sources],
) -> None:
    """The answer in `files` is nothing but text, judged against the rendering with a harmless text instead."""
    if isinstance(outcome, Invalid):
        raise _template_invalid(template, f"{question.name} cannot be varied: {outcome.message}") from outcome
    if files.keys() != outcome.keys():
        raise _became_code(template, question, "names a file", None)
    for path, text in files.items():
        given, instead = (_tree(template, path, one, find) for one in (text, outcome[path]))
        for where, reason in differences(given, instead):
            line = yaml.parse(text.encode(), path, lambda _, value, __: value).at(where).line
            raise _became_code(template, question, reason, find().get(path, {}).get(line))


def _tree(template: Template, path: str, text: str, find: Callable[[], Sources]) -> object:
    def wrong(reason: str, line: int | None) -> Invalid:
        return _template_invalid(template, reason, find().get(path, {}).get(line) if line else None)

    return manifest_tree(path, text, wrong)


def _origins(
    path: str, text: str, questions: Sequence[Question], outcomes: Sequence[copier.Outcome]
) -> dict[int, tuple[str, ...]]:
    lines = text.splitlines()
    found: dict[int, list[str]] = {}
    for question, outcome in zip(questions, outcomes, strict=True):
        if isinstance(outcome, Invalid):
            continue  # a validator refuses this variant: it cannot tell anything
        other = outcome.get(path, "").splitlines()
        for tag, start, end, _, _ in SequenceMatcher(None, lines, other, autojunk=False).get_opcodes():
            if tag == "equal":
                continue
            for number in range(start + 1, end + 1):
                names = found.setdefault(number, [])
                if question.name not in names:
                    names.append(question.name)
    order = {question.name: place for place, question in enumerate(questions)}
    return {number: tuple(sorted(found[number], key=order.__getitem__)) for number in sorted(found)}


def _became_code(template: Template, question: Question, reason: str, at: Position | None) -> Invalid:
    place = str(at) if at else f"templates/{template.name}"
    return Invalid(
        "answer-is-code",
        f"{question.name} would be more than text in a manifest: it {reason}",
        next_step=f"Answer {question.name} with plain text, or have {place} use `| to_json`.",
        at=at,
        facts={"question": question.name, "expected": question.wants},
    )


def _template_invalid(template: Template, message: str, at: Position | None = None) -> Invalid:
    return Invalid(
        "template-invalid",
        f"the template {template.name} cannot be used: {message}",
        next_step=f"Repair templates/{template.name}.",
        at=at or Position(f"templates/{template.name}/copier.yml", 1),
    )
