"""docs/reference/output.md against what the commands print."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.cli.releases import with_releases
from tests.unit.cli.test_terraform_commands import CREATE
from tests.unit.cost.conftest import change, plan_of

from gaia.cli.checks import Diagnosis
from gaia.platform.model import Leftover
from gaia.testing import views

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/output.md"
EXAMPLES = re.findall(r"<!-- example: (.*?) -->\n```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
EVENTS = re.findall(r"<!-- events: (.*?) -->\n```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
OPEN = ("answers", "after", "before", "cost", "facts", "files", "outputs", "resources", "excepted", "changed", "totals")
"""Objects whose keys depend on the case."""


BUDGETS = """\
budgets: [{tenant: acme, stage: nowhere, monthly: 500, alerts: [80]}]
quotas: [{tenant: acme, stage: nowhere, services: 20}]
"""
PLAN = plan_of(change("aws_ebs_volume", after={"size": 100, "type": "gp3"}), change("aws_sqs_queue", after={}))


def shape(document: object) -> object:
    """Keys all the way down, with the kinds of values; of a list, what its elements have in common."""
    if isinstance(document, dict):
        return {key: "open" if key in OPEN else shape(child) for key, child in document.items()}
    if isinstance(document, list):
        return [shape(child) for child in document[:1]]
    return "number" if isinstance(document, int) and not isinstance(document, bool) else type(document).__name__


@pytest.mark.parametrize(("command", "example"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_examples_have_the_shape_of_the_output(
    gaia: Gaia, command: str, example: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every key, and every kind of value."""
    view = replace(
        views.waiting(),
        approvals=(views.approval(),),
        approvals_needed=views.needed(),
        comments=(views.comment(),),
        preview=replace(views.preview(), alone=(("acme-use1-dev/photos-key", "why"),)),
    )
    gaia.platform.views[views.REQUEST] = view
    gaia.app.sandbox.running = True
    event = {
        "kind": "complete", "address": "a.b", "type": "a", "action": "create", "elapsed": 2, "id": "x", "summary": "y",
    }  # fmt: skip
    gaia.platform.lines = [
        {"at": "", "level": "info", "step": "apply", "message": "", "instance": "a/b", "event": event}
    ]
    gaia.platform.leftovers = (Leftover("log", "run_1", 1500, "2026-05-01T00:00:00.000Z"),)
    if command.startswith("cost"):
        (gaia.app.root / "budgets").mkdir()
        (gaia.app.root / "budgets/acme.yaml").write_text(BUDGETS)
        (gaia.settings.cwd / "plan.json").write_text(json.dumps(PLAN))
    if command.startswith("release"):
        with_releases(gaia, released="status" in command)
    if command.startswith("terraform"):
        gaia.code()
        gaia.program.plans(CREATE)
    monkeypatch.setattr("gaia.cli.checks.CHECKS", (lambda _: Diagnosis("git", "ok", "1"),))
    said = gaia(*shlex.split(command), "--output", "json")
    found = shape(json.loads(said.out or said.err))
    if command.startswith("why"):  # not every line has a place
        found = json.loads(json.dumps(found).replace("NoneType", "str"))
    assert shape(json.loads(example)) == found


def documents(text: str) -> dict[str, dict[str, Any]]:
    """One after the other, by `event`; the first of each."""
    found: dict[str, dict[str, Any]] = {}
    at = 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        document, at = json.JSONDecoder().raw_decode(text, at)
        found.setdefault(document["event"], document)
    return found


@pytest.mark.parametrize(("command", "example"), EVENTS, ids=[command for command, _ in EVENTS])
def test_events_have_the_shape_of_the_examples(gaia: Gaia, command: str, example: str) -> None:
    """Of each kind the first; `...` stands for keys that the page shows elsewhere."""
    gaia.code()
    names = "".join(f'variable "{name}" {{\n  type = any\n}}\n' for name in ("name", "tags"))
    (gaia.app.root / "components/terraform/s3-bucket/main.tf").write_text(names)
    with (gaia.app.root / "stacks/orgs/acme/_defaults.yaml").open("a") as defaults:
        defaults.write("terraform: {backend_type: local}\n")
    said = gaia(*shlex.split(command), "--output", "json")
    assert (said.code, said.err) == (0, "")
    found, shown = documents(said.out), documents(example)
    assert list(shown) == list(found)
    for kind, document in shown.items():
        if "..." in document:
            assert set(document) - {"..."} <= set(found[kind])
        elif kind == "summary":
            assert set(document) == set(found[kind])
            told = found["ended" if "ended" in found else "planned"]
            assert [{"event": told["event"], "at": told["at"], **one} for one in found[kind]["instances"]] == [told]
        else:
            assert shape(document) == shape(found[kind])


def test_every_kind_of_document_has_an_example() -> None:
    """Of each group of commands that prints one."""
    shown = {command.split(" ")[0] for command, _ in EXAMPLES}
    assert {"status", "logs", "why", "explain", "terraform", "list", "init", "token", "doctor", "sandbox"} <= shown
    assert {"cost breakdown", "cost budgets", "cost diff", "prices status"} <= {
        " ".join(command.split(" ")[:2]) for command, _ in EXAMPLES
    }
    assert {"tools", "policy", "template", "audit", "clean"} <= shown
