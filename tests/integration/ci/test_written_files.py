"""What `gaia ci plan` writes beside the comment: for scanners, reports of tests, tools of costs, and for Gaia."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from tests.hosts.hosted import Hosted
from tests.integration.ci.jobs import NOTE, RULE, Jobs

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.cloud, pytest.mark.long(1)]
SECRET = "hunter2-is-a-secret"
CODE = """
variable "password" {
  type      = string
  sensitive = true
  default   = "%s"
}
resource "terraform_data" "whole" { input = "x-${var.password}-y" }
resource "terraform_data" "encoded" { input = base64encode(var.password) }
resource "terraform_data" "again" { input = nonsensitive(base64encode(var.password)) }
"""


def test_each_tool_reads_the_same_and_no_file_has_a_secret(tmp_path: Path) -> None:
    """A finding in SARIF and JUnit by its instance, costs in Infracost's form, the digest; also where the
    same value stands somewhere without a mark, and where a rule puts values into its message."""
    with Hosted(tmp_path) as host:
        jobs = Jobs(host, tmp_path)
        rule = RULE.format(word="evil").replace('"the word is forbidden"', 'sprintf("it says %v", [one.change.after])')
        jobs.begin(**{"policies/plan/words.rego": rule})
        jobs.commit("change", **{"components/terraform/note/main.tf": NOTE + CODE % SECRET, **jobs.parts(web="evil")})
        number = host.open_pull_request("change")
        done = jobs.run("plan", "--out", str(tmp_path / "out"), pull=number)
        assert (done.code, done.document["denied"]) == (1, True), done.said
        said = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
        shown = host.texts(number)[0]
    [run] = json.loads(said["findings.sarif"])["runs"]
    assert ["dev/web" in json.dumps(one) for one in run["results"] if one["level"] == "error"] == [True]
    cases = list(ElementTree.fromstring(said["junit.xml"]).iter("testcase"))  # noqa: S314 - it is ours
    assert [one.find("failure") is not None for one in cases].count(True) == 1
    assert json.loads(said["infracost.json"])["version"] == "0.2"
    assert json.loads(said["preview.json"])["digest"] == done.document["digest"]
    assert said["comment.md"].strip() in shown
    assert "terraform_data.encoded" in said["comment.md"]
    for text in (*said.values(), shown, done.said):
        assert SECRET not in text
        assert base64.b64encode(SECRET.encode()).decode() not in text
