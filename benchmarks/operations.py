"""Twelve instances at once against terraform in each of their folders, one after the other.

Claims (DESIGN, section 10): planning twelve takes at most 0.5 of that, looking for drift in twelve that exist 0.5,
applying twelve that need nothing of each other 0.6; no more providers run at once than `--parallel` says, and each fits
into a gigabyte; and one instance takes at most 300 ms more than the terraform commands that it runs.

The repository is small as services are: five resources an instance, an S3 backend; the cloud is the emulated AWS. Plain
terraform has a folder for each instance and runs `init` and `plan`, or `init` and `apply`, in it, with the same
mirror of providers. Nothing is initialised before, on neither side.

On a machine that others use too the processor's seconds say more than the clock's: they are in brackets.

An application takes a plan and a `show` more than plain terraform does, because what was shown is what is applied:
where nothing is waited for, and all is work for two cores, it is not faster. With `--waits` each instance has a queue,
which the provider waits 25 seconds for, and only the application is measured.

    .venv/bin/python benchmarks/operations.py [INSTANCES] [--waits]
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaia import sandbox
from gaia.kit.process import child_environment
from gaia.settings import Settings
from gaia.terraform.providers import write_cli_config
from gaia.terraform.tool import find_tool

if TYPE_CHECKING:
    from collections.abc import Callable

BUCKET, REGION, ROUNDS = "state", "us-east-1", 5
GIB = 1 << 30
ATMOS = (
    'base_path: ""\n'
    "components: {terraform: {base_path: components/terraform, auto_generate_backend_file: true}}\n"
    'stacks: {base_path: stacks, included_paths: ["*"], name_pattern: "{stage}"}\n'
)
BACKEND = {"bucket": BUCKET, "key": "terraform.tfstate", "region": REGION, "use_path_style": True}
COMPONENT = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "stage" { type = string }
variable "name" { type = string }
locals { path = "${var.stage}/${var.name}" }
resource "aws_cloudwatch_log_group" "this" { name = "/${local.path}" }
resource "aws_ssm_parameter" "this" {
  name  = "/${local.path}/url"
  type  = "String"
  value = "https://example.org"
}
resource "aws_sns_topic" "this" { name = "${var.stage}-${var.name}" }
resource "aws_iam_role" "this" {
  name               = "${var.stage}-${var.name}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}
resource "aws_iam_role_policy" "this" {
  role   = aws_iam_role.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = aws_sns_topic.this.arn }]
  })
}
output "topic" { value = aws_sns_topic.this.arn }
"""
WAITS = 'resource "aws_sqs_queue" "this" { name = "${var.stage}-${var.name}" }\n'


@dataclass(frozen=True)
class Took:
    """Seconds, by the clock and of the processors."""

    clock: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.clock:6.1f} s ({self.cpu:5.1f})"


def _taken(act: Callable[[], object]) -> Took:
    clock, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    act()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(time.perf_counter() - clock, cpu)


@dataclass
class Watched:
    """What the processes of a command took, at most."""

    providers: int = 0
    memory: int = 0
    """Bytes of all of them together, shared pages counted once."""
    each: int = 0
    """Bytes of one provider."""

    def look(self, pid: int) -> None:
        """Add what runs below a process now."""
        sizes = [(name, _memory(child)) for child, name in _below(pid)]
        providers = [size for name, size in sizes if name.startswith("terraform-prov")]
        self.providers = max(self.providers, len(providers))
        self.each = max([self.each, *providers])
        self.memory = max(self.memory, sum(size for _, size in sizes))


