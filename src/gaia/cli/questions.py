"""Answers to a template: from options, from a file, and, on a terminal only, from the person who sits there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound, Position
from gaia.kit.files import read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gaia.cli.session import Session
    from gaia.scaffold.template import Question, Template

_MOST = 1 << 20
"""Bytes of a file of answers."""


def collect(cwd: Path, pairs: Sequence[str], file: Path | None) -> dict[str, object]:
    """Answers of the file, and the `KEY=VALUE` pairs over them. Values of pairs stay texts; the template converts.

    Raises:
        Invalid: `answer-form`, `answers-invalid`.
        NotFound: `answers-missing`.
    """
    answers = read_answers(cwd / file) if file else {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise Invalid("answer-form", f"{pair!r} is not an answer", next_step="Write it as -a KEY=VALUE.")
        answers[key.strip()] = value
    return answers


def ask_missing(
    session: Session, template: str, answers: Mapping[str, object], *, every: bool = False
) -> dict[str, object]:
    """Ask what the template needs and has neither an answer nor a default; `every` asks what has a default too."""
    wanted = next((each for each in session.app.templates() if each.name == template), None)
    return dict(answers) if wanted is None else ask_questions(session, wanted, answers, every=every)


def ask_questions(
    session: Session, wanted: Template, answers: Mapping[str, object], *, every: bool = False
) -> dict[str, object]:
    """The same of a template that is known."""
    unanswered = [each for each in wanted.questions if each.name not in answers]
    questions = [each for each in unanswered if every or each.required]
    if every and questions:
        session.note(f"{wanted.title}: press Enter to take what is in brackets.", "quiet")
    elif questions:
        session.note(f"{wanted.title}: {_not_asked(len(unanswered) - len(questions))}", "quiet")
    complete = dict(answers)
    for question in questions:
        complete |= _ask(session, question)
    return complete


def _not_asked(number: int) -> str:
    if not number:
        return "what it needs to know."
    return f"what has no default; `--ask` asks {'one more question' if number == 1 else f'{number} more questions'}."


def _ask(session: Session, question: Question) -> dict[str, object]:
    default = "" if question.default is None else str(question.default)
    if isinstance(question.default, bool):
        default = "yes" if question.default else "no"
    wants = f" ({', '.join(question.choices)})" if question.choices else ""
    wants = " (yes, no)" if question.type == "bool" else wants
    title = (question.help or question.name).rstrip(".:")
    prompt = f"{title}{wants}{f' [{default}]' if default else ''}"
    prompt += " " if prompt.endswith("?") else ": "
    while True:
        text = session.ask(prompt).strip()
        if not text and not question.required:
            return {}
        text = text or default
        problem = _problem(question, text)
        if problem is None:
            return {question.name: {"yes": "true", "no": "false"}.get(text, text) if question.type == "bool" else text}
        session.note(f"  {problem}", "warn")


def _problem(question: Question, text: str) -> str | None:
    """What is plainly wrong; everything else is the template's to check."""
    if not text:
        return "This needs an answer."
    if question.choices and text not in question.choices:
        return f"Choose one of {', '.join(question.choices)}."
    if question.type == "bool" and text not in ("yes", "no", "true", "false"):
        return "Answer yes or no."
    if question.type == "int" and not text.lstrip("-").isdecimal():
        return "This needs a whole number."
    return None


def read_answers(path: Path) -> dict[str, object]:
    """What a file says, by its keys.

    Raises:
        Invalid: `answers-invalid`. NotFound: `answers-missing`.
    """
    import yaml

    try:
        raw = read_regular(path, _MOST + 1)
        if len(raw) > _MOST:
            raise Invalid(
                "answers-invalid", f"{path} is larger than {_MOST // 2**20} MiB", next_step="Give a file of answers."
            )
        content = yaml.safe_load(raw.decode())
    except FileNotFoundError:
        raise NotFound("answers-missing", f"there is no file {path}", next_step="Check the path.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("answers-invalid", f"{path} cannot be read: {error}", next_step="Check the file.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise Invalid(
            "answers-invalid",
            f"{path} is not YAML: {getattr(error, 'problem', None) or error}",
            next_step="Correct the file; it holds one KEY: VALUE a line.",
            at=Position(str(path), mark.line + 1, mark.column + 1) if mark else None,
        ) from error
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise Invalid(
            "answers-invalid",
            f"{path} holds no answers",
            next_step="Write one KEY: VALUE a line.",
            at=Position(str(path), 1),
        )
    return content
