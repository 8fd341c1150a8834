"""A check as JSON, SARIF, JUnit and Markdown: what the readers of these formats ask of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import jsonschema
import pytest

from gaia.errors import Position
from gaia.policy.formats import rendered
from gaia.policy.formats.document import document
from gaia.testing import judged

if TYPE_CHECKING:
    from gaia.policy.report import Checked

LOCATION: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "minimum": -1},
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "properties": {"uri": {"type": "string", "pattern": r"^[!#-;=?-\[\]_a-z~%A-Z0-9]+$"}},
                },
                "region": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "startLine": {"type": "integer", "minimum": 1},
                        "startColumn": {"type": "integer", "minimum": 1},
                    },
                },
            },
            "additionalProperties": False,
        },
        "logicalLocations": {"type": "array", "uniqueItems": True, "minItems": 0},
        "message": {"type": "object", "required": ["text"]},
    },
    "additionalProperties": False,
}
MESSAGE = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string"}},
    "additionalProperties": False,
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
SUPPRESSION: dict[str, Any] = {
    "type": "object",
    "required": ["kind"],
    "additionalProperties": False,
    "properties": {
        "kind": {"enum": ["inSource", "external"]},
        "status": {"enum": ["accepted", "underReview", "rejected"]},
        "justification": {"type": "string"},
        "properties": {"type": "object"},
    },
}
SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"enum": ["2.1.0"]},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "additionalProperties": False,
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "properties": {"type": "object"},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id"],
                                            "additionalProperties": False,
                                            "properties": {
                                                "id": {"type": "string"},
                                                "shortDescription": MESSAGE,
                                                "fullDescription": MESSAGE,
                                                "help": MESSAGE,
                                                "defaultConfiguration": {
                                                    "type": "object",
                                                    "properties": {"level": LEVEL},
                                                    "additionalProperties": False,
                                                },
                                                "properties": {"type": "object"},
                                            },
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": -1},
                                "level": LEVEL,
                                "message": MESSAGE,
                                "locations": {"type": "array", "items": LOCATION},
                                "relatedLocations": {"type": "array", "uniqueItems": True, "items": LOCATION},
                                "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
                                "properties": {"type": "object"},
                                "suppressions": {"type": "array", "uniqueItems": True, "items": SUPPRESSION},
                            },
                        },
                    },
                },
            },
        },
    },
}
"""Of the schema that OASIS publishes, the parts that a check has: required and allowed keys, and their values."""


def _nothing() -> Checked:
    return replace(judged.checked(), findings=())


@pytest.mark.parametrize("checked", [judged.checked(), _nothing()])
def test_sarif_is_what_its_schema_asks_for(checked: Checked) -> None:
    """With findings and without."""
    found = json.loads(rendered(checked, "sarif"))
    jsonschema.Draft7Validator(SARIF).validate(found)
    (run,) = found["runs"]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [ids[one["ruleIndex"]] for one in run["results"]] == [one["ruleId"] for one in run["results"]]


def test_sarif_names_the_block_and_the_values() -> None:
    """The block is where the result is shown; the plan is, of one that has none; effects are levels."""
    results = json.loads(rendered(judged.checked(), "sarif"))["runs"][0]["results"]
    assert [one["level"] for one in results] == ["error", "warning", "note"]
    places = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in results]
    assert places == ["components/terraform/kms/main.tf", "plan.json", "plan.json"]
    related = [one["physicalLocation"]["artifactLocation"]["uri"] for one in results[0]["relatedLocations"]]
    assert related == ["stacks/orgs/acme/dev/photos.yaml", "components/terraform/kms/variables.tf"]


def test_sarif_takes_a_finding_for_the_same_when_its_lines_move() -> None:
    """And names files so that an address can hold them."""
    checked = judged.checked()
    moved = replace(checked.findings[0], at=Position("a b/ö[1].tf", 99))
    before, after = (
        json.loads(rendered(one, "sarif"))["runs"][0]["results"][0]
        for one in (checked, replace(checked, findings=(moved,)))
    )
    assert before["partialFingerprints"] == after["partialFingerprints"]
    assert after["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/%C3%B6%5B1%5D.tf"


@pytest.mark.parametrize("checked", [judged.checked(), _nothing()])
def test_junit_has_a_case_of_each_rule_and_its_numbers_are_right(checked: Checked) -> None:
    """As the schema of Ant's report has it: suites, a suite, cases; a case fails, is skipped, or passes."""
    root = ElementTree.fromstring(rendered(checked, "junit"))  # noqa: S314 - our own
    assert root.tag == "testsuites"
    (suite,) = root
    cases = list(suite)
    assert (suite.tag, {one.tag for one in cases}) == ("testsuite", {"testcase"})
    assert int(suite.attrib["tests"]) == len(cases)
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
    assert int(suite.attrib["skipped"]) == len(suite.findall("testcase/skipped"))
    assert all({"classname", "name"} <= set(one.attrib) and len(one) <= 1 for one in cases)
    assert {one.attrib["classname"] for one in cases} == {rule.name for rule in checked.rules}


