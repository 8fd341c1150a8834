"""Whom a preview needs: the owners of its instances, by the base branch, and what the host says of people."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.ci.approvals import Approval, Voice, lacking, seen_by, standing
from gaia.ci.commits import text_at, top_of
from gaia.ci.owners import PLACES, CodeOwners, Needed, read_code_owners
from gaia.errors import GaiaError, Invalid, NotFound
from gaia.graph.compare import local_modules
from gaia.kit.shapes import as_map

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gaia.ci.approvals import Lacking
    from gaia.ci.hosts.host import Host
    from gaia.ci.kept import Kept
    from gaia.ci.model import Preview
    from gaia.ci.previewing import Ground
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
        """Whether a person may push."""
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
        if planning is None:
            unseen.append(review.author)
        else:
            approvals.append(Approval(review.author, kept.preview(planning.digest)))
    authors = host.committers(number) | {pull.author}
    voice = Voice(authors, people.is_member, people.may_write)
    everybody = {one for groups in needed.values() for one in groups}
    against = tuple(one for one in said.against if any(voice.counts(one, group) for group in everybody))
    return Asked(lacking(preview.parts, needed, approvals, voice), against, tuple(unseen))


def owners_of(
    ground: Ground, instances: Sequence[Instance], touched: Sequence[str], *, gitlab: bool
) -> dict[str, frozenset[Needed]]:
    """Whose yes each instance needs: those whom `settings.gaia.owners` of the base names, else CODEOWNERS of the base.

    `touched` are the files that the pull request differs in, by their paths in git. Of one that nobody is named for
    nobody can say yes.

    Raises:
        Invalid: `owners-invalid`.
    """
    rules = code_owners(ground.checkout.root, ground.sides.base, ground.checkout.shell, gitlab=gitlab)
    found = {}
    for one in instances:
        named = _named(ground, one)
        needed = frozenset({named}) if named else rules.needed(_paths(ground, one, touched))
        found[str(one.key)] = needed or frozenset({_NOBODY})
    return found


def code_owners(folder: Path, base: str, environ: Mapping[str, str], *, gitlab: bool) -> CodeOwners:
    """Those of a commit, read by git alone; nobody where it has no such file.

    Raises:
        Invalid: `owners-invalid`.
    """
    file, text = text_at(folder, base, PLACES, environ)
    return read_code_owners(text, file, sections=gitlab)


def _named(ground: Ground, instance: Instance) -> Needed | None:
    """Of an instance that the base has too: whoever adds one does not choose who approves it."""
    repository = ground.files.base.repository
    if instance.key not in repository.forgiving().all_instances:
        return None
    try:
        before = repository.instance(instance.key.component, instance.key.stack)
    except GaiaError:
        return None
    said = as_map(before.settings.get("gaia")).get("owners")
    if said is None:
        return None
    if not isinstance(said, list) or not said or not all(isinstance(one, str) and one.startswith("@") for one in said):
        raise Invalid(
            "owners-invalid",
            f"settings.gaia.owners of {instance.key} is no list of @PERSON and @ORG/TEAM",
            at=before.place(("settings", "gaia", "owners")),
            next_step="Repair it on the base branch, or take it away there: then CODEOWNERS counts.",
        )
    return Needed(frozenset(str(one).casefold() for one in said))


def _paths(ground: Ground, instance: Instance, touched: Sequence[str]) -> list[str]:
    """The files whose owners are asked: its manifest, and what was touched of all that it is made of."""
    checkout = ground.checkout
    files, config = checkout.files, checkout.files.repository.config
    top = top_of(checkout.root, checkout.shell).resolve()

    def in_git(path: Path) -> str:
        return posixpath.relpath(str(path.resolve()), str(top))

    code = f"{files.components}/{instance.component_path}"
    folders = tuple(f"{in_git(files.tree / one)}/" for one in (code, *local_modules(files.tree, code)))
    manifests = [in_git(config.stacks / one) for one in (instance.manifest, *instance.imports)]
    main = posixpath.normpath(f"{in_git(checkout.root)}/atmos").removeprefix("./")
    named = tuple(f"{one}." for one in (*manifests, main))
    own = next((one for one in touched if one.startswith(f"{manifests[0]}.")), f"{manifests[0]}.yaml")
    return [own, *(one for one in touched if one.startswith((*folders, *named)))]
