"""The group `gaia catalog`."""

from __future__ import annotations

from gaia.cli.entry import Entry

CATALOG = Entry(
    "catalog",
    "Show in Backstage what there is.",
    entries=(Entry("export", "Print what you may see as entities of Backstage's catalog.", "catalog:export"),),
)
