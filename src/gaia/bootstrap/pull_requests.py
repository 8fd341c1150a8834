"""What acts on a pull request: the checkout with its base beside it, the key, and where things are kept."""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gaia.bootstrap.app import App
    from gaia.checkout.files import CheckoutFiles
    from gaia.ci.code.commits import Sides
    from gaia.ci.code.ground import Ground
    from gaia.ci.hosts.host import Host
    from gaia.ci.jobs.event import Event
    from gaia.ci.jobs.job import Job
    from gaia.ci.storage.kept import Kept
    from gaia.ci.storage.store import Store
    from gaia.graph.base import Base
    from gaia.kit.keys import SecretKey


_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
"""How an address begins; no folder of anybody's, who would otherwise lose what is kept with the runner."""
SECRETS = ("GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
"""What a job has, and a manifest of the head might show."""


@dataclass(frozen=True)
class PullRequests:
    """Of the repository around the caller."""

    app: App
    folder: Path
    """The caller's, or the one that was named."""

    def job(self, event: Event, place: str | None, *, always: bool = False) -> Job:
        """What CI says that this is about; the host is asked where there is a pull request, or `always`.

        Raises:
            See `host` and `keeping`.
        """
        from gaia.ci.jobs.job import Job

        host = self.host() if always or event.number is not None else None
        environ = self.app.settings.environ
        return Job(self.folder, environ, self.ground, self.files_at, event, host, self.keeping(place, event.repository))

    def key(self) -> SecretKey | None:
        """The key that `GAIA_KEY` is; None where there is none, or it names one of a key service.

        Raises:
            Invalid: `key-unusable`.
        """
        from gaia.kit.keys import given_key

        text = self.app.settings.key
        return given_key(text) if text and not self._named else None

    @property
    def _named(self) -> bool:
        from gaia.ci.storage.key_service import SCHEME

        return (self.app.settings.key or "").strip().startswith(SCHEME)

    def host(self) -> Host:
        """Where the repository is hosted, in the name of the token that the environment has.

        Raises:
            Invalid: `host-not-named`, `host-repository-unusable`. Unauthenticated: `host-token-missing`.
        """
        from gaia.ci.hosts.choosing import host_of
        from gaia.kit.git import Git

        environ = self.app.settings.environ
        remote = Git(self.folder, environ).attempt("remote", "get-url", "origin")
        return host_of(environ, "" if remote.returncode else remote.stdout.strip(), tell=self.app.tell)

    def keeping(self, place: str | None, repository: str) -> Callable[[int | None], Kept] | None:
        """What is kept at a place, `DIR` or `s3://BUCKET/PREFIX`, by pull request; None without a place.

        Raises:
            Invalid: `key-unusable`, `key-reference-unusable`, `kept-unusable`; `kept-key-missing` for a place without a
                key, `key-repository-unnamed`. Unavailable: `key-unreachable`.
        """
        from gaia.ci.storage.kept import Kept

        key = self.key()
        if not place:
            return None
        store = self._store(place)
        if self._named:
            return self._served(store, repository)
        if key is None:
            raise Invalid(
                "kept-key-missing",
                f"what is kept in {place} is sealed, and GAIA_KEY is not set",
                next_step="Make one and keep it as a secret of CI: openssl rand -hex 32",
            )
        return lambda _: Kept(store, key)

    def _served(self, store: Store, repository: str) -> Callable[[int | None], Kept]:
        """By keys that a service opens."""
        from gaia.ci.storage.kept import Kept
        from gaia.ci.storage.key_service import KeyService

        if not repository:
            raise Invalid(
                "key-repository-unnamed",
                "keys of KMS are bound to a repository, and nothing says which one this is",
                next_step="Run this in a job of GitHub Actions or GitLab CI, or set GITHUB_REPOSITORY.",
            )
        service = KeyService.of(self.app.settings.key or "", self.app.settings.environ)

        def opened(number: int | None) -> Kept:
            common = service.key_for(store, repository, None)
            return Kept(store, common if number is None else service.key_for(store, repository, number), common)

        return opened

    def _store(self, place: str) -> Store:
        from gaia.ci.storage.store import FolderStore

        if _SCHEME.match(place) and not place.startswith("s3://"):
            raise Invalid(
                "kept-unusable",
                f"{place} is neither a folder nor a bucket",
                next_step="Write it as s3://BUCKET/PREFIX, or as a folder that outlives the job.",
            )
        if place.startswith("s3://"):
            from gaia.ci.storage.buckets import BucketStore

            return BucketStore.of(place, self.app.settings.environ)
        return FolderStore(self.app.settings.cwd / place)

    def sides(self, base: str, head: str, written: Path | None = None) -> Sides:
        """See `gaia.ci.code.commits.sides_of`."""
        from gaia.ci.code.commits import sides_of

        return sides_of(self.folder, base, head, self.app.settings.environ, written=written)

    @contextmanager
    def ground(self, folder: Path, sides: Sides, key: SecretKey | None) -> Iterator[Ground]:
        """The head as it lies in a folder, judged by the base; the key is that of what is kept, or any.

        From here on code of the head is run: who may have written it has been asked before.

        Raises:
            NotFound: `not-a-repository`, `base-without-repository`.
        """
        from gaia.checkout.files import CheckoutFiles
        from gaia.ci.applying.journals import JobRecords
        from gaia.ci.code.base_rules import JudgedByBase
        from gaia.ci.code.ground import Ground
        from gaia.scaffold.blueprint import find_blueprint
        from gaia.stacks.repository import Repository

        settings = self.app.settings
        # Read first without anything that runs: of an `!exec` in atmos.yaml this raises.
        plain = Repository.open(folder, environ=settings.environ, cache=settings.cache / "stacks")
        with self.app.checkout(folder) as checkout, ExitStack() as stack:
            base, began = self._extracted(stack, checkout.root, sides)
            opened = [
                Repository.open(side.root, environ=settings.environ, cache=settings.cache / "stacks")
                for side in (base, began)
            ]
            before = CheckoutFiles(opened[0], sides.base, self.app.estimator, find_blueprint)
            files = JudgedByBase(
                checkout.files.repository, checkout.revision.commit, self.app.estimator, find_blueprint, before
            )
            written = CheckoutFiles(plain, checkout.revision.commit, self.app.estimator, find_blueprint)
            workplace = replace(checkout.workplace, key=key or self.key() or checkout.workplace.key)
            for name in SECRETS:
                checkout.redact.learn(settings.environ.get(name, ""))
            checkout.redact.learn("" if self._named else settings.key or "")
            made = replace(checkout, files=files, workplace=workplace, records=JobRecords(workplace, files.waivers))
            beginning = CheckoutFiles(opened[1], sides.fork_point, self.app.estimator, find_blueprint)
            yield Ground(made, files, written, sides, beginning, began.changed)

    @contextmanager
    def files_at(self, root: Path, commit: str) -> Iterator[CheckoutFiles]:
        """The files of the repository at `root` as a commit has them; nobody who reads these runs a function of theirs.

        Raises:
            NotFound: `not-in-git`, `ref-unknown`, `base-without-repository`.
        """
        from gaia.checkout.files import CheckoutFiles
        from gaia.graph.base import at_ref
        from gaia.scaffold.blueprint import find_blueprint
        from gaia.stacks.repository import Repository

        settings = self.app.settings
        with at_ref(root, commit, settings.environ) as found:
            opened = Repository.open(found.root, environ=settings.environ, cache=settings.cache / "stacks")
            yield CheckoutFiles(opened, commit, self.app.estimator, find_blueprint)

    def _extracted(self, stack: ExitStack, root: Path, sides: Sides) -> tuple[Base, Base]:
        """Where the base branch stands, and where the pull request began."""
        from gaia.graph.base import at_ref

        environ = self.app.settings.environ
        began = stack.enter_context(at_ref(root, sides.fork_point, environ))
        same = sides.base == sides.fork_point
        return (began if same else stack.enter_context(at_ref(root, sides.base, environ))), began
