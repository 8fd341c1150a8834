"""Credentials that a container or a machine of AWS's gives to whatever runs on it."""

from __future__ import annotations

import http.client
import ipaddress
import json
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gaia.terraform.aws_signing import Credentials, NoAnswer
from gaia.terraform.download import opener

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONTAINER = "http://169.254.170.2"
_POD = frozenset(("169.254.170.23", "fd00:ec2::23"))
_MACHINE = "http://169.254.169.254"
_ROLES = "/latest/meta-data/iam/security-credentials/"
_LARGEST = 1 << 16
_TIMEOUT = 2.0
"""Seconds: who has such a service has it beside it."""


def container_credentials(environ: Mapping[str, str]) -> Credentials | None:
    """What the variables of a container lead to; None where there are none.

    Raises:
        NoAnswer
    """
    relative, full = (environ.get(f"AWS_CONTAINER_CREDENTIALS_{kind}_URI") for kind in ("RELATIVE", "FULL"))
    if not relative and not full:
        return None
    url = f"{_CONTAINER}{relative}" if relative else str(full)
    if not relative and urlsplit(url).scheme != "https" and not _is_near(urlsplit(url).hostname or ""):
        raise NoAnswer("AWS_CONTAINER_CREDENTIALS_FULL_URI leads to another machine without encryption")
    token = environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
    if file := environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"):
        try:
            token = Path(file).read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            raise NoAnswer("the token of the container's credentials cannot be read") from error
    return _credentials(_asked(url, {"Authorization": token} if token else {}))


def machine_credentials(environ: Mapping[str, str]) -> Credentials | None:
    """Those of the machine's role; None where it has no such service, or is told not to be asked.

    Raises:
        NoAnswer: it has one, and that gives none.
    """
    if environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return None
    base = (environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or _MACHINE).rstrip("/")
    try:
        token = _asked(f"{base}/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"}, "PUT")
    except NoAnswer:
        return None
    header = {"X-aws-ec2-metadata-token": token}
    roles = _asked(base + _ROLES, header).split()
    if not roles:
        raise NoAnswer("the machine has no role")
    return _credentials(_asked(f"{base}{_ROLES}{roles[0]}", header))


def _asked(url: str, headers: Mapping[str, str], method: str = "GET") -> str:
    """Never through a proxy: another machine would answer as this one."""
    request = urllib.request.Request(url, headers=dict(headers), method=method)  # noqa: S310 - the opener has HTTP only
    try:
        with opener({}, redirects=False).open(request, timeout=_TIMEOUT) as response:
            return str(response.read(_LARGEST).decode())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer(f"{urlsplit(url).hostname} gives no credentials") from error


def _credentials(answer: str) -> Credentials:
    try:
        found = json.loads(answer)
        return Credentials(str(found["AccessKeyId"]), str(found["SecretAccessKey"]), str(found.get("Token") or ""))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NoAnswer("what the machine gives are no credentials") from error


def _is_near(host: str) -> bool:
    try:
        return host == "localhost" or host in _POD or ipaddress.ip_address(host).is_loopback or host == "169.254.170.2"
    except ValueError:
        return False
