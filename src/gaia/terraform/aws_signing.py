"""Requests to AWS with the standard library, signed with signature version 4.

For what is read without terraform: states, what an account holds, whose credentials these are. All that is written with
it is what pull requests leave (`gaia.ci.storage.buckets`).
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

from gaia.errors import ToolFailed, Unavailable
from gaia.kit import clock
from gaia.terraform.download import opener

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_ALGORITHM = "AWS4-HMAC-SHA256"
_SECONDS = 10.0
"""Without a byte."""
_LARGEST = 1 << 28
"""Bytes of an answer: no state is as large."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key; `token` where it is a session's."""

    key: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)


class NoAnswer(Exception):
    """Credentials, or whose they are, are not to be had; the text says why and holds no secret."""


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
    sent |= {"host": parts.netloc.rpartition("@")[2], "x-amz-content-sha256": digest, "x-amz-date": stamp}
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
    credentials: Credentials | None,
    *,
    service: str,
    region: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    environ: Mapping[str, str],
    largest: int = _LARGEST,
) -> tuple[int, bytes]:
    """(status, body) of one request, signed if there are credentials, through the proxies of `environ`.

    A redirect is an answer, and not followed: the signature and the token are for one host only.

    Raises:
        Unavailable: `aws-unreachable`. ToolFailed: `aws-answer-too-large`.
    """
    made = dict(headers or {})
    if credentials is not None:
        at = clock.now()
        made = signed(method, url, credentials, service=service, region=region, at=at, headers=headers, body=body)
    host = urlsplit(url).hostname or url
    request = urllib.request.Request(url, data=body or None, headers=made, method=method)  # noqa: S310 - the opener has HTTP only
    try:
        with opener(environ, redirects=False).open(request, timeout=_SECONDS) as answer:
            return answer.status, _read(answer, host, largest)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _read(error, host, largest)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unavailable(
            "aws-unreachable",
            f"{host} cannot be asked: {getattr(error, 'reason', None) or error or type(error).__name__}",
            next_step="Look at the network, the region, and AWS_ENDPOINT_URL.",
        ) from error


def _read(answer: IO[bytes], host: str, largest: int) -> bytes:
    body = answer.read(largest + 1)
    if len(body) > largest:
        raise ToolFailed(
            "aws-answer-too-large",
            f"{host} answers with more than {largest} bytes",
            next_step="Look at what lies there: it is nothing that Gaia asked for.",
        )
    return body
