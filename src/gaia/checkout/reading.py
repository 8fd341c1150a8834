"""What an instance's state and code say, as data: outputs, and what `terraform validate` finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gaia.checkout.command import Command
from gaia.kit.redact import MASK

if TYPE_CHECKING:
    from gaia.checkout.checkout import Checkout
    from gaia.checkout.words import Words
    from gaia.stacks.model import Instance


def outputs(checkout: Checkout, instance: Instance) -> dict[str, object]:
    """The outputs in the state; `(sensitive)` stands for those that are, and for a secret that was wired in."""
    reader = checkout.outputs(instance)
    reader.variables(instance, destroy=True)  # its secrets are known from now on
    state = reader.state(instance)
    found = state.outputs if state else {}
    shown = {name: MASK if one.sensitive else one.value for name, one in sorted(found.items())}
    return cast("dict[str, object]", checkout.redact.data(shown))


def diagnostics(checkout: Checkout, words: Words, instance: Instance) -> list[dict[str, object]]:
    """What `terraform validate` says: `{severity, summary, detail, at}` each, places relative to the repository."""
    command = Command(checkout, words, instance)
    with command.opened() as directory:
        placed = [one.placed(directory) for one in command.terraform.validate(directory)]
    return [
        {"severity": one.severity, "summary": one.summary, "detail": one.detail, "at": str(one.at or "") or None}
        for one in placed
    ]
