"""The group `gaia release`."""

from __future__ import annotations

from gaia.cli.entry import Entry

RELEASE = Entry(
    "release",
    "Release services through a GitOps repository.",
    entries=(
        Entry("render", "Show the objects of Kubernetes that a release is made into.", "release:render"),
        Entry("diff", "Show what a release would change in the GitOps repository.", "release:diff"),
        Entry("make", "Release a service: one commit, pushed when you agree.", "release:make"),
        Entry("promote", "Bring a service's image to the next stage.", "release:promote"),
        Entry("status", "Show what is released where.", "release:status"),
        Entry("watch", "Watch a service's newest release until it runs.", "release_watch:watch"),
        Entry(
            "guard",
            "Watch a service's newest release, and take it back by itself where it is not well.",
            "release_guard:guard",
        ),
        Entry("incidents", "List releases that were not well, and what was done by itself.", "release_guard:incidents"),
        Entry("rollback", "Take a release back, and hold it.", "release_rollback:rollback"),
        Entry("lock", "Let nothing of a service be released to a stage.", "release_lock:lock"),
        Entry("unlock", "Let a service be released again.", "release_lock:unlock"),
        Entry("prepare", "Write what clusters and Argo CD need for the tenants' stages.", "release:prepare"),
    ),
)
