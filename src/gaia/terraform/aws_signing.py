"""Requests to AWS with the standard library: signature version 4, and the caller's own credentials.

For what is read without terraform: states, what an account holds. Nothing is ever written with it.
"""

from __future__ import annotations

import configparser
import hashlib
import hmac
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

from gaia.errors import Unavailable
from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_ALGORITHM = "AWS4-HMAC-SHA256"
_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key; `token` where it is a session's."""

    key: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)


def credentials_of(environ: Mapping[str, str], profile: str = "") -> Credentials | None:
    """Those in the environment, else in the shared file; None where only AWS's own tools can get at any."""
    key, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if key and secret and not profile:
        return Credentials(key, secret, environ.get("AWS_SESSION_TOKEN", ""))
    path = environ.get("AWS_SHARED_CREDENTIALS_FILE") or str(Path(environ.get("HOME", "/")) / ".aws" / "credentials")
    shared = configparser.RawConfigParser()
    try:
        shared.read(path, "utf-8")
        section = shared[profile or environ.get("AWS_PROFILE") or "default"]
    except (configparser.Error, OSError, UnicodeDecodeError, KeyError):
        return None
    key, secret = section.get("aws_access_key_id"), section.get("aws_secret_access_key")
    return Credentials(key, secret, section.get("aws_session_token", "")) if key and secret else None


def signed(
    method: str,
    url: str,
    credentials: Credentials,
    *,
    service: str,
    region: str,
    at: datetime,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> dict[str, str]:
    """The headers to send, `Authorization` among them."""
    parts = urlsplit(url)
    stamp, digest = at.strftime("%Y%m%dT%H%M%SZ"), hashlib.sha256(body).hexdigest()
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    sent |= {"host": parts.netloc, "x-amz-content-sha256": digest, "x-amz-date": stamp}
    if credentials.token:
        sent["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(sent))
    pairs = sorted((quote(name, "-_.~"), quote(value, "-_.~")) for name, value in parse_qsl(parts.query, True))
    query = "&".join(f"{name}={value}" for name, value in pairs)
    lines = "".join(f"{name}:{sent[name].strip()}\n" for name in sorted(sent))
    canonical = "\n".join((method, parts.path or "/", query, lines, names, digest))
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    to_sign = "\n".join((_ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"AWS4{credentials.secret}".encode()
    for part in (stamp[:8], region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    authorization = f"{_ALGORITHM} Credential={credentials.key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**sent, "authorization": authorization}


def send(
    method: str,
    url: str,
    credentials: Credentials,
    *,
    service: str,
    region: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    proxy: str = "",
) -> tuple[int, bytes]:
    """(status, body) of one signed request.

    Raises:
        Unavailable: `aws-unreachable`.
    """
    made = signed(method, url, credentials, service=service, region=region, at=clock.now(), headers=headers, body=body)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"https": proxy} if proxy else {}))
    request = urllib.request.Request(url, data=body or None, headers=made, method=method)  # noqa: S310 - http(s) only
    try:
        with opener.open(request, timeout=_SECONDS) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except (OSError, ValueError) as error:
        raise Unavailable(
            "aws-unreachable",
            f"{urlsplit(url).netloc} does not answer: {getattr(error, 'reason', None) or error}",
            next_step="Look at the network, the region, and AWS_ENDPOINT_URL.",
        ) from error
