"""Sealing documents with the repository key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.errors import Unavailable
from gaia.kit.keys import SecretKey
from gaia.kit.sealing import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Callable


def refused(key: SecretKey, sealed: bytes, about: str = "plans one") -> str:
    """The code of the error."""
    with pytest.raises(Unavailable) as caught:
        unseal(key, sealed, about=about)
    assert about in caught.value.message
    assert caught.value.next_step
    return caught.value.code


@given(st.binary(max_size=200), st.text(alphabet=st.characters(codec="utf-8"), max_size=20))
def test_what_was_sealed_is_read_back(key: SecretKey, content: bytes, about: str) -> None:
    """Whatever it is, also nothing; the content does not show."""
    sealed = seal(key, content, about=about)
    assert unseal(key, sealed, about=about) == content
    assert len(content) < 8 or content not in sealed.partition(b"\n")[2]


def test_the_same_sealed_twice_differs(key: SecretKey) -> None:
    """Each has a nonce of its own; the line before it names version and key."""
    one, two = (seal(key, b"content", about="plans one") for _ in range(2))
    assert one != two
    for sealed in (one, two):
        line, _, rest = sealed.partition(b"\n")
        assert line == f"gaia-sealed 1 {key.id}".encode()
        assert len(rest) == 12 + len(b"content") + 16
    assert one.partition(b"\n")[2][:12] != two.partition(b"\n")[2][:12]


def test_every_changed_byte_is_noticed(key: SecretKey) -> None:
    """In line, nonce, content and tag; and so is every cut."""
    sealed = seal(key, b"content", about="plans one")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        assert refused(key, bytes(changed)).startswith("sealed-")
        assert refused(key, sealed[:place]) == "sealed-damaged"
    assert refused(key, sealed + b"x") == "sealed-damaged"


@pytest.mark.parametrize("content", [b"", b"\n", b'{"plan": 1}\n', b"gaia-sealed 1\nabc", b"gaia-sealed 1 \nabc"])
def test_what_was_never_sealed_is_refused(key: SecretKey, content: bytes) -> None:
    """It is not taken for an older form in clear."""
    assert refused(key, content) == "sealed-damaged"


def test_a_document_cannot_take_anothers_place(key: SecretKey) -> None:
    """What it is about is part of what is sealed."""
    assert refused(key, seal(key, b"content", about="plans one"), "plans two") == "sealed-damaged"


def test_another_key_is_named(key: SecretKey) -> None:
    """One with the same id and another secret opens nothing either."""
    sealed = seal(key, b"content", about="plans one")
    other = SecretKey("key-other", key.secret)
    with pytest.raises(Unavailable, match=key.id) as caught:
        unseal(other, sealed, about="plans one")
    assert (caught.value.code, "key-other" in caught.value.message) == ("sealed-by-another-key", True)
    assert refused(SecretKey(key.id, bytes(32)), sealed) == "sealed-damaged"


def test_the_key_that_seals_is_not_the_one_that_signs(key: SecretKey) -> None:
    """Knowing what seals gives no signature: it is derived, the same in every process."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    line, _, rest = seal(key, b"content", about="a").partition(b"\n")
    about = line + b"\na"
    import hashlib
    import hmac

    derived = hmac.new(key.secret, b"gaia: sealing of documents, 1\x01", hashlib.sha256).digest()
    assert AESGCM(derived).decrypt(rest[:12], rest[12:], about) == b"content"


@pytest.mark.parametrize(
    "change", [lambda line: line.replace(b" 1 ", b" 2 "), lambda line: line.replace(b" 1 ", b" 1x ")]
)
def test_a_newer_form_is_told_from_damage(key: SecretKey, change: Callable[[bytes], bytes]) -> None:
    """The next step is a newer Gaia, not a backup."""
    assert refused(key, change(seal(key, b"content", about="plans one"))) == "sealed-newer"
