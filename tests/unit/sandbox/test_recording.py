"""What was asked for is done again, with the same ids; what comes out otherwise is named; nothing half is kept."""

from __future__ import annotations

import io
import json
import random
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gaia.sandbox.recording import ASKED, FORGET, Header, Kept, Recorder, read_header, requests_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


class World:
    """An emulator: a name for each thing that is made, by chance; or by the moment where that is asked for."""

    moments = 0

    def __init__(self) -> None:
        self.chance = random.Random()  # noqa: S311 - it is to be seeded
        self.things: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        """One request."""
        body = environ["wsgi.input"].read()
        if environ["PATH_INFO"] == FORGET:
            self.things.clear()
        elif b"fail" in body:
            self.things.append("half")
            raise NotImplementedError
        elif b"moment" in body:
            World.moments += 1
            self.things.append(f"moment-{World.moments}")
        elif environ["REQUEST_METHOD"] == "POST" and b"List" not in body:
            self.things.append(f"{self.chance.getrandbits(32):08x}")
        start_response("200 OK", [])
        yield f"{self.things[-1:]} at 2026-05-01T10:00:0{World.moments % 10}Z".encode()


def started(path: Path, *, most: int = 10_000, version: str = "1", port: int = 5000) -> tuple[Recorder, World]:
    """An emulator that has just come up."""
    world = World()
    recorder = Recorder(world, path, Header("", version, port), world.chance.seed, most)
    recorder.begin()
    return recorder, world


def send(recorder: Recorder, body: str = "", path: str = "/", method: str = "POST", **headers: str) -> Any:
    """The answer of one request."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/iam/aws4_request, Signature=0",
        "wsgi.input": io.BytesIO(body.encode()),
        **headers,
    }
    return b"".join(recorder(environ, lambda *_: None)).decode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where it is recorded."""
    return tmp_path / "recording.jsonl"


def test_the_same_things_are_there_after_a_restart(path: Path) -> None:
    """With the same ids; times may differ; what only read is not done again; and it goes on from there."""
    recorder, world = started(path)
    for body in ("Action=CreateRole", "Action=ListRoles", "Action=CreateRole"):
        send(recorder, body)
    World.moments += 1
    again, twin = started(path, port=6000)
    assert twin.things == world.things
    assert len(set(world.things)) == 2
    assert again.kept == Kept(requests=2, replayed=2)
    assert json.loads(send(again, path=ASKED, method="GET")) == again.kept.as_json()
    send(again, "Action=CreateRole")
    assert started(path)[1].things == twin.things
    assert len(set(twin.things)) == 3
    assert requests_in(path) == 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_recording_keeps_the_first_port(path: Path) -> None:
    """Addresses that were given out hold it."""
    send(started(path, port=5000)[0])
    send(started(path, port=6000)[0])
    header = read_header(path)
    assert header is not None
    assert header.port == 5000


def test_what_answers_otherwise_is_named(path: Path) -> None:
    """Each action once, with its service; another version of the emulator too."""
    recorder, _ = started(path)
    for _ in range(2):
        send(recorder, "Action=CreateKeyPair&Name=moment")
    send(recorder, '{"moment": 1}', HTTP_X_AMZ_TARGET="TrentService.CreateKey")
    again, world = started(path, version="2")
    assert again.kept == Kept(3, 3, ("moto 1", "iam CreateKeyPair", "iam CreateKey"))
    assert len(world.things) == 3


def test_what_it_failed_at_counts_too(path: Path) -> None:
    """It may have changed half of something; that it fails again is no difference."""
    recorder, world = started(path)
    with pytest.raises(NotImplementedError):
        send(recorder, "Action=CreateRole&fail=1")
    send(recorder, "Action=CreateRole")
    again, twin = started(path)
    assert twin.things == world.things == ["half", world.things[1]]
    assert again.kept == Kept(2, 2)


def test_forgetting_forgets_the_recording(path: Path) -> None:
    """Other ids than before from then on."""
    recorder, world = started(path)
    send(recorder)
    first = world.things[0]
    send(recorder, path=FORGET)
    assert (recorder.kept, requests_in(path)) == (Kept(), 0)
    send(recorder)
    assert world.things != [first]
    assert started(path)[1].things == world.things


def test_more_than_it_may_hold_is_not_half_of_it(path: Path) -> None:
    """The recording is gone, it says so, and a restart begins with nothing."""
    recorder, world = started(path, most=1000)
    for _ in range(9):
        send(recorder)
    assert len(world.things) == 9
    assert "more was changed" in recorder.kept.ended
    assert not path.exists()
    again, empty = started(path)
    assert (again.kept, empty.things) == (Kept(), [])


@pytest.mark.parametrize(
    "torn", [b'{"environ": {"REQ', b"no json\n", b"[]\n", b'{"environ":{},"body":"\xc3","answer":""}\n']
)
def test_a_torn_end_is_what_nobody_was_told(path: Path, torn: bytes) -> None:
    """A kill while a line was written: that one was never answered, and the next one stands in its place."""
    recorder, world = started(path)
    send(recorder)
    with path.open("ab") as file:
        file.write(torn)
    again, twin = started(path)
    assert (again.kept, twin.things) == (Kept(1, 1), world.things)
    send(again)
    assert started(path)[0].kept == Kept(2, 2)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]\n", b'{"seed": "a"}\n', b'{"seed": "a", "version": "1", "port": "x"}\n']
)
def test_what_does_not_begin_like_a_recording_is_begun_anew(path: Path, text: bytes) -> None:
    """Nothing can be done again from there."""
    path.write_bytes(text)
    assert read_header(path) is None
    recorder, world = started(path)
    assert (replace(recorder.kept, differing=()), world.things) == (Kept(), [])
    assert [one for one in recorder.kept.differing if "all of it is lost" in one] == list(recorder.kept.differing)
    assert bool(recorder.kept.differing) is bool(text)  # an empty file never was one
    assert read_header(path) is not None


def test_a_damaged_middle_is_told(path: Path) -> None:
    """What stands behind it is lost, and nobody takes the rest for everything."""
    recorder, _ = started(path)
    for _ in range(3):
        send(recorder)
    head, first, second, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(head + first + b"\x00" * 20 + b"\n" + third)
    del second
    kept = started(path)[0].kept
    assert (kept.requests, kept.differing) == (1, ("the recording, damaged after 1 requests: 2 more are lost",))


def test_a_full_disk_ends_it_and_says_so(path: Path) -> None:
    """The request itself is answered."""
    recorder, world = started(path)

    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    recorder._file = Full()
    send(recorder)
    assert len(world.things) == 1
    assert recorder.kept.ended == "the recording cannot be written: No space left on device"
