"""Diagnostics and the errors that they become, one by one."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Conflict, Position, ToolFailed, Unavailable
from gaia.kit.process import Completed
from gaia.stacks.model import Instance, Origin
from gaia.terraform import generated
from gaia.terraform.authored import of_modules, path_at
from gaia.terraform.diagnostics import Diagnostic, LockInfo, failure, parse_lock_info, unanswered
from gaia.terraform.workdir import WorkingDirectory

if TYPE_CHECKING:
    from collections.abc import Sequence


def directory(tree: Path) -> WorkingDirectory:
    """One whose module is the folder `a` of the tree."""
    module = tree / "a"
    return WorkingDirectory(tree, tree, module, tree / "data", module / "x.tfvars.json", module / "x.planfile")


NAMES = [field.name for field in fields(Instance)]
ENDED = Completed(1, "", "")
LOCK = """Error message

Lock Info:
  ID:        984153cb
  Path:      state/key
  Operation: OperationTypeApply
  Who:       ann@laptop
  Version:   1.11.0
  Created:   noon
  Info:
"""


def test_a_diagnostic_is_read_as_terraform_writes_it() -> None:
    """What is not there is empty; what is no error is a warning."""
    place = {"filename": "main.tf", "start": {"line": 3, "column": 5}}
    whole = {"severity": "error", "summary": "s", "detail": "d", "address": "a.b", "range": place}
    assert Diagnostic.of(whole) == Diagnostic("error", "s", "d", "a.b", Position("main.tf", 3, 5))
    assert Diagnostic.of({}) == Diagnostic("warning", "")
    assert Diagnostic.of({"range": {"start": {}}}).at == Position("", 1, 1)
    assert Diagnostic.of({"range": {"filename": "x"}, "address": ""}) == Diagnostic("warning", "")
    assert Diagnostic.of({"range": [], "address": 5}).address is None


def test_it_is_told_in_one_line_and_to_programs() -> None:
    """With its address and place, where it has them."""
    at = Position("main.tf", 3, 5)
    assert str(Diagnostic("error", "s")) == "s"
    assert str(Diagnostic("error", "s", "d")) == "s: d"
    assert str(Diagnostic("error", "s", "d", "a.b")) == "s (a.b): d"
    assert str(Diagnostic("error", "s", "", "a.b", at)) == "s (a.b, at main.tf:3:5)"
    assert Diagnostic("error", "s", "d", "a.b", at).as_json() == {
        "severity": "error", "summary": "s", "detail": "d", "address": "a.b", "at": "main.tf:3:5",
    }  # fmt: skip
    assert Diagnostic("warning", "s").as_json()["at"] is None


def test_a_place_is_told_as_the_repository_names_it() -> None:
    """Relative to the tree; outside of it as terraform says it."""
    wd = directory(Path("/t"))
    inside = Diagnostic("error", "s", at=Position("../lib/x.tf", 3, 5))
    assert inside.placed(wd).at == Position("lib/x.tf", 3, 5)
    outside = Diagnostic("error", "s", at=Position("../../x.tf", 3, 5))
    assert outside.placed(wd) == outside
    assert Diagnostic("error", "s").placed(wd) == Diagnostic("error", "s")


def test_a_file_that_the_detail_names_is_told_so_too() -> None:
    """Terraform writes there where a variable is declared and checked."""
    said = "It was declared at ../vpc/variables.tf:11,1-16 and checked at main.tf:6,3-13. Look at it."
    told = "It was declared at vpc/variables.tf:11,1-16 and checked at a/main.tf:6,3-13. Look at it."
    assert Diagnostic("error", "s", said).placed(directory(Path("/t"))).detail == told


def test_a_place_in_a_file_of_gaias_is_where_somebody_wrote_it(tmp_path: Path) -> None:
    """The stack that set the value; the next step says what to correct. Without the file, what terraform says."""
    author = Position("stacks/dev.yaml", 7, 9)
    paths: list[Sequence[str]] = []

    def find(path: Sequence[str]) -> Position:
        paths.append(path)
        return author

    wd = replace(directory(tmp_path), authors={"x.tfvars.json": find})
    said = Diagnostic("error", "Invalid value for variable", "no", at=Position("x.tfvars.json", 3, 5))
    gone = said.placed(wd).at
    assert (str(gone), paths) == ("a/x.tfvars.json:3:5", [])
    wd.module.mkdir()
    (wd.module / "x.tfvars.json").write_bytes(generated.dump({"a": {"b": [1]}, "c": 2}, "it"))
    assert said.placed(wd) == replace(said, at=author, given=True)
    assert paths == [("a", "b")]
    error = failure("plan", [said.placed(wd)], ENDED, "dev/x")
    assert (error.at, error.next_step) == (author, "Correct the value at stacks/dev.yaml:7:9, then try again.")


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (1, ()), (2, ("module",)), (3, ("module", "net")), (4, ("module", "net", "a b")),
        *[(line, ("module", "net", "zones")) for line in range(5, 13)],
        (13, ("module", "net")), (14, ("module",)), (15, ()),
    ],
)  # fmt: skip
def test_a_line_of_a_file_of_gaias_leads_to_its_key(line: int, path: tuple[str, ...]) -> None:
    """A list goes by its key, and the end of a map is the map."""
    document = {"module": {"net": {"a b": '":{', "zones": ["x", {"deep": [1]}]}}}
    assert path_at(generated.dump(document, "it").decode(), line)[:3] == path


@pytest.mark.parametrize(
    "text",
    [
        "context canceled", "Context Deadline Exceeded", "request canceled", "request cancelled", "connection reset by",
        "broken pipe", "unexpected EOF", "read: i/o timeout", "timeout awaiting response headers",
        "use of closed network connection", "server closed idle connection", "StatusCode: 0,", "StatusCode: 503,",
        "The plugin did not respond", "The plugin encountered an error", "rpc error: code",
    ],
)  # fmt: skip
def test_no_answer_is_told_from_an_answer(text: str) -> None:
    """Only an error about a change leaves it open what came of it."""
    assert unanswered(f"creating: {text}")
    assert Diagnostic("error", "creating", text, "a.b").unanswered
    assert Diagnostic("error", text, "", "a.b").unanswered
    assert not Diagnostic("warning", "creating", text, "a.b").unanswered
    assert not Diagnostic("error", "creating", text).unanswered


@pytest.mark.parametrize("text", ["AccessDenied", "StatusCode: 409", "StatusCode: 50", "GEOFENCE", ""])
def test_an_answer_is_an_answer(text: str) -> None:
    """However bad it is."""
    assert not unanswered(text)


def test_who_holds_a_lock_is_read_from_the_message() -> None:
    """Each part; without an id nothing is known."""
    info = LockInfo("984153cb", "ann@laptop", "noon", "OperationTypeApply", "state/key", "1.11.0")
    assert parse_lock_info(LOCK) == info
    assert info.as_json() == {
        "id": "984153cb", "who": "ann@laptop", "created": "noon", "operation": "OperationTypeApply",
        "path": "state/key", "version": "1.11.0",
    }  # fmt: skip
    assert parse_lock_info("Lock Info:\n  ID: x\n") == LockInfo("x")
    assert parse_lock_info("Lock Info:\n  Who: ann\n") is None
    assert parse_lock_info("ID: x\n") is None


def test_a_held_lock_is_a_conflict_of_commands_without_json_too() -> None:
    """As `terraform state push` says it, in colors and a frame; the lock's id is known."""
    said = (
        "\x1b[31m╷\x1b[0m\n\x1b[31m│\x1b[0m \x1b[0m\x1b[1m\x1b[31mError: \x1b[0mError acquiring the state lock\n"
        "\x1b[31m│\x1b[0m \x1b[0mLock Info:\n\x1b[31m│\x1b[0m \x1b[0m  ID:        3b5bca3c-0\n"
        "\x1b[31m│\x1b[0m \x1b[0m  Who:       x@y\n\x1b[31m╵\x1b[0m\n"
    )
    error = failure("state push", (), Completed(1, "", said), "dev/x")
    assert isinstance(error, Conflict)
    assert (error.code, error.facts["lock"]) == ("state-locked", LockInfo("3b5bca3c-0", who="x@y").as_json())


