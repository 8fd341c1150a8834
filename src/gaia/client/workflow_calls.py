"""Atmos workflows of the published commit."""

from __future__ import annotations

from gaia.client.calling import Calling, Json, named


class WorkflowCalls(Calling):
    """The calls of `/workflows`."""

    def workflows(self) -> list[Json]:
        """Those of the published commit."""
        return list(self._get("/workflows")["workflows"])

    def start_workflow(self, workflow: str, *, stack: str, file: str | None = None) -> Json:
        """Have one carried out whose steps only look; the execution."""
        return self._post(f"/workflows/{named(workflow)}/executions", {"stack": stack, "file": file})

    def executions(self, workflow: str, *, stack: str | None = None, after: str | None = None, limit: int = 50) -> Json:
        """`{executions, next}`: what came of it, newest first."""
        return self._get(f"/workflows/{named(workflow)}/executions", stack=stack, after=after, limit=limit)

    def execution(self, workflow: str, execution: str) -> Json:
        """One of them."""
        return self._get(f"/workflows/{named(workflow)}/executions/{named(execution)}")

    def execution_log(self, workflow: str, execution: str) -> list[Json]:
        """What it has said so far."""
        return list(self._get(f"/workflows/{named(workflow)}/executions/{named(execution)}/log")["lines"])

    def cancel_execution(self, workflow: str, execution: str, *, now: bool = False) -> Json:
        """Have it end; the execution."""
        return self._post(f"/workflows/{named(workflow)}/executions/{named(execution)}/cancel", {"now": now})
