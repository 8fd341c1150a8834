"""The whole loop without a cloud, without git and without terraform: a small platform repository in memory.

`Loop.carry_out` does what the engine does, without DBOS: the steps of a run, one after the other, results remembered.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, cast

from tests.unit.platform.played import PlayedTerraform, Rules, World

from gaia.access.callers import authenticate
from gaia.cost.book import PriceBook
from gaia.cost.embedded import Embedded
from gaia.errors import Conflict, NotFound, ToolFailed
from gaia.kit import clock, keys
from gaia.kit.interrupt import Interrupt
from gaia.kit.slots import Slots
from gaia.platform.acts.service import Platform
from gaia.platform.context import PlatformContext, RunContext, any_run
from gaia.platform.engine.steps import PREVIEW_STEPS
from gaia.platform.serving import workflows
from gaia.platform.snapshot import Snapshots
from gaia.records import approvals, audit, people, repositories, requests, runs
from gaia.records.database import Database
from gaia.records.document_files import FolderDocuments
from gaia.records.model import Grant, Repository, Role
from gaia.scaffold.clone import listed, listing_of
from gaia.scaffold.proposal import Proposal
from gaia.scaffold.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gaia.platform.model import RequestView
    from gaia.records.model import Approval, Request, Run
    from gaia.scaffold.clone import Clone
    from gaia.terraform.command import Terraform

STACK = "acme-use1-dev"
KEY, STORE = f"{STACK}/photos-key", f"{STACK}/photos-store"
MANIFEST = "stacks/photos.yaml"
TEXT = """\
import: [_defaults]
components:
  terraform:
    {service}-key:
      metadata: {{component: key}}
      vars: {{text: {text}, password: hunter-two}}
    {service}-store:
      metadata: {{component: store}}
      settings: {{cost: {{usage: {{aws_s3_bucket.this: {{standard: {{storage_gb: 100}}}}}}}}}}
      vars: {{bucket: {service}, key: !terraform.state {service}-key arn}}
"""
_ALONE = TEXT.partition("    {service}-store")[0]
_RULE = """\
# METADATA
# title: {title}
# custom:
#   severity: low
#   owner: platform
#   controls: []
#   remediation: Do it otherwise.
package gaia.{package}

