"""A terraform that plans and applies a small world in memory, and an operation on it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from gaia.errors import Conflict, ToolFailed
from gaia.kit.interrupt import Interrupt
from gaia.kit.lines import LinesAt
from gaia.kit.procfs import Identity
from gaia.kit.redact import Redactor
from gaia.operations.instance import perform
from gaia.operations.journal import Journal
from gaia.operations.model import Operation, Verdict
from gaia.stacks.model import Instance, InstanceKey
from gaia.terraform.command import hash_of
from gaia.terraform.diagnostics import Diagnostic
from gaia.terraform.events import Event
from gaia.terraform.plan import Plan
from gaia.terraform.schemas import Schemas
from gaia.terraform.state import State
from gaia.terraform.workdir import write_private

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gaia.kit.keys import SecretKey
    from gaia.terraform.workdir import WorkingDirectory

ME = InstanceKey("acme-use1-dev", "demo-bucket")
TAGS = {"gaia:instance": str(ME)}
BUCKET, KEY_ADDRESS = 'aws_s3_bucket.this["demo"]', "aws_kms_key.this"
"""Where the world's first bucket and its key `this` stand."""


def locked(identifier: str, who: str = "ann@laptop") -> Conflict:
    """What the terraform room raises for a held lock."""
    lock = {"id": identifier, "who": who, "created": "noon", "operation": "Apply", "path": "s/k", "version": "1"}
    return Conflict("state-locked", f"locked by {who}", next_step="Wait.", facts={"lock": lock})


@dataclass
class World:
    """Buckets in the cloud and in the state; what `plan` and `apply` do next may be overruled."""

    wanted: tuple[str, ...] = ("demo",)
    cloud: dict[str, dict[str, object]] = field(default_factory=dict)
    state: dict[str, dict[str, object]] = field(default_factory=dict)
    lock: str = ""
    who: str = "ann@laptop"
    during_apply: Callable[[World], None] | None = None
    """Called after the first bucket was made and before its state is saved."""
    unheard: bool = False
    """The next apply is interrupted in its first call: the bucket is made, without its tags, and no answer comes."""
    interrupt: Interrupt = field(default_factory=Interrupt)
    commands: list[str] = field(default_factory=list)
    outputs: dict[str, object] = field(default_factory=dict)
    zones: tuple[str, ...] = ()
    zones_are: str = "set"
    """What each bucket also has, if anything, and the type of that attribute: `set` or `list`."""
    kept_back: frozenset[str] = frozenset()
    """Names that the cloud refuses to delete."""
    before_apply: Callable[[Path], None] | None = None
    """Called with the plan file that terraform is asked to apply."""
    loses: frozenset[str] = frozenset()
    """Names that an apply makes and forgets: its state never hears of them."""
    searches: int = 0
    keyed: int = 0
    """How many keys were ever made."""
    flags: list[tuple[str, ...]] = field(default_factory=list)
    """The further flags of each plan, search and apply."""
    taint: str = ""
    """A name in the state whose creation did not end well."""


def address_of(name: str) -> str:
    """Keys are named `key:NAME`; everything else is a bucket."""
    return f"aws_kms_key.{name[4:]}" if name.startswith("key:") else f'aws_s3_bucket.this["{name}"]'


