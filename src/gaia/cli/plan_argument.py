"""The argument of commands that take the JSON of a plan, or a component of a stack."""

from pathlib import Path

from gaia.cli.session import Session
from gaia.errors import Invalid


def plan_file(session: Session, subject: str) -> Path:
    """The file that was named; refused where it looks like a component without its stack."""
    path = Path(subject)
    if not (session.settings.cwd / path).exists() and not path.suffix:
        raise Invalid(
            "usage",
            f"there is no file {subject}, and nothing says in which stack a component of this name is meant",
            next_step="Give the JSON of a plan, or add -s STACK.",
        )
    return path
