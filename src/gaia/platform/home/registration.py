"""Which platform repositories a GAIA_HOME serves, and which of them is the one around the caller."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Next, NotFound, Unavailable
from gaia.kit.files import exclusive, make_private, read_table, real_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gaia.settings import Settings

DOCUMENTS = ("folder", "database")
"""The homes that documents may have."""
STATES = ("home", "checkout")
"""Where local states may lie, see `states_folder`."""
AROUND = "GAIA_AROUND"
"""Set for the steps of a workflow: the repository that it is written in, wherever a step's folder is."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A platform repository that a home serves, as its file says.

    The first one of a home stands in `GAIA_HOME/repository.json` and each further one in `repositories/ID.json`. A
    file stays when its repository is left: what lies in the home is found by it, and it can be taken up again.
    """

    id: str
    source: str
    """What Gaia clones and publishes to: the remote of an adopted repository, else the checkout itself."""
    branch: str
    documents: str = "folder"
    """Where previews, plans, logs and journals are: `folder`, or `database` for several workers. As of the home."""
    states: str = "home"
    """Where local states lie, see `states_folder`: in the home for repositories whose file does not say it."""
    checkout: str = ""
    """The folder of the repository on this machine: who stands in it, or in a git worktree of it, means this one."""
    left: str = ""
    """Since when it is not served any more; empty while it is."""

    @property
    def shown(self) -> str:
        """Its source, as it may be shown: without a password."""
        from gaia.kit.git import without_password

        return without_password(self.source)


def has_records(settings: Settings) -> bool:
    """Whether somebody has been made, asked for or done something in this home."""
    path = settings.records  # of a database that others share, nothing says that this home was ever used
    return isinstance(path, Path) and path.is_file() and path.stat().st_size > 0


def records_shown(settings: Settings) -> str:
    """Where the records are, as it may be shown: without a password."""
    from gaia.kit.git import without_password

    return without_password(str(settings.records))


def incomplete(settings: Settings) -> Unavailable:
    """The error for records of a repository that nobody can name."""
    return Unavailable(
        "home-incomplete",
        f"{settings.home} holds records, but its repository.json is missing",
        next_step="Restore repository.json from a backup. If nothing was made yet, set GAIA_HOME to a new folder.",
    )


@dataclass(frozen=True, slots=True)
class Begun:
    """A folder whose first token nobody has seen yet, and the command that goes on with it: `init` or `adopt`."""

    folder: str
    command: str = "init"


def unfinished(settings: Settings, begun: Begun) -> Conflict:
    """The error for what was begun and not finished."""
    return Conflict(
        "init-unfinished",
        f"{begun.command} of {begun.folder} was begun in {settings.home} and not finished",
        next_step=Next(begun.command, begun.folder, "Finish it", after="Or set GAIA_HOME to another folder."),
    )


@contextmanager
def beginning_alone(settings: Settings) -> Iterator[None]:
    """One `init` or `adopt` of a home at a time: each would make a key and an admin, and take back the other's token.

    Raises:
        Conflict: `adopt-running`. Unavailable: `home-no-folder`, `file-not-writable`.
    """
    check_folder(settings)
    make_private(settings.home)
    with exclusive(settings.home / "beginning.lock") as mine:
        if not mine:
            raise being_adopted(str(settings.home))
        yield


def being_adopted(what: str) -> Conflict:
    """The error where another process is at it."""
    return Conflict(
        "adopt-running",
        f"another process adopts or begins in {what}",
        next_step="Wait until it has ended, then run the command again.",
    )


def check_folder(settings: Settings) -> None:
    """`Unavailable("home-no-folder")` where something else is in its place."""
    if settings.home.exists() and not settings.home.is_dir():
        raise Unavailable(
            "home-no-folder", f"{settings.home} is no folder", next_step="Set GAIA_HOME to a folder, or to none yet."
        )


def known(settings: Settings) -> tuple[Registered, ...]:
    """Every repository that this home serves or has served, the first one first.

    Raises:
        Unavailable: `registry-damaged`, `home-incomplete`, `home-no-folder`.
    """
    check_folder(settings)
    first = _read(file(settings))
    if first is None:
        if begun(settings) is None and has_records(settings):
            raise incomplete(settings)
        return ()
    others = sorted((settings.home / "repositories").glob("*.json"))
    return (first, *(row for path in others if (row := _read(path)) is not None))


def every(settings: Settings) -> tuple[Registered, ...]:
    """The repositories that this home serves: one at least, the first one first.

    Raises:
        NotFound: `repository-missing`.
        Conflict: `init-unfinished`.
        Unavailable: see `known`.
    """
    rows = known(settings)
    if not rows and (left := begun(settings)):
        raise unfinished(settings, left)
    served = tuple(row for row in rows if not row.left)
    if not served:
        raise NotFound(
            "repository-missing",
            f"{settings.home} serves no platform repository",
            next_step=Next("init", "DIR", "Register one that exists (`adopt`), or make one"),
        )
    return served


def registered(settings: Settings) -> Registered:
    """The repository that is meant where nothing is acted on: the one around the caller, else the only one.

    Raises:
        Conflict: `repository-several`.
        GaiaError: what `every` raises.
    """
    rows = every(settings)
    if len(rows) == 1:
        return rows[0]
    for place in around(settings):
        if (mine := _of(place, rows, settings.environ)) is not None:
            return mine
    raise several(settings, rows)


def registered_here(settings: Settings) -> Registered:
    """The repository that a command of the caller acts on: the one around, else the only one that there is.

    The registered checkout and git worktrees of it are one repository; another clone is another.

    Raises:
        Conflict: `repository-other` where another one is around, which names both; `checkout-other` where that is
            another clone of a registered one; `repository-several` where none is around.
        GaiaError: what `every` raises.
    """
    rows = every(settings)
    found: list[Registered] = []
    for place in around(settings):
        mine = _of(place, rows, settings.environ)
        if mine is None or (found and mine != found[0]):
            raise _other(settings, found or rows, place)
        found.append(mine)
    if not found and len(rows) > 1:
        raise several(settings, rows)
    return (found or rows)[0]


def around(settings: Settings) -> tuple[Path, ...]:
    """The platform repositories that the caller stands in or chose with Atmos's variables; mostly one or none."""
    from gaia.stacks.loading.atmosyaml import named
    from gaia.stacks.mainfile import root_near

    environ, cwd = settings.environ, settings.cwd
    found = [cwd / environ[name] for name in (AROUND, "ATMOS_BASE_PATH") if environ.get(name)]
    if not environ.get("ATMOS_BASE_PATH"):
        files, folders = named(cwd, environ)
        if cli := environ.get("ATMOS_CLI_CONFIG_PATH"):
            folders = [*folders, cwd / cli]
        found += [one if one.is_dir() else one.parent for one in (*files, *folders)]
    own = root_near(cwd) or (cwd if (cwd / "stacks").is_dir() else None)
    return tuple(found if own is None else [*found, own])


