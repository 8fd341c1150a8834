"""`gaia template …`."""

import signal
from pathlib import Path
from typing import Annotated

import typer

from gaia.cli import completion
from gaia.cli.options import Output, Stack
from gaia.cli.questions import collect
from gaia.cli.session import Session


def try_out(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A folder of templates/.", autocompletion=completion.templates)
    ],
    stack: Stack,
    answer: Annotated[
        list[str] | None,
        typer.Option("--answer", "-a", metavar="KEY=VALUE", help="An answer to the template; may be repeated."),
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Answers in a YAML or JSON file.", show_default=False)
    ] = None,
    service: Annotated[str, typer.Option(metavar="SERVICE", help="The service's name.")] = "trial",
    output: Output = None,
) -> int:
    """Try a template without a request.

    The checkout counts as it lies, uncommitted files too; nothing is changed or kept, and no token is needed. The
    manifest is rendered, resolved and judged by policies; `terraform validate` looks at its instances, and where the
    emulated AWS runs they are planned. Mistakes are shown at the template's line. Exit code 1 when there is one.

    Example: gaia template test object-store -s acme-use1-dev -a owner=media
    """
    session = Session.of(context, output)
    given = collect(session.settings.cwd, answer or [], answers)
    session.note(f"Trying {name} in {stack} …", "quiet")
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # the copy of the checkout goes with it
    try:
        trial = session.app.try_template(name, given, service=service, stack=stack)
    finally:
        signal.signal(signal.SIGTERM, before)
    if session.format != "text":
        session.show(trial.as_json())
    else:
        from gaia.cli.screens.trial import trial_screen

        for path, content in trial.files.items():
            session.write(f"# {path}\n{content.rstrip()}\n\n")  # as it is: a wrapped line is no YAML
        session.show(None, *trial_screen(trial))
    return 0 if trial.passed else 1
