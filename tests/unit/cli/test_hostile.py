"""What people and files gave never reaches a terminal as a command to it; streams that are full, closed or gone."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from rich.table import Table
from rich.text import Text
from tests.unit.cli.conftest import Gaia
from tests.unit.cli.releases import with_hostile_releases
from tests.unit.cli.test_terraform_commands import CREATE
from tests.unit.platform.played import PlayedTerraform, made

from gaia.cli import menu
from gaia.errors import Invalid
from gaia.platform.model import GrantView, Leftover, RequestLine, RunView, TokenView
from gaia.records.audit_wanted import ANYTHING
from gaia.sandbox.recording import Kept
from gaia.terraform.diagnostics import Diagnostic
from gaia.terraform.state import State
from gaia.testing import drafting, views
from gaia.testing.app import FakeApp, FakeSandbox
from gaia.testing.cataloguing import FakeCataloguing
from gaia.testing.drifting import FINDING, FakeDrifting
from gaia.testing.people import FakePeople
from gaia.testing.platform import FakePlatform
from gaia.testing.telling import FakeHappening, FakeWebhooks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gaia.cli.entry import Entry
    from gaia.cost.refresh import Fetched
    from gaia.cost.stock import Holdings
    from gaia.notifications.model import DeliveryView, WebhookView
    from gaia.platform.acts.drifting import Drifting
    from gaia.platform.callers.people import People
    from gaia.platform.callers.webhooks import Webhooks
    from gaia.platform.drift.views import InstanceDriftView
    from gaia.platform.model import CallerView, EntryView, PersonView, RequestView, WhyView
    from gaia.platform.views.cataloguing import Cataloguing
    from gaia.platform.views.happening import Happening
    from gaia.policy.model import TestResult
    from gaia.policy.report import Checked
    from gaia.policy.rules import PolicySet
    from gaia.policy.waiver_states import Standing
    from gaia.records.audit_wanted import Wanted
    from gaia.sandbox.control import SandboxView
    from gaia.sandbox.snapshots import Snapshot
    from gaia.scaffold.drafts import Draft
    from gaia.scaffold.template import Template
    from gaia.settings import Settings
    from gaia.terraform.workdir import WorkingDirectory
    from gaia.testing.drafting import FakeTemplater

NOW = "2026-11-23T23:05:08.000Z"
HOSTILE = "x\x1b[2J\x1b]52;c;YQ==\x07y\rz\u202ew\x9b"
"""Clears the screen, fills the clipboard, goes to the beginning of the line, turns the writing."""
RAW = ("\x1b[2J", "\x1b]", "\x07", "y\rz", "\u202e", "\x9b")


def assert_safe(text: str) -> None:
    """Nothing in it that a terminal would obey, but colors and what is drawn anew."""
    assert not [one for one in RAW if one in text], ascii(text)


def test_every_screen_is_drawn_on_a_console_that_obeys_nothing(gaia: Gaia) -> None:
    """Texts, cells of tables, notes and log lines: all go through the session's consoles."""
    session = gaia.session(tty=True)
    table = Table()
    table.add_column(HOSTILE)
    table.add_row(Text(HOSTILE, "bold"))
    session.show(None, Text(HOSTILE), table)
    session.out.print(Text(HOSTILE))
    session.note(HOSTILE)
    session.write(HOSTILE)
    for stream in (session.stdout, session.stderr):
        assert isinstance(stream, io.StringIO)
        assert "x" in stream.getvalue()
        assert_safe(stream.getvalue())


@pytest.mark.parametrize("form", ["text", "json", "yaml"])
def test_a_hostile_word_of_the_command_line_is_told_safely(gaia: Gaia, form: str) -> None:
    """An error that repeats it, in every form."""
    said = gaia("status", HOSTILE, "--output", form, tty=True)
    assert said.code
    assert_safe(said.out + said.err)


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_documents_hold_escapes_only(gaia: Gaia, form: str) -> None:
    """Machine output too may end on a terminal."""
    session = gaia.session()
    session.format = form  # type: ignore[assignment]
    session.show({"reason": HOSTILE})
    assert isinstance(session.stdout, io.StringIO)
    assert_safe(session.stdout.getvalue())


