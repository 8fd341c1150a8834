"""Questions to AWS's token service: which account is this, and the credentials of a role."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from gaia.errors import GaiaError, Refused
from gaia.terraform.aws_endpoint import aws_endpoint
from gaia.terraform.aws_signing import Credentials, NoAnswer, send

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSION = "2011-06-15"
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
_ACCOUNT = re.compile(rb"<Account>(\d{12})</Account>")
_CODE = re.compile(rb"<Code>(\w+)</Code>")
_REGION = re.compile(r"[a-z]{2}[a-z0-9-]{1,30}\Z")
_SESSION = ("AccessKeyId", "SecretAccessKey", "SessionToken")
_LARGEST = 1 << 16
_USUAL_REGION = "us-east-1"

_Proxies = tuple[tuple[str, str], ...]


def account_of(
    credentials: Credentials, *, region: str | None, environ: Mapping[str, str], endpoint: str | None = None
) -> str:
    """The account that STS says these credentials are of; asked once a process.

    `environ` has the proxies and the endpoints that an `endpoint` of one's own beats.

    Raises:
        NoAnswer
    """
    region = region or _USUAL_REGION
    if not _REGION.match(region):
        raise NoAnswer(f"{region!r} is no region")
    return _account(credentials, aws_endpoint("sts", region, environ, endpoint), region, _proxies(environ))


@lru_cache(maxsize=64)
def _account(credentials: Credentials, url: str, region: str, proxies: _Proxies) -> str:
    host = urlsplit(url).hostname or url
    try:
        status, answer = _asked({"Action": "GetCallerIdentity"}, url, credentials, region, proxies)
    except GaiaError as error:
        raise NoAnswer(error.message) from error
    if status >= 300:
        code = _CODE.search(answer)
        raise NoAnswer(f"{host} answers {code[1].decode() if code else status}")
    found = _ACCOUNT.search(answer)
    if found is None:
        raise NoAnswer(f"{host} answers something else than STS does")
    return found[1].decode()


def assume(
    own: Credentials, role: str, external_id: str = "", region: str = _USUAL_REGION, *, environ: Mapping[str, str]
) -> Credentials:
    """The credentials of a role; asked once a process. `environ` has the proxies and the endpoints.

    Raises:
        Refused: `role-refused`. Unavailable: `aws-unreachable`.
    """
    return _assumed(own, role, external_id, region, aws_endpoint("sts", region, environ), _proxies(environ))


@lru_cache(maxsize=64)
def _assumed(own: Credentials, role: str, external_id: str, region: str, url: str, proxies: _Proxies) -> Credentials:
    asked = {"Action": "AssumeRole", "RoleArn": role, "RoleSessionName": "gaia"}
    status, body = _asked(asked | ({"ExternalId": external_id} if external_id else {}), url, own, region, proxies)
    found = {name: re.search(rf"<{name}>([^<]+)</{name}>".encode(), body) for name in _SESSION}
    if status >= 300 or not all(found.values()):
        raise Refused(
            "role-refused",
            f"{role} cannot be assumed with these credentials: the answer was {status}",
            next_step="Use credentials that the role trusts, or correct it in the backend section.",
        )
    return Credentials(*(match[1].decode() for match in found.values() if match))


def assume_vouched(
    token: str, role: str, session: str = "", region: str = _USUAL_REGION, *, environ: Mapping[str, str]
) -> Credentials:
    """The credentials of a role for whom a provider of identities vouches with a token; asked once a process.

    Raises:
        Refused: `role-refused`. Unavailable: `aws-unreachable`.
    """
    return _vouched(token, role, session or "gaia", region, aws_endpoint("sts", region, environ), _proxies(environ))


@lru_cache(maxsize=64)
def _vouched(token: str, role: str, session: str, region: str, url: str, proxies: _Proxies) -> Credentials:
    asked = {"Action": "AssumeRoleWithWebIdentity", "RoleArn": role, "RoleSessionName": session}
    status, body = _asked({**asked, "WebIdentityToken": token}, url, None, region, proxies)
    found = {name: re.search(rf"<{name}>([^<]+)</{name}>".encode(), body) for name in _SESSION}
    if status >= 300 or not all(found.values()):
        code = _CODE.search(body)
        raise Refused(
            "role-refused",
            f"{role} cannot be taken on with the token of AWS_WEB_IDENTITY_TOKEN_FILE: "
            f"the answer was {code[1].decode() if code else status}",
            next_step="Look at what the role trusts: the token's audience and its subject have to be among it.",
        )
    return Credentials(*(match[1].decode() for match in found.values() if match))


def _asked(
    form: Mapping[str, str], url: str, credentials: Credentials | None, region: str, proxies: _Proxies
) -> tuple[int, bytes]:
    body = urlencode({**form, "Version": _VERSION}).encode()
    return send(
        "POST", url + "/", credentials, service="sts", region=region, headers=_HEADERS, body=body,
        environ=dict(proxies), largest=_LARGEST,
    )  # fmt: skip


def _proxies(environ: Mapping[str, str]) -> _Proxies:
    return tuple(sorted((name, value) for name, value in environ.items() if name.lower().endswith("_proxy")))
