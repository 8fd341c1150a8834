"""`gaia(...)`: one command line against fakes, with its exit code and both streams."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from tests.program import Program
from tests.unit.platform.played import PlayedTerraform, World

from gaia.cli import main
from gaia.cli.session import Session
from gaia.terraform.tool import Tool
from gaia.testing.app import FakeApp
from gaia.testing.platform import FakePlatform

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.kit.redact import Redactor
    from gaia.settings import Settings
    from gaia.terraform.command import Terraform


REPOSITORY = {
    "atmos.yaml": """\
base_path: "."
components: {terraform: {base_path: components/terraform}}
stacks:
  base_path: stacks
  included_paths: ["orgs/**/*"]
  excluded_paths: ["**/_defaults.yaml"]
  name_pattern: "{tenant}-{environment}-{stage}"
workflows: {base_path: workflows}
""",
    "stacks/catalog/bucket.yaml": """\
components:
  terraform:
    bucket:
      metadata: {type: abstract, component: s3-bucket}
      vars: {versioned: true}
""",
    "stacks/orgs/acme/_defaults.yaml": """\
import: [catalog/bucket]
vars:
  tenant: acme
  environment: use1
  tags: {owner: before}
""",
    "stacks/orgs/acme/dev/main.yaml": "import: [orgs/acme/_defaults]\nvars: {stage: dev}\n",
    "stacks/orgs/acme/prod/main.yaml": "import: [orgs/acme/_defaults]\nvars: {stage: prod}\n",
    "stacks/orgs/acme/dev/photos.yaml": """\
import: [orgs/acme/_defaults]
vars: {stage: dev}
components:
  terraform:
    photos-bucket:
      metadata: {component: s3-bucket, inherits: [bucket]}
      vars:
        name: photos
        tags:
          owner: team-media
""",
    "components/terraform/kms/main.tf": "",
    "workflows/photos.yaml": """\
workflows:
  plan-photos:
    description: Plan what photos needs
    stack: acme-use1-dev
    steps:
      - command: terraform plan photos-bucket
      - {name: tell, type: shell, command: "exit 3"}
""",
}
"""A platform repository with two stacks and one instance."""


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


@dataclass(frozen=True)
class Said:
    """How a command line ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The document on stdout."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The document on stderr."""
        return json.loads(self.err)


@dataclass
class Gaia:
    """Runs command lines against one fake platform."""

    settings: Settings
    app: FakeApp
    program: Program
    """What stands in terraform's place where it speaks for itself."""
    world: World = field(default_factory=World)
    """What exists, for the terraform that is played."""
    played: type[PlayedTerraform] = PlayedTerraform

    def __post_init__(self) -> None:
        tool = Tool(self.program.path, "terraform", "1.12.0")

        def make(redact: Redactor, command: str) -> Terraform:
            del command
            return cast("Terraform", self.played(self.world, redact, None, tool, self.settings.home))

        self.app.make_terraform = make

    @property
    def platform(self) -> FakePlatform:
        """What the commands talk to."""
        return self.app.door

    def code(self) -> None:
        """Give the component a folder, so that it can be planned."""
        (self.app.root / "components/terraform/s3-bucket").mkdir(exist_ok=True)
        (self.app.root / "components/terraform/s3-bucket/main.tf").write_text("")

    def session(self, *, tty: bool = False, given: str = "") -> Session:
        """A session on streams in memory."""
        kind = Terminal if tty else io.StringIO
        return Session(self.settings, kind(given), kind(), kind(), make_app=self.app.at)

    def __call__(self, *arguments: str, tty: bool = False, given: str = "", **environ: str) -> Said:
        """Run one command line."""
        session = self.session(tty=tty, given=given)
        session.settings = replace(self.settings, environ={**self.settings.environ, **environ})
        code = main.run(arguments, session)
        out, err = session.stdout, session.stderr
        assert isinstance(out, io.StringIO)
        assert isinstance(err, io.StringIO)
        return Said(code, out.getvalue(), err.getvalue())


@pytest.fixture
def gaia(settings: Settings, tmp_path: Path) -> Gaia:
    """`gaia("status", "photos")`."""
    for name, text in REPOSITORY.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return Gaia(settings, FakeApp(settings, FakePlatform(), tmp_path), Program(tmp_path / "program"))
