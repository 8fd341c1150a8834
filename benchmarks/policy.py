"""What a judgement costs: a plan of 2,000 resources by the whole shipped set, on each engine that is here.

Claim: at most 0.2 s once the rules are loaded. The plan is that of an object store, over and over. Beside each time
stands its ratio to reading the plan's JSON once with Python's parser, which whoever judges has to do at least. Of the
embedded engine the processor's time counts, for a machine that does other things too; of opa the clock's.
"""

from __future__ import annotations

import copy
import json
import os
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaia.kit.process import start
from gaia.policy.judge import judge, judge_each
from gaia.policy.opa import Opa
from gaia.policy.opa_server import OpaServer
from gaia.policy.regorus import Regorus
from gaia.policy.rules import PolicySet

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]
RESOURCES = 2000
LIMIT = 0.2
"""Seconds, warm."""
ROUNDS = 5
TICKS = os.sysconf("SC_CLK_TCK")


def large_plan() -> dict[str, Any]:
    """A plan of so many resources, and its configuration."""
    plan: dict[str, Any] = json.loads((ROOT / "tests" / "plans" / "object_store_preview.json").read_text())
    changes: list[dict[str, Any]] = []
    for number in range(RESOURCES):
        one = copy.deepcopy(plan["resource_changes"][number % len(plan["resource_changes"])])
        one["address"] += f"_{number}"
        changes.append(one)
    plan["resource_changes"] = changes
    return plan


def seconds_of(pid: int) -> float:
    """Of the processor, that a process has used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def best(call: Callable[[], object], clock: Callable[[], float]) -> float:
    """The least of some rounds."""
    taken = []
    for _ in range(ROUNDS):
        begun = clock()
        call()
        taken.append(clock() - begun)
    return min(taken)


def told(what: str, seconds: float, parse: float) -> None:
    """A line of the table."""
    sys.stdout.write(f"{what:<58} {seconds:8.3f} s  {seconds / parse:7.1f} x\n")


def embedded(policies: PolicySet, plan: dict[str, Any], parse: float) -> float:
    """The embedded engine; what it takes warm."""
    engine = Regorus(time_limit=60)
    begun = time.perf_counter()
    judge(policies, "plan", {"resource_changes": []}, engine=engine)
    told("embedded: its start, and loading the rules (clock)", time.perf_counter() - begun, parse)
    pid = engine.pid

    def clock() -> float:
        return time.process_time() + seconds_of(pid)

    judge(policies, "plan", plan, engine=engine)
    warm = best(lambda: judge(policies, "plan", plan, engine=engine), clock)
    told(f"embedded: {RESOURCES:,} resources, warm (processor)", warm, parse)
    parts = [{**plan, "resource_changes": plan["resource_changes"][n::10]} for n in range(10)]
    told(
        "embedded: the same as ten plans in one question",
        best(lambda: judge_each(policies, "plan", parts, engine=engine), clock),
        parse,
    )
    return warm


def programs(policies: PolicySet, plan: dict[str, Any], parse: float) -> None:
    """Opa, as a program and as a server."""
    found = shutil.which("opa", path=str(ROOT / ".tools" / "bin")) or shutil.which("opa")
    if not found:
        sys.stdout.write("opa: not here, `make tools` builds it\n")
        return
    program = Opa(Path(found))
    told(
        "opa, a program of its own each time (clock)",
        best(lambda: judge(policies, "plan", plan, engine=program), time.perf_counter),
        parse,
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        child = start([found, "run", "--server", "--addr", address], cwd=Path(folder), env={})
        try:
            while True:
                with socket.socket() as asked:
                    if asked.connect_ex(("127.0.0.1", int(address.rpartition(":")[2]))) == 0:
                        break
                time.sleep(0.05)
            server = OpaServer(f"http://{address}")
            begun = time.perf_counter()
            judge(policies, "plan", {"resource_changes": []}, engine=server)
            told("opa server: putting the rules there (clock)", time.perf_counter() - begun, parse)
            told(
                "opa server: warm (clock)",
                best(lambda: judge(policies, "plan", plan, engine=server), time.perf_counter),
                parse,
            )
        finally:
            child.stop()


def main() -> int:
    """1 when the claim does not hold."""
    policies, plan = PolicySet.load(ROOT / "blueprint" / "policies"), large_plan()
    text = json.dumps(plan)
    parse = best(lambda: json.loads(text), time.process_time)
    sys.stdout.write(f"{len(policies.about('plan'))} rules, {RESOURCES:,} resources, {len(text) / 1e6:.1f} MB\n")
    told("reading the JSON once with Python's parser", parse, parse)
    warm = embedded(policies, plan, parse)
    programs(policies, plan, parse)
    sys.stdout.write(f"claim: at most {LIMIT} s warm: {'holds' if warm <= LIMIT else 'DOES NOT HOLD'}\n")
    return 0 if warm <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
