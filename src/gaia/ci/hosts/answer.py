"""What a host answered, read field by field: what is not of the shape that it documents is one error."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gaia.errors import Unavailable
from gaia.kit.visible import cut, visible

if TYPE_CHECKING:
    from collections.abc import Iterator


def unreadable(where: str, why: str) -> Unavailable:
    """The error for an answer that is not what the host documents."""
    return Unavailable(
        "host-answer-unreadable",
        f"the host's answer to {cut(visible(where), 200)} is not what it documents: {why}",
        next_step="Look whether the API's address is right, and whether a proxy answers instead of the host.",
    )


class Told:
    """A part of an answer."""

    def __init__(self, data: object, where: str) -> None:
        self._data, self._where = data, where

    def at(self, name: str) -> Told:
        """The part of this name, which may be missing."""
        found = self._data.get(name) if isinstance(self._data, dict) else None
        return Told(found, f"{self._where} {name}")

    def each(self) -> Iterator[Told]:
        """The entries of a list."""
        if not isinstance(self._data, list):
            raise unreadable(self._where, "it is no list")
        for one in self._data:
            yield Told(one, self._where)

    @property
    def missing(self) -> bool:
        """Whether it is not there, or null."""
        return self._data is None

    @property
    def text(self) -> str:
        """A text."""
        if not isinstance(self._data, str):
            raise unreadable(self._where, "it is no text")
        return self._data

    @property
    def text_or_none(self) -> str | None:
        """A text that may be missing."""
        return None if self._data is None else self.text

    @property
    def number(self) -> int:
        """A whole number."""
        if not isinstance(self._data, int) or isinstance(self._data, bool):
            raise unreadable(self._where, "it is no number")
        return self._data

    @property
    def flag(self) -> bool:
        """True or false; false where it is missing."""
        if self._data is None:
            return False
        if not isinstance(self._data, bool):
            raise unreadable(self._where, "it is neither true nor false")
        return self._data

    @property
    def time(self) -> datetime:
        """A moment."""
        try:
            moment = datetime.fromisoformat(self.text)
        except ValueError as error:
            raise unreadable(self._where, "it is no time") from error
        if moment.tzinfo is None:
            raise unreadable(self._where, "it is a time of no zone")
        return moment.astimezone(UTC)
