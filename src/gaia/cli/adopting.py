"""`gaia adopt --check`: what adopting a repository would find."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.cli.session import Session
from gaia.errors import GaiaError

if TYPE_CHECKING:
    from gaia.adoption.check import CheckReport, Progress

_NOT_FINE = 2


def check(session: Session, directory: Path) -> int:
    """Report what of a checkout reads, plans empty, drifts, has no state or is refused; 2 unless all that has a state
    plans empty."""
    session.going_on = f"`gaia adopt --check {directory}` begins anew; nothing was changed."
    report = _checked(session, directory)
    if session.format != "text":
        session.show(report.as_json())
    else:
        from gaia.cli.screens.adoption import check_screen

        session.show(None, *check_screen(report))
    return 0 if report.fine else _NOT_FINE


def coverage(session: Session, directory: Path) -> None:
    """Compare what the account holds with what the states have."""
    from gaia.adoption.account import CALLS, Account
    from gaia.adoption.account import coverage as run
    from gaia.adoption.hoisting import providers_of
    from gaia.checkout.change import ending_well
    from gaia.platform.target import target_of
    from gaia.states.reading import Reader
    from gaia.states.survey import survey, usable

    place = None if directory == Path() else directory
    with session.app.checkout(place) as checkout, ending_well(checkout), _bar(session) as progress:
        repository = checkout.files.repository.forgiving()
        instances = [one for one in repository.built(repository.instances) if usable(one)]
        reader = Reader(checkout.ground)
        progress.begin("reading states", len(instances))
        found = survey(reader, instances, on_read=lambda: progress.advance(1))
        states = {str(key): one.state for key, one in found.readings.items() if one.state is not None}
        environ = {**session.settings.environ, **(checkout.terraform(instances[0]).environ if instances else {})}
        regions = {
            region
            for one in instances
            if (region := target_of(environ, providers_of(one, checkout.home_of(one))).region)
        }
        progress.begin("asking the account", len(CALLS) * max(1, len(regions)))
        report = run(Account.of(environ), regions or {"us-east-1"}, states, lambda: progress.advance(1))
    unread = [str(key) for key, one in found.readings.items() if one.error is not None]
    unread += [f"{one.where}/{one.component}" for one in repository.failures or ()]
    if session.format != "text":
        session.show({**report.as_json(), "unread": unread})
        return
    from gaia.cli.screens.adoption import coverage_screen

    session.show(None, *coverage_screen(report, unread))


def take_over(session: Session, directory: Path) -> None:
    """After a repository was registered: read what exists and write down what plans empty; notes say what does not.

    The registration stands, whatever becomes of this: calling it again goes on.
    """
    from gaia.adoption.check import check as run
    from gaia.adoption.recording import record
    from gaia.checkout.change import ending_well
    from gaia.checkout.registered import RegisteredRecords
    from gaia.cli.next_step import told
    from gaia.cli.screens.format import count

    session.going_on = f"It is registered; `gaia adopt {directory}` goes on with what exists."
    try:
        with session.app.checkout(directory) as checkout, ending_well(checkout), _bar(session) as progress:
            if not isinstance(checkout.records, RegisteredRecords):
                return
            report = run(checkout, progress)
            made = record(checkout.records, report)
    except GaiaError as error:
        session.note(f"It is registered, but what exists is not known yet: {error.message}", "warn")
        session.note(f"{told(error.next_step or '')} Then `gaia adopt {directory}` goes on.".lstrip(), "quiet")
        return
    session.note(f"{count(len(made.adopted), 'instance')} with {count(made.resources, 'resource')} adopted.")
    left = len(report.instances) - len(made.adopted) - report.counts["no state"]
    if left:
        session.note(f"{count(left, 'instance')} not adopted: `gaia adopt --check` says what differs.", "warn")


def _checked(session: Session, directory: Path) -> "CheckReport":
    from gaia.adoption.check import check as run
    from gaia.checkout.change import ending_well

    place = None if directory == Path() else directory
    with session.app.checkout(place) as checkout, ending_well(checkout), _bar(session) as progress:
        return run(checkout, progress)


@contextmanager
def _bar(session: Session) -> Iterator["Progress"]:
    from gaia.adoption.check import Progress

    if not session.stderr.isatty():

        class Lines(Progress):
            def begin(self, words: str, total: int) -> None:
                session.note(f"{words}: {total}", "quiet")

        yield Lines()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Drawn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Drawn(*columns, console=session.err, transient=True) as drawn:

        class Bar(Progress):
            def begin(self, words: str, total: int) -> None:
                for task in drawn.task_ids:
                    drawn.remove_task(task)
                drawn.add_task(words, total=total)

            def advance(self, number: int) -> None:
                drawn.advance(drawn.task_ids[-1], number)

            def say(self, words: str) -> None:
                drawn.update(drawn.task_ids[-1], description=words)

        yield Bar()
