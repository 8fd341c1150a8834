"""Conditions of a bucket's policy. Upstream: ignored, so a refusal of requests without TLS refuses every request.

Nor does the emulator know what is asked of: who calls, through which endpoint, whether in TLS. A statement with
conditions counts for nobody here, as one for a principal that is not everybody does already.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from moto.s3.models import FakeBucket

from gaia.sandbox.patches.fitting import wrap


def apply() -> None:
    """Leave such statements out where it is asked what a bucket permits."""
    wrap(FakeBucket, "get_permission", _get_permission)


def _get_permission(plain: Any, self: Any, action: str, resource: str) -> Any:
    return plain(SimpleNamespace(policy=_without_conditions(self.policy)), action, resource)


def _without_conditions(policy: bytes | None) -> bytes | None:
    if policy is None:
        return None
    document = json.loads(policy)
    said = document["Statement"]
    statements = [one for one in (said if isinstance(said, list) else [said]) if not one.get("Condition")]
    return json.dumps({**document, "Statement": statements}).encode()
