"""What `gaia doctor` looks at: a list of functions, each of which finds one state and changes nothing."""

from __future__ import annotations

import shutil
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gaia.cli.next_step import told
from gaia.errors import GaiaError, NotFound, Unavailable
from gaia.kit import procfs
from gaia.kit.git import Git
from gaia.kit.keys import load_key
from gaia.platform.home.taking_out import take_away

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.bootstrap import App
    from gaia.settings import Settings

_LITTLE = 2 << 30
"""Bytes: an unpacked AWS provider is 675 MB, and a state, a clone and a plan want room too."""
_NOTHING_LEFT = 200 << 20
_PATIENCE = 1.0
"""Seconds to wait for a database that somebody writes to: a transaction of Gaia takes milliseconds."""
_SOON = timedelta(days=7)
_SHOWN = 80
"""Characters of another process's command line."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a check found. `remedy` says how to get what is missing."""

    name: str
    state: Literal["ok", "warn", "fail"]
    message: str
    remedy: str = ""


def examine(check: Callable[[App], Diagnosis], app: App) -> Diagnosis:
    """Run one check; an error of Gaia is a finding too."""
    name = check.__name__.removeprefix("check_").replace("_", " ")
    try:
        return check(app)
    except GaiaError as error:
        return Diagnosis(name, "fail", error.message, told(error.next_step))
    except PermissionError as error:
        return Diagnosis(name, "fail", f"{error.filename}: {error.strerror}", "Check the owner and the rights.")
    except (ImportError, OSError) as error:
        found = f"{type(error).__name__}: {error}"
        return Diagnosis(name, "fail", found, "Check the installation: `make` in a clone of Gaia.")


def check_python(app: App) -> Diagnosis:  # noqa: ARG001 - one shape for all checks
    """Which Python runs this."""
    version = ".".join(map(str, sys.version_info[:3]))
    return Diagnosis("python", "ok", version)


def check_git(app: App) -> Diagnosis:
    """Git on PATH."""
    version = _version_of("git", app.settings)
    if version is None:
        return Diagnosis("git", "fail", "not on PATH", "Install git 2.30 or newer with your system's package manager.")
    return Diagnosis("git", "ok", version.removeprefix("git version "))


def check_terraform(app: App) -> Diagnosis:
    """The program that runs are carried out with."""
    from gaia.terraform.tool import find_tool

    tool = find_tool(app.settings)
    return Diagnosis("terraform", "ok", f"{tool.flavor} {tool.version} at {tool.path}")


def check_providers(app: App) -> Diagnosis:
    """Where providers come from."""
    from gaia.terraform.providers import find_mirrors

    mirrors = find_mirrors(app.settings.environ)
    if mirrors:
        return Diagnosis("providers", "ok", "from " + ", ".join(map(str, mirrors)))
    return Diagnosis(
        "providers",
        "ok",
        "fetched from the registry",
        "Optional, without a network: `terraform providers mirror DIR`, and name DIR in a CLI configuration.",
    )


def check_sandbox(app: App) -> Diagnosis:
    """The emulated AWS."""
    view = app.sandbox.status()
    if view.running:
        return Diagnosis("sandbox", "ok", f"runs at {view.url}")
    if view.url:
        return Diagnosis(
            "sandbox",
            "fail",
            view.message or "registered, but it does not answer",
            "Run `gaia sandbox up`, or `gaia sandbox leave` to use your own cloud.",
        )
    if view.message:
        return Diagnosis("sandbox", "warn", view.message, "Run `gaia sandbox up` or `gaia sandbox leave`.")
    return Diagnosis("sandbox", "ok", "not in use; terraform uses your own cloud variables")


def check_repository(app: App) -> Diagnosis:
    """The platform repositories of this GAIA_HOME, and whether their stacks can be read."""

    from gaia.platform.home.registration import every

    try:
        rows = every(app.settings)
    except NotFound:
        step = "Make one with `gaia init DIR`, or register one that exists with `gaia adopt DIR`."
        return Diagnosis("repository", "warn", f"{app.settings.home} serves none yet", step)
    found = []
    for row in rows:
        repository = app.repository(Path(row.checkout))
        Git(repository.root, app.settings.environ).attempt("rev-parse", "HEAD")  # finds one that nobody trusts
        found.append(f"{repository.root}, {len(repository.stacks)} stacks, {len(repository.instances)} instances")
    return Diagnosis("repository", "ok", "; ".join(found))


