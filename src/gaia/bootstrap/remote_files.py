"""What a server's platform repository says, as the terminal shows what lies around it: templates, budgets, quotas."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaia.scaffold.lifespan import Lifespan
from gaia.scaffold.template import Question, Template

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.client import Client


def templates(client: Client) -> Sequence[Template]:
    """What can be requested there. Patterns and limits of answers are the server's own to check."""
    return [_template(one) for one in client.templates()]


def money(client: Client) -> dict[str, object]:
    """`{known, budgets, quotas}` as of `gaia.cost.formats.budgets`."""
    return {"known": True, "budgets": client.budgets(), "quotas": client.quotas()}


def _template(row: Mapping[str, Any]) -> Template:
    questions = tuple(
        Question(
            name=one["name"],
            type=one["type"],
            help=one["help"],
            default=one["default"],
            choices=tuple(one["choices"]),
            required=one["required"],
        )
        for one in row["questions"]
    )
    lives = {name: None if seconds is None else timedelta(seconds=seconds) for name, seconds in row["ttl"].items()}
    return Template(row["name"], row["version"], row["title"], row["description"], questions, Path(), Lifespan(**lives))
