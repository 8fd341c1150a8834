"""The JSON schema of an Infracost document, output version 0.2: every object closed, every number an exact decimal.

Written from the format's description; only what we write is let in, so a field that readers would refuse is seen here.
"""

from __future__ import annotations

from typing import Any

DECIMAL = {"type": "string", "pattern": r"^(0|-?(0|[1-9]\d*)(\.\d*[1-9])?)$", "not": {"const": "-0"}}
OPTIONAL = {"anyOf": [DECIMAL, {"type": "null"}]}
TEXT = {"type": "string"}
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
COUNT = {"type": "integer", "minimum": 0}
COUNTS = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}}


def closed(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """An object with exactly these members."""
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": sorted(required),
        "additionalProperties": False,
    }


def array(items: dict[str, Any]) -> dict[str, Any]:
    """A list of one kind of thing."""
    return {"type": "array", "items": items}


COMPONENT = closed(
    {
        "name": TEXT,
        "unit": TEXT,
        "hourlyQuantity": OPTIONAL,
        "monthlyQuantity": OPTIONAL,
        "price": DECIMAL,
        "hourlyCost": OPTIONAL,
        "monthlyCost": OPTIONAL,
        "priceNotFound": {"type": "boolean"},
    },
    usageBased={"const": True},
)
COSTS = {"hourlyCost": DECIMAL, "monthlyCost": DECIMAL, "monthlyUsageCost": DECIMAL}
GROUP = closed(
    {"name": TEXT, "metadata": {"type": "object"}},
    costComponents=array(COMPONENT),
    subresources=array({"$ref": "#/$defs/group"}),
    **COSTS,
)
RESOURCE = closed(
    {"name": TEXT, "resourceType": TEXT, "metadata": {"type": "object"}},
    tags={"type": "object", "additionalProperties": TEXT},
    costComponents=array(COMPONENT),
    subresources=array({"$ref": "#/$defs/group"}),
    **COSTS,
)
TOTALS = ("otalHourlyCost", "otalMonthlyCost", "otalMonthlyUsageCost")
BREAKDOWN = closed({"resources": array(RESOURCE), **{f"t{name}": OPTIONAL for name in TOTALS}})
SUMMARY = closed(
    {
        "totalDetectedResources": COUNT,
        "totalSupportedResources": COUNT,
        "totalUnsupportedResources": COUNT,
        "totalUsageBasedResources": COUNT,
        "totalNoPriceResources": COUNT,
        "unsupportedResourceCounts": COUNTS,
        "noPriceResourceCounts": COUNTS,
    }
)
NOTE = closed({"code": COUNT, "message": TEXT, "data": {"type": "object"}, "isError": {"type": "boolean"}})
PROJECT = closed(
    {
        "name": TEXT,
        "displayName": TEXT,
        "metadata": closed(
            {"path": TEXT, "type": TEXT, "terraformWorkspace": TEXT},
            errors=array(NOTE),
            warnings=array(NOTE),
            range=closed({"low": OPTIONAL, "expected": OPTIONAL, "high": OPTIONAL, "assumed": array(TEXT)}),
            changing=COUNTS,
            capacity=closed({"vcpu": OPTIONAL, "memory_gib": OPTIONAL, "storage_gib": OPTIONAL}),
        ),
        "pastBreakdown": BREAKDOWN,
        "breakdown": BREAKDOWN,
        "diff": BREAKDOWN,
        "summary": SUMMARY,
    }
)
METADATA = closed(
    {
        "infracostCommand": TEXT,
        "vcsBranch": TEXT,
        "vcsCommitSha": TEXT,
        "vcsCommitAuthorName": TEXT,
        "vcsCommitAuthorEmail": TEXT,
        "vcsCommitTimestamp": MOMENT,
        "vcsCommitMessage": TEXT,
    }
)
DOCUMENT = {
    "$defs": {"group": GROUP},
    **closed(
        {
            "version": {"const": "0.2"},
            "metadata": METADATA,
            "currency": {"const": "USD"},
            "projects": array(PROJECT),
            **{f"{prefix}{name}": OPTIONAL for prefix in ("t", "pastT", "diffT") for name in TOTALS},
            "timeGenerated": MOMENT,
            "summary": SUMMARY,
        }
    ),
}
