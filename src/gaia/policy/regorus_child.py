"""The process that has the embedded engine: it loads sets of rules once, and answers about document after document.

It is told everything through its standard input and reads no file. A question is a line of JSON, then as many bytes of
the document as the line says; the answer is a line. It imports little: its start counts in the first judgement. Endless
recursion overflows the engine's stack and ends the process; endless work is ended by a timer, and too much memory by a
limit, because native code does not come back to Python.
"""

from __future__ import annotations

import json
import re
import signal
import sys
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from gaia.policy.query import query, unpacked
from gaia.policy.rego import called, place

MEMORY_LIMIT = 4 * 1024**3
RETIRES = 4
"""It ends after an answer once it has taken one part in so many of what a question allows: what native code has taken
it does not give back."""
HELD = 8
"""Sets of rules that are kept loaded."""
_LINES, _COLUMNS, _BYTES = 100_000, 4096, 8 * 1024**2
_LOCATION = re.compile(r"^--> (?P<file>.+):(?P<line>\d+):(?P<column>\d+)$", re.MULTILINE)
_MESSAGE = re.compile(r"^error: (?P<message>.+)$", re.MULTILINE)
_UNKNOWN = "could not find function"


@dataclass
class Evaluator:
    """Sets of rules that are loaded, by name; `seen` are functions that the engine has (True) or lacks."""

    sets: OrderedDict[str, Any] = field(default_factory=OrderedDict)
    seen: dict[str, bool] = field(default_factory=dict)

    def answer(self, question: dict[str, Any], document: str) -> dict[str, Any]:
        """`{"answers": […]}`, each `{"value": …}`, `{}` or `{"problem": …, "at": …}`.

        `{"unusable": WHY}` where the engine cannot read the document; `{"missing": true}` where the set of rules is not
        here and does not come with the question.
        """
        name, references = question["set"], question["references"]
        if name not in self.sets and "modules" not in question:
            return {"missing": True}
        try:
            engine = self._loaded(name, question.get("modules"), covers=question.get("covers", False))
        except RuntimeError as error:
            return {"answers": [_problem(error)] * len(references)}
        except _Unknown as error:
            return {"answers": [error.problem] * len(references)}
        engine.clear_coverage_data()
        try:
            engine.set_input_json(document)
        except RuntimeError as error:
            return {"unusable": _problem(error)["problem"]}
        answered: dict[str, Any] = {"answers": _answers(engine, references)}
        if question.get("covers"):
            report = json.loads(engine.get_coverage_report_as_json())
            answered["covered"] = {one["path"]: one["covered"] for one in report["files"]}
        return answered

    def _loaded(self, name: str, modules: list[tuple[str, str, bool]] | None, *, covers: bool) -> Any:  # noqa: ANN401
        if name in self.sets:
            self.sets.move_to_end(name)
            return self.sets[name]
        import regorus

        engine = regorus.Engine()
        engine.set_policy_length_config(max_col=_COLUMNS, max_file_bytes=_BYTES, max_lines=_LINES)
        if covers:
            engine.set_enable_coverage(True)
        for path, text, may_be_old in modules or ():
            _add(engine, path, text, may_be_old=may_be_old)
        for path, text, _ in modules or ():
            self._check_known(path, text)
        self.sets[name] = engine
        while len(self.sets) > HELD:
            self.sets.popitem(last=False)
        return engine

    def _check_known(self, path: str, text: str) -> None:
        """The engine itself complains of a function that it lacks only when a rule comes to it."""
        for name, start in called(text).items():
            if name not in self.seen:
                self.seen[name] = _has(name)
            if not self.seen[name]:
                problem = (
                    f"the function {name} is not known to the embedded engine; an opa that GAIA_OPA names may know it"
                )
                raise _Unknown({"problem": problem, "at": [path, *place(text, start)]})


class _Unknown(Exception):
    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__()
        self.problem = problem


def _has(name: str) -> bool:
    import regorus

    try:
        regorus.Engine().eval_query_as_json(f"one := {name}()")
    except RuntimeError as error:
        return _UNKNOWN not in str(error)
    return True


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


def _answers(engine: Any, references: list[str]) -> list[dict[str, Any]]:  # noqa: ANN401 - a module without types
    try:
        return _together(engine, references)
    except RuntimeError:
        # Somewhere is a mistake; one by one tells which references it touches.
        return [_alone(engine, reference) for reference in references]


def _together(engine: Any, references: list[str]) -> list[dict[str, Any]]:  # noqa: ANN401 - a module without types
    found = json.loads(engine.eval_query_as_json(query(references)))["result"][0]["expressions"][0]["value"]
    return [{"value": value[0]} if value else {} for value in unpacked(found, len(references))]


def _alone(engine: Any, reference: str) -> dict[str, Any]:  # noqa: ANN401 - a module without types
    try:
        return _together(engine, [reference])[0]
    except RuntimeError as error:
        return _problem(error)


def _problem(error: RuntimeError) -> dict[str, Any]:
    text = str(error).partition("\nStack backtrace:")[0].strip()
    where, message = _LOCATION.search(text), _MESSAGE.search(text)
    at = [where["file"], int(where["line"]), int(where["column"])] if where else None
    return {"problem": message["message"].strip() if message else text, "at": at}


def main() -> None:
    """Answer until nobody asks any more."""
    import resource

    # Native code does not come back to Python's signal handlers, so the defaults, which end the process, do it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    evaluator = Evaluator()
    while line := sys.stdin.buffer.readline():
        question = json.loads(line)
        resource.setrlimit(resource.RLIMIT_AS, (int(question["memory"]),) * 2)
        signal.setitimer(signal.ITIMER_REAL, float(question["seconds"]))
        document = sys.stdin.buffer.read(question["size"]).decode()
        answer = json.dumps(evaluator.answer(question, document))
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
        if _most_used() * RETIRES > question["memory"]:
            return


def _most_used() -> int:
    """Bytes of memory at most so far. Linux counts in `ru_maxrss` what the process had that started this one."""
    import resource
    from pathlib import Path

    try:
        with Path("/proc/self/status").open(encoding="ascii", errors="replace") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
