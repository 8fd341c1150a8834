"""A home in which a lot has happened, for who looks at pages: services that live, wait, run, failed, drifted."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from unittest.mock import patch

from tests.unit.platform.loop import STACK, make_loop, render_all

from gaia.access.callers import authenticate
from gaia.errors import ToolFailed
from gaia.kit import clock
from gaia.platform.callers.delegating import Delegations
from gaia.records import looks, people, runs
from gaia.records.database import Database
from gaia.records.model import Grant, Subject
from gaia.scaffold import copier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.unit.platform.loop import Loop

from contextlib import contextmanager

BLUEPRINT = Path(__file__).parents[2] / "blueprint"
_MONEY = """\
budgets:
  - {tenant: acme, monthly: 40, alerts: [80]}
  - {tenant: acme, stage: dev, monthly: 25}
quotas:
  - {tenant: acme, stage: dev, services: 12, storage_gib: 2000}
"""
_RULES = """\
approvals:
  - {tenant: acme, stage: dev, approvers: 2, groups: [security]}
"""
_WRONG = {
    "title": "The rule says no",
    "message": "aws_s3_bucket.this lets everybody in: its public access block is off",
}


def finding(kind: str, title: str, *attributes: tuple[str, str, str], repair: str = "update") -> dict[str, object]:
    """One cause that a look has found."""
    return {
        "kind": kind, "fingerprint": "f" * 16, "title": title, "ignored": False,
        "places": [{"instance": f"{STACK}/photos-store", "address": "aws_s3_bucket.this", "role": "changed",
                    "would": None}],
        "attributes": [{"path": path, "before": before, "after": after, "put_back": True, "relevant": False,
                        "read_by": [], "ignored": None} for path, before, after in attributes],
        "repair": repair, "loses": [], "reason": None, "at": None,
    }  # fmt: skip


def drifted(loop: Loop, key: str, *findings: Mapping[str, object]) -> None:
    """A look has found something of an instance, or that it is as published."""
    stack, _, component = key.partition("/")
    name = f"found-{component}"
    loop.platform.documents.put("drift", name, json.dumps({"findings": findings}).encode())
    with loop.platform.database.begin() as tx:
        run = runs.add(tx, Subject(f"drift {key}", "platform", "acme", "dev"), "drift", ("look",), at=clock.now())
        runs.move(tx, run.id, ["queued"], "running", at=clock.now())
        runs.move(tx, run.id, ["running"], "done", at=clock.now())
        looks.add(tx, run, stack, component, "drifted" if findings else "clean", at=clock.now(),
                         commit=loop.clone.head, causes=len(findings), document=name)  # fmt: skip


def seed(loop: Loop) -> Loop:
    """Everything that pages show at least once; `request` waits for approvers, and gus has signed it."""
    files = {
        f"{folder}/{path.relative_to(BLUEPRINT / folder)}": path.read_text()
        for folder in ("templates", "policies")
        for path in sorted((BLUEPRINT / folder).rglob("*"))
        if path.is_file() and path.suffix in (".yml", ".rego") and not path.name.endswith("_test.rego")
    }
    loop.clone.moved(**{**files, "budgets/acme.yaml": _MONEY})
    with loop.platform.database.begin() as tx:
        people.grant(tx, "root", Grant("admin"))
    ann, gus = loop.as_("ann"), loop.as_("gus")
    loop.done("photos")
    loop.change_done("holidays and birthdays", "photos")
    for name in ("invoices", "search-index", "thumbnails", "a" * 28 + "z1"):
        loop.done(name)
    loop.change_done("invoices that were paid", "invoices")
    loop.lasting("festival")
    retired = ann.retire("thumbnails", STACK).id
    loop.carry_out(retired)
    gus.approve(retired, reason="Nobody looks at them.")
    loop.carry_out(retired)
    loop.world.breaks[f"{STACK}/letters-store"] = ToolFailed(
        "terraform-failed", "AccessDenied: not authorised to perform s3:CreateBucket", next_step="Ask for the right."
    )
    letters = loop.approved("letters")
    loop.carry_out(letters)
    refused = loop.previewed("playground")
    gus.reject(refused, reason="Use the one of team-photos, please.")
    running = loop.approved("reports")
    loop.carry_out(running, until=f"apply {STACK}/reports-store")
    loop.rules.always("plan.polite.deny", _WRONG["message"])
    loop.previewed("public-files")
    loop.rules.says.clear()
    loop.clone.moved(**{"approvals/dev.yaml": _RULES})
    waiting = loop.changed("holidays, birthdays and more", "photos", alone=True)
    gus.approve(waiting, reason="Small, and it is reversible.")
    ann.comment(waiting, "The store moves to another account next week, so it can go.")
    loop.previewed("backups", "nightly")
    drifted(
        loop, f"{STACK}/photos-store",
        finding("changed outside", "aws_s3_bucket photos", ("tags.owner", "team-photos", "mallory"),
                ("versioning[0].enabled", "true", "false"), ("lifecycle_rule[0].expiration[0].days", "365", "30")),
        finding("not applied", "component store", ("var.bucket", "photos", "photos-2"), repair="replace"),
    )  # fmt: skip
    drifted(loop, f"{STACK}/photos-key")
    drifted(loop, f"{STACK}/invoices-store", finding("gone", "aws_s3_bucket invoices", repair="create"))
    with loop.platform.database.read() as tx:
        mine = authenticate(tx, loop.tokens["gus"], clock.now())
    Delegations(loop.platform.database, loop.platform.audit, mine).give(
        "root", tenant="acme", stage="dev", until=clock.now() + timedelta(days=12)
    )
    loop.request = waiting
    return loop


@contextmanager
def seeded() -> Iterator[Loop]:
    """Such a home, until the block ends."""
    with TemporaryDirectory(prefix="gaia-seeded-") as folder, patch.object(copier, "render_all", render_all):
        home = Path(folder) / "home"
        home.mkdir()
        Database.open(home / "gaia.db", create=True).close()
        loop = make_loop(home, Path(folder) / "trees")
        yield seed(loop)
        loop.platform.database.close()
