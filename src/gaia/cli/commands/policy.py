"""`gaia policy …`."""

import typer

from gaia.cli.options import Directory, Output
from gaia.cli.session import Session


def run_tests(context: typer.Context, directory: Directory = None, output: Output = None) -> int:
    """Run the policies' own tests.

    Exit code 1 when one fails.

    Example: gaia policy test
    """
    session = Session.of(context, output)
    results = session.app.policy_tests(directory)
    failed = [each for each in results if not each.passed]
    if session.format != "text":
        session.show(
            {
                "passed": len(results) - len(failed),
                "failed": len(failed),
                "tests": [{"name": e.name, "at": str(e.at), "passed": e.passed, "message": e.message} for e in results],
            }
        )
        return 1 if failed else 0
    from rich.text import Text

    for each in failed:
        session.show(
            None, Text.assemble(("✗ ", "bad"), (each.name, "name"), f"  {each.message}", (f"\n  {each.at}", "quiet"))
        )
    sign, style = ("✗ ", "bad") if failed else ("✓ ", "good")
    tally = f"{len(failed)} of {len(results)} policy tests failed" if failed else f"{len(results)} policy tests passed"
    session.show(None, Text.assemble((sign, style), tally if results else "There are no policy tests."))
    return 1 if failed else 0
