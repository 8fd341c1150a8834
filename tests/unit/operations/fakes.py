"""A terraform that plans and applies a small world in memory, and an operation on it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gaia.errors import Conflict, ToolFailed
from gaia.kit.interrupt import Interrupt
from gaia.kit.procfs import Identity
from gaia.kit.redact import Redactor
from gaia.operations.model import Operation, Verdict
from gaia.stacks.model import Instance, InstanceKey
from gaia.terraform.diagnostics import Diagnostic
from gaia.terraform.events import Event
from gaia.terraform.plan import Plan
from gaia.terraform.schemas import Schemas
from gaia.terraform.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gaia.kit.keys import Key
    from gaia.terraform.workdir import WorkingDirectory

ME = InstanceKey("acme-use1-dev", "demo-bucket")
BUCKET, TAGS = "aws_s3_bucket.this", {"gaia:instance": str(ME)}


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


class FakeTerraform:
    """The part of `Terraform` that operations use. A bucket's address is `aws_s3_bucket.this["NAME"]`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.redact = Redactor()
        self.interrupt = world.interrupt
        self._planned: list[tuple[str, str]] = []

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
    ) -> Plan:
        """Compare what is wanted with the state."""
        del targets, on_event
        world = self.world
        world.commands.append("plan")
        on_start(Identity(999_999_999, 1, "boot"))
        log_core.write_text("")
        if world.lock:
            raise locked(world.lock, world.who)
        imports = wd.module / "gaia_import.tf.json"
        blocks = json.loads(imports.read_text())["import"] if imports.exists() else []
        wanted = () if destroy else world.wanted
        changes = [self._change(name, wanted, blocks) for name in dict.fromkeys([*world.state, *wanted])]
        plan = Plan.parse({"format_version": "1.2", "resource_changes": changes})
        return Plan.nothing() if only_changes and plan.empty else plan

    def _change(self, name: str, wanted: Sequence[str], blocks: list[dict[str, str]]) -> dict[str, object]:
        address = f'aws_s3_bucket.this["{name}"]'
        after: dict[str, object] = {"bucket": name, "tags": TAGS}
        if self.world.zones:
            after["zones"] = list(self.world.zones)
        change: dict[str, object] = {"actions": ["no-op"], "before": self.world.state.get(name), "after": after}
        block = next((block for block in blocks if block["to"] == address), None)
        if name not in wanted:
            change |= {"actions": ["delete"], "after": None}
        elif name not in self.world.state and block:
            if name not in self.world.cloud:
                detail = f"importing an existing object to {json.dumps(address)}, no object exists with the given id"
                raise failed("Cannot import non-existent remote object", detail)
            change |= {"before": self.world.cloud[name], "importing": {"id": block["id"]}}
        elif name not in self.world.state:
            change |= {"actions": ["create"], "before": None}
        return {"address": address, "mode": "managed", "type": "aws_s3_bucket", "name": "this", "change": change}

    def apply(
        self,
        wd: WorkingDirectory,
        *,
        on_event: Callable[[Event], None],
        on_start: Callable[[Identity], None],
        log_core: Path,
    ) -> None:
        """Make or delete, one event a step, and save the state at the end."""
        world = self.world
        world.commands.append("apply")
        on_start(Identity(999_999_999, 1, "boot"))
        log_core.write_text("")
        imported = (wd.module / "gaia_import.tf.json").exists()
        state = dict(world.state)
        wanted = world.wanted if "destroy" not in wd.name else ()
        for name in [name for name in wanted if name not in world.state]:
            address = f'aws_s3_bucket.this["{name}"]'
            if name not in world.cloud:
                on_event(Event("start", address, "aws_s3_bucket", "create"))
                if world.unheard:
                    self._not_heard(name, on_event)
                world.cloud[name] = {"bucket": name, "tags": TAGS}
                if world.during_apply is not None:
                    world.during_apply(world)
                self.check_interrupt()
                on_event(Event("complete", address, "aws_s3_bucket", "create", id=name))
            elif not imported:
                raise failed("creating S3 Bucket", "BucketAlreadyOwnedByYou")
            state[name] = world.cloud[name]
        world.state = state

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
        instances = [
            {"index_key": name, "attributes": {"id": name, **known}} for name, known in self.world.state.items()
        ]
        resource = {"mode": "managed", "type": "aws_s3_bucket", "name": "this", "instances": instances}
        return State.parse({"version": 4, "resources": [resource], "outputs": self.world.outputs})

    def schemas(self, wd: WorkingDirectory) -> Schemas:
        """Of the one type that there is."""
        del wd
        self.world.commands.append("schemas")
        block = {"attributes": {"zones": {"type": [self.world.zones_are, "string"]}}}
        said = {"aws": {"resource_schemas": {"aws_s3_bucket": {"block": block}}}}
        return Schemas.parse(json.dumps({"provider_schemas": said}))

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
    return ToolFailed("terraform-failed", f"{summary}: {detail}", next_step="Mend it.", facts=facts)


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


def operation(folder: Path, world: World, key: Key, **changes: Any) -> Operation:
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
        "journal": folder / "run" / "journal.jsonl",
        "approved": None,
        "key": key,
        "judge": lambda plan: Verdict(allowed=True),  # noqa: ARG005
    }
    return Operation(**(fields | changes))
