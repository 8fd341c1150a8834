"""`gaia doctor`."""

from dataclasses import asdict

import typer

from gaia.cli.options import Output
from gaia.cli.session import Session


def doctor(context: typer.Context, output: Output = None) -> int:
    """Check what this machine has and lacks.

    Exit code 1 when something that is needed is missing; what only should be better is a warning.
    """
    from gaia.cli.checks import CHECKS, examine

    session = Session.of(context, output)
    found = [examine(check, session.settings) for check in CHECKS]
    failed = any(each.state == "fail" for each in found)
    if session.format != "text":
        session.show({"healthy": not failed, "checks": [asdict(each) for each in found]})
    else:
        from gaia.cli.screens.health import health_screen

        session.show(None, *health_screen(found))
    return 1 if failed else 0
