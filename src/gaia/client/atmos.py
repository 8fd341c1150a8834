"""Atmos workflows of the published commit, carried out by a server: begun, looked on at, and what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.client.async_calls import AsyncClient
from gaia.errors import ToolFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.client.calling import Json

_PAUSE = 1.0
"""Seconds between two looks."""


class AtmosClient(AsyncClient):
    """An `AsyncClient` that waits for workflows."""

    async def execute_workflow(
        self,
        workflow: str,
        *,
        stack: str,
        file: str | None = None,
        on_change: Callable[[Json], None] = lambda _: None,
    ) -> Json:
        """Carry a workflow out for a stack and wait for its end; the execution. `on_change` is told how far it is.

        Raises:
            ToolFailed: `workflow-failed`, with the execution in `facts`. GaiaError: as `AsyncClient.start_workflow`.
        """
        found, seen = await self.start_workflow(workflow, stack=stack, file=file), None
        while True:
            if found != seen:
                on_change(found)
                seen = found
            if found["ended_at"] is not None:
                break
            await self._pause(_PAUSE)
            found = await self.execution(workflow, found["id"])
        if found["status"] != "done":
            raise ToolFailed(
                "workflow-failed",
                f"the workflow {workflow} did not end well: {found['reason'] or found['code']}",
                next_step="Read the log of the execution.",
                facts={"execution": found},
            )
        return found
