"""A checkout that no GAIA_HOME serves: the same application of an instance, its journal in a file, and no database."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Unavailable
from gaia.kit.interrupt import Interrupt
from gaia.kit.keys import SecretKey
from gaia.kit.lines import LinesAt
from gaia.kit.redact import Redactor
from gaia.kit.slots import Slots
from gaia.operations.journal import read
from gaia.platform.instances.apply_instance import InstanceChange, apply_instance
from gaia.platform.instances.outputs import Outputs, working_folder
from gaia.platform.snapshot import Snapshot
from gaia.platform.workplace import Workplace
from gaia.policy.regorus import Regorus
from gaia.settings import Settings
from gaia.terraform.command import Terraform
from gaia.terraform.normal import NormalForm
from gaia.terraform.tool import find_tool

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.operations.model import Outcome
    from gaia.terraform.plan import Plan

FILES = {
    "atmos.yaml": (
        'base_path: "."\ncomponents: {terraform: {base_path: components/terraform}}\n'
        'stacks: {base_path: stacks, included_paths: ["*"], name_pattern: "{stage}"}\n'
    ),
    "stacks/dev.yaml": (
        "vars: {stage: dev}\nterraform: {backend_type: local}\ncomponents: {terraform: {note: {vars: {text: hello}}}}\n"
    ),
    "components/terraform/note/main.tf": (
        'variable "text" { type = string }\nvariable "stage" { type = string }\n'
        'resource "terraform_data" "this" { input = var.text }\noutput "text" { value = terraform_data.this.output }\n'
    ),
    "policies/plan/polite.rego": (
        "# METADATA\n# title: Be polite\n# description: d\n# custom:\n#   severity: low\n#   owner: me\n"
        "#   controls: []\n#   remediation: r\npackage gaia.plan.polite\n\n"
        'deny contains {"message": "rude", "address": r.address} if {\n'
        '\tsome r in input.resource_changes\n\tr.change.after.input == "rude"\n}\n'
    ),
}

pytestmark = pytest.mark.cloud


class Checkout:
    """A repository as it lies, and what an operator's change of its one instance needs."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "repository"
        for name, text in FILES.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        key, slots = SecretKey("checkout", b"k" * 32), Slots(folder / "slots", 1)
        self.workplace = Workplace(folder / "cache", self.root / "components/terraform", key, slots, Regorus)
        self.journal = LinesAt(folder / "cache" / "journals" / "1.jsonl", below=folder)
        self.terraform = Terraform(
            find_tool(Settings.capture(os.environ, folder)), home=folder / "cache", environ=dict(os.environ),
            redact=Redactor(), interrupt=Interrupt(),
        )  # fmt: skip

    def snapshot(self) -> Snapshot:
        """The files as they are now."""

        def no_estimator() -> None:
            raise Unavailable("price-book-missing", "there are no prices here", next_step="Nothing has to be done.")

        return Snapshot("", lambda: self.root, no_estimator)  # type: ignore[arg-type]

    def plan(self) -> NormalForm:
        """What it would do, as somebody has seen it."""
        snapshot = self.snapshot()
        instance = snapshot.repository.instance("note", "dev")
        outputs = Outputs(self.workplace, snapshot, lambda: self.terraform)
        folder = working_folder(self.workplace, instance, "plan")
        with outputs.prepared(folder, instance, outputs.variables(instance)) as directory:
            planned: Plan = self.terraform.plan(directory)
        return NormalForm.of({instance.key: planned}, self.workplace.key)

    def apply(self, seen: NormalForm) -> Outcome:
        """Apply what was seen."""
        snapshot = self.snapshot()
        instance = snapshot.repository.instance("note", "dev")
        change = InstanceChange(snapshot, instance, self.journal, seen, {"kind": "provision"})
        outputs = Outputs(self.workplace, snapshot, lambda: self.terraform)
        return apply_instance(self.workplace, change, terraform=self.terraform, outputs=outputs, say=lambda *_: None)


def test_what_was_seen_is_applied_once_and_its_state_lies_where_atmos_keeps_it(tmp_path: Path) -> None:
    """Called again it answers from the journal; nothing but the state is written into the checkout."""
    checkout = Checkout(tmp_path)
    seen = checkout.plan()
    outcome = checkout.apply(seen)
    assert (outcome.status, outcome.outputs) == ("applied", {"text": "hello"})
    assert checkout.apply(seen) == outcome
    assert [entry.kind for entry in read(checkout.journal)].count("applying") == 1
    made = {path.relative_to(checkout.root).as_posix() for path in checkout.root.rglob("*") if path.is_file()}
    assert made - FILES.keys() == {"components/terraform/note/terraform.tfstate.d/dev/terraform.tfstate"}
    assert not list(tmp_path.rglob("*.db"))


def test_what_was_not_seen_or_is_against_a_rule_is_not_applied(tmp_path: Path) -> None:
    """The files changed since: parked. Seen, but denied: parked. Seen and allowed: the same journal goes on."""
    checkout = Checkout(tmp_path)
    seen = checkout.plan()
    manifest = checkout.root / "stacks/dev.yaml"
    manifest.write_text(manifest.read_text().replace("hello", "rude"))
    assert checkout.apply(seen).code == "approval-void"
    assert checkout.apply(checkout.plan()).code == "policy-denied"
    manifest.write_text(manifest.read_text().replace("rude", "kind"))
    assert checkout.apply(checkout.plan()).outputs == {"text": "kind"}
