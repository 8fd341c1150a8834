"""Patterns with `*` and `?`, as yq compares keys and texts."""

from __future__ import annotations


def matches(name: str, pattern: str) -> bool:
    """Whether a text fits a pattern with `*` and `?`."""
    if "*" not in pattern and "?" not in pattern:
        return name == pattern
    at = found = 0
    star, after = -1, 0
    while at < len(name):
        if found < len(pattern) and pattern[found] == "*":
            star, after = found, at
            found += 1
        elif found < len(pattern) and pattern[found] in ("?", name[at]):
            at, found = at + 1, found + 1
        elif star >= 0:
            after += 1
            at, found = after, star + 1
        else:
            return False
    return not pattern[found:].strip("*")
