"""What a preview is written as: a file for each who reads it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.kit.files import write_atomic
from gaia.policy.model import Finding
from gaia.policy.report import Checked, Placed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gaia.checkout.batch_model import Planned
    from gaia.checkout.checkout import Checkout
    from gaia.ci.model import Made

COMMENT, SARIF, JUNIT = "comment.md", "findings.sarif", "junit.xml"
INFRACOST, PREVIEW, GRAPH = "infracost.json", "preview.json", "graph.mmd"
_UNSEEN = "gaia.plan"
"""Stands for a rule where an instance could not be judged at all."""


def files_of(made: Made, checkout: Checkout, comment: str) -> Mapping[str, str]:
    """The texts by name. None holds a secret."""
    from gaia.cost.combine import combine
    from gaia.policy.formats import rendered

    checked = judgement(made, checkout)
    costs = combine([one.cost for one in made.planned if one.cost])
    redact = checkout.redact
    found = {
        COMMENT: comment,
        SARIF: rendered(checked, "sarif"),
        JUNIT: rendered(checked, "junit"),
        INFRACOST: json.dumps(redact.data(costs), indent=2, ensure_ascii=False) + "\n",
        PREVIEW: json.dumps(redact.data(made.preview.as_json()), indent=1, ensure_ascii=False) + "\n",
    }
    return {**found, **({GRAPH: made.drawing} if made.drawing else {})}


def write(files: Mapping[str, str], folder: Path) -> None:
    """Each whole or not at all.

    Raises:
        Unavailable: `disk-full`, `file-not-writable`.
    """
    for name, text in files.items():
        write_atomic(folder / name, text.encode(), mode=0o644)


def judgement(made: Made, checkout: Checkout) -> Checked:
    """All findings as one judgement: readers of SARIF take one run of a tool."""
    policies = checkout.files.policies
    placed = [each for one in made.planned for each in _placed(one, checkout)]
    placed += [Placed(_unseen(name, "It cannot be built", why)) for name, why in made.unbuilt]
    resources = sum(len(one.seen.view.changes) for one in made.planned if one.seen)
    return Checked(
        "pull request",
        resources,
        policies.shown,
        policies.digest,
        checkout.workplace.policy_engine().name,
        policies.about("plan"),
        tuple(placed),
        whose=policies.whose,
    )


def _placed(one: Planned, checkout: Checkout) -> Iterator[Placed]:
    from gaia.checkout.origins import CodeOrigins
    from gaia.policy.check import placed_findings

    instance = one.instance
    if one.error is not None:
        yield Placed(
            _unseen(str(instance.key), "It cannot be planned", checkout.redact(one.error.message)), one.error.at
        )
    if one.seen is None or one.seen.verdict is None:
        return
    tofu = checkout.terraform(instance).tool.flavor == "tofu"
    origins = CodeOrigins(instance, checkout.home_of(instance).resolve(), checkout.root, tofu=tofu)
    for each in placed_findings(checkout.files.policies, one.seen.plan.raw, one.seen.verdict.findings, origins):
        where = " ".join(filter(None, (str(instance.key), each.finding.address)))
        yield replace(each, finding=told(replace(each.finding, address=where), refused=one.refused))


def told(finding: Finding, *, refused: bool) -> Finding:
    """As tools are told: a no of rules that only report refuses nothing, and is a warning."""
    return replace(finding, effect="warn") if finding.effect == "deny" and not refused else finding


def _unseen(instance: str, title: str, why: str) -> Finding:
    return Finding(_UNSEEN, "deny", title, "high", why, instance, (), "")
