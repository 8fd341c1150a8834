"""A file that asks for several services at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cli.questions import read_answers
from gaia.errors import Invalid, Position
from gaia.platform.model import Wish

if TYPE_CHECKING:
    from pathlib import Path


def read_order(path: Path) -> tuple[str, list[Wish]]:
    """The order's name and its services.

    Raises:
        Invalid: `order-invalid`, `answers-invalid`. NotFound: `answers-missing`.
    """
    content = read_answers(path)
    name, services = content.get("name"), content.get("services")
    if set(content) != {"name", "services"} or not isinstance(name, str) or not isinstance(services, list):
        raise _invalid(path, "an order has a name and services, and nothing else")
    return name, [_wish(path, number, one) for number, one in enumerate(services, 1)]


def _wish(path: Path, number: int, one: object) -> Wish:
    if not isinstance(one, dict) or not set(one) <= {"template", "service", "answers"}:
        raise _invalid(path, f"service {number} has template, service and answers, and nothing else")
    template, service, answers = one.get("template"), one.get("service"), one.get("answers", {})
    if not isinstance(template, str) or not isinstance(service, str):
        raise _invalid(path, f"service {number} needs a template and a service, which are names")
    if not isinstance(answers, dict) or not all(isinstance(key, str) for key in answers):
        raise _invalid(path, f"the answers of service {number} are no answers")
    return Wish(template, service, answers)


def _invalid(path: Path, why: str) -> Invalid:
    return Invalid(
        "order-invalid",
        f"{path}: {why}",
        next_step="Write `name: NAME` and `services:`, a list of `{template: …, service: …, answers: {…}}`.",
        at=Position(str(path), 1),
    )
