"""The `opa` program as an engine, where one is configured (`GAIA_OPA`)."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaia.errors import Next, Position, ToolFailed, Unavailable
from gaia.kit.process import run
from gaia.policy.model import Answer, Problem
from gaia.policy.query import query, unpacked
from gaia.policy.rules import IMPURE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.kit.process import Completed
    from gaia.policy.model import Module

TIME_LIMIT = 30.0
"""Seconds."""
_CAPABILITIES = "capabilities.json"


class Opa:
    """`PolicyEngine` on `opa eval`, version 1 or newer. `environ` is the allow-listed environment of the program."""

    name = "opa"

    def __init__(self, program: Path, *, environ: Mapping[str, str] | None = None) -> None:
        self._program = program
        self._environ = dict(environ or {})
        self._may: str = ""

    def evaluate(self, modules: Sequence[Module], document: bytes, references: Sequence[str]) -> tuple[Answer, ...]:
        """See `PolicyEngine`. A problem of one reference is a problem of all: `opa` answers one query at a time."""
        with tempfile.TemporaryDirectory(prefix="gaia-opa-") as scratch:
            folder = Path(scratch)
            arguments: list[str | Path] = [self._program, "eval", "--format=json", "--stdin-input"]
            # The embedded engine reports a failing builtin; without this flag opa would call it undefined.
            arguments.append("--strict-builtin-errors")
            for module in modules:
                path = folder / module.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(module.text, encoding="utf-8")
                arguments.append(f"--data={module.path}")
            (folder / _CAPABILITIES).write_text(self._capabilities(folder), encoding="utf-8")
            arguments += [f"--capabilities={_CAPABILITIES}", query(references)]
            output = self._run(arguments, folder, document)
            if "errors" in output and any(module.may_be_old for module in modules):
                old = self._run([*arguments, "--v0-compatible"], folder, document)
                output = old if "result" in old else output
        if "errors" in output:
            return (Answer(False, problem=_problem(output["errors"])),) * len(references)
        try:
            held = unpacked(output["result"][0]["expressions"][0]["value"], len(references))
        except (LookupError, TypeError, ValueError) as error:
            raise _crashed(f"opa gave no answer to what it was asked ({error})") from error
        return tuple(map(Answer.of, held))

    def _capabilities(self, folder: Path) -> str:
        """What this opa can do, without what does not give the same document the same answer, however it is called."""
        if not self._may:
            done = self._ended([self._program, "capabilities", "--current"], folder, b"")
            try:
                known = json.loads(done.stdout)
                known["builtins"] = [
                    one for one in known["builtins"] if one["name"] not in IMPURE and not one.get("nondeterministic")
                ]
            except (ValueError, LookupError, TypeError, AttributeError) as error:
                raise _crashed("opa does not say what it is capable of", done.stderr[-2000:]) from error
            self._may = json.dumps({**known, "allow_net": []})
        return self._may

    def _run(self, arguments: list[str | Path], folder: Path, document: bytes) -> dict[str, Any]:
        done = self._ended(arguments, folder, document)
        try:
            output = json.loads(done.stdout)
        except ValueError:
            output = None
        if not isinstance(output, dict) or not ("errors" in output or (done.returncode == 0 and "result" in output)):
            raise _crashed(f"opa ended with status {done.returncode} and no result", done.stderr[-2000:])
        return output

    def _ended(self, arguments: list[str | Path], folder: Path, document: bytes) -> Completed:
        try:
            return run(arguments, cwd=folder, env=self._environ, stdin=document, timeout=TIME_LIMIT)
        except ToolFailed as error:
            raise Unavailable(
                "policy-engine-timeout",
                f"the rules were not evaluated within {TIME_LIMIT:g} s; nothing was decided",
                next_step=Next("policy test", words="Look for a rule whose work grows without end, as by the tests"),
            ) from error


def _crashed(why: str, stderr: str = "") -> Unavailable:
    return Unavailable(
        "policy-engine-crashed",
        f"{why}; nothing was decided",
        next_step="Try `opa version`, or take GAIA_OPA away to use the embedded engine.",
        facts={"stderr": stderr} if stderr else {},
    )


def _problem(errors: object) -> Problem:
    """The first one, with its place where opa says one."""
    try:
        error = errors[0]  # type: ignore[index]
        message, place = str(error["message"]), error.get("location")
        at = Position(str(place["file"]), int(place["row"]), int(place["col"])) if place and place.get("file") else None
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise _crashed(f"opa complained of something and did not say what: {str(errors)[:200]}") from error
    return Problem(message, at)
