"""A state that terraform was made ready for: it is read, and written as a whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Conflict
from gaia.operations.session import lock_of
from gaia.terraform import lock

if TYPE_CHECKING:
    from gaia.terraform.command import Terraform
    from gaia.terraform.workdir import WorkingDirectory


@dataclass(frozen=True, slots=True)
class OpenedState:
    """A state that can be read and written."""

    terraform: Terraform
    directory: WorkingDirectory

    def pull(self) -> dict[str, object]:
        """The state; without resources where there is none."""
        state = self.terraform.state_pull(self.directory)
        return dict(state.raw) if state else {}

    def push(self, state: dict[str, object]) -> None:
        """Write a state. A lock that a killed command of ours left there is released: we are alone in the folder."""
        content = json.dumps(state).encode()
        try:
            self.terraform.state_push(self.directory, content)
        except Conflict as error:
            left = (lock_of(error) or {}).get("id", "")
            if left not in lock.read_lock_ids(self.directory.core_log):
                raise
            self.terraform.force_unlock(self.directory, left)
            lock.forget(self.directory.core_log)
            self.terraform.state_push(self.directory, content)

    def check_writable(self) -> None:
        """Write what is there: nothing changes, but a state that is locked, or not ours to write, says so."""
        if state := self.pull():
            self.push(state)

    def change(self, state: dict[str, object], was: dict[str, object]) -> None:
        """Write a state; terraform refuses it where the state is no longer what `was` pulled."""
        serial = was.get("serial")
        self.push({**state, "serial": (serial if isinstance(serial, int) else 0) + 1})
