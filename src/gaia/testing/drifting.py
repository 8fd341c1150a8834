"""Drift from memory, for tests of doors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.platform.acts.drifting import Drifting, no_run, unknown
from gaia.platform.drift.views import DriftView, InstanceDriftView, LookView

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gaia.records.drift_model import DriftResult

STACK, BUCKET = "acme-use1-dev", "photos-bucket"
AT = "2026-11-23T23:05:08.000Z"
RUN = "run_019aa8c2d3e47abc9f00112233445566"
FINDING = {
    "kind": "changed outside",
    "fingerprint": "0123456789abcdef",
    "title": "aws_s3_bucket photos",
    "ignored": False,
    "places": [
        {"instance": f"{STACK}/{BUCKET}", "address": "aws_s3_bucket.this", "role": "changed", "would": "update"}
    ],
    "attributes": [
        {
            "path": "tags.owner",
            "before": "media",
            "after": "nobody",
            "put_back": True,
            "relevant": False,
            "read_by": [],
            "ignored": None,
        }
    ],
    "repair": "update",
    "loses": [],
    "reason": None,
    "at": None,
}


def drifted() -> DriftView:
    """A look that found something."""
    return DriftView(
        "chk_1", f"{STACK}/{BUCKET}", STACK, BUCKET, "acme", "dev", "drifted", AT, AT, "4f1c0d6e8a9b4f1c0d6e8a9b", 1,
        "", "", RUN,
    )  # fmt: skip


def unchecked() -> DriftView:
    """One that could not."""
    why = "no credentials were found. Sign in again."
    return replace(drifted(), id="chk_0", state="not-checked", causes=0, code="terraform-failed", reason=why)


class FakeDrifting(Drifting):
    """One instance that has drifted. `made` are the looks that there are, newest first; a new one changes nothing."""

    def __init__(self) -> None:
        self.made = [drifted(), unchecked()]

    def list(
        self,
        *,
        stack: str | None = None,
        component: str | None = None,
        state: DriftResult | None = None,
        since: datetime | None = None,
        after: tuple[str, str] | None = None,
        limit: int | None = None,
    ) -> Sequence[DriftView]:
        """The newest one, where it is meant."""
        del since, after
        found = [self.made[0]] if state in (None, self.made[0].state) else []
        return [one for one in found if stack in (None, one.stack) and component in (None, one.component)][:limit]

    def show(self, stack: str, component: str, *, after: str | None = None, limit: int = 50) -> InstanceDriftView:
        """Of the one instance that there is."""
        del after
        newest = self._known(stack, component)
        return InstanceDriftView(
            newest.instance, newest, (FINDING,), True, tuple(self.made[:limit]), None, "1d", AT, None
        )  # fmt: skip

    def look(self, stack: str, component: str) -> LookView:
        """Of the one instance that there is."""
        return LookView(RUN, self._known(stack, component).instance, "queued", AT, None, "", "")

    def work(self, look: LookView) -> LookView:
        """It is done."""
        return replace(look, status="done", ended_at=AT)

    def cancel(self, run: str, *, now: bool = False) -> LookView:
        """The one run that there is."""
        del now
        if run != RUN:
            raise no_run(run)
        return self.look(STACK, BUCKET)

    def _known(self, stack: str, component: str) -> DriftView:
        if (stack, component) != (STACK, BUCKET):
            raise unknown(stack, component)
        return self.made[0]
