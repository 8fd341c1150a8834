"""Security Hub's settings and standards.

Upstream: what is switched on with it cannot be changed, and no standard can be followed.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.securityhub import urls
from moto.securityhub.models import SecurityHubBackend
from moto.securityhub.responses import SecurityHubResponse

from gaia.sandbox.patches.fitting import extend, listen, store, wrap

_SETTINGS = {"AutoEnableControls": True, "ControlFindingGenerator": "SECURITY_CONTROL"}
"""As AWS has them where nothing is said."""


def apply() -> None:
    """Keep settings, and the standards that are followed; nothing is checked by them."""
    extend(SecurityHubBackend, _Backend)
    extend(SecurityHubResponse, _Response)
    wrap(SecurityHubBackend, "describe_hub", _describe_hub)
    wrap(SecurityHubBackend, "disable_security_hub", _disable)
    listen(urls, SecurityHubResponse.dispatch, "/standards/register", "/standards/get", "/standards/deregister")


def _describe_hub(plain: Any, self: Any, *arguments: Any, **named: Any) -> Any:
    return {**plain(self, *arguments, **named), **_SETTINGS, **store(self, "settings")}


def _disable(plain: Any, self: Any) -> Any:
    answer = plain(self)
    store(self, "settings").clear()
    store(self, "standards").clear()
    return answer


class _Backend:
    """More of what it does."""

    def follow(self: Any, arn: str) -> dict[str, Any]:
        """A standard, at once. Its subscription's ARN has the account, and says no `standards/`."""
        place = f"arn:{self.partition}:securityhub:{self.region_name}:{self.account_id}:subscription"
        mine = f"{place}/{arn.partition('/')[2]}"
        about: dict[str, Any] = {
            "StandardsSubscriptionArn": mine,
            "StandardsArn": arn,
            "StandardsInput": {},
            "StandardsStatus": "READY",
            "StandardsControlsUpdatable": "READY_FOR_UPDATES",
        }
        store(self, "standards")[mine] = about
        return about


class _Response:
    """More of what is asked of it."""

    def update_security_hub_configuration(self: Any) -> Any:
        """UpdateSecurityHubConfiguration."""
        given = {name: self._get_param(name) for name in _SETTINGS}
        said = {name: one for name, one in given.items() if one is not None}
        store(self.securityhub_backend, "settings").update(said)
        return EmptyResult()

    def batch_enable_standards(self: Any) -> Any:
        """BatchEnableStandards."""
        wanted = self._get_param("StandardsSubscriptionRequests")
        made = [self.securityhub_backend.follow(one["StandardsArn"]) for one in wanted]
        return ActionResult({"StandardsSubscriptions": made})

    def get_enabled_standards(self: Any) -> Any:
        """GetEnabledStandards."""
        followed = store(self.securityhub_backend, "standards")
        wanted = self._get_param("StandardsSubscriptionArns") or list(followed)
        return ActionResult({"StandardsSubscriptions": [followed[arn] for arn in wanted if arn in followed]})

    def batch_disable_standards(self: Any) -> Any:
        """BatchDisableStandards."""
        followed = store(self.securityhub_backend, "standards")
        given = [followed.pop(arn, None) for arn in self._get_param("StandardsSubscriptionArns")]
        gone = [{**one, "StandardsStatus": "DELETING"} for one in given if one]
        return ActionResult({"StandardsSubscriptions": gone})
