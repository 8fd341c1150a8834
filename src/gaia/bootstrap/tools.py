"""The programs that Gaia drives, each found when it is first needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from gaia.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gaia.cost.ports import Estimator
    from gaia.cost.refresh import Fetched
    from gaia.cost.stock import Holdings
    from gaia.policy.ports import PolicyEngine
    from gaia.sandbox.control import Sandbox
    from gaia.settings import Settings
    from gaia.stacks.validation.component import Rego
    from gaia.terraform.command import Terraform

_CLOUD = ("AWS_", "GOOGLE_", "ARM_", "AZURE_")
"""Prefixes of the variables that providers read; handed to terraform when no sandbox is registered."""
_TERRAFORM = ("TF_CLI_CONFIG_FILE",)
"""Where a provider mirror may be named; the terraform room reads it and writes a configuration of its own."""


class Tools:
    """What a process runs: terraform, the policy engine, the emulated AWS."""

    def __init__(self, settings: Settings, *, tell: Callable[[str], object] = lambda _: None) -> None:
        self.settings = settings
        self.tell = tell
        """Takes what the caller should know, and what stops nothing."""

    def policy_engine(self) -> PolicyEngine:
        """What evaluates every rule; it is made once, and holds what it has loaded.

        The server that `GAIA_OPA_URL` names, else the `opa` that `GAIA_OPA` names, else the embedded engine. Nothing
        else chooses.

        Raises:
            Unavailable: `opa-missing`: it names no program. The embedded engine does not step in: somebody asked for
                opa. Invalid: `opa-url-invalid`, `opa-token-unreadable`.
        """
        return self._policy_engine

    @cached_property
    def _policy_engine(self) -> PolicyEngine:
        settings = self.settings
        if settings.opa_url:
            from gaia.policy.opa_server import OpaServer

            return OpaServer(settings.opa_url, token_file=settings.opa_token_file)
        instead = "Nothing was decided. Give the path of an opa binary, or take GAIA_OPA away for the embedded engine."
        program = self._program("GAIA_OPA", "opa-missing", instead, name=settings.opa)
        if program is None:
            from gaia.policy.regorus import Regorus

            return Regorus()
        from gaia.kit.process import child_environment
        from gaia.policy.opa import Opa

        return Opa(program, environ=child_environment(self.settings.environ))

    def estimator(self) -> Estimator:
        """What prices every plan; it is made once. The `infracost` that `GAIA_INFRACOST` names, else Gaia's own engine.

        Raises:
            Unavailable: `infracost-missing`: it names no program, and Gaia's engine does not step in: somebody asked
                for infracost. As `gaia.bootstrap.prices.prices`, for Gaia's own.
        """
        return self._estimator

    @cached_property
    def _estimator(self) -> Estimator:
        environ = self.settings.environ
        instead = (
            "Nothing was priced. Give the path of infracost 0.10, or take GAIA_INFRACOST away for Gaia's own engine."
        )
        program = self._program("GAIA_INFRACOST", "infracost-missing", instead)
        if program is None:
            from gaia.bootstrap.prices import prices
            from gaia.cost.embedded import Embedded

            return Embedded(prices(self.settings))
        from gaia.cost import infracost
        from gaia.kit.process import child_environment

        own = {name: value for name, value in environ.items() if name.startswith(infracost.PASSED_ON)}
        return infracost.Infracost(program, environ=child_environment(environ, **own))

    @property
    def rego(self) -> Rego:
        """What Atmos's rules say of an instance: the hook of `validate component`.

        It raises `policy-broken`, with a place, where a rule cannot be evaluated, `policy-bad-result` for what is no
        text.
        """

        def ask(modules: Sequence[tuple[str, str]], document: Mapping[str, object]) -> Sequence[str]:
            from gaia.policy.judge import texts
            from gaia.policy.model import Module

            asked = [Module(path, text, may_be_old=True) for path, text in modules]
            return texts(asked, document, "data.atmos.errors", engine=self.policy_engine())

        return ask

    def _program(self, variable: str, missing: str, next_step: str, *, name: str | None = None) -> Path | None:
        """The program that a variable names, if it names one."""
        import os

        name = name or self.settings.environ.get(variable)
        if not name:
            return None
        program = (self.settings.cwd / name).resolve()
        if not program.is_file() or not os.access(program, os.X_OK):
            raise Unavailable(missing, f"{variable} is {name}, and there is no program", next_step=next_step)
        return program

    @cached_property
    def sandbox(self) -> Sandbox:
        """The emulated AWS of this GAIA_HOME."""
        from gaia.sandbox.control import Sandbox

        return Sandbox(self.settings.home)

    def install_tool(self, name: str, on_progress: Callable[[int, int | None], None]) -> Path:
        """Fetch a pinned program into the cache."""
        from gaia.terraform.install import install

        settings = self.settings
        return install(name, cache=settings.cache, environ=settings.environ, on_progress=on_progress)

    def holdings(self) -> Holdings:
        """What the price book holds."""
        from gaia.bootstrap import prices

        return prices.holdings(self.settings)

    def refresh_prices(
        self,
        regions: Sequence[str],
        services: Sequence[str],
        *,
        accept: bool,
        on_progress: Callable[[str, int, int | None], None],
    ) -> Sequence[Fetched]:
        """Fetch prices anew; see `gaia.cost.refresh`."""
        from gaia.bootstrap import prices

        return prices.refresh(self.settings, regions, services, accept=accept, on_progress=on_progress)

    def _terraform(self, *, cloud: Mapping[str, str] | None = None, command: str = "") -> Terraform:
        """The terraform (or tofu) that runs are carried out with, facing the sandbox where one is registered.

        `cloud`: see `_tool_environment`. `command` is the program that a stack names; GAIA_TERRAFORM beats it.
        """
        from gaia.kit.redact import Redactor
        from gaia.terraform.command import Terraform
        from gaia.terraform.tool import find_tool

        settings = self.settings
        environ = self._tool_environment(cloud)
        return Terraform(find_tool(settings, command), home=settings.home, environ=environ, redact=Redactor())

    def _tool_environment(self, cloud: Mapping[str, str] | None = None) -> Mapping[str, str]:
        """The allow-listed environment and the cloud's variables: the sandbox's, or the user's own; never both.

        `cloud` is what is taken instead, of a trial: nothing, or what the sandbox said when it began.

        Raises:
            Unavailable: `sandbox-down` when a sandbox is registered and does not answer.
        """
        from gaia.kit.process import child_environment
        from gaia.platform.target import SANDBOX

        environ = self.settings.environ
        own = {name: value for name, value in environ.items() if name.startswith(_CLOUD)}
        emulated = self.sandbox.environment() if cloud is None else cloud
        mark = {SANDBOX: "1"} if emulated else {}
        cloud = own if emulated is None else {**emulated, **mark}
        named = {name: environ[name] for name in _TERRAFORM if name in environ}
        return child_environment(environ, **named, **cloud)
