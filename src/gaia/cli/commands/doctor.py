"""`gaia doctor`."""

from dataclasses import asdict

import typer

from gaia.cli.options import Output
from gaia.cli.session import Session


def doctor(context: typer.Context, output: Output = None) -> int:
    """Check what this machine has and lacks.

    Programs and their versions, the folders of Gaia, and whether the stacks of the platform repository are valid. Exit
    code 1 when something that is needed is missing or wrong; what only should be better is a warning.

    Example: gaia doctor -o json
    """
    from gaia.cli import checks, repository_checks

    session = Session.of(context, output)
    diagnoses = [checks.examine(check, session.app) for check in (*checks.CHECKS, *repository_checks.CHECKS)]
    failed = any(each.state == "fail" for each in diagnoses)
    if session.format != "text":
        session.show({"healthy": not failed, "checks": [asdict(each) for each in diagnoses]})
    else:
        from gaia.cli.screens.health import health_screen

        session.show(None, *health_screen(diagnoses))
    return 1 if failed else 0
