"""Sealing: bytes that nobody can read, or change unnoticed, without the repository key.

The form is `gaia-sealed 1 KEYID`, a line feed, a nonce of 12 bytes and AES-256-GCM's output. What is authenticated
beside the content is that line and what the content is `about`, so a sealed document cannot take another's place.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from gaia.errors import Unavailable

if TYPE_CHECKING:
    from gaia.kit.keys import SecretKey

_MARK = b"gaia-sealed "
_VERSION = b"1"
_NONCE = 12
_LONGEST_LINE = 200
_PURPOSE = b"gaia: sealing of documents, 1"
"""Keeps the derived key apart from the digests and signatures that the repository key makes."""


def seal(key: SecretKey, content: bytes, *, about: str) -> bytes:
    """The sealed form of `content`. Sealing the same twice gives different bytes."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    line = _MARK + _VERSION + b" " + key.id.encode() + b"\n"
    nonce = secrets.token_bytes(_NONCE)
    return line + nonce + AESGCM(_derived(key)).encrypt(nonce, content, line + about.encode())


def unseal(key: SecretKey, sealed: bytes, *, about: str) -> bytes:
    """What was sealed with this key, or one that it replaced, about the same.

    Raises:
        Unavailable: `sealed-by-another-key`; `sealed-newer` for a form that this Gaia does not know; `sealed-damaged`
            for what was changed, cut off, put in another's place, or never sealed.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    end = sealed.find(b"\n", 0, _LONGEST_LINE) + 1
    line, rest = sealed[:end], sealed[end:]
    version, _, signer = line.removeprefix(_MARK).rstrip(b"\n").partition(b" ")
    if not line.startswith(_MARK) or not signer:
        raise _damaged(about)
    if version != _VERSION:
        raise Unavailable(
            "sealed-newer",
            f"{about} is sealed in a form that this Gaia does not know",
            next_step="Use the newer Gaia that sealed it.",
        )
    mine = key.named(signer.decode(errors="replace"))
    if mine is None:
        raise Unavailable(
            "sealed-by-another-key",
            f"{about} was sealed with key {signer.decode(errors='replace')!r}, not with {key.id}",
            next_step="Restore that key from a backup, or make the document again.",
        )
    try:
        return AESGCM(_derived(mine)).decrypt(rest[:_NONCE], rest[_NONCE:], line + about.encode())
    except (InvalidTag, ValueError) as error:  # ValueError: too short for a nonce
        raise _damaged(about) from error


def _derived(key: SecretKey) -> bytes:
    """One block of HKDF-Expand (RFC 5869), which is one HMAC; the repository key needs no extraction, it is random."""
    return hmac.new(key.secret, _PURPOSE + b"\x01", hashlib.sha256).digest()


def _damaged(about: str) -> Unavailable:
    return Unavailable(
        "sealed-damaged",
        f"{about} was changed since it was sealed, or is not whole",
        next_step="Restore it from a backup, or make it again.",
    )
