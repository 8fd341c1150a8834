"""What a GAIA_HOME serves: its platform repository, and whether that is the one around the caller."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Next, NotFound, Unavailable
from gaia.kit.files import read_table, real_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.settings import Settings

DOCUMENTS = ("folder", "database")
"""The homes that documents may have."""
AROUND = "GAIA_AROUND"
"""Set for the steps of a workflow: the repository that it is written in, wherever a step's folder is."""


@dataclass(frozen=True, slots=True)
class Registered:
    """`GAIA_HOME/repository.json`: the platform repository that this home serves."""

    id: str
    source: str
    branch: str
    documents: str = "folder"
    """Where previews, plans, logs and journals are: `folder`, or `database` for several workers."""


def has_records(settings: Settings) -> bool:
    """Whether somebody has been made, asked for or done something in this home."""
    path = settings.home / "gaia.db"
    return path.is_file() and path.stat().st_size > 0


def incomplete(settings: Settings) -> Unavailable:
    """The error for records of a repository that nobody can name."""
    return Unavailable(
        "home-incomplete",
        f"{settings.home} holds records, but its repository.json is missing",
        next_step="Restore repository.json from a backup. If nothing was made yet, set GAIA_HOME to a new folder.",
    )


def unfinished(settings: Settings, folder: str) -> Conflict:
    """The error for an `init` of `folder` that was begun and not finished."""
    return Conflict(
        "init-unfinished",
        f"an init of {folder} was begun in {settings.home} and not finished",
        next_step=Next("init", folder, "Finish it", after="Or set GAIA_HOME to another folder."),
    )


def _damaged(why: str) -> Unavailable:
    return Unavailable("registry-damaged", why, next_step="Restore repository.json from a backup.")


def check_folder(settings: Settings) -> None:
    """`Unavailable("home-no-folder")` where something else is in its place."""
    if settings.home.exists() and not settings.home.is_dir():
        raise Unavailable(
            "home-no-folder", f"{settings.home} is no folder", next_step="Set GAIA_HOME to a folder, or to none yet."
        )


def registered(settings: Settings) -> Registered:
    """The platform repository of this GAIA_HOME.

    Raises:
        NotFound: `repository-missing`.
        Conflict: `init-unfinished`.
        Unavailable: `registry-damaged`, `home-incomplete`, `home-no-folder`.
    """
    check_folder(settings)
    table = read_table(file(settings), _damaged)
    if table is not None:
        given = {"documents": "folder"} | table  # homes of before have no other
        whole = given.keys() == {one.name for one in fields(Registered)} and given["documents"] in DOCUMENTS
        if whole and all(isinstance(value, str) and value for value in given.values()):
            return Registered(**given)  # type: ignore[arg-type]
        raise _damaged(f"{file(settings)} does not name a repository")
    if folder := begun(settings):
        raise unfinished(settings, folder)
    if has_records(settings):
        raise incomplete(settings)
    raise NotFound(
        "repository-missing",
        f"{settings.home} serves no platform repository",
        next_step=Next("init", "DIR", "Make one", after="Or set GAIA_HOME to the folder of one."),
    )


def around(settings: Settings) -> tuple[Path, ...]:
    """The platform repositories that the caller stands in or chose with Atmos's variables; mostly one or none."""
    from gaia.stacks.loading.atmosyaml import NAMES, named

    environ, cwd = settings.environ, settings.cwd
    found = [cwd / environ[name] for name in (AROUND, "ATMOS_BASE_PATH") if environ.get(name)]
    if not environ.get("ATMOS_BASE_PATH"):
        files, folders = named(cwd, environ)
        if cli := environ.get("ATMOS_CLI_CONFIG_PATH"):
            folders = [*folders, cwd / cli]
        found += [one if one.is_dir() else one.parent for one in (*files, *folders)]
    nearest = (one for one in (cwd, *cwd.parents) if any((one / name).exists() for name in NAMES))
    own = next(nearest, cwd if (cwd / "stacks").is_dir() else None)
    return tuple(found if own is None else [*found, own])


def registered_here(settings: Settings) -> Registered:
    """The repository that a command of the caller acts on: the registered one, and no other one is around.

    The registered checkout and git worktrees of it are one repository; another clone is another.

    Raises:
        Conflict: `repository-other`, which names both.
    """
    row = registered(settings)
    for place in around(settings):
        if not _is_same(place, Path(row.source), settings.environ):
            raise Conflict(
                "repository-other",
                f"{settings.home} serves {row.source}, but the repository here is {place}",
                next_step=f"Go to {row.source} or a git worktree of it, or set GAIA_HOME to the home of {place}.",
                facts={"registered": row.source, "around": str(place)},
            )
    return row


def _is_same(one: Path, other: Path, environ: Mapping[str, str]) -> bool:
    from gaia.kit.git import Git

    if real_path(one) == real_path(other):
        return True

    def place(folder: Path) -> tuple[Path, str] | None:
        """What all worktrees share, and where the folder is in its own."""
        if not folder.is_dir():
            return None
        done = Git(folder, environ).attempt("rev-parse", "--git-common-dir", "--show-prefix")
        common, _, prefix = done.stdout.partition("\n")
        return None if done.returncode else (real_path(folder / common), prefix.strip())

    mine = place(one)
    return mine is not None and mine == place(other)


def begun(settings: Settings) -> str | None:
    """The folder of an `init` whose token nobody has seen yet."""

    def broken(why: str) -> Unavailable:
        return Unavailable(
            "init-damaged", why, next_step="Remove it, and set GAIA_HOME to a new folder for a new `init`."
        )

    table = read_table(beginning(settings), broken)
    if table is None:
        return None
    folder = table.get("directory")
    if not isinstance(folder, str):
        raise broken(f"{beginning(settings)} does not name a folder")
    return folder


def file(settings: Settings) -> Path:
    """Where the registered repository is written down."""
    return settings.home / "repository.json"


def beginning(settings: Settings) -> Path:
    """There while an `init` is not finished: its token has not been shown."""
    return settings.home / "init.json"
