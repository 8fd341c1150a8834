"""The shipped rules, and small plans in the shape of `terraform show -json`."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Any

import pytest

from gaia.kit.process import start
from gaia.policy.judge import PolicySet
from gaia.policy.opa_server import OpaServer
from gaia.policy.regorus import Regorus
from gaia.policy.regorus_child import Evaluator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[3]
POLICIES = ROOT / "blueprint" / "policies"
TOKEN = "a-token-of-the-tests"
METADATA = "# METADATA\n# title: T\n# custom:\n#   severity: low\n#   owner: me\n#   remediation: R\n"


@pytest.fixture
def child() -> None:
    """Evaluate in a child process, as the product does."""


@pytest.fixture(autouse=True)
def _in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Evaluate in this process, which has no start to wait for; a test that uses `child` does as the product does."""

    evaluator = Evaluator()

    def answered(_: Regorus, question: Mapping[str, Any], document: bytes) -> dict[str, Any]:
        found = evaluator.answer(json.loads(json.dumps(question)), document.decode())
        return json.loads(json.dumps(found))  # type: ignore[no-any-return]

    if "child" not in request.fixturenames:
        monkeypatch.setattr(Regorus, "_answered", answered)


@pytest.fixture(scope="session")
def shipped() -> PolicySet:
    """The blueprint's rules."""
    return PolicySet.load(POLICIES)


@pytest.fixture
def plan() -> dict[str, Any]:
    """The preview of an object store in development: bucket, key and identity, everything still to be created."""
    plan: dict[str, Any] = json.loads((ROOT / "tests" / "plans" / "object_store_preview.json").read_text())
    return plan | {"gaia": {"stage": "dev", "tenant": "acme"}}


@pytest.fixture(scope="session")
def opa() -> Path:
    """The `opa` program, from .tools/bin or PATH."""
    found = shutil.which("opa", path=str(ROOT / ".tools" / "bin")) or shutil.which("opa")
    if not found:
        pytest.skip("there is no opa in .tools/bin or on PATH; `make tools` builds it")
    return Path(found)


@pytest.fixture(scope="session")
def server(opa: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running `opa run --server`, which asks for a token; `TOKEN` is taken."""
    folder = tmp_path_factory.mktemp("opa")
    (folder / "authz.rego").write_text(
        'package system.authz\n\ndefault allow := false\n\nallow if input.identity == "' + TOKEN + '"\n'
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    line: list[str | Path] = [
        opa,
        "run",
        "--server",
        "--addr",
        address,
        "--authentication=token",
        "--authorization=basic",
        "authz.rego",
    ]
    lines: Queue[str] = Queue()
    child = start(line, cwd=folder, env={}, on_error_line=lines.put, on_line=lines.put)
    try:
        while "Initializing server" not in lines.get(timeout=60):
            continue
        _wait_for(address)
        yield f"http://{address}"
    finally:
        child.stop()


def _wait_for(address: str) -> None:
    """It says that it begins, and listens a moment later."""
    host, _, port = address.partition(":")
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as asked:
            if asked.connect_ex((host, int(port))) == 0:
                return
        threading.Event().wait(0.02)
    raise AssertionError(address)


@pytest.fixture
def opa_server(server: str, tmp_path: Path) -> OpaServer:
    """An engine on that server, with its token in a file."""
    token = tmp_path / "opa-token"
    token.write_text(f"{TOKEN}\n")
    return OpaServer(server, token_file=token)


def write(folder: Path, files: dict[str, str]) -> Path:
    """A policies folder with these files."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder
