"""What the shell offers after TAB. Completion never fails aloud: where nothing can be read, nothing is offered."""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gaia.cli.session import Session
from gaia.cli.wiring import Wiring
from gaia.errors import GaiaError
from gaia.settings import Settings

if TYPE_CHECKING:
    from gaia.stacks.loading.config import Config


def stacks(context: typer.Context) -> list[str]:
    """Names of stacks."""
    return _offer(context, lambda wiring, settings: _names(wiring, settings)[0])


def components(context: typer.Context) -> list[str]:
    """Names of components, of the stack given with `-s` if there is one."""
    stack = context.params.get("stack")

    def names(wiring: Wiring, settings: Settings) -> Iterable[str]:
        _, keys = _names(wiring, settings)
        return sorted({component for name, component in keys if stack in (None, name)})

    return _offer(context, names)


def workflows(context: typer.Context) -> list[str]:
    """Names of workflows, of the file given with `-f` if there is one."""
    file = context.params.get("file")

    def names(wiring: Wiring, settings: Settings) -> Iterable[str]:
        from gaia.stacks.workflows.reading import Workflows

        reader = Workflows.of(wiring.repository(settings, None).config)
        return sorted({each.name for each in (reader.read(file) if file else reader.all())})

    return _offer(context, names)


def templates(context: typer.Context) -> list[str]:
    """Names of templates."""
    return _offer(context, lambda wiring, settings: [each.name for each in wiring.templates(settings)])


def requests(context: typer.Context) -> list[str]:
    """Ids of open requests."""

    def ids(wiring: Wiring, settings: Settings) -> Iterable[str]:
        with wiring.platform(settings) as platform:
            return [view.id for view in platform.requests(open_only=True)]

    return _offer(context, ids)


def _offer(context: typer.Context, names: Callable[[Wiring, Settings], Iterable[str]]) -> list[str]:
    session = context.find_object(Session)
    if session is None:
        import sys

        settings = Settings.capture(os.environ, Path.cwd())
        session = Session(settings, sys.stdin, sys.stdout, sys.stderr)
    try:
        return list(names(session.wiring, session.settings))
    except (GaiaError, OSError, ImportError):
        return []


def _names(wiring: Wiring, settings: Settings) -> tuple[list[str], list[list[str]]]:
    """The stacks, and [stack, component] of each instance, kept until a manifest changes: TAB should answer at once."""
    import json

    from gaia.kit import files

    config = wiring.configuration(settings)
    fingerprint = _fingerprint(config, settings)
    path = settings.cache / "completion" / f"{_digest(str(config.root))}.json"
    try:
        known = json.loads(path.read_bytes())
        if known["fingerprint"] == fingerprint:
            return known["stacks"], known["instances"]
    except (OSError, ValueError, KeyError, TypeError):
        pass  # there is none yet, or it is of another version
    found = wiring.repository(settings, None)
    names = list(found.stacks), [[key.stack, key.component] for key in found.instances]
    document = {"fingerprint": fingerprint, "stacks": names[0], "instances": names[1]}
    with suppress(GaiaError):
        files.write_atomic(path, json.dumps(document).encode())
    return names


def _fingerprint(config: "Config", settings: Settings) -> str:
    """Changes when a file below the stacks folder, a configuration file or an `ATMOS_…` variable does."""
    parts = [f"{name}={value}" for name, value in sorted(settings.environ.items()) if name.startswith("ATMOS_")]
    paths = [str(path) for path in config.document.files]
    paths += [f"{folder}/{name}" for folder, _, names in os.walk(config.stacks) for name in names]
    for path in paths:
        state = os.stat(path)  # noqa: PTH116 - a thousand of them, while somebody waits
        parts.append(f"{path}:{state.st_mtime_ns}:{state.st_size}")
    return _digest("\n".join(sorted(parts)))


def _digest(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:32]
