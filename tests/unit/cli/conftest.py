"""`gaia(...)`: one command line against fakes, with its exit code and both streams."""

from __future__ import annotations

import io
import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from gaia import bootstrap
from gaia.cli import main
from gaia.cli.session import Session
from gaia.cli.wiring import EntryView, PolicyTestView, SandboxView, TokenView
from gaia.errors import Invalid
from gaia.scaffold.template import Question, Template
from gaia.stacks.repository import Repository
from gaia.testing.platform import FakePlatform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import timedelta
    from pathlib import Path

    from gaia.cli.wiring import Wiring
    from gaia.platform.ports import PlatformDoor
    from gaia.settings import Settings
    from gaia.stacks.atmos import Atmos
    from gaia.stacks.ports import Processing
    from gaia.stacks.repository import Repository
    from gaia.stacks.validation.component import Rego
    from gaia.stacks.validation.findings import Report


REPOSITORY = {
    "atmos.yaml": """\
base_path: "."
components: {terraform: {base_path: components/terraform}}
stacks:
  base_path: stacks
  included_paths: ["orgs/**/*"]
  excluded_paths: ["**/_defaults.yaml"]
  name_pattern: "{tenant}-{environment}-{stage}"
workflows: {base_path: workflows}
""",
    "stacks/catalog/bucket.yaml": """\
components:
  terraform:
    bucket:
      metadata: {type: abstract, component: s3-bucket}
      vars: {versioned: true}
""",
    "stacks/orgs/acme/_defaults.yaml": """\
import: [catalog/bucket]
vars:
  tenant: acme
  environment: use1
  tags: {owner: before}
""",
    "stacks/orgs/acme/dev/main.yaml": "import: [orgs/acme/_defaults]\nvars: {stage: dev}\n",
    "stacks/orgs/acme/prod/main.yaml": "import: [orgs/acme/_defaults]\nvars: {stage: prod}\n",
    "stacks/orgs/acme/dev/photos.yaml": """\
import: [orgs/acme/_defaults]
vars: {stage: dev}
components:
  terraform:
    photos-bucket:
      metadata: {component: s3-bucket, inherits: [bucket]}
      vars:
        name: photos
        tags:
          owner: team-media
""",
    "components/terraform/kms/main.tf": "",
    "workflows/photos.yaml": """\
workflows:
  plan-photos:
    description: Plan what photos needs
    stack: acme-use1-dev
    steps:
      - command: terraform plan photos-bucket
      - {name: tell, type: shell, command: "exit 3"}
""",
}
"""A platform repository with two stacks and one instance."""


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
        index = next(index for index, each in enumerate(self.made) if each.id == token)
        self.made[index] = replace(self.made[index], revoked_at="2026-11-24T00:00:00Z")
        return self.made[index]


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
    guarded: list[bool] = field(default_factory=list)
    away: str | None = None
    shown: bool = False
    tests: tuple[PolicyTestView, ...] = (
        PolicyTestView("policies.plan.tags_test.test_ok", "plan/tags_test.rego:5:1", True, ""),
    )

    @contextmanager
    def platform(self, settings: Settings, *, anywhere: bool = False) -> Iterator[PlatformDoor]:
        """The fake platform; remembers what was asked with which guard."""
        del settings
        self.guarded.append(not anywhere)
        yield self.door

    def far(self, settings: Settings) -> str | None:
        """Everybody stands in the repository, unless the test says otherwise."""
        del settings
        return self.away

    def repository(self, settings: Settings, path: Path | None, *, processing: Processing | None = None) -> Repository:
        """The stacks of the files in `root`."""
        return bootstrap.repository(settings, path or self.root, processing=processing)

    def atmos(self, settings: Settings, path: Path | None, processing: Processing) -> Atmos | None:
        """The program that a test names."""
        return bootstrap.atmos(settings, path or self.root, processing)

    def validate_stacks(self, settings: Settings, path: Path | None, *, schema: Path | None) -> Report:
        """The stacks of the files in `root`."""
        return bootstrap.validate_stacks(settings, path or self.root, schema=schema)

    def rego(self, settings: Settings) -> Rego:
        """The real rules: nothing about them needs a fake."""
        return bootstrap.rego_errors(settings)

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

    def initialised(self, settings: Settings) -> None:
        """Remember that the token was shown."""
        del settings
        self.shown = True

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
    for name, text in REPOSITORY.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return Gaia(settings, FakeWiring(FakePlatform(), tmp_path))
