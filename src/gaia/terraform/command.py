"""Terraform's commands, run in a working directory."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gaia.errors import Conflict
from gaia.kit import process, telemetry
from gaia.terraform import lock, setup
from gaia.terraform.diagnostics import Diagnostic, failure
from gaia.terraform.events import parse_event
from gaia.terraform.plan import Plan
from gaia.terraform.providers import write_cli_config
from gaia.terraform.schemas import Schemas
from gaia.terraform.state import State
from gaia.terraform.workdir import write_private

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gaia.errors import GaiaError
    from gaia.kit.interrupt import Interrupt
    from gaia.kit.procfs import Identity
    from gaia.kit.redact import Redactor
    from gaia.terraform.events import Event
    from gaia.terraform.tool import Tool
    from gaia.terraform.workdir import WorkingDirectory

VARIABLE = "TF_VAR_"
_FOREIGN = ("TF_CLI_ARGS", "TF_LOG", VARIABLE, "TF_PLUGIN_CACHE_DIR", "TF_REATTACH_PROVIDERS")
"""Variables of the caller's shell that would change what a command does."""
_COLLECTOR = {"GOGC": "off", "GOMEMLIMIT": "1536MiB"}
"""Terraform and the provider (both in Go) collect garbage only when they come near this much memory.

A plan and a show of three resources then take 2.8 s of CPU instead of 5.0 s (measured with the AWS provider 5.100).
"""
_CHANGES = 2
"""How a plan with `-detailed-exitcode` ends that would change something (and Go's runtime when it fails)."""
GRACE = (300.0, 15.0)
"""After one interrupt terraform tells the providers to stop, waits for the changes under way and writes the state.

The AWS provider stops within a second (its recovery is the next attempt's). Others wait for what they have begun: they
get the first figure, in seconds, until a second signal makes terraform drop everything.
"""


