"""`gaia(...)`: one command line against fakes, with its exit code and both streams."""

from __future__ import annotations

import io
import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from gaia.cli import main
from gaia.cli.session import Session
from gaia.cli.wiring import EntryView, PolicyTestView, SandboxView, TokenView
from gaia.errors import Invalid, NotFound, Position
from gaia.scaffold.template import Question, Template
from gaia.testing.platform import FakePlatform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import timedelta
    from pathlib import Path

    from gaia.cli.wiring import Wiring
    from gaia.platform.ports import PlatformDoor
    from gaia.settings import Settings


@dataclass(frozen=True)
class FakeKey:
    """An instance's key."""

    stack: str
    component: str


@dataclass(frozen=True)
class FakeOrigin:
    """A value and where it is written."""

    value: object
    at: Position
    overridden: tuple[FakeOrigin, ...] = ()


@dataclass(frozen=True)
class FakeInstance:
    """An instance with two vars."""

    vars: Mapping[str, object] = field(default_factory=lambda: {"name": "photos", "tags": {"owner": "team-media"}})

    def explain(self, path: Sequence[str | int]) -> FakeOrigin:
        """Everything is written on line 7 and beat line 3."""
        if path[-1] == "nothing":
            raise NotFound("path-unknown", "there is no vars.nothing", next_step="Leave the path out to see all.")
        loser = FakeOrigin("before", Position("stacks/orgs/acme/_defaults.yaml", 3, 5))
        return FakeOrigin("team-media", Position("stacks/orgs/acme/dev/services/photos.yaml", 7, 9), (loser,))

    def describe(self) -> Mapping[str, object]:
        """A short document."""
        return {"component": "photos-bucket", "vars": dict(self.vars)}


@dataclass(frozen=True)
class FakeStacks:
    """Two stacks."""

    root: Path

    @property
    def components_path(self) -> Path:
        """Where components are."""
        return self.root / "components/terraform"

    @property
    def stacks(self) -> tuple[str, ...]:
        """Their names."""
        return ("acme-use1-dev", "acme-use1-prod")

    @property
    def instances(self) -> tuple[FakeKey, ...]:
        """One in dev."""
        return (FakeKey("acme-use1-dev", "photos-bucket"),)

    def instance(self, component: str, stack: str) -> FakeInstance:
        """The only one."""
        if FakeKey(stack, component) not in self.instances:
            raise NotFound("component-unknown", f"{stack} has no {component}", next_step="Run `gaia list instances`.")
        return FakeInstance()


@dataclass
class FakePeople:
    """Tokens in a list."""

    made: list[TokenView] = field(default_factory=list)

    def create_token(
        self, person: str, *, roles: Sequence[str], tenant: str, stage: str, life: timedelta
    ) -> tuple[TokenView, str]:
        """Remember it; the tenant, stage and life can be read from its id."""
        token = TokenView(
            f"tok_{tenant}_{stage}_{life.days}", person, tuple(roles), "2026-11-23T00:00:00Z", "2027-02-21T00:00:00Z",
            None, None,
        )  # fmt: skip
        self.made.append(token)
        return token, "gaia_tok_secret"

    def tokens(self, person: str | None = None) -> Sequence[TokenView]:
        """Those of a person, or all."""
        return [token for token in self.made if person in (None, token.person)]

    def revoke(self, token: str) -> TokenView:
        """End it."""
        return replace(next(each for each in self.made if each.id == token), revoked_at="2026-11-24T00:00:00Z")


@dataclass
class FakeAudit:
    """Two entries."""

    broken: int | None = None

    def entries(self, *, subject: str | None, limit: int) -> Sequence[EntryView]:
        """The newest."""
        made = [EntryView(n, "2026-11-23T23:05:08Z", "ada", "request.made", f"req_{n}", "done", {}) for n in (1, 2)]
        return [entry for entry in made if subject in (None, entry.subject)][-limit:]

    def verify(self) -> tuple[int, int | None]:
        """Whole unless the test says otherwise."""
        return 2, self.broken


