"""What a step of type `parallel` says of its group: when it fails, what is shown, how many run at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.stacks.workflows.model import Step

MODES = ("wait_all", "fail_fast", "best_effort")
PRINTS = ("grouped", "prefixed", "none", "raw", "log", "viewport")
"""How what a step printed is shown; the last three, which are of single steps, as the first."""
ORDERS = ("completion", "definition")


def mistake(step: Step) -> str:
    """What its own fields say that is nothing, in a few words; empty where all is well."""
    fail, output = settings(step)
    words = (("fail.mode", fail.get("mode"), MODES), ("output.mode", output.get("mode"), PRINTS))
    for name, value, known in (*words, ("output.order", output.get("order"), ORDERS)):
        if value is not None and value not in known:
            return f"{name} is {value!r}, and none of {', '.join(known)}"
    numbers = {"fail.max_failures": fail.get("max_failures"), "max_concurrency": step.fields.get("max_concurrency")}
    for name, number in numbers.items():
        if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 0):
            return f"{name} is {number!r}, and no number"
    return ""


def settings(step: Step) -> tuple[Mapping[str, object], Mapping[str, object]]:
    """`fail` and `output`; a text in their place is their mode."""
    fail, output = (step.fields.get(name) for name in ("fail", "output"))
    return (
        fail if isinstance(fail, dict) else {"mode": fail},
        output if isinstance(output, dict) else {"mode": output},
    )