deny contains {{"message": "no"}} if false
warn contains {{"message": "no"}} if false
undecided contains {{"message": "no"}} if false
"""
_VARIABLES = 'variable "{}" {{\n  type = string\n}}\n'
FILES = {
    "atmos.yaml": 'base_path: "."\ncomponents: {terraform: {base_path: components}}\nstacks:\n'
    '  base_path: stacks\n  included_paths: ["*"]\n  excluded_paths: ["_defaults.yaml"]\n'
    '  name_pattern: "{tenant}-{environment}-{stage}"\n',
    "stacks/_defaults.yaml": "vars: {tenant: acme, environment: use1, stage: dev, region: us-east-1}\n"
    "terraform: {backend_type: s3, backend: {s3: {bucket: b, key: k, region: us-east-1}}}\n",
    "stacks/net.yaml": "import: [_defaults]\n"
    "components: {terraform: {net: {metadata: {component: key}, vars: {text: shared}}}}\n",
    "components/key/main.tf": _VARIABLES.format("text")
    + 'variable "password" {\n  type = string\n  sensitive = true\n  default = ""\n}\n'
    'resource "aws_kms_key" "this" {}\noutput "arn" {\n  value = aws_kms_key.this.arn\n}\n',
    "components/store/main.tf": _VARIABLES.format("bucket")
    + _VARIABLES.format("key")
    + 'resource "aws_s3_bucket" "this" {}\n',
    "policies/plan/polite.rego": _RULE.format(title="Be polite", package="plan.polite"),
    "policies/request/quota.rego": _RULE.format(title="Not too many", package="request.quota"),
    "policies/manifest/sealed.rego": _RULE.format(title="Seal it", package="manifest.sealed"),
    "policies/request/auto_approval.rego": "package gaia.request\n\ndefault auto_approve := false\n",
    "templates/pair/copier.yml": '_subdirectory: template\n_version: "1.0.0"\n_title: A pair\n'
    "_description: A key and a store.\ntext:\n  type: str\n  help: What it says.\n"
    "alone:\n  type: bool\n  default: false\n  help: Without a store.\n",
}


def render_all(_name: str, _folder: Path, variants: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """What Copier would make of the one template: a key and a store, or a key that is alone."""
    return [
        {
            f"stacks/{data['gaia']['service']}.yaml": (_ALONE if data.get("alone") else TEXT).format(
                service=data["gaia"]["service"], text=json.dumps(data["text"])
            )
        }
        for data in variants
    ]


@dataclass
class MemoryClone:
    """What the platform asks of a `Clone`, in memory. A commit is a set of files on top of another."""

    commits: ClassVar[dict[str, dict[str, bytes]]] = {}
    parents: ClassVar[dict[str, str]] = {}
    branches: dict[str, str] = field(default_factory=dict)
    head: str = ""
    dirty: bool = False
    source: Source = field(default_factory=lambda: Source("git@github.com:example/platform.git", "main", {}))

    def commit(self, base: str, files: Mapping[str, bytes | None]) -> str:
        """A commit on top of `base`; its name is its content, so all tests share the `Snapshot` of it."""
        tree = {**self.commits.get(base, {}), **files}
        whole = {path: content for path, content in tree.items() if content is not None}
        name = hashlib.sha1(repr((base, sorted(whole.items()))).encode(), usedforsecurity=False).hexdigest()
        self.commits[name], self.parents[name] = whole, base
        return name

    def moved(self, **files: str) -> str:
        """Somebody else publishes something."""
        given = {path: text.encode() for path, text in files.items()} or {"NOTES.md": b"unrelated"}
        self.head = self.commit(self.head, given)
        return self.head

    def fetch(self) -> str:
        """The head."""
        return self.head

    def files(self, commit: str) -> frozenset[str]:
        """The paths."""
        return frozenset(self.commits[commit])

    def export(self, commit: str, into: Path) -> Path:
        """The files."""
        if commit not in self.commits:
            raise ToolFailed("git-failed", f"there is no commit {commit}", next_step="Fetch it.")
        for path, content in self.commits[commit].items():
            (into / path).parent.mkdir(parents=True, exist_ok=True)
            (into / path).write_bytes(content)
        listing_of(into).write_bytes(listed(into))
        return into

    def propose(self, branch: str, base: str, files: Mapping[str, bytes | None], message: str) -> str:
        """One commit on a branch."""
        del message
        self.branches[branch] = self.commit(base, files)
        return self.branches[branch]

    def proposal(self, branch: str) -> Proposal:
        """What a branch of somebody else has that its parent had not; without that branch, nothing."""
        tip = self.branches.get(branch, self.head)
        base = self.parents[tip] if branch in self.branches else tip
        before, after = self.commits[base], self.commits[tip]
        differ = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
        return Proposal(tip, base, tuple(differ))

    def rebase(self, branch: str, onto: str) -> str:
        """The branch's own change on top of `onto`."""
        tip = self.branches[branch]
        base = self.parents[tip]
        if self._contains(tip, onto) or self._contains(onto, tip):
            return tip
        before, after = self.commits[base], self.commits[tip]
        changes = {path: after.get(path) for path in {*before, *after} if before.get(path) != after.get(path)}
        self.branches[branch] = self.commit(onto, changes)
        return self.branches[branch]

    def check_target(self) -> None:
        """Refuse a checkout that somebody works in."""
        if self.dirty:
            raise Conflict("target-dirty", "somebody works there", next_step="Commit.")

    def publish(self, branch: str) -> str:
        """Move the head."""
        if branch not in self.branches:
            raise NotFound("branch-unknown", f"there is no branch {branch}", next_step="Ask again.")
        self.head = self.rebase(branch, self.head)
        return self.head

    def _contains(self, commit: str, ancestor: str) -> bool:
        while commit and commit != ancestor:
            commit = self.parents.get(commit, "")
        return bool(commit)


