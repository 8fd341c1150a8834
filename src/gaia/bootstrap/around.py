"""The repository around the caller, read."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.bootstrap.tools import Tools
from gaia.errors import Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.checkout.state_buckets import StateBucket
    from gaia.platform.drafts.trial import Trial
    from gaia.policy.waivers import Waivers
    from gaia.scaffold.template import Template
    from gaia.stacks.atmos import Atmos
    from gaia.stacks.commands.model import Customs
    from gaia.stacks.loading.config import Config
    from gaia.stacks.ports import Processing
    from gaia.stacks.repository import Repository
    from gaia.stacks.validation.findings import Report


class Around(Tools):
    """What is asked of the repository around the caller, else of the registered one."""

    def repository(self, path: Path | None = None, *, processing: Processing | None = None) -> Repository:
        """The stacks at `path`, at the nearest `atmos.yaml` above the working directory, or of the registered one.

        For the person at this machine: `!exec` runs its command. `processing` switches templates and functions off.
        """
        from gaia.stacks.local import LocalResolver
        from gaia.stacks.repository import Repository

        folder = self._around(path)
        return Repository.open(
            folder,
            environ=self.settings.environ,
            resolver=LocalResolver(folder),
            processing=processing,
            cache=self.settings.cache / "stacks",
        )

    def configuration(self, path: Path | None = None) -> Config:
        """What `atmos.yaml` says, for what needs no stacks: workflows and custom commands."""
        from gaia.kit.files import real_path
        from gaia.stacks.loading.config import read_config

        return read_config(real_path(self._around(path)), self.settings.environ, stacks_needed=False)

    def customs(self) -> Customs:
        """The custom commands of the repository around the caller; none where there is none."""
        from gaia.platform.home.registration import around
        from gaia.stacks.commands.model import Customs
        from gaia.stacks.commands.reading import customs

        return customs(self.configuration().document) if around(self.settings) else Customs()

    def describe_component(self, component: str, stack: str) -> Mapping[str, object]:
        """What `describe component` shows of one, for the templates of a custom command; see `App.known`."""
        return self.repository().described(component, stack)

    def validate_stacks(self, path: Path | None = None, *, schema: Path | None = None) -> Report:
        """What is wrong with the manifests of a repository, and what its policies say of them.

        No command of a manifest is run: what only something outside of the repository can give is not known to the
        policies.
        """
        from gaia.bootstrap.declaring import approval_findings, blind_rules, places_of, rules_of, scope_findings
        from gaia.cost.declared import budget_findings
        from gaia.policy.validation import policy_findings, waiver_findings
        from gaia.scaffold.blueprint import find_blueprint
        from gaia.stacks.local import LocalResolver
        from gaia.stacks.repository import Repository
        from gaia.stacks.validation.stacks import validate_stacks

        settings = self.settings
        folder = self._around(path)
        opened = Repository.open(
            folder, environ=settings.environ, cache=settings.cache / "stacks", execute=LocalResolver(folder).execute
        )
        said = policy_findings(opened, self.policy_engine, lambda: self._waivers(opened.root))
        declared = (
            *waiver_findings(opened.root, find_blueprint),
            *scope_findings(opened),
            *approval_findings(opened),
            *budget_findings(
                opened.root,
                lambda: places_of(opened),
                lambda: rules_of(opened.root),
                lambda: blind_rules(opened.root, self.policy_engine),
            ),
        )
        return validate_stacks(opened, schema=schema).plus((*said, *declared))

    def _waivers(self, root: Path) -> Waivers:
        """Those of a repository that count, and those that do not yet."""
        from gaia.policy.waivers import Waivers, read

        try:
            return Waivers.of(read(root), None)
        except Invalid:  # which is a mistake of its own
            return Waivers()

    def atmos(self, path: Path | None, processing: Processing) -> Atmos | None:
        """The real program that `GAIA_ATMOS` names, for the same repository; None where it names none.

        Raises:
            Unavailable: `atmos-missing`.
        """
        from gaia.stacks.atmos import Atmos

        instead = "Give the path of an atmos binary, or take GAIA_ATMOS away to use the engine that is built in."
        program = self._program("GAIA_ATMOS", "atmos-missing", instead)
        return Atmos(program, self._around(path), self.settings.environ, processing) if program else None

    def templates(self) -> Sequence[Template]:
        """What can be requested."""
        from gaia.scaffold.template import templates

        return templates(self.repository().root)

    def try_template(self, template: str, answers: Mapping[str, object], *, service: str, stack: str) -> Trial:
        """Render and judge a template of the checkout without a request; nothing is kept."""
        from gaia.kit import slots
        from gaia.platform.drafts.trial import Bench, try_template

        places = slots.Slots(self.settings.cache / "slots", slots.of_this_machine())
        cloud = (self.sandbox.environment() if self.sandbox.status().running else None) or {}  # once, and no other
        terraform = partial(self._terraform, cloud=cloud)
        bench = Bench(self.policy_engine, self.rego, terraform, places, bool(cloud))
        return try_template(self.repository().root, template, answers, service=service, stack=stack, bench=bench)

    def state_buckets(self) -> tuple[StateBucket, ...]:
        """The buckets that states of the repository around the caller lie in; nothing is made in the home for it.

        Raises:
            NotFound: `not-a-repository` where none is around.
        """
        from gaia.checkout.state_buckets import state_buckets
        from gaia.kit.redact import Redactor
        from gaia.platform.home.registration import serving
        from gaia.platform.home.unregistered import folder_of
        from gaia.states.lineages import lineages_of
        from gaia.states.reading import Ground

        opened = self.repository()
        row, home = serving(self.settings, opened.root), self.settings.home
        folder = home / "repos" / row.id if row else folder_of(home, opened.root)
        stacks_say = opened.config.setting("components", "terraform", "auto_generate_backend_file") is not False
        ground = Ground(
            opened,
            stacks_say,
            opened.components_path,
            opened.components_path,
            lineages_of(folder),
            lambda one: self._terraform(command=one.command if one.command != "terraform" else ""),
            lambda _: None,
            Redactor(),
        )
        return state_buckets(ground, folder)

    def _around(self, path: Path | None) -> Path:
        """Where reading begins; what lies around it and the `ATMOS_…` variables are for the reader to find."""
        from gaia.platform.home.registration import registered

        return self._nearest(path) or Path(registered(self.settings).checkout)

    def _nearest(self, path: Path | None) -> Path | None:
        """The same, without the registered repository: None outside of any."""
        from gaia.stacks.mainfile import NAMING, root_near

        cwd, environ = self.settings.cwd, self.settings.environ
        if path is not None:
            given = cwd / path
            if not given.is_dir():
                # Else the nearest repository around the place where it would be would answer.
                raise NotFound("not-a-repository", f"there is no folder {given}", next_step="Give the folder of one.")
            return given
        chosen = any(environ.get(name) for name in ("ATMOS_CLI_CONFIG_PATH", "ATMOS_BASE_PATH", *NAMING))
        own = cwd if chosen or (cwd / "stacks").is_dir() else None
        return root_near(cwd) or own
