"""Changes of the tables, oldest first. The list is here so that an up-to-date database opens without alembic."""

REVISIONS = (
    "0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012", "0013", "0014",
    "0015", "0016",
)  # fmt: skip
HEAD = REVISIONS[-1]
VERSION_TABLE = "gaia_revision"
