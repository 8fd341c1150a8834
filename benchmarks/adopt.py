"""`gaia adopt --check` against planning one instance after the other.

Claim (DESIGN, section 10): 200 instances take at most a quarter of the time. The repository is as teams have them: a
component with a provider block and three resources, an S3 backend, a workspace for each stack; the cloud is the
emulated AWS. Plain terraform runs as Atmos runs it (`init -reconfigure`, workspace, `plan`) in the component's folder,
which is initialised before; it is sampled, and the mean is taken times all.

The second claim: `gaia terraform plan` takes at most 300 ms more than plain `init` and `plan` in that folder.

    .venv/bin/python benchmarks/adopt.py [INSTANCES [SAMPLE]]
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from gaia import sandbox
from gaia.kit.process import child_environment
from gaia.sandbox.wire import Wire
from gaia.settings import Settings
from gaia.terraform.providers import write_cli_config
from gaia.terraform.tool import find_tool

BUCKET = "state"
REGIONS = ("us-east-1", "us-west-2")
STACKS = 10
ATMOS = (
    'base_path: ""\n'
    "components: {terraform: {base_path: components/terraform, auto_generate_backend_file: true}}\n"
    'stacks: {base_path: stacks, included_paths: ["*"], name_pattern: "{stage}"}\n'
)
COMPONENT = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "region" { type = string }
variable "stage" { type = string }
variable "name" { type = string }
provider "aws" {
  region = var.region
}
resource "aws_cloudwatch_log_group" "this" { name = "/${var.stage}/${var.name}" }
resource "aws_ssm_parameter" "this" {
  name  = "/${var.stage}/${var.name}"
  type  = "String"
  value = "x"
}
resource "aws_sns_topic" "this" { name = "${var.stage}-${var.name}" }
output "topic" { value = aws_sns_topic.this.arn }
"""


