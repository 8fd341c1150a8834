"""Starting, finding and ending the one emulator of a GAIA_HOME, which outlives the command that started it."""

from __future__ import annotations

import json
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Next, ToolFailed, Unavailable
from gaia.kit.files import exclusive, make_private, read_table, write_atomic
from gaia.kit.process import signal_group
from gaia.kit.procfs import Identity
from gaia.sandbox import moto
from gaia.sandbox.listening import listen, listen_after, listen_again
from gaia.sandbox.recording import ASKED, Kept, requests_in
from gaia.sandbox.wire import REGION, Wire

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Sequence
    from pathlib import Path

STATE_BUCKETS = tuple(
    f"{tenant}-{stage}-tfstate" for tenant in ("acme", "nova") for stage in ("dev", "prod", "staging")
)
"""The buckets that hold the states of the blueprint's stacks."""
LOG_BUCKETS = tuple(f"{name}-logs" for name in STATE_BUCKETS if "-prod-" in name)
"""Where buckets of production log who reads them. In AWS `tfstate-backend` makes them beside the states."""
PLATFORM_BUCKETS = STATE_BUCKETS + LOG_BUCKETS
"""What is there before the first service."""
_STOPPED = {"stopped": True}
"""What is written down in place of an emulator that was ended."""
START_SECONDS = 120.0
_END_SECONDS = 5.0
_REPLAYED = 50
"""Requests of a recording that the slowest machine does again in a second."""
_HTTP_OK = 200


@dataclass(frozen=True, slots=True)
class Sandbox:
    """An emulator that was started from this GAIA_HOME; it may have ended since."""

    port: int
    identity: Identity

    @property
    def url(self) -> str:
        """What `AWS_ENDPOINT_URL` is set to. An address, not a name, makes every SDK put the bucket into the path."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True)
class EmulatorStatus:
    """`sandbox` is None when none was started; `alive` says that its process runs, `healthy` that it answers."""

    sandbox: Sandbox | None
    alive: bool
    healthy: bool
    stopped: bool = False
    """It was ended, and this home is still the emulator's: see `leave`."""


def up(home: Path, *, port: int = 0, buckets: Sequence[str] = PLATFORM_BUCKETS) -> Sandbox:
    """Start the emulator, or return the one that runs, with its buckets; returns when it answers.

    `port` 0 takes that of the last time, which addresses of queues hold, or a free one. What an earlier emulator was
    told is done again; `kept` says how well that went.

    Raises:
        Unavailable: `port-taken`; `sandbox-missing` when moto is not installed; `sandbox-failed` when it died at once.
        Conflict: `sandbox-running` on another port; `sandbox-busy` when another command starts or ends it.
    """
    with _locked(home):
        sandbox = _registered(home)
        if sandbox is None or not sandbox.identity.alive():
            sandbox = _start(home, listen(port) if port else listen_again(recording(home)))
        elif port not in (0, sandbox.port):
            raise Conflict(
                "sandbox-running",
                f"the sandbox already runs on port {sandbox.port}",
                next_step=Next("sandbox down", words="Use it as it is, or end it first"),
            )
        _wait(home, sandbox)
        for name in buckets:
            _make_bucket(sandbox, name)
        return sandbox


def down(home: Path) -> bool:
    """End the emulator; False when none ran. A process that merely has its number is not touched.

    The home stays the emulator's until `leave`: a plan that was made for it never reaches a real account by surprise.

    Raises:
        Conflict: `sandbox-busy`.
    """
    with _locked(home):
        sandbox = _registered(home)
        ran = sandbox is not None and _end(sandbox.identity)
        if sandbox is not None:
            write_atomic(_state(home), json.dumps(_STOPPED).encode())
        return ran


def leave(home: Path) -> bool:
    """End the emulator and forget what it held: from now on terraform is led to the caller's own cloud. Snapshots stay.

    False: it was not used.

    Raises:
        Conflict: `sandbox-busy`.
    """
    with _locked(home):
        sandbox = _registered(home)
        if sandbox is not None:
            _end(sandbox.identity)
        used = _state(home).exists()
        _state(home).unlink(missing_ok=True)
        recording(home).unlink(missing_ok=True)
        return used


def status(home: Path) -> EmulatorStatus:
    """What is known about the emulator now."""
    sandbox = _registered(home)
    if sandbox is None or not sandbox.identity.alive():
        return EmulatorStatus(sandbox, alive=False, healthy=False, stopped=_is_stopped(home))
    return EmulatorStatus(sandbox, alive=True, healthy=_healthy(sandbox, 3.0))


def environment(home: Path) -> dict[str, str] | None:
    """The variables that send every AWS client to the emulator; None when this home does not use one.

    They take the place of the caller's own `AWS_…` variables, none of which may be kept beside them.

    Raises:
        Unavailable: `sandbox-down` when it was ended or has died: nobody falls through to a real account.
    """
    if _registered(home) is None and not _is_stopped(home):
        return None
    sandbox = running(home)
    return {
        "AWS_ENDPOINT_URL": sandbox.url,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        # For hosts with an account or a bucket before the address, which no name service knows: see `boundary`.
        "HTTP_PROXY": sandbox.url,
        "http_proxy": sandbox.url,
    }


def running(home: Path) -> Sandbox:
    """The emulator, surely alive.

    Raises:
        Unavailable: `sandbox-down`.
    """
    sandbox = _registered(home)
    if sandbox is None or not sandbox.identity.alive():
        raise Unavailable(
            "sandbox-down",
            "this home uses the emulated AWS, which does not run",
            next_step=Next(
                "sandbox up",
                words="Start it",
                after="Or `sandbox leave`, to use your own cloud from now on.",
            ),
        )
    return sandbox


