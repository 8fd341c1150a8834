"""Requests to AWS with the standard library: signature version 4, and the caller's own credentials.

For what is read without terraform: states, what an account holds. Nothing is ever written with it.
"""

from __future__ import annotations

import configparser
import hashlib
import hmac
import re
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from gaia.errors import Refused, Unavailable
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


@lru_cache(maxsize=64)
def assume(
    own: Credentials, role: str, external_id: str = "", region: str = "us-east-1", endpoint: str = "", proxy: str = ""
) -> Credentials:
    """The credentials of a role; asked once a process.

    Raises:
        Refused: `role-refused`. Unavailable: `aws-unreachable`.
    """
    asked = {"Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": role, "RoleSessionName": "gaia"}
    asked |= {"ExternalId": external_id} if external_id else {}
    suffix = "amazonaws.com" + (".cn" if region.startswith("cn-") else "")
    url = (endpoint or f"https://sts.{region}.{suffix}").rstrip("/") + "/"
    status, body = send(
        "POST", url, own, service="sts", region=region, body=urlencode(asked).encode(), proxy=proxy,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    found = {name: re.search(rf"<{name}>([^<]+)</{name}>".encode(), body) for name in _SESSION}
    if status >= 300 or not all(found.values()):
        raise Refused(
            "role-refused",
            f"{role} cannot be assumed with these credentials: the answer was {status}",
            next_step="Use credentials that the role trusts, or correct it in the backend section.",
        )
    return Credentials(*(match[1].decode() for match in found.values() if match))


_SESSION = ("AccessKeyId", "SecretAccessKey", "SessionToken")


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
