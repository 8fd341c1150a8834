"""Where a service of AWS is asked: one's own endpoint, the environment's, else Amazon's. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_IDS = {
    "logs": "CLOUDWATCH_LOGS",
    "secretsmanager": "SECRETS_MANAGER",
    "tagging": "RESOURCE_GROUPS_TAGGING_API",
}
"""Services whose variable is named otherwise than their host."""


def aws_endpoint(service: str, region: str, environ: Mapping[str, str], own: str | None = None) -> str:
    """The URL of a service, without a slash at its end; `own` is what a backend or a provider says."""
    return configured_endpoint(service, environ, own) or f"https://{amazon_host(service, region)}"


def configured_endpoint(service: str, environ: Mapping[str, str], own: str | None = None) -> str:
    """Where another address than Amazon's is called; empty where nobody says one."""
    named: tuple[str, ...] = (
        f"AWS_ENDPOINT_URL_{_IDS.get(service, service.upper())}",
        f"AWS_{service.upper()}_ENDPOINT",  # terraform's older name of it
        "AWS_ENDPOINT_URL",
    )
    if environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        named = ()
    return (own or next((environ[one] for one in named if environ.get(one)), "")).rstrip("/")


def amazon_host(service: str, region: str) -> str:
    """Amazon's own."""
    china = region.startswith("cn-")
    if service == "iam" and not china:
        return "iam.amazonaws.com"
    return f"{service}.{region}.amazonaws.com" + (".cn" if china else "")