def test_a_token_that_cannot_be_shown_is_not_taken_for_shown(gaia: Gaia) -> None:
    """`init` ends with an error that says how to get a fresh one."""

    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

    from gaia.cli import main

    session = gaia.session()
    session.stdout = Full()
    assert main.run(["init", "platform"], session) == 8
    assert isinstance(session.stderr, io.StringIO)
    assert "again: it gives a fresh one" in session.stderr.getvalue()
    assert not gaia.app.shown
    assert gaia("init", "platform").code == 0
    assert gaia.app.shown


def test_the_repository_that_is_taken_from_afar_is_named(gaia: Gaia) -> None:
    """By everything that asks the platform, before it does; what names a request asks for that one's repository."""
    gaia.app.away = "/srv/platform"
    lines = (
        "status",
        "status r",
        "logs r",
        "why r",
        "clean --dry-run",
        "change photos -s s -a a=b",
        "keep photos -s s",
        "retire photos -s s",
        "reconcile photos -s s",
        "resume r",
        "cancel r",
        "approve r",
        "reject r --reason no",
    )
    for line in lines:
        gaia.app.asked.clear()
        said = gaia(*line.split())
        named = line.split()[0] in ("resume", "cancel", "approve", "reject", "logs") or line == "status r"
        assert gaia.app.asked == ["r" if named else None]
        assert "In /srv/platform" in said.err


def test_answers_come_from_a_regular_file(gaia: Gaia, tmp_path: Path) -> None:
    """A pipe would be waited for, a device never ends, a folder holds none."""
    from gaia.cli.questions import collect

    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"a" * ((1 << 20) + 1))
    for name in ("pipe", "/dev/zero", ".", "large"):
        with pytest.raises(Invalid) as caught:
            collect(tmp_path, [], tmp_path / name)
        assert caught.value.code == "answers-invalid"
    del gaia


