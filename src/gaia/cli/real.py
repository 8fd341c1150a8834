"""The real parts behind the commands, put together by `gaia.bootstrap`; each is imported when it is asked for."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from gaia.cli.wiring import EntryView, PolicyTestView, SandboxView, TokenView
from gaia.kit.clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import timedelta
    from pathlib import Path

    from gaia.cli.wiring import InitResult, TemplateDoor
    from gaia.platform.people import People
    from gaia.platform.ports import PlatformDoor
    from gaia.records.model import Person, Role, Token
    from gaia.settings import Settings
    from gaia.stacks.atmos import Atmos
    from gaia.stacks.ports import Processing
    from gaia.stacks.repository import Repository
    from gaia.stacks.validation.component import Rego
    from gaia.stacks.validation.findings import Report


class RealWiring:
    """What `gaia` works with outside tests."""

    def platform(self, settings: Settings, *, anywhere: bool = False) -> AbstractContextManager[PlatformDoor]:
        """The platform in the name of whoever GAIA_TOKEN belongs to."""
        from gaia import bootstrap

        return bootstrap.platform(settings, anywhere=anywhere)

    def far(self, settings: Settings) -> str | None:
        """The repository that a command here acts on, where the caller stands in none."""
        from gaia import home

        return None if home.around(settings) else home.registered(settings).source

    def repository(self, settings: Settings, path: Path | None, *, processing: Processing | None = None) -> Repository:
        """The platform repository at `path`, around the working directory, or the registered one."""
        from gaia import bootstrap

        return bootstrap.repository(settings, path, processing=processing)

    def atmos(self, settings: Settings, path: Path | None, processing: Processing) -> Atmos | None:
        """The program that describes instead of the engine that is built in, where one is configured."""
        from gaia import bootstrap

        return bootstrap.atmos(settings, path, processing)

    def validate_stacks(self, settings: Settings, path: Path | None, *, schema: Path | None) -> Report:
        """What is wrong with all manifests, and what the policies say of them."""
        from gaia import bootstrap

        return bootstrap.validate_stacks(settings, path, schema=schema)

    def rego(self, settings: Settings) -> Rego:
        """Asks Atmos's Rego rules about an instance."""
        from gaia import bootstrap

        return bootstrap.rego_errors(settings)

    def templates(self, settings: Settings) -> Sequence[TemplateDoor]:
        """The templates of the platform repository."""
        from gaia.scaffold.template import templates

        return templates(self.repository(settings, None).root)

    def initialise(self, settings: Settings, directory: Path) -> InitResult:
        """Make a platform repository and its admin."""
        from gaia import bootstrap

        return bootstrap.initialise(settings, directory)

    def initialised(self, settings: Settings) -> None:
        """The token has been shown."""
        from gaia import bootstrap

        bootstrap.initialised(settings)

    @contextmanager
    def people(self, settings: Settings) -> Iterator[RealPeople]:
        """Tokens."""
        with _people(settings) as people:
            yield RealPeople(people)

    @contextmanager
    def audit(self, settings: Settings) -> Iterator[RealAudit]:
        """The audit log."""
        with _people(settings) as people:
            yield RealAudit(people)

    def sandbox(self, settings: Settings) -> RealSandbox:
        """The emulated AWS."""
        return RealSandbox(settings)

    def policy_tests(self, settings: Settings, path: Path | None) -> Sequence[PolicyTestView]:
        """Run the tests of the policies of a platform repository."""
        from gaia import bootstrap
        from gaia.policy.rules import FOLDER, PolicySet
        from gaia.policy.test import run_tests

        policies = PolicySet.load(self.repository(settings, path).root / FOLDER)
        results = run_tests(policies, engine=bootstrap.policy_engine(settings))
        return [PolicyTestView(each.name, str(each.at), each.passed, each.message) for each in results]

    def install_tool(self, settings: Settings, name: str, on_progress: Callable[[int, int | None], None]) -> Path:
        """Fetch a pinned program into the cache."""
        from gaia.terraform.install import install

        return install(name, cache=settings.cache, environ=settings.environ, on_progress=on_progress)


