"""The embedded engine, in a child process that can be killed.

Endless recursion in a rule overflows the engine's stack and ends its process; endless work cannot be interrupted. So
this module is both sides: `Regorus` starts `python -m gaia.policy.regorus` and `main` is what runs there. The child is
told everything through its standard input (one header line, then the input document as it is) and reads no file. It
imports little on purpose: its start counts in every judgement.
"""

from __future__ import annotations

import json
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.policy.model import Answer, Module

TIME_LIMIT = 10.0
"""Seconds; the shipped rules take about a hundredth of it for a plan of 2,000 resources."""
MEMORY_LIMIT = 4 * 1024**3
_LOCATION = re.compile(r"^--> (?P<file>.+):(?P<line>\d+):(?P<column>\d+)$", re.MULTILINE)
_MESSAGE = re.compile(r"^error: (?P<message>.+)$", re.MULTILINE)


class Regorus:
    """`ports.PolicyEngine` on the embedded engine."""

    name = "regorus"

    def __init__(self, *, time_limit: float = TIME_LIMIT) -> None:
        self._time_limit = time_limit

    def evaluate(self, modules: Sequence[Module], document: bytes, references: Sequence[str]) -> tuple[Answer, ...]:
        """See `ports.PolicyEngine`."""
        from gaia.errors import Next, ToolFailed, Unavailable
        from gaia.kit.process import run

        header = {
            "modules": [[module.path, module.text, module.may_be_old] for module in modules],
            "references": list(references),
            "seconds": self._time_limit,
        }
        try:
            done = run(
                [sys.executable, "-I", "-m", "gaia.policy.regorus"],
                cwd=Path(sys.prefix),
                env={},
                stdin=json.dumps(header).encode() + b"\n" + document,
                timeout=self._time_limit + 5,
                may_finish=True,  # it ends itself at the limit, and touches nothing
            )
        except ToolFailed as error:
            raise _timed_out(self._time_limit) from error
        if done.returncode in (-signal.SIGALRM, -signal.SIGXCPU):
            raise _timed_out(self._time_limit)
        if done.returncode != 0:
            raise Unavailable(
                "policy-engine-crashed",
                f"the policy engine ended with {_ending(done.returncode)}; nothing was decided",
                next_step=Next("policy test", words="Look for endless recursion in the rules, as by their tests"),
                facts={"stderr": done.stderr[-2000:]},
            )
        return tuple(_answer(item) for item in json.loads(done.stdout))


def _timed_out(limit: float) -> Exception:
    from gaia.errors import Next, Unavailable

    return Unavailable(
        "policy-engine-timeout",
        f"the rules were not evaluated within {limit:g} s; nothing was decided",
        next_step=Next("policy test", words="Look for a rule whose work grows without end, for instance by the tests"),
    )


def _ending(code: int) -> str:
    return f"status {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _answer(item: dict[str, Any]) -> Answer:
    from gaia.errors import Position
    from gaia.policy.model import Answer, Problem

    if "problem" in item:
        at = item["at"]
        return Answer(False, problem=Problem(item["problem"], Position(*at) if at else None))
    return Answer("value" in item, item.get("value"))


def main() -> None:
    """The child: evaluate, print a JSON array with `{"value": …}`, `{}` or `{"problem": …, "at": …}` a reference."""
    # Native code does not come back to Python's signal handlers, so the defaults, which end the process, do it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    header = json.loads(sys.stdin.buffer.readline())
    _limit(float(header["seconds"]))
    results = _evaluate(header["modules"], sys.stdin.buffer.read().decode(), header["references"])
    sys.stdout.write(json.dumps(results))


def _limit(seconds: float) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _evaluate(modules: list[tuple[str, str, bool]], document: str, references: list[str]) -> list[dict[str, Any]]:
    import regorus

    engine = regorus.Engine()
    try:
        for path, text, may_be_old in modules:
            _add(engine, path, text, may_be_old=may_be_old)
        engine.set_input_json(document)
    except RuntimeError as error:
        return [_problem(error)] * len(references)
    try:
        return _together(engine, references)
    except RuntimeError:
        # Somewhere is a mistake; one by one tells which references it touches.
        return [_alone(engine, reference) for reference in references]


def _add(engine: Any, path: str, text: str, *, may_be_old: bool) -> None:  # noqa: ANN401 - a module without types
    try:
        engine.add_policy(path, text)
    except RuntimeError as error:
        if not may_be_old:
            raise
        engine.set_rego_v0(True)  # of what is added from here on
        try:
            engine.add_policy(path, text)
        except RuntimeError:
            raise error from None  # in neither version: what v1 says is what the writer should do
        finally:
            engine.set_rego_v0(False)


def _together(engine: Any, references: list[str]) -> list[dict[str, Any]]:  # noqa: ANN401 - a module without types
    # One query, because each one evaluates the shared rules again; a comprehension, because an undefined member would
    # make the whole object undefined.
    # A line each, because the engine takes no line of more than 1,024 characters.
    members = ",\n".join(f'"{number}": [x | x := {reference}]' for number, reference in enumerate(references))
    found = json.loads(engine.eval_query_as_json(f"{{{members}}}"))["result"][0]["expressions"][0]["value"]
    values = [found[str(number)] for number in range(len(references))]
    return [{"value": value[0]} if value else {} for value in values]


def _alone(engine: Any, reference: str) -> dict[str, Any]:  # noqa: ANN401 - a module without types
    try:
        return _together(engine, [reference])[0]
    except RuntimeError as error:
        return _problem(error)


def _problem(error: RuntimeError) -> dict[str, Any]:
    text = str(error).partition("\nStack backtrace:")[0].strip()
    place, message = _LOCATION.search(text), _MESSAGE.search(text)
    at = [place["file"], int(place["line"]), int(place["column"])] if place else None
    return {"problem": message["message"].strip() if message else text, "at": at}


if __name__ == "__main__":
    main()
