"""Fixtures for every test: nobody's own folders, credentials or git configuration; tools that may be missing."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from gaia.kit.keys import SecretKey
from gaia.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

ROOT = Path(__file__).resolve().parent.parent
REQUIRED = "GAIA_REQUIRE_TOOLS"
"""Set by .ci/run: a skip is a failure there, unless its reason begins with `optional:`."""
_APART = itertools.count()
"""Numbers folders that no test has to make before it needs one."""

# A busy machine is no defect: examples have no time limit of their own. They are few enough to be quick; more of them
# with GAIA_EXAMPLES=1000 make test. No test sets a number of its own.
hypothesis_settings.register_profile(
    "gaia",
    deadline=None,
    max_examples=int(os.environ.get("GAIA_EXAMPLES", "25")),
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("gaia")


# Half of what a worker allocates lives until its end: modules and tests. Looking through it again and again costs a
# fifth of the suite's time; 50,000 new objects at a time are few megabytes.
gc.set_threshold(50_000, 20, 100)


# A shell starts what it puts into the background with SIGINT ignored, nohup ignores SIGHUP, and every child would
# inherit that: tests of what these signals do would then wait for ever.
for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)


class RequireTool(Protocol):
    """What the `require_tool` fixture is."""

    def __call__(self, name: str, *, optional: bool = False) -> Path:
        """The path of a program; skips the test (fails it in CI) when it is not there. `optional`: skips in CI too."""
        ...


@pytest.fixture
def require_tool() -> RequireTool:
    """`require_tool("opa")`: from `.tools/bin` (made by `make tools`), else from PATH."""

    def require(name: str, *, optional: bool = False) -> Path:
        search = f"{ROOT / '.tools/bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        found = shutil.which(name, path=search)
        if found is None:
            pytest.skip(f"{'optional: ' if optional else ''}{name} is not installed (`make tools`, or PATH)")
        return Path(found)

    return require


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that was skipped did not prove what it is there to prove, so it fails."""
    report = yield
    if report.skipped and os.environ.get(REQUIRED) and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not reason.removeprefix("Skipped: ").startswith(("optional:", "got empty parameter set")):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} was skipped, and {REQUIRED} is set: {reason}"
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Properties run the same lines again and again, and house rules run none of Gaia's: tracing them costs much, and
    tells nothing. Tests of limits say so themselves (`@pytest.mark.no_cover`)."""
    for item in items:
        test = getattr(item, "obj", None)
        if getattr(test, "is_hypothesis_test", False) or "house" in item.path.parts:
            item.add_marker("no_cover")


def pytest_collection_finish() -> None:
    """Modules and tests stay until the end, so the garbage collector need not look at them."""
    gc.freeze()


@pytest.fixture(autouse=True)
def _apart(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a test away from the user's data, cloud account and git configuration."""
    folder = tmp_path_factory.getbasetemp() / f"apart-{next(_APART)}"
    for name in [name for name in os.environ if name.startswith(("AWS_", "GAIA_", "TF_VAR_", "GIT_"))]:
        if name != REQUIRED:
            monkeypatch.delenv(name)
    monkeypatch.setenv("GAIA_HOME", str(folder / "home"))
    monkeypatch.setenv("GAIA_CACHE_DIR", str(folder / "cache"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def environ() -> Mapping[str, str]:
    """The environment of the test, as a door would capture it."""
    return dict(os.environ)


@pytest.fixture
def settings(environ: Mapping[str, str], tmp_path: Path) -> Settings:
    """Settings whose home and cache are empty folders of this test and whose working directory is `tmp_path`."""
    return Settings.capture(environ, tmp_path)


@pytest.fixture
def key() -> SecretKey:
    """A repository key that is the same in every run."""
    return SecretKey("key-000000000000", bytes(range(32)))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file that is up to date and empty, to be copied: making one takes a tenth of a second."""
    from gaia.records.database import Database

    path = tmp_path_factory.mktemp("records") / "gaia.db"
    Database.open(path, create=True).close()
    return path
