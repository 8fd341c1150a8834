"""The documented machine form of a check, for JSON and YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.policy.model import SAID

if TYPE_CHECKING:
    from gaia.policy.model import Rule
    from gaia.policy.report import Checked, Placed


def document(checked: Checked) -> dict[str, object]:
    """`{subject, verdict, stage, resources, unknown_kinds, counts, policies, findings}`."""
    return {
        "subject": checked.subject,
        "verdict": checked.verdict,
        "stage": checked.stage or None,
        "resources": checked.resources,
        "unknown_kinds": dict(checked.unknown_kinds),
        "counts": {effect: checked.counts.get(effect, 0) for effect in SAID},
        "policies": {
            "from": checked.policies,
            "whose": checked.whose or None,
            "rules": len(checked.rules),
            "digest": checked.digest,
            "engine": checked.engine,
        },
        "findings": [_finding(checked, each) for each in checked.findings],
    }


def _finding(checked: Checked, placed: Placed) -> dict[str, object]:
    rule = checked.rule(placed.finding.rule)
    return {
        **placed.finding.as_json(),
        "owner": (rule.owner if rule else "") or None,
        "policy": checked.file_of(placed.finding.rule) or None,
        "at": str(placed.at) if placed.at else None,
        "causes": [
            {
                "attribute": cause.attribute,
                "variable": cause.variable,
                "at": str(cause.at) if cause.at else None,
                "given": cause.given,
            }
            for cause in placed.causes
        ],
    }


def rule_document(rule: Rule, shown: str) -> dict[str, object]:
    """A rule as `policy list` and `policy explain` show it."""
    return {
        "rule": rule.name,
        "subject": rule.subject,
        "effects": list(rule.effects),
        "title": rule.title,
        "severity": rule.severity,
        "description": rule.description or None,
        "controls": list(rule.controls),
        "remediation": rule.remediation or None,
        "owner": rule.owner or None,
        "policy": f"{shown}/{rule.path}:{rule.line}",
    }
