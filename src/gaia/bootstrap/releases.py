"""Releases for a door: in the GitOps repository that somebody names, judged by the rules around the caller."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.bootstrap.app import App
    from gaia.gitops.model import Place, Release
    from gaia.gitops.releasing import Commit, Releases
    from gaia.gitops.rollout.model import Progress
    from gaia.policy.report import Checked
    from gaia.settings import Settings

_MOST = 1 << 20
"""Bytes of a file that is handed in."""
_TOLD = 10
"""Findings in an error; the check lists all."""


def releases(app: App, place: str) -> Releases:
    """What can be done in the GitOps repository at a path or URL.

    Raises:
        As `gaia.gitops.repository.open_repository`.
    """
    from gaia.gitops.releasing import Releases
    from gaia.gitops.repository import open_repository

    settings = app.settings
    return Releases(open_repository(place, settings.cwd, settings.environ, settings.cache))


def as_it_is_now(found: Releases) -> Releases:
    """The same repository with what was pushed since it was opened.

    Raises:
        As `Repository.renewed`.
    """
    from gaia.gitops.releasing import Releases

    return Releases(found.repository.renewed())


def released(found: Releases, place: Place) -> tuple[str, str]:
    """The commit that released a place last, and its image; an empty one where the release cannot be read.

    Raises:
        NotFound: `release-nowhere`.
    """
    from gaia.gitops.standing import history_of

    known = history_of(found).get(f"{place.tenant}/{place.stage}/{place.service}")
    if known is None:
        raise NotFound(
            "release-nowhere",
            f"there is no release of {place}",
            next_step="Look at the names of the service, the tenant and the stage.",
        )
    try:
        release = found.there(place)
    except Invalid:
        release = None
    return known[0], str(release.image) if release else ""


def check_watchable(settings: Settings) -> None:
    """Whether somebody said where Argo CD is: before anything is done that has to be looked at.

    Raises:
        Invalid: `cluster-unset`, `cluster-file`.
    """
    from gaia.gitops.rollout.places import clusters

    clusters(settings.environ, settings.cwd)


def arriving(
    settings: Settings, found: Releases, place: Place, released: tuple[str, str], seconds: float
) -> Iterator[Progress]:
    """How a release, by its commit and image, arrives where it is to run.

    Raises:
        Invalid: `cluster-unset`, `cluster-file`. As `gaia.gitops.rollout.watching.Watch.progress`.
    """
    from gaia.gitops.rollout.places import clusters
    from gaia.gitops.rollout.revisions import Revisions
    from gaia.gitops.rollout.watching import Watch

    commit, image = released
    asked = clusters(settings.environ, settings.cwd)
    return Watch(asked, place, commit, image).progress(Revisions(found.repository, place, commit).carried, seconds)


def operator() -> str:
    """Who sits at this machine, as locks and rollbacks name it."""
    from gaia.checkout.journal_files import operator as named

    return named()


def read_given(app: App, file: Path) -> bytes:
    """A file that somebody hands in, or what a pipe does.

    Raises:
        NotFound: `release-file-missing`. Invalid: `release-file-size`.
    """
    from gaia.kit.files import STANDARD_INPUT
    from gaia.kit.files import read_given as read

    path = file if str(file) in STANDARD_INPUT else app.settings.cwd / file
    try:
        content = read(path, _MOST + 1)
    except OSError as error:
        raise NotFound(
            "release-file-missing", f"cannot read {file}: {error.strerror}", next_step="Give a file that is there."
        ) from error
    if len(content) > _MOST:
        raise Invalid("release-file-size", f"{file} is larger than 1 MiB", next_step="Give the file of one release.")
    return content


def outputs_of(content: bytes, file: str) -> dict[str, str]:
    """Outputs of the infrastructure, as `terraform output -json` prints them or as `{name: value}`.

    Those that are sensitive or no texts are left out: a release that names one is refused as without a value.

    Raises:
        Invalid: `outputs-invalid`.
    """
    try:
        held = json.loads(content)
    except (ValueError, RecursionError):
        held = None
    if not isinstance(held, dict):
        raise Invalid(
            "outputs-invalid",
            f"{file} is no JSON object of outputs",
            next_step="Give what `terraform output -json` prints.",
        )
    return {name: value for name, one in held.items() if isinstance(value := _clear(one), str)}


def prepared(app: App, found: Releases, policies: Path | None) -> Commit:
    """What a layout asks for; its admission asks the rules that judge releases.

    Raises:
        As `Releases.preparation`, `App.policies`, `for_objects`.
    """
    from gaia.policy.objects import for_objects

    rules = for_objects(app.policies(policies)) if found.layout.admission else None
    return found.preparation(rules)


def _clear(one: object) -> object:
    if not isinstance(one, dict):
        return one
    return None if one.get("sensitive") is not False else one.get("value")


def judged(app: App, release: Release, found: Releases, policies: Path | None) -> Checked:
    """What rules about objects of Kubernetes say of a release, whole.

    Raises:
        Refused: `release-denied`. As `App.check_object_files`.
    """
    from gaia.gitops.objects import objects_of
    from gaia.gitops.written import documents

    with tempfile.TemporaryDirectory(prefix="gaia-release-") as folder:
        path = Path(folder, f"{release.place.service}.yaml")
        path.write_text(documents(objects_of(release, found.layout)), "utf-8")
        checked = app.check_object_files([path], policies)
    if checked.verdict == "allowed":
        return checked
    against = [one.finding for one in checked.findings if one.finding.effect in ("deny", "undecided")]
    told = [f"{one.rule}: {one.address}: {one.message}" for one in against]
    facts: Mapping[str, object] = {"findings": told}
    raise Refused(
        "release-denied",
        f"policies refuse the release of {release.place}: {'; '.join(told[:_TOLD])}",
        next_step="Correct the release, or have the finding waived in the repository of the policies.",
        facts=facts,
    )