def test_a_held_lock_is_a_conflict() -> None:
    """Also where nobody knows whose; errors before it are told as facts."""
    other = Diagnostic("error", "other")
    locked = Diagnostic("error", "Error acquiring the state lock", LOCK)
    error = failure("plan", [other, locked], ENDED, "dev/x")
    assert isinstance(error, Conflict)
    assert (error.code, error.facts["subject"]) == ("state-locked", "dev/x")
    assert error.message == "the state of dev/x is locked by ann@laptop since noon (lock 984153cb)"
    assert error.facts["diagnostics"] == [other.as_json(), locked.as_json()]
    unknown = failure("plan", [Diagnostic("error", "Error acquiring the state lock")], ENDED, "dev/x")
    assert unknown.message.endswith("is locked by somebody else")
    assert "lock" not in unknown.facts


@pytest.mark.parametrize("summary", ["Failed to query available provider packages", "Failed to install provider"])
def test_a_provider_that_is_not_there_is_told_as_such(summary: str) -> None:
    """Terraform says it in two ways."""
    error = failure("init", [Diagnostic("error", summary, "why")], ENDED, "dev/x")
    assert isinstance(error, Unavailable)
    assert (error.code, error.message) == ("provider-missing", f"dev/x: {summary}: why")
    assert error.facts["subject"] == "dev/x"


