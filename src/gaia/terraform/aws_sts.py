"""One question to AWS: which account is this? Signed with Signature Version 4, so that no SDK is needed."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import re
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gaia.kit import clock
from gaia.terraform.download import opener

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
_KIND = "application/x-www-form-urlencoded; charset=utf-8"
_ACCOUNT = re.compile(rb"<Account>(\d{12})</Account>")
_CODE = re.compile(rb"<Code>(\w+)</Code>")
_REGION = re.compile(r"[a-z]{2}[a-z0-9-]{1,30}\Z")
_LARGEST = 1 << 16
_TIMEOUT = 10.0
"""Seconds without a byte."""
_USUAL_REGION = "us-east-1"


class NoAnswer(Exception):
    """The account is not known; the text says why and holds no secret."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request is signed with."""

    key: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)


def account_of(
    credentials: Credentials, *, endpoint: str | None, region: str | None, environ: Mapping[str, str]
) -> str:
    """The account that STS says these credentials are of; asked once a process. `environ` has the proxies.

    Raises:
        NoAnswer
    """
    region = region or _USUAL_REGION
    if not _REGION.match(region):
        raise NoAnswer(f"{region!r} is no region")
    url = endpoint or f"https://sts.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"
    proxies = tuple(sorted((name, value) for name, value in environ.items() if name.lower().endswith("_proxy")))
    return _answered(credentials, url, region, proxies)


@lru_cache(maxsize=64)
def _answered(credentials: Credentials, url: str, region: str, proxies: tuple[tuple[str, str], ...]) -> str:
    headers = signed(credentials, url, region, clock.now())
    request = urllib.request.Request(url, data=_BODY, headers=headers, method="POST")  # noqa: S310 - the opener has HTTP only
    try:
        with opener(dict(proxies), redirects=False).open(request, timeout=_TIMEOUT) as response:
            answer = response.read(_LARGEST)
    except urllib.error.HTTPError as error:
        with error:
            code = _CODE.search(error.read(_LARGEST))
        raise NoAnswer(f"{_host(url)} answers {code[1].decode() if code else error.code}") from error
    except (OSError, http.client.HTTPException, ssl.SSLError, ValueError) as error:
        reason = str(getattr(error, "reason", error)) or type(error).__name__
        raise NoAnswer(f"{_host(url)} cannot be asked: {reason}") from error
    found = _ACCOUNT.search(answer)
    if found is None:
        raise NoAnswer(f"{_host(url)} answers something else than STS does")
    return found[1].decode()


def signed(credentials: Credentials, url: str, region: str, at: datetime) -> dict[str, str]:
    """The headers of the question."""
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    headers = {"content-type": _KIND, "host": urlsplit(url).netloc.rpartition("@")[2], "x-amz-date": stamp}
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"POST\n{urlsplit(url).path or '/'}\n\n{lines}\n{names}\n{_sum(_BODY)}"
    scope = f"{stamp[:8]}/{region}/sts/aws4_request"
    key = f"AWS4{credentials.secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{_sum(request.encode())}"
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    allowed = f"AWS4-HMAC-SHA256 Credential={credentials.key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return headers | {"authorization": allowed}


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _host(url: str) -> str:
    return urlsplit(url).hostname or url
