"""The account guard: an instance is planned only with credentials of the account that it belongs to.

Two places can say which that is: `settings.gaia.account` of the instance, which is inherited, and `allowed_account_ids`
of its AWS provider. Where neither does, nothing is asked. What other aliases of the provider allow is checked by the
provider itself, later.

Both are read of the files with which the instance is planned, at a checkout as they lie: they keep people from a
mistake, of the wrong profile mostly, and whoever edits the setting holds the credentials and could run terraform by
hand. A permission would have to hold against such an edit, as `settings.gaia.direct` does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Refused
from gaia.kit.hcl import Expression
from gaia.kit.shapes import as_block, as_texts
from gaia.stacks.model import HOLDERS
from gaia.terraform.aws_credentials import find_caller
from gaia.terraform.aws_provider import in_code
from gaia.terraform.aws_signing import Credentials, NoAnswer
from gaia.terraform.aws_sts import account_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gaia.errors import GaiaError, Position
    from gaia.stacks.model import Instance

SETTING = "settings.gaia.account"
_UNKNOWN = (*HOLDERS, Expression)
_ACCOUNT = re.compile(r"\d{12}")
_ROLE = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):role/")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who says which accounts are right, and where."""

    source: str
    accounts: tuple[str, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Found:
    """The account of the credentials that terraform would use, or why it is not known."""

    account: str | None
    credentials: str
    """Whose they are: `role ARN`, `profile NAME`, `the environment's keys`, …"""
    reason: str = ""


def check_account(
    instance: Instance,
    environ: Mapping[str, str],
    *,
    providers: Mapping[str, object] | None = None,
    code: Path | None = None,
) -> None:
    """Raise unless the credentials are of the account that the instance belongs to, as far as somebody says which.

    Args:
        instance: its `env` section comes on top of `environ`.
        environ: terraform's environment: credentials, endpoints, proxies, HOME.
        providers: the instance's `providers` with their references resolved.
        code: the folder of the component, whose own provider block the section comes on top of.

    Raises:
        Refused: `account-wrong`, `account-unknown`.
        Invalid: `account-invalid`; `hcl-syntax`.
    """
    section = as_block((instance.providers if providers is None else providers).get("aws"))
    aws = {**in_code(code, instance.vars), **section} if code else section
    wishes = wanted(instance, aws)
    if not wishes:
        return
    refused = decide(str(instance.key), wishes, find_account(aws, {**environ, **instance.environ}))
    if refused is not None:
        raise refused


def wanted(instance: Instance, aws: Mapping[str, object]) -> tuple[Wanted, ...]:
    """What is said about the account, the setting first.

    Raises:
        Invalid: `account-invalid`.
    """
    wishes: list[Wanted] = []
    setting = as_block(instance.settings.get("gaia")).get("account")
    if setting is not None:
        at = instance.place(("settings", "gaia", "account"))
        text = str(setting)
        if isinstance(setting, bool) or not _ACCOUNT.fullmatch(text):
            raise Invalid(
                "account-invalid",
                f"{SETTING} of {instance.key} is {text!r}, and no account",
                next_step="Write the account's twelve digits, in quotes.",
                at=at,
            )
        wishes.append(Wanted(SETTING, (text,), at))
    allowed = aws.get("allowed_account_ids")
    if isinstance(allowed, list | tuple) and allowed and not any(isinstance(one, _UNKNOWN) for one in allowed):
        at = instance.place(("providers", "aws", "allowed_account_ids"))
        wishes.append(Wanted("allowed_account_ids", tuple(map(str, allowed)), at))
    return tuple(wishes)


def decide(key: str, wishes: Sequence[Wanted], found: Found) -> GaiaError | None:
    """The refusal, if there is one. What is not known is refused where the setting asks; else the provider decides."""
    for wish in wishes:
        accounts = " or ".join(wish.accounts)
        facts = {
            "instance": key,
            "wanted": list(wish.accounts),
            "source": wish.source,
            "account": found.account,
            "credentials": found.credentials,
        }
        if found.account is None and wish.source == SETTING:
            return Refused(
                "account-unknown",
                f"{key} belongs to account {accounts}, and of which the credentials are ({found.credentials}) is not "
                f"known: {found.reason}",
                next_step=f"Sign in to account {accounts}, or take {SETTING} away.",
                at=wish.at,
                facts=facts,
            )
        if found.account is not None and found.account not in wish.accounts:
            return Refused(
                "account-wrong",
                f"{key} belongs to account {accounts} ({wish.source}), and the credentials ({found.credentials}) are "
                f"of account {found.account}",
                next_step=f"Take credentials of account {accounts}, or correct {wish.source}.",
                at=wish.at,
                facts=facts,
            )
    return None


def find_account(aws: Mapping[str, object], environ: Mapping[str, str]) -> Found:
    """The account that the default AWS provider acts in: a role's by its name, else by asking STS.

    Credentials are looked for where the provider looks for them, in its order.
    """
    for block in ("assume_role", "assume_role_with_web_identity"):
        steps = aws.get(block)
        last = steps[-1] if isinstance(steps, list) and steps else steps
        role = as_block(last).get("role_arn")
        if role:
            return _of_role(role)
    named = aws.get("profile")
    key, secret = aws.get("access_key"), aws.get("secret_key")
    if any(isinstance(one, _UNKNOWN) for one in (named, key, secret)):
        return Found(None, "the provider's", "its configuration holds a value that is not known yet")
    if key and secret:
        return _asked(
            Credentials(str(key), str(secret), str(aws.get("token") or "")), "the provider's keys", aws, environ
        )
    files = (as_texts(aws.get("shared_config_files")), as_texts(aws.get("shared_credentials_files")))
    caller = find_caller(environ, str(named or ""), config=files[0], shared=files[1])
    if caller.role:
        return _of_role(caller.role)
    account = caller.profile.get("sso_account_id", "")
    if _ACCOUNT.fullmatch(account):
        return Found(account, caller.whose)
    if caller.credentials is None:
        return Found(None, caller.whose, caller.reason)
    return _asked(caller.credentials, caller.whose, aws, environ, caller.profile)


def _of_role(role: object) -> Found:
    match = _ROLE.match(role) if isinstance(role, str) else None
    if match is None:
        return Found(None, "a role", "the role's ARN is not known yet, or is none")
    return Found(match[1], f"role {role}")


def _asked(
    credentials: Credentials,
    whose: str,
    aws: Mapping[str, object],
    environ: Mapping[str, str],
    profile: Mapping[str, str] | None = None,
) -> Found:
    more = profile or {}
    regions = (aws.get("sts_region"), aws.get("region"), environ.get("AWS_REGION"), environ.get("AWS_DEFAULT_REGION"))
    region = next((one for one in (*regions, more.get("region")) if isinstance(one, str) and one), None)
    own = as_block(aws.get("endpoints")).get("sts")
    if url := more.get("endpoint_url"):
        environ = {**environ, "AWS_ENDPOINT_URL": environ.get("AWS_ENDPOINT_URL") or url}
    try:
        account = account_of(
            credentials, region=region, environ=environ, endpoint=own if isinstance(own, str) else None
        )
    except NoAnswer as error:
        return Found(None, whose, str(error))
    return Found(account, whose)
