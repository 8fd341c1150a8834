"""Any subcommand of terraform on one instance: its words, its streams and its exit code are terraform's."""

from __future__ import annotations

import posixpath
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gaia.checkout import words as reading
from gaia.checkout.plan_files import PlanFiles
from gaia.checkout.unlocking import Locks
from gaia.errors import Conflict, Next
from gaia.kit import process
from gaia.kit.files import write_failed
from gaia.operations import search
from gaia.operations.recover import IMPORTS_FILE
from gaia.operations.survivors import end_survivors
from gaia.operations.unfinished import doubtful
from gaia.platform.instances.outputs import working_folder
from gaia.terraform import errored, lock
from gaia.terraform.component_files import BESIDE, LOCK_FILE, PROVIDERS_FILE, bring_back
from gaia.terraform.lock_file import with_real_hashes
from gaia.terraform.providers import mirrored_for, write_cli_config
from gaia.terraform.sensitive_inputs import learn_inputs
from gaia.terraform.setup import WRITTEN
from gaia.terraform.workdir import alone_in, forget, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from gaia.checkout.checkout import Checkout
    from gaia.checkout.words import Words
    from gaia.stacks.model import Instance
    from gaia.terraform.command import Terraform
    from gaia.terraform.plan import Plan
    from gaia.terraform.workdir import WorkingDirectory

WITH_VARIABLES = frozenset(("plan", "apply", "deploy", "destroy", "refresh", "import", "console", "test", "query"))
"""Subcommands that take `-var-file`."""
READING = frozenset(
    (
        *("plan", "validate", "output", "show", "providers", "providers lock", "providers mirror", "providers schema"),
        *("graph", "fmt", "get", "init", "modules", "console", "query", "test", "shell", "clean"),
        *("state list", "state pull", "state show", "state identities"),
        *("workspace", "workspace list", "workspace select", "workspace show"),
    )
)
"""Subcommands, by name, that change neither anything nor a state. Any other may: terraform learns new ones."""
WRITING = ("or-create", "migrate-state", "force-copy")
"""Flags with which those of `READING` that know them write a state after all."""
PLANNING = frozenset(("plan", "refresh", "import"))
"""Subcommands that start providers, of which a machine has room for a few."""
UNLOCK = "force-unlock"
"""It changes no state, and an unfinished move may wait for it."""
IN_PLACE = frozenset(("fmt",))
"""Subcommands that only read and write code: they run in the component's own folder."""
CHECKED = frozenset(("plan", "import"))
"""Subcommands before which everything is asked that is asked before a plan; `Change` does it for those that change."""
REACHING = frozenset(("console", "test", "shell"))
"""Subcommands that reach the account without a plan of ours; all but the first may make something there."""
ASKED_IMPORTS = "gaia_asked_imports.tf.json"
WRITTEN_BY_GAIA = ("gaia_providers.tf.json", ASKED_IMPORTS, IMPORTS_FILE, search.FILE)
"""Files that stand beside the code in a copy for a while, also of a command that was killed."""
_LOCK = "providers lock"
_LOCKS = frozenset(("init", _LOCK))
"""Subcommands that write the lock file as terraform writes it; elsewhere it is only made where there is none."""