class FakeTerraform:
    """The part of `Terraform` that operations use. It applies what stands in the plan file."""

    environ: ClassVar[dict[str, str]] = {"AWS_REGION": "us-east-1"}
    variables: ClassVar[dict[str, str]] = {}

    def __init__(self, world: World) -> None:
        self.world = world
        self.redact = Redactor()
        self.interrupt = world.interrupt

    def init(self, wd: WorkingDirectory) -> bool:
        """Count."""
        del wd
        self.world.commands.append("init")
        return True

    def plan(
        self,
        wd: WorkingDirectory,
        *,
        destroy: bool,
        targets: Sequence[str],
        only_changes: bool,
        on_event: Callable[[Event], None],
        on_start: Callable[[Identity], None],
        log_core: Path,
        planfile: Path,
        flags: Sequence[str] = (),
    ) -> Plan:
        """Compare what is wanted with the state; with targets, read data sources and nothing else."""
        world = self.world
        world.commands.append("search" if targets else "plan")
        world.flags.append(tuple(flags))
        on_start(Identity(999_999_999, 1, "boot"))
        log_core.write_text("")
        if world.lock:
            raise locked(world.lock, world.who)
        document: dict[str, object] = {"format_version": "1.2"}
        if targets:
            document |= self._search(wd, on_event)
        else:
            imports = wd.module / "gaia_import.tf.json"
            blocks = json.loads(imports.read_text())["import"] if imports.exists() else []
            wanted = () if destroy else world.wanted
            names = dict.fromkeys([*world.state, *wanted])
            document["resource_changes"] = [self._change(name, wanted, blocks) for name in names]
        write_private(planfile, json.dumps(document).encode())
        plan = replace(Plan.parse(document), sha256=hash_of(planfile))
        return Plan.nothing() if only_changes and plan.empty else plan

    def _search(self, wd: WorkingDirectory, on_event: Callable[[Event], None]) -> dict[str, object]:
        """What bears the tag, with the events that terraform tells of the data sources that it reads."""
        assert (wd.module / "gaia_search.tf.json").exists()
        self.world.searches += 1
        arns = [str(known["arn"]) for known in self.world.cloud.values() if known.get("arn")]
        for arn in arns:
            address = f'data.aws_kms_key.gaia_search["{arn}"]'
            on_event(Event("start", address, "aws_kms_key", "read"))
            on_event(Event("complete", address, "aws_kms_key", "read", id=arn.rpartition("/")[2]))
        tagged = {"resource_tag_mapping_list": [{"resource_arn": arn} for arn in arns]}
        mode = {"mode": "data", "name": "gaia_search"}
        resources = [{**mode, "type": "aws_resourcegroupstaggingapi_resources", "values": tagged}]
        return {"resource_changes": [], "prior_state": {"values": {"root_module": {"resources": resources}}}}

    def _change(self, name: str, wanted: Sequence[str], blocks: list[dict[str, str]]) -> dict[str, object]:
        address, is_key = address_of(name), name.startswith("key:")
        after: dict[str, object] = {"tags": TAGS} if is_key else {"bucket": name, "tags": TAGS}
        if self.world.zones:
            after["zones"] = list(self.world.zones)
        change: dict[str, object] = {"actions": ["no-op"], "before": self.world.state.get(name), "after": after}
        entry = {"address": address, "mode": "managed", "type": address.partition(".")[0], "name": "this"}
        block = next((block for block in blocks if block["to"] == address), None)
        if name not in wanted:
            change |= {"actions": ["delete"], "after": None}
        elif name not in self.world.state and block:
            if block["id"] not in self.world.cloud:
                detail = f"importing an existing object to {json.dumps(address)}, no object exists with the given id"
                raise failed("Cannot import non-existent remote object", detail)
            change |= {"before": self.world.cloud[block["id"]], "importing": {"id": block["id"]}}
        elif name not in self.world.state:
            change |= {"actions": ["create"], "before": None}
        elif name == self.world.taint:
            change |= {"actions": ["delete", "create"]}
            entry["action_reason"] = "replace_because_tainted"
        return {**entry, "change": change}

    def apply(
        self,
        wd: WorkingDirectory,
        *,
        on_event: Callable[[Event], None],
        on_start: Callable[[Identity], None],
        log_core: Path,
        planfile: Path,
        expected: str,
        flags: Sequence[str] = (),
    ) -> None:
        """Carry the plan file out, one event a step, and save the state at the end."""
        world = self.world
        if world.before_apply is not None:
            world.before_apply(planfile)
        if hash_of(planfile) != expected:
            raise Conflict("plan-changed", "another file", next_step="Resume.")
        world.commands.append("apply")
        world.flags.append(tuple(flags))
        on_start(Identity(999_999_999, 1, "boot"))
        log_core.write_text("")
        assert wd.varfile.exists()
        state = dict(world.state)
        changes = {entry["address"]: entry["change"] for entry in json.loads(planfile.read_text())["resource_changes"]}
        try:
            for name in dict.fromkeys([*world.state, *world.wanted]):
                self._carry_out(name, changes.get(address_of(name), {}), state, on_event)
        except ToolFailed:
            world.state = {**world.state, **state}
            world.state = {name: known for name, known in world.state.items() if name in state or name in world.wanted}
            raise
        world.state = {name: known for name, known in state.items() if name not in world.loses}

    def _carry_out(
        self, name: str, change: dict[str, Any], state: dict[str, dict[str, object]], on_event: Callable[[Event], None]
    ) -> None:
        world, address = self.world, address_of(name)
        kind = address.partition(".")[0]
        if change.get("importing"):
            state[name] = world.cloud[change["importing"]["id"]]
            if world.during_apply is not None:
                world.during_apply(world)
        elif change.get("actions") == ["delete"]:
            on_event(Event("start", address, kind, "delete", id=name))
            if name in world.kept_back:
                on_event(Event("failed", address, kind, "delete"))
                raise failed("deleting S3 Bucket", "BucketNotEmpty")
            del state[name], world.cloud[name]
            on_event(Event("complete", address, kind, "delete"))
        elif change.get("actions") == ["create"]:
            on_event(Event("start", address, kind, "create"))
            if name in world.cloud:
                raise failed("creating S3 Bucket", "BucketAlreadyOwnedByYou")
            if world.unheard:
                self._not_heard(name, on_event)
            identifier, known = self._new(name)
            world.cloud[identifier] = known
            if world.during_apply is not None:
                world.during_apply(world)
            self.check_interrupt()
            on_event(Event("complete", address, kind, "create", id=identifier))
            state[name] = known

    def _new(self, name: str) -> tuple[str, dict[str, object]]:
        if not name.startswith("key:"):
            return name, {"bucket": name, "tags": TAGS}
        self.world.keyed += 1
        identifier = f"id-{self.world.keyed}"
        return identifier, {"id": identifier, "arn": f"arn:aws:kms:r:1:key/{identifier}", "tags": TAGS}

    def _not_heard(self, name: str, on_event: Callable[[Event], None]) -> None:
        self.world.unheard = False
        self.world.cloud[name] = {"bucket": name, "tags": {}}
        address = f'aws_s3_bucket.this["{name}"]'
        on_event(Event("failed", address, "aws_s3_bucket", "create"))
        diagnostic = Diagnostic("error", f"creating S3 Bucket ({name}): context canceled", address=address)
        on_event(Event("diagnostic", address, diagnostic=diagnostic))
        raise KeyboardInterrupt

    def check_interrupt(self) -> None:
        """As the real one does."""
        if self.interrupt.times:
            raise Conflict("interrupted", "interrupted", next_step="Resume.")

    def state_pull(self, wd: WorkingDirectory) -> State | None:
        """The state in terraform's format."""
        del wd
        resources = []
        for name, known in self.world.state.items():
            kind, _, own = address_of(name).partition(".")
            instance: dict[str, object] = {"attributes": {"id": name, **known}}
            if kind == "aws_s3_bucket":
                own, instance["index_key"] = "this", name
            resources.append({"mode": "managed", "type": kind, "name": own, "instances": [instance]})
        return State.parse({"version": 4, "resources": resources, "outputs": self.world.outputs})

    def schemas(self, wd: WorkingDirectory) -> Schemas:
        """Of the one type that there is."""
        del wd
        self.world.commands.append("schemas")
        block = {"attributes": {"zones": {"type": [self.world.zones_are, "string"]}}}
        said = {"aws": {"resource_schemas": {"aws_s3_bucket": {"block": block}}}}
        return Schemas.parse(json.dumps({"provider_schemas": said}))

    def untaint(self, wd: WorkingDirectory, address: str) -> None:
        """Keep it."""
        del wd
        self.world.commands.append(f"untaint {address}")
        self.world.taint = ""

    def force_unlock(self, wd: WorkingDirectory, lock_id: str) -> None:
        """Compare the id, as the backend does."""
        del wd
        assert lock_id == self.world.lock
        self.world.commands.append(f"unlock {lock_id}")
        self.world.lock = ""


