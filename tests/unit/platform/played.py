"""What stands below the platform, in memory: a terraform of two components, and rules that a test writes in Python."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaia.errors import Conflict, ToolFailed
from gaia.kit.procfs import Identity
from gaia.policy.model import EFFECTS, Answer
from gaia.terraform.command import hash_of
from gaia.terraform.diagnostics import Diagnostic
from gaia.terraform.events import Event
from gaia.terraform.plan import Plan
from gaia.terraform.schemas import Schemas
from gaia.terraform.state import State
from gaia.terraform.tool import Tool
from gaia.terraform.workdir import write_private

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gaia.errors import GaiaError
    from gaia.kit.interrupt import Interrupt
    from gaia.kit.redact import Redactor
    from gaia.policy.model import Module
    from gaia.terraform.workdir import WorkingDirectory

KINDS = {"key": "aws_kms_key", "store": "aws_s3_bucket", "s3-bucket": "aws_s3_bucket"}
"""Component → type of its one resource, which is called `this` and has the component's variables for attributes."""
VARIABLES = {"key": ("text", "password"), "store": ("bucket", "key"), "s3-bucket": ("name", "tags")}
PROVIDER = 'provider["registry.terraform.io/hashicorp/aws"]'
_WIRED = re.compile(r"\$\{(?:sensitive\()?module\.([\w-]+)\.(\w+)\)?\}")
_FOUND = {"mode": "data", "name": "gaia_search", "type": "aws_resourcegroupstaggingapi_resources"}
_NOTHING_FOUND = {
    "values": {"root_module": {"resources": [{**_FOUND, "values": {"resource_tag_mapping_list": []}}]}}
}  # fmt: skip
Attributes = dict[str, object]


@dataclass
class World:
    """What exists, and what terraform meets; everything by `STACK/COMPONENT`."""

    states: dict[str, Attributes] = field(default_factory=dict)
    adds: dict[str, Attributes] = field(default_factory=dict)
    """Attributes that an instance's own plan has besides: not what was previewed."""
    previews: dict[str, Attributes] = field(default_factory=dict)
    """Attributes that the preview has besides, by component."""
    fails: dict[str, GaiaError] = field(default_factory=dict)
    """What an apply of the instance ends with, before it changed anything."""
    breaks: dict[str, GaiaError] = field(default_factory=dict)
    """What a plan of the instance ends with."""
    during: Callable[[str], None] | None = None
    """Called with an instance whose apply has begun."""
    planning: Callable[[str], None] | None = None
    """Called with an instance whose plan has begun."""
    there: Counter[str] = field(default_factory=Counter)
    """How many resources an instance has made and not destroyed, whatever its state knows of."""
    commands: list[str] = field(default_factory=list)
    warns: str = ""
    """What a plan warns of, about nothing in particular."""
    said: tuple[Diagnostic, ...] = ()
    """What `validate` says."""
    variables: dict[str, object] = field(default_factory=dict)
    """The variables that the last command of an instance was given."""
    unlocked: list[str] = field(default_factory=list)
    """Plans that did without the state's lock."""
    flags: list[tuple[str, ...]] = field(default_factory=list)
    """The further flags of each plan and each application."""
    code: dict[str, object] = field(default_factory=dict)
    """The configuration of every component's module, as plan JSON has it."""
    environ: dict[str, str] = field(
        default_factory=lambda: {"AWS_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true"}
    )
    """What leads providers to it."""


def state_of(kind: str, attributes: Attributes) -> dict[str, Any]:
    """A state as terraform writes it."""
    secret = [[{"type": "get_attr", "value": "password"}]] if "password" in attributes else []
    known = {"attributes": attributes, "sensitive_attributes": secret}
    outputs: dict[str, object] = {"arn": {"value": attributes["arn"]}}
    if "password" in attributes:
        outputs["password"] = {"value": attributes["password"], "sensitive": True}
    resource = {"mode": "managed", "type": kind, "name": "this", "provider": PROVIDER, "instances": [known]}
    return {"version": 4, "resources": [resource], "outputs": outputs}


