"""Where S3 may deliver access logs.

Upstream: a policy lets it only to exactly the prefix that is asked for, or to the whole bucket; in AWS also to a prefix
of it, as any policy with a `*` does.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

from moto.s3.models import FakeBucket

_DELIVERS = "logging.s3.amazonaws.com"


def apply() -> None:
    """Read the policy as AWS does."""
    FakeBucket._log_permissions_enabled_policy = staticmethod(_may_deliver)  # type: ignore[method-assign]


def _may_deliver(target_bucket: Any, target_prefix: str | None) -> bool:
    statements = json.loads(target_bucket.policy)["Statement"] if target_bucket.policy else []
    wanted = f"arn:{target_bucket.partition}:s3:::{target_bucket.name}/{target_prefix or ''}log"
    return any(
        one.get("Effect") == "Allow"
        and "s3:PutObject" in _listed(one.get("Action"))
        and isinstance(principal := one.get("Principal"), dict)
        and _DELIVERS in _listed(principal.get("Service"))
        and any(fnmatchcase(wanted, pattern) for pattern in _listed(one.get("Resource")))
        for one in statements
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
