"""A template's questions as a form: what stands in its fields, and what was typed there as answers."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

from gaia.console import forgery
from gaia.errors import Conflict, Invalid
from gaia.kit import canonical, spans

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from gaia.console.call import Call
    from gaia.scaffold.template import Template

ANSWER = "answer."
"""What a field of an answer begins with: a question may have any name."""
QUESTIONS = "questions"
"""The hidden field that says which questions the form was made of."""
_OWN = (forgery.FIELD, "act", QUESTIONS)


def digest_of(template: Template) -> str:
    """Of what a template asks: another one where any question is another."""
    asked = [list(map(str, astuple(one))) for one in template.questions]
    return canonical.digest([template.name, asked])


def check_same(template: Template, call: Call) -> None:
    """Pass a form that was made of the questions that the template has now.

    Raises:
        Conflict: `template-changed`.
    """
    if call.form.get(QUESTIONS, digest_of(template)) != digest_of(template):
        raise Conflict(
            "template-changed",
            f"the template {template.name} was changed while this form was open",
            next_step="Look through its questions, which are the new ones; what you typed is kept. Then send it again.",
        )


def typed(call: Call) -> dict[str, str]:
    """What stands in the fields; the page shows it again as it is, so nothing of it is refused here."""
    return {name: text for name, text in call.form.items() if name not in _OWN}


def defaults(template: Template) -> dict[str, str]:
    """The fields of who has not typed anything."""
    return {ANSWER + one.name: text_of(one.default) for one in template.questions if one.default is not None}


def filled(template: Template, answers: Mapping[str, object]) -> dict[str, str]:
    """The fields with the answers that there are; with the default of a question that was not there then."""
    asked = {one.name for one in template.questions}
    mine = {ANSWER + name: text_of(value) for name, value in answers.items() if name in asked and value is not None}
    return {**defaults(template), **mine}


def text_of(value: object) -> str:
    """An answer as it stands in a field."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def given(template: Template, fields: Mapping[str, str]) -> dict[str, str]:
    """The answers: an empty field is none where the template has its own."""
    return {
        one.name: text
        for one in template.questions
        for text in (fields.get(ANSWER + one.name, "").strip(),)
        if text or (ANSWER + one.name in fields and one.type == "str" and not one.required)
    }


def life(text: str) -> timedelta | None:
    """How long something is to live; None where nothing was typed.

    Raises:
        Invalid: `ttl-invalid`.
    """
    if not text.strip():
        return None
    try:
        return spans.parse(text.strip())
    except ValueError:
        raise Invalid("ttl-invalid", "this is no length of time", next_step=f"Write it like {spans.WRITTEN}.") from None


def titles(template: Template) -> dict[str, str]:
    """What people read of each question."""
    return {one.name: one.help.strip().removesuffix(".") for one in template.questions}