def test_junit_says_why_and_where() -> None:
    """In the failure, for a person who sees nothing else."""
    failure = ElementTree.fromstring(rendered(judged.checked(), "junit")).find(".//failure")  # noqa: S314 - our own
    assert failure is not None
    assert failure.attrib == {"type": "medium", "message": "the key does not rotate"}
    assert "at components/terraform/kms/main.tf:4:1" in str(failure.text)
    assert "rotates at stacks/orgs/acme/dev/photos.yaml:12:9" in str(failure.text)


def test_markdown_is_a_table_that_no_text_of_a_plan_can_leave() -> None:
    """A bar, a backtick, a new line, a link and a mention are letters."""
    checked = judged.checked()
    bad = "a|b\nc `d` [x](http://y) @all <img>"
    first = checked.findings[0]
    hostile = replace(first, finding=replace(first.finding, message=bad, address='a["x|`y"]'))
    text = rendered(replace(checked, findings=(hostile,)), "markdown")
    (row,) = [line for line in text.splitlines() if line.startswith("| ❌")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 6
    assert r"a\|b c \`d\` \[x\](http\://y) \@all \<img\>" in row
    assert text.startswith("### ❌ The policies say no\n")


def test_markdown_of_many_findings_says_how_many_are_left_out() -> None:
    """A comment has an end."""
    checked = judged.checked()
    text = rendered(replace(checked, findings=checked.findings * 50), "markdown")
    assert (text.count("\n| "), "And 50 more." in text) == (101, True)


def test_the_document_has_null_for_what_is_not_known() -> None:
    """Places, an owner, a rule that is not among those that were asked."""
    checked = judged.checked()
    assert [one["at"] for one in document(checked)["findings"]][1:] == [None, None]  # type: ignore[attr-defined]
    lost = document(replace(checked, rules=()))["findings"][0]  # type: ignore[index]
    assert (lost["policy"], lost["owner"]) == (None, None)


def test_a_waived_finding_stays_in_every_format() -> None:
    """With who excuses it and why; it is no deny, and what is wrong with a waiver is a finding too."""
    checked = judged.waived()
    assert (checked.verdict, checked.counts["waived"]) == ("undecided", 1)
    [first, *_, notice] = json.loads(json.dumps(document(checked)))["findings"]
    assert first["waiver"]["owner"] == "team-security"
    assert notice["rule"] == "waiver.expired"
    found = json.loads(rendered(checked, "sarif"))
    jsonschema.Draft7Validator(SARIF).validate(found)
    results = found["runs"][0]["results"]
    assert results[0]["suppressions"][0]["justification"] == "the vendor's key cannot rotate"
    assert ["suppressions" in one for one in results] == [True, False, False, False]
    suite = ElementTree.fromstring(rendered(checked, "junit"))[0]  # noqa: S314 - our own
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "2")
    assert "waived by team-security" in str(suite[0][0].get("message"))
    assert suite[-1].get("classname") == "waiver.expired"
    text = rendered(checked, "markdown")
    assert "🔕 waived" in text
    assert "waived by team-security until 2027-03-31" in text.replace("\\", "")


def test_findings_of_one_rule_about_one_resource_are_cases_of_their_own() -> None:
    """Whoever reads cases by class and name would drop the second."""
    checked = judged.checked()
    one = next(each for each in checked.findings if each.finding.effect == "deny")
    other = replace(one, finding=replace(one.finding, message="something else"))
    suite = ElementTree.fromstring(rendered(replace(checked, findings=(one, other)), "junit"))[0]  # noqa: S314 - our own
    named = [(case.get("classname"), case.get("name")) for case in suite if len(case)]
    assert len(set(named)) == len(named) == 2
