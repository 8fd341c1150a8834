"""Names, labels and tags as Backstage lets them be: at most 63 characters of a few.

A name is made of what it names alone, never of what else there is: an entity keeps it while others come and go.
References of Backstage do not tell capitals from small letters, so names here are small.
"""

from __future__ import annotations

import hashlib
import re

LONGEST = 63
DIGEST = 10
"""Characters of the hash that stands for what a name could not hold."""
_WHOLE = 40
"""The same where that was not enough."""
_PLAIN = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?")
_OTHER = re.compile(r"[^a-z0-9]+")
_MARK = "__"
"""Before a hash; no part that is taken as it is holds it, so no name with a hash is one without."""


def name_of(*parts: str, digest: int = DIGEST) -> str:
    """`a.b` of `a` and `b` where both can stand as they are, else as much of it as can, and a hash of all of it."""
    joined = ".".join(parts)
    if len(joined) <= LONGEST and all(_PLAIN.fullmatch(one) and _MARK not in one for one in parts):
        return joined
    return hashed(*parts, digest=digest)


def hashed(*parts: str, digest: int = DIGEST) -> str:
    """The form with the hash, whatever the parts are."""
    sum_of = hashlib.sha256()
    for one in parts:
        data = one.encode(errors="surrogatepass")
        sum_of.update(len(data).to_bytes(8, "big") + data)
    end = f"{_MARK}{sum_of.hexdigest()[:digest]}"
    stem = _OTHER.sub("-", "-".join(parts).lower()).strip("-") or "x"
    return stem[: LONGEST - len(end)].rstrip("-") + end


def tag_of(text: str) -> str:
    """A tag that says about the same; empty where nothing of the text can stand in one."""
    return _OTHER.sub("-", text.lower()).strip("-")[:LONGEST].rstrip("-")


class Book:
    """Which name each thing of one catalog has; no two of a kind have one.

    Names end in so much of a hash that two of one name are not to be expected. If it happens, the second has a longer
    one, and both say so: one entity instead of two would be a loss that nobody is told of.
    """

    def __init__(self, digest: int = DIGEST) -> None:
        self._digest = digest
        self._names: dict[tuple[str, tuple[str, ...]], str] = {}
        self._whose: dict[tuple[str, str], tuple[str, ...]] = {}
        self.clashes: dict[tuple[str, str], str] = {}
        """Kind and name → the name of the other one, where two would have had the same."""

    def name(self, kind: str, *parts: str) -> str:
        """The name of what these say."""
        if (kind, parts) not in self._names:
            name = name_of(*parts, digest=self._digest)
            if (kind, name) in self._whose:
                name = self._other(kind, name, parts)
            self._names[kind, parts] = name
            self._whose[kind, name] = parts
        return self._names[kind, parts]

    def _other(self, kind: str, taken: str, parts: tuple[str, ...]) -> str:
        name = hashed(*parts, digest=_WHOLE)
        self.clashes[kind, taken] = name
        self.clashes[kind, name] = taken
        return name
