"""Steps for real: processes, threads and a server on this machine."""

from __future__ import annotations

import os
import select
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from gaia.cli import steps
from gaia.kit.interrupt import Interrupt
from gaia.stacks.workflows.job import of_workflow
from gaia.stacks.workflows.model import StepFailed
from gaia.stacks.workflows.reading import Workflows
from gaia.stacks.workflows.running import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia

WORKFLOWS = """\
workflows:
  w:
    env: {GREETING: hello}
    steps:
      - {name: one, type: shell, command: 'echo "$GREETING"; echo aside >&2'}
      - {name: quiet, type: shell, command: echo never, output: none}
      - {name: two, type: http, url: 'URL/{{ .steps.one.value }}', method: POST, body: '{{ .env.GREETING }}'}
      - name: three
        type: parallel
        output: {order: definition, show_summary: true}
        steps:
          - {name: a, command: 'echo a {{ .steps.two.value }}'}
          - {name: b, command: 'echo b >&2; exit 3'}
          - {name: c, command: exit 0, needs: [b]}
"""


@pytest.fixture(name="server")
def _server() -> Iterator[str]:
    """Answers with what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.send_response(404 if "missing" in self.path else 200)
            self.end_headers()
            self.wfile.write(f"{self.path} {body}".encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_steps_hand_on_what_they_print(gaia: Gaia, tmp_path: Path, server: str) -> None:
    """Shown as it comes unless it is kept silent; a group in one piece for each step, and its own exit status."""
    (tmp_path / "workflows/w.yaml").write_text(WORKFLOWS.replace("URL", server))
    session = gaia.session()
    environ = {**gaia.settings.environ}
    found = Workflows(tmp_path / "workflows", tmp_path).find("w")
    job = of_workflow(found, base=tmp_path, environ=environ, own=steps.own(session))
    with pytest.raises(StepFailed) as caught:
        run(job, job.checked(), steps.Terminal(session, tmp_path, announced=True), again=lambda _: "-")
    assert caught.value.status == 3
    out, err = session.stdout.getvalue(), session.stderr.getvalue()  # type: ignore[attr-defined] # in memory
    assert out == "hello\n"
    lines = err.splitlines()
    assert "aside" in lines
    assert "never" not in lines
    assert lines[-5:] == [
        "── a: done", "a /hello hello", "── b: exit status 3", "b", "1 succeeded, 1 failed, 1 skipped"
    ]  # fmt: skip


def test_a_sleep_beside_others_ends_when_it_is_told_to(gaia: Gaia, tmp_path: Path) -> None:
    """As commands do."""
    (tmp_path / "workflows/w.yaml").write_text("workflows: {w: {steps: [{name: s, type: sleep, timeout: 1h}]}}\n")
    job = of_workflow(Workflows(tmp_path / "workflows", tmp_path).find("w"), base=tmp_path, environ={})
    interrupt = Interrupt()
    interrupt.ask()
    terminal = steps.Terminal(gaia.session(), tmp_path, announced=False)
    assert terminal.beside(job.command(job.steps[0]), interrupt).status == 1


@pytest.mark.parametrize("more", ["", ", output: none"])
def test_a_step_whose_time_is_over_is_ended_with_all_that_it_started(gaia: Gaia, tmp_path: Path, more: str) -> None:
    """Whoever started it does not wait for what it left in the background; `continue` and `retry` see a failure."""
    command = "echo begun; sleep 60 & echo $! > pid; wait"
    (tmp_path / "workflows/w.yaml").write_text(
        f"workflows: {{w: {{steps: [{{name: s, type: shell, command: '{command}', timeout: 500ms{more}}}]}}}}\n"
    )
    said = gaia("workflow", "w")
    assert (said.code, "its time was over (0.5 s)" in said.err) == (124, True)
    assert has_ended(int((tmp_path / "pid").read_text()))


def has_ended(pid: int) -> bool:
    """Whether a process ends within a few seconds."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 10.0)[0])
    finally:
        os.close(handle)


def test_an_answer_that_is_none_is_told(gaia: Gaia, tmp_path: Path, server: str) -> None:
    """A status that is no success with what it says, no answer with its reason."""
    text = f"workflows: {{w: {{steps: [{{name: s, type: http, method: POST, body: x, url: '{server}/missing'}}]}}}}\n"
    (tmp_path / "workflows/w.yaml").write_text(text)
    assert "the answer was 404 Not Found" in gaia("workflow", "w").err
    (tmp_path / "workflows/w.yaml").write_text(text.replace(server, "http://127.0.0.1:1"))
    assert "there was no answer" in gaia("workflow", "w").err


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("hello", ""),
        ("greet", ""),
        ("frobnicate", "command-unknown"),
        ("workflow", "workflow-nameless"),
        ("list", "usage"),
        ("tf paln vpc", "command-unknown"),
        ("terraform workdir list", "not-supported"),
        ("list instances --provenance", "usage"),
        ("list instances --format=tree --no-color", ""),
        ("describe stacks --process-templates=false", ""),
        ("terraform plan vpc --no-such-option", ""),
    ],
)
def test_a_step_s_command_must_exist(gaia: Gaia, tmp_path: Path, command: str, code: str) -> None:
    """Custom ones and aliases do; a group alone is none. Only those that have the flag are given the stack."""
    file = tmp_path / "atmos.yaml"
    custom = "commands: [{name: hello, steps: [exit 0]}, {name: greet, flags: [{name: stack}], steps: [exit 0]}]\n"
    file.write_text(file.read_text() + custom)
    (tmp_path / "workflows/w.yaml").write_text(f"workflows: {{w: {{stack: s, steps: [{{command: {command}}}]}}}}\n")
    said = gaia("workflow", "w", "--dry-run")
    if code:
        assert code in said.err
    else:
        takes_stack = command.startswith(("greet", "list", "describe", "terraform"))
        assert said.out == f"gaia {command}{' -s s' if takes_stack else ''}\n"
