"""The embedded engine, in a child process that is kept between judgements and can be killed.

The process loads a set of rules once. One that takes too long or too much memory, or breaks, costs the judgement that
it was asked for; the next one starts a new process. It ends with this one.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from gaia.errors import Next, Position, ToolFailed, Unavailable
from gaia.policy.model import Answer, Problem, digest_of
from gaia.policy.ports import unusable
from gaia.policy.regorus_child import MEMORY_LIMIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.kit.conversation import Conversation
    from gaia.policy.model import Module

TIME_LIMIT = 10.0
"""Seconds; the shipped rules take about a fiftieth of it for a plan of 2,000 resources."""
_GRACE = 2.0
"""Seconds after which a process that did not end itself at its limit is killed."""
_TIMERS = (-signal.SIGALRM, -signal.SIGXCPU)


class Regorus:
    """`ports.PolicyEngine` on the embedded engine. For several threads: one is answered after the other."""

    name = "regorus"

    def __init__(self, *, time_limit: float = TIME_LIMIT, memory_limit: int = MEMORY_LIMIT) -> None:
        self._time_limit, self._memory_limit = time_limit, memory_limit
        self._lock = threading.Lock()
        self._child: Conversation | None = None

    def evaluate(self, modules: Sequence[Module], document: bytes, references: Sequence[str]) -> tuple[Answer, ...]:
        """See `ports.PolicyEngine`."""
        answered = self._asked(modules, document, {"references": list(references)})
        return tuple(_answer(item) for item in answered["answers"])

    def covered(
        self, modules: Sequence[Module], document: bytes, references: Sequence[str]
    ) -> Mapping[str, frozenset[int]]:
        """Which lines of which modules are come to while the references are evaluated, by path.

        Raises:
            As `evaluate`.
        """
        answered = self._asked(modules, document, {"references": list(references), "covers": True})
        return {path: frozenset(lines) for path, lines in answered.get("covered", {}).items()}

    @property
    def pid(self) -> int:
        """The process that answers, started where none runs."""
        with self._lock:
            return self._running().pid

    def end(self) -> None:
        """End the process; the next question starts another."""
        with self._lock:
            if self._child is not None:
                self._child.end()
                self._child = None

    def _asked(self, modules: Sequence[Module], document: bytes, question: Mapping[str, Any]) -> dict[str, Any]:
        """A question without its modules, and with them where the process does not hold them."""
        kind = "covered " if question.get("covers") else ""
        old = "".join("01"[module.may_be_old] for module in modules)
        asked = {**question, "set": f"{kind}{digest_of(modules)} {old}", "seconds": self._time_limit}
        asked |= {"memory": self._memory_limit, "size": len(document)}
        with self._lock:
            answered = self._answered(asked, document)
            if "missing" in answered:
                asked["modules"] = [[module.path, module.text, module.may_be_old] for module in modules]
                answered = self._answered(asked, document)
        if "unusable" in answered:
            raise unusable(str(answered["unusable"]))
        return answered

    def _answered(self, question: Mapping[str, Any], document: bytes) -> dict[str, Any]:
        for retired in (False, True):
            child = self._running()
            try:
                line = child.ask(json.dumps(question).encode() + b"\n" + document, self._time_limit + _GRACE)
            except ToolFailed as error:
                if error.facts.get("status") == 0 and not retired:  # it ended by itself after its last answer
                    continue
                raise self._failed(error) from error
            return cast("dict[str, Any]", json.loads(line))
        raise AssertionError  # the second time is the last

    def _running(self) -> Conversation:
        if self._child is None or not self._child.running:
            from gaia.kit.process import converse

            line = [sys.executable, "-I", "-m", "gaia.policy.regorus_child"]
            self._child = converse(line, cwd=Path(sys.prefix), env={})
        return self._child

    def _failed(self, error: ToolFailed) -> Unavailable:
        status = error.facts.get("status")
        if error.code == "tool-timeout" or status in _TIMERS:
            return Unavailable(
                "policy-engine-timeout",
                f"the rules were not evaluated within {self._time_limit:g} s; nothing was decided",
                next_step=Next("policy test", words="Look for a rule whose work grows without end, as by the tests"),
            )
        return Unavailable(
            "policy-engine-crashed",
            f"the policy engine ended with {_ending(cast('int', status))}; nothing was decided",
            next_step=Next("policy test", words="Look for endless recursion in the rules, as by their tests"),
            facts={"stderr": str(error.facts.get("stderr", ""))[-2000:]},
        )


def _ending(code: int) -> str:
    return f"status {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _answer(item: dict[str, Any]) -> Answer:
    if "problem" in item:
        at = item["at"]
        return Answer(False, problem=Problem(item["problem"], Position(*at) if at else None))
    return Answer("value" in item, item.get("value"))
