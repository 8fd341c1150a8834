"""States in the layout of Atmos are continued by Gaia with an empty plan, and the reverse: local and S3."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tests.integration.checkout.killed_set import client

from gaia.settings import Settings
from gaia.terraform.tool import find_tool

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.sandbox import Sandbox

pytestmark = pytest.mark.cloud

CODE = (
    'variable "text" {\n  type = string\n}\nvariable "stage" {\n  type = string\n}\n'
    'resource "terraform_data" "this" {\n  input = "${var.text} ${var.stage}"\n}\n'
)


@dataclass(frozen=True)
class Layout:
    """How a repository keeps its states, and where Atmos puts that of its one instance."""

    terraform: str
    """The stack's `terraform:` section."""
    backend: dict[str, object]
    """What Atmos writes into backend.tf.json."""
    workspace: str
    config: str = "auto_generate_backend_file: true"
    component: str = ""
    """More of the component."""
    code: str = ""
    """More of the code: a backend block of its own."""


BUCKET = "states-go-on"


def s3(**more: str) -> dict[str, object]:
    """The backend in a bucket."""
    keys = {"bucket": BUCKET, "region": "us-east-1", "use_path_style": True, "skip_credentials_validation": True}
    return {"s3": {**keys, "skip_requesting_account_id": True, "key": "terraform.tfstate", **more}}


S3 = (
    f"backend_type: s3\n  backend: {{s3: {{bucket: {BUCKET}, region: us-east-1, key: terraform.tfstate, "
    "use_path_style: true, skip_credentials_validation: true, skip_requesting_account_id: true"
)
LAYOUTS = {
    "local": Layout("backend_type: local", {"local": {}}, "dev"),
    "local, nothing said": Layout("vars: {}", {}, "dev", config="apply_auto_approve: false"),
    "local, a path": Layout(
        "backend_type: local\n  backend: {local: {path: kept/here.tfstate, workspace_dir: kept/spaces}}",
        {"local": {"path": "kept/here.tfstate", "workspace_dir": "kept/spaces"}},
        "dev",
    ),
    "local, no workspaces": Layout(
        "backend_type: local",
        {"local": {}},
        "default",
        config="auto_generate_backend_file: true, workspaces_enabled: false",
    ),
    "local, in the code": Layout(
        "backend_type: s3\n  backend: {s3: {bucket: elsewhere}}",
        {},
        "dev",
        config="auto_generate_backend_file: false",
        code='terraform {\n  backend "local" {\n    path = "own.tfstate"\n    workspace_dir = "own.d"\n  }\n}\n',
    ),
    "s3": Layout(f"{S3}}}}}", s3(workspace_key_prefix="note"), "dev"),
    "s3, a prefix": Layout(
        f"{S3}}}}}",
        s3(workspace_key_prefix="teams/media"),
        "dev",
        component="backend: {s3: {workspace_key_prefix: teams/media}}, ",
    ),
    "s3, a workspace": Layout(
        f"{S3}}}}}",
        s3(workspace_key_prefix="note"),
        "mine-dev",
        component="metadata: {terraform_workspace: mine-dev}, ",
    ),
}


class Place:
    """A repository with one instance, `note` in `dev`."""

    def __init__(self, root: Path, layout: Layout, environ: dict[str, str]) -> None:
        self.root, self.layout, self.environ = root, layout, environ
        self.folder = root / "components/terraform/note"
        files = {
            "atmos.yaml": (
                f'base_path: ""\ncomponents: {{terraform: {{base_path: components/terraform, {layout.config}}}}}\n'
                'stacks: {base_path: stacks, included_paths: ["*"], name_pattern: "{stage}"}\n'
            ),
            "stacks/dev.yaml": (
                f"vars: {{stage: dev}}\nterraform:\n  {layout.terraform}\n"
                f"components: {{terraform: {{note: {{{layout.component}vars: {{text: hello}}}}}}}}\n"
            ),
            "components/terraform/note/main.tf": CODE + layout.code,
        }
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def atmos(self, *words: str) -> int:
        """Plain terraform as Atmos runs it: backend and variables written into the folder, the workspace selected."""
        (self.folder / "vars.json").write_text(json.dumps({"text": "hello", "stage": "dev"}))
        backend = self.folder / "backend.tf.json"
        if self.layout.backend:
            backend.write_text(json.dumps({"terraform": {"backend": self.layout.backend}}))
        terraform = str(find_tool(Settings.capture(self.environ, self.root)).path)
        begin = [["init"]]
        begin += (
            [] if self.layout.workspace == "default" else [["workspace", "select", "-or-create", self.layout.workspace]]
        )
        for line in (*begin, [*words, "-var-file=vars.json"]):
            code = self._run([terraform, *line], self.folder)
        return code

    def gaia(self, *words: str) -> int:
        """The same words for Gaia."""
        return self._run(
            [sys.executable, "-m", "gaia", "terraform", words[0], "note", "-s", "dev", *words[1:]], self.root
        )

    def _run(self, line: list[str], cwd: Path) -> int:
        done = subprocess.run(line, cwd=cwd, env=self.environ, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 2), done.stdout + done.stderr
        return done.returncode


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_state_goes_on_either_way(name: str, tmp_path: Path, emulator: Sandbox) -> None:
    """What was applied in Atmos's places Gaia plans empty, destroys and applies; then terraform there plans empty."""
    environ = {key: value for key, value in os.environ.items() if key != "TF_CLI_CONFIG_FILE"}
    environ |= {"AWS_ENDPOINT_URL": emulator.url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    environ |= {"GAIA_HOME": str(tmp_path / "home"), "GAIA_CACHE_DIR": str(tmp_path / "cache")}
    store = client(emulator, "s3")
    store.create_bucket(Bucket=BUCKET)  # where states of other tests do not lie
    for each in store.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        store.delete_object(Bucket=BUCKET, Key=each["Key"])
    place = Place(tmp_path / "repository", LAYOUTS[name], environ)
    place.atmos("apply", "-auto-approve")
    assert place.gaia("plan", "-detailed-exitcode") == 0
    place.gaia("destroy", "-auto-approve")
    assert place.atmos("plan", "-detailed-exitcode") == 2, "Gaia destroyed another state"
    place.gaia("apply", "-auto-approve")
    assert place.atmos("plan", "-detailed-exitcode") == 0
    place.atmos("destroy", "-auto-approve")
    assert place.gaia("plan", "-detailed-exitcode") == 2
