"""Where an instance's providers act: the account, the region, the endpoint. Named before anything is changed there."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from gaia.kit.shapes import as_block

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gaia.terraform.plan import Plan

_ACCOUNT = re.compile(r"\d{12}")
_ENDPOINT = "AWS_ENDPOINT_URL"
_IN_ARN = re.compile(r"^arn:aws[\w-]*:[^:]*:[^:]*:(\d{12}):")
SANDBOX = "GAIA_SANDBOX"
"""Set for terraform where it is this home's own emulator that it is led to; nobody else's word counts."""


@dataclass(frozen=True, slots=True)
class Target:
    """Of an AWS provider; None is what nobody has said. Of another cloud nothing is known."""

    emulator: bool
    """The emulated AWS: no account of anybody's."""
    account: str | None
    """Twelve digits: what the configuration allows or takes on, else what the plan met."""
    region: str | None
    endpoint: str | None
    """Where another address than Amazon's is called."""
    credentials: str
    """Whose: `role ARN`, `profile NAME`, or `environment`."""

    @property
    def said(self) -> bool:
        """Whether anything says where: of an instance without a provider and without credentials nothing does."""
        return self.emulator or bool(self.account or self.region or self.endpoint) or self.credentials != "environment"

    def differs(self, other: Target) -> str:
        """What is not the same, in a few words; empty where everything is that both know."""
        pairs: tuple[tuple[str, str | None, str | None], ...] = (
            ("account", self.account, other.account),
            ("region", self.region, other.region),
            ("endpoint", self.endpoint or "Amazon's", other.endpoint or "Amazon's"),
        )
        if None in (self.account, other.account):  # then nobody can tell whether other credentials are another account
            pairs = (*pairs, ("credentials", self.credentials, other.credentials))
        if self.emulator and other.emulator:  # it takes another port each time that it is started
            pairs = pairs[:2]
        return ", ".join(f"{name} {mine} → {its}" for name, mine, its in pairs if mine and its and mine != its)

    @property
    def place(self) -> dict[str, object]:
        """What is signed of it. The emulator is one place, whatever port it took; where the account is not known, the
        credentials stand for it."""
        endpoint = None if self.emulator else self.endpoint
        whose = None if self.account or self.emulator else self.credentials
        known = {"account": self.account, "region": self.region, "endpoint": endpoint, "credentials": whose}
        return {"emulator": self.emulator, **known}

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return asdict(self)


def target_of(environ: Mapping[str, str], providers: Mapping[str, object]) -> Target:
    """By terraform's environment and an instance's `providers` section, in which a reference says nothing."""
    aws = as_block(providers.get("aws"))
    role = _text(as_block(aws.get("assume_role")).get("role_arn")) or environ.get("AWS_ROLE_ARN")
    profile = _text(aws.get("profile")) or environ.get("AWS_PROFILE")
    named = f"role {role}" if role else f"profile {profile}" if profile else "environment"
    regions = (_text(aws.get("region")), environ.get("AWS_REGION"), environ.get("AWS_DEFAULT_REGION"))
    return Target(
        emulator=SANDBOX in environ,
        account=_configured(aws, role),
        region=next(filter(None, regions), None),
        endpoint=_endpoints(environ, aws),
        credentials=named,
    )


def seen_in(target: Target, values: Iterable[object]) -> Target:
    """With the account that a plan's known values name, where the configuration does not say it and they agree."""
    if target.account or target.emulator:
        return target
    seen = {match[1] for text in _texts(list(values)) if (match := _IN_ARN.match(text))}
    return replace(target, account=seen.pop()) if len(seen) == 1 else target


def acts_in(environ: Mapping[str, str], providers: Mapping[str, object], plan: Plan) -> str:
    """Account and region in a word, as a plan met them: ids are unique there."""
    target = seen_in(target_of(environ, providers), [one.before for one in (*plan.resources, *plan.drift)])
    return f"{target.account or target.credentials} {target.region or ''}"


def _endpoints(environ: Mapping[str, str], aws: Mapping[str, object]) -> str | None:
    """The general one, then those of single services, as the environment or the provider's block has them."""
    general = environ.get(_ENDPOINT)
    prefix = f"{_ENDPOINT}_"
    single = {name.removeprefix(prefix).lower(): url for name, url in environ.items() if name.startswith(prefix)}
    single |= {name: url for name, url in as_block(aws.get("endpoints")).items() if isinstance(url, str)}
    named = [f"{name} at {url}" for name, url in sorted(single.items()) if url != general]
    return ", ".join([*([general] if general else []), *named]) or None


def _configured(aws: Mapping[str, object], role: str | None) -> str | None:
    if role and (match := _IN_ARN.match(role)):
        return match[1]
    allowed = aws.get("allowed_account_ids")
    if isinstance(allowed, list) and len(allowed) == 1 and _ACCOUNT.fullmatch(str(allowed[0])):
        return str(allowed[0])
    return None


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for child in value.values() for text in _texts(child))
    elif isinstance(value, list):
        yield from (text for child in value for text in _texts(child))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