COMMANDS = (
    "request object-store photos -s s -a owner=a -a tier=gold",
    "change photos -s s -a a=b",
    "keep photos -s s",
    "retire photos -s s",
    "reconcile photos -s s",
    "template test object-store -s acme-use1-dev",
    "new tenant acme --dry-run",
    "new stage qa --dry-run",
    "new region us-west-2 --dry-run",
    "new environment acme-euw1-dev --yes",
    "new component web-cache -a owner=media --yes",
    "resume req_",
    "cancel req_ --detach",
    "comment req_ why?",
    "approve req_ --yes",
    "reject req_ --reason no",
    "status",
    "status req_",
    "status req_ --full",
    "status req_ --watch",
    "logs req_",
    "why x -s s",
    "clean",
    "backup x --to y",
    "restore x --key y",
    "explain photos-bucket -s acme-use1-dev",
    "ci plan --base x",
    "ci apply",
    "ci drift",
    "ci init --host gitlab",
    "graph",
    "graph --format dot",
    "graph --format svg",
    "graph --format mermaid",
    "describe component photos-bucket -s acme-use1-dev",
    "describe stacks",
    "describe config",
    "describe component photos-bucket -s acme-use1-dev --provenance",
    "validate stacks",
    "describe dependents photos-bucket -s acme-use1-dev",
    "validate component photos-bucket -s acme-use1-dev",
    "list stacks",
    "list instances",
    "list components",
    "list sources",
    "validate schema",
    "atlantis generate repo-config",
    "list dependencies",
    "list dependencies --format levels",
    "describe locals -s acme-use1-dev",
    "describe workflows",
    "list workflows",
    "list templates",
    "list vars photos-bucket",
    "list settings photos-bucket",
    "list metadata photos-bucket",
    "list values photos-bucket",
    "list vars photos-bucket --format csv",
    "list vars photos-bucket --format tsv",
    "list instances --format csv",
    "list instances --format tree",
    "list workflows --format csv",
    "workflow plan-photos --dry-run",
    "describe workflows --format json",
    "release render photos.yaml --gitops gitops",
    "release diff photos.yaml --gitops gitops",
    "release diff photos-prod.yaml --gitops gitops",
    "release make photos.yaml --gitops gitops",
    "release promote photos --tenant acme --from dev --gitops gitops",
    "release status --gitops gitops",
    "release prepare --gitops gitops --dry-run",
    "release rollback photos --tenant acme --stage dev --gitops gitops --no-wait",
    "release watch photos --tenant acme --stage dev --gitops gitops",
    "release guard photos --tenant acme --stage dev --gitops gitops",
    "release incidents --gitops gitops",
    "release lock photos --tenant acme --stage dev --why x --gitops gitops",
    "release unlock photos --tenant acme --stage dev --gitops gitops",
    "docs kms",
    "plan photos-bucket -s acme-use1-dev",
    "plan -s acme-use1-dev",
    "apply -s acme-use1-dev --yes",
    "destroy -s acme-use1-dev --yes",
    "apply photos-bucket -s acme-use1-dev --yes",
    "destroy photos-bucket -s acme-use1-dev --yes",
    "import photos-bucket -s acme-use1-dev aws_s3_bucket.this=x --yes",
    "bootstrap -s acme-use1-dev --yes",
    "move photos-bucket -s acme-use1-dev --from acme-use1-dev/nothing --dry-run",
    "terraform plan photos-bucket -s acme-use1-dev",
    "terraform generate planfile photos-bucket -s acme-use1-dev",
    "drift -s acme-use1-dev",
    "unlock -s acme-use1-dev",
    "drift photos-bucket -s acme-use1-dev --full",
    "drift photos-bucket -s acme-use1-dev --accept --yes",
    "drift photos-bucket -s acme-use1-dev --repair --yes",
    "terraform apply photos-bucket -s acme-use1-dev --yes",
    "terraform deploy photos-bucket -s acme-use1-dev",
    "terraform destroy photos-bucket -s acme-use1-dev -auto-approve",
    "terraform output photos-bucket -s acme-use1-dev",
    "terraform output photos-bucket -s acme-use1-dev name",
    "terraform validate photos-bucket -s acme-use1-dev",
    "terraform clean photos-bucket -s acme-use1-dev",
    "terraform generate varfile photos-bucket -s acme-use1-dev",
    "terraform generate varfiles --file-template {component}",
    "terraform generate backend photos-bucket -s acme-use1-dev",
    "terraform generate backends --file-template {component}",
    "terraform generate files --all",
    "sandbox inventory",
    "sandbox status",
    "sandbox snapshot list",
    "sandbox snapshot save before-upgrade",
    "cost breakdown plan.json",
    "cost budgets",
    "cost diff plan.json",
    "cost what-if plan.json --set size=large",
    "policy test",
    "prices status",
    "prices refresh --region eu-west-1",
    "policy check plan.json",
    "policy copy",
    "policy list",
    "policy explain plan.keys_rotate",
    "policy waivers",
    "login",
    "whoami",
    "person list",
    "person give ada approver",
    "person withdraw ada viewer",
    "person disable ada",
    "person enable ada",
    "token list",
    "token create ada",
    "token recover ada",
    "key rotate",
    "group add dana security",
    "group remove dana security",
    "group list",
    "delegation create dana --until 7d",
    "delegation list",
    "audit list",
    "audit verify",
    "audit export",
    "events",
    "looks list",
    "catalog export",
    "looks show photos-bucket -s acme-use1-dev",
    "looks now photos-bucket -s acme-use1-dev",
    "cancel run_019aa8c2d3e47abc9f00112233445566",
    "webhook add webhook https://example.com/",
    "webhook list",
    "webhook show whk_1",
    "webhook remove whk_1",
    "webhook test whk_1",
    "webhook deliveries whk_1",
    "no-such-command",
)
"""One line each of whatever prints what people or files gave."""
AS_THEY_ARE = ("terraform output photos-bucket -s acme-use1-dev name", "describe ")
"""What a program on the other end of a pipe gets byte for byte: a value, and Atmos's own documents."""
GIVEN = frozenset((
    "service", "template", "template_version", "requester", "reason", "next_step", "manifest", "instances", "instance",
    "address", "type", "message", "title", "remediation", "controls", "name", "left", "undecided", "by", "text", "at",
    "person", "roles", "subject", "actor", "action", "facts", "after", "summary", "help", "description", "buckets",
))  # fmt: skip
"""Fields whose texts come from people, files or terraform."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT.*|\d{4}-\d\d-\d\d")


def poisoned(value: Any, name: str = "", *, given: bool = False) -> Any:
    """`value` with every text hostile that Gaia did not choose itself."""
    given = given or name in GIVEN
    if isinstance(value, str):
        keep = not given or MOMENT.fullmatch(value) or value in ("create", "update", "delete", "apply", "preview")
        return value if keep else value + HOSTILE
    if is_dataclass(value) and not isinstance(value, type):
        changed = {one.name: poisoned(getattr(value, one.name), one.name) for one in fields(value)}
        return replace(value, **changed)
    if isinstance(value, Mapping):
        return {key: poisoned(child, str(key), given=given) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(poisoned(child, name, given=given) for child in value)
    return value


class HostilePlatform(FakePlatform):
    """Everything that it shows is hostile."""

    def _find(self, request: str) -> RequestView:
        del request
        steps = (("apply x/y" + HOSTILE, "running"),)
        left = RunView("run_1", "apply", "parked", None, None, steps=steps, left=("a", "b"))
        view = replace(views.waiting(), approvals=(views.approval(),), runs=(left,), reason="no")
        changed: RequestView = poisoned(view)
        return changed

    def requests(
        self, *, stack: str | None = None, open_only: bool = False, after: str | None = None, limit: int | None = None
    ) -> Sequence[RequestLine]:
        """The poisoned one."""
        del stack, open_only, after, limit
        return [RequestLine.of(self._find(""))]

    def why(self, subject: str, *, stack: str | None = None) -> WhyView:
        """Every line of it."""
        changed: WhyView = poisoned(super().why(subject, stack=stack))
        return changed


class HostileTerraform(PlayedTerraform):
    """What terraform says is hostile."""

    def state_pull(self, wd: WorkingDirectory) -> State | None:
        """Names and values."""
        del wd
        outputs = {"name": {"value": HOSTILE}, HOSTILE: {"value": {HOSTILE: [HOSTILE]}}}
        return State.parse({"version": 4, "resources": [], "outputs": outputs})

    def validate(self, wd: WorkingDirectory) -> tuple[Diagnostic, ...]:
        """Every text."""
        del wd
        return (Diagnostic("error", HOSTILE, HOSTILE),)


class HostilePeople(FakePeople):
    """One token, and the entries of the log with everybody's names."""

    def __init__(self) -> None:
        super().__init__()
        grants = (GrantView("viewer", "*", "*"),)
        self.made = [poisoned(TokenView("tok_1", "ada", ("viewer",), grants, NOW, NOW, None, None))]

    def everybody(self) -> Sequence[PersonView]:
        """Names and places."""
        return [poisoned(one, given=True) for one in super().everybody()]

    def give(self, person: str, role: str, *, tenant: str = "*", stage: str = "*") -> PersonView:
        """The name, and where it holds."""
        changed: PersonView = poisoned(super().give(person, role, tenant=tenant, stage=stage), given=True)
        return changed

    def withdraw(self, person: str, role: str, *, tenant: str = "*", stage: str = "*") -> PersonView:
        """The name, and what is left."""
        super().give(person, role, tenant=tenant, stage=stage)
        return self.give(person, "approver", tenant=tenant, stage=stage)

    def set_disabled(self, person: str, disabled: bool) -> PersonView:
        """The name."""
        changed: PersonView = poisoned(super().set_disabled(person, disabled))
        return changed

    def who(self) -> CallerView:
        """Name and groups."""
        changed: CallerView = poisoned(replace(super().who(), groups=(HOSTILE,)))
        return changed

    def entries(self, *, subject: str | None, limit: int, wanted: Wanted = ANYTHING) -> Sequence[EntryView]:
        """Everybody's names."""
        return [poisoned(one) for one in super().entries(subject=subject, limit=limit, wanted=wanted)]


