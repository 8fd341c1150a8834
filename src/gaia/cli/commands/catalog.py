"""`gaia catalog …`."""

import typer

from gaia.cli.options import Output
from gaia.cli.session import Session


def export(context: typer.Context, output: Output = None) -> None:
    """Print what you may see as entities of Backstage's catalog.

    Tenants, stacks, instances with what they need, live services and who owns them, as the published branch has them:
    YAML for a `catalog-info.yaml`, a document each, or with --output json one list.

    Example: gaia catalog export --output json
    """
    from gaia.cli.machine_output import write_entry

    session = Session.of(context, output)
    with session.app.cataloguing() as catalog:
        found = catalog.read()
    if session.format == "json":
        session.show({"entities": list(found.entities), "seq": found.seq})
        return
    for one in found.entities:
        write_entry(one, "yaml", session.stdout)
