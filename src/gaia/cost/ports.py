"""The one thing asked of what prices plans; `embedded.py` and `infracost.py` give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class Estimator(Protocol):
    """Prices a plan."""

    name: str

    def estimate(
        self,
        plan: Mapping[str, Any],
        *,
        usage: Mapping[str, Any],
        project: str,
        region_default: str,
        parity: bool = False,
    ) -> dict[str, Any]:
        """Infracost JSON 0.2 with one project; see `gaia.cost.estimate`.

        Raises:
            Invalid: `plan-invalid`, `usage-invalid`. Unavailable: what prices cannot be used, or its prices cannot.
            ToolFailed: `infracost-failed`, `infracost-unreadable`.
        """
        ...
