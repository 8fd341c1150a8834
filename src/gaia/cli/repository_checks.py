"""What `gaia doctor` finds out about the platform repository itself: are its stacks valid, what should be changed?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cli.checks import Diagnosis
from gaia.cli.next_step import told
from gaia.cli.screens.format import count
from gaia.errors import Next, NotFound
from gaia.kit.pages import page

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.bootstrap import App

_NONE = "no platform repository is around you, and none is served"
_SEE = "Run `gaia validate stacks` to see them with their places."


def check_stacks(app: App) -> Diagnosis:
    """Whether `gaia validate stacks` passes on the repository around the working directory, or the registered one."""
    try:
        repository, report = app.repository(), app.validate_stacks()
    except NotFound:
        return Diagnosis("stacks", "ok", _NONE)
    size = f"{count(report.files, 'manifest')}, {count(report.stacks or 0, 'stack')} in {repository.root}"
    if report.errors:
        first = report.errors[0]
        place = f" at {first.at}" if first.at else ""
        more = f", and {len(report.errors) - 1} more" if len(report.errors) > 1 else ""
        return Diagnosis("stacks", "fail", f"{first.message}{place}{more}", _SEE)
    if report.warnings:
        return Diagnosis("stacks", "warn", f"{size}: {count(len(report.warnings), 'warning')}", _SEE)
    return Diagnosis("stacks", "ok", size)


def check_compat(app: App) -> Diagnosis:
    """By which release's rules the repository is read, where that was not chosen but found."""
    try:
        repository = app.repository()
        notices = repository.notices
    except NotFound:
        return Diagnosis("rules", "ok", _NONE)
    if notices:
        return Diagnosis("rules", "warn", notices[0], f"{page('reference/atmos-compatibility.md')} says what differs.")
    return Diagnosis("rules", "ok", repository.config.compat or "those of today's Atmos")


def check_states(app: App) -> Diagnosis:
    """Whether the buckets are there that states lie in, as far as somebody says so with these credentials."""
    try:
        found = app.state_buckets()
    except NotFound as error:
        return Diagnosis("states", "warn", "there is no platform repository here", told(error.next_step))
    for status, said in (("begun", "is begun, and states are not in it yet"), ("missing", "is not there")):
        some = [one for one in found if one.status == status]
        if some:
            more = f", and {len(some) - 1} more" if len(some) > 1 else ""
            step = Next("bootstrap", words="Make it where the account is new", stack=some[0].stack)
            return Diagnosis("states", "warn", f"the bucket {some[0].name} {said}{more}", told(step))
    unknown = [one for one in found if one.status == "unknown"]
    there = f"{count(len(found) - len(unknown), 'bucket')} of {len(found)} there" if found else "in no bucket"
    if unknown:
        return Diagnosis("states", "ok", f"{there}; not known of {unknown[0].name}: {unknown[0].reason}")
    return Diagnosis("states", "ok", there)


CHECKS: tuple[Callable[[App], Diagnosis], ...] = (check_stacks, check_compat, check_states)
