"""What is asked of an OPA server, and what its answers are taken for; a small server stands for it."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from gaia.errors import GaiaError, Position
from gaia.policy.model import Answer, Module
from gaia.policy.opa_server import OpaServer, _below, _column_before

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIB = Module("lib/more.rego", "package gaia.lib.more\n\ntwice(x) := x * 2\n")
RULE = Module("plan/a.rego", 'package gaia.plan.a\n\nimport data.gaia.lib.more\n\n# data.x\nx := "data.y" if data.z\n')
DENY = ["data.gaia.plan.a.deny"]


@dataclass
class Played:
    """A server that answers as it is told: by method, one answer after the other, the last one for ever."""

    answers: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    asked: list[tuple[str, str, bytes, str | None]] = field(default_factory=list)
    url: str = ""

    def answer(self, method: str, path: str, body: bytes, token: str | None) -> tuple[int, bytes]:
        """The next one of its method."""
        self.asked.append((method, path, body, token))
        left = self.answers.get(method, [(200, {})])
        status, found = left.pop(0) if len(left) > 1 else left[0]
        return status, found if isinstance(found, bytes) else json.dumps(found).encode()

    @property
    def paths(self) -> list[str]:
        """What was asked, without the digest."""
        return [f"{method} {path.rpartition('gaia_')[2][33:]}" for method, path, _, _ in self.asked]


@pytest.fixture
def played() -> Iterator[Played]:
    """On a free port."""
    told = Played()

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, content = told.answer(self.command, self.path, body, self.headers.get("Authorization"))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield told
    server.shutdown()
    server.server_close()


def _wrong(message: str, **location: object) -> dict[str, Any]:
    return {"code": "invalid_parameter", "message": "m", "errors": [{"message": message, "location": location}]}


def test_rules_are_put_once_and_asked_for_by_a_rule_of_their_own(played: Played) -> None:
    """Last of all, so that where it answers, the others are there."""
    played.answers["POST"] = [(200, {}), (200, {"result": {"0": [["x"]]}})]
    engine = OpaServer(f"{played.url}/")
    assert engine.evaluate([LIB, RULE], b'{"a": 1}', DENY) == (Answer(defined=True, value=["x"]),)
    assert engine.evaluate([LIB, RULE], b'{"a": 2}', DENY) == (Answer(defined=True, value=["x"]),)
    (ask, *_), last = played.paths, played.asked[-1]
    assert ask.startswith("POST ask_")
    assert [path[:15] for path in played.paths[1:]] == [
        "PUT lib/more.re", "PUT plan/a.rego", ask[:0] + played.paths[3][:15], ask[:15], ask[:15],
    ]  # fmt: skip
    assert (last[2], last[3]) == (b'{"input":{"a": 2}}', None)
    assert last[1].endswith("/answer?strict-builtin-errors=true")


def test_one_that_calls_another_is_put_after_it(played: Played) -> None:
    """Whatever their names are."""
    played.answers["POST"] = [(200, {}), (200, {"result": {"0": []}})]
    played.answers["PUT"] = [(400, _wrong("rego_type_error: undefined function data.gaia_x.f")), (200, {})]
    assert OpaServer(played.url).evaluate([RULE, LIB], b"{}", DENY) == (Answer(defined=False),)
    puts = [path for path in played.paths if path.startswith("PUT")]
    assert puts[:3] == ["PUT plan/a.rego", "PUT lib/more.rego", "PUT plan/a.rego"]


def test_what_is_wrong_with_a_rule_has_its_place_and_nothing_stays(played: Played) -> None:
    """In the columns of the file as it is; what was put before is taken away."""
    root = "gaia_" + "0" * 32
    column = len(f"import data.{root}.gaia.") + 1
    played.answers["POST"] = [(200, {})]
    engine = OpaServer(played.url)

    def put(method: str, path: str, body: bytes, token: str | None) -> tuple[int, bytes]:
        played.asked.append((method, path, body, token))
        if method != "PUT" or "plan/a" not in path:
            return 200, b"{}"
        file = path.removeprefix("/v1/policies/")
        return 400, json.dumps(_wrong("no such", file=file, row=3, col=column)).encode()

    played.answer = put  # type: ignore[method-assign]
    (answer,) = engine.evaluate([LIB, RULE], b"{}", DENY)
    assert answer.problem is not None
    assert (answer.problem.message, answer.problem.at) == ("no such", Position("plan/a.rego", 3, 18))
    assert played.paths[-1] == "DELETE lib/more.rego"


def test_a_function_that_nobody_has_is_a_problem(played: Played) -> None:
    """It does not wait for ever."""
    wrong = _wrong("rego_type_error: undefined function f", file="elsewhere", row=1, col=1)
    played.answers |= {"POST": [(200, {})], "PUT": [(400, wrong)]}
    (answer,) = OpaServer(played.url).evaluate([RULE], b"{}", DENY)
    assert answer.problem is not None
    assert (answer.problem.message, answer.problem.at) == ("rego_type_error: undefined function f", None)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, {}, "opa-not-allowed"),
        (403, {}, "opa-not-allowed"),
        (200, b"hello", "policy-engine-crashed"),
        (200, b"[]", "policy-engine-crashed"),
        (500, {"message": "down"}, "policy-engine-crashed"),
        (302, {}, "policy-engine-crashed"),
        (200, {"result": 5}, "policy-engine-crashed"),
        (200, {"result": {}}, "policy-engine-crashed"),
        (200, {"result": {"0": 5}}, "policy-engine-crashed"),
        (200, {"result": {"0": [1, 2]}}, "policy-engine-crashed"),
        (200, {"result": None}, "policy-engine-crashed"),
    ],
)
def test_no_answer_decides_nothing(played: Played, status: int, body: Any, code: str) -> None:
    """A token that is not taken, what is no answer, an error of the server, somebody else's address."""
    played.answers["POST"] = [(status, body)]
    with pytest.raises(GaiaError) as caught:
        OpaServer(played.url).evaluate([RULE], b"{}", DENY)
    assert (caught.value.code, "nothing was decided" in caught.value.message) == (code, True)


