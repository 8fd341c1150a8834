"""A job that ends with an error says so where people look: nobody opens the log of a check that never came."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from gaia.ci.reports.stopped_comment import stopped_comment
from gaia.errors import GaiaError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gaia.ci.jobs.job import Job

_LONGEST = 120
"""Characters of a status."""


@contextmanager
def told_to(
    job: Job, number: int | None, commit: str, status: str, marker: str, silent: Collection[str] = ()
) -> Iterator[None]:
    """Whatever error ends the block, but for those of these codes, is a comment and a failed status; then it goes on.

    The log has the same text, and who sees the comment sees that.
    """
    try:
        yield
    except GaiaError as error:
        if job.host is not None and number is not None and error.code not in silent:
            with suppress(GaiaError):  # the error itself is what has to be known
                job.host.put_comment(number, marker, stopped_comment(error, commit))
                job.host.set_status(commit, status, "failure", error.message[:_LONGEST], job.event.run)
        raise