def of_checkout(rows: Sequence[Registered], folder: Path, environ: Mapping[str, str]) -> Registered | None:
    """The one of `rows` whose checkout `folder` is, or a git worktree of it."""
    return _of(folder, rows, environ)


def serving(settings: Settings, root: Path) -> Registered | None:
    """The registration of the repository whose `atmos.yaml` is in `root`; None where this home does not serve it.

    Raises:
        Unavailable: see `known`: nobody can say whether it does.
    """
    return _of(root, [row for row in known(settings) if not row.left], settings.environ)


def clone_of(rows: Sequence[Registered], folder: Path, environ: Mapping[str, str]) -> Registered | None:
    """The one of `rows` that a remote of this folder's leads to, whichever checkout it was registered by."""
    from gaia.kit.git import Git, address

    if not folder.is_dir():
        return None
    done = Git(folder, environ).attempt("config", "--get-regexp", r"^remote\..*\.url$")
    remotes = {address(line.partition(" ")[2], folder) for line in done.stdout.splitlines()}
    return next((row for row in rows if {address(at, folder) for at in (row.source, row.checkout)} & remotes), None)


def several(settings: Settings, rows: Sequence[Registered]) -> Conflict:
    """The error where one of several must be chosen."""
    names = " and ".join(row.checkout for row in rows)
    return Conflict(
        "repository-several",
        f"{settings.home} serves {names}, and you are in none of them",
        next_step="Go to one of them, or name its folder with -C before the command.",
        facts={"registered": [row.checkout for row in rows]},
    )