def _below(pid: int) -> list[tuple[int, str]]:
    """The processes that one has started, and those that these have."""
    parents: dict[int, list[tuple[int, str]]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue
        parents.setdefault(int(rest.split()[1]), []).append((int(stat.parent.name), name))
    found, left = [], [pid]
    while left:
        children = parents.get(left.pop(), [])
        found += children
        left += [child for child, _ in children]
    return found


def _memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


class Bench:
    """A repository of `number` instances in each of two stacks, and the emulator that they live in."""

    def __init__(self, folder: Path, number: int, *, waits: bool = False) -> None:
        self.component = COMPONENT + (WAITS if waits else "")
        self.folder, self.root = folder, folder / "infrastructure"
        self.emulator = sandbox.up(folder / "emulator", buckets=[BUCKET])
        self.environ = {
            **child_environment(os.environ),
            "AWS_ENDPOINT_URL": str(self.emulator.url),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "GAIA_HOME": str(folder / "home"),
            "GAIA_CACHE_DIR": str(folder / "cache"),
        }
        settings = Settings.capture(self.environ, folder)
        self.tool = find_tool(settings)
        self.cli_config = str(write_cli_config(settings.home, self.tool, self.environ))
        self.names = [f"service-{index}" for index in range(number)]

    def write(self) -> None:
        """The files of the repository, with a stack for each side, and a folder of plain terraform an instance."""
        _file(self.root / "atmos.yaml", ATMOS)
        _file(self.root / "components/terraform/service/main.tf", self.component)
        for stack in ("ours", "single"):
            lines = [f"vars: {{stage: {stack}}}", "terraform:", f"  providers: {{aws: {{region: {REGION}}}}}"]
            lines += ["  backend_type: s3", f"  backend: {{s3: {json.dumps(BACKEND)}}}", "components:", "  terraform:"]
            names = self.names if stack == "ours" else ["one"]
            lines += [f"    {name}: {{metadata: {{component: service}}, vars: {{name: {name}}}}}" for name in names]
            _file(self.root / f"stacks/{stack}.yaml", "\n".join(lines) + "\n")
        for name in (*self.names, "one"):
            self._plain_folder(self._folder(name), name)

    def _folder(self, name: str) -> Path:
        return self.folder / "plain" / name

    def _plain_folder(self, folder: Path, name: str) -> None:
        document: dict[str, Any] = {"terraform": {"backend": {"s3": {**BACKEND, "key": f"plain/{name}"}}}}
        document |= {"provider": {"aws": {"region": REGION}}}
        _file(folder / "main.tf", self.component)
        _file(folder / "own.tf.json", json.dumps(document))
        _file(folder / "terraform.tfvars.json", json.dumps({"stage": "plain", "name": name}))

    def plain(self, name: str, *commands: tuple[str, ...]) -> None:
        """Commands in the folder of an instance."""
        for words in commands:
            done = subprocess.run(
                [str(self.tool.path), *words, "-input=false"],
                cwd=self._folder(name), env={**self.environ, "TF_CLI_CONFIG_FILE": self.cli_config},
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr  # noqa: S101 - a failure measures nothing

    def one_by_one(self, *commands: tuple[str, ...]) -> None:
        """Commands in each folder, which was never initialised."""
        for name in self.names:
            shutil.rmtree(self._folder(name) / ".terraform", ignore_errors=True)
            (self._folder(name) / ".terraform.lock.hcl").unlink(missing_ok=True)
        for name in self.names:
            self.plain(name, *commands)

    def gaia(self, *words: str) -> Watched:
        """A command of Gaia, and what it took of the machine."""
        line, watched = [sys.executable, "-m", "gaia", *words], Watched()
        child = subprocess.Popen(
            line, cwd=self.root, env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        watching = threading.Thread(target=self._watch, args=(child, watched), daemon=True)
        watching.start()
        said, _ = child.communicate()
        watching.join()
        assert child.returncode == 0, said  # noqa: S101 - a failure measures nothing
        return watched

    @staticmethod
    def _watch(child: subprocess.Popen[str], watched: Watched) -> None:
        while child.poll() is None:
            watched.look(child.pid)
            time.sleep(0.1)

    def forget(self) -> None:
        """Gaia's working directories."""
        shutil.rmtree(self.folder / "home" / "repos", ignore_errors=True)


def _file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _row(what: str, theirs: Took, ours: Took, claim: float) -> None:
    print(f"{what:30} {theirs} {ours} {ours.clock / theirs.clock:6.2f}   at most {claim}", flush=True)


def many(bench: Bench, *, only_apply: bool = False) -> Watched:
    """Plan, apply and drift of all; what the application took of the machine."""
    plan, apply, number = ("plan",), ("apply", "-auto-approve"), len(bench.names)
    seen: list[Watched] = []

    def measure(what: str, theirs: tuple[str, ...], ours: tuple[str, ...], claim: float) -> None:
        bare = _taken(lambda: bench.one_by_one(("init",), theirs))
        bench.forget()
        _row(what, bare, _taken(lambda: seen.append(bench.gaia(*ours))), claim)

    bench.gaia("list", "stacks")  # compiles Python's modules
    bench.plain("one", ("init",))  # reads the provider from the disk
    print(f"{'':30}     one by one            Gaia      ratio   claim")
    if not only_apply:
        measure(f"plan of {number} that do not exist", plan, ("plan", "-s", "ours"), 0.5)
    measure(f"apply of {number}", apply, ("apply", "-s", "ours", "--yes"), 0.6)
    applied = seen[-1]
    if not only_apply:
        measure(f"drift of {number} that exist", plan, ("drift", "-s", "ours"), 0.5)
    return applied


def one(bench: Bench) -> None:
    """What Gaia adds to one instance: the command that it runs, everything initialised, medians of several rounds."""
    theirs, ours = [], []
    bench.plain("one", ("apply", "-auto-approve"))
    bench.gaia("apply", "one", "-s", "single", "--yes")
    for _ in range(ROUNDS):
        theirs.append(_taken(lambda: bench.plain("one", ("plan", "-out=x"))))
        ours.append(_taken(lambda: bench.gaia("plan", "one", "-s", "single")))
    mine, bare = (statistics.median(one.clock for one in side) for side in (ours, theirs))
    cpu = statistics.median(one.cpu for one in ours) - statistics.median(one.cpu for one in theirs)
    print(f"terraform plan of one   {bare * 1000:7.0f} ms")
    print(
        f"gaia plan of one        {mine * 1000:7.0f} ms, {(mine - bare) * 1000:+.0f} ms ({cpu * 1000:+.0f} ms of a "
        "processor; claim: at most 300)"
    )


def main() -> None:
    """Print the table."""
    waits = "--waits" in sys.argv
    number = next((int(word) for word in sys.argv[1:] if word.isdecimal()), 12)
    folder = Path(tempfile.mkdtemp(prefix="gaia-bench-"))
    try:
        print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        bench = Bench(folder, number, waits=waits)
        bench.write()
        watched = many(bench, only_apply=waits)
        print(
            f"providers at once while applying: {watched.providers}, each at most {watched.each / GIB:.2f} GiB; all "
            f"processes {watched.memory / GIB:.2f} GiB"
        )
        if not waits:
            one(bench)
        print(f"load of the machine after: {os.getloadavg()[0]:.1f}")
    finally:
        sandbox.down(folder / "emulator")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
