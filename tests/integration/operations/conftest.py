"""One instance with everything that a crash can tear apart, and a driver that can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.line import a_line
from tests.integration.operations.driver import operation_of

from gaia.kit.lines import LinesAt
from gaia.kit.process import child_environment
from gaia.operations.instance import Verdict, perform
from gaia.operations.journal import Entry, read
from gaia.terraform.normal import NormalForm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.line import Fate

    from gaia.sandbox import Sandbox
    from gaia.terraform.plan import Plan

HERE = Path(__file__).resolve().parent
STATE_BUCKET = "state"
STATE_KEY = "terraform.tfstate"


class Cloud:
    """What exists, by the emulator's own API."""

    def __init__(self, url: str) -> None:
        self.url = url

    def client(self, service: str) -> Any:
        """A client of the emulator."""
        import boto3  # type: ignore[import-untyped]

        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def reset(self) -> None:
        """Forget everything, and make the state bucket."""
        import http.client

        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        connection.request("POST", "/moto-api/reset")
        connection.getresponse().read()
        connection.close()
        self.client("s3").create_bucket(Bucket=STATE_BUCKET)

    def objects(self) -> list[str]:
        """Keys in the state bucket."""
        return [entry["Key"] for entry in self.client("s3").list_objects_v2(Bucket=STATE_BUCKET).get("Contents", [])]

    def things(self) -> dict[str, list[str]]:
        """Names of all that the component makes; keys that are pending deletion do not count."""
        kms, iam = self.client("kms"), self.client("iam")
        keys = [entry["KeyId"] for entry in kms.list_keys()["Keys"]]
        role_policies = [
            f"{role['RoleName']}:{name}"
            for role in iam.list_roles()["Roles"]
            for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
        ]
        attached = [
            f"{role['RoleName']}/{entry['PolicyName']}"
            for role in iam.list_roles()["Roles"]
            for entry in iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
        ]
        buckets = (entry["Name"] for entry in self.client("s3").list_buckets()["Buckets"])
        aliases = (entry["AliasName"] for entry in kms.list_aliases()["Aliases"])
        return {
            "keys": [key for key in keys if kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"],
            "aliases": [name for name in aliases if not name.startswith("alias/aws/")],
            "buckets": [name for name in buckets if name != STATE_BUCKET],
            "roles": [role["RoleName"] for role in iam.list_roles()["Roles"]],
            "policies": [entry["PolicyName"] for entry in iam.list_policies(Scope="Local")["Policies"]],
            "role_policies": role_policies,
            "attached": attached,
        }

    def count(self) -> dict[str, int]:
        """How many of each."""
        return {name: len(found) for name, found in self.things().items()}


ONE_OF_EACH = {
    "keys": 1, "aliases": 1, "buckets": 1, "roles": 1, "policies": 1, "role_policies": 1, "attached": 1,
}  # fmt: skip
NOTHING = dict.fromkeys(ONE_OF_EACH, 0)


@dataclass
class Case:
    """One instance and the processes that work on it."""

    folder: Path
    cloud: Cloud
    runs: int = 0
    config: dict[str, Any] = field(default_factory=dict)
    _journal: tuple[tuple[str, int], tuple[Entry, ...]] = (("", 0), ())

    def __post_init__(self) -> None:
        name = "gaia-" + self.folder.name[-20:].replace("_", "-").strip("-")
        environ = child_environment(
            os.environ,
            AWS_ENDPOINT_URL=self.cloud.url,
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",
            AWS_REGION="us-east-1",
            AWS_EC2_METADATA_DISABLED="true",
        )
        self.config = {
            "folder": str(self.folder),
            "environ": environ,
            "instance": "t-dev/store",
            "component": "store",
            "tree": str(HERE / "components"),
            "variables": {"name": name, "tags": {"gaia:instance": "t-dev/store"}},
            "providers": {"aws": {"region": "us-east-1"}},
            "backend_type": "s3",
            "backend": {"bucket": STATE_BUCKET, "key": STATE_KEY, "region": "us-east-1", "use_lockfile": True},
            "verdict": {"allowed": True},
            "approved": None,
            "destroy": False,
        }
        self.new_run()

    def new_run(self, **changes: Any) -> None:
        """The next operation of the instance, with a journal of its own."""
        self.runs += 1
        self.config |= {"journal": str(self.folder / "runs" / str(self.runs) / "journal.jsonl"), **changes}

    def start(self) -> subprocess.Popen[bytes]:
        """`perform` in a process of its own."""
        self.config["outcome"] = str(self.folder / "outcome.json")
        Path(self.config["outcome"]).unlink(missing_ok=True)
        path = self.folder / "config.json"
        path.write_text(json.dumps(self.config))
        log = (self.folder / "driver.log").open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, HERE / "driver.py", path],
                stdout=log,
                stderr=log,
                process_group=0,
                preexec_fn=_heeds_sigint,  # noqa: PLW1509
            )

    def perform(self) -> dict[str, Any]:
        """`perform` to its end, in another process."""
        process = self.start()
        assert process.wait(900) == 0, (self.folder / "driver.log").read_text()
        outcome: dict[str, Any] = json.loads(Path(self.config["outcome"]).read_text())
        return outcome

    @property
    def journal(self) -> tuple[Entry, ...]:
        """What the journal of the current run says now; read again only where it has grown, for it is asked often."""
        path = Path(self.config["journal"])
        seen = (str(path), path.stat().st_size if path.exists() else 0)
        if self._journal[0] != seen:
            self._journal = (seen, read(LinesAt(path)))
        return self._journal[1]

    def log(self) -> str:
        """Everything that the operation logged."""
        return (self.folder / "log.txt").read_text()

    def kill_when(self, reached: Callable[[tuple[Entry, ...]], bool], *, delay: float = 0.0, all_at_once: bool) -> bool:
        """Start, and SIGKILL when the journal shows what is waited for; False when it ended before.

        `all_at_once`: terraform and its provider die with Gaia; else Gaia alone is killed, and what follows it follows.
        """
        process = self.start()
        if not wait_for(self, process, lambda: reached(self.journal)):
            return False
        time.sleep(delay)
        self.kill(process, all_at_once=all_at_once)
        return True

    def kill_at_call(self, call: str, *, done: bool) -> None:
        """Start, and SIGKILL everything while AWS is asked for this: when it has done it, or before it heard of it."""
        fate: Fate = "hold" if done else "lose"
        with a_line(self.cloud.url, lambda request: fate if str(request) == call else "pass") as line:
            self.config["environ"]["AWS_ENDPOINT_URL"] = line.url
            process = self.start()
            assert wait_for(self, process, line.held.is_set), self.log()
            self.kill(process, all_at_once=True)
        self.config["environ"]["AWS_ENDPOINT_URL"] = self.cloud.url

    def kill(self, process: subprocess.Popen[bytes], *, all_at_once: bool) -> None:
        """SIGKILL a driver; `all_at_once` is as in `kill_when`."""
        groups = [process.pid]
        if all_at_once:
            groups += [int(str(entry.facts["pid"])) for entry in self.journal if entry.kind == "child"][-1:]
        for group in groups:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait()

    def survivors(self) -> list[int]:
        """Processes that still run in the working directory."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                inside = entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(self.folder / "work")
            except OSError:
                continue
            if inside:
                found.append(int(entry.name))
        return found


def _heeds_sigint() -> None:
    """In the child: a shell that runs the tests in the background has it ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for(case: Case, process: subprocess.Popen[bytes], reached: Callable[[], bool]) -> bool:
    """Wait for something about a running driver; False when it ended before."""
    deadline = time.monotonic() + 900
    while not reached():
        if process.poll() is not None:
            return False
        assert time.monotonic() < deadline, case.log()
        time.sleep(0.02)
    return True


def approve(case: Case) -> dict[str, object]:
    """The normal form of what the case would do now: its own plan, made without applying it."""
    found: list[dict[str, object]] = []

    def judge(plan: Plan) -> Verdict:
        found.append(NormalForm.of({operation.instance.key: plan}, operation.key).as_json())
        return Verdict(allowed=False, code="only-looking")

    operation = operation_of(case.config)
    perform(replace(operation, judge=judge))
    return found[0]


@pytest.fixture(scope="session")
def cloud(emulator: Sandbox) -> Cloud:
    """The emulator's API."""
    return Cloud(emulator.url)


@pytest.fixture
def case(cloud: Cloud, tmp_path: Path) -> Iterator[Case]:
    """An instance in an empty cloud; whatever still runs at the end is ended."""
    cloud.reset()
    made = Case(tmp_path, cloud)
    yield made
    for pid in made.survivors():
        os.kill(pid, signal.SIGKILL)