def check_database(app: App) -> Diagnosis:
    """The records: whether all of them can be read, and whether they can be written to now."""
    from gaia.platform.home import registration
    from gaia.records.database import Database

    path = app.settings.records
    if not registration.has_records(app.settings) and not registration.file(app.settings).exists():
        return Diagnosis("database", "ok", "none yet; it is made with the first repository")
    try:
        with closing(Database.open(path, patience=_PATIENCE)) as database:
            database.examine()
            with database.begin():
                pass
    except Unavailable as error:
        if error.code != "database-locked":
            raise
        open_by = procfs.openers(path) if isinstance(path, Path) else ()
        holders = "; ".join(f"process {pid}: {command[:_SHOWN]}" for pid, command in open_by)
        return Diagnosis(
            "database", "fail", f"{error.message} ({holders or 'none that you may see'})", "Let it end, then try again."
        )
    size = f", {path.stat().st_size / 1e6:.1f} MB" if isinstance(path, Path) else ""
    return Diagnosis("database", "ok", f"{registration.records_shown(app.settings)}{size}")


def check_admins(app: App) -> Diagnosis:
    """Whether somebody who may administer everything can call, and will be able to."""
    from gaia.kit import clock
    from gaia.platform.callers import admins
    from gaia.platform.home import registration

    if not registration.file(app.settings).exists():
        return Diagnosis("admins", "ok", "none yet; one is made with the first repository")
    provider = app.settings.oidc is not None
    with app.records() as database, database.begin() as tx:  # which locks their roles: nothing is written
        now = admins.reachable(tx, by_provider=provider)
        soon = admins.reachable(tx, by_provider=provider, at=clock.now() + _SOON)
    if soon or (now and provider):
        return Diagnosis("admins", "ok", f"{len(now)} can call")
    if now:
        step = "Make another: `gaia token create NAME --role admin`."
        return Diagnosis("admins", "warn", f"the last token of an admin ends within {_SOON.days} days", step)
    if provider:
        return Diagnosis("admins", "ok", "none with a token; whom the provider of identities makes one can call")
    return Diagnosis("admins", "fail", "every token of an admin has ended", "Make one: `gaia token recover`.")


def check_previews(app: App) -> Diagnosis:
    """Whether each preview that waits for a decision, or is being applied, is there and is what it was."""
    from gaia.platform.home import registration
    from gaia.platform.requests import previewing
    from gaia.records import requests

    if not registration.file(app.settings).exists():
        return Diagnosis("previews", "ok", "there are none yet")
    number = 0
    with app.records() as database:
        for row in registration.every(app.settings):
            platform = app.platform_context(database, row)
            with database.read() as tx:
                wanted = requests.find(tx, platform.repository, statuses={"waiting", "applying", "parked"})
            for digest in dict.fromkeys(one.preview for one in wanted if one.preview):
                previewing.load(platform, digest)
            number += len(wanted)
    return Diagnosis("previews", "ok", f"{number} that somebody decides on or that are applied, as they were made")


def check_keys(app: App) -> Diagnosis:
    """Who can read the keys. What a restore that was killed left of them is taken away."""
    take_away(app.settings.home)
    folder = app.settings.home / "keys"
    if not folder.is_dir() and not (app.settings.home / "repository.json").exists():
        return Diagnosis("keys", "ok", "none yet; they are made with the first repository")
    if (app.settings.home / "repository.json").exists():
        load_key(folder)
    wide = [path for path in (folder, *sorted(folder.rglob("*"))) if path.stat().st_mode & 0o077]
    if wide:
        return Diagnosis(
            "keys", "fail", f"others may read {', '.join(path.name for path in wide)}", f"chmod -R go= {folder}"
        )
    return Diagnosis("keys", "ok", f"{folder}, yours alone")


def check_disk(app: App) -> Diagnosis:
    """Room in GAIA_HOME and in the cache."""
    free = {folder: shutil.disk_usage(_existing(folder)).free for folder in (app.settings.home, app.settings.cache)}
    folder, least = min(free.items(), key=lambda item: item[1])
    text = f"{least / 1e9:.1f} GB free in {folder}"
    if least < _NOTHING_LEFT:
        return Diagnosis("disk", "fail", text, "Free some space, or set GAIA_HOME and GAIA_CACHE_DIR to a larger disk.")
    if least < _LITTLE:
        return Diagnosis("disk", "warn", text, "An AWS provider alone needs 0.7 GB: free some, or set GAIA_HOME.")
    return Diagnosis("disk", "ok", text)


def check_engine(app: App) -> Diagnosis:
    """Whether an engine works in this GAIA_HOME now."""
    from gaia.platform.engine.engine import is_running

    runs = is_running(app.settings.home)
    return Diagnosis("engine", "ok", "one runs" if runs else "none runs; a command that needs one is its own")


CHECKS: tuple[Callable[[App], Diagnosis], ...] = (
    check_python,
    check_git,
    check_terraform,
    check_providers,
    check_sandbox,
    check_repository,
    check_database,
    check_keys,
    check_admins,
    check_previews,
    check_disk,
    check_engine,
)


def _version_of(program: str, settings: Settings) -> str | None:
    from gaia.kit import process

    path = shutil.which(program, path=settings.environ.get("PATH"))
    if path is None:
        return None
    completed = process.run(
        [path, "--version"], cwd=settings.cwd, env=process.child_environment(settings.environ), timeout=20
    )
    return next(iter(completed.stdout.splitlines()), "")


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())
