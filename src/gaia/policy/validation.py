"""What the rules about manifests say of a whole repository, as findings of its validation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import GaiaError, Invalid, Position
from gaia.policy.manifests import excuse, manifest_findings
from gaia.policy.model import SUBJECTS
from gaia.policy.rules import FOLDER, PolicySet, has_own
from gaia.policy.waivers import Waivers, check, read
from gaia.stacks.validation.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from gaia.policy.model import Finding as Said
    from gaia.policy.model import Said as Judged
    from gaia.policy.ports import PolicyEngine
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.stacks.repository import Repository

CODES: dict[Judged, str] = {
    "deny": "policy-denied",
    "undecided": "policy-undecided",
    "waived": "policy-waived",
    "warn": "policy-warning",
}


def policy_findings(
    repository: Repository, engine: Callable[[], PolicyEngine], waivers: Callable[[], Waivers] = Waivers
) -> tuple[Finding, ...]:
    """A mistake for each deny, a warning for each warn and each undecided; one for all instances of one place.

    What `waivers` excuse is a warning too.

    Nothing is read where `policies/` holds none of Gaia's rules (they may be somebody else's), and no engine is made
    where none is about manifests. A rule that cannot be used, of whatever kind, is a mistake: then nobody looks.
    One that nobody answers for is a warning.

    Raises:
        Unavailable: the engine is missing, crashed or took too long.
    """
    folder = repository.root / FOLDER
    if not has_own(repository.root) or not any(_may_hold_rules(folder, one) for one in SUBJECTS):
        return ()
    unread: list[Finding] = []
    try:
        policies = PolicySet.load(folder)
        unread += _unowned(policies)
        if not policies.about("manifest"):
            return tuple(unread)
        said = manifest_findings(policies, _instances(repository, unread), engine(), excused=excuse(waivers))
    except Invalid as error:
        return (Finding.of(error),)
    return (*together(said), *dict.fromkeys(unread))


def _unowned(policies: PolicySet) -> Iterator[Finding]:
    """Rules of before say no owner, and judge all the same."""
    for rule in policies.rules:
        if not rule.owner:
            at, step = Position(f"{FOLDER}/{rule.path}", rule.line or 1), "Say it as `owner` under `custom`."
            yield Finding("policy-unowned", f"nobody answers for the rule {rule.name}", step, at, "warning")


def waiver_findings(root: Path, package: Callable[[], Path]) -> tuple[Finding, ...]:
    """A mistake where a waiver cannot be used. `package` has the rules of a repository that has none of its own."""
    try:
        if waivers := read(root):
            check(waivers, PolicySet.of(root, package))
    except Invalid as error:
        return (Finding.of(error),)
    return ()


def _may_hold_rules(folder: Path, subject: str) -> bool:
    """A link, and what cannot be looked into, may."""
    if folder.is_symlink() and not folder.exists():
        return True
    try:
        names = [one.name for one in (folder / subject).iterdir()]
    except FileNotFoundError:
        return (folder / subject).is_symlink()
    except OSError:
        return True
    return (folder / subject).is_symlink() or any(
        one.endswith(".rego") and not one.endswith("_test.rego") for one in names
    )


def _instances(repository: Repository, unread: list[Finding]) -> Iterator[Instance]:
    """Those that can be described; of the others it is said that nobody judged them."""
    forgiving = repository.forgiving()
    try:
        keys = forgiving.instances
    except GaiaError as error:  # a manifest that cannot be read
        unread.append(_unread("any instance", error))
        return
    yield from forgiving.built(keys)
    unread += [_unread(f"{one.where}/{one.component}", one.error) for one in forgiving.failures or ()]


def _unread(what: str, error: GaiaError) -> Finding:
    message = f"no policy could be asked about {what}: {error.message}"
    return Finding(CODES["undecided"], message, error.next_step, error.at, "warning")


def together(said: Sequence[tuple[Instance, Said]]) -> Iterator[Finding]:
    """A value that many instances inherit is one mistake."""
    grouped: dict[tuple[Said, Position], list[InstanceKey]] = {}
    for instance, finding in said:
        at = instance.place(finding.address.split(".") if finding.address else ())
        grouped.setdefault((finding, at), []).append(instance.key)
    for (finding, at), keys in grouped.items():
        more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
        value = f", value {finding.value}" if finding.effect == "deny" else ""
        excused = f", waived by {finding.waiver}" if finding.waiver else ""
        message = f"{finding.rule}: {finding.title}: {finding.message} ({keys[0]}{more}{value}{excused})"
        yield Finding(
            CODES[finding.effect],
            message,
            finding.remediation,
            at,
            "error" if finding.effect == "deny" else "warning",
        )
