"""The server that GAIA_URL names, as far as a token may be sent there."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gaia.errors import Invalid

if TYPE_CHECKING:
    from gaia.settings import Settings


def server_url(settings: Settings) -> str:
    """The address. A token is a password: without encryption it goes to this machine alone.

    Raises:
        Invalid: `url-invalid`, `url-plain`.
    """
    url = settings.url or ""
    try:
        read = urlsplit(url)
        host = read.hostname or ""
    except ValueError:
        read, host = None, ""
    if read is None or read.scheme not in ("http", "https") or not host:
        raise Invalid("url-invalid", f"GAIA_URL is {url!r}", next_step="Set it to http://HOST:PORT or https://HOST.")
    if read.scheme == "http" and not _is_here(host) and settings.environ.get("GAIA_URL_PRIVATE") != "1":
        raise Invalid(
            "url-plain",
            f"GAIA_URL is {url!r}: a token would go to {host} without encryption",
            next_step="Use https, or set GAIA_URL_PRIVATE=1 if nobody listens in that network.",
        )
    return url


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
