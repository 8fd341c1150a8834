"""One byte form of JSON data, for digests and signatures: keys sorted, no blanks, UTF-8 (close to RFC 8785)."""

from __future__ import annotations

import hashlib
import hmac
import json

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
"""Made once: making one takes as long as writing an entry of the audit log."""


def dumps(value: object) -> bytes:
    """Canonical bytes of JSON data. NaN, and anything that JSON lacks, is a `ValueError` or `TypeError`."""
    return _ENCODER.encode(value).encode()


def digest(value: object) -> str:
    """`sha256:` and the hexadecimal SHA-256 of the canonical form."""
    return "sha256:" + hashlib.sha256(dumps(value)).hexdigest()


def sign(value: object, key: bytes) -> str:
    """`hmac-sha256:` and the hexadecimal HMAC of the canonical form."""
    return "hmac-sha256:" + hmac.digest(key, dumps(value), "sha256").hex()


def verify(value: object, key: bytes, signature: str) -> bool:
    """Whether `signature` is `sign(value, key)`, compared in constant time."""
    return hmac.compare_digest(sign(value, key), signature)
