"""`gaia terraform …` beside plain terraform in Atmos's place: arguments, exit codes, streams, and the files left."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gaia.settings import Settings
from gaia.terraform.tool import find_tool

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.cloud

NOTE = "components/terraform/note"
FILES = {
    "atmos.yaml": (
        'base_path: ""\n'
        "components: {terraform: {base_path: components/terraform, auto_generate_backend_file: true}}\n"
        'stacks: {base_path: stacks, included_paths: ["*"], name_pattern: "{stage}"}\n'
    ),
    "stacks/dev.yaml": (
        "vars: {stage: dev}\nterraform: {backend_type: local}\ncomponents: {terraform: {note: {vars: {text: hello}}}}\n"
    ),
    f"{NOTE}/main.tf": (
        'variable "text" {\n  type = string\n}\nvariable "stage" {\n  type = string\n}\n'
        'variable "more" {\n  type    = string\n  default = "x"\n}\n'
        'resource "terraform_data" "this" {\n  input = "${var.text}-${var.more}"\n}\n'
        'resource "terraform_data" "two" {\n  input = var.stage\n'
        '  provisioner "local-exec" {\n    command = "echo hi > made.txt"\n  }\n}\n'
        'output "text" {\n  value = terraform_data.this.output\n}\n'
        'output "secret" {\n  value     = "s3"\n  sensitive = true\n}\n'
    ),
    f"{NOTE}/ugly.tf": "locals {\n a = 1\n   bbbb = 2\n}\n",
    f"{NOTE}/note.tftest.hcl": (
        'run "x" {\n  command = plan\n  variables {\n    text = "t"\n  }\n'
        '  assert {\n    condition     = var.text == "t"\n    error_message = "no"\n  }\n}\n'
    ),
    f"{NOTE}/extra.tfvars": 'more = "extra"\n',
}
VARFILE, PLANFILE = "-var-file=dev-note.terraform.tfvars.json", "-out=dev-note.planfile"
ATMOS_LEAVES = ("backend.tf.json", "dev-note.terraform.tfvars.json", "dev-note.planfile")
"""What Atmos writes into the folder, and Gaia does not."""
LINES: tuple[tuple[str, str], ...] = (
    ("validate", ""),
    ("validate | -json", ""),
    ("plan", f"{VARFILE} {PLANFILE}"),
    ("plan | -detailed-exitcode -no-color", f"{VARFILE} {PLANFILE}"),
    ("plan | -out=x.plan -var more=y", VARFILE),
    ("show | x.plan", ""),
    ("show | -json x.plan", ""),
    ("apply | x.plan", ""),
    ("plan | -var-file=extra.tfvars", f"{VARFILE} {PLANFILE}"),
    ("output", ""),
    ("output | -raw text", ""),
    ("output | -json", ""),
    ("output | nope", ""),
    ("state list", ""),
    ("state show | terraform_data.this", ""),
    ("show", ""),
    ("providers", ""),
    ("graph", ""),
    ("workspace list", ""),
    ("workspace show", ""),
    ("taint | terraform_data.two", ""),
    ("plan | -refresh=false -detailed-exitcode", f"{VARFILE} {PLANFILE}"),
    ("untaint | terraform_data.two", ""),
    ("refresh", VARFILE),
    ("state mv | -dry-run terraform_data.this terraform_data.other", ""),
    ("state mv | terraform_data.this terraform_data.other", ""),
    ("state mv | terraform_data.other terraform_data.this", ""),
    ("state rm | terraform_data.two", ""),
    ("plan | -target=terraform_data.two", f"{VARFILE} {PLANFILE}"),
    ("apply | -auto-approve", VARFILE),
    ("apply | -auto-approve -replace=terraform_data.this", VARFILE),
    ("apply | -auto-approve -no-color", VARFILE),
    ("console", VARFILE),
    ("fmt | -check", ""),
    ("fmt", ""),
    ("test", VARFILE),
    ("import | terraform_data.this x", VARFILE),
    ("force-unlock | -force 123", ""),
    ("get", ""),
    ("providers schema | -json", ""),
    ("plan | -bogus", f"{VARFILE} {PLANFILE}"),
    ("nonsense", ""),
    ("init", ""),
    ("init | -upgrade", ""),
    ("destroy | -auto-approve", VARFILE),
    ("destroy | -auto-approve", VARFILE),
)
"""Words before and after the component, and what Atmos puts before the latter."""
_COLOR = re.compile(r"\x1b\[[\d;]*m")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_OURS = re.compile(r"^(?:.*: dev/note|(?:cost|policy)  .*)\n", re.MULTILINE)
"""What Gaia says beside terraform: where, and what the judges find."""
_SLOW = re.compile(r"^(?:Acquiring|Releasing) state lock\..*\n|^\S+: Still .*\n", re.MULTILINE)
"""What terraform says of a lock and a step only where they take long, which a loaded machine decides."""


class Place:
    """A repository, and a program that is run in it."""

    def __init__(self, root: Path, environ: dict[str, str]) -> None:
        self.root, self.environ, self.folder = root, environ, root / NOTE
        for name, text in FILES.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def run(self, arguments: list[str], cwd: Path) -> list[object]:
        """Exit code, output, errors; without what differs from run to run."""
        done = subprocess.run(
            arguments, cwd=cwd, env=self.environ, input="var.text\n", capture_output=True, text=True, check=False
        )
        return [done.returncode, self.plain(done.stdout), self.plain(_OURS.sub("", done.stderr))]

    def plain(self, text: str) -> list[str]:
        """Lines; of what runs side by side the order is nobody's promise."""
        text = _SLOW.sub("", _ID.sub("ID", _COLOR.sub("", text))).replace(str(self.root), "ROOT")
        text = re.sub(r'"timestamp":"[^"]*"', "TIME", text)
        return sorted(re.sub(r"after \d+s", "after Ns", text).splitlines())

    def left(self) -> dict[str, str]:
        """The files that are there, with the text of those that are no states and plans."""
        found = {}
        for path in sorted(self.root.rglob("*")):
            name = path.relative_to(self.root).as_posix()
            known = path.is_dir() or "/.terraform/" in name or path.name in ATMOS_LEAVES or name.endswith(".backup")
            if not known:
                found[name] = "" if "tfstate" in name or name.endswith(".plan") else path.read_text()
        return found


