"""Who hears what a process does: its log, its measures, and a collector of traces where the environment names one."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from gaia.kit import clock, telemetry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gaia.kit.telemetry import Listener
    from gaia.settings import Settings

    Log = Callable[[Mapping[str, object]], None]

_COLLECTORS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


@contextmanager
def traced(settings: Settings, tell: Callable[[str], object]) -> Iterator[None]:
    """While the block runs what is done goes to the collector, where there is one: else nothing is even imported."""
    if not any(settings.environ.get(name) for name in _COLLECTORS):
        yield
        return
    from gaia.kit.opentelemetry import tracing, wanted

    with ExitStack() as stack:
        made = stack.enter_context(tracing(settings.environ, tell)) if wanted(settings.environ) else None
        if made is not None:
            stack.enter_context(telemetry.listening(made))
        yield


def lines(settings: Settings, write: Callable[[str], object]) -> tuple[Log, Callable[[str], str]]:
    """The log of a process that serves, a line of JSON each, and what takes its own folders out of texts for others."""

    def log(line: Mapping[str, object]) -> None:
        write(json.dumps({"at": clock.rfc3339(clock.now()), **line}, ensure_ascii=False, default=str) + "\n")

    def hide(text: str) -> str:
        for folder, name in ((settings.home, "GAIA_HOME"), (settings.cache, "GAIA_CACHE_DIR"), (settings.cwd, ".")):
            if len(folder.parts) > 1:
                text = text.replace(str(folder), name)
        return text

    return log, hide


@contextmanager
def watched(settings: Settings, log: Log, measures: Listener, tell: Callable[[str], None]) -> Iterator[None]:
    """All of them, of a process that serves."""
    from gaia.kit.log_lines import LogLines

    with traced(settings, tell), telemetry.listening(measures, LogLines(log)):
        yield
