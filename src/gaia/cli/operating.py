"""What `gaia apply` and `gaia terraform apply` ask, refuse and say alike, and their exit codes."""

from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.session import Session
from gaia.errors import Conflict, GaiaError, Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gaia.checkout.change import Seen
    from gaia.checkout.checkout import Checkout
    from gaia.checkout.words import Words
    from gaia.platform.views.direct_model import InstanceChangeView, PlanView
    from gaia.stacks.model import Instance
    from gaia.terraform.plan import Plan

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask whether the plan is right.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only the summary and errors.")]
CHANGES = 2
"""What `terraform plan -detailed-exitcode` ends with when there is something to do."""
FAILED = 1
"""What terraform ends with when it fails."""
PARKED = 6
"""What a change ends with that a person has to look at."""


def left_out(session: Session, instance: "Instance") -> bool:
    """Whether an instance is not enabled, which is said: nothing is done with it then, and that is no failure."""
    if not instance.enabled:
        session.note(f"{instance.key} is not enabled: metadata.enabled is false. Nothing was done.")
    return not instance.enabled


def name_is_typed(session: Session) -> bool:
    """Whether the stack's name has to be typed for a destruction, whatever --yes says: where somebody sits.

    Raises:
        Invalid: `confirmation-missing` where she would not see that she is asked.
    """
    if session.stdin.isatty() and not session.interactive:
        raise Invalid(
            "confirmation-missing",
            "at a terminal the stack's name is typed to destroy something, and nobody would see the question: "
            "the error stream goes elsewhere",
            next_step="Leave the error stream on the terminal; a script that is to ask nobody takes </dev/null.",
        )
    return session.interactive


def asked(session: Session, checkout: "Checkout", instance: "Instance", view: "PlanView", *, destroy: bool) -> bool:
    """Whether the person at the terminal says that the plan is right; the target is named.

    Raises:
        Invalid: `confirmation-missing` where nobody sits there.
    """
    word = "destroy" if destroy else "apply"
    if not session.interactive:
        raise Invalid(
            "confirmation-missing",
            "nobody is there who could say that the plan is right, so nothing was changed",
            next_step=f"Read the plan, then {word} it with --yes (or -auto-approve).",
        )
    from gaia.cli.screens.target import where

    place = f"{checkout.root} {checkout.revision}"
    place += f", in {where(view.target)}" if view.target.said or instance.providers else ""
    if destroy:
        question = f"\nAs {view.caller}, destroy exactly this of {instance.key}, {place}? Type the stack's name: "
        typed = session.ask(question).strip()
        if typed != instance.key.stack:
            session.note(f"That is not the stack's name: {instance.key.stack} has to be typed.")
        return typed == instance.key.stack
    question = f"\nAs {view.caller}, apply exactly this to {instance.key}, {place}? [y/N] "
    return session.ask(question).strip().lower() in ("y", "yes")


def judged(session: Session, seen: "Seen", *, refuse: bool = True) -> None:
    """What policies say, and what will not be gone on with, before anybody is asked.

    Without `refuse` a no is only shown: nothing is to be done.

    Raises:
        Refused: `policy-denied`.
    """
    from gaia.errors import Refused

    if seen.instead_of:
        session.note(
            f"An earlier {seen.instead_of} was begun and did not end: it is given up, this goes by what exists."
        )
    verdict = seen.verdict
    if seen.plan.changes:
        session.note(f"cost  {_bill(seen)}", "quiet")
    if verdict is None:
        return
    for warning in _warnings(seen):
        session.note(f"policy  {warning}", "warn")
    if not verdict.reasons:
        return
    if verdict.allowed:
        for reason in dict.fromkeys(verdict.reasons):
            session.note(f"policy  {reason}", "warn")
        said = "a folder policies/, or gaia.policies: enforced in atmos.yaml"
        session.note(f"These come with Gaia and only report, until the repository has {said}.", "quiet")
        return
    if not refuse:
        for reason in dict.fromkeys(verdict.reasons):
            session.note(f"policy  {reason}", "bad" if verdict.code != "policy-undecided" else "warn")
        session.note("An apply is refused for these.", "quiet")
        return
    raise Refused(
        "policy-undecided" if verdict.code == "policy-undecided" else "policy-denied",
        "the policies say no",
        next_step="Change the configuration, or the policy, then plan again.",
        facts={"reason": verdict.code, "findings": list(dict.fromkeys(verdict.reasons))},
    )


