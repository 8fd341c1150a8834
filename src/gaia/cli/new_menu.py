"""The commands of `gaia new`."""

from gaia.cli.entry import Entry

NEW = Entry(
    "new",
    "Add a part to the platform repository, from a template.",
    entries=(
        Entry("tenant", "Add a tenant: whose bill, whose accounts, whose people.", "new:tenant"),
        Entry("stage", "Add a stage that is like another one.", "new:stage"),
        Entry("region", "Add a region of AWS.", "new:region"),
        Entry("environment", "Add a stack of a tenant, named as stacks are.", "new:environment"),
        Entry("component", "Add a component, with a catalog, an example and tests.", "new:component"),
    ),
)