@dataclass
class FakeSandbox:
    """Runs when told to."""

    running: bool = False

    def up(self, *, port: int) -> SandboxView:
        """Run."""
        self.running = True
        return SandboxView(True, f"http://127.0.0.1:{port or 4566}", 4711)

    def down(self) -> SandboxView:
        """Stop."""
        self.running = False
        return SandboxView(False, None, None, "The emulated AWS has stopped.")

    def status(self) -> SandboxView:
        """As it is."""
        return self.up(port=0) if self.running else SandboxView(False, None, None)

    def environment(self) -> Mapping[str, str]:
        """A value that a shell would split."""
        return {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_REGION": "us east"}

    def inventory(self) -> Mapping[str, object]:
        """What it holds."""
        return {"resources": {"buckets": ["photos"], "keys": []}, "state_objects": [], "excepted": {"keys": ["k-1"]}}


@dataclass(frozen=True)
class Made:
    """What init made."""

    directory: str
    repository_id: str = "platform"
    admin: str = "admin"
    token: str = "gaia_tok_first"


@dataclass
class FakeWiring:
    """Everything that commands call, in memory."""

    door: FakePlatform
    root: Path
    tokens: FakePeople = field(default_factory=FakePeople)
    book: FakeAudit = field(default_factory=FakeAudit)
    box: FakeSandbox = field(default_factory=FakeSandbox)
    tests: tuple[PolicyTestView, ...] = (
        PolicyTestView("policies.plan.tags_test.test_ok", "plan/tags_test.rego:5:1", True, ""),
    )

    @contextmanager
    def platform(self, settings: Settings) -> Iterator[PlatformDoor]:
        """The fake platform."""
        del settings
        yield self.door

    def repository(self, settings: Settings, path: Path | None) -> FakeStacks:
        """The fake stacks."""
        del settings
        return FakeStacks(path or self.root)

    def templates(self, settings: Settings) -> Sequence[Template]:
        """One template with one question of each kind."""
        del settings
        questions = (
            Question("owner", "str", "Who owns it?"),
            Question("storage_gb", "int", "How many GB?", default=10, required=False),
            Question("versioned", "bool", "Keep old versions?", default=True, required=False),
            Question("tier", "choice", "Which tier?", choices=("bronze", "gold")),
        )
        return [Template("object-store", "1.0.0", "An object store", "A bucket.", questions, self.root)]

    def initialise(self, settings: Settings, directory: Path) -> Made:
        """Make nothing."""
        return Made(str(settings.cwd / directory))

    @contextmanager
    def people(self, settings: Settings) -> Iterator[FakePeople]:
        """The fake tokens."""
        del settings
        yield self.tokens

    @contextmanager
    def audit(self, settings: Settings) -> Iterator[FakeAudit]:
        """The fake audit log."""
        del settings
        yield self.book

    def sandbox(self, settings: Settings) -> FakeSandbox:
        """The fake sandbox."""
        del settings
        return self.box

    def policy_tests(self, settings: Settings, path: Path | None) -> Sequence[PolicyTestView]:
        """The results that the test gave."""
        del settings, path
        return self.tests

    def install_tool(self, settings: Settings, name: str, on_progress: Callable[[int, int | None], None]) -> Path:
        """Half, then all of it."""
        if name == "tofu":
            raise Invalid("checksum-mismatch", "the archive is not the pinned one", next_step="Try again.")
        on_progress(1, 2)
        on_progress(2, 2)
        return settings.cache / name


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


@dataclass(frozen=True)
class Said:
    """How a command line ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The document on stdout."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The document on stderr."""
        return json.loads(self.err)


@dataclass
class Gaia:
    """Runs command lines against one fake platform."""

    settings: Settings
    wiring: FakeWiring

    @property
    def platform(self) -> FakePlatform:
        """What the commands talk to."""
        return self.wiring.door

    def session(self, *, tty: bool = False, given: str = "") -> Session:
        """A session on streams in memory."""
        kind = Terminal if tty else io.StringIO
        wiring: Wiring = self.wiring
        return Session(self.settings, kind(given), kind(), kind(), given_wiring=wiring)

    def __call__(self, *arguments: str, tty: bool = False, given: str = "", **environ: str) -> Said:
        """Run one command line."""
        session = self.session(tty=tty, given=given)
        session.settings = replace(self.settings, environ={**self.settings.environ, **environ})
        code = main.run(arguments, session)
        out, err = session.stdout, session.stderr
        assert isinstance(out, io.StringIO)
        assert isinstance(err, io.StringIO)
        return Said(code, out.getvalue(), err.getvalue())


@pytest.fixture
def gaia(settings: Settings, tmp_path: Path) -> Gaia:
    """`gaia("status", "photos")`."""
    (tmp_path / "components/terraform/kms").mkdir(parents=True)
    (tmp_path / "components/terraform/kms/main.tf").touch()
    return Gaia(settings, FakeWiring(FakePlatform(), tmp_path))
