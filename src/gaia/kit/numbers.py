"""Whole numbers as people write them, which may be written at any length and with the digits of any writing."""

from __future__ import annotations


def whole(text: str, most: int) -> int | None:
    """The number from 0 to `most` that a text of ASCII digits is; None for everything else.

    What is looked at is what is given back: no part of a text is taken for the whole of it, and Python, which reads no
    number of thousands of digits, is never asked to.
    """
    if not (text.isascii() and text.isdecimal()):
        return None
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) <= len(str(most)) and int(digits) <= most else None
