"""`--corpus DIR` adds a corpus; the table by class at the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.conformance.corpus import unpack
from tests.conformance.verdicts import Verdict, table

if TYPE_CHECKING:
    from collections.abc import Callable


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option of this suite."""
    parser.addoption("--corpus", action="append", default=[], help="another corpus: a folder, a .tar.xz or a .json.xz")


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """The folder of an unpacked corpus, made once a process."""
    known: dict[Path, Path] = {}

    def find(source: Path) -> Path:
        if source not in known:
            known[source] = unpack(source, tmp_path_factory.mktemp("corpus"))
        return known[source]

    return find


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A table of each corpus."""
    found: dict[str, list[Verdict]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            properties = dict(getattr(report, "user_properties", ()))
            if getattr(report, "when", "") == "call" and "corpus" in properties:
                verdict = Verdict(str(report.nodeid), str(properties["class"]), str(properties["outcome"]))
                found.setdefault(str(properties["corpus"]), []).append(verdict)
    for name, verdicts in sorted(found.items()):
        terminalreporter.section(Path(name).name.removesuffix(".xz").removesuffix(".tar").removesuffix(".json"))
        terminalreporter.write_line(table(verdicts))