def _bill(seen: "Seen") -> str:
    """What it does to the bill of a month."""
    from gaia.cli.screens.format import money
    from gaia.cost.summary import summary

    if not seen.cost:
        return "nobody can say what it does to the bill"
    found = summary(seen.cost)
    known = found.diff_monthly
    if not known:
        if not found.difference_complete:
            return "no price is known of what it does"
        return "by use, and nobody has said how much" if found.pending else "it does nothing to the bill"
    rest = "" if found.difference_complete else ", and what has no price"
    return f"{money(known, found.currency, signed=True)} a month{rest}"


def _warnings(seen: "Seen") -> list[str]:
    from gaia.policy.waivers import told
    from gaia.policy.wording import sentences

    found = seen.verdict.findings if seen.verdict else ()
    return [
        *told(found),
        *sentences((one.title, one.address or "", one.message) for one in found if one.effect == "warn"),
    ]


def planned(session: Session, checkout: "Checkout", words: "Words", instance: "Instance") -> "Callable[[Plan], None]":
    """Shows what the policies and the prices say of a plan that terraform has just shown."""

    def show(plan: "Plan") -> None:
        from gaia.checkout.change import Change

        try:
            judged(session, Change(checkout, instance, words, destroy=words.destroys).seen(plan), refuse=False)
        except GaiaError as error:  # the plan was shown, and an apply asks again
            session.note(f"policy  nobody has judged this: {error.message}", "bad")

    return show


def ended(session: Session, made: "InstanceChangeView", *, screen: bool = False) -> int:
    """Show how a change ended, and give the exit code.

    Raises:
        Conflict: `change-parked`.
    """
    if session.format != "text":
        session.show(made.as_json())
        return PARKED if made.status == "parked" else 0
    if made.status == "parked":
        found = [dict(one) for one in made.by_hand]
        raise Conflict(
            "change-parked",
            f"{made.instance}: {made.reason}",
            next_step=made.next_step,
            facts={"reason": made.code, "left": list(made.left), **({"by_hand": found} if found else {})},
        )
    if screen:
        from gaia.cli.screens.direct import change_screen

        session.show(None, *change_screen(made))
    return 0


def document(session: Session, checkout: "Checkout", words: "Words", instance: "Instance") -> int:
    """`gaia terraform plan|output|validate` for a program: Gaia's own documents."""
    from gaia.checkout.change import Change
    from gaia.checkout.reading import diagnostics, outputs

    if words.subcommand == "plan":
        seen = Change(checkout, instance, words, destroy=words.destroys).plan()
        session.show(seen.as_json())
        return CHANGES if words.flag("detailed-exitcode") and not seen.plan.empty else 0
    if words.subcommand == "output":
        found = outputs(checkout, instance)
        name = next(iter(words.names), None)
        if name is not None and name not in found:
            raise no_output(instance, name, found)
        shown = found if name is None else {name: found[name]}
        session.show({"instance": str(instance.key), "outputs": shown})
        return 0
    said = diagnostics(checkout, words, instance)
    valid = all(one["severity"] != "error" for one in said)
    session.show({"instance": str(instance.key), "valid": valid, "diagnostics": said})
    return 0 if valid else FAILED


def no_output(instance: "Instance", name: str, found: "Collection[str]") -> NotFound:
    """`output-unknown`: an instance has no such output; those that it has are named."""
    known = ", ".join(sorted(found)) or "none"
    return NotFound("output-unknown", f"{instance.key} has no output {name!r}", next_step=f"There are: {known}.")