class RealPeople:
    """`gaia.platform.people` in the words of the door."""

    def __init__(self, people: People) -> None:
        self._people = people

    def create_token(
        self, person: str, *, roles: Sequence[str], tenant: str, stage: str, life: timedelta
    ) -> tuple[TokenView, str]:
        """Make a token and return it with its secret."""
        known = cast("Sequence[Role]", roles)  # the room says which are not
        token, owner, secret = self._people.create_token(person, roles=known, tenant=tenant, stage=stage, life=life)
        return _token(token, owner), secret

    def tokens(self, person: str | None = None) -> Sequence[TokenView]:
        """Tokens, newest first."""
        return [_token(token, owner) for token, owner in self._people.tokens(person)]

    def revoke(self, token: str) -> TokenView:
        """End a token now."""
        return _token(*self._people.revoke(token))


class RealAudit:
    """The audit log in the words of the door."""

    def __init__(self, people: People) -> None:
        self._people = people

    def entries(self, *, subject: str | None, limit: int) -> Sequence[EntryView]:
        """The newest entries, oldest first."""
        found = self._people.entries(subject=subject, limit=limit)
        return [EntryView(e.seq, rfc3339(e.at), who, e.action, e.subject, e.outcome, dict(e.facts)) for e, who in found]

    def verify(self) -> tuple[int, int | None]:
        """How many entries there are, and the first one that does not fit."""
        return self._people.verify()


class RealSandbox:
    """`gaia.sandbox` of one GAIA_HOME."""

    def __init__(self, settings: Settings) -> None:
        self._home = settings.home

    def up(self, *, port: int) -> SandboxView:
        """Start it, or say that it runs."""
        from gaia.sandbox import up

        started = up(self._home, port=port)
        return SandboxView(running=True, url=started.url, pid=started.identity.pid)

    def down(self) -> SandboxView:
        """Stop it."""
        from gaia.sandbox import down

        ran = down(self._home)
        message = "The emulated AWS has stopped." if ran else "The emulated AWS did not run."
        return SandboxView(running=False, url=None, pid=None, message=message)

    def status(self) -> SandboxView:
        """Whether it runs."""
        from gaia.sandbox import status

        found = status(self._home)
        if found.sandbox is None:
            return SandboxView(running=False, url=None, pid=None)
        if found.healthy:
            return SandboxView(running=True, url=found.sandbox.url, pid=found.sandbox.identity.pid)
        message = "The emulated AWS runs but does not answer." if found.alive else "The emulated AWS has died."
        return SandboxView(running=False, url=found.sandbox.url, pid=None, message=message)

    def environment(self) -> Mapping[str, str]:
        """The variables that lead tools to it; none where there is no sandbox."""
        from gaia.sandbox import environment

        return environment(self._home) or {}

    def inventory(self) -> Mapping[str, object]:
        """What it holds: what people made, state objects, and what stays after everything was undone."""
        from gaia.sandbox import PLATFORM_BUCKETS, STATE_BUCKETS, inventory
        from gaia.sandbox.inventory import PENDING

        found = inventory(self._home)
        doomed = [name for name, state in found.keys.items() if state == PENDING]
        states = [f"{name}/{key}" for name in STATE_BUCKETS for key in found.buckets.get(name) or ()]
        return {
            "resources": {
                "buckets": [name for name in found.buckets if name not in PLATFORM_BUCKETS],
                "keys": [name for name in found.keys if name not in doomed],
                "aliases": list(found.aliases), "roles": list(found.roles), "policies": list(found.policies),
            },
            "state_objects": states,
            "excepted": {"keys pending deletion": doomed, "state objects": states},
        }  # fmt: skip


@contextmanager
def _people(settings: Settings) -> Iterator[People]:
    from gaia import bootstrap, home
    from gaia.kit.keys import load_key
    from gaia.platform.people import People

    with bootstrap.records(settings) as database:
        yield People(database, home.registered(settings).id, load_key(settings.home / "keys"), settings.token)


def _token(token: Token, owner: Person) -> TokenView:
    roles = tuple(sorted({grant.role for grant in owner.grants}))
    ends = [None if moment is None else rfc3339(moment) for moment in (token.revoked_at, token.last_used_at)]
    return TokenView(
        token.id, owner.name, roles, rfc3339(token.created_at), rfc3339(token.expires_at), ends[0], ends[1]
    )
