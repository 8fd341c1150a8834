"""What is asked of the `opa` program, and what its answers are taken for; a script stands for it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gaia.errors import Position, Unavailable
from gaia.policy import opa
from gaia.policy.model import Answer, Module, Problem
from gaia.policy.opa import Opa

if TYPE_CHECKING:
    from pathlib import Path

MODULES = (Module("plan/a.rego", "package a\n"), Module("lib/deep/ö.rego", "package ö\n"))
CAPABLE = '{"builtins": [{"name": "count"}, {"name": "http.send"}, {"name": "new.one", "nondeterministic": true}]}'
REFERENCES = ["data.a.deny", "data.a.warn"]


def _engine(folder: Path, printed: object, *, status: int = 0, **environ: str) -> Opa:
    """An opa that prints this, and writes down how it was called and what lay around it."""
    answer = folder / "answer"
    answer.write_text(printed if isinstance(printed, str) else json.dumps(printed))
    program = folder / "opa"
    program.write_text(
        f"#!/bin/sh\nif [ $1 = capabilities ]; then echo '{CAPABLE}'; exit; fi\n"
        f"printf '%s\\n' \"$@\" > {folder}/arguments\n/bin/cat > {folder}/input\n"
        f"/bin/cat plan/a.rego lib/deep/ö.rego > {folder}/rules\n/bin/cat capabilities.json > {folder}/may\n"
        f'printf %s "$SAID" > {folder}/said\necho oops >&2\n/bin/cat {answer}\nexit {status}\n'
    )
    program.chmod(0o755)
    return Opa(program, environ=environ or None)


def _result(*values: list[object]) -> dict[str, Any]:
    return {"result": [{"expressions": [{"value": {str(number): value for number, value in enumerate(values)}}]}]}


def test_all_references_are_one_query_over_all_modules(tmp_path: Path) -> None:
    """Builtins that fail are errors, not undefined; the document comes by the standard input, rules are files."""
    engine = _engine(tmp_path, _result([["x"]], []), SAID="hello")
    found = engine.evaluate(MODULES, b'{"a": 1}', REFERENCES)
    assert found == (Answer(defined=True, value=["x"]), Answer(defined=False))
    assert (tmp_path / "arguments").read_text().splitlines() == [
        "eval", "--format=json", "--stdin-input", "--strict-builtin-errors", "--data=plan/a.rego",
        "--data=lib/deep/ö.rego", "--capabilities=capabilities.json",
        '{"0": [x | x := data.a.deny],', '"1": [x | x := data.a.warn]}',
    ]  # fmt: skip
    assert (tmp_path / "input").read_text() == '{"a": 1}'
    assert (tmp_path / "rules").read_text() == "package a\npackage ö\n"
    assert (tmp_path / "said").read_text() == "hello"
    assert json.loads((tmp_path / "may").read_text()) == {"builtins": [{"name": "count"}], "allow_net": []}


def test_an_opa_that_does_not_say_what_it_can_do_decides_nothing(tmp_path: Path) -> None:
    """Else it would be asked with all that it has."""
    engine = _engine(tmp_path, _result([[]], [[]]))
    program = tmp_path / "opa"
    program.write_text(program.read_text().replace(CAPABLE, "hello"))
    with pytest.raises(Unavailable) as caught:
        engine.evaluate(MODULES, b"{}", REFERENCES)
    assert caught.value.code == "policy-engine-crashed"


def test_false_and_null_are_answers(tmp_path: Path) -> None:
    """Undefined is something else."""
    assert _engine(tmp_path, _result([False], [None])).evaluate(MODULES, b"{}", REFERENCES) == (
        Answer(defined=True, value=False), Answer(defined=True, value=None),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("location", "at"),
    [
        ({"file": "plan/a.rego", "row": 3, "col": 5}, Position("plan/a.rego", 3, 5)),
        ({"file": "", "row": 1, "col": 1}, None),
        (None, None),
    ],
)
def test_a_problem_is_one_of_every_reference(tmp_path: Path, location: object, at: Position | None) -> None:
    """With its place, where opa says one; the first of several."""
    said = {"errors": [{"message": "broken", "location": location}, {"message": "other"}]}
    problem = Answer(defined=False, problem=Problem("broken", at))
    assert _engine(tmp_path, said, status=2).evaluate(MODULES, b"{}", REFERENCES) == (problem, problem)


@pytest.mark.parametrize(
    ("old", "answer"),
    [
        (_result([["x"]], []), Answer(defined=True, value=["x"])),
        ({"errors": [{"message": "worse"}]}, Answer(defined=False, problem=Problem("broken", None))),
    ],
)
def test_modules_that_may_be_old_are_read_as_version_0_too(tmp_path: Path, old: object, answer: Answer) -> None:
    """Where they cannot be read as version 1; where neither goes, what version 1 says is told."""
    new = {"errors": [{"message": "broken"}]}
    engine = _engine(tmp_path, new)
    (tmp_path / "old").write_text(json.dumps(old))
    program = tmp_path / "opa"
    reads = f'case "$*" in *--v0-compatible*) /bin/cat {tmp_path}/old; exit;; esac\n'
    program.write_text(program.read_text().replace("echo oops", f"{reads}echo oops"))
    assert engine.evaluate([replace(one, may_be_old=True) for one in MODULES], b"{}", REFERENCES)[0] == answer
    assert engine.evaluate(MODULES, b"{}", REFERENCES)[0] == Answer(defined=False, problem=Problem("broken", None))


@pytest.mark.parametrize("printed", ["", "hello", "[]", "{}", "5"])
def test_no_result_decides_nothing(tmp_path: Path, printed: str) -> None:
    """The error says how opa ended and what it complained of."""
    with pytest.raises(Unavailable) as caught:
        _engine(tmp_path, printed, status=3).evaluate(MODULES, b"{}", REFERENCES)
    assert caught.value.code == "policy-engine-crashed"
    assert "status 3" in caught.value.message
    assert caught.value.facts == {"stderr": "oops\n"}


@pytest.mark.parametrize(
    "printed",
    [
        {"result": []}, {"result": {}}, {"result": [{}]}, {"result": None}, {"errors": []}, {"errors": 5},
        {"errors": [{}]}, {"errors": [{"message": "m", "location": 7}]}, _result([[]]), _result([1, 2], []),
        {"result": [{"expressions": [{"value": [1]}]}]},
    ],
)  # fmt: skip
def test_an_answer_of_another_shape_decides_nothing(tmp_path: Path, printed: object) -> None:
    """However wrong it is."""
    with pytest.raises(Unavailable) as caught:
        _engine(tmp_path, printed).evaluate(MODULES, b"{}", REFERENCES)
    assert caught.value.code == "policy-engine-crashed"


def test_a_result_of_an_opa_that_failed_decides_nothing(tmp_path: Path) -> None:
    """What it printed before may be half of it."""
    with pytest.raises(Unavailable) as caught:
        _engine(tmp_path, _result([[]], [[]]), status=3).evaluate(MODULES, b"{}", REFERENCES)
    assert (caught.value.code, "status 3" in caught.value.message) == ("policy-engine-crashed", True)


def test_an_opa_that_does_not_come_back_decides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is stopped after the limit, which the error names."""
    monkeypatch.setattr(opa, "TIME_LIMIT", 0.2)
    program = tmp_path / "opa"
    program.write_text("#!/bin/sh\nexec tail -f /dev/null\n")
    program.chmod(0o755)
    with pytest.raises(Unavailable) as caught:
        Opa(program, environ={"PATH": "/usr/bin:/bin"}).evaluate(MODULES, b"{}", REFERENCES)
    assert caught.value.code == "policy-engine-timeout"
    assert "0.2 s" in caught.value.message


@pytest.mark.parametrize(
    "call", ['http["send"]({})', "json.marshal(1) with json.marshal as http.send", "time.now_ns()"]
)
def test_opa_itself_does_not_know_what_reaches_out(opa: Path, call: str) -> None:
    """Whatever reading the text has let through."""
    module = Module("plan/a.rego", f"package gaia.plan.a\n\ndeny contains x if x := {call}\n")
    (answer,) = Opa(opa).evaluate([module], b"{}", ["data.gaia.plan.a.deny"])
    assert answer.problem is not None
    assert answer.problem.at == Position("plan/a.rego", 3, answer.problem.at.column if answer.problem.at else 0)