@dataclass(frozen=True)
class Command:
    """One command line on one instance."""

    checkout: Checkout
    words: Words
    instance: Instance
    extra: Mapping[str, bytes] = field(default_factory=dict)
    """Files that stand beside the code in the copy, by name."""
    leaves_plan: bool = False
    """Whether the plan file of a `plan` is left in the component's folder, where scripts written for Atmos find it."""

    @property
    def terraform(self) -> Terraform:
        """The program that the stack names, else the one that was found."""
        return self.checkout.terraform(self.instance)

    def run(
        self, write: Callable[[bytes], object] | None = None, *, on_plan: Callable[[Plan], object] | None = None
    ) -> int:
        """Run it, with this process's streams; `write` takes its output in their place. Returns terraform's exit code.

        `on_plan` is called with what a `plan` would change; one that changes nothing is not read.

        Raises:
            Invalid: `component-invalid`; what `prepare` raises. Conflict: `component-locked`, `instance-leased`.
        """
        self.check()
        if self.words.subcommand in IN_PLACE:
            return self._in_place()
        with self.opened() as directory:
            if self.changes and self.words.name != UNLOCK:
                self.checkout.check_moved(self.instance)  # one may have been begun while this waited for the folder
            line = self.arguments(directory)
            # Whether there is something to read, without reading it: that would take a third as long again.
            told = on_plan is not None and not self.words.flag("detailed-exitcode")
            if told:  # before what was typed: behind a flag that terraform does not know it would be a word too many
                line.insert(1, "-detailed-exitcode")
            code = self.carry_out(directory, line, write)
            if self.words.subcommand == "plan" and code in (0, 2):
                self._keep_plan(directory)
                if on_plan is not None and code and (plan := self._planned(directory, line)) is not None:
                    on_plan(plan)
            return 0 if told and code == 2 else code

    def _planned(self, directory: WorkingDirectory, line: list[str]) -> Plan | None:
        """The plan that was just made; None where no file was asked for."""
        named = next((value for name, value in reading.flags(line) if name == "out"), None)
        file = directory.module / named if named else directory.planfile
        return self.terraform.show(directory, planfile=file) if file.is_file() else None

    def _keep_plan(self, directory: WorkingDirectory) -> None:
        files = PlanFiles(self.checkout, self.instance)
        if directory.planfile.is_file():
            files.keep(directory.planfile.read_bytes())
        elif self._out is not None:
            files.drop()  # the last one is that file now

    @property
    def _out(self) -> str | None:
        """The file that somebody wants the plan in."""
        return next((value for name, value in reading.flags(self.words.arguments) if name == "out"), None)

    @property
    def applied_by(self) -> Next | None:
        """The command that applies what this `plan` made: terraform's own words name a file that is gone by then."""
        out, key = self._out, self.instance.key
        if self.words.subcommand != "plan" or self.leaves_plan:
            return None
        if out is None and PlanFiles(self.checkout, self.instance).kept() is None:
            return None
        options = ("--from-plan",) if out is None else ("--planfile", out)
        words = "Exactly this plan is applied by"
        return Next("terraform apply", key.component, words, stack=key.stack, options=options)

    @property
    def changes(self) -> bool:
        """Whether it may change something, or the state of it."""
        return self.words.name not in READING or any(map(self.words.flag, WRITING))

    def check(self) -> None:
        """Refuse what must not be run here now."""
        if self.words.subcommand in CHECKED:
            self.checkout.check_plan(self.instance, destroy=self.words.destroys)
        elif self.changes or self.words.subcommand in REACHING:
            self.checkout.check_account(self.instance)
        if self.words.subcommand == "test":  # it makes things and removes them: none that the instance has
            self.checkout.records.check_direct(self.instance)
        if self._adopts:  # this is how what only a person can adopt comes into the state, so nothing has to be finished
            self.checkout.check_moved(self.instance)
            self.checkout.records.note(self.instance, self.words.name)
        elif self.changes or self.words.subcommand == "shell":
            for one in concerned(self.checkout, self.instance, self.words):
                self.checkout.check_open(one, moving=self.words.name == UNLOCK)
                if self.words.name != "state push" or not errored.lying(self.checkout.home_of(one), one):
                    self.checkout.records.check_finished(one, [])  # else this is what ends it
                self.checkout.records.note(one, self.words.name)

    @property
    def _adopts(self) -> bool:
        """Whether it imports what an application that did not end may have made: it waits for exactly that."""
        if self.words.name != "import" or not self.words.names:
            return False
        journals = self.checkout.records.every_journal(self.instance)
        return any(self.words.names[0] in doubtful(journal) for journal in journals)

    def _in_place(self) -> int:
        terraform, home = self.terraform, self.checkout.home_of(self.instance)
        line: list[str | Path] = [terraform.tool.path, *self.words.words, *self.words.arguments]
        return process.hand_over(line, cwd=home, env={**self.checkout.shell, **terraform.environ})

    @contextmanager
    def opened(self) -> Iterator[WorkingDirectory]:
        """A working directory for this command, initialised unless it does that itself; others wait their turn."""
        checkout, instance, sub = self.checkout, self.instance, self.words.subcommand
        outputs = checkout.outputs(instance)
        lenient = sub not in WITH_VARIABLES or self.words.destroys
        variables = outputs.variables(instance, destroy=lenient)
        instance = outputs.settled(instance, destroy=lenient)
        folder = working_folder(checkout.workplace, instance, "plan")
        with alone_in(folder):
            end_survivors(folder)  # a provider does not end with its terraform
            Locks(checkout).release_left(instance, folder)
            self.bring_back(folder, killed=True)  # what such a command left, before the copy is made anew
            directory = prepare(
                folder,
                tree_source=checkout.files.tree,
                instance=instance,
                variables=variables,
                components=checkout.files.components,
                states=checkout.workplace.states,
                copying=checkout.files.copying(instance),
                extra=self.extra,
                backends=checkout.files.backends and self.words.on("auto-generate-backend-file", default=True),
            )
            try:
                learn_inputs(self.terraform, directory, variables)
                if sub != "init" and not self.words.on("skip-init"):
                    self._init(directory)
                self.terraform.select(directory)
                self._make_room(directory)
                yield directory
            finally:
                self.bring_back(directory.root)
                forget(directory)

    def _init(self, directory: WorkingDirectory) -> None:
        """`providers lock` then finds the lock file as it is committed, whatever packages there are here."""
        if self.words.name != _LOCK:
            self.terraform.init(directory)
            return
        path = directory.module / LOCK_FILE
        committed = path.read_bytes() if path.exists() else None
        try:
            self.terraform.init(directory)
        except Conflict as error:
            if error.code != "provider-differs":  # which is what it is called for
                raise
        finally:
            path.unlink(missing_ok=True)
            if committed is not None:
                path.write_bytes(committed)

    def _make_room(self, directory: WorkingDirectory) -> None:
        """`state mv` and `state rm` write a backup beside a local state, by its relative path."""
        kept = str(self.instance.backend.get("workspace_dir") or "terraform.tfstate.d")
        if self.instance.backend_type in ("", "local") and not kept.startswith(("/", "..")):
            (directory.module / kept / directory.workspace).mkdir(parents=True, exist_ok=True)

    @contextmanager
    def slot(self, stop: Callable[[], None] = lambda: None) -> Iterator[None]:
        """One of the places that this machine has for what starts providers; what only reads needs none."""
        if self.words.subcommand not in PLANNING:
            yield
            return
        with self.checkout.workplace.slots.take(self.checkout.on_wait, stop):
            yield

    def arguments(self, directory: WorkingDirectory) -> list[str]:
        """The words for terraform: its own as they were typed, with the instance's variable file before them."""
        words, home = self.words, self.checkout.home_of(self.instance)
        line = list(words.words)
        if words.name == "workspace":  # as Atmos: the instance's own
            return ["workspace", "select", "-or-create", directory.workspace]
        if words.subcommand in WITH_VARIABLES or self._passes_variables:
            line.append(f"-var-file={directory.varfile.relative_to(directory.module)}")
        given = {name for name, _ in reading.flags(words.arguments)}
        if words.subcommand == "plan" and "out" not in given and not self._skips_planfile:
            line.append(f"-out={directory.planfile.relative_to(directory.module)}")
        return [*line, *reading.for_copy(words.arguments, home, directory.module)]

    @property
    def _passes_variables(self) -> bool:
        setting = self.checkout.files.repository.config.setting("components", "terraform", "init", "pass_vars")
        return self.words.subcommand == "init" and self.words.on("init-pass-vars", default=setting is True)

    @property
    def _skips_planfile(self) -> bool:
        setting = self.checkout.files.repository.config.setting("components", "terraform", "plan", "skip_planfile")
        return self.words.on("skip-planfile", default=setting is True)

    def carry_out(
        self, directory: WorkingDirectory, line: list[str], write: Callable[[bytes], object] | None = None
    ) -> int:
        """Run terraform there, and bring back what it leaves in the component's folder."""
        terraform, home = self.terraform, self.checkout.home_of(self.instance)
        if self.words.name not in _LOCKS:
            self._lock_file(directory, home)
        shell, log = self.checkout.shell, directory.core_log
        environ = terraform.environment_of_shell(directory, shell)
        if not any(name.startswith("TF_LOG") for name in shell):  # hers, where she wants one
            environ |= lock.begin_log(log)
        try:
            return process.hand_over([terraform.tool.path, *line], cwd=directory.module, env=environ, write=write)
        finally:
            lock.end_log(log)

    def shell(self, program: str) -> int:
        """An interactive shell in the copy, where terraform's commands act on the instance: nobody asks there again.

        Raises:
            As `run`.
        """
        self.check()
        with self.opened() as directory:
            self.checkout.check_moved(self.instance)  # one may have been begun while this waited for the folder
            environ = self.terraform.environment_of_shell(directory, self.checkout.shell)
            environ |= {
                f"TF_CLI_ARGS_{name}": f"-var-file={directory.varfile.relative_to(directory.module)}"
                for name in sorted(WITH_VARIABLES & {"plan", "apply", "destroy", "refresh", "import", "console"})
            }
            return process.hand_over([program], cwd=directory.module, env=environ)

    @property
    def _ours(self) -> frozenset[str]:
        """Files in the copy that Gaia writes, or that are nobody's business."""
        own = {self.instance.varfile_name, self.instance.planfile_name, PROVIDERS_FILE}
        own |= {"backend_override.tf.json", *WRITTEN_BY_GAIA}
        if self.leaves_plan:
            own.discard(self.instance.planfile_name)
        return frozenset(own if self.words.name in _LOCKS else own | {LOCK_FILE})

    def _lock_file(self, directory: WorkingDirectory, home: Path) -> None:
        """Where the component has no lock file yet, leave the one of this `init`, as terraform leaves it."""
        written = directory.data / WRITTEN
        if (home / LOCK_FILE).exists() or not written.is_file() or not (text := written.read_text()):
            return
        terraform = self.terraform
        cli_config = write_cli_config(terraform.home, terraform.tool, terraform.environ)
        real = with_real_hashes(text, mirrored_for(cli_config), terraform.hashes)
        try:
            (home / LOCK_FILE).write_text(real)
        except OSError as error:
            raise write_failed(home / LOCK_FILE, error) from error

    def bring_back(self, folder: Path, *, killed: bool = False) -> None:
        """What terraform did to the files of the copy is done to the checkout's; what cannot be is said.

        Of a command that was killed not the lock file, which may be the one that Gaia writes for an `init` of its own.
        """
        files, home = self.checkout.files, self.checkout.home_of(self.instance)
        path = posixpath.normpath(posixpath.join(files.components or ".", self.instance.component_path))
        errored.keep(folder / "tree" / path, home, self.instance)
        ours = self._ours | {LOCK_FILE} if killed else self._ours
        left = bring_back(folder, path, files.tree, ours, removes=not killed, ours=self.checkout.brought)
        for name in left.beside:
            self.checkout.tell(f"{name} was written by somebody else meanwhile: terraform's is {name}{BESIDE}")
        for name in left.lost:
            self.checkout.tell(f"{name}: what terraform did to it was left undone, for it is not safe in a checkout")


def concerned(checkout: Checkout, instance: Instance, words: Words) -> list[Instance]:
    """Whose states a command may change: the instance's, and those of whoever has the workspace or file it names."""
    verb, *names = (words.second, *words.names) if words.subcommand == "workspace" else words.names or ("",)
    places = []
    if words.subcommand in ("workspace", "env") and verb in ("delete", "new", "select"):
        places += [checkout.place(replace(instance, workspace=name)) for name in names[:1]]
    files = [value for name, value in reading.flags(words.arguments) if name in ("state", "state-out")]
    places += [str((checkout.home_of(instance) / file).resolve()) for file in files]
    others = [one for place in places for one in checkout.whose(place, published=True)]
    return list({one.key: one for one in (instance, *others)}.values())