class HostileWebhooks(FakeWebhooks):
    """Where they lead, what they answer, and what is wrong with them."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = False
        view = super().add("webhook", "https://example.com/", types=("*",))[0]
        self.made = [replace(view, target=HOSTILE, made_by=HOSTILE, why=HOSTILE, types=(HOSTILE,), tenant=HOSTILE)]

    def add(
        self, kind: str, target: str, *, types: Sequence[str] = (), tenant: str = "*", stage: str = "*"
    ) -> tuple[WebhookView, str | None]:
        """Shown as it is kept."""
        made, secret = super().add(kind, target, types=types, tenant=tenant, stage=stage)
        return replace(made, target=HOSTILE), secret

    def _delivery(self, kind: str) -> DeliveryView:
        return replace(super()._delivery(kind), error=HOSTILE, type=kind + HOSTILE)


class HostileHappening(FakeHappening):
    """Names in events."""

    def __init__(self) -> None:
        super().__init__()
        [one] = self.made
        data = replace(one.data, actor=HOSTILE, service=HOSTILE, stack=HOSTILE, facts={HOSTILE: HOSTILE})
        self.made = [replace(one, subject=HOSTILE, data=data), replace(one, type=one.type + HOSTILE, data=data)]


class HostileDrifting(FakeDrifting):
    """What was found, and why something was not looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.made = [replace(one, code="terraform-failed", reason=HOSTILE) for one in self.made]

    def show(self, stack: str, component: str, *, after: str | None = None, limit: int = 50) -> InstanceDriftView:
        """With values that somebody wrote in a console."""
        found = super().show(stack, component, after=after, limit=limit)
        return replace(found, findings=(poisoned(FINDING), {**FINDING, "attributes": [_hostile_attribute()]}))


