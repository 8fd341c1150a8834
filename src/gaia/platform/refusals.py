"""What a door is told of a call that cannot be: one home for codes and words, of the platform and of its fake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Conflict, Invalid, Next, NotFound, Position, Refused
from gaia.kit import spans

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from gaia.records.model import Request
    from gaia.stacks.model import InstanceKey


def stack_unknown(stack: str) -> NotFound:
    """Also for one that the caller may not see."""
    step = Next("list stacks", words="See which there are")
    return NotFound("stack-unknown", f"there is no stack {stack!r}", next_step=step)


def component_abstract(key: InstanceKey, heirs: Sequence[str]) -> Invalid:
    """It is there to be inherited from, and Terraform makes nothing of it."""
    some = f"{', '.join(heirs[:8])}{' …' if len(heirs) > 8 else ''}"
    return Invalid(
        "component-abstract",
        f"{key.component} in {key.stack} is abstract: it is only there to be inherited from",
        next_step=f"Take an instance that inherits from it: {some}."
        if heirs
        else f"Nothing in {key.stack} inherits from it yet; add a component that does.",
        facts={"instances": list(heirs)},
    )


def service_unknown(service: str, stack: str) -> NotFound:
    """Also for one that the caller may not see."""
    return NotFound(
        "service-unknown",
        f"{stack} has no service {service} that Gaia made",
        next_step=Next("status", words="List the requests"),
    )


def service_unpublished(service: str, stack: str, manifest: str) -> Conflict:
    """Nobody has published what it should be."""
    return Conflict(
        "service-unpublished",
        f"{service} in {stack} is not published: the branch has no {manifest}",
        next_step=Next("retire", service, "There is nothing to go by. Finish its request, or retire it", stack=stack),
    )


def nothing_to_put_back(service: str, stack: str) -> Conflict:
    """The last look found none of its instances to have drifted, or there was none."""
    return Conflict(
        "nothing-to-put-back",
        f"no look has found that {service} in {stack} has drifted",
        next_step=Next("looks list", words="See what was found, and have its instances looked at first"),
    )


def name_taken(service: str, stack: str) -> Conflict:
    """The service stands."""
    return Conflict(
        "name-taken",
        f"{stack} has a service {service} already",
        next_step="Choose another name, or retire the old one first.",
    )


def service_unfinished(request: Request) -> Conflict:
    """What was never published is no service yet."""
    return Conflict(
        "service-unfinished",
        f"{request.service} in {request.stack} was not made whole yet, so there is nothing to be changed",
        next_step=Next("resume", str(request.follows), "Finish it first; or retire it, and ask again"),
        facts={"request": request.follows},
    )


def manifest_missing(service: str, stack: str, manifest: str) -> Conflict:
    """Somebody deleted it on the branch."""
    return Conflict(
        "manifest-missing",
        f"{manifest}, which says what {service} in {stack} is, was deleted",
        next_step=Next("retire", service, "Put it back; or retire the service", stack=stack),
        at=Position(manifest, 1),
    )


def manifest_edited(request: Request, manifest: str, digest: str) -> Conflict:
    """What somebody wrote there by hand would be lost."""
    return Conflict(
        "manifest-edited",
        f"{manifest} was edited since Gaia wrote it, and a change of {request.service} would write over that",
        next_step=Next(
            "change",
            request.service,
            "Look at the file's history, and undo the edit there; or ask again so that it is lost",
            stack=request.stack,
            options=("--replaces", digest),
        ),
        at=Position(manifest, 1),
        facts={"manifest": manifest, "digest": digest},
    )


def change_empty(service: str, stack: str) -> Conflict:
    """It is so already."""
    return Conflict(
        "change-empty",
        f"{service} in {stack} has these answers already, and its template makes the same of them",
        next_step="Give an answer that differs.",
    )


def service_endless(service: str, stack: str) -> Conflict:
    """There is no end to be moved."""
    step = Next("retire", service, "Where it is to end, retire it", stack=stack)
    return Conflict("service-endless", f"{service} in {stack} does not end by itself", next_step=step)


def keep_ambiguous() -> Invalid:
    """One end is wanted."""
    return Invalid(
        "keep-ambiguous",
        "a service is kept for a time, until a moment or for ever, and several of these were given",
        next_step="Give one of them.",
    )


def keep_shorter(service: str, stack: str, until: str) -> Invalid:
    """An end that comes nearer would have to be approved."""
    return Invalid(
        "keep-shorter",
        f"{service} in {stack} lives until {until}, and would end sooner",
        next_step=Next("retire", service, "Keep it for longer than that. To end it sooner, retire it", stack=stack),
    )


def instance_taken(manifest: str, other: str, components: Sequence[str]) -> Conflict:
    """What another manifest defines is not a service's own, to be retired with it."""
    are = "is" if len(components) == 1 else "are"
    return Conflict(
        "instance-taken",
        f"{', '.join(components)} {are} defined by {other} already, and would be {manifest}'s too",
        next_step="Import only what is abstract, or what no other manifest of the stack imports; of a service that "
        "stands, take it out of one of the two manifests first.",
        at=Position(manifest, 1),
    )


