"""`gaia drift` at a checkout: what somebody changes in the emulated AWS is found, accepted or put back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.adoption.conftest import team  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from tests.integration.adoption.conftest import Team

pytestmark = [pytest.mark.cloud, pytest.mark.long(3)]

BUCKET = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "name" {}
variable "version_tag" { default = "one" }
resource "aws_s3_bucket" "this" {
  bucket = var.name
  tags   = { owner = "team", version = var.version_tag }
}
output "tags" { value = aws_s3_bucket.this.tags }
"""
TABLE = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "name" {}
resource "aws_dynamodb_table" "this" {
  name         = var.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
"""
READER = 'variable "tags" {}\nresource "terraform_data" "this" { input = var.tags }\n'
STACK = """
vars: {stage: dev}
terraform:
  backend_type: local
  providers: {aws: {region: us-east-1, s3_use_path_style: true}}
components:
  terraform:
    photos: {metadata: {component: bucket}, vars: {name: NAME-photos}}
    album: {metadata: {component: reader}, vars: {tags: !terraform.state photos tags}}
    orders: {metadata: {component: table}, vars: {name: NAME-orders}}
"""


@dataclass
class Drifting:
    """A team's checkout that people change things behind."""

    team: Team

    def __call__(self, *words: str, output: str = "json") -> tuple[int, Any]:
        """Exit code of `gaia`, and its document, the error's where it failed."""
        line = [sys.executable, "-m", "gaia", *words, "--output", output]
        environ = self.team.settings.environ
        done = subprocess.run(line, cwd=self.team.root, env=environ, capture_output=True, text=True, check=False)
        return done.returncode, json.loads(done.stdout or done.stderr) if output == "json" else done.stdout

    def apply(self, *names: str) -> None:
        """Let these instances exist."""
        for name in names:
            code, said = self("apply", name, "-s", "dev", "--yes")
            assert code == 0, said

    def without_orders(self) -> None:
        """There is no table in the stack."""
        self.team.write("stacks/dev.yaml", STACK.replace("NAME", self.team.bucket).partition("    orders:")[0])

    def name(self, of: str) -> str:
        """The thing of an instance."""
        return f"{self.team.bucket}-{of}"

    def tag(self, **tags: str) -> None:
        """Somebody tags the bucket by hand."""
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        self.team.client("s3").put_bucket_tagging(Bucket=self.name("photos"), Tagging={"TagSet": listed})

    def tags(self) -> dict[str, str]:
        """What the bucket is tagged with."""
        found = self.team.client("s3").get_bucket_tagging(Bucket=self.name("photos"))["TagSet"]
        return {one["Key"]: one["Value"] for one in found}

    def found(self, *words: str) -> tuple[int, list[tuple[str, str]], Any]:
        """Exit code, kinds and titles, and the document of a scan."""
        code, document = self("drift", *words)
        return (
            code,
            [(one["kind"], one["title"]) for one in document["findings"] if one["kind"] != "provider's own"],
            document,
        )


@pytest.fixture
def drifting(team: Team) -> Drifting:  # noqa: F811 - the fixture
    """Three instances, of which a test applies those that it is about."""
    for name, text in {"bucket": BUCKET, "table": TABLE, "reader": READER}.items():
        team.write(f"components/terraform/{name}/main.tf", text)
    team.write("stacks/dev.yaml", STACK.replace("NAME", team.bucket))
    return Drifting(team)


def test_a_change_by_hand_is_found_and_put_back(drifting: Drifting) -> None:
    """With the attribute, who reads it, and the same fingerprint in each scan; 2 only where it is asked for."""
    drifting.apply("photos", "album")
    drifting.without_orders()
    assert drifting.found("--detailed-exitcode")[:2] == (0, [])
    drifting.tag(owner="somebody", version="one")
    title = f"aws_s3_bucket {drifting.name('photos')}"
    code, found, document = drifting.found("--detailed-exitcode")
    assert (code, found) == (2, [("changed outside", title)])
    again, _, other = drifting.found("-s", "dev")
    assert again == 0
    [one], [two] = ([each for each in doc["findings"] if each["title"] == title] for doc in (document, other))
    assert one["fingerprint"] == two["fingerprint"]
    [tag] = one["attributes"]
    assert (tag["path"], tag["after"], tag["put_back"]) == ("tags.owner", '"somebody"', True)
    assert tag["read_by"] == ["output.tags", "dev/album"]
    code, said = drifting("drift", "photos", "-s", "dev", "--repair")
    assert (code, said["error"]) == (1, "confirmation-missing")
    code, said = drifting("drift", "photos", "-s", "dev", "--repair", "--yes")
    assert (code, said["status"], said["changed"]) == (0, "applied", {"update": 1})
    assert drifting.tags() == {"owner": "team", "version": "one"}
    assert drifting.found()[:2] == (0, [])


def test_a_repair_leaves_alone_what_waits_in_the_code(drifting: Drifting) -> None:
    """It puts back what was changed outside, and nothing else."""
    drifting.apply("photos")
    drifting.team.client("s3").delete_bucket(Bucket=drifting.name("photos"))
    more = 'resource "terraform_data" "new" {}\n'
    drifting.team.write("components/terraform/bucket/main.tf", BUCKET + more)
    assert [kind for kind, _ in drifting.found("photos", "-s", "dev")[1]] == ["gone", "not applied"]
    code, said = drifting("drift", "photos", "-s", "dev", "--repair", "--yes")
    assert (code, said["changed"], said["resources"]) == (0, {"create": 1}, 1)
    assert drifting.found("photos", "-s", "dev")[1] == [("not applied", "bucket")]


@pytest.mark.nightly
def test_a_change_by_hand_is_accepted(drifting: Drifting) -> None:
    """The state has it then, nothing was changed, and it is journalled; the code still says something else."""
    drifting.apply("photos", "album")
    drifting.tag(owner="somebody", version="one")
    code, said = drifting("drift", "photos", "-s", "dev", "--accept", "--yes")
    assert (code, said["status"], said["changed"]) == (0, "applied", {"accept": 1})
    assert said["outputs"]["tags"] == {"owner": "somebody", "version": "one"}
    assert drifting.tags() == {"owner": "somebody", "version": "one"}
    journals = sorted(drifting.team.settings.home.glob("repos/*/journals/dev/photos/*.jsonl"))
    assert [json.loads(path.read_text().splitlines()[-1])["changed"] for path in journals] == [
        {"create": 1},
        {"accept": 1},
    ]
    drifting.without_orders()
    _, found, document = drifting.found()
    assert found == [
        ("read from elsewhere", "dev/photos output tags"),
        ("not applied", "bucket"),
    ]
    assert document["findings"][0]["places"][0] == {
        "instance": "dev/album", "address": "var.tags", "role": "reads", "would": None,
    }  # fmt: skip
    drifting.team.write("components/terraform/bucket/main.tf", BUCKET.replace('"team"', '"somebody"'))
    assert drifting.found("photos", "-s", "dev")[1] == []
    code, said = drifting("drift", "photos", "-s", "dev", "--accept", "--yes")
    assert (code, said["status"]) == (0, "unchanged")


def test_what_is_gone_can_be_accepted(drifting: Drifting) -> None:
    """The state forgets it."""
    drifting.apply("photos")
    drifting.team.client("s3").delete_bucket(Bucket=drifting.name("photos"))
    code, said = drifting("drift", "photos", "-s", "dev", "--accept", "--yes")
    assert (code, said["changed"], said["resources"]) == (0, {"accept": 1}, 0)


def test_data_is_never_lost_by_yes_alone(drifting: Drifting) -> None:
    """Somebody made the table anew with another key: putting it back waits for a choice, and both ways are shown."""
    drifting.apply("orders")
    client, name = drifting.team.client("dynamodb"), drifting.name("orders")
    client.delete_table(TableName=name)
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "number", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "number", "AttributeType": "S"}],
    )
    client.put_item(TableName=name, Item={"number": {"S": "1"}})
    _, _, document = drifting.found("orders", "-s", "dev")
    assert document["findings"][0]["loses"] == ["aws_dynamodb_table.this"]
    code, screen = drifting("drift", "orders", "-s", "dev", "--repair", "--yes", output="text")
    assert code == 1
    assert screen.index("accept  keeps what exists") < screen.index("revert  puts it back")
    assert client.scan(TableName=name)["Count"] == 1
    code, said = drifting("drift", "orders", "-s", "dev", "--repair", "--yes", "--replacing", "aws_dynamodb_table.this")
    assert (code, said["changed"]) == (0, {"create": 1, "delete": 1})
    assert client.describe_table(TableName=name)["Table"]["KeySchema"][0]["AttributeName"] == "id"