@dataclass
class Loop:
    """A platform whose ground is played. ann asks, gus approves, vic looks on, root administers; bob is another's."""

    platform: PlatformContext
    world: World
    rules: Rules
    clone: MemoryClone
    tokens: dict[str, str]
    request: str = ""
    """The request that the test begins with."""
    results: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """What the steps of each run returned, as DBOS would remember it."""

    def as_(self, who: str) -> Platform:
        """The platform in somebody's name."""
        with self.platform.database.read() as tx:
            return Platform(self.platform, authenticate(tx, self.tokens.get(who), clock.now()))

    def ask(self, service: str = "photos", text: str = "hello") -> str:
        """ann asks for a key and a store; the request's id."""
        return self.as_("ann").submit("pair", service, STACK, {"text": text}).id

    def written(self, service: str) -> str:
        """A request with its queued preview, written down without a look at the template."""
        with self.platform.database.begin() as tx:
            ann = people.get_person(tx, "ann")
            row = requests.add(
                tx, repository="platform", tenant="acme", stage="dev", stack=STACK, service=service, kind="provision",
                template="pair", template_version="1.0.0", answers={"text": "x"}, requester=ann.id, at=clock.now(),
                expires_at=clock.now() + timedelta(days=1),
            )  # fmt: skip
            self.platform.audit.about(tx, ann.id, "request.submitted", row)
            runs.add(tx, row, "preview", PREVIEW_STEPS, at=clock.now())
            return row.id

    def carry_out(self, request: str, *, until: str = "") -> RequestView:
        """The newest run of a request, as the engine would carry it out; killed when it comes to the step `until`."""
        self.work_on(request, until=until)
        return self.view(request)

    def carry_out_as(self, who: str, request: str) -> RequestView:
        """As `carry_out`, where ann cannot look any more."""
        self.work_on(request)
        return self.as_(who).request(request)

    def work_on(self, request: str, *, until: str = "") -> None:
        """See `carry_out`."""
        run = self.run(request)
        kept = self.results.setdefault(run.id, {})

        def call(name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
            if name == until:
                raise Killed
            if name not in kept:
                kept[name] = json.loads(json.dumps(work()))
            return kept[name]

        try:
            workflows.run(self.platform, run.id, call)
        except Killed:
            assert until, "only where the test says so"

    def previewed(self, service: str = "photos", text: str = "hello") -> str:
        """A request whose preview run has ended."""
        request = self.ask(service, text)
        self.carry_out(request)
        return request

    def approved(self, service: str = "photos", text: str = "hello") -> str:
        """A request that gus approved, whose application is queued."""
        request = self.previewed(service, text)
        self.as_("gus").approve(request)
        return request

    def done(self, service: str = "photos") -> str:
        """A request that was applied and published."""
        request = self.approved(service)
        assert self.carry_out(request).status == "done"
        return request

    def changed(self, text: str, service: str = "photos", *, alone: bool = False) -> str:
        """ann wants another text, or no store; the preview of that has ended."""
        request = self.as_("ann").change(service, STACK, {"text": text, "alone": alone}).id
        self.carry_out(request)
        return request

    def change_done(self, text: str, service: str = "photos", *, alone: bool = False) -> str:
        """It was approved, applied and published too."""
        request = self.changed(text, service, alone=alone)
        self.as_("gus").approve(request)
        assert self.carry_out(request).status == "done"
        return request

    def lasting(self, service: str = "photos") -> str:
        """As `done`, of a service that lives a week."""
        request = self.as_("ann").submit("pair", service, STACK, {"text": "hello"}, ttl=timedelta(days=7)).id
        self.carry_out(request)
        self.as_("gus").approve(request)
        assert self.carry_out(request).status == "done"
        return request

    def view(self, request: str) -> RequestView:
        """As ann sees it."""
        return self.as_("ann").request(request)

    def row(self, request: str) -> Request:
        """The request as it is written down."""
        with self.platform.database.read() as tx:
            return requests.get(tx, request)

    def run(self, request: str) -> Run:
        """Its newest run."""
        with self.platform.database.read() as tx:
            return runs.of_request(tx, request)[-1]

    def approvals(self, request: str) -> tuple[Approval, ...]:
        """Its decisions, oldest first."""
        with self.platform.database.read() as tx:
            return approvals.of_request(tx, request)

    def at(self, request: str, step: str) -> RunContext:
        """Where a step of the newest run stands, with the results of the steps before."""
        run = self.run(request)
        with run_context(self.platform, run.id) as context:
            return context.at(step, self.results.get(run.id, {}))

    def audited(self, subject: str) -> list[str]:
        """What was done to it, in order."""
        with self.platform.database.read() as tx:
            return [entry.action for entry in audit.entries(tx, subject=subject)]

    def lines(self, request: str) -> list[str]:
        """What the logs of its runs say."""
        return [str(line["message"]) for line in self.as_("ann").log(request)]


class Killed(BaseException):
    """The process is gone."""


@contextmanager
def run_context(platform: PlatformContext, run_id: str) -> Iterator[RunContext]:
    """`any_run` of a run that is a request's."""
    with any_run(platform, run_id) as context:
        assert isinstance(context, RunContext), run_id
        yield context


def parts_of(folder: Path, trees: Path, world: World, rules: Rules, clone: MemoryClone) -> PlatformContext:
    """The parts of a home in `folder`. Snapshots are of commits, which are content: all tests share their `trees`."""
    key = keys.make_key(folder / "keys")
    return PlatformContext(
        home=folder,
        environ={},
        repository="platform",
        database=Database.open(folder / "gaia.db"),
        key=key,
        documents=FolderDocuments(folder, key),
        clone=lambda: cast("Clone", clone),
        snapshot=snapshots(trees),
        terraform=lambda redact, interrupt: cast("Terraform", PlayedTerraform(world, redact, interrupt)),
        policy_engine=lambda: rules,
        interrupt=Interrupt(),
        slots=Slots(folder / "slots", 2, pause=lambda: None),
    )


@cache
def snapshots(trees: Path) -> Snapshots:
    """Every commit that a test has read."""
    return Snapshots(trees, lambda: cast("Clone", MemoryClone()), cache(lambda: Embedded(PriceBook.open())))


def make_loop(folder: Path, trees: Path) -> Loop:
    """A loop in which nobody has asked for anything, on the empty database in `folder`."""
    clone, world, rules = MemoryClone(), World(), Rules()
    clone.head = clone.commit("", {path: text.encode() for path, text in FILES.items()})
    platform = parts_of(folder, trees, world, rules, clone)
    tokens = {}
    roles: dict[str, tuple[Role, str]] = {
        "ann": ("developer", "acme"), "gus": ("approver", "acme"), "vic": ("viewer", "acme"),
        "root": ("admin", "acme"), "bob": ("admin", "other"),
    }  # fmt: skip
    with platform.database.begin() as tx:
        repositories.register(tx, Repository("platform", "memory", "main"))
        for name, (role, tenant) in roles.items():
            people.add_person(tx, name, at=clock.now())
            people.grant(tx, name, Grant(role, tenant))
            expires = clock.now() + timedelta(days=1)
            tokens[name] = people.create_token(tx, name, at=clock.now(), expires=expires)[1]
    return Loop(platform, world, rules, clone, tokens)


def copy_of(made: Loop, folder: Path, trees: Path) -> Loop:
    """Another loop that stands where `made` stands, whose database is closed."""
    shutil.copytree(made.platform.home, folder)
    world, rules, clone = deepcopy(made.world), Rules(), deepcopy(made.clone)
    platform = parts_of(folder, trees, world, rules, clone)
    tokens, results = dict(made.tokens), deepcopy(made.results)
    return replace(made, platform=platform, world=world, rules=rules, clone=clone, tokens=tokens, results=results)