def _hostile_attribute() -> dict[str, object]:
    return {"path": HOSTILE, "before": HOSTILE, "after": HOSTILE, "put_back": False, "relevant": True,
            "read_by": [HOSTILE], "ignored": None}  # fmt: skip


class HostileSandbox(FakeSandbox):
    """Names of buckets, and of what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.running = True

    def up(self, *, port: int = 0) -> SandboxView:
        """With a recording that somebody wrote."""
        return replace(super().up(port=port), kept=Kept(1, 1, (HOSTILE,), HOSTILE))

    def snapshots(self) -> Sequence[Snapshot]:
        """A file that somebody put there."""
        return [replace(one, name=HOSTILE) for one in super().snapshots()]

    def inventory(self) -> Mapping[str, object]:
        """What it holds."""
        return {"resources": {HOSTILE: [HOSTILE]}, "state_objects": [HOSTILE], "excepted": {HOSTILE: [HOSTILE]}}


class HostileApp(FakeApp):
    """Tokens, the log, templates, tests of policies and the sandbox too."""

    def __init__(self, settings: Settings, door: FakePlatform, root: Path) -> None:
        super().__init__(settings, door, root)
        self.sandbox = HostileSandbox()

    @contextmanager
    def people(self) -> Iterator[People]:
        """Fresh ones for each command."""
        yield HostilePeople()

    @contextmanager
    def webhooks(self) -> Iterator[Webhooks]:
        """Fresh ones for each command."""
        yield HostileWebhooks()

    @contextmanager
    def drifting(self) -> Iterator[Drifting]:
        """With values in it."""
        yield HostileDrifting()

    @contextmanager
    def cataloguing(self) -> Iterator[Cataloguing]:
        """With names that no file should have."""
        yield FakeCataloguing(HOSTILE)

    @contextmanager
    def happening(self) -> Iterator[Happening]:
        """With names in them."""
        yield HostileHappening()

    def templates(self) -> Sequence[Template]:
        """Titles and questions."""
        return [poisoned(one) for one in super().templates()]

    def holdings(self) -> Holdings:
        """Of files with odd names, in places with odd names."""
        held = views.holdings()
        stocks = tuple(replace(one, service=HOSTILE, region=HOSTILE, sources=(HOSTILE,)) for one in held.stocks)
        return replace(held, stocks=stocks, files=(HOSTILE,), private=HOSTILE, newest=HOSTILE)

    def refresh_prices(self, *args: Any, **more: Any) -> Sequence[Fetched]:
        """What a list says of itself."""
        found = super().refresh_prices(*args, **more)
        return [replace(one, service=HOSTILE, region=HOSTILE, published=HOSTILE, version=HOSTILE) for one in found]

    def templater(self, repository: Path | None = None) -> FakeTemplater:
        """What its template says, and where files are."""
        found = super().templater(repository)

        def made(kind: str, name: str) -> Draft:
            changed: Draft = poisoned(drafting.draft(kind, name))
            files = {f"stacks/{HOSTILE}": HOSTILE}
            return replace(changed, files=files, stacks=(HOSTILE,), needs=(HOSTILE,), unknown=(HOSTILE,))

        found.made = made
        return found

    def policy_tests(self, path: Path | None = None, given: Path | None = None) -> Sequence[TestResult]:
        """One that failed."""
        return [replace(poisoned(one), passed=False) for one in super().policy_tests(path, given)]

    def policy_waivers(self, repository: Path | None = None) -> Sequence[Standing]:
        """Written by whoever."""
        return [replace(one, waiver=poisoned(one.waiver)) for one in super().policy_waivers(repository)]

    def policies(self, given: Path | None = None, repository: Path | None = None) -> PolicySet:
        """What their METADATA says."""
        found = super().policies(given, repository)
        return replace(found, rules=tuple(replace(poisoned(one), name=one.name) for one in found.rules))

    def plan_file_cost(self, *args: Any, **more: Any) -> Mapping[str, Any]:
        """What a plan calls its resources."""
        text = json.dumps(super().plan_file_cost(*args, **more))
        return cast("Mapping[str, Any]", json.loads(text.replace("aws_s3_bucket.this", json.dumps(HOSTILE)[1:-1])))

    def check_plan_file(
        self, plan: Path, policies: Path | None = None, repository: Path | None = None, stage: str | None = None
    ) -> Checked:
        """What rules say, about what, and where."""
        found: Checked = poisoned(super().check_plan_file(plan, policies, repository, stage))
        return replace(found, subject=found.subject + HOSTILE)


@pytest.fixture
def hostile(gaia: Gaia) -> Gaia:
    """A repository, a platform and records full of it."""
    text = json.dumps(HOSTILE)
    root = gaia.app.root
    manifest = root / "stacks/orgs/acme/dev/photos.yaml"
    component = f"    {json.dumps('evil' + HOSTILE)}: {{vars: {{a: {text}, {text}: 1}}, settings: {{depends_on: {{1: "
    manifest.write_text(
        manifest.read_text().replace("name: photos", f"name: {text}\n        {text}: {text}")
        + f"      settings: {{{text}: {text}}}\n{component}{{component: photos-bucket}}}}}}}}\n"
    )
    (root / "components/terraform/kms/README.md").write_text(HOSTILE)
    (root / "budgets").mkdir()
    (root / "budgets/a.yaml").write_text(f"budgets: [{{tenant: {text}, monthly: 1}}]\n")
    flow = root / "workflows/photos.yaml"
    flow.write_text(flow.read_text().replace("Plan what photos needs", text).replace('"exit 3"', text))
    event = {"kind": "start", "address": HOSTILE, "action": "create", "summary": HOSTILE}
    line = {"at": NOW, "level": "info", "step": "apply x", "instance": f"s/{HOSTILE}"}
    platform = HostilePlatform(
        lines=[{**line, "message": HOSTILE}, {**line, "event": event}],
        leftovers=(Leftover("log", HOSTILE, 1, NOW),),
    )
    gaia.code()
    gaia.program.plans(poisoned(CREATE))
    made(gaia.world, "acme-use1-dev/photos-bucket", {HOSTILE: HOSTILE})
    return Gaia(
        gaia.settings, HostileApp(gaia.settings, platform, root), gaia.program, gaia.world, played=HostileTerraform
    )


@pytest.mark.slow
@pytest.mark.parametrize("line", COMMANDS)
def test_no_command_obeys_what_is_stored(hostile: Gaia, line: str) -> None:
    """On a terminal and in a pipe, in text, JSON and YAML; what it says is there."""
    if line.startswith("release "):
        with_hostile_releases(hostile, HOSTILE)
    for tty, form in ((True, "text"), (False, "text"), (False, "json"), (True, "yaml")):
        said = hostile(*line.split(), "--output", form, tty=tty, given="y\n" * 9)
        assert "defect" not in said.err
        if tty or not line.startswith(AS_THEY_ARE) or form != "text":
            assert_safe(said.out + said.err)


def test_every_command_is_among_them() -> None:
    """But those that print nothing of anybody's."""

    def names(entries: Sequence[Entry], before: str = "") -> Iterator[str]:
        for one in entries:
            if one.entries:
                yield from names(one.entries, f"{before}{one.name} ")
            elif not one.example:  # what only terraform prints is terraform's
                yield before + one.name

    tried = {name for name in names(menu.entries()) for line in COMMANDS if f"{line} ".startswith(f"{name} ")}
    silent = {
        "init", "adopt", "leave", "demo", "doctor", "help", "version", "completion", "link-atmos", "serve", "logout",
        "sandbox up", "sandbox down", "sandbox leave", "sandbox env", "sandbox reset", "sandbox shell", "tools install",
        "sandbox snapshot restore", "sandbox snapshot remove",
        "token revoke", "delegation revoke", "describe affected", "list affected", "worker",
    }  # fmt: skip
    assert {*names(menu.entries())} - tried == silent


