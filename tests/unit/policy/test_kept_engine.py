"""The process of the embedded engine: kept while it behaves, ended and replaced when it does not."""

from __future__ import annotations

import os
import select
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Invalid, Unavailable
from gaia.kit.process import run
from gaia.policy.judge import judge
from gaia.policy.regorus import Regorus
from gaia.policy.rules import PolicySet

from .conftest import METADATA, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("child")
HEAD = METADATA + "package gaia.plan.a\n\n"
FINE = 'deny contains {"message": "no"} if input.x == 1\n'
LOOP = """deny contains {"message": "x"} if {
  some a in numbers.range(1, 5000)
  some b in numbers.range(1, 5000)
  some c in numbers.range(1, 5000)
  a + b + c < 0
}
"""
BAD = {
    "endless": LOOP,
    "deep": 'f(x) := f(x + 1)\n\ndeny contains {"message": "x"} if f(1)\n',
    "huge": 'deny contains {"message": "x"} if count([s | some a in numbers.range(1, 100000); '
    'some b in numbers.range(1, 100000); s := sprintf("%d %d", [a, b])]) < 0\n',
    "regex": 'deny contains {"message": "x"} if regex.match(`^(([a-z])+.)+[A-Z]([a-z])+$`, '
    'concat("", [s | some _ in numbers.range(1, 100000); s := "a"]))\n',
}


def _policies(folder: Path, body: str) -> PolicySet:
    return PolicySet.load(write(folder, {"plan/a.rego": HEAD + body}))


@pytest.fixture
def engine() -> Iterator[Regorus]:
    """With limits that a test can wait for."""
    made = Regorus(time_limit=3.0, memory_limit=1024**3)
    yield made
    made.end()


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_one_process_answers_all_the_time(engine: Regorus, tmp_path: Path) -> None:
    """Also about another set, and after a mistake of a rule."""
    fine, other = _policies(tmp_path / "a", FINE), _policies(tmp_path / "b", FINE.replace("1", "2"))
    judge(fine, "plan", {"x": 1}, engine=engine)
    pid = engine.pid
    assert judge(other, "plan", {"x": 1}, engine=engine) == ()
    with pytest.raises(Invalid):
        judge(_policies(tmp_path / "c", "deny contains x if {\n"), "plan", {}, engine=engine)
    assert len(judge(fine, "plan", {"x": 1}, engine=engine)) == 1
    assert engine.pid == pid


@pytest.mark.slow
@pytest.mark.parametrize("kind", BAD)
def test_what_misbehaves_costs_one_judgement(engine: Regorus, tmp_path: Path, kind: str) -> None:
    """It decides nothing or, where the engine can bear it, it decides; its process is gone, and the next is as ever."""
    fine = _policies(tmp_path / "a", FINE)
    judge(fine, "plan", {"x": 1}, engine=engine)
    pid = engine.pid
    bad = _policies(tmp_path / "b", BAD[kind])
    if kind == "regex":  # the engine's expressions take time that grows with the text, and no faster
        assert judge(bad, "plan", {}, engine=Regorus()) == ()
    else:
        with pytest.raises(Unavailable) as caught:
            judge(bad, "plan", {}, engine=engine)
        assert caught.value.code in ("policy-engine-timeout", "policy-engine-crashed")
        assert _gone(pid)
    assert len(judge(fine, "plan", {"x": 1}, engine=engine)) == 1


def test_a_killed_one_is_replaced(engine: Regorus, tmp_path: Path) -> None:
    """Between two judgements nobody notices."""
    fine = _policies(tmp_path, FINE)
    judge(fine, "plan", {"x": 1}, engine=engine)
    pid = engine.pid
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert len(judge(fine, "plan", {"x": 1}, engine=engine)) == 1
    assert engine.pid != pid


def test_one_that_has_grown_ends_by_itself_and_is_replaced(tmp_path: Path) -> None:
    """After its answer, which stands; the next judgement does not notice."""
    fine, engine = _policies(tmp_path, FINE), Regorus(memory_limit=400 * 1024**2)
    judge(fine, "plan", {"x": 1}, engine=engine)
    pid = engine.pid
    assert len(judge(fine, "plan", {"x": 1, "much": "a" * 40 * 1024**2}, engine=engine)) == 1
    with suppress(ChildProcessError):  # it has been replaced already
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert len(judge(fine, "plan", {"x": 1}, engine=engine)) == 1
    assert engine.pid != pid
    engine.end()


def test_it_ends_with_its_engine(tmp_path: Path) -> None:
    """Whoever lets go of the engine leaves no process behind."""
    engine = Regorus()
    judge(_policies(tmp_path, FINE), "plan", {"x": 1}, engine=engine)
    pid = engine.pid
    del engine
    assert _gone(pid)


@pytest.mark.slow
def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    """Also with one that is killed in the middle of a judgement without end."""
    policies = write(tmp_path, {"plan/a.rego": HEAD + LOOP})
    script = f"""
import os, signal, threading
from pathlib import Path
from gaia.policy.judge import judge
from gaia.policy.regorus import Regorus
from gaia.policy.rules import PolicySet
engine = Regorus()
running = engine._running
def tell():
    child = running()
    print(child.pid, flush=True)
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGKILL)).start()
    return child
engine._running = tell
judge(PolicySet.load(Path({str(policies)!r})), "plan", {{}}, engine=engine)
"""
    done = run([sys.executable, "-c", script], cwd=tmp_path, env=dict(os.environ), timeout=60)
    assert done.returncode == -signal.SIGKILL
    pid = int(done.stdout.split()[0])
    try:
        ended = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    assert select.select([ended], [], [], 20)[0]
    os.close(ended)