def bucket(home: Path, name: str) -> None:
    """Make a bucket, for instance one for states; one that is there stays.

    Raises:
        Unavailable: `sandbox-down`.
    """
    _make_bucket(running(home), name)


def reset(home: Path, *, buckets: Sequence[str] = PLATFORM_BUCKETS) -> None:
    """Forget everything in the emulator, and the recording of it; its buckets are made again, empty.

    Raises:
        Unavailable: `sandbox-down`.
    """
    sandbox = running(home)
    Wire(sandbox.port).send("POST", moto.RESET)
    for name in buckets:
        _make_bucket(sandbox, name)


def forget(home: Path) -> bool:
    """Throw away what an emulator that was ended would come back with. False: there was nothing.

    Raises:
        Conflict: `sandbox-busy`; `sandbox-running`.
    """
    with _locked(home):
        _refuse_running(home)
        held = recording(home).exists()
        recording(home).unlink(missing_ok=True)
        return held


def exchange(home: Path, other: Path) -> Sandbox | None:
    """Put another recording in place of what the emulator holds; one that runs is started again with it, else None.

    Raises:
        Conflict: `sandbox-busy`. Unavailable: as for `up`.
    """
    with _locked(home):
        sandbox = _registered(home)
        runs = sandbox is not None and _end(sandbox.identity)
        write_atomic(recording(home), other.read_bytes())
        if sandbox is None or not runs:
            return None
        again = _start(home, listen_after(sandbox.port))
        _wait(home, again)
        return again


def kept(home: Path) -> Kept:
    """What the emulator that runs could come back with after a restart.

    Raises:
        Unavailable: `sandbox-down`.
    """
    status, said = Wire(running(home).port).send("GET", ASKED)
    if status != _HTTP_OK or not said:
        return Kept()
    found = json.loads(said)
    return Kept(found["requests"], found["replayed"], tuple(found["differing"]), found["ended"])


def recording(home: Path) -> Path:
    """What the emulator of this home was told."""
    return moto.recording_of(home / "sandbox")


def _start(home: Path, listener: socket.socket) -> Sandbox:
    folder = home / "sandbox"
    (folder / "moto.log").unlink(missing_ok=True)  # what it says is about this start, not about an earlier one
    try:
        taken = listener.getsockname()[1]
        sandbox = Sandbox(taken, moto.start(folder, listener.fileno()))
    finally:
        listener.close()
    identity = sandbox.identity
    state = {"port": taken, "pid": identity.pid, "started": identity.started, "boot": identity.boot}
    try:
        write_atomic(_state(home), json.dumps(state).encode())
    except Unavailable:
        _end(identity)
        raise
    return sandbox


def _wait(home: Path, sandbox: Sandbox) -> None:
    """Return when it answers. The port listens from the beginning, so one patient request is enough."""
    if _healthy(sandbox, START_SECONDS + requests_in(recording(home)) / _REPLAYED):
        return
    _end(sandbox.identity)
    write_atomic(_state(home), json.dumps(_STOPPED).encode())  # nobody falls through to a real account
    log = home / "sandbox/moto.log"
    said = log.read_text(encoding="utf-8", errors="replace").strip()[-400:] if log.exists() else ""
    raise Unavailable(
        "sandbox-failed",
        f"the sandbox did not come up: {said or 'it said nothing'}",
        next_step=f"Look at {log}, then try again.",
    )


def _refuse_running(home: Path) -> None:
    sandbox = _registered(home)
    if sandbox is not None and sandbox.identity.alive():
        raise Conflict(
            "sandbox-running",
            f"the sandbox runs on port {sandbox.port}",
            next_step=Next("sandbox reset", words="Ask it to forget"),
        )


def _healthy(sandbox: Sandbox, seconds: float) -> bool:
    try:
        return Wire(sandbox.port).send("GET", moto.HEALTH, seconds=seconds)[0] == _HTTP_OK
    except Unavailable:
        return False


def _make_bucket(sandbox: Sandbox, name: str) -> None:
    try:
        Wire(sandbox.port).s3("PUT", name, acl="log-delivery-write" if name in LOG_BUCKETS else "")
    except ToolFailed as error:
        if "BucketAlreadyOwnedByYou" not in error.message:
            raise


def _end(identity: Identity) -> bool:
    """End exactly that process and what it started; False when it has ended already."""
    if not identity.alive():
        return False
    for number in (signal.SIGTERM, signal.SIGKILL):
        signal_group(identity.pid, number)
        deadline = time.monotonic() + _END_SECONDS
        while identity.alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        if not identity.alive():
            break
    return True


def _is_stopped(home: Path) -> bool:
    path = _state(home)
    return path.exists() and _registered(home) is None


def _state(home: Path) -> Path:
    return home / "sandbox/state.json"


def _registered(home: Path) -> Sandbox | None:
    def broken(why: str) -> Conflict:
        return Conflict(
            "sandbox-state-broken",
            why,
            next_step=f"Remove {_state(home)}, and end the emulator yourself if it still runs.",
        )

    state = read_table(_state(home), broken)
    if state is None or state == _STOPPED:
        return None
    port, pid, started, boot = (state.get(name) for name in ("port", "pid", "started", "boot"))
    if isinstance(port, int) and isinstance(pid, int) and isinstance(started, int) and isinstance(boot, str):
        return Sandbox(port, Identity(pid, started, boot))
    raise broken(f"{_state(home)} does not say which process it is")


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    folder = home / "sandbox"
    make_private(folder)
    with exclusive(folder / "lock") as held:
        if not held:
            raise Conflict(
                "sandbox-busy",
                "another command is starting or ending the sandbox",
                next_step=Next("sandbox status", words="Wait a moment, then look"),
            )
        yield
