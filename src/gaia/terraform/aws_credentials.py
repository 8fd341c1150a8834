"""The caller's credentials, looked for where AWS's provider and backend look, in their order."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.kit.files import read_regular
from gaia.terraform.aws_machine import container_credentials, machine_credentials
from gaia.terraform.aws_profile import process_credentials, read_profile
from gaia.terraform.aws_signing import Credentials, NoAnswer
from gaia.terraform.aws_sts import assume, assume_vouched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LARGEST_TOKEN = 20_000
"""Bytes; AWS takes no longer one."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What was found first. Nobody has been asked yet what it is worth."""

    whose: str
    """`the environment's keys`, `profile NAME`, `role ARN`, …"""
    credentials: Credentials | None = None
    reason: str = ""
    """Why there are none."""
    role: str = ""
    """What is to be assumed, with the keys of the profile's source."""
    profile: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The settings of the profile, where one was used."""


def find_caller(
    environ: Mapping[str, str], profile: str = "", *, config: Sequence[str] = (), shared: Sequence[str] = ()
) -> Caller:
    """The environment's keys, a profile, a container, the machine; a profile that is named comes first.

    `config` and `shared` are files instead of `~/.aws/config` and `~/.aws/credentials`.
    """
    if not profile:
        if (keys := _environments(environ)) is not None:
            return Caller("the environment's keys", keys)
        if environ.get("AWS_WEB_IDENTITY_TOKEN_FILE") and (role := environ.get("AWS_ROLE_ARN")):
            return Caller(f"role {role}", None, "only terraform can show the token", role)
    name = profile or environ.get("AWS_PROFILE")
    whose = f"profile {name or 'default'}"
    try:
        settings = read_profile(name or "default", environ, config=config, credentials=shared)
        if role := settings.get("role_arn"):
            return Caller(f"role {role}", None, "its source gives no keys", role, settings)
        if (keys := _of(settings, environ)) is not None:
            return Caller(whose, keys, profile=settings)
    except NoAnswer as error:
        return Caller(whose, None, str(error))
    if settings or name:
        return Caller(whose, None, "it has no credentials" if settings else "there is no such profile", "", settings)
    return _of_machine(environ)


def credentials_of(
    environ: Mapping[str, str],
    profile: str = "",
    *,
    region: str = "us-east-1",
    config: Sequence[str] = (),
    shared: Sequence[str] = (),
) -> Credentials | None:
    """Those to sign with, a role assumed that a profile names, or a token vouches for (as CI's and Kubernetes' do);
    None where only AWS's own tools can get at any.

    Raises:
        Refused: `role-refused`. Unavailable: `aws-unreachable`.
    """
    caller = find_caller(environ, profile, config=config, shared=shared)
    if not caller.role:
        return caller.credentials
    if not caller.profile and (token := _token(environ)):
        return assume_vouched(token, caller.role, environ.get("AWS_ROLE_SESSION_NAME", ""), region, environ=environ)
    source = _source(caller.profile, environ, config, shared)
    if source is None:
        return None
    return assume(source, caller.role, caller.profile.get("external_id", ""), region, environ=environ)


def _token(environ: Mapping[str, str]) -> str:
    """What vouches for the role; empty where it cannot be read."""
    try:
        found = read_regular(Path(environ["AWS_WEB_IDENTITY_TOKEN_FILE"]), _LARGEST_TOKEN + 1)
        return found.decode("ascii").strip() if len(found) <= _LARGEST_TOKEN else ""
    except (OSError, ValueError, KeyError):
        return ""


def _source(
    profile: Mapping[str, str], environ: Mapping[str, str], config: Sequence[str], shared: Sequence[str]
) -> Credentials | None:
    """The keys with which a profile's role is assumed; None where a second factor or another role comes in between."""
    if profile.get("mfa_serial"):
        return None
    if profile.get("credential_source") == "Environment":
        return _environments(environ)
    name = profile.get("source_profile")
    try:
        settings = read_profile(name, environ, config=config, credentials=shared) if name else {}
        chained = settings.get("role_arn") not in (None, profile.get("role_arn"))
        return None if chained else _of(settings, environ)
    except NoAnswer:
        return None


def _environments(environ: Mapping[str, str]) -> Credentials | None:
    key, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    return Credentials(key, secret, environ.get("AWS_SESSION_TOKEN", "")) if key and secret else None


def _of(profile: Mapping[str, str], environ: Mapping[str, str]) -> Credentials | None:
    if profile.get("sso_account_id"):
        return None
    if command := profile.get("credential_process"):
        return process_credentials(command, environ)
    key, secret = profile.get("aws_access_key_id"), profile.get("aws_secret_access_key")
    return Credentials(key, secret, profile.get("aws_session_token", "")) if key and secret else None


def _of_machine(environ: Mapping[str, str]) -> Caller:
    whose = "the container's"
    try:
        credentials = container_credentials(environ)
        if credentials is None:
            whose = "the machine's"
            credentials = machine_credentials(environ)
    except NoAnswer as error:
        return Caller(whose, None, str(error))
    if credentials is None:
        return Caller("none", None, "there are no keys, no profile and no role")
    return Caller(whose, credentials)
