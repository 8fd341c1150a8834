"""The group `gaia key`."""

from __future__ import annotations

from gaia.cli.entry import Entry

KEY = Entry(
    "key",
    "Look after the key that this home signs with.",
    entries=(Entry("rotate", "Give this home another key; open approvals count no longer.", "key:rotate"),),
)
