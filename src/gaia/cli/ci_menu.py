"""The group `gaia ci`."""

from __future__ import annotations

from gaia.cli.entry import Entry

CI = Entry(
    "ci",
    "Plan pull requests, and apply what was reviewed.",
    entries=(
        Entry("plan", "Show in a pull request what it would do.", "ci:plan"),
        Entry("apply", "Apply what was reviewed of a pull request.", "ci:apply"),
        Entry("drift", "Look for drift, and keep one issue about it up to date.", "ci_drift:drift"),
        Entry("init", "Write the files that a repository's CI needs.", "ci_init:init"),
    ),
)
