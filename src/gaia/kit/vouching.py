"""Signatures that anybody can check: an Ed25519 key that follows from the repository key, and vouches for exports."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING

from gaia.errors import Invalid

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from gaia.kit.keys import SecretKey

_PREFIX = "ed25519:"
_PURPOSE = b"gaia: vouching for exports, 1"
_BYTES = 32


def public_key(key: SecretKey) -> str:
    """What checks the signatures: no secret, to be kept where exports are checked. `ed25519:` and base64."""
    return _PREFIX + base64.b64encode(_private(key).public_key().public_bytes_raw()).decode()


def sign(key: SecretKey, content: bytes) -> str:
    """The signature, in base64."""
    return base64.b64encode(_private(key).sign(content)).decode()


def is_signed(public: str, content: bytes, signature: str) -> bool:
    """Whether the owner of this public key signed the content.

    Raises:
        Invalid: `public-key-invalid`.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        raw = base64.b64decode(public.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not public.startswith(_PREFIX) or len(raw) != _BYTES:
        raise Invalid(
            "public-key-invalid",
            "this is no key that exports are signed with",
            next_step="Give the one that the export showed: ed25519:…",
        )
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _private(key: SecretKey) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(hmac.new(key.secret, _PURPOSE + b"\x01", hashlib.sha256).digest())
