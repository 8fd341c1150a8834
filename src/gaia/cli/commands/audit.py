"""`gaia audit …`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.options import Output
from gaia.cli.session import Session
from gaia.errors import Defect, Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


def list_entries(
    context: typer.Context,
    subject: Annotated[
        str | None, typer.Argument(metavar="[SUBJECT]", help="Only about this request, run, …", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    by: Annotated[
        str | None, typer.Option(metavar="PERSON", help="Only by them, or by `engine`.", show_default=False)
    ] = None,
    action: Annotated[
        str | None, typer.Option(help="Only `request.approved`; `request`: all such.", show_default=False)
    ] = None,
    service: Annotated[str | None, typer.Option(help="Only about its requests.", show_default=False)] = None,
    stack: Annotated[
        str | None, typer.Option("--stack", "-s", help="Only about what is in it.", show_default=False)
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="From then on: 2026-11-30T00:00:00Z.", show_default=False)
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Before then.", show_default=False)] = None,
    before: Annotated[
        int | None, typer.Option(min=1, max=2**53, metavar="NO", help="Only lower numbers.", show_default=False)
    ] = None,
    output: Output = None,
) -> None:
    """Show the audit log.

    Example: gaia audit list
    """
    from gaia.records.audit_wanted import Wanted

    session = Session.of(context, output)
    wanted = Wanted(by, action, service, stack, _moment(since), _moment(until), before)
    with session.app.people() as audit:
        entries = audit.entries(subject=subject, limit=limit, wanted=wanted)
    if session.format != "text":
        session.show({"entries": [asdict(entry) for entry in entries]})
        return
    from gaia.cli.screens.format import day
    from gaia.cli.screens.tables import plain_table

    rows = [(str(e.seq), day(e.at), e.actor, e.action, e.outcome, e.subject) for e in entries]
    session.show(None, plain_table(("no", "when (UTC)", "who", "what", "outcome", "about"), rows))


def verify(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="An export; else the log itself.", show_default=False)
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            metavar="KEY", help="What the export was signed with, as it said; else this Gaia's.", show_default=False
        ),
    ] = None,
    output: Output = None,
) -> None:
    """Prove that the audit log, or an export of it, was not changed.

    With --key, an export is checked without anything else of the Gaia that wrote it.

    Example: gaia audit verify
    """
    session = Session.of(context, output)
    if file is not None:
        _verify_file(session, file, key)
        return
    with session.app.people() as audit:
        number, broken = audit.verify()
    if broken is not None:
        raise Defect(
            "audit-broken",
            f"entry {broken} of the audit log does not fit its chain: it, or one before it, was changed or taken out",
            next_step="Keep GAIA_HOME as it is and compare it with a backup.",
            facts={"first": broken, "entries": number},
        )
    _show(session, {"entries": number, "intact": True}, f"{number} entries, each fits the one before.")


def _verify_file(session: Session, file: Path, key: str | None) -> None:
    from gaia.records.audit_export import verify

    if key is None:
        with session.app.people() as audit:
            key = audit.export_key()
    try:
        with (session.settings.cwd / file).open("rb") as lines:
            end = verify(lines, key)
    except OSError as error:
        raise NotFound(
            "file-unreadable", f"cannot read {file}: {error.strerror}", next_step="Give the file of an export."
        ) from error
    from gaia.cli.screens.format import count, day

    entries = count(int(str(end["entries"])), "entry", "entries")
    said = f"{entries}, from {end['first']} to {end['last']}, as exported {day(str(end['exported_at']))} UTC."
    _show(session, {**end, "intact": True}, said)


def _show(session: Session, document: dict[str, object], said: str) -> None:
    if session.format != "text":
        session.show(document)
        return
    from rich.text import Text

    session.show(None, Text.assemble(("✓ ", "good"), said))


def export(
    context: typer.Context,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="From then on: 2026-11-30T00:00:00Z.", show_default=False)
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Before then.", show_default=False)] = None,
    form: Annotated[str, typer.Option("--format", "-f", metavar="FORMAT", help="jsonl or csv.")] = "jsonl",
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Write it there.", show_default=False)
    ] = None,
    output: Output = None,
) -> None:
    """Write the audit log into a file that proves itself.

    Its last line is signed; `gaia audit verify FILE --key KEY` checks it anywhere, with the key that is shown here.

    Example: gaia audit export --since 2026-11-01T00:00:00Z --file november.jsonl
    """
    from gaia.records.audit_export import checked_form

    session = Session.of(context, output)
    begin, end, kind = _moment(since), _moment(until), checked_form(form)
    with session.app.people() as audit:
        lines = audit.export(form=kind, since=begin, until=end)
        if file is None:
            for line in lines:
                session.write(line.decode())
            session.note(f"Signed with {audit.export_key()}: keep that where exports are checked.")
            return
        _write(session.settings.cwd / file, lines)
        key = audit.export_key()
    _show(
        session, {"file": str(file), "key": key}, f"{file} is signed with\n{key}\nKeep that where exports are checked."
    )


def _write(path: Path, lines: "Iterator[bytes]") -> None:
    """Beside its place first: half an export is none."""
    from gaia.kit.files import write_failed

    draft = path.with_name(f".{path.name}.draft")
    try:
        with draft.open("wb") as out:
            draft.chmod(0o600)
            out.writelines(lines)
        draft.replace(path)
    except OSError as error:
        raise write_failed(path, error) from error
    finally:
        draft.unlink(missing_ok=True)


def _moment(text: str | None) -> "datetime | None":
    from gaia.kit.clock import parse_rfc3339

    try:
        return None if text is None else parse_rfc3339(text)
    except ValueError as error:
        raise Invalid(
            "time-invalid", f"{text[:100] if text else text!r} is no time", next_step="Write 2026-11-30T00:00:00Z."
        ) from error