def states_folder(settings: Settings, row: Registered) -> Path:
    """Where the states are whose backend is a relative path on this machine: below it, a folder a component.

    `home`: `GAIA_HOME/repos/ID/states`. `checkout`: the components' folder of the registered checkout, which is where
    Atmos, and whoever works at the checkout, has them.

    Raises:
        GaiaError: the checkout is not there, or its atmos.yaml cannot be read.
    """
    if row.states == "home":
        return settings.home / "repos" / row.id / "states"
    from gaia.stacks.repository import Repository

    return Repository.open(Path(row.checkout), environ={}, untrusted=True).components_path


def begun(settings: Settings) -> Begun | None:
    """The folder of an `init`, or of a first `adopt`, whose token nobody has seen yet."""

    def broken(why: str) -> Unavailable:
        return Unavailable(
            "init-damaged", why, next_step="Remove it, and set GAIA_HOME to a new folder for a new `init`."
        )

    table = read_table(beginning(settings), broken)
    if table is None:
        return None
    folder, command = table.get("directory"), table.get("command", "init")
    if not isinstance(folder, str) or command not in ("init", "adopt"):
        raise broken(f"{beginning(settings)} does not name a folder")
    return Begun(folder, str(command))


def file(settings: Settings) -> Path:
    """Where the first registered repository is written down."""
    return settings.home / "repository.json"


def is_first(settings: Settings, row: Registered) -> bool:
    """Whether this is the home's first repository, whose documents lie where they always have."""
    first = _read(file(settings))
    return first is None or first.id == row.id


def write(settings: Settings, row: Registered) -> None:
    """Write a repository down: a new one, or what has changed of one."""
    from gaia.kit import files

    path = file(settings)
    if not is_first(settings, row):
        path = settings.home / "repositories" / f"{row.id}.json"
        files.make_private(path.parent)
    files.write_atomic(path, json.dumps(asdict(row)).encode())


def beginning(settings: Settings) -> Path:
    """There while an `init`, or the first `adopt` of a home, is not finished: its token has not been shown."""
    return settings.home / "init.json"


def _read(path: Path) -> Registered | None:
    table = read_table(path, _damaged)
    if table is None:
        return None
    # homes of before had the repository, and nothing else
    given = {"documents": "folder", "states": "home", "checkout": table.get("source"), "left": ""} | table
    whole = given.keys() == {one.name for one in fields(Registered)}
    words = {"documents": DOCUMENTS, "states": STATES}
    if not whole or any(given[name] not in allowed for name, allowed in words.items()):
        raise _damaged(f"{path} does not name a repository")
    if not all(isinstance(value, str) and (value or name == "left") for name, value in given.items()):
        raise _damaged(f"{path} does not name a repository")
    return Registered(**given)  # type: ignore[arg-type]


def _damaged(why: str) -> Unavailable:
    return Unavailable("registry-damaged", why, next_step="Restore repository.json from a backup.")


def _other(settings: Settings, rows: Sequence[Registered], place: Path) -> Conflict:
    names, facts = " and ".join(row.checkout for row in rows), {"around": str(place)}
    if (row := clone_of(rows, place, settings.environ)) is not None:
        return Conflict(
            "checkout-other",
            f"{settings.home} serves {row.shown} by its checkout {row.checkout}, but the one here is {place}",
            next_step=f"Go to {row.checkout} or a git worktree of it.",
            facts={**facts, "registered": row.checkout},
        )
    words = f"Go to {names} or a git worktree of it, or set GAIA_HOME to the home of {place}; or register {place} too"
    return Conflict(
        "repository-other",
        f"{settings.home} serves {names}, but the repository here is {place}",
        next_step=Next("adopt", str(place), words),
        facts={**facts, "registered": names},
    )


def _of(place: Path, rows: Sequence[Registered], environ: Mapping[str, str]) -> Registered | None:
    """The one of `rows` that a folder belongs to."""
    here = real_path(place)
    for row in rows:
        if here == real_path(Path(row.checkout)):
            return row
    mine = _in_git(place, environ)
    return next((row for row in rows if mine and mine == _in_git(Path(row.checkout), environ)), None)


def _in_git(folder: Path, environ: Mapping[str, str]) -> tuple[Path, str] | None:
    """What all worktrees of a folder's repository share, and where the folder is in its own; None outside of git."""
    from gaia.kit.git import Git

    if not folder.is_dir():
        return None
    done = Git(folder, environ).attempt("rev-parse", "--git-common-dir", "--show-prefix")
    common, _, prefix = done.stdout.partition("\n")
    return None if done.returncode else (real_path(folder / common), prefix.strip())
