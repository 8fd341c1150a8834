"""What exists in the emulator by its own API: the proof that a retirement left nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import ToolFailed
from gaia.sandbox.emulator import PLATFORM_BUCKETS, running
from gaia.sandbox.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

PENDING = "PendingDeletion"
_IAM = "2010-05-08"
_MANAGED = "alias/aws/"
"""How the aliases of keys begin that AWS itself manages."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """What people made; what AWS itself manages is left out."""

    buckets: Mapping[str, tuple[str, ...] | None]
    """Bucket → keys of its objects; None when its policy lets nobody look without TLS."""
    keys: Mapping[str, str]
    """KMS key id → state, e.g. `Enabled` or `PendingDeletion`."""
    aliases: Mapping[str, str]
    """KMS alias → key id."""
    roles: tuple[str, ...]
    policies: tuple[str, ...]
    """ARNs of managed policies."""

    def left(self, platform_buckets: Collection[str] = PLATFORM_BUCKETS) -> tuple[str, ...]:
        """What still exists, as `kind name`. Buckets of the platform, and keys that wait for deletion, do not count."""
        return (
            *(f"bucket {name}" for name in self.buckets if name not in platform_buckets),
            *(f"key {name}" for name, state in self.keys.items() if state != PENDING),
            *(f"alias {name}" for name in self.aliases),
            *(f"role {name}" for name in self.roles),
            *(f"policy {arn}" for arn in self.policies),
        )

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return {
            "buckets": {name: None if keys is None else list(keys) for name, keys in self.buckets.items()},
            "keys": dict(self.keys),
            "aliases": dict(self.aliases),
            "roles": list(self.roles),
            "policies": list(self.policies),
        }


def inventory(home: Path) -> Inventory:
    """Ask the emulator of this GAIA_HOME.

    Raises:
        Unavailable: `sandbox-down`.
        ToolFailed: `sandbox-refused`.
    """
    wire = Wire(running(home).port)
    listing = wire.s3("GET")
    names = [element.text or "" for element in listing.iterfind("Buckets/Bucket/Name")] if listing is not None else []
    aliases = {
        alias["AliasName"]: alias.get("TargetKeyId", "")
        for alias in wire.pages("kms", "TrentService.ListAliases", "Aliases")
    }
    # The keys that AWS makes for a service at its first use; the emulator calls their manager CUSTOMER.
    managed = {key for alias, key in aliases.items() if alias.startswith(_MANAGED)}
    keys: dict[str, str] = {}
    for item in wire.pages("kms", "TrentService.ListKeys", "Keys"):
        about = wire.json("kms", "TrentService.DescribeKey", {"KeyId": item["KeyId"]})["KeyMetadata"]
        if isinstance(about, dict) and item["KeyId"] not in managed:
            keys[item["KeyId"]] = str(about["KeyState"])
    return Inventory(
        buckets={name: _objects(wire, name) for name in sorted(names)},
        keys=dict(sorted(keys.items())),
        aliases={alias: key for alias, key in aliases.items() if not alias.startswith(_MANAGED)},
        roles=tuple(sorted(role.findtext("RoleName", "") for role in wire.query("iam", "ListRoles", _IAM))),
        policies=tuple(
            sorted(one.findtext("Arn", "") for one in wire.query("iam", "ListPolicies", _IAM, Scope="Local"))
        ),
    )


def _objects(wire: Wire, bucket: str) -> tuple[str, ...] | None:
    keys: list[str] = []
    more: dict[str, str] = {"list-type": "2"}
    while True:
        try:
            page = wire.s3("GET", bucket, **more)
        except ToolFailed as error:
            if error.facts.get("status") == 403:
                return None
            raise
        if page is None:
            return tuple(keys)
        keys += [element.text or "" for element in page.iterfind("Contents/Key")]
        token = page.findtext("NextContinuationToken")
        if not token:
            return tuple(keys)
        more["continuation-token"] = token
