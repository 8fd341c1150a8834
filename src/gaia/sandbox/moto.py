"""The only file that knows moto: how it is started, what it wants set, and how it is told to forget."""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
from typing import TYPE_CHECKING, Any

from gaia.errors import Unavailable
from gaia.kit import process
from gaia.kit.pages import page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.kit.procfs import Identity

HEALTH = "/moto-api/"
RESET = "/moto-api/reset"
_SETTINGS = {
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",  # or every policy that AWS itself manages is "not found"
    "MOTO_ACM_VALIDATION_WAIT": "0",
}
_MAIN = "from gaia.sandbox.moto import main; main()"


def recording_of(folder: Path) -> Path:
    """Where the emulator of this folder writes down what it was told."""
    return folder / "recording.jsonl"


def start(folder: Path, listening: int) -> Identity:
    """Start the emulator on a socket that listens already; it logs to `folder/moto.log`, and records what it is told.

    Raises:
        Unavailable: `sandbox-missing` when the extra is not installed.
    """
    if not all(importlib.util.find_spec(name) for name in ("moto", "flask", "werkzeug")):
        raise Unavailable(
            "sandbox-missing",
            "the sandbox needs moto, which is not installed",
            next_step=f"Install Gaia with its extra, 'sandbox': {page('how-to/install.md')} says how.",
        )
    environment = {"PATH": os.defpath, "HOME": str(folder), "PYTHONUTF8": "1", **_SETTINGS}
    return process.start_detached(
        [sys.executable, "-P", "-c", _MAIN, str(listening), str(recording_of(folder))],
        cwd=folder,
        env=environment,
        log=folder / "moto.log",
        keep_open=[listening],
    )


def main(*, patched: bool = True) -> None:
    """The emulator itself, until it is told to end; without `patched` it is moto as it comes."""
    import logging
    from pathlib import Path

    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    from gaia.sandbox.boundary import Boundary
    from gaia.sandbox.recording import Header, Recorder
    from gaia.sandbox.steady import Steady
    from moto import __version__

    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # or one line for each request, for ever
    with socket.socket(fileno=int(sys.argv[1])) as listening:
        header = Header("", __version__, listening.getsockname()[1])
        seed = _seeding()
        create = _patching(create_backend_app) if patched else create_backend_app
        recorder = Recorder(DomainDispatcherApplication(_still(create)), Path(sys.argv[2]), header, seed)
        recorder.begin()
        application, handler, descriptor = Boundary(Steady(recorder)), MotoRequestHandler, listening.fileno()
        make_server("127.0.0.1", 0, application, threaded=True, request_handler=handler, fd=descriptor).serve_forever()


def _patching(create: Callable[..., Any]) -> Callable[..., Any]:
    """What makes a service, with its patches on it: nothing is imported before it is asked for."""
    from gaia.sandbox import patches

    patches.begin()

    def call(service: str) -> Any:
        patches.put_on(service)
        return create(service)

    return call


def _seeding() -> Callable[[str], None]:
    """What sets all randomness of moto: its own, Python's, and what keys are made of. To be called once a process.

    The first look at a service makes its world in an account and a region, be it by a request that only reads: its ids
    come from the seed of the recording and its place, not from the moment.
    """
    import random

    from moto.core.base_backend import AccountSpecificBackend
    from moto.moto_api._internal import mock_random

    base = ""
    plain = AccountSpecificBackend.__getitem__

    def seed(token: str) -> None:
        nonlocal base
        base = token.partition("/")[0]
        mock_random.seed(token)
        random.seed(token)

    @_still
    def make(worlds: Any, region: str) -> Any:
        mock_random.seed(f"{base}:{worlds.service_name}:{worlds.account_id}:{region}")
        return plain(worlds, region)

    def made_in_place(worlds: Any, region: str) -> Any:
        known = (region if region != "global" else "aws") in worlds.keys()  # noqa: SIM118 - it has its own `in`
        return plain(worlds, region) if known else make(worlds, region)

    AccountSpecificBackend.__getitem__ = made_in_place  # type: ignore[method-assign]
    os.urandom = mock_random.randbytes  # nothing here is a secret, and what was encrypted stays readable
    return seed


def _still(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, at whose end moto's randomness is where it was: what is made once disturbs no request."""
    from moto.moto_api._internal import mock_random

    def call(*arguments: Any) -> Any:
        before = mock_random.getstate()
        try:
            return function(*arguments)
        finally:
            mock_random.setstate(before)

    return call
