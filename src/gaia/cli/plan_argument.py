"""The argument of commands that take the JSON of a plan, or a component of a stack."""

from pathlib import Path

from gaia.cli.session import Session
from gaia.errors import Invalid
from gaia.kit.files import STANDARD_INPUT


def no_stack_of_a_file(session: Session, subject: str, stack: str | None) -> None:
    """Refuse a file with a stack: a plan is of whatever it was planned for, and objects of Kubernetes are of none."""
    path = session.settings.cwd / subject
    named = subject in STANDARD_INPUT or (path.suffix in (".json", ".yaml", ".yml") and path.is_file())
    if stack is not None and named:
        raise Invalid(
            "usage", f"{subject} is a file, and has no stack", next_step="Leave -s out, or name a component instead."
        )


def plan_file(session: Session, subject: str) -> Path:
    """The file that was named; refused where it looks like a component without its stack."""
    path = Path(subject)
    if subject not in STANDARD_INPUT and not (session.settings.cwd / path).exists() and not path.suffix:
        raise Invalid(
            "usage",
            f"there is no file {subject}, and nothing says in which stack a component of this name is meant",
            next_step="Give the JSON of a plan, or add -s STACK.",
        )
    return path
