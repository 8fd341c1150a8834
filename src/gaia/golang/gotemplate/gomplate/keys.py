"""gomplate's keys that are made of passwords."""

from __future__ import annotations

from typing import Final

from gaia.golang.gotemplate.gomplate.convert import integer, text
from gaia.golang.gotemplate.values import Failure, octets

MAX_ITERATIONS: Final = 100_000


def pbkdf2(password: object, salt: object, iterations: object, length: object, *name: str) -> str:
    """`crypto.PBKDF2 password salt iterations length [hash]`, in hexadecimal digits.

    Raises:
        Failure: a number is out of range, or there is no such hash.
    """
    import hashlib

    rounds, size = integer(iterations), integer(length)
    if not 0 < rounds <= MAX_ITERATIONS or not 0 < size <= 1024:
        raise Failure("PBKDF2: a number is out of range")
    hashes = {"SHA1": "sha1", "SHA224": "sha224", "SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512"}
    found = hashes.get((name[0] if name else "SHA-1").replace("-", "").upper())
    if found is None:
        raise Failure(f"no such hash {name[0]}")
    return hashlib.pbkdf2_hmac(found, octets(text(password)), octets(text(salt)), rounds, size).hex()


def wpa_psk(name: object, password: object) -> str:
    """`crypto.WPAPSK ssid password`"""
    return pbkdf2(password, name, 4096, 32)