def test_a_scan_that_fails_is_no_scan(drifting: Drifting) -> None:
    """Never in sync: the code of that one is broken, the emulator does not answer; the others are checked."""
    drifting.apply("photos", "album", "orders")
    drifting.team.write("components/terraform/table/main.tf", TABLE + 'resource "aws_s3_bucket" "b" { nonsense = 1 }\n')
    code, _, document = drifting.found("--detailed-exitcode")
    statuses = {one["instance"]: (one["status"], one["code"]) for one in document["instances"]}
    assert statuses == {
        "dev/photos": ("in sync", None),
        "dev/album": ("in sync", None),
        "dev/orders": ("not checked", "terraform-failed"),
    }
    assert (code, document["counts"]) == (1, {"in sync": 2, "drift": 0, "not checked": 1})


def test_a_rule_lets_be_what_a_robot_writes_until_a_day(drifting: Drifting) -> None:
    """And changes nothing about what an apply does; one that has expired is named with its line."""
    drifting.apply("photos")
    rule = '{resource: aws_s3_bucket, attribute: tags.owner, matching: "some*", until: "DAY", reason: a robot}'
    rules = f"settings: {{gaia: {{drift: {{ignore: [{rule}]}}}}}}, "
    ruled = STACK.replace("NAME", drifting.team.bucket).replace("photos: {", f"photos: {{{rules}")
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86400 * 30))
    drifting.team.write("stacks/dev.yaml", ruled.replace("DAY", day))
    drifting.tag(owner="somebody", version="one")
    code, _, document = drifting.found("photos", "-s", "dev", "--detailed-exitcode")
    assert (code, [one["ignored"] for one in document["findings"] if one["kind"] == "changed outside"]) == (0, [True])
    drifting.team.write("stacks/dev.yaml", ruled.replace("DAY", "2026-01-01"))
    code, found, _ = drifting.found("photos", "-s", "dev", "--detailed-exitcode")
    assert (code, [kind for kind, _ in found]) == (2, ["changed outside", "ignore rule"])
    assert found[1][1].startswith("stacks/dev.yaml:")
    code, said = drifting("apply", "photos", "-s", "dev", "--yes")
    assert (code, said["changed"]) == (0, {"update": 1})
    assert drifting.tags()["owner"] == "team"