def test_a_long_text_is_cut_on_a_screen_and_whole_in_json(gaia: Gaia) -> None:
    """A line says how much is missing."""
    view = replace(views.waiting(), status="rejected", reason="a" * 9000)
    gaia.platform.views[view.id] = view
    shown = gaia("status", view.id).out
    assert shown.count("a" * 80) < 9000 / 80 / 2
    assert "5,000 more characters" in " ".join(shown.split())
    assert gaia("status", view.id, "-o", "json").json["reason"] == "a" * 9000


def test_completion_offers_nothing_that_a_shell_would_obey(hostile: Gaia) -> None:
    """A name with a control character in it cannot be typed either."""
    import typer

    from gaia.cli import completion
    from gaia.cli.app import root

    context = typer.Context(root(), obj=hostile.session())
    assert completion.components(context) == ["photos-bucket"]


@pytest.mark.parametrize("form", ["infracost", "markdown", "html"])
@pytest.mark.parametrize("view", ["breakdown", "diff"])
def test_no_format_of_an_estimate_obeys_what_plans_hold(hostile: Gaia, view: str, form: str) -> None:
    """Neither a terminal nor the program that reads it."""
    said = hostile("cost", view, "plan.json", "-o", form, tty=True)
    assert said.out
    assert "<script" not in said.out
    assert_safe(said.out + said.err)


@pytest.mark.parametrize("form", ["sarif", "junit", "markdown"])
def test_no_format_of_a_check_obeys_what_rules_and_plans_hold(hostile: Gaia, form: str) -> None:
    """Neither a terminal nor the program that reads it."""
    said = hostile("policy", "check", "plan.json", "-o", form, tty=True)
    assert said.out
    assert_safe(said.out + said.err)
