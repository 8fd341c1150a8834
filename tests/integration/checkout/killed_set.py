"""Twelve resources in three instances with their states in a bucket, and a gaia that is killed at seeded moments.

Killed alone, or with everything that it started; sometimes an answer of the cloud is lost besides. Then the same words
are typed again, and what is said is proved: nothing is there twice, a plan is empty, no lock stays, no journal is open.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.integration.checkout.operating import NAMES, Ground, ids
from tests.integration.line import a_line
from tests.nightly.figures import Figures

from gaia.kit.lines import LinesAt
from gaia.kit.procfs import kill_tree
from gaia.operations.facts import read_facts
from gaia.operations.journal import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.integration.line import Fate, Request

    from gaia.sandbox import Sandbox

EACH = 4
"""Resources of an instance."""
BACKEND = (
    "backend_type: s3\n  backend: {s3: {bucket: BUCKET, region: us-east-1, key: set.tfstate, use_lockfile: true, "
    "use_path_style: true, skip_credentials_validation: true, skip_requesting_account_id: true}}"
)
LOCAL = """
resource "terraform_data" "a" {
  input = var.stage
  provisioner "local-exec" {
    command = "sleep 0.2; echo ${self.id} >> MADE/$(basename $TF_WORKSPACE)"
  }
}
resource "terraform_data" "b" {
  input = terraform_data.a.id
}
resource "terraform_data" "c" {
  count = 1
  input = terraform_data.b.id
}
resource "terraform_data" "d" {}
"""
AWS = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
locals {
  name = "${terraform.workspace}-ROUND"
  tags = { "gaia:instance" = replace(terraform.workspace, "-", "/") }
}
resource "aws_sns_topic" "a" {
  name = local.name
  tags = local.tags
}
resource "aws_ssm_parameter" "b" {
  name  = "/${local.name}"
  type  = "String"
  value = aws_sns_topic.a.arn
  tags  = local.tags
}
resource "aws_iam_role" "c" {
  name               = local.name
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
  tags = local.tags
}
resource "aws_iam_role_policy" "d" {
  name   = "data"
  role   = aws_iam_role.c.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "sns:Publish", Resource = aws_sns_topic.a.arn }] })
}
"""
CUT_AMONG = 40
"""One of so many first requests of a command loses its answer."""
_SOON = {"local": 6.0, "aws": 25.0}
"""Seconds that a command takes, before one was seen."""


def client(emulator: Sandbox, service: str) -> Any:
    """Of the emulator."""
    import boto3  # type: ignore[import-untyped]

    return boto3.client(service, endpoint_url=emulator.url, region_name="us-east-1",
                        aws_access_key_id="test", aws_secret_access_key="test")  # fmt: skip


