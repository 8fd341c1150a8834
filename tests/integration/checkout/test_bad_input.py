"""Bad input to many instances at once: one clear error, a place, a next step, and the others are worked on."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.checkout.operating import NOTE, Ground, ended, events
from tests.integration.line import a_line

from gaia.bootstrap import App
from gaia.checkout.batch import Batch
from gaia.settings import Settings
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.line import Fate, Request

    from gaia.sandbox import Sandbox

pytestmark = [pytest.mark.cloud, pytest.mark.long(2)]

STAGE = 'variable "stage" {\n  type = string\n}\n'
HEAD = "vars: {stage: dev}\nterraform: {backend_type: local}\ncomponents:\n  terraform:\n"
MOST_BYTES = 4 * 1024 * 1024
"""Of a file that a limited process may write."""


def stack(ground: Ground, *lines: str, head: str = HEAD) -> None:
    """The stack `dev` of these instances."""
    ground.write("stacks/dev.yaml", head + "".join(f"    {line}\n" for line in lines))


def note(name: str, text: str = "hello", **more: object) -> str:
    """An instance of the component."""
    return f"{name}: {json.dumps({'metadata': {'component': 'note'}, 'vars': {'text': text, **more}})}"


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """A repository with one component."""
    made = Ground(tmp_path / "repository")
    made.code(NOTE)
    return made


def by_name(text: str) -> dict[str, dict[str, Any]]:
    """What the summary says of each instance."""
    return {one["instance"].partition("/")[2]: one for one in events(text)[-1]["instances"]}


def test_what_is_wrong_with_one_is_said_of_it_alone(ground: Ground) -> None:
    """Invalid code, no code, no folder, no provider, no value: each its own error; abstract and disabled ones are left
    out; what needs one of them waits, and everything else is made."""
    mirror, config = ground.root.parent / "mirror", ground.root.parent / "empty.tfrc"
    mirror.mkdir()
    config.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    ground.environ["TF_CLI_CONFIG_FILE"] = str(config)
    ground.write("components/terraform/broken/main.tf", STAGE + 'resource "terraform_data" {\n')
    ground.write("components/terraform/wrong/main.tf", STAGE + 'resource "terraform_data" "x" {\n  nothing = 1\n}\n')
    ground.write("components/terraform/empty/README.md", "no code\n")
    provider = 'terraform {\n  required_providers {\n    none = { source = "example/none" }\n  }\n}\n'
    ground.write("components/terraform/foreign/main.tf", STAGE + provider + 'resource "none_thing" "x" {}\n')
    stack(
        ground, "nowhere: {metadata: {component: gone}}", "broken: {}", "broken-too: {metadata: {component: broken}}",
        "wrong: {}", "empty: {}", "foreign: {}", "unset: {metadata: {component: note}}", note("fine"),
        "after: {metadata: {component: note}, vars: {text: !terraform.state broken id}}",
        "abstract: {metadata: {component: note, type: abstract}}",
        "disabled: {metadata: {component: note, enabled: false}}",
    )  # fmt: skip
    found = by_name(ground.run("apply", "-s", "dev", "--yes", "-o", "json", fine=(1,)))
    codes = {name: one["code"] for name, one in found.items()}
    assert codes == {
        "nowhere": "component-folder-missing", "broken": "hcl-syntax", "broken-too": "hcl-syntax", "after": None,
        "wrong": "terraform-failed", "empty": "component-without-code", "foreign": "provider-missing",
        "unset": "terraform-failed", "fine": None,
    }  # fmt: skip
    assert (found["fine"]["status"], found["after"]["status"]) == ("applied", "not tried")
    assert found["after"]["because"] == "dev/broken"
    places = {name: one["place"].rpartition(":")[0] for name, one in found.items() if one["place"]}
    assert places["broken"] == "components/terraform/broken/main.tf:5"
    assert places["wrong"] == "components/terraform/wrong/main.tf:5"
    assert places["nowhere"] == "stacks/dev.yaml:5"
    assert places["unset"] == "stacks/dev.yaml:11"
    assert '"text"' in found["unset"]["reason"]
    assert "the preview" not in found["unset"]["reason"]
    assert "vars" in found["unset"]["next_step"]
    assert all(one["next_step"] for name, one in found.items() if one["code"])
    told = " ".join(ground.run("plan", "-s", "dev", fine=(1,)).split())
    assert told.count("this is not valid HCL") == 1
    assert "broken, broken-too components/terraform/broken/main.tf:5:1" in told
    drift = " ".join(ground.run("drift", "-s", "dev", fine=(1,)).split())
    assert drift.count("this is not valid HCL") == 1
    assert drift.count("components/terraform/broken/main.tf:5:1") == 1


def test_the_same_of_one_instance(ground: Ground) -> None:
    """No code is an error, and not a wish for nothing; one that is disabled is no failure, an abstract one is."""
    ground.write("components/terraform/empty/README.md", "no code\n")
    stack(
        ground, "empty: {}", "unset: {metadata: {component: note}}",
        "abstract: {metadata: {component: note, type: abstract}}",
        "disabled: {metadata: {component: note, enabled: false}}",
    )  # fmt: skip
    assert "component-without-code" in ground.run("apply", "empty", "-s", "dev", "--yes", fine=(3,))
    assert "among the instance's vars" in ground.run("plan", "unset", "-s", "dev", fine=range(1, 10))
    assert "component-abstract" in ground.run("plan", "abstract", "-s", "dev", fine=(2,))
    for words in (("plan",), ("apply", "--yes"), ("destroy", "--yes")):
        assert "not enabled" in ground.run(words[0], "disabled", "-s", "dev", *words[1:])
    assert not ground.state("disabled")


def test_without_a_terraform_there_is_one_error(ground: Ground) -> None:
    """It is about none of the instances; the same for a program that is too old."""
    stack(ground, note("one"), note("two"))
    old = ground.root.parent / "terraform"
    old.write_text('#!/bin/sh\necho \'{"terraform_version": "1.5.7"}\'\n')
    old.chmod(0o755)
    for program, code in (("/nonexistent/terraform", "terraform-missing"), (str(old), "terraform-too-old")):
        ground.environ["GAIA_TERRAFORM"] = program
        for words in (["-s", "dev"], ["one", "-s", "dev"]):
            said = ground.run("plan", *words, fine=range(1, 10))
            assert said.count(code) == 1
            assert said.count("\nnext ") == 1


def test_a_circle_is_named_before_anything_is_planned(ground: Ground) -> None:
    """With those that stand in it."""
    lines = [
        f"{name}: {{metadata: {{component: note}}, vars: {{text: x}}, dependencies: {needs}}}"
        for name, other in (("one", "two"), ("two", "one"))
        for needs in [f"{{components: [{{component: {other}}}]}}"]
    ]
    stack(ground, *lines, note("three"))
    said = ground.run("apply", "-s", "dev", "--yes", fine=range(1, 10))
    assert "dependency-cycle" in said
    assert "one" in said
    assert "two" in said
    assert not ground.state("three")


def test_a_journal_that_is_damaged_or_full_stops_its_instance_alone(ground: Ground) -> None:
    """Nothing is changed that cannot be written down."""
    stack(ground, note("damaged"), note("full"), note("fine"))
    ground.run("apply", "-s", "dev", "--yes")
    [folder] = (ground.root.parent / "home/repos").glob("*/journals/dev")
    (folder / "damaged/2.jsonl").write_text("{torn\n{torn\n")
    at = "2026-11-24T00:00:00.000Z"
    begun = json.dumps({"at": at, "kind": "begin", "operation": "apply", "instance": "dev/full"}) + "\n"
    filled = {"at": at, "kind": "recovered", "did": "x" * (MOST_BYTES - 80 - len(begun))}
    (folder / "full/2.jsonl").write_text(begun + json.dumps(filled) + "\n")
    stack(ground, note("damaged", "other"), note("full", "other"), note("fine", "other"))
    found = by_name(_limited(ground, "apply", "-s", "dev", "--yes", "-o", "json"))
    assert (found["damaged"]["code"], found["full"]["code"]) == ("journal-damaged", "disk-full")
    assert all(found[name]["next_step"] for name in ("damaged", "full"))
    assert found["fine"]["status"] == "applied"
    texts = {name: ground.state(name)["resources"][0]["instances"][0]["attributes"]["input"]["value"] for name in found}
    assert texts == {"damaged": "hello", "full": "hello", "fine": "other"}


def test_a_state_that_cannot_be_written_parks_its_instance(ground: Ground) -> None:
    """Terraform says why; the others are made, and with room again nothing is lost."""
    ground.code(
        NOTE.replace("= var.text\n", '= var.text == "much" ? join("", [for n in range(1000) : var.long]) : ""\n')
    )
    ground.write("components/terraform/note/long.tf", f'variable "long" {{\n  default = "{"x" * 6000}"\n}}\n')
    stack(ground, note("much", "much"), note("fine"))
    found = by_name(_limited(ground, "apply", "-s", "dev", "--yes", "-o", "json"))
    assert found["fine"]["status"] == "applied"
    assert found["much"]["status"] == "parked", found["much"]["reason"]
    assert "file too large" in found["much"]["reason"].lower()
    assert found["much"]["next_step"]


def _limited(ground: Ground, *words: str) -> str:
    """What a command says that fails because it may write no more than `MOST_BYTES` into a file."""
    done = subprocess.run(
        [sys.executable, "-m", "gaia", *words], cwd=ground.root, env=ground.environ, capture_output=True, text=True,
        check=False, timeout=300,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES)),
    )  # fmt: skip
    assert done.returncode in (1, 6), done.stdout + done.stderr
    return done.stdout


def test_a_state_that_moved_on_since_the_plan_parks_its_instance(ground: Ground) -> None:
    """What was shown is not what would be done now; the others are applied."""
    stack(ground, note("one"), note("two"))
    ground.run("apply", "-s", "dev", "--yes")
    stack(ground, note("one", "other"), note("two", "other"))
    with App(Settings.capture(ground.environ, ground.root)).checkout(None) as checkout:
        repository = checkout.files.repository
        batch = Batch(checkout, [repository.instance(name, "dev") for name in ("one", "two")])
        planned = batch.plan()
        text = ground.root.joinpath("stacks/dev.yaml").read_text()
        stack(ground, note("one", "another"), note("two", "other"))
        ground.run("apply", "one", "-s", "dev", "--yes")
        ground.write("stacks/dev.yaml", text)
        found = {one.key.component: one for one in batch.apply(planned)}
    assert found["two"].status == "applied"
    assert found["one"].as_json()["code"] == "approval-void"
    assert found["one"].next_step


def test_one_that_hangs_keeps_nobody_up_and_ctrl_c_ends_it(ground: Ground) -> None:
    """The others are made beside it; once asks it for an end, twice ends it, and resume goes on."""
    others = [f"n{number}" for number in range(4)]
    stack(ground, note("hangs", command="sleep 600"), *map(note, others))
    child = subprocess.Popen(
        [sys.executable, "-m", "gaia", "apply", "-s", "dev", "--yes", "-o", "json", "--parallel", "2"],
        cwd=ground.root, env=ground.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout
    lines, left = [], set(others)
    for line in child.stdout:
        lines.append(line)
        event = json.loads(line)
        if event["event"] == "ended":
            assert event["status"] == "applied"
            left.discard(event["instance"].partition("/")[2])
        if not left and any('"start"' in one and "dev/hangs" in one for one in lines):
            break
    begun = time.monotonic()
    for _ in range(2):
        os.kill(child.pid, signal.SIGINT)
        time.sleep(1)
    lines += child.stdout.readlines()
    assert child.wait(60) == 130
    assert time.monotonic() - begun < 60
    statuses = ended("".join(lines))
    assert statuses["hangs"] in ("interrupted", "parked")
    assert [statuses[name] for name in others] == ["applied"] * len(others)
    stack(ground, note("hangs"), *map(note, others))
    assert ended(ground.run("apply", "--resume", "--yes", "-o", "json")) == {"hangs": "applied"}


TOPIC = """\
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "name" {
  type = string
}
resource "aws_sns_topic" "this" {
  name = var.name
}
"""


def _answer(status: str, code: str, message: str) -> bytes:
    body = (
        f'<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{message}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
    ).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def test_what_the_cloud_refuses_stops_its_instance(ground: Ground, emulator: Sandbox) -> None:
    """A bucket of states that does not exist, credentials that expire in the middle: said once each, with what to do;
    calls that are throttled are tried again; with new credentials resume goes on."""
    made: list[str] = []

    def rule(request: Request) -> Fate | bytes:
        if request.action != "CreateTopic":
            return "pass"
        made.append(request.target)
        if len(made) == 1:
            return _answer("400 Bad Request", "Throttling", "Rate exceeded")
        if len(made) > 2 and expired:
            return _answer("403 Forbidden", "ExpiredToken", "The security token included in the request is expired")
        return "pass"

    ground.code(TOPIC)
    backend = "{bucket: state, key: batch, region: us-east-1, use_path_style: true}"
    head = f"vars: {{stage: dev}}\nterraform:\n  backend_type: s3\n  backend: {{s3: {backend}}}\n"
    head += "components:\n  terraform:\n"
    lines = [
        f"{name}: {{metadata: {{component: note}}, vars: {{name: bad-{name}}}, "
        f"providers: {{aws: {{region: us-east-1, max_retries: 3}}}}{more}}}"
        for name, more in (
            ("first", ""), ("second", ""),
            ("bucketless", ", backend: {s3: {bucket: no-such-bucket, key: batch, region: us-east-1}}"),
        )
    ]  # fmt: skip
    stack(ground, *lines, head=head)
    expired = True
    with a_line(str(emulator.url), rule) as line:
        ground.environ |= {"AWS_ENDPOINT_URL": line.url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        said = ground.run("apply", "-s", "dev", "--yes", "-o", "json", "--parallel", "1", fine=(1,))
        found = by_name(said)
        assert found["bucketless"]["code"] == "bucket-missing"
        assert "no-such-bucket" in found["bucketless"]["reason"]
        assert sorted(found[name]["status"] for name in ("first", "second")) == ["applied", "parked"]
        parked = next(one for one in found.values() if one["status"] == "parked")
        assert "ExpiredToken" in parked["reason"]
        assert "credentials" in parked["next_step"]
        assert found["bucketless"]["next_step"]
        expired = False
        again = by_name(ground.run("apply", "--resume", "--yes", "-o", "json", fine=(1,)))
        assert again.pop("bucketless")["code"] == "bucket-missing"
        assert [one["status"] for one in again.values()] == ["applied"]
    assert InstanceKey.parse(parked["instance"]).component in again
