"""The options that every command of Atmos takes, so that its scripts keep working: most stand for a variable."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.cli.menu import command_of, entries
from gaia.errors import Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.settings import Settings

VARIABLES = {
    "--base-path": "ATMOS_BASE_PATH",
    "--config": "ATMOS_CONFIG",
    "--config-path": "ATMOS_CONFIG_PATH",
    "--profile": "ATMOS_PROFILE",
    "--edition": "ATMOS_EDITION",
    "--logs-level": "ATMOS_LOGS_LEVEL",
    "--logs-file": "ATMOS_LOGS_FILE",
}
SEVERAL = ("--config", "--config-path")
"""May be repeated: the variable holds all of them, with commas."""
FOLDERS = ("-C", "--chdir")
SWITCHES = ("--no-color", "--pager", "--identity")
"""Nothing is paged and nobody is signed in, whatever they say."""
GROUPS = frozenset(("describe", "list", "validate", "workflow", "terraform", "docs", "atlantis"))
"""Commands that Atmos has too. Custom commands take the options of Atmos as well."""


def taken(arguments: Sequence[str], settings: Settings) -> tuple[list[str], Settings]:
    """The command line without them, and the settings that they ask for.

    Before the command they may stand for every command.

    Raises:
        Invalid: `usage`, `not-supported`.
        NotFound: `folder-missing`.
    """
    words = list(arguments)
    end = words.index("--") if "--" in words else len(words)
    command = command_of(words)
    if command not in GROUPS and command in {entry.name for entry in entries()}:
        end = words.index(command)
    rest: list[str] = []
    environ, cwd = dict(settings.environ), settings.cwd
    chosen: dict[str, list[str]] = {name: [] for name in SEVERAL}
    given = iter(words[:end])
    for word in given:
        name, equals, value = word.partition("=")
        if name in VARIABLES or name in FOLDERS:
            value = value if equals else next(given, "")
            if not value:
                raise Invalid("usage", f"Option {name!r} requires an argument", next_step="Give it a value.")
            if name in FOLDERS:
                cwd = cwd / value
                if not cwd.is_dir():
                    raise NotFound("folder-missing", f"there is no folder {cwd}", next_step=f"Correct {name}.")
            elif name in SEVERAL:
                chosen[name].append(value)
                environ[VARIABLES[name]] = ",".join(chosen[name])
            else:
                environ[VARIABLES[name]] = value
        elif name == "--identity" and value != "false":
            raise Invalid("not-supported", "Gaia signs in nowhere", next_step="Leave --identity out.")
        elif name == "--no-color":
            environ["NO_COLOR"] = "1"
            rest += ["-no-color"] if command in ("terraform", "tf") else []  # as terraform spells it
        elif name not in SWITCHES:
            rest.append(word)
    return rest + words[end:], replace(settings, environ=environ, cwd=cwd)
