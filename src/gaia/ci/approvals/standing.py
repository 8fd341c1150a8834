"""Whose yes counts for what. Pure: what the host says and what is kept is handed in.

An approval is of one person for the instances that she saw the plan of, with the content that it had. Of a later commit
it holds for those instances alone of which plan, base, inputs and policies are the same, and for no other one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.ci.approvals.owners import Needed
from gaia.ci.model import CAUSES, causes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gaia.ci.hosts.host import Review
    from gaia.ci.model import Cause, Part, Preview
    from gaia.ci.storage.kept import Planning


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's yes, and which preview she saw."""

    person: str
    preview: Preview


@dataclass(frozen=True, slots=True)
class Lacking:
    """What is still needed of an instance before it may be applied."""

    instance: str
    needed: Needed
    by: tuple[str, ...] = ()
    """Who of them said yes to this."""
    void: tuple[tuple[str, tuple[Cause, ...]], ...] = ()
    """Who of them said yes to something else, and what differs; of no cause: only the plan does."""

    def __str__(self) -> str:
        text = f"{self.instance} needs {self.needed}"
        for person, why in self.void:
            said = "; ".join(CAUSES[one] for one in why) or "the plan is another"
            text += f". What @{person} approved is void: {said}"
        return text


@dataclass(frozen=True)
class Voice:
    """Whose yes there is, by what the host knows of people."""

    authors: frozenset[str]
    """Who opened the pull request, and whose commits it brings."""
    is_member: Callable[[str, str], bool]
    """Whether a person is, or belongs to, an owner as CODEOWNERS writes it."""
    may_write: Callable[[str], bool]

    def counts(self, person: str, needed: Needed) -> bool:
        """Nobody approves her own, and nobody who may not push; an account that is gone is nobody."""
        mine = {one.casefold() for one in self.authors}
        if not person or person.casefold() in mine or not self.may_write(person):
            return False
        return any(self.is_member(person, owner) for owner in needed.owners)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the reviews of a pull request come to."""

    approved: tuple[Review, ...] = ()
    against: tuple[str, ...] = ()
    """Who asks for changes."""


def standing(reviews: Iterable[Review]) -> Standing:
    """The last word of each: a comment takes back nothing, a dismissal and a wish for changes do."""
    last: dict[str, Review] = {}
    for one in sorted(reviews, key=lambda review: review.at):
        if one.verdict != "commented":
            last[one.author.casefold()] = one
    approved = tuple(one for one in last.values() if one.verdict == "approved")
    return Standing(approved, tuple(one.author for one in last.values() if one.verdict == "changes-requested"))


def seen_by(review: Review, plannings: Sequence[Planning]) -> Planning | None:
    """The preview that was there to see when somebody approved a commit; None where there was none yet.

    Hosts tell whole seconds: within one nobody has read what was shown in it.
    """
    before = [one for one in plannings if review.commit and one.head == review.commit and one.at < review.at]
    return max(before, key=lambda one: one.at, default=None)


def covers(approval: Approval, part: Part) -> tuple[bool, tuple[Cause, ...]]:
    """Whether an approval is for an instance as it is now; if not, what of that is another."""
    seen = approval.preview.part(part.instance)
    if seen is None or (part.acts and not seen.acts) or (seen.acts and not seen.digest):
        return False, ()
    if part.status == "unchanged" and seen.digest:  # nothing is done to it; all that is run is what she saw
        differing = causes(replace(seen.inputs, state=part.inputs.state), part.inputs)
        return not differing, differing
    differing = causes(seen.inputs, part.inputs)
    return seen.digest == part.digest and not differing, differing


def lacking(
    parts: Iterable[Part],
    needed: Mapping[str, Iterable[Needed]],
    approvals: Sequence[Approval],
    voice: Voice,
) -> tuple[Lacking, ...]:
    """What is missing before all that would be done may be done.

    Nothing is missing of what does nothing and is as on the base branch. Where it is another its code is run, if only
    to see that it changes nothing, so that needs a yes too.

    `needed` is by instance; one of which it names nobody, or knows nothing, is never approved.
    """
    found: list[Lacking] = []
    for part in parts:
        if not part.asks:
            continue
        for one in sorted(needed.get(part.instance) or (Needed(frozenset()),), key=str):
            mine = [approval for approval in approvals if voice.counts(approval.person, one)]
            judged = [(approval.person, *covers(approval, part)) for approval in mine]
            yes = tuple(dict.fromkeys(person for person, fits, _ in judged if fits))
            if len(yes) < one.number or not one.owners:
                void = tuple((person, why) for person, fits, why in judged if not fits and person not in yes)
                found.append(Lacking(part.instance, one, yes, void))
    return tuple(found)
