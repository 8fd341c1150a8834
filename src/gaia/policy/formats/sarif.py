"""SARIF 2.1.0 (OASIS): what code scanning of GitHub and other tools reads."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from gaia import __version__
from gaia.errors import Position

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.policy.model import Rule, Said, Severity
    from gaia.policy.report import Cause, Checked, Placed

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Mapping[Said, str] = {"deny": "error", "waived": "error", "undecided": "warning", "warn": "note"}
_SCORES: Mapping[Severity, str] = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
"""What GitHub sorts by: CVSS's bands."""


def sarif(checked: Checked) -> str:
    """One run with every rule that was asked, and a result a finding."""
    rules = {rule.name: number for number, rule in enumerate(checked.rules)}
    run = {
        "tool": {
            "driver": {
                "name": "gaia",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in checked.rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(checked, each, rules) for each in checked.findings],
        "properties": {
            "subject": checked.subject,
            "verdict": checked.verdict,
            "policies": checked.digest,
            "whose": checked.whose,
        },
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, object]:
    found: dict[str, object] = {
        "id": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.description or rule.title},
        "defaultConfiguration": {"level": _LEVELS[rule.effects[0]]},
        "properties": {
            "security-severity": _SCORES[rule.severity],
            "tags": ["security", *rule.controls],
            **({"owner": rule.owner} if rule.owner else {}),
        },
    }
    if rule.remediation:
        found["help"] = {"text": rule.remediation}
    return found


def _result(checked: Checked, placed: Placed, rules: Mapping[str, int]) -> dict[str, object]:
    finding = placed.finding
    address = finding.address or checked.subject
    properties: dict[str, object] = {"effect": finding.effect, "severity": finding.severity}
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": rules.get(finding.rule, -1),
        "level": _LEVELS[finding.effect],
        "message": {"text": f"{address}: {finding.message}"},
        "locations": [_location(checked, placed)],
        # What makes it the same finding in the next run, whatever lines have moved.
        "partialFingerprints": {"gaia/v1": _fingerprint(finding.rule, checked.subject, address, finding.message)},
        "properties": properties,
    }
    if finding.rule not in rules:  # about a waiver
        del result["ruleIndex"]
    if finding.value:
        properties["value"] = finding.value
    if finding.waiver:
        excuse = {"owner": finding.waiver.owner, "expires": finding.waiver.expires, "at": str(finding.waiver.at)}
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": finding.waiver.reason, "properties": excuse}
        ]
    if related := [_cause(number, cause) for number, cause in enumerate(placed.causes) if cause.at]:
        result["relatedLocations"] = related
    return result


def _location(checked: Checked, placed: Placed) -> dict[str, object]:
    """The block, else the plan as a whole: a result without a file is shown nowhere."""
    found: dict[str, object] = {"physicalLocation": _physical(placed.at or Position(checked.subject, 1))}
    if placed.finding.address:
        found["logicalLocations"] = [{"fullyQualifiedName": placed.finding.address, "kind": "resource"}]
    return found


def _cause(number: int, cause: Cause) -> dict[str, object]:
    what = "given" if cause.given else "left to its default"
    message = {"text": f"{cause.attribute} is made of {cause.variable}, which is {what} here"}
    return {"id": number, "message": message, "physicalLocation": _physical(cause.at or Position("", 1))}


def _physical(at: Position) -> dict[str, object]:
    uri = quote(
        at.file.replace("\\", "/"), safe="/:@!$&'()*+,;=~-._" if at.file.startswith("/") else "/@!$&'()*+,;=~-._"
    )
    return {"artifactLocation": {"uri": uri}, "region": {"startLine": at.line, "startColumn": at.column}}


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
