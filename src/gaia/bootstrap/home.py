"""What this GAIA_HOME serves."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from gaia.bootstrap.around import Around
from gaia.bootstrap.watched import traced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import timedelta
    from pathlib import Path

    from gaia.access.callers import Caller
    from gaia.adoption.model import Adopted, Left
    from gaia.bootstrap.logging_in import LoggingIn
    from gaia.bootstrap.served import Served
    from gaia.client import Client
    from gaia.kit.interrupt import Interrupt
    from gaia.platform.callers.people import People
    from gaia.platform.context import PlatformContext
    from gaia.platform.home.backup import BackupView
    from gaia.platform.home.initialise import Initialised
    from gaia.platform.home.registration import Registered
    from gaia.platform.home.rotating import RotatedView
    from gaia.platform.model import Leftover, TokenView
    from gaia.platform.ports import PlatformDoor
    from gaia.policy.waivers import Waivers
    from gaia.records.database import Database
    from gaia.records.ports import Documents
    from gaia.scaffold.template import Template
    from gaia.stacks.model import Instance
    from gaia.stacks.repository import Repository
    from gaia.terraform.command import Terraform


class Home(Around):
    """What a GAIA_HOME serves: its repositories, its people, its records."""

    def initialise(self, directory: Path) -> Initialised:
        """Make a platform repository and its admin, or go on with what was begun."""
        from gaia.platform.home.initialise import initialise

        return initialise(self.settings, directory)

    def initialised(self) -> None:
        """The token that `initialise` or `adopt` gave has been shown."""
        from gaia.platform.home.initialise import shown

        shown(self.settings)

    def adopt(self, directory: Path) -> Adopted:
        """Register a repository that exists, or go on with what was begun; `initialised` when its token was shown."""
        from gaia.adoption.register import adopt

        return adopt(self.settings, directory)

    def recover(self, person: str | None = None) -> tuple[TokenView, str]:
        """A token of an admin where none can call any more; see `gaia.platform.home.recovering`."""
        from gaia.platform.home.recovering import recover

        return recover(self.settings, person)

    def rotate_key(self) -> RotatedView:
        """Another key for this home, in the name of an admin; see `gaia.platform.home.rotating`."""
        from gaia.platform.home.recovering import check_here
        from gaia.platform.home.registration import every
        from gaia.platform.home.rotating import rotate

        check_here(self.settings)
        with self.records() as database:
            first = every(self.settings)[0]
            return rotate(self.platform_context(database, first), self._caller(database))

    def leave(self, directory: Path) -> Left:
        """Serve a repository no longer; nothing is taken away."""
        from gaia.adoption.register import leave

        return leave(self.settings, directory)

    def _waivers(self, root: Path) -> Waivers:
        """Of a repository that is served here only those of its branch count."""
        from gaia.checkout.direct import Published
        from gaia.errors import ToolFailed, Unavailable
        from gaia.platform.home.registration import serving
        from gaia.policy.waivers import Waivers, read

        lying = super()._waivers(root)
        try:
            if (row := serving(self.settings, root)) is None:
                return lying
            with self.records() as database:
                published = Published(self.platform_context(database, row)).waivers()
        except (Unavailable, ToolFailed):  # nobody can say what is published, so nothing is
            published = ()
        return Waivers.of(read(root) if lying.counted else (), published)

    def templates(self) -> Sequence[Template]:
        """What can be requested: of the server that GAIA_URL names, else around the caller."""
        if self.settings.url is None:
            return super().templates()
        from gaia.bootstrap import remote_files

        with self.remote() as client:
            return remote_files.templates(client)

    def money(self) -> Mapping[str, object] | None:
        """Where budgets and quotas stand at the server that GAIA_URL names; None where it names none."""
        if self.settings.url is None:
            return None
        from gaia.bootstrap import remote_files

        with self.remote() as client:
            return remote_files.money(client)

    def clean_checkouts(self, *, longest: timedelta | None = None, dry_run: bool = False) -> Sequence[Leftover]:
        """`PlatformDoor.clean` for a home that serves no repository: of checkouts, which are whoever's home it is."""
        from gaia.platform.serving.retention import Retention, clean_checkouts

        kept_for = Retention() if longest is None else Retention().at_most(longest)
        return clean_checkouts(self.settings.home, kept_for, dry_run=dry_run)

    @contextmanager
    def platform(
        self, *, request: str | None = None, on_far: Callable[[str], None] = lambda _: None
    ) -> Iterator[PlatformDoor]:
        """The platform of one repository in the name of the person whose GAIA_TOKEN it is.

        It is the repository around the caller, else the only one of this home, see
        `gaia.platform.home.registration.registered_here`; that of a `request` which is given by its id, wherever the
        caller stands. `on_far` is told its checkout, before anything is done, where the caller does not stand in it.
        """
        if self.settings.url is not None:
            from gaia.bootstrap.remote import RemotePlatform

            with self.remote() as client:
                yield RemotePlatform(client)
            return
        from gaia.platform.acts.service import Platform
        from gaia.platform.home.chosen import chosen, may_choose

        may_choose(self.settings, request)
        with self.records() as database:
            row = chosen(self.settings, database, request, on_far)
            with traced(self.settings, self.tell):
                yield Platform(self.platform_context(database, row), self._caller(database))

    def work(self, write: Callable[[str], object], *, metrics: str | None = None) -> None:
        """Carry out what is queued until told to end: the engine of this home, beside those of others that share its
        records. It stands by while another process is the engine, and waits for a database that cannot be reached.

        `write` takes a line of the log, which is JSON. Prometheus reads it at the address `metrics`, `HOST:PORT`.

        Raises:
            Unavailable, NotFound, Conflict: what `gaia.platform.home.joining.join` raises. Invalid, Unavailable:
                what `gaia.bootstrap.measured_at` raises.
        """
        from contextlib import nullcontext

        from gaia.bootstrap.measured_at import measured_at
        from gaia.bootstrap.watched import lines, watched
        from gaia.kit.interrupt import Interrupt
        from gaia.platform.serving.standing import StandingEngine
        from gaia.platform.views.measures import Measures

        log, _ = lines(self.settings, write)

        def tell(text: str) -> None:
            log({"message": text})

        self.join(tell)
        measures, engine, interrupt = Measures(), StandingEngine(self.working, tell), Interrupt()
        read = measured_at(metrics, measures, self.settings.records) if metrics else nullcontext()
        with watched(self.settings, log, measures, tell), read as address:
            if address:
                tell(f"Prometheus reads {address}")
            with interrupt.by_signals(), interrupt.watched(lambda _: engine.ask()):
                engine.start()
                engine.wait()

    def join(self, tell: Callable[[str], None]) -> None:
        """Take up the repositories of records that this home shares with others; see `gaia.platform.home.joining`."""
        from gaia.platform.home.joining import join

        for row in join(self.settings):
            tell(f"This home serves {row.id} from now on, cloned from {row.shown}.")

    @contextmanager
    def working(self) -> Iterator[PlatformContext]:
        """What an engine works with: a database, and a wish to end, of its own."""
        from gaia.platform.home.registration import every

        with self.records() as database:
            yield self.platform_context(database, every(self.settings)[0])

    def back_up(
        self, into: Path, recipients: Sequence[str], tell: Callable[[str], None], *, new_key: Path | None = None
    ) -> BackupView:
        """`gaia.platform.home.backup.back_up` of this home, whoever may read it; also for a secret key made now."""
        from gaia.kit.archive import new_identity
        from gaia.platform.home.backup import back_up

        with self.working() as platform:
            made = (new_identity(self.settings.cwd / new_key),) if new_key else ()
            return back_up(platform, self.settings.cwd / into, (*recipients, *made), tell)

    def restore(
        self,
        backup: Path,
        identity: Path,
        tell: Callable[[str], None],
        *,
        dry_run: bool,
        expected: str | None = None,
        confirm: Callable[[str], bool] = lambda _: False,
    ) -> BackupView:
        """See `gaia.platform.home.restore.restore`."""
        from gaia.platform.home.restore import restore

        backup, identity = (self.settings.cwd / one for one in (backup, identity))
        return restore(self.settings, backup, identity, dry_run=dry_run, tell=tell, expected=expected, confirm=confirm)

    @contextmanager
    def remote(self) -> Iterator[Client]:
        """The server that GAIA_URL names, in the name of the person whose GAIA_TOKEN it is, or who signed in.

        Raises:
            Invalid: `url-invalid`, `url-plain`.
        """
        from gaia.bootstrap.server_url import server_url
        from gaia.client import Client

        url = server_url(self.settings)
        named = self.settings.environ.get("GAIA_REPOSITORY") or None
        with Client(url, self.token, repository=named) as client:
            yield client

    def logging_in(self, *, here: bool = False) -> LoggingIn:
        """Signs the terminal in and out, at the provider of the server that GAIA_URL names, else of this home.

        `here`: of this home, whatever GAIA_URL says.
        """
        from gaia.bootstrap.logging_in import LoggingIn

        return LoggingIn(replace(self.settings, url=None) if here else self.settings)

    def token(self) -> str | None:
        """Who is calling: GAIA_TOKEN, else what was given when somebody signed in with `login`.

        Raises:
            Unauthenticated: `sign-in-expired`. Unavailable: what keeps a new one from being got.
        """
        return self.settings.token or self.logging_in().token()

    @contextmanager
    def people(self) -> Iterator[People]:
        """Tokens and the audit log, in the name of the person whose GAIA_TOKEN it is."""
        if self.settings.url is not None:
            from gaia.bootstrap.remote_people import RemotePeople

            with self.remote() as client:
                yield RemotePeople(client)
            return
        from gaia.kit.keys import load_key
        from gaia.platform.acting import AuditLog
        from gaia.platform.callers.people import People
        from gaia.platform.home.registration import registered_here
        from gaia.records import audit_tail

        here = registered_here(self.settings)
        with self.records() as database:
            home = self.settings.home
            log = AuditLog(here.id, load_key(home / "keys"), home / audit_tail.FILE)
            yield People(database, log, self._caller(database))

    @contextmanager
    def served(self) -> Iterator[Served]:
        """What a server works with until it ends: one database, a context for each repository, any caller's."""
        from gaia.bootstrap.given_plans import region_of
        from gaia.bootstrap.served import Served

        with self.working() as first:
            made = Served(first, self.estimator, self.policy_engine, region_of(self.settings), self.settings.oidc)
            made.signing_in.check()
            yield made

    def _caller(self, database: Database) -> Caller:
        from gaia.kit.keys import load_key
        from gaia.platform.acting import AuditLog
        from gaia.platform.callers.signing_in import SigningIn
        from gaia.platform.home.registration import every

        settings = self.settings
        log = AuditLog(every(settings)[0].id, load_key(settings.home / "keys"))
        return SigningIn(database, log, settings.oidc).caller(settings.token or self.logging_in(here=True).token())

    @contextmanager
    def records(self) -> Iterator[Database]:
        """The database of this GAIA_HOME, closed at the end."""
        from gaia.platform.home.registration import every
        from gaia.records.database import Database

        every(self.settings)
        database = Database.open(self.settings.records)
        try:
            yield database
        finally:
            database.close()

    def platform_context(self, database: Database, row: Registered | None = None) -> PlatformContext:
        """Everything that acts on a repository of this home (the registered one around the caller, if none is given).

        Tools are looked for when first needed.
        """
        from gaia.kit.interrupt import Interrupt
        from gaia.platform.home.registration import every, registered

        interrupt, terraform = Interrupt(), cache(self._terraform)

        @cache
        def context(row: Registered) -> PlatformContext:
            return self._context(database, row, interrupt, terraform, served)

        def served() -> Sequence[PlatformContext]:
            return [context(each) for each in every(self.settings)]

        return context(row or registered(self.settings))

    def _context(
        self,
        database: Database,
        row: Registered,
        interrupt: Interrupt,
        terraform: Callable[[], Terraform],
        served: Callable[[], Sequence[PlatformContext]],
    ) -> PlatformContext:
        from gaia.access.oidc.checked import public_url
        from gaia.kit import keys, slots
        from gaia.platform.context import PlatformContext
        from gaia.platform.home.registration import states_folder
        from gaia.platform.requests import shared_commits
        from gaia.platform.snapshot import Snapshots
        from gaia.scaffold.clone import Clone

        settings = self.settings
        folder = settings.home / "repos" / row.id
        clone = cache(lambda: Clone.open(folder / "clone", row.source, row.branch, settings.environ))
        documents = self.documents(database, row)

        def bring(commit: str) -> None:
            if settings.database is not None:
                shared_commits.bring(database, documents, clone(), row.id, commit)

        return PlatformContext(
            home=settings.home,
            environ=settings.environ,
            repository=row.id,
            database=database,
            key=keys.load_key(settings.home / "keys"),
            documents=documents,
            clone=clone,
            snapshot=Snapshots(folder / "trees", clone, self.estimator, bring),
            terraform=lambda redact, interrupt: replace(terraform(), redact=redact, interrupt=interrupt),
            policy_engine=cache(self.policy_engine),
            interrupt=interrupt,
            slots=slots.Slots(settings.cache / "slots", slots.of_this_machine()),
            rego=self.rego,
            shared=settings.database is not None,
            public_url=public_url(settings.public_url),
            local_states=cache(lambda: states_folder(settings, row)),
            select=_selected,
            home_serves=served,
        )

    def documents(self, database: Database, row: Registered | None = None) -> Documents:
        """Where previews, plans, logs and journals of a repository are: see `gaia.platform.home.documents`."""
        from gaia.platform.home.documents import documents_of
        from gaia.platform.home.registration import registered

        return documents_of(self.settings, database, row or registered(self.settings))


def _selected(
    repository: Repository, stack: str, components: tuple[str, ...] | None, query: str | None, upstream: bool
) -> Sequence[Instance]:
    """See `gaia.platform.context.Select`."""
    from gaia.checkout.selection import Selection, instances_meant

    return instances_meant(repository, Selection(stack, components, query=query, upstream=upstream))