def test_warnings_are_no_reason_and_more_errors_are_counted() -> None:
    """The first error is the reason; the signal that ended terraform is told by its number."""
    errors = [Diagnostic("error", "one", at=Position("m.tf", 1, 1)), Diagnostic("error", "two")]
    error = failure("apply", [Diagnostic("warning", "hm"), *errors], ENDED, "dev/x")
    assert isinstance(error, ToolFailed)
    assert error.message == "terraform apply failed for dev/x: one (at m.tf:1:1) (and 1 more)"
    assert (error.at, error.facts["diagnostics"]) == (Position("m.tf", 1, 1), [each.as_json() for each in errors])
    assert failure("apply", errors[:1], ENDED, "dev/x").message == "terraform apply failed for dev/x: one (at m.tf:1:1)"
    killed = failure("apply", errors, Completed(-9, "", ""), "dev/x")
    assert (killed.code, killed.message) == ("terraform-killed", "terraform apply of dev/x was ended by signal 9")
    plain = failure("apply", [], Completed(1, "from stdout", ""), "dev/x")
    assert plain.message == "terraform apply failed for dev/x: from stdout"
    long = failure("apply", [], Completed(1, "", "a" * 3000 + "end"), "dev/x")
    assert long.message.endswith("end")
    assert len(long.message) < 2100


@pytest.mark.parametrize(
    ("detail", "advice"),
    [
        ("No valid credential sources", "valid now"), ("ExpiredToken: x", "valid now"),
        ("could not load credentials", "valid now"), ("AccessDenied", "missing right"),
        ("User is not authorized to", "missing right"), ("UnauthorizedOperation", "missing right"),
        ("x", "Read what terraform says"),
    ],
)  # fmt: skip
def test_the_next_step_is_for_the_reason(detail: str, advice: str) -> None:
    """Credentials and rights are repaired elsewhere than the component."""
    assert advice in failure("plan", [Diagnostic("error", "s", detail)], ENDED, "x").next_step


def test_a_detail_that_ends_in_empty_lines_ends_in_its_last_word() -> None:
    """A sentence follows it: `request failed` and not `request failed`, a line, `. Give`."""
    assert str(Diagnostic("error", "No valid credential sources", "none found\n\n")).endswith("sources: none found")
    assert str(Diagnostic("error", "No", "\n")) == "No"


def test_an_argument_of_a_module_is_where_the_instance_says_it() -> None:
    """A variable in its vars, where its code and its providers come from elsewhere; of no module, nowhere."""

    class Told:
        def explain(self, path: Sequence[str | int]) -> Origin:
            return Origin(None, Position(".".join(map(str, path)), 1), ())

    find = of_modules({"net": Instance(**dict.fromkeys(NAMES, None) | {"provenance": Told()})})  # type: ignore[arg-type]
    cases = {("cidr",): "vars.cidr", ("source",): "metadata.component", ("providers", "aws"): "providers", (): ""}
    for path, told in cases.items():
        at = find(("module", "net", *path))
        assert at is not None
        assert at.file == told
    assert [find(path) for path in ((), ("module",), ("module", "other", "x"), ("provider", "aws"))] == [None] * 4
