"""Signatures by Standard Webhooks 1.0 (symmetric): `v1,` and the base64 of an HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

SECRET_PREFIX = "whsec_"  # noqa: S105 - how scanners of leaked secrets know one
_BYTES = 32
_LEAST = 16
"""Bytes of one that somebody else made."""


def make_secret() -> str:
    """A new secret, as its receiver is given it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def is_secret(text: str) -> bool:
    """Whether a receiver's secret can be one."""
    try:
        key = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        return False
    return text.startswith(SECRET_PREFIX) and len(key) >= _LEAST


def headers(secret: str, message: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What a receiver checks: the message's id, when it was sent (seconds of Unix time), and the signature."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = hmac.digest(key, f"{message}.{timestamp}.".encode() + body, hashlib.sha256)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": "v1," + base64.b64encode(signed).decode(),
    }
