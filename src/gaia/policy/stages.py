"""Which stages there are: a word that nobody knows would be judged by the laxest branch of every rule. Pure."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.policy.rego import heads, string, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gaia.policy.rules import PolicySet

LIBRARY = "lib/stage.rego"
_SET = "known"


def stages_of(text: str) -> frozenset[str]:
    """The members of the set `known` in the text of the library; none where it has no such set."""
    start = next((head.start for head in heads(text) if head.name == _SET), None)
    if start is None:
        return frozenset()
    found = []
    for token in tokens(text):
        if token.start > start and token.text == "}":
            break
        if token.start > start and token.kind == "text":
            found.append(string(token.text))
    return frozenset(found)


def known_stage(policies: PolicySet, given: str, shipped: str, of_stacks: Callable[[], Collection[str]]) -> str:
    """The stage that somebody says, as rules write it, whatever its case.

    `shipped` is the text of the library that comes with Gaia, for rules that have none; `of_stacks` are the stages of
    the repository's stacks, asked for where the rules know none of this name.

    Raises:
        Invalid: `stage-unknown`, with the nearest name.
    """
    known = {one.lower(): one for one in stages_of(policies.text_of(LIBRARY)) or stages_of(shipped)}
    if (found := known.get(given.lower())) is not None:
        return found
    known |= {one.lower(): one for one in of_stacks()}
    if (found := known.get(given.lower())) is not None:
        return found
    near = get_close_matches(given.lower(), sorted(known), n=1)
    named = f"Did you mean {known[near[0]]}?" if near else f"Say one of {', '.join(sorted(known.values()))}."
    raise Invalid(
        "stage-unknown",
        f"neither the rules nor a stack know a stage {given!r}, so nothing was decided",
        next_step=f"{named} More are in the table `{_SET}` of policies/{LIBRARY}.",
    )