@dataclass(frozen=True)
class Terraform:
    """One terraform with its environment. Every method may raise what `diagnostics.failure` returns.

    `environ` is the allow-listed environment with the cloud's variables; it is passed on whole, so it must hold
    nothing else.
    """

    tool: Tool
    home: Path
    environ: Mapping[str, str] = field(repr=False)
    redact: Redactor = field(repr=False)
    timeout: float = 3600.0
    """Seconds that a plan or an apply may take."""
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """`TF_VAR_…` of somebody who works with a checkout from her own shell; on the platform there are none."""
    interrupt: Interrupt | None = field(default=None, repr=False)
    """Ends `init`, `plan` and `apply` with `Conflict("interrupted")`: once it waits for `GRACE`, twice for nothing."""

    def init(self, wd: WorkingDirectory) -> bool:
        """Make providers, modules and backend ready. Returns False when they already were and nothing had to run.

        It runs in the workspace `default`: init refuses one that does not exist yet as soon as another one does, where
        other commands make it. A lock file beside the code says which versions of providers are taken, and what their
        packages must be.

        Raises:
            Unavailable: `provider-missing`. Conflict: `provider-differs`, `lock-files-differ`.
            Invalid: `hcl-syntax`, `lock-file-invalid`.
        """
        plan = setup.Setup.of(self.tool, write_cli_config(self.home, self.tool, self.environ), wd, self.hashes)
        if plan.ready():
            return False
        error: GaiaError | None = None
        for attempt in plan.attempts():
            done, diagnostics = self._stream(
                wd,
                ["init", "-json", "-input=false", "-reconfigure"],
                timeout=600,
                environ={"TF_CLI_CONFIG_FILE": str(attempt.cli_config), "TF_WORKSPACE": "default"},
            )
            if done.returncode == 0:
                plan.remember()
                return True
            if error is None or not attempt.fallback:
                error = failure("init", diagnostics, done, wd.name)
            if error.code != "provider-missing":
                break
        raise plan.explained(error or failure("init", (), done, wd.name))

    @property
    def hashes(self) -> Path:
        """Where hashes of providers' packages are kept: reading one takes half a second."""
        return self.home / "terraform" / "hashes.json"

    def plan(
        self,
        wd: WorkingDirectory,
        *,
        destroy: bool = False,
        refresh: bool = True,
        targets: Sequence[str] = (),
        locked: bool = True,
        only_changes: bool = False,
        on_event: Callable[[Event], None] | None = None,
        on_start: Callable[[Identity], None] | None = None,
        log_core: Path | None = None,
        planfile: Path | None = None,
        flags: Sequence[str] = (),
    ) -> Plan:
        """Plan, save the plan to `planfile` (`wd.planfile` by default; 0600) and read it, with the file's hash.

        The Redactor learns its sensitive values.

        Without `locked` the state is read even if its lock is held: for a plan that is only shown.
        With `only_changes` a plan that changes nothing is not read, and `Plan.nothing()` comes back: reading it would
        take a third as long again.
        While it runs, terraform's core log is kept in `log_core` (`wd.core_log` by default) for `lock.read_lock_ids`.

        Raises:
            Conflict: `state-locked`. ToolFailed: `terraform-failed`, `tool-timeout`.
        """
        planfile = planfile or wd.planfile
        write_private(planfile, b"")
        arguments = ["plan", "-json", "-input=false", f"-out={_argument(wd, planfile)}"]
        arguments += [f"-var-file={wd.varfile.relative_to(wd.module)}"]
        arguments += ["-destroy"] * destroy + ["-refresh=false"] * (not refresh) + ["-lock=false"] * (not locked)
        arguments += [f"-target={target}" for target in targets] + ["-detailed-exitcode"] * only_changes
        arguments += flags  # last: what somebody typed wins
        fine = (0, _CHANGES) if only_changes else (0,)
        code = self._checked(
            wd, arguments, on_event=on_event, on_start=on_start, log_core=log_core or wd.core_log, fine=fine
        )
        return Plan.nothing() if only_changes and code == 0 else self.show(wd, planfile=planfile)

    def show(self, wd: WorkingDirectory, *, planfile: Path | None = None) -> Plan:
        """Read a saved plan (`wd.planfile` by default). Each call starts the provider once (about 2 s)."""
        planfile = planfile or wd.planfile
        made = hash_of(planfile)  # before it is read: a file that changes meanwhile has another hash when it is applied
        plan = replace(Plan.parse(self._output(wd, ["show", "-json", _argument(wd, planfile)])), sha256=made)
        for value in plan.sensitive():
            self.redact.learn(value)
        return plan

    def apply(
        self,
        wd: WorkingDirectory,
        *,
        on_event: Callable[[Event], None] | None = None,
        on_start: Callable[[Identity], None] | None = None,
        log_core: Path | None = None,
        planfile: Path | None = None,
        expected: str | None = None,
        flags: Sequence[str] = (),
    ) -> None:
        """Apply a saved plan (`wd.planfile` by default); with `expected`, only the file whose `Plan.sha256` that is.

        `on_event` is called in the order of the stream, before the next line is read; what it raises stops terraform
        (SIGINT first, so that the state is written) and is raised here.

        Raises:
            Conflict: `plan-changed` before terraform is started; `state-locked`.
            ToolFailed: `terraform-failed`, `tool-timeout`.
        """
        planfile = planfile or wd.planfile
        if expected is not None and (not expected or hash_of(planfile) != expected):
            raise Conflict(
                "plan-changed",
                f"{wd.name}: the plan file is not the one that was compared and judged, so it is not applied",
                next_step="See that nothing else writes into Gaia's folders, then resume: it is judged again.",
            )
        arguments = ["apply", "-json", "-input=false", *flags, _argument(wd, planfile)]
        self._checked(wd, arguments, on_event=on_event, on_start=on_start, log_core=log_core or wd.core_log)

    def state_pull(self, wd: WorkingDirectory) -> State | None:
        """The state as the backend has it, or None. The Redactor learns its sensitive values.

        For a workspace that does not exist yet the S3 backend makes an empty state (and takes the lock for that).
        """
        text = self._output(wd, ["state", "pull"])
        if not text.strip():
            return None
        state = State.parse(text)
        for value in state.secrets():
            self.redact.learn(value)
        return state

    def state_push(self, wd: WorkingDirectory, content: bytes) -> None:
        """Write a state into the backend; it must go on from the one that is there (lineage, serial).

        Raises:
            ToolFailed: `terraform-failed`. Conflict: `state-locked`.
        """
        path = wd.plans / "pushed.tfstate"  # whoever works there next removes it, should this be killed
        write_private(path, content)
        try:
            done = self._run(wd, ["state", "push", str(path)], timeout=600)
        finally:
            path.unlink(missing_ok=True)
        if done.returncode:
            raise failure("state push", (), done, wd.name)

    def force_unlock(self, wd: WorkingDirectory, lock_id: str) -> None:
        """Release the state lock with this id, which the caller has proved to be dead.

        Raises:
            ToolFailed: `terraform-failed`, also when the lock has another id or is gone.
        """
        done = self._run(wd, ["force-unlock", "-force", lock_id], timeout=120)
        if done.returncode:
            raise failure("force-unlock", (), done, wd.name)

    def untaint(self, wd: WorkingDirectory, address: str, *, may_miss: bool = False) -> None:
        """Say in the state that a resource is whole although its creation did not end well.

        With `may_miss` nothing is written where there is no such resource; the lock is taken all the same.

        Raises:
            ToolFailed: `terraform-failed`, also when the resource is not tainted. Conflict: `state-locked`.
        """
        done = self._run(wd, ["untaint", *["-allow-missing"] * may_miss, address], timeout=120)
        if done.returncode:
            raise failure("untaint", (), done, wd.name)

    def environment_of_shell(self, wd: WorkingDirectory, shell: Mapping[str, str]) -> dict[str, str]:
        """For a command that somebody typed: all of her shell's variables, the cloud's, the instance's, and ours.

        The workspace is the one that the data folder names (`select`), so that `workspace` works as ever.
        """
        cli_config = write_cli_config(self.home, self.tool, self.environ)
        given = {**shell, **self.environ, **wd.environ}
        ours = {"TF_CLI_CONFIG_FILE": str(cli_config), "TF_DATA_DIR": str(wd.data)}
        return {name: value for name, value in given.items() if name != "TF_WORKSPACE"} | ours

    def select(self, wd: WorkingDirectory) -> None:
        """Make the instance's workspace the selected one, as `terraform workspace select` notes it."""
        write_private(wd.data / "environment", wd.workspace.encode())

    def schemas(self, wd: WorkingDirectory) -> Schemas:
        """What the providers of an initialised working directory say of their resources.

        It starts each provider once: with AWS's, 2.3 s of CPU and 14 MB of JSON.
        """
        return Schemas.parse(self._output(wd, ["providers", "schema", "-json"]))

    def validate(self, wd: WorkingDirectory) -> tuple[Diagnostic, ...]:
        """What `terraform validate` says about an initialised working directory."""
        done = self._run(wd, ["validate", "-json"], timeout=300)
        try:
            diagnostics = json.loads(done.stdout).get("diagnostics", [])
        except (ValueError, AttributeError) as error:
            raise failure("validate", (), done, wd.name) from error
        return tuple(Diagnostic.of(entry) for entry in diagnostics)

    def check_interrupt(self) -> None:
        """Raise when an end was asked for.

        Raises:
            Conflict: `interrupted`.
        """
        if self.interrupt is not None and self.interrupt.times:
            raise Conflict("interrupted", "the operation was interrupted", next_step="Resume it.")

    def _checked(
        self,
        wd: WorkingDirectory,
        arguments: list[str],
        *,
        on_event: Callable[[Event], None] | None,
        on_start: Callable[[Identity], None] | None,
        log_core: Path,
        fine: Sequence[int] = (0,),
    ) -> int:
        done, diagnostics = self._stream(
            wd, arguments, timeout=self.timeout, on_event=on_event, on_start=on_start, log_core=log_core
        )
        if done.returncode not in fine:
            raise failure(arguments[0], diagnostics, done, wd.name)
        return done.returncode

    def _stream(
        self,
        wd: WorkingDirectory,
        arguments: list[str],
        *,
        timeout: float,
        on_event: Callable[[Event], None] | None = None,
        on_start: Callable[[Identity], None] | None = None,
        log_core: Path | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> tuple[process.Completed, list[Diagnostic]]:
        diagnostics: list[Diagnostic] = []

        def on_line(line: str) -> None:
            event = parse_event(line)
            if event is None:
                return
            if event.diagnostic is not None:
                diagnostics.append(event.diagnostic.placed(wd))
            if event.kind in ("start", "complete", "failed"):
                telemetry.moment("resource", phase=event.kind, type=event.type, action=event.action)
            if on_event is not None:
                on_event(event)

        done = self._run(
            wd,
            arguments,
            timeout=timeout,
            on_line=on_line,
            on_start=on_start,
            log_core=log_core,
            environ=environ,
            interrupt=self.interrupt,
        )
        if done.returncode:
            self.check_interrupt()
        return done, diagnostics

    def _output(self, wd: WorkingDirectory, arguments: list[str]) -> str:
        """The whole output of a command, in clear: it is parsed, never shown."""
        done = self._run(wd, arguments, timeout=600, redact=str)
        if done.returncode:
            raise failure(arguments[0], (), replace(done, stdout="", stderr=self.redact(done.stderr)), wd.name)
        return done.stdout

    def _run(
        self,
        wd: WorkingDirectory,
        arguments: list[str],
        *,
        timeout: float,
        redact: Callable[[str], str] | None = None,
        on_line: Callable[[str], None] | None = None,
        on_start: Callable[[Identity], None] | None = None,
        log_core: Path | None = None,
        environ: Mapping[str, str] | None = None,
        interrupt: Interrupt | None = None,
    ) -> process.Completed:
        """Run one command. Any of them may take the state lock for a moment, so each one's core log is kept."""
        log = log_core or wd.core_log
        with telemetry.span("terraform", command=arguments[0], instance=wd.name) as told:
            child = process.start(
                [self.tool.path, *arguments],
                cwd=wd.module,
                env=self._environment(wd) | dict(environ or {}) | lock.begin_log(log),
                timeout=timeout,
                redact=redact or self.redact,
                on_line=on_line and telemetry.carried(on_line),
                keep_output=on_line is None,
                grace=GRACE,
                interrupt=interrupt,
            )
            try:
                if on_start is not None:
                    on_start(child.identity)
                done = child.wait()
                told.note(exit_code=done.returncode, outcome="done" if done.returncode in (0, _CHANGES) else "failed")
                return done
            finally:
                child.stop()
                told.note(peak_bytes=child.peak_bytes)
                lock.end_log(log)

    def _environment(self, wd: WorkingDirectory) -> dict[str, str]:
        given = {**self.environ, **wd.environ}
        env = {name: value for name, value in given.items() if not name.startswith(_FOREIGN)}
        return {**env, **self.variables} | {
            "TF_CLI_CONFIG_FILE": str(write_cli_config(self.home, self.tool, self.environ)),
            "TF_DATA_DIR": str(wd.data),
            "TF_WORKSPACE": wd.workspace,
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
            **_COLLECTOR,
        }


def hash_of(planfile: Path) -> str:
    """SHA-256 of a plan file, in hexadecimal; empty when it is not there."""
    try:
        return hashlib.sha256(planfile.read_bytes()).hexdigest()
    except OSError:
        return ""


def _argument(wd: WorkingDirectory, planfile: Path) -> str:
    """How terraform, which runs in the module's folder, is told of a plan file."""
    return str(planfile.relative_to(wd.module) if planfile.is_relative_to(wd.module) else planfile)