class Bench:
    """A repository of `number` instances, and the emulator that they live in."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder, self.root, self.number = folder, folder / "infrastructure", number
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
        self.environ["TF_CLI_CONFIG_FILE"] = str(write_cli_config(settings.home, self.tool, self.environ))
        self.names = [(f"s{index % STACKS}", f"service-{index // STACKS}") for index in range(number)]

    def write(self) -> None:
        """The files of the repository."""
        self._file("atmos.yaml", ATMOS)
        self._file("components/terraform/service/main.tf", COMPONENT)
        for stack in sorted({stack for stack, _ in self.names}):
            region = REGIONS[int(stack[1:]) % len(REGIONS)]
            lines = [f"vars: {{stage: {stack}, region: {region}}}", "terraform:", "  backend_type: s3", "  backend:"]
            lines += [f"    s3: {{bucket: {BUCKET}, key: terraform.tfstate, region: us-east-1, use_path_style: true}}"]
            lines += ["components:", "  terraform:"]
            lines += [
                f"    {name}: {{metadata: {{component: service}}, vars: {{name: {name}}}}}"
                for one, name in self.names
                if one == stack
            ]
            self._file(f"stacks/{stack}.yaml", "\n".join(lines) + "\n")

    def _file(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def make(self) -> None:
        """All resources with one apply of one root, whose state is then parted into each instance's own."""
        folder = self.folder / "making"
        for region in REGIONS:
            code = folder / region / "service"
            code.mkdir(parents=True)
            kept = COMPONENT.split("provider ", maxsplit=1)[0].splitlines()
            kept += ["resource " + part for part in COMPONENT.split("resource ")[1:]]
            (code / "main.tf").write_text("\n".join(kept))
            mine = [(stack, name) for stack, name in self.names if REGIONS[int(stack[1:]) % len(REGIONS)] == region]
            calls: dict[str, Any] = {
                f"{stack}_{name}": {"source": "./service", "stage": stack, "name": name, "region": region}
                for stack, name in mine
            }
            (folder / region / "main.tf.json").write_text(
                json.dumps({"module": calls, "provider": {"aws": {"region": region}}})
            )
            self.terraform(folder / region, "init", "-input=false")
            self.terraform(folder / region, "apply", "-auto-approve", "-input=false", "-parallelism=30")
            state = json.loads((folder / region / "terraform.tfstate").read_text())
            for stack, name in mine:
                self._put(f"service/{stack}-{name}/terraform.tfstate", _part(state, f"module.{stack}_{name}"))

    def _put(self, key: str, document: dict[str, Any]) -> None:
        wire = Wire(int(str(self.emulator.url).rpartition(":")[2]))
        status, answer = wire.send("PUT", f"/{BUCKET}/{key}", service="s3", body=json.dumps(document))
        assert status < 300, answer  # noqa: S101 - without states nothing is measured

    def terraform(self, folder: Path, *words: str) -> float:
        """Seconds of one command."""
        begun = time.perf_counter()
        done = subprocess.run(
            [str(self.tool.path), *words], cwd=folder, env=self.environ, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr  # noqa: S101
        return time.perf_counter() - begun

    def plain(self, stack: str, name: str) -> float:
        """`init`, the workspace and `plan` in the component's folder, with Atmos's files."""
        folder = self.root / "components/terraform/service"
        backend: dict[str, Any] = {
            "bucket": BUCKET,
            "key": "terraform.tfstate",
            "region": "us-east-1",
            "use_path_style": True,
        }
        backend["workspace_key_prefix"] = "service"
        (folder / "backend.tf.json").write_text(json.dumps({"terraform": {"backend": {"s3": backend}}}))
        region = REGIONS[int(stack[1:]) % len(REGIONS)]
        variables, file = {"stage": stack, "name": name, "region": region}, f"{stack}-{name}.terraform.tfvars.json"
        (folder / file).write_text(json.dumps(variables))
        seconds = self.terraform(folder, "init", "-input=false", "-reconfigure")
        seconds += self.terraform(folder, "workspace", "select", f"{stack}-{name}")
        seconds += self.terraform(folder, "plan", "-input=false", f"-var-file={file}", "-detailed-exitcode")
        for path in (folder / "backend.tf.json", folder / file):
            path.unlink()
        return seconds

    def gaia(self, *words: str) -> tuple[float, str]:
        """Seconds and output of a command of Gaia."""
        environ = {name: value for name, value in self.environ.items() if name != "TF_CLI_CONFIG_FILE"}
        line = [sys.executable, "-m", "gaia", *words]
        begun = time.perf_counter()
        done = subprocess.run(line, cwd=self.root, env=environ, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - begun
        assert done.returncode == 0, done.stdout + done.stderr  # noqa: S101
        return seconds, done.stdout


def _part(state: dict[str, Any], module: str) -> dict[str, Any]:
    own = [
        {key: value for key, value in entry.items() if key != "module"}
        for entry in state["resources"]
        if entry.get("module") == module
    ]
    for entry in own:
        for instance in entry["instances"]:
            instance.pop("dependencies", None)
    arn = next(entry["instances"][0]["attributes"]["arn"] for entry in own if entry["type"] == "aws_sns_topic")
    outputs = {"topic": {"value": arn, "type": "string"}}
    return {**state, "lineage": module, "outputs": outputs, "resources": own}


def main() -> None:
    """Print both claims with their figures."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    sample = int(sys.argv[2]) if len(sys.argv) > 2 else 12
    folder = Path(tempfile.mkdtemp(prefix="gaia-bench-"))
    try:
        bench = Bench(folder, number)
        bench.write()
        bench.make()
        bench.plain(*bench.names[0])  # puts the provider into the folder
        step = max(1, number // sample)
        chosen = bench.names[::step][:sample]
        plain = [bench.plain(*one) for one in chosen]
        shutil.rmtree(bench.root / "components/terraform/service/.terraform")
        seconds, text = bench.gaia("adopt", "--check", "--output", "json")
        report = json.loads(text)
        assert report["counts"]["empty"] == number, report["counts"]  # noqa: S101
        whole = statistics.mean(plain) * number
        print(f"{number} instances, {report['plans']} plans of terraform")
        print(
            f"init and plan, one after the other   {whole:7.1f} s "
            f"({len(plain)} sampled, {statistics.mean(plain):.2f} s each)"
        )
        print(f"gaia adopt --check                   {seconds:7.1f} s")
        print(f"ratio {seconds / whole:.3f} (claim: at most 0.25)")
        stack, name = bench.names[0]
        bench.gaia("terraform", "plan", name, "-s", stack)
        mine = [bench.gaia("terraform", "plan", name, "-s", stack)[0] for _ in range(3)]
        bench.plain(stack, name)
        theirs = [bench.plain(stack, name) for _ in range(3)]
        added = statistics.median(mine) - statistics.median(theirs)
        print(f"plain init and plan  {statistics.median(theirs) * 1000:7.0f} ms")
        print(
            f"gaia terraform plan  {statistics.median(mine) * 1000:7.0f} ms, "
            f"{added * 1000:+.0f} ms (claim: at most 300)"
        )
    finally:
        sandbox.down(folder / "emulator")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
