"""A draft looked at in a copy of the repository: what it makes, what that needs, and what is wrong with it."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import GaiaError, Next
from gaia.scaffold.kinds import kinds, load_kind
from gaia.scaffold.suggestions import networks
from gaia.stacks.validation.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gaia.scaffold.drafts import Draft
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.stacks.repository import Repository

    Open = Callable[[Path], Repository]
    Judge = Callable[[Path, Sequence[Instance]], Iterable[Finding]]
    """What the policies about manifests of the repository at a path say of instances."""

_MISSING = re.compile(r"the import '([^']+)' matches no file")


def looked_at(draft: Draft, before: Repository, *, stack: str | None, open_: Open, judge: Judge) -> Draft:
    """The draft with what it makes and what is wrong with it. `stack` is the one that has to come to be."""
    from gaia.terraform.workdir import copy_tree

    with tempfile.TemporaryDirectory(prefix="gaia-new-") as scratch:
        tree = Path(scratch).resolve() / "repository"
        copy_tree(before.root, tree)
        for path, text in draft.files.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text(text, encoding="utf-8")
        after = open_(tree)
        findings = list(_mistakes(draft, before, after))
        if any(one.severity == "error" for one in findings):
            return replace(draft, findings=tuple(findings))
        try:
            return _made(draft, before, after, stack, lambda made: judge(tree, made))
        except GaiaError as error:
            return replace(draft, findings=(Finding.of(error),))


def _mistakes(draft: Draft, before: Repository, after: Repository) -> Iterator[Finding]:
    """What validation says now and did not say before; of a missing file, what makes it."""
    from gaia.stacks.validation.stacks import validate_stacks

    said = validate_stacks(after).findings
    others = [one for one in said if one.at is None or one.at.file not in draft.files]
    known = {(one.code, one.message, one.at) for one in validate_stacks(before).findings} if others else set()
    for one in said:
        if (one.code, one.message, one.at) not in known:
            missing = _MISSING.search(one.message) if one.code == "import-not-found" else None
            step = _maker(before, missing[1]) if missing else None
            yield replace(one, next_step=step) if step else one


def _maker(repository: Repository, imported: str) -> Next | None:
    """How a manifest comes to be that is imported and is not there."""
    for name in kinds(repository.root):
        kind = load_kind(repository.root, name)
        if not kind.names_stacks and (named := kind.named_by(f"stacks/{imported}.yaml")):
            return Next(f"new {name}", named, "It is made by")
    return None


def _made(
    draft: Draft,
    before: Repository,
    after: Repository,
    stack: str | None,
    judge: Callable[[Sequence[Instance]], Iterable[Finding]],
) -> Draft:
    """With the stacks and instances that come to be, in their order."""
    from gaia.graph import order

    stacks = sorted(set(after.stacks) - set(before.stacks))
    if stack is not None and stack not in stacks:
        why = (
            "is there already" if stack in before.stacks else f"would not come to be, but {', '.join(stacks) or 'none'}"
        )
        step = "Give another name, or look at how stacks are named in atmos.yaml."
        return replace(draft, findings=(Finding("stack-not-made", f"the stack {stack} {why}", step),))
    there = set(after.instances)
    made = [after.instance(key.component, key.stack) for key in after.instances if key.stack in stacks]
    sequence = [str(key) for level in order(made) for key in level]
    enabled = [one for one in made if one.enabled]
    outside = sorted({key for one in enabled for key in _wanted(one) if key.stack not in stacks})
    findings = [
        *(_absent(one, key) for one in enabled for key in _wanted(one) if key not in there),
        *_overlapping(made, before),
        *judge(enabled),
    ]
    return replace(
        draft,
        stacks=tuple(stacks),
        instances=tuple(sequence),
        needs=tuple(map(str, outside)),
        findings=tuple(dict.fromkeys(findings)),
    )


def _wanted(instance: Instance) -> Iterator[InstanceKey]:
    """What it needs by name."""
    from gaia.graph.needs import needs
    from gaia.stacks.model import InstanceKey

    for need in needs(instance):
        if need.stack is not None:
            yield InstanceKey(need.stack, need.component)


def _absent(instance: Instance, key: InstanceKey) -> Finding:
    """An error within the new stack; of another stack, a warning: each of two that need each other is made first."""
    own = key.stack == instance.key.stack
    message = (
        f"{instance.key} needs {key.component} of {key.stack}, which {'is not there' if own else 'is not there yet'}"
    )
    step = "Have the template make it." if own else Next("new environment", key.stack, "Make that environment too")
    return Finding("dependency-missing", message, step, None, "error" if own else "warning")


def _overlapping(made: Sequence[Instance], before: Repository) -> Iterator[Finding]:
    """Networks of one platform are to be joined some day."""
    mine = list(networks(made))
    for one, network in mine:
        for other, taken in networks(before.built(before.instances)):
            if network.overlaps(taken):
                message = f"{network} of {one.key} overlaps {taken} of {other.key}"
                yield Finding(
                    "network-overlaps", message, "Give it a range of its own.", one.place(("vars", "cidr_block"))
                )