@dataclass(frozen=True)
class PlayedTerraform:
    """The part of `Terraform` that the platform uses. It applies what stands in the plan file."""

    world: World
    redact: Redactor
    interrupt: Interrupt | None
    tool: Tool = field(default_factory=lambda: Tool(Path("/nowhere/terraform"), "terraform", "1.12.0"))
    home: Path = Path("/nowhere")

    @property
    def environ(self) -> Mapping[str, str]:
        """What leads providers to the played cloud."""
        return self.world.environ

    @property
    def variables(self) -> Mapping[str, str]:
        """Nobody has set any in her shell."""
        return {}

    def init(self, wd: WorkingDirectory) -> bool:
        """Count, or fail as the test says."""
        self.world.commands.append(f"init {wd.name}")
        if error := self.world.breaks.get(f"init {wd.name}"):
            raise error
        return True

    def plan(
        self,
        wd: WorkingDirectory,
        *,
        destroy: bool = False,
        targets: Sequence[str] = (),
        locked: bool = True,
        only_changes: bool = False,
        on_event: Callable[[Event], None] | None = None,
        on_start: Callable[[Identity], None] | None = None,
        log_core: Path | None = None,
        planfile: Path | None = None,
        flags: Sequence[str] = (),
    ) -> Plan:
        """Compare variables with the state: of one instance, or of the modules of a combined root."""
        self.check_interrupt()
        self.world.commands.append(f"plan {wd.name}")
        self.world.flags.append(tuple(flags))
        if wd.name in self.world.breaks:
            raise self.world.breaks[wd.name]
        if self.world.planning is not None:
            self.world.planning(wd.name)
        if not locked:
            self.world.unlocked.append(wd.name)
        if on_start is not None:
            on_start(Identity(999_999_999, 1, "boot"))
        if log_core is not None:
            log_core.write_text("")
        changes = self._combined(wd, destroy) if wd.name == "the preview" else [self._own(wd, destroy)]
        if targets:  # a search for what bears the instance's tag: nothing does
            return Plan.parse({"format_version": "1.2", "resource_changes": [], "prior_state": _NOTHING_FOUND})
        for change in changes if on_event else ():
            assert on_event is not None
            address, action = change["address"], change["change"]["actions"][0]
            on_event(Event("planned", address, change["type"], "read", summary=f"{address}: reading"))
            on_event(Event("progress", address, change["type"], action, summary=f"{address}: going on"))
            on_event(Event("planned", address, change["type"], action, summary=f"{address}: Plan to {action}"))
        if self.world.warns and on_event is not None:
            on_event(Event("diagnostic", summary=self.world.warns, diagnostic=Diagnostic("warning", self.world.warns)))
        document: dict[str, Any] = {"format_version": "1.2", "resource_changes": changes}
        if self.world.code:
            names = {str(change.get("module_address", "")).partition(".")[2] for change in changes}
            calls = {name: {"module": self.world.code} for name in names if name}
            root = {"module_calls": calls} if calls else self.world.code
            document["configuration"] = {"root_module": root}
        write_private(planfile or wd.planfile, json.dumps(document).encode())
        plan = self.show(wd, planfile=planfile)
        return Plan.nothing() if only_changes and plan.empty else plan

    def show(self, wd: WorkingDirectory, *, planfile: Path | None = None) -> Plan:
        """Read the plan file."""
        path = planfile or wd.planfile
        plan = replace(Plan.parse(json.loads(path.read_text())), sha256=hash_of(path))
        for value in plan.sensitive():
            self.redact.learn(value)
        return plan

    def _combined(self, wd: WorkingDirectory, destroy: bool) -> list[dict[str, Any]]:
        merged = json.loads((wd.module / "terraform.tfstate").read_text())["resources"]
        states = {entry["module"]: entry["instances"][0]["attributes"] for entry in merged}
        found = []
        for name, call in json.loads((wd.module / "main.tf.json").read_text())["module"].items():
            given = {each: value for each, value in call.items() if each not in ("source", "providers")}
            wired = {each: match for each, value in given.items() if (match := _WIRED.fullmatch(str(value)))}
            for each, match in wired.items():
                given[each] = states.get(f"module.{match[1]}", {}).get(match[2])
            given |= self.world.previews.get(name, {})
            unknown = {each for each in wired if given[each] is None}
            kind = KINDS[call["source"].rpartition("/")[2]]
            change = _change(kind, given, states.get(f"module.{name}"), unknown, destroy=destroy)
            found.append({**change, "address": f"module.{name}.{kind}.this", "module_address": f"module.{name}"})
        return found

    def _own(self, wd: WorkingDirectory, destroy: bool) -> dict[str, Any]:
        assert wd.varfile.exists()
        said = json.loads(wd.varfile.read_text())
        self.world.variables = {name: said[name] for name in VARIABLES[wd.module.name] if name in said}
        given = self.world.variables | self.world.adds.get(wd.name, {})
        return _change(KINDS[wd.module.name], given, self.world.states.get(wd.name), set(), destroy=destroy)

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
        """Carry the plan file out."""
        self.check_interrupt()
        if hash_of(planfile) != expected:
            raise Conflict("plan-changed", "another file", next_step="Resume.")
        self.world.commands.append(f"apply {wd.name}")
        self.world.flags.append(tuple(flags))
        on_start(Identity(999_999_999, 1, "boot"))
        log_core.write_text("")
        if wd.name in self.world.fails:
            raise self.world.fails[wd.name]
        [entry] = json.loads(planfile.read_text())["resource_changes"]
        [action], kind = entry["change"]["actions"], entry["type"]
        on_event(Event("start", entry["address"], kind, action, summary=f"{entry['address']}: begins"))
        if self.world.during is not None:
            self.world.during(wd.name)
        self.world.there[wd.name] += {"create": 1, "delete": -1}.get(action, 0)
        if action == "delete":
            del self.world.states[wd.name]
        else:
            made(self.world, wd.name, entry["change"]["after"])
        on_event(Event("complete", entry["address"], kind, action, id=f"id:{wd.name}"))

    def state_pull(self, wd: WorkingDirectory) -> State | None:
        """The state in terraform's format."""
        self.world.commands.append(f"state {wd.name}")
        known = self.world.states.get(wd.name)
        if known is None:
            return None
        state = State.parse(state_of(KINDS[wd.module.name], known))
        for value in state.secrets():
            self.redact.learn(value)
        return state

    def schemas(self, wd: WorkingDirectory) -> Schemas:
        """Of no type with a set."""
        self.world.commands.append(f"schemas {wd.name}")
        block = {"attributes": {"zones": {"type": ["set", "string"]}}}
        said = {"aws": {"resource_schemas": {"aws_kms_key": {"block": block}, "aws_s3_bucket": {"block": block}}}}
        return Schemas.parse(json.dumps({"provider_schemas": said}))

    def validate(self, wd: WorkingDirectory) -> tuple[Diagnostic, ...]:
        """What the test wants to be said."""
        self.world.commands.append(f"validate {wd.name}")
        return self.world.said

    def select(self, wd: WorkingDirectory) -> None:
        """Note it as terraform does."""
        write_private(wd.data / "environment", wd.workspace.encode())

    def environment_of_shell(self, wd: WorkingDirectory, shell: Mapping[str, str]) -> dict[str, str]:
        """The caller's, the cloud's and the instance's."""
        return {**shell, **self.environ, **wd.environ, "TF_DATA_DIR": str(wd.data)}

    def check_interrupt(self) -> None:
        """As the real one does."""
        if self.interrupt is not None and self.interrupt.times:
            raise Conflict("interrupted", "the operation was interrupted", next_step="Resume it: `gaia resume`.")