def test_every_subcommand_is_terraforms_own(tmp_path: Path) -> None:
    """46 command lines give the exit code, output, errors and files of plain terraform where Atmos would run it."""
    environ = {name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"}
    environ |= {"GAIA_HOME": str(tmp_path / "home"), "GAIA_CACHE_DIR": str(tmp_path / "cache"), "NO_COLOR": ""}
    terraform = str(find_tool(Settings.capture(environ, tmp_path)).path)
    plain, gaia = Place(tmp_path / "plain", environ), Place(tmp_path / "gaia", environ)
    (plain.folder / "backend.tf.json").write_text('{"terraform": {"backend": {"local": {}}}}')
    (plain.folder / ATMOS_LEAVES[1]).write_text(json.dumps({"stage": "dev", "text": "hello"}))
    for begin in (["init"], ["workspace", "new", "dev"]):
        assert plain.run([terraform, *begin], plain.folder)[0] == 0
    different = {}
    for number, (line, placed) in enumerate(LINES):
        before, _, after = line.partition("|")
        words, rest = before.split(), after.split()
        theirs = plain.run([terraform, *words, *placed.split(), *rest], plain.folder)
        own = [sys.executable, "-m", "gaia", "terraform", *words, "note", "-s", "dev", *rest]
        ours = gaia.run(own, gaia.root)
        if ours != theirs or gaia.left() != plain.left():
            different[f"{number}: {line}"] = (theirs, ours, sorted(gaia.left().items() ^ plain.left().items()))
    assert not different