def failed(summary: str, detail: str = "") -> ToolFailed:
    """What the terraform room raises for a failed command."""
    diagnostics = [{"severity": "error", "summary": summary, "detail": detail, "address": None, "at": None}]
    facts = {"diagnostics": diagnostics}
    return ToolFailed("terraform-failed", f"{summary}: {detail}", next_step="Repair it.", facts=facts)


class NoProvenance:
    """Nothing is explained here."""

    def explain(self, path: object) -> Any:
        """Not used."""
        raise NotImplementedError(path)

    def describe(self) -> dict[str, object]:
        """Not used."""
        raise NotImplementedError

    def listing(self) -> dict[str, object]:
        """Not used."""
        raise NotImplementedError


def operation(folder: Path, world: World, key: SecretKey, **changes: Any) -> Operation:
    """An operation of its own journal and working directory in `folder`."""
    tree = folder / "tree"
    (tree / "bucket").mkdir(parents=True, exist_ok=True)
    (tree / "bucket" / "main.tf").write_text("")
    instance = Instance(
        key=ME, component_path="bucket", vars={}, settings={}, env={}, metadata={}, providers={}, backend_type="",
        backend={}, dependencies={}, workspace="default", command="terraform", inheritance=(), imports=(), manifest="t",
        varfile_name="v.json", planfile_name="p.bin", abstract=False, enabled=True, references=(),
        provenance=NoProvenance(),
    )  # fmt: skip
    fields: dict[str, Any] = {
        "terraform": FakeTerraform(world),
        "instance": instance,
        "variables": {},
        "tree": tree,
        "root": folder / "work",
        "journal": LinesAt(folder / "run" / "journal.jsonl"),
        "approved": None,
        "key": key,
        "judge": lambda plan: Verdict(allowed=True),  # noqa: ARG005
    }
    return Operation(**(fields | changes))


class Killed(BaseException):
    """Stands for SIGKILL: nothing in the product catches it."""


def kill(folder: Path, world: World, key: SecretKey, **changes: Any) -> None:
    """Perform, and die when the first thing was made and its state is not saved yet."""

    def die(world: World) -> None:
        world.during_apply = None
        raise Killed

    world.during_apply = die
    with pytest.raises(Killed):
        perform(operation(folder, world, key, **changes))


def journal_of(folder: Path) -> LinesAt:
    """The journal of the operation in a folder."""
    return LinesAt(folder / "run" / "journal.jsonl")


def begin(**facts: Any) -> dict[str, Any]:
    """The first line of an application's journal."""
    return {"kind": "begin", "operation": "apply", "instance": str(ME), **facts}


def write(folder: Path, *entries: dict[str, Any]) -> None:
    """Append lines to the journal, as an attempt that is dead wrote them."""
    journal = Journal(journal_of(folder))
    for entry in entries:
        journal.append(**entry)
