"""What the commands call: `gaia.cli.real` puts it together, a test gives `gaia.testing.wiring.FakeWiring` instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import timedelta
    from pathlib import Path

    from gaia.platform.ports import PlatformDoor
    from gaia.settings import Settings
    from gaia.stacks.atmos import Atmos
    from gaia.stacks.ports import Processing
    from gaia.stacks.repository import Repository
    from gaia.stacks.validation.component import Rego
    from gaia.stacks.validation.findings import Report


class InitResult(Protocol):
    """What `gaia init` made."""

    @property
    def directory(self) -> str:
        """The platform repository."""
        ...

    @property
    def repository_id(self) -> str:
        """Its name in GAIA_HOME."""
        ...

    @property
    def admin(self) -> str:
        """The first person."""
        ...

    @property
    def token(self) -> str:
        """That person's token; shown once."""
        ...


class QuestionDoor(Protocol):
    """`gaia.scaffold.template.Question`."""

    @property
    def name(self) -> str:
        """What `-a NAME=` takes."""
        ...

    @property
    def type(self) -> str:
        """str, int, bool or choice."""
        ...

    @property
    def help(self) -> str:
        """The question."""
        ...

    @property
    def default(self) -> object:
        """The answer where none is given."""
        ...

    @property
    def choices(self) -> Sequence[str]:
        """The answers that there are."""
        ...

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        ...


class TemplateDoor(Protocol):
    """`gaia.scaffold.template.Template`."""

    @property
    def name(self) -> str:
        """What `gaia request` takes."""
        ...

    @property
    def version(self) -> str:
        """Its version."""
        ...

    @property
    def title(self) -> str:
        """A few words."""
        ...

    @property
    def description(self) -> str:
        """A few sentences."""
        ...

    @property
    def questions(self) -> Sequence[QuestionDoor]:
        """What it asks, in order."""
        ...


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token without its secret."""

    id: str
    person: str
    roles: tuple[str, ...]
    created_at: str
    expires_at: str
    revoked_at: str | None
    last_used_at: str | None


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line of the audit log."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    outcome: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SandboxView:
    """The emulated AWS of this GAIA_HOME."""

    running: bool
    url: str | None
    pid: int | None
    message: str = ""


@dataclass(frozen=True, slots=True)
class PolicyTestView:
    """How one test of a policy ended."""

    name: str
    at: str
    passed: bool
    message: str


class PeopleDoor(Protocol):
    """Tokens; every call is made in the name of the person whose token was given."""

    def create_token(
        self, person: str, *, roles: Sequence[str], tenant: str, stage: str, life: timedelta
    ) -> tuple[TokenView, str]:
        """Make the person if there is none, give the roles, and return a token with its secret."""
        ...

    def tokens(self, person: str | None = None) -> Sequence[TokenView]:
        """Tokens, newest first."""
        ...

    def revoke(self, token: str) -> TokenView:
        """End a token now."""
        ...


class AuditDoor(Protocol):
    """The audit log."""

    def entries(self, *, subject: str | None, limit: int) -> Sequence[EntryView]:
        """The newest entries, oldest first."""
        ...

    def verify(self) -> tuple[int, int | None]:
        """How many entries there are, and the first one that does not fit (None: all fit)."""
        ...


class SandboxDoor(Protocol):
    """The emulated AWS."""

    def up(self, *, port: int) -> SandboxView:
        """Start it, or say that it runs."""
        ...

    def down(self) -> SandboxView:
        """Stop it."""
        ...

    def status(self) -> SandboxView:
        """Whether it runs."""
        ...

    def environment(self) -> Mapping[str, str]:
        """The variables that lead tools to it."""
        ...

    def inventory(self) -> Mapping[str, object]:
        """`{resources, state_objects, excepted}`: names by kind."""
        ...


class Wiring(Protocol):
    """Everything that commands call."""

    def platform(self, settings: Settings, *, anywhere: bool = False) -> AbstractContextManager[PlatformDoor]:
        """The platform in the name of whoever GAIA_TOKEN belongs to.

        Refused where another repository is around the caller, unless `anywhere`, which is for what only reads.
        """
        ...

    def far(self, settings: Settings) -> str | None:
        """The repository that a command here acts on, where the caller stands in none."""
        ...

    def repository(self, settings: Settings, path: Path | None, *, processing: Processing | None = None) -> Repository:
        """The platform repository at `path`, around the working directory, or the registered one."""
        ...

    def atmos(self, settings: Settings, path: Path | None, processing: Processing) -> Atmos | None:
        """The program that describes instead of the engine that is built in, where one is configured."""
        ...

    def validate_stacks(self, settings: Settings, path: Path | None, *, schema: Path | None) -> Report:
        """What is wrong with all manifests, and what the policies say of them."""
        ...

    def rego(self, settings: Settings) -> Rego:
        """Asks Atmos's Rego rules about an instance."""
        ...

    def templates(self, settings: Settings) -> Sequence[TemplateDoor]:
        """What can be requested."""
        ...

    def initialise(self, settings: Settings, directory: Path) -> InitResult:
        """Make a platform repository and its admin, or go on with what was begun."""
        ...

    def initialised(self, settings: Settings) -> None:
        """The token that `initialise` gave has been shown."""
        ...

    def people(self, settings: Settings) -> AbstractContextManager[PeopleDoor]:
        """Tokens."""
        ...

    def audit(self, settings: Settings) -> AbstractContextManager[AuditDoor]:
        """The audit log."""
        ...

    def sandbox(self, settings: Settings) -> SandboxDoor:
        """The emulated AWS."""
        ...

    def policy_tests(self, settings: Settings, path: Path | None) -> Sequence[PolicyTestView]:
        """Run the tests of the policies at `path`, or of the platform repository."""
        ...

    def install_tool(self, settings: Settings, name: str, on_progress: Callable[[int, int | None], None]) -> Path:
        """Fetch a pinned program into the cache."""
        ...
