"""Alembic runs this file; the connection, and its transaction, are the caller's."""

from alembic import context

from gaia.records import indexes  # noqa: F401 - adds the indexes to the metadata
from gaia.records.migrations import VERSION_TABLE
from gaia.records.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
    transactional_ddl=False,  # True would commit, which is for the caller to do
)
context.run_migrations()
