"""Which of the home's repositories a call is about: the one around the caller, or that of the request it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Conflict
from gaia.platform.home import registration
from gaia.records import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gaia.platform.home.registration import Registered
    from gaia.records.database import Database
    from gaia.settings import Settings


def may_choose(settings: Settings, request: str | None) -> Registered | None:
    """The repository that the caller stands in, else the only one.

    None: there are several and the caller is in none, but a request is named, which may say it.

    Raises:
        GaiaError: see `gaia.platform.home.registration.registered_here`.
    """
    try:
        return registration.registered_here(settings)
    except Conflict as error:
        if error.code != "repository-several" or request is None:
            raise
        return None


def chosen(settings: Settings, database: Database, request: str | None, on_far: Callable[[str], None]) -> Registered:
    """The repository that a call is about; `on_far` is told its checkout where the caller does not stand in it.

    Raises:
        GaiaError: see `gaia.platform.home.registration.registered_here`.
    """
    here, served = may_choose(settings, request), registration.every(settings)
    row = (repository_of(database, served, request) if request else None) or here
    if row is None:
        raise registration.several(settings, served)
    if row != here or not registration.around(settings):
        on_far(row.checkout)
    return row


def repository_of(database: Database, served: Sequence[Registered], request: str) -> Registered | None:
    """The one of the repositories whose request an id, or the beginning of one, names.

    None: it is no id, or not that of exactly one repository. A service's name says nothing: each may have one.
    """
    with database.read() as tx:
        owners = requests.owners(tx, request)
    found = [row for row in served if row.id in owners]
    return found[0] if len(found) == 1 else None