@dataclass
class KilledSet:
    """One round: a repository of its own, and a bucket."""

    folder: Path
    emulator: Sandbox
    kind: str
    seed: int
    figures: Figures = field(init=False)
    ground: Ground = field(init=False)
    chance: random.Random = field(init=False)
    took: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(f"{self.kind} {self.seed}")  # noqa: S311 - a seeded choice of moments
        self.bucket = f"states-{self.kind}-{self.seed}-{self.folder.name[-8:].strip('_-').replace('_', '-').lower()}"
        client(self.emulator, "s3").create_bucket(Bucket=self.bucket)
        environ = {"AWS_ENDPOINT_URL": self.emulator.url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        environ |= {"AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
        self.ground = Ground(self.folder / "repository", BACKEND.replace("BUCKET", self.bucket), environ)
        code = LOCAL.replace("MADE", str(self.ground.made)) if self.kind == "local" else AWS
        self.ground.code(code.replace("ROUND", str(self.seed)))
        what = "terraform_data" if self.kind == "local" else "the AWS provider"
        self.figures = Figures(f"twelve resources in three instances: {what}", seeds=[str(self.seed)])
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]
        for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "first")):
            subprocess.run([*git, *words], cwd=self.ground.root, check=True)

    def killed(self, what: str, *words: str, fine: range = range(1)) -> str:
        """Kill this command at a moment, type it again, and say what that said."""
        begun = time.monotonic()
        at = self.chance.random() * self.took.get(what, _SOON[self.kind])
        together, cut = self.chance.random() < 0.5, self.chance.random() < 1 / 3
        ended = self._die(words, at, together=together, cut=self.chance.randrange(CUT_AMONG) if cut else None)
        again = time.monotonic()
        try:
            said = self.ground.run(*words, fine=fine)
        except AssertionError as error:
            message = f"{what} was killed after {at:.2f} s ({together=}, {cut=}, {ended=})"
            raise AssertionError(message) from error
        self.took[what] = time.monotonic() - again
        self.figures.kills += 1
        self.figures.had_ended += ended
        self.figures.resumed += not ended
        self.figures.seconds += time.monotonic() - begun
        return said

    def _die(self, words: tuple[str, ...], at: float, *, together: bool, cut: int | None) -> bool:
        """Start it and kill it; whether it had ended before."""
        seen: list[Request] = []

        def rule(request: Request) -> Fate:
            seen.append(request)
            return "cut" if len(seen) == cut else "pass"

        line = a_line(self.emulator.url, rule) if cut is not None else nullcontext(self.emulator)
        with line as way, (self.folder / "killed.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "gaia", *words], cwd=self.ground.root, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env={**self.ground.environ, "AWS_ENDPOINT_URL": way.url}, start_new_session=True,
            )  # fmt: skip
            try:
                process.wait(at)
            except subprocess.TimeoutExpired:
                if together:
                    kill_tree(process.pid)
                else:
                    os.kill(process.pid, signal.SIGKILL)
                process.wait()
                return False
        return True

    def any_of(self, names: list[str]) -> str:
        """One of these instances."""
        return self.chance.choice(names)

    def state(self, name: str) -> dict[str, Any]:
        """As it lies in the bucket."""
        store = client(self.emulator, "s3")
        key = f"note/dev-{name}/set.tfstate"
        keys = [one["Key"] for one in store.list_objects_v2(Bucket=self.bucket).get("Contents", [])]
        if key not in keys:
            return {}
        found: dict[str, Any] = json.loads(store.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        return found

    def prove(self, there: list[str]) -> None:
        """These instances are there whole and once, the others not at all; nobody locks, and no journal is open."""
        store = client(self.emulator, "s3")
        keys = [one["Key"] for one in store.list_objects_v2(Bucket=self.bucket).get("Contents", [])]
        assert [key for key in keys if key.endswith(".tflock")] == []
        for name in NAMES:
            made = ids(self.state(name))
            assert len(made) == len(set(made)) == (EACH if name in there else 0), (name, made)
        assert self.open_journals() == []
        if self.kind == "aws":
            assert self.existing() == {kind: len(there) for kind in ("topics", "parameters", "roles", "policies")}

    def check_empty(self, name: str) -> None:
        """A plan of it finds nothing to do."""
        self.ground.run("terraform", "plan", name, "-s", "dev", "-detailed-exitcode")

    def open_journals(self) -> list[str]:
        """Journals, wherever they are kept, of what was begun and did not end."""
        journals = [one for one in (self.folder / "home").rglob("*.jsonl") if "journals" in one.parts]
        own = [one for one in journals if "moves" not in one.parts]
        return [str(path) for path in own if read_facts(read(LinesAt(path))).begun]

    def existing(self) -> dict[str, int]:
        """How many things of this round there are, by the emulator's own word."""
        end, iam = f"-{self.seed}", client(self.emulator, "iam")
        topics = client(self.emulator, "sns").list_topics()["Topics"]
        parameters = client(self.emulator, "ssm").describe_parameters()["Parameters"]
        roles = [one["RoleName"] for one in iam.list_roles()["Roles"] if one["RoleName"].endswith(end)]
        return {
            "topics": sum(one["TopicArn"].endswith(end) for one in topics),
            "parameters": sum(one["Name"].endswith(end) for one in parameters),
            "roles": len(roles),
            "policies": sum(len(iam.list_role_policies(RoleName=role)["PolicyNames"]) for role in roles),
        }


def applied(name: str) -> tuple[str, ...]:
    """The words that apply an instance."""
    return ("terraform", "apply", name, "-s", "dev", "-auto-approve")


def round_of(one: KilledSet, steps: tuple[str, ...]) -> None:
    """Each step is killed once, on an instance that the seed chooses; the last one destroys."""
    acts: dict[str, Callable[[list[str]], list[str]]] = {
        "plan": lambda there: _plan(one, there),
        "adopt": lambda there: _adopt(one, there),
        "apply": lambda there: _apply(one, there),
        "import": lambda there: _import(one, there),
        "destroy": lambda there: _destroy(one, there),
    }
    there: list[str] = []
    for step in steps:
        there = acts[step](there)
        one.prove(there)
    for name in there:
        one.check_empty(name)
    one.figures.note()


def _plan(one: KilledSet, there: list[str]) -> list[str]:
    name = one.any_of(list(NAMES))
    one.killed("plan", "plan", name, "-s", "dev")
    return there


def _adopt(one: KilledSet, there: list[str]) -> list[str]:
    one.killed("adopt", "adopt", ".", fine=range(7))
    one.ground.run("list", "instances")
    return there


def _apply(one: KilledSet, there: list[str]) -> list[str]:
    name = one.any_of([name for name in NAMES if name not in there])
    one.killed("apply", *applied(name))
    one.check_empty(name)
    return [*there, name]


def _import(one: KilledSet, there: list[str]) -> list[str]:
    name = one.any_of(there)
    address = "terraform_data.d" if one.kind == "local" else "aws_sns_topic.a"
    kind, _, label = address.partition(".")
    [entry] = [each for each in one.state(name)["resources"] if (each["type"], each["name"]) == (kind, label)]
    identity = entry["instances"][0]["attributes"]["id"]
    one.ground.run("terraform", "state", "rm", name, address, "-s", "dev")
    said = one.killed("import", "import", name, "-s", "dev", f"{address}={identity}", "--yes", fine=range(9))
    assert "imported" in said or "nothing to change" in said or "import-missing" in said, said
    assert identity in ids(one.state(name))
    one.ground.run(*applied(name))
    return there


def _destroy(one: KilledSet, there: list[str]) -> list[str]:
    name = one.any_of(there)
    one.killed("destroy", "terraform", "destroy", name, "-s", "dev", "-auto-approve")
    return [each for each in there if each != name]
