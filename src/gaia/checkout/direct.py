"""`settings.gaia.direct: refused`: an instance that is changed by requests only.

What the files say as they lie holds in every checkout, for another clone of a registered repository is not registered.
It is a permission and no advice, so what the branch says to which requests are published counts as well as what the
checkout says: an edit that was not committed, another branch and a variable of the caller's lift nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gaia.errors import Conflict, GaiaError, Invalid, NotFound, ToolFailed, Unavailable
from gaia.stacks.own_settings import DIRECT, direct_refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.cost.declared import Declared
    from gaia.platform.context import PlatformContext
    from gaia.policy.rules import PolicySet
    from gaia.policy.waivers import Waiver
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.stacks.repository import Repository


def check_files(instance: Instance) -> None:
    """Refuse an operator's change where the files as they lie say so.

    Raises:
        Conflict: `direct-refused`. Invalid: `direct-invalid`.
    """
    try:
        refused = direct_refused(instance.settings)
    except Invalid as error:
        error.at = instance.place(DIRECT)
        raise
    if refused:
        raise Conflict(
            "direct-refused",
            f"{instance.key} is changed by requests only: settings.gaia.direct is refused",
            at=instance.place(DIRECT),
            next_step="Ask for the change with a request.",
        )


@dataclass(frozen=True)
class Published:
    """The commit on which the platform acts. It is fetched once, when it is first asked."""

    context: PlatformContext

    def check(self, key: InstanceKey) -> None:
        """Raise `Conflict("direct-refused")`; where nobody can say, `Conflict("direct-unknown")`."""
        try:
            refused = any(direct_refused(settings) for settings in self._settings(key))
        except GaiaError as error:
            raise Conflict(
                "direct-unknown",
                f"whether {key} may be changed without a request is not known, as the commit on which requests act "
                f"cannot be read: {error.message}",
                next_step=error.next_step,
                facts={"error": error.code},
            ) from error
        if refused:
            raise Conflict(
                "direct-refused",
                f"{key} is changed by requests only: settings.gaia.direct is refused in commit {self._head[:12]}, on "
                "which requests act",
                next_step="Ask for the change with a request, or for the setting to be taken away there.",
                facts={"commit": self._head},
            )

    def instances(self) -> Iterator[Instance]:
        """All of them, as far as they can be built."""
        repository = self._repository.forgiving()
        return repository.built(repository.instances)

    def waivers(self) -> tuple[Waiver, ...]:
        """What its `waivers/` says."""
        return self.context.snapshot(self._head).waivers

    def declared(self) -> Declared:
        """What its `budgets/` says."""
        return self.context.snapshot(self._head).declared

    def policies(self) -> PolicySet:
        """What its `policies/` says."""
        return self.context.snapshot(self._head).policies

    def _settings(self, key: InstanceKey) -> list[Mapping[str, object]]:
        """Of the instance; where the commit does not have it, of its stack; nothing where it has neither."""
        repository = self._repository
        try:
            return [repository.instance(key.component, key.stack).settings]
        except NotFound:
            pass
        try:
            return [repository.stack_vars(key.stack, "settings")]
        except NotFound:
            return []

    @cached_property
    def _repository(self) -> Repository:
        """Without templates and functions: what only the caller's machine answers is in nobody's way here."""
        from gaia.stacks.ports import Processing
        from gaia.stacks.repository import Repository

        tree, processing = self.context.snapshot(self._head).tree, Processing(templates=False, functions=False)
        return Repository.open(tree, environ={}, untrusted=True, processing=processing)

    @cached_property
    def _head(self) -> str:
        """Of the branch that is followed; what it was when it was last reached, where it cannot be reached now."""
        clone = self.context.clone()
        try:
            return clone.fetch()
        except (Unavailable, ToolFailed):
            if known := clone.fetched():
                return known
            raise
