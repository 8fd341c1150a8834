"""Whom a preview needs: the owners of its instances, by the base branch, and what the host says of people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.ci.approvals.owners import CodeOwners, Needed, read_code_owners
from gaia.ci.approvals.standing import Approval, Voice, lacking, seen_by, standing
from gaia.ci.code.base_instances import BaseInstances
from gaia.ci.code.commits import text_at
from gaia.ci.code.instance_paths import base_of, head_of
from gaia.errors import Invalid, NotFound
from gaia.kit.shapes import as_map

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gaia.ci.approvals.owners import Dialect
    from gaia.ci.approvals.standing import Lacking
    from gaia.ci.code.ground import Ground
    from gaia.ci.hosts.host import Host
    from gaia.ci.model import Preview
    from gaia.ci.storage.kept import Kept
    from gaia.stacks.model import Instance

_NOBODY = Needed(frozenset())


@dataclass(frozen=True, slots=True)
class Asked:
    """What approvals a preview has, and lacks."""

    lacking: tuple[Lacking, ...] = ()
    against: tuple[str, ...] = ()
    """Who asks for changes: owners, whose word is waited for."""
    unseen: tuple[str, ...] = ()
    """Who approved a commit before anybody had planned it."""

    @property
    def approved(self) -> bool:
        """Whether it may be applied."""
        return not (self.lacking or self.against)


@dataclass
class People:
    """What a host says of people, each asked once."""

    host: Host
    _teams: dict[str, frozenset[str]] = field(default_factory=dict)
    _writers: dict[str, bool] = field(default_factory=dict)

    def is_member(self, person: str, owner: str) -> bool:
        """Whether a person is an owner. Whose an e-mail address is no host tells, so it is nobody's."""
        name = owner.removeprefix("@").casefold()
        if not person:  # hosts keep what accounts said that are deleted
            return False
        if name == person.casefold():
            return True
        if not owner.startswith("@") or ("/" not in name and self.host.name == "github"):
            return False
        if name not in self._teams:
            self._teams[name] = self._members(name)
        return person.casefold() in self._teams[name]

    def _members(self, team: str) -> frozenset[str]:
        """Nobody, of what is no team: on GitLab a person is written like a group."""
        try:
            return frozenset(one.casefold() for one in self.host.members(team))
        except NotFound:
            return frozenset()

    def may_write(self, person: str) -> bool:
        """Whether a person may push, which is asked of whoever says yes.

        Nobody is in the name of an account that is not there any more, or of the one whose token jobs have.
        """
        if not person or person.casefold() == self.host.account.casefold():
            return False
        if person not in self._writers:
            self._writers[person] = self.host.may_write(person)
        return self._writers[person]


def asked_of(host: Host, kept: Kept, number: int, preview: Preview, needed: Mapping[str, frozenset[Needed]]) -> Asked:
    """What the reviews of a pull request say of a preview.

    Raises:
        GaiaError: what the host says; see `Kept`.
    """
    pull, people = host.pull_request(number), People(host)
    said, plannings = standing(host.reviews(number)), kept.plannings(number)
    approvals, unseen = [], []
    for review in said.approved:
        planning = seen_by(review, plannings)
        seen = kept.readable(planning.digest) if planning else None
        if seen is None:
            unseen.append(review.author)
        else:
            approvals.append(Approval(review.author, seen))
    authors = host.committers(number) | {pull.author}
    voice = Voice(authors, people.is_member, people.may_write)
    everybody = {one for groups in needed.values() for one in groups}
    against = tuple(one for one in said.against if any(voice.counts(one, group) for group in everybody))
    return Asked(lacking(preview.parts, needed, approvals, voice), against, tuple(unseen))


def owners_of(
    ground: Ground, instances: Sequence[Instance], touched: Sequence[str], dialect: Dialect
) -> dict[str, frozenset[Needed]]:
    """Whose yes each instance needs: those whom `settings.gaia.owners` of the base names, else CODEOWNERS of the base.

    `instances` are all that would be changed, and no other; `touched` the files that the pull request differs in, by
    their paths in git. An instance is also what it was, and what had its state. Files that none of them is known to be
    made of may still be read by any, so their owners are asked for each. Of one that nobody is named for nobody can say
    yes.

    Raises:
        Invalid: `owners-invalid`.
    """
    rules = code_owners(ground.checkout.root, ground.sides.base, ground.checkout.shell, dialect)
    on_base, head, base = BaseInstances(ground), head_of(ground), base_of(ground)
    found: dict[str, set[Needed]] = {}
    explained: set[str] = set()
    for one in instances:
        asked = found.setdefault(str(one.key), set())
        before = on_base.of(one)
        named = {was.key: _named(was) for was in before}
        asked |= {said for said in named.values() if said}
        mine = [base.paths(was) for was in before if not named[was.key]]
        mine += [] if named.get(one.key) else [head.paths(one)]
        own = [path for path in touched if any(path in paths for paths in mine)]
        asked |= rules.needed([*(path for paths in mine for path in paths.manifests), *own])
        theirs = [base.paths(was) for was in before if named[was.key]]
        explained.update(own, (path for path in touched if any(path in paths for paths in theirs)))
    left = rules.needed(path for path in touched if path not in explained)
    return {key: frozenset(asked | left) or frozenset({_NOBODY}) for key, asked in found.items()}


def code_owners(folder: Path, base: str, environ: Mapping[str, str], dialect: Dialect) -> CodeOwners:
    """Those of a commit, read by git alone; nobody where it has no such file.

    Raises:
        Invalid: `owners-invalid`.
    """
    file, text = text_at(folder, base, dialect.places, environ)
    return read_code_owners(text, file, dialect)


def _named(before: Instance) -> Needed | None:
    """Whom an instance of the base names: whoever adds one does not choose who approves it."""
    said = as_map(before.settings.get("gaia")).get("owners")
    if said is None:
        return None
    if not isinstance(said, list) or not said or not all(isinstance(one, str) and one.startswith("@") for one in said):
        raise Invalid(
            "owners-invalid",
            f"settings.gaia.owners of {before.key} is no list of @PERSON and @ORG/TEAM",
            at=before.place(("settings", "gaia", "owners")),
            next_step="Repair it on the base branch, or take it away there: then CODEOWNERS counts.",
        )
    return Needed(frozenset(str(one).casefold() for one in said))
