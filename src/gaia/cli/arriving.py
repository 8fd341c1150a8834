"""Looking on until a release has arrived: a line for each thing that happens."""

from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.options import duration
from gaia.cli.session import Session

if TYPE_CHECKING:
    from gaia.gitops.model import Place, Smoke
    from gaia.gitops.releasing import Releases

DEFAULT = "15m"
Timeout = Annotated[str, typer.Option("--timeout", metavar="TIME", help="How long it may take: 5m, 15m, 1h.")]
Wait = Annotated[bool, typer.Option("--wait", help="Then watch until it runs; see gaia release watch.")]


def arrive(
    session: Session,
    found: "Releases",
    place: "Place",
    released: tuple[str, str],
    timeout: str,
    smoke: "Smoke | None" = None,
) -> None:
    """Look on, until the release of this commit and image is deployed, and its smoke test is passed.

    Raises:
        As `gaia.bootstrap.releases.arriving`, `gaia.gitops.rollout.smoke.check`.
    """
    from gaia.bootstrap.releases import arriving
    from gaia.cli.machine_output import write_entry

    span = duration(timeout)
    assert span is not None  # noqa: S101  a text was given
    words = f"{place.service} --tenant {place.tenant} --stage {place.stage}"
    session.going_on = f"`gaia release watch {words}` looks on."
    for one in arriving(session.settings, found, place, released, span.total_seconds()):
        if session.format != "text":
            write_entry(one.as_json(), session.format, session.stdout)
            continue
        from gaia.cli.screens.release import progress_line

        line = progress_line(one)
        if one.state == "deployed":
            session.show(None, line)
        else:
            session.err.print(line, crop=False, soft_wrap=not session.stderr.isatty())
    if smoke:
        from gaia.gitops.rollout.smoke import check

        check(place, smoke)
        session.note(f"Its smoke test is passed: {smoke.url} answers {smoke.status}.", "quiet")
