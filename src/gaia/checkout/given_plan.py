"""The plan file that somebody says to apply: by its name, by `--planfile`, or the last one (`--from-plan`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.checkout.command import Command
from gaia.errors import Next, NotFound

if TYPE_CHECKING:
    from gaia.checkout.checkout import Checkout
    from gaia.checkout.words import Words
    from gaia.stacks.model import Instance


def given_plan(checkout: Checkout, words: Words, instance: Instance) -> bytes | None:
    """The content of the plan file that a command line says to apply; None where it names none.

    Raises:
        NotFound: `planfile-missing`. Conflict: `planfile-other`.
    """
    named = words.own.get("planfile") or next(iter(words.names), None)
    if named is not None:
        path = checkout.home_of(instance) / named
        if path.is_file():
            content = path.read_bytes()
            Command(checkout, words, instance).check_plan_file(content)
            return content
        if named != instance.planfile_name:
            raise NotFound("planfile-missing", f"there is no plan file {path}", next_step="Make one: plan -out=FILE.")
    elif not words.on("from-plan"):
        return None
    kept = Command(checkout, words, instance).kept_plan()
    if kept is None:
        raise NotFound(
            "planfile-missing",
            f"nobody has planned {instance.key} here, or its last plan was written to a file by name",
            next_step=Next(
                "terraform plan",
                instance.key.component,
                "Plan it first, or name the file of `plan -out=FILE` with --planfile FILE",
                stack=instance.key.stack,
            ),
        )
    return kept
