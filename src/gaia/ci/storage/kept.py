"""What pull requests leave for later runs, sealed with the key of `GAIA_KEY`: previews by their digests, who planned
what when, journals, and which pull request has which instance.

A runner forgets everything, so this lies elsewhere: in a folder that outlives it, or in a bucket beside the states. Who
can write there can take something away, which stops an application; what somebody else made does not unseal.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.ci.model import Preview
from gaia.errors import Conflict, Invalid, NotFound, Unavailable
from gaia.kit import clock
from gaia.kit.sealing import seal, unseal
from gaia.kit.shapes import as_map

if TYPE_CHECKING:
    from datetime import datetime

    from gaia.ci.storage.store import Store
    from gaia.kit.keys import SecretKey


_COMMON = ("claims/", "journals/", "begun/", "left/")
"""What every pull request of a repository reads."""


@dataclass(frozen=True, slots=True)
class Planning:
    """That a preview of a pull request was shown, and since when, by the host's clock."""

    head: str
    digest: str
    at: datetime


@dataclass(frozen=True)
class Kept:
    """Sealed documents in a store."""

    store: Store
    key: SecretKey = field(repr=False)
    """That of the pull request's previews, and of what sensitive values are compared by."""
    common: SecretKey | None = field(default=None, repr=False)
    """That of what the repository's pull requests have in common, where it is another."""

    def preview(self, digest: str) -> Preview:
        """A preview by its digest.

        Raises:
            NotFound: `preview-missing`. Unavailable: `sealed-…` with another key, or where it was changed.
            Invalid: `preview-unreadable`.
        """
        document = self.get(_preview(digest))
        if document is None:
            raise NotFound(
                "preview-missing",
                f"the preview {digest} is not kept any more",
                next_step="Plan the pull request again, and have that approved.",
            )
        found = Preview.from_json(as_map(document))
        if found.digest != digest:
            raise Unavailable(
                "sealed-damaged", f"the preview that is kept as {digest} is another", next_step="Plan it again."
            )
        return found

    def readable(self, digest: str) -> Preview | None:
        """As `preview`; None of one that another version of Gaia has kept, which said something else.

        Raises:
            NotFound: `preview-missing`. Unavailable: `sealed-damaged`.
        """
        try:
            return self.preview(digest)
        except Invalid:
            return None

    def keep(self, preview: Preview) -> None:
        """Keep a preview. Nobody has seen it by that.

        Raises:
            Unavailable: what the store says.
        """
        name = _preview(preview.digest)
        if self.get(name) is None or self.readable(preview.digest) is None:
            self.put(name, preview.as_json())

    def showing(self, number: int, preview: Preview) -> None:
        """Note, before it is tried, that a preview is to be shown: until `shown` nobody knows what people see."""
        self.put(_showing(number), {"digest": preview.digest})

    def shown(self, number: int, preview: Preview, head: str, at: datetime) -> None:
        """Note that a preview of a pull request's `head` is there to see, since `at` of the host's clock.

        Showing an equal one again changes nothing.
        """
        known = [one for one in self.plannings(number) if one.head == head]
        if not known or known[-1].digest != preview.digest:
            row = {"head": head, "digest": preview.digest, "at": clock.rfc3339(at)}
            name = f"{at.strftime('%Y%m%dT%H%M%S%f')}-{head[:12]}-{preview.digest.partition(':')[2][:12]}"
            self.put(f"pulls/{number}/{name}", row)
        self.store.delete(_showing(number))

    def last_shown(self, number: int, head: str) -> Preview:
        """The preview of a head that people see.

        Raises:
            NotFound: `preview-missing`. Conflict: `preview-unshown`. See `preview`.
        """
        found = [one for one in self.plannings(number) if one.head == head]
        if not found:
            raise NotFound(
                "preview-missing",
                f"nothing is kept of a plan of {head[:12]}, where pull request {number} ended",
                next_step="Plan pull requests with --kept in the same place, and with the same GAIA_KEY.",
            )
        if self.get(_showing(number)) is not None:
            raise Conflict(
                "preview-unshown",
                f"the last plan of pull request {number} was not shown whole, so nobody knows what was approved",
                next_step="Run the job that plans it again; what is approved is then what its comment shows.",
            )
        return self.preview(found[-1].digest)

    def plannings(self, number: int) -> tuple[Planning, ...]:
        """Which previews were made of a pull request, the oldest first.

        Raises:
            Unavailable: `sealed-…`.
        """
        found = (as_map(self.get(name)) for name in self.store.names(f"pulls/{number}/"))
        rows = [Planning(str(one["head"]), str(one["digest"]), clock.parse_rfc3339(str(one["at"]))) for one in found]
        return tuple(sorted(rows, key=lambda one: one.at))

    def get(self, name: str) -> object:
        """A document; None where there is none."""
        sealed = self.store.get(name)
        return None if sealed is None else json.loads(unseal(self._key(name), sealed, about=name))

    def put(self, name: str, document: object) -> None:
        """Keep a document in place of what is there."""
        self.store.put(name, self._sealed(name, document))

    def create(self, name: str, document: object) -> bool:
        """Keep one where there is none: see `Store.create`."""
        return self.store.create(name, self._sealed(name, document))

    def _sealed(self, name: str, document: object) -> bytes:
        return seal(self._key(name), json.dumps(document, ensure_ascii=False).encode(), about=name)

    def _key(self, name: str) -> SecretKey:
        return self.common if self.common is not None and name.startswith(_COMMON) else self.key


def _showing(number: int) -> str:
    return f"showing/{number}"


def _preview(digest: str) -> str:
    return f"previews/{digest.partition(':')[2]}"