def not_waiting(request: str, status: str) -> Conflict:
    """Nobody is asked for a decision."""
    return Conflict(
        "request-not-waiting",
        f"{request} is {status}; there is nothing to decide",
        next_step=Next("status", request, "Look at it"),
    )


def expired(request: str, at: object) -> Conflict:
    """It was not decided in time."""
    return Conflict("request-expired", f"{request} expired at {at}", next_step="Ask again.")


def preview_changed(request: str, current: str | None, given: str) -> Conflict:
    """What was read is not what would be approved."""
    return Conflict(
        "preview-changed",
        f"the current preview of {request} is {current}, not {given}",
        next_step=Next("status", request, "Read it again"),
    )


def judgement_changed(request: str) -> Conflict:
    """The plan is the same, and policies or prices say something else of it than what was read."""
    return Conflict(
        "judgement-changed",
        f"the preview of {request} was judged again since it was read",
        next_step=Next("status", request, "Read it again"),
    )


def preview_other_key(request: str) -> Conflict:
    """Its digests are made with a key that has been replaced: at its application it would be another one."""
    return Conflict(
        "preview-other-key",
        f"the preview of {request} was made with a key that has been replaced since",
        next_step=Next("resume", request, "Preview it again"),
    )


def proof_needed(request: str, within: timedelta) -> Refused:
    """A rule of approval asks for a second factor, and the approver has not given it lately."""
    return Refused(
        "proof-needed",
        f"who approves {request} has to have proved who they are with a second factor in the last {spans.text(within)}",
        next_step=Next(
            "login",
            words="Sign in with your second factor",
            options=("--step-up",),
            after="Then approve it again, as who has signed in: a token of Gaia's own proves no second factor.",
        ),
        facts={"max_age": int(within.total_seconds())},
    )


def already_approved(request: str) -> Conflict:
    """The same person's approval counts once."""
    return Conflict(
        "already-decided",
        f"you have approved {request} already",
        next_step=Next("status", request, "See whose approval it still waits for"),
    )


def not_working(request: str, status: str) -> Conflict:
    """Nothing is carried out for it."""
    step = (
        Next("reject", request, "Take it back", options=("--reason", "REASON"))
        if status == "waiting"
        else Next("status", request, "Look at it")
    )
    return Conflict("request-not-working", f"{request} is {status}; there is nothing to cancel", next_step=step)


def not_parked(request: str, status: str) -> Conflict:
    """It did not stop part-way."""
    return Conflict(
        "request-not-parked",
        f"{request} is {status}; there is nothing to resume",
        next_step=Next("status", request, "Look at it"),
    )