def _change(
    kind: str, given: Attributes, have: Attributes | None, unknown: set[str], *, destroy: bool
) -> dict[str, Any]:
    """One element of `resource_changes`; an attribute called `password` is sensitive."""
    marks = {"password": True} if "password" in given else False
    computed = {} if have is None else {name: value for name, value in have.items() if name in ("arn", "id")}
    after: Attributes | None = {name: value for name, value in (given | computed).items() if name not in unknown}
    known_later = dict.fromkeys([*unknown, *(["arn", "id"] if have is None else [])], True)
    if destroy:
        actions, after, known_later = ["delete" if have else "no-op"], None, {}
    elif have is None:
        actions = ["create"]
    else:
        actions = ["no-op" if {**have, **given} == have and not unknown else "update"]
    change: dict[str, object] = {"actions": actions, "before": have, "after": after, "after_unknown": known_later}
    change |= {"before_sensitive": marks, "after_sensitive": marks if after else False}
    return {"address": f"{kind}.this", "mode": "managed", "type": kind, "name": "this", "change": change}


def refused(summary: str) -> ToolFailed:
    """What the terraform room raises when terraform ended by itself and said no."""
    said = [{"severity": "error", "summary": summary, "detail": "", "address": None, "at": None}]
    return ToolFailed("terraform-failed", summary, next_step="Repair it.", facts={"diagnostics": said})


@dataclass
class Rules:
    """A Rego engine that asks Python: reference → what it says of a document.

    Where a test gave nothing, a set is empty, and all else undefined.
    """

    says: dict[str, Callable[[dict[str, Any]], object]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any], Sequence[Module]]] = field(default_factory=list)
    raises: dict[str, Exception] = field(default_factory=dict)
    name: str = "played"

    def evaluate(self, modules: Sequence[Module], document: bytes, references: Sequence[str]) -> tuple[Answer, ...]:
        """One answer a reference."""
        return tuple(self._of_each(modules, json.loads(document), reference) for reference in references)

    def _of_each(self, modules: Sequence[Module], document: Any, reference: str) -> Answer:
        """What is asked about several documents at once is asked of each, as the judge's term does."""
        if not isinstance(document, list):
            return self._answer(modules, document, reference)
        asked = re.findall(r"^\[x \| x := (\S+)\],?$", reference, re.MULTILINE)
        answers = [[self._answer(modules, one, each) for each in asked] for one in document]
        return Answer(True, [[[one.value] if one.defined else [] for one in each] for each in answers])

    def _answer(self, modules: Sequence[Module], document: dict[str, Any], reference: str) -> Answer:
        self.asked.append((reference, document, modules))
        if reference in self.raises:
            raise self.raises[reference]
        value = self.says[reference](document) if reference in self.says else None
        if value is None and reference.rpartition(".")[2] in EFFECTS:  # a rule's set is empty, and never undefined
            value = []
        return Answer(defined=value is not None, value=value)

    def always(self, reference: str, message: str = "no", **more: object) -> None:
        """From now on the rule set says this of everything."""
        self.says[f"data.gaia.{reference}"] = lambda _: [{"message": message, **more}]

    def documents(self, reference: str) -> list[dict[str, Any]]:
        """What a rule set was asked about."""
        return [document for asked, document, _ in self.asked if asked == f"data.gaia.{reference}"]


def made(world: World, key: str, attributes: Mapping[str, object]) -> None:
    """Let an instance exist."""
    world.states[key] = {"id": f"id:{key}", "arn": f"arn:{key}", **attributes}
