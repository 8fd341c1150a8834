"""Plan files of an instance: the last one is kept, sealed, and one that somebody names is looked into.

Terraform applies a plan to the state that it was made for, whatever folder it is called in, so a file is taken only for
the instance whose state that is: what stands in the file counts, not who made it or where it lies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Next, NotFound
from gaia.kit.files import write_atomic
from gaia.kit.sealing import seal, unseal
from gaia.terraform.plan_file import origin_of

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.checkout.checkout import Checkout
    from gaia.checkout.words import Words
    from gaia.stacks.model import Instance
    from gaia.states.places import Place
    from gaia.terraform.plan_file import Origin

_ALSO_NAMED = ("cloud", "remote")
"""Backends that may name the one workspace themselves."""


@dataclass(frozen=True)
class PlanFiles:
    """Those of one instance of a checkout."""

    checkout: Checkout
    instance: Instance

    # --- the last one, which `--from-plan` takes ---

    @property
    def _kept(self) -> Path:
        return self.checkout.workplace.folder / "plans" / self.instance.key.folder / "plan.sealed"

    @property
    def _about(self) -> str:
        return f"plan {self.instance.key}"

    def keep(self, content: bytes) -> None:
        """Keep the file of the last `plan`."""
        write_atomic(self._kept, seal(self.checkout.workplace.key, content, about=self._about))

    def kept(self) -> bytes | None:
        """The file of the last `plan`; None where there is none."""
        try:
            sealed = self._kept.read_bytes()
        except FileNotFoundError:
            return None
        return unseal(self.checkout.workplace.key, sealed, about=self._about)

    def drop(self) -> None:
        """It has been applied."""
        self._kept.unlink(missing_ok=True)

    # --- the one that is to be applied ---

    def given(self, words: Words) -> bytes | None:
        """The content of the plan file that a command line says to apply: by its name, by `--planfile`, or the last one
        (`--from-plan`); None where it names none.

        Raises:
            NotFound: `planfile-missing`. Conflict: `planfile-other`. Invalid: `planfile-unreadable`.
        """
        named = words.own.get("planfile") or next(iter(words.names), None)
        if named is None and not words.on("from-plan"):
            return None
        path = self.checkout.home_of(self.instance) / (named or "")
        if named is not None and not path.is_file() and named != self.instance.planfile_name:
            raise NotFound("planfile-missing", f"there is no plan file {path}", next_step="Make one: plan -out=FILE.")
        content = path.read_bytes() if named is not None and path.is_file() else self.kept()
        if content is None:
            key = self.instance.key
            raise NotFound(
                "planfile-missing",
                f"nobody has planned {key} here, or its last plan was written to a file by name",
                next_step=Next(
                    "terraform plan",
                    key.component,
                    "Plan it first, or name the file of `plan -out=FILE` with --planfile FILE",
                    stack=key.stack,
                ),
            )
        backends = self.checkout.files.backends and words.on("auto-generate-backend-file", default=True)
        self._check(content, backends=backends)
        return content

    def _check(self, content: bytes, *, backends: bool) -> None:
        origin = origin_of(content)
        if origin is None:
            return
        mine, theirs, same = self._compared(origin, backends=backends)
        if not same or not self._has_workspace(origin):
            key = self.instance.key
            raise Conflict(
                "planfile-other",
                f"this plan was made for another state than that of {key}: it is of workspace {origin.workspace}, "
                f"{theirs}, and {key} has workspace {self.instance.workspace or 'default'}, {mine}",
                next_step=Next("terraform plan", key.component, "Plan the instance itself", stack=key.stack),
                facts={"planned": str(theirs), "instance": str(mine), "workspace": origin.workspace},
            )

    def _has_workspace(self, origin: Origin) -> bool:
        own = self.instance.workspace or "default"
        workspaces = self.instance.backend.get("workspaces")
        named = workspaces.get("name") if isinstance(workspaces, dict) else None
        if origin.kind in _ALSO_NAMED and isinstance(named, str):
            return origin.workspace in (own, "default", named.replace("{terraform_workspace}", own))
        return origin.workspace == own

    def _compared(self, origin: Origin, *, backends: bool) -> tuple[Place, Place, bool]:
        """Where the instance's state lies, where that of the plan does, and whether these are one."""
        from gaia.states.places import NAMES, FilePlace, OtherPlace, place_of
        from gaia.states.reading import Reader

        ground, instance = replace(self.checkout.ground, backends=backends), self.instance
        reader = Reader(ground)
        mine, environ = reader.place(instance), self.checkout.terraform(instance).environ
        made = replace(instance, backend_type=origin.kind, backend=dict(origin.settings), workspace=origin.workspace)
        theirs = place_of(made, folder=ground.states / instance.component_path, environ=environ)
        if isinstance(mine, FilePlace) and isinstance(theirs, FilePlace):
            return mine, theirs, mine.path.resolve() == theirs.path.resolve()
        if not isinstance(mine, OtherPlace):
            return mine, theirs, str(mine) == str(theirs)
        code = reader.code.component(reader.home_of(instance))
        said = instance.backend if backends and instance.backend_type else code.backend_settings if code else {}
        named = {name: value for name, value in said.items() if name in NAMES and isinstance(value, str)}
        same = all(origin.settings.get(name) == value for name, value in named.items())  # terraform adds defaults
        return mine, theirs, same and mine.kind in (origin.kind, "static")
