"""A repository of somebody else's, with states that plain terraform made in Atmos's places."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from gaia.bootstrap import App
from gaia.kit.process import child_environment
from gaia.settings import Settings
from gaia.terraform.providers import write_cli_config
from gaia.terraform.tool import find_tool

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gaia.sandbox import Sandbox

ATMOS = (
    'base_path: ""\n'
    "components: {terraform: {base_path: components/terraform, auto_generate_backend_file: true}}\n"
    'stacks: {base_path: stacks, included_paths: ["*"], name_pattern: "{stage}"}\n'
)


@dataclass
class Team:
    """A checkout, and the team's own way of running terraform in it."""

    root: Path
    settings: Settings
    bucket: str
    """Of its states; no other test's are in it."""

    def client(self, service: str) -> Any:
        """A client of the emulator."""
        import boto3  # type: ignore[import-untyped]

        url = self.settings.environ["AWS_ENDPOINT_URL"]
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=url, region_name="us-east-1", **keys)

    def write(self, name: str, text: str) -> Path:
        """A file of the repository."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def atmos(self, component: str, stack: str, *words: str, **known: str) -> str:
        """`terraform WORDS` in the component's folder, with the files and the workspace that Atmos gives it.

        `known` are values of variables that another state gives.
        """
        instance = self.app().repository().instance(component, stack)
        folder = self.root / "components/terraform" / instance.component_path
        if instance.backend_type:
            body = {"terraform": {"backend": {instance.backend_type: dict(instance.backend)}}}
            (folder / "backend.tf.json").write_text(json.dumps(body))
        if instance.providers:
            (folder / "providers_override.tf.json").write_text(json.dumps({"provider": dict(instance.providers)}))
        (folder / instance.varfile_name).write_text(json.dumps({**instance.vars, **known}))
        self.terraform(folder, "init", "-input=false", *(["-reconfigure"] if instance.backend_type == "s3" else []))
        self.terraform(folder, "workspace", "select", "-or-create", instance.workspace)
        given = [f"-var-file={instance.varfile_name}"] if words[0] in ("plan", "apply", "destroy") else []
        return self.terraform(folder, words[0], *given, *words[1:])

    def terraform(self, folder: Path, *words: str) -> str:
        """Plain terraform."""
        tool = find_tool(self.settings)
        config = write_cli_config(self.settings.home, tool, self.settings.environ)
        environ = {**self.settings.environ, "TF_CLI_CONFIG_FILE": str(config)}
        done = subprocess.run(
            [str(tool.path), *words], cwd=folder, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, str(folder) + done.stdout + done.stderr
        return done.stdout

    def app(self, **environ: str) -> App:
        """Gaia, called in the checkout."""
        return App(Settings.capture({**self.settings.environ, **environ}, self.root))


@pytest.fixture
def team(tmp_path: Path, emulator: Sandbox) -> Team:
    """An empty repository, and an account in the emulator."""
    root = tmp_path / "infrastructure"
    root.mkdir()
    cloud: Mapping[str, Any] = {
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "GAIA_HOME": str(tmp_path / "home"),
        "GAIA_CACHE": str(tmp_path / "cache"),
    }
    environ = {**child_environment(os.environ), **cloud}
    made = Team(root, Settings.capture(environ, root), f"states-{uuid4().hex[:8]}")
    made.client("s3").create_bucket(Bucket=made.bucket)
    made.write("atmos.yaml", ATMOS)
    return made
