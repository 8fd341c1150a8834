"""Plan files as terraform writes them, as far as Gaia reads these itself."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import cast


def packed(value: object) -> bytes:
    """MessagePack."""
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        return bytes([value]) if 0 <= value < 128 else b"\xd3" + struct.pack(">q", value)
    if isinstance(value, str):
        text = value.encode()
        return (bytes([0xA0 | len(text)]) if len(text) < 32 else b"\xd9" + bytes([len(text)])) + text
    if isinstance(value, bytes):
        return value
    if isinstance(value, list):
        return b"\xdc" + struct.pack(">H", len(value)) + b"".join(map(packed, value))
    held = cast("dict[str, object]", value)
    head = bytes([0x80 | len(held)]) if len(held) < 16 else b"\xde" + struct.pack(">H", len(held))
    return head + b"".join(packed(name) + packed(one) for name, one in held.items())


def message(*fields: tuple[int, bytes]) -> bytes:
    """Protobuf, of fields that have a length."""
    return b"".join(_varint(number << 3 | 2) + _varint(len(content)) + content for number, content in fields)


def _varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80]) + _varint(number >> 7)


def archive(plan: bytes, name: str = "tfplan") -> bytes:
    """A zip archive with that member."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr(name, plan)
        file.writestr("tfstate", "{}")
    return made.getvalue()


def plan_file(kind: str, workspace: str, **settings: object) -> bytes:
    """Of a state at this backend, in this workspace."""
    backend = message((1, kind.encode()), (2, message((1, packed(settings)))), (3, workspace.encode()))
    return archive(b"\x08\x03" + message((3, b"a change"), (13, backend), (14, b"1.11.4")) + b"\xc8\x01\x01")
