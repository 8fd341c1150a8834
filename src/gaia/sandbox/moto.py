"""The only file that knows moto: how it is started, what it wants set, and how it is told to forget."""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import TYPE_CHECKING

from gaia.errors import Unavailable
from gaia.kit import process
from gaia.kit.pages import page

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.kit.procfs import Identity

HEALTH = "/moto-api/"
RESET = "/moto-api/reset"
_SETTINGS = {
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",  # or every policy that AWS itself manages is "not found"
    "MOTO_ACM_VALIDATION_WAIT": "0",
}


def start(folder: Path, socket: int) -> Identity:
    """Start the emulator on a socket that listens already; it logs to `folder/moto.log`.

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
        [sys.executable, "-P", "-c", "from gaia.sandbox.moto import main; main()", str(socket)],
        cwd=folder,
        env=environment,
        log=folder / "moto.log",
        keep_open=[socket],
    )


def main() -> None:
    """The emulator itself, until it is told to end."""
    import logging

    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    from gaia.sandbox.steady import Steady

    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # or one line for each request, for ever
    application = Steady(DomainDispatcherApplication(create_backend_app))
    handler, descriptor = MotoRequestHandler, int(sys.argv[1])
    make_server("127.0.0.1", 0, application, threaded=True, request_handler=handler, fd=descriptor).serve_forever()