@pytest.mark.parametrize("option", [pytest.param("--accept", marks=pytest.mark.nightly), "--repair"])
def test_killed_half_way_it_goes_on(drifting: Drifting, option: str) -> None:
    """The same command ends what was begun, and nothing is left of it."""
    drifting.apply("photos")
    drifting.tag(owner="somebody", version="one")
    line = [sys.executable, "-m", "gaia", "drift", "photos", "-s", "dev", option, "--yes"]
    environ = drifting.team.settings.environ
    process = subprocess.Popen(
        line, cwd=drifting.team.root, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    folder = drifting.team.settings.home
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        texts = [path.read_text() for path in folder.glob("repos/*/journals/dev/photos/2.jsonl")]
        if any('"what": "apply"' in text for text in texts):
            break
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    code, said = drifting("drift", "photos", "-s", "dev", option, "--yes")
    assert code == 0, said
    assert drifting.tags()["owner"] == ("somebody" if option == "--accept" else "team")
    _, found, _ = drifting.found("photos", "-s", "dev")
    assert found == ([("not applied", "bucket")] if option == "--accept" else [])
    [journal] = folder.glob("repos/*/journals/dev/photos/2.jsonl")
    last = json.loads(journal.read_text().splitlines()[-1])
    assert (last["kind"], last["status"] in ("applied", "unchanged")) == ("outcome", True)