def test_a_server_that_is_away_or_slow_decides_nothing(played: Played) -> None:
    """Nobody listens there; nobody answers."""
    silent = threading.Event()
    played.answer = lambda *_: ((silent.wait(5) and 200) or 200, b"{}")  # type: ignore[method-assign]
    for url, code in (("http://127.0.0.1:1", "opa-unreachable"), (played.url, "policy-engine-timeout")):
        with pytest.raises(GaiaError) as caught:
            OpaServer(url, time_limit=0.1).evaluate([RULE], b"{}", DENY)
        assert caught.value.code == code
    silent.set()


def test_a_server_that_drips_is_cut_off() -> None:
    """Each byte is in time, and the whole is not; what was cut off is no answer."""
    silent = threading.Event()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def drip() -> None:
            with suppress(OSError):
                connection, _ = listening.accept()
                with connection:
                    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
                    while not silent.wait(0.05):
                        connection.sendall(b" ")

        threading.Thread(target=drip, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(GaiaError) as caught:
            OpaServer(f"http://127.0.0.1:{listening.getsockname()[1]}", time_limit=0.4).evaluate([RULE], b"{}", DENY)
        silent.set()
    assert (caught.value.code, time.monotonic() - began < 10) == ("policy-engine-timeout", True)


def test_the_token_is_read_for_each_call(played: Played, tmp_path: Path) -> None:
    """It may be another one by then; a file that does not read is an error, not a call without it."""
    file = tmp_path / "token"
    played.answers["POST"] = [(200, {"result": {"0": []}})]
    engine = OpaServer(played.url, token_file=file)
    for token in ("one", "two"):
        file.write_text(f"{token}\n")
        engine.evaluate([RULE], b"{}", DENY)
    assert [token for *_, token in played.asked] == ["Bearer one", "Bearer two"]
    file.unlink()
    with pytest.raises(GaiaError) as caught:
        engine.evaluate([RULE], b"{}", DENY)
    assert caught.value.code == "opa-token-unreadable"


@pytest.mark.parametrize(
    "url", ["", "opa", "ftp://h", "http://", "http://h:x", "http://u:p@h", "file:///etc/passwd"]
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    """A name and a password in it would be shown by every error."""
    with pytest.raises(GaiaError) as caught:
        OpaServer(url)
    assert caught.value.code == "opa-url-invalid"


def test_only_what_refers_to_rules_is_moved() -> None:
    """Not comments, texts, fields of others or longer names; each line stays where it is."""
    text = RULE.text + 'y := input.data.x\n\nz := database.x + object.get(data.a, "data.b", `data.c`)[data.d]\n'
    moved = _below("r", text)
    assert moved.splitlines() == [
        "package r.gaia.plan.a", "", "import data.r.gaia.lib.more", "", "# data.x", 'x := "data.y" if data.r.z',
        "y := input.data.x", "", 'z := database.x + object.get(data.r.a, "data.b", `data.c`)[data.r.d]',
    ]  # fmt: skip
    line = moved.splitlines()[8]
    for word in ("database", "object", "data.r.a", '"data.b"', "data.r.d"):
        column = line.index(word) + 1
        assert _column_before("r", text, 9, column) == text.splitlines()[8].index(word.replace(".r", "")) + 1
