"""For which state a plan file was made: `terraform show` does not tell, so it is read out of the file itself.

A plan file is a zip archive whose member `tfplan` is a protobuf message. Its field 13 is the backend: 1 its type, 2 its
configuration (field 1 of which is MessagePack), 3 the workspace. Terraform applies a plan to that state, whichever
workspace and backend the folder has.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MEMBER = "tfplan"
_BACKEND, _TYPE, _CONFIGURATION, _WORKSPACE = 13, 1, 2, 3
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError),
    *(LookupError, ValueError, AttributeError, TypeError, struct.error),
)
"""What comes out of an archive, a message or a configuration that is torn, or that has other fields than these."""
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True, slots=True)
class Origin:
    """The state that a plan is of."""

    kind: str
    """The type of the backend."""
    workspace: str
    settings: Mapping[str, object] = field(repr=False)
    """The backend's configuration as far as it is set; it may hold credentials."""


def origin_of(content: bytes) -> Origin | None:
    """Whose plan a plan file is; None for what is no plan file of terraform's, which terraform refuses itself.

    Raises:
        Invalid: `planfile-unreadable` for one that does not tell: it is encrypted, damaged, or of another make.
    """
    if not zipfile.is_zipfile(io.BytesIO(content)):
        if _is_encrypted(content):
            raise _unreadable("it is encrypted")
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            plan = archive.read(_MEMBER)
        backend = dict(_fields(cast("bytes", dict(_fields(plan))[_BACKEND])))
        configuration = dict(_fields(cast("bytes", backend[_CONFIGURATION])))[1]
        settings = _Packed(cast("bytes", configuration)).value()
        kind, workspace = (cast("bytes", backend[one]).decode() for one in (_TYPE, _WORKSPACE))
        known = {name: value for name, value in cast("dict[str, object]", settings).items() if value is not None}
    except _DAMAGE as error:
        raise _unreadable("it cannot be read") from error
    return Origin(kind, workspace, known)


def _is_encrypted(content: bytes) -> bool:
    """As tofu writes it where plans are encrypted."""
    try:
        found = json.loads(content)
    except ValueError:
        return False
    return isinstance(found, dict) and "encrypted_data" in found


def _unreadable(why: str) -> Invalid:
    return Invalid(
        "planfile-unreadable",
        f"nobody can tell for which state this plan file was made: {why}",
        next_step="Plan the instance here, and apply that plan with --from-plan.",
    )


def _fields(message: bytes) -> Iterator[tuple[int, object]]:
    """The fields of a protobuf message: numbers, and bytes for what has a length."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if wire not in (_BYTES, _FIXED64, _FIXED32):
            raise ValueError(wire)
        length, at = _varint(message, at) if wire == _BYTES else (8 if wire == _FIXED64 else 4, at)
        if at + length > len(message):
            raise ValueError(length)
        yield number, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


class _Packed:
    """Reads MessagePack, as far as configurations have it: what is unknown, or of a type of its own, stays bytes."""

    _SIZES: Mapping[int, tuple[str, str]] = {
        0xC4: ("bytes", ">B"),
        0xC5: ("bytes", ">H"),
        0xC6: ("bytes", ">I"),
        0xC7: ("extension", ">B"),
        0xC8: ("extension", ">H"),
        0xC9: ("extension", ">I"),
        0xD9: ("text", ">B"),
        0xDA: ("text", ">H"),
        0xDB: ("text", ">I"),
        0xDC: ("list", ">H"),
        0xDD: ("list", ">I"),
        0xDE: ("map", ">H"),
        0xDF: ("map", ">I"),
    }
    _NUMBERS: Mapping[int, str] = {
        0xCA: ">f",
        0xCB: ">d",
        0xCC: ">B",
        0xCD: ">H",
        0xCE: ">I",
        0xCF: ">Q",
        0xD0: ">b",
        0xD1: ">h",
        0xD2: ">i",
        0xD3: ">q",
    }
    _NAMED: Mapping[int, object] = {0xC0: None, 0xC2: False, 0xC3: True}

    def __init__(self, content: bytes) -> None:
        self._left = io.BytesIO(content)

    def value(self) -> object:
        """The next one."""
        [first] = self._take(1)
        if first < 0x80 or first >= 0xE0:
            return first if first < 0x80 else first - 0x100
        if first < 0xC0:
            what = "map" if first < 0x90 else "list" if first < 0xA0 else "text"
            return self._sized(what, first & (0x1F if what == "text" else 0x0F))
        if first in self._NAMED:
            return self._NAMED[first]
        if first in self._NUMBERS:
            return self._number(self._NUMBERS[first])
        if first in self._SIZES:
            what, size = self._SIZES[first]
            return self._sized(what, int(self._number(size)))
        if 0xD4 <= first <= 0xD8:
            return self._sized("extension", 1 << (first - 0xD4))
        raise ValueError(first)

    def _sized(self, what: str, size: int) -> object:
        if what == "map":
            return {str(self.value()): self.value() for _ in range(size)}
        if what == "list":
            return [self.value() for _ in range(size)]
        content = self._take(size + (what == "extension"))
        return content.decode() if what == "text" else content

    def _number(self, form: str) -> float:
        found: tuple[float] = struct.unpack(form, self._take(struct.calcsize(form)))
        return found[0]

    def _take(self, size: int) -> bytes:
        content = self._left.read(size)
        if len(content) < size:
            raise EOFError
        return content
