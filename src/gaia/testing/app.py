"""An `App` for tests of doors: files are read for real, what would act answers from memory."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gaia.adoption.model import Adopted, Left
from gaia.bootstrap import App
from gaia.cost.refresh import Fetched
from gaia.errors import Invalid, Position, ToolFailed
from gaia.platform.callers.first_admin import TOKEN_LIFE
from gaia.platform.home.backup import BackupView
from gaia.platform.home.initialise import Initialised
from gaia.platform.home.rotating import RotatedView
from gaia.policy.model import TestResult
from gaia.sandbox.control import Held, Sandbox, SandboxView
from gaia.sandbox.recording import Kept
from gaia.sandbox.snapshots import Snapshot
from gaia.scaffold.template import Question, Template
from gaia.testing import judged
from gaia.testing.cataloguing import FakeCataloguing
from gaia.testing.drafting import FakeTemplater
from gaia.testing.drifting import FakeDrifting
from gaia.testing.people import FakeLoggingIn, FakePeople
from gaia.testing.telling import FakeHappening, FakeWebhooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gaia.bootstrap.logging_in import LoggingIn
    from gaia.checkout.checkout import Checkout
    from gaia.cost.stock import Holdings
    from gaia.kit.redact import Redactor
    from gaia.platform.acts.drifting import Drifting
    from gaia.platform.callers.people import People
    from gaia.platform.callers.webhooks import Webhooks
    from gaia.platform.drafts.trial import Trial
    from gaia.platform.model import TokenView
    from gaia.platform.ports import PlatformDoor
    from gaia.platform.views.cataloguing import Cataloguing
    from gaia.platform.views.happening import Happening
    from gaia.policy.coverage import Coverage
    from gaia.policy.report import Checked
    from gaia.policy.rules import PolicySet
    from gaia.policy.waiver_states import Standing
    from gaia.scaffold.policies import Copied
    from gaia.settings import Settings
    from gaia.stacks.ports import Processing
    from gaia.terraform.command import Terraform
    from gaia.testing.platform import FakePlatform


class FakeSandbox(Sandbox):
    """Runs when told to."""

    def __init__(self) -> None:
        self.running = False
        self.used = True
        self.holds = Held(312, 14)

    def up(self, *, port: int = 0) -> SandboxView:
        """Run."""
        self.running = True
        return SandboxView(True, f"http://127.0.0.1:{port or 4566}", 4711, kept=Kept(312, 312, ("ec2 CreateKeyPair",)))

    def down(self) -> SandboxView:
        """Stop."""
        self.running = False
        return SandboxView(False, None, None, "The emulated AWS has stopped.")

    def held(self) -> Held:
        """As much as the test says."""
        return self.holds

    def reset(self) -> SandboxView:
        """As new."""
        self.holds = Held(0)
        return SandboxView(False, None, None, "What the emulated AWS held is forgotten.")

    def snapshots(self) -> Sequence[Snapshot]:
        """One."""
        return (Snapshot("before-upgrade", datetime(2026, 5, 1, tzinfo=UTC), 312, 480_000),)

    def save(self, name: str, *, replace: bool = False) -> Snapshot:
        """Under that name."""
        del replace
        one = self.snapshots()[0]
        return Snapshot(name, one.at, one.requests, one.size)

    def restore(self, name: str) -> SandboxView:
        """Go on."""
        del name
        return self.up()

    def remove(self, name: str) -> None:
        """Nothing to do."""

    def leave(self) -> SandboxView:
        """Stop for good."""
        self.running = False
        return SandboxView(False, None, None, "This home uses your own cloud from now on.")

    def status(self) -> SandboxView:
        """As it is."""
        return self.up() if self.running else SandboxView(False, None, None)

    def environment(self) -> Mapping[str, str] | None:
        """A value that a shell would split."""
        return {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_REGION": "us east"} if self.used else None

    def inventory(self) -> Mapping[str, object]:
        """What it holds."""
        return {"resources": {"buckets": ["photos"], "keys": []}, "state_objects": [], "excepted": {"keys": ["k-1"]}}


class FakeApp(App):
    """One repository, in `root`; one platform for everybody."""

    sandbox: FakeSandbox

    def __init__(self, settings: Settings, door: FakePlatform, root: Path) -> None:
        super().__init__(settings)
        self.door = door
        self.root = root
        self.drifts = FakeDrifting()
        self.drafts = FakeTemplater()
        self.tokens = FakePeople()
        self.happened = FakeHappening()
        self.hooks = FakeWebhooks()
        self.entering = FakeLoggingIn()
        self.sandbox = FakeSandbox()
        self.asked: list[str | None] = []
        """Of each call of `platform`: the request that it was asked for."""
        self.tried: list[tuple[str, dict[str, object], str, str]] = []
        """What `try_template` was asked."""
        self.away: str | None = None
        self.sees_all = True
        """Whether all processes of the machine can be seen."""
        self.make_terraform: Callable[[Redactor, str], Terraform] | None = None
        """What `checkout` works with; else whichever terraform is found."""
        """The checkout of the repository that is taken, where the caller stands in none."""
        self.shown = False
        self.sealed_for: tuple[str, ...] = ()
        """What `back_up` or `restore` was given."""
        self.backup = BackupView(
            made_at="2026-11-23T23:05:08.000Z",
            gaia="0.1.0",
            revision="0006",
            records="sqlite",
            key="key-" + "1f" * 32,
            repositories=("platform-019aa8c2",),
            under_way=("run_019aa8c2d3e47abc9f00112233445567",),
            rows={"people": 3, "requests": 12, "audit": 140},
            files=58,
            size=1_240_000,
        )
        self.tests: tuple[TestResult, ...] = (
            TestResult("policies.plan.tags_test.test_ok", Position("plan/tags_test.rego", 5), True, ""),
        )

    def at(self, settings: Settings) -> FakeApp:
        """The same one, for a session that has these settings."""
        self.settings = settings
        return self

    @contextmanager
    def platform(
        self, *, request: str | None = None, on_far: Callable[[str], None] = lambda _: None
    ) -> Iterator[PlatformDoor]:
        """The fake platform, whatever was asked; remembers of which requests."""
        self.asked.append(request)
        if self.away is not None:
            on_far(self.away)
        yield self.door

    def back_up(
        self, into: Path, recipients: Sequence[str], tell: Callable[[str], None], *, new_key: Path | None = None
    ) -> BackupView:
        """Remember for whom; write nothing."""
        tell("Copying the records")
        self.sealed_for = (str(into), *recipients, *((str(new_key),) if new_key else ()))
        return self.backup

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
        """As if it were there, and of the expected key."""
        tell("Taking it out")
        said = expected or str(confirm(self.backup.key))
        self.sealed_for = (str(backup), str(identity), str(dry_run), said)
        return self.backup

    @contextmanager
    def checkout(self, path: Path | None = None, *, processing: Processing | None = None) -> Iterator[Checkout]:
        """The files in `root`, with the terraform that the test gave."""
        with super().checkout(path or self.root, processing=processing) as made:
            make = self.make_terraform or made.make_terraform
            yield replace(made, make_terraform=make, sees_all=lambda: self.sees_all)

    def logging_in(self, *, here: bool = False) -> LoggingIn:
        """The fake provider."""
        del here
        return self.entering

    @contextmanager
    def people(self) -> Iterator[People]:
        """The fake tokens."""
        yield self.tokens

    @contextmanager
    def happening(self) -> Iterator[Happening]:
        """The fake events."""
        yield self.happened

    @contextmanager
    def drifting(self) -> Iterator[Drifting]:
        """The fake drift."""
        yield self.drifts

    @contextmanager
    def cataloguing(self) -> Iterator[Cataloguing]:
        """The fake catalog."""
        yield FakeCataloguing()

    @contextmanager
    def webhooks(self) -> Iterator[Webhooks]:
        """The fake webhooks."""
        yield self.hooks

    def _around(self, path: Path | None) -> Path:
        return super()._around(path or self.root)

    def templates(self) -> Sequence[Template]:
        """One template with one question of each kind."""
        questions = (
            Question("owner", "str", "Who owns it?"),
            Question("storage_gb", "int", "How many GB?", default=10, required=False),
            Question("versioned", "bool", "Keep old versions?", default=True, required=False),
            Question("tier", "choice", "Which tier?", choices=("bronze", "gold")),
        )
        return [Template("object-store", "1.0.0", "An object store", "A bucket.", questions, self.root)]

    def initialise(self, directory: Path) -> Initialised:
        """Make nothing."""
        return Initialised(str(self.settings.cwd / directory), "platform", "admin", "gaia_tok_first")

    def adopt(self, directory: Path) -> Adopted:
        """Register nothing."""
        at = str(self.settings.cwd / directory)
        first = self.initialise(directory)
        return Adopted("platform", at, "git@example.org:a/b.git", "main", 3, at, admin=first.admin, token=first.token)

    def recover(self, person: str | None = None) -> tuple[TokenView, str]:
        """A token like any other."""
        return self.tokens.create_token(person or "admin", roles=["admin"], life=TOKEN_LIFE)

    def rotate_key(self) -> RotatedView:
        """Replace nothing."""
        folder = str(self.settings.home / "keys/older")
        return RotatedView(f"key-{'9' * 64}", "ed25519:AAAA", ("key-000000000000",), folder, ("req_1",))

    def leave(self, directory: Path) -> Left:
        """Let nothing go."""
        at, home = str(self.settings.cwd / directory), str(self.settings.home)
        return Left("platform", at, "git@example.org:a/b.git", "main", at, home, home, home, home, home, home)

    def initialised(self) -> None:
        """Remember that the token was shown."""
        self.shown = True

    def try_template(self, template: str, answers: Mapping[str, object], *, service: str, stack: str) -> Trial:
        """The same for every template; remembers what was asked."""
        from gaia.testing import views

        self.tried.append((template, dict(answers), service, stack))
        return views.trial()

    def templater(self, repository: Path | None = None) -> FakeTemplater:
        """The fake one."""
        del repository
        return self.drafts

    def policy_tests(self, path: Path | None = None, given: Path | None = None) -> Sequence[TestResult]:
        """The results that the test gave."""
        del path, given
        return self.tests

    def holdings(self) -> Holdings:
        """A book of two services."""
        from gaia.testing import views

        return views.holdings()

    def refresh_prices(
        self,
        regions: Sequence[str],
        services: Sequence[str],
        *,
        accept: bool,
        on_progress: Callable[[str, int, int | None], None],
    ) -> Sequence[Fetched]:
        """Half of each list, then all of it; none of the moon."""
        if "moon-1" in regions and not accept:
            raise Invalid("prices-implausible", "the list looks wrong", next_step="Look at AWS's pricing page.")
        on_progress("AmazonRDS", 1, 2)
        on_progress("AmazonRDS", 2, 2)
        return [
            Fetched(service, region, 1200, 3, "2026-11-27", "20261127120000")
            for service in services or ("AmazonRDS",)
            for region in regions
        ]

    def policy_coverage(self, path: Path | None = None, given: Path | None = None) -> Sequence[Coverage]:
        """Sets that are seen whole, in part and not at all."""
        del path, given
        return judged.coverage()

    def policy_waivers(self, repository: Path | None = None) -> Sequence[Standing]:
        """One in each state."""
        del repository
        return judged.standings()

    def copy_policies(self, repository: Path | None = None, *, libraries: bool = False) -> Copied:
        """One file that is new, and one that stays."""
        from gaia.scaffold.policies import Copied

        del repository
        return Copied(("policies/lib/value.rego",), () if libraries else ("policies/plan/keys_rotate.rego",))

    def read_policies(self, given: Path | None = None, repository: Path | None = None) -> PolicySet:
        """The same as `policies`."""
        return self.policies(given, repository)

    def policies(self, given: Path | None = None, repository: Path | None = None) -> PolicySet:
        """Two rules."""
        del given, repository
        return judged.policies()

    def plan_file_cost(self, plan: Path, usage: Path | None = None, *, parity: bool = False) -> Mapping[str, Any]:
        """The same estimate, whatever the plan is."""
        from gaia.testing import views

        del usage, parity
        document: dict[str, Any] = views.cost()
        document["projects"][0]["name"] = str(plan)
        return document

    def plan_file_what_if(
        self, plan: Path, values: Mapping[str, object], usage: Path | None = None, *, parity: bool = False
    ) -> Mapping[str, Any]:
        """The same estimate, whatever the values are."""
        del values
        return self.plan_file_cost(plan, usage, parity=parity)

    def check_plan_file(
        self, plan: Path, policies: Path | None = None, repository: Path | None = None, stage: str | None = None
    ) -> Checked:
        """A finding of each effect, whatever the plan is."""
        del policies, repository, stage
        return replace(judged.checked(), subject=str(plan))

    def check_object_files(
        self, paths: Sequence[Path], policies: Path | None = None, repository: Path | None = None
    ) -> Checked:
        """A warning, whatever the objects are; a deny where rules are given."""
        del repository
        found, effect = judged.checked(), "deny" if policies else "warn"
        findings = tuple(one for one in found.findings if one.finding.effect == effect)
        return replace(found, subject=", ".join(map(str, paths)), findings=findings, unit="object")

    def install_tool(self, name: str, on_progress: Callable[[int, int | None], None]) -> Path:
        """Half, then all of it."""
        if name == "tofu":
            raise ToolFailed("checksum-mismatch", "the archive is not the pinned one", next_step="Try again.")
        on_progress(1, 2)
        on_progress(2, 2)
        return self.settings.cache / name
