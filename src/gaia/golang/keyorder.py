"""The order in which Go's yaml.v3 writes the keys of a map."""

from __future__ import annotations

from functools import cmp_to_key, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def sorted_keys(mapping: Mapping[str, object]) -> tuple[str, ...]:
    """The keys in the encoder's order: numbers in them count as numbers, letters come after everything else."""
    return _ordered(tuple(mapping))


@lru_cache(maxsize=4096)
def _ordered(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(keys, key=cmp_to_key(_compare)))


def _compare(left: str, right: str) -> int:
    return -1 if _less(left, right) else 1 if _less(right, left) else 0


def _less(left: str, right: str) -> bool:
    digits = False
    for at, (one, other) in enumerate(zip(left, right, strict=False)):
        if one == other:
            digits = one.isdecimal()
            continue
        letter, other_letter = one.isalpha(), other.isalpha()
        if letter and other_letter:
            return one < other
        if letter or other_letter:
            return letter if digits else other_letter
        return _less_number(left, right, at)
    return len(left) < len(right)


def _less_number(left: str, right: str, at: int) -> bool:
    """Two texts that differ from `at` on, where neither has a letter."""
    start = 0
    if "0" in (left[at], right[at]):
        before = at - 1
        while before >= 0 and left[before].isdecimal():
            if left[before] != "0":
                start = 1
                break
            before -= 1
    one, one_end = _run(left, at, start)
    other, other_end = _run(right, at, start)
    if one != other:
        return one < other
    if one_end != other_end:
        return one_end < other_end
    return left[at] < right[at]


def _run(text: str, at: int, start: int) -> tuple[int, int]:
    number = start
    while at < len(text) and text[at].isdecimal():
        number = number * 10 + ord(text[at]) - 48
        at += 1
    return (number + 2**63) % 2**64 - 2**63, at
