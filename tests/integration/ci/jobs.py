"""A repository at a host, and jobs about it: each a fresh clone and a fresh home, as a runner has them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.hosts.state import git

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hosts.hosted import Event, Hosted

ROOT = Path(__file__).parents[3]
KEY = "0123456789abcdef" * 4
ATMOS = """\
base_path: ""
components: {terraform: {base_path: components/terraform}}
stacks: {base_path: stacks, included_paths: ["*"], name_template: "{{.vars.stage}}"}
"""
ALL = """\
import: [catalog/net, catalog/app, catalog/web]
vars: {{stage: dev}}
terraform: {{backend_type: local, backend: {{local: {{path: {states}/x, workspace_dir: {states}}}}}}}
"""
PART = "components: {{terraform: {{{name}: {{metadata: {{component: note}}, vars: {{text: {text}{more}}}}}}}}}\n"
TEXTS = {"net": "net", "app": "!terraform.state net id", "web": "web"}
NOTE = """\
variable "stage" { type = string }
variable "text" { type = string }
variable "command" {
  type    = string
  default = "true"
}
resource "terraform_data" "this" {
  input            = var.text
  triggers_replace = var.command
  provisioner "local-exec" { command = var.command }
}
output "id" { value = terraform_data.this.id }
"""
RULE = """\
# METADATA
# title: No forbidden words
# custom: {{severity: high, remediation: Say something else.}}
package gaia.plan.words

import rego.v1

deny contains {{"address": one.address, "message": "the word is forbidden"}} if {{
  some one in input.resource_changes
  one.change.after.input == "{word}"
}}
"""


@dataclass
class Done:
    """How a job ended."""

    code: int
    said: str
    document: dict[str, Any] = field(default_factory=dict)


@dataclass
class Jobs:
    """Of one repository."""

    host: Hosted
    folder: Path
    number: int = 0
    """Of jobs so far."""
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def states(self) -> Path:
        """Where the states lie, for all."""
        return self.folder / "states"

    def begin(self, **files: str) -> None:
        """The first commit of the base branch."""
        self.commit(None, **{
            "atmos.yaml": ATMOS, "stacks/dev.yaml": ALL.format(states=self.states), **self.parts(**TEXTS),
            "components/terraform/note/main.tf": NOTE, "CODEOWNERS": "* @ann\n",
            ".gitignore": "*.tfstate*\n", **files,
        })  # fmt: skip

    def commit(self, branch: str | None, **files: str) -> str:
        """Push files on a branch (None: the base branch): the commit. An empty text removes a file."""
        clone = self.host.clone()
        name = branch or "main"
        known = subprocess.run(
            ["git", "rev-parse", "-q", "--verify", f"origin/{name}"], cwd=clone, capture_output=True, check=False
        )
        if not known.returncode:
            git(clone, "checkout", "-q", "-B", name, f"origin/{name}")
        else:
            git(clone, "checkout", "-q", "-B", name)
        for path, text in files.items():
            (clone / path).parent.mkdir(parents=True, exist_ok=True)
            (clone / path).write_text(text) if text else (clone / path).unlink()
        git(clone, "add", "-A")
        git(clone, "commit", "-q", "-m", f"change {', '.join(files)}")
        git(clone, "push", "-q", "--force", "origin", name)
        made = git(clone, "rev-parse", "HEAD")
        shutil.rmtree(clone)
        return made

    def parts(self, more: str = "", **texts: str) -> dict[str, str]:
        """The files of instances with these texts."""
        made = {name: PART.format(name=name, text=text, more=more and f", {more}") for name, text in texts.items()}
        return {f"stacks/catalog/{name}.yaml": text for name, text in made.items()}

    def change(self, branch: str | None = "change", more: str = "", **texts: str) -> str:
        """Push a branch on which instances have other texts."""
        return self.commit(branch, **self.parts(more, **texts))

    def run(self, *words: str, pull: int | None, event: Event = "pull_request", fork: str | None = None,
            commit: str | None = None, dies: Callable[[], bool] | None = None, **environ: str) -> Done:  # fmt: skip
        """`gaia ci …` in a job, which is killed once `dies` says so."""
        self.number += 1
        given = self.host.environ(pull, event)
        clone = self.host.clone(fork)
        if fork:
            git(clone, "remote", "set-url", "origin", str(self.host.remote))
            git(clone, "fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*")
        head = commit or given.get("GITHUB_SHA") or given.get("CI_COMMIT_SHA") or "HEAD"
        git(clone, "fetch", "-q", str(self.host.remote), "+refs/*:refs/fetched/*")
        git(clone, "checkout", "-q", "--detach", head)
        home = self.folder / f"job-{self.number}"
        env = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "CI", "GITLAB_"))}
        env |= {"GAIA_HOME": str(home / "home"), "GAIA_CACHE_DIR": str(self.folder / "cache"), "GAIA_KEY": KEY}
        env |= {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src"))), "GAIA_KEPT": str(self.folder / "kept")}
        job = subprocess.Popen(
            [sys.executable, "-m", "gaia", "ci", *words, "-o", "json"],
            cwd=clone, env=env | given | self.environ | environ, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        while dies is not None and job.poll() is None:
            if dies():
                job.kill()
            time.sleep(0.05)
        out, err = job.communicate(timeout=300)
        text = out.strip()
        document = json.loads(text) if text.startswith("{") else {}
        shutil.rmtree(clone)
        return Done(job.returncode, out + err, document)

    def plan(self, pull: int, **environ: Any) -> Done:
        """The job of a pull request."""
        return self.run("plan", pull=pull, **environ)

    def apply(self, commit: str | None = None, **environ: Any) -> Done:
        """The job of what a merge made."""
        return self.run("apply", pull=None, event="push", commit=commit, **environ)

    def review(self, pull: int, who: str, **more: Any) -> None:
        """Somebody reviews it, now: after all that the host knows, whose time goes on with each word that is said."""
        self.host.repository.now = max(datetime.now(UTC), self.host.repository.now + timedelta(seconds=1))
        self.host.review(pull, who, **more)

    def state(self, name: str) -> dict[str, Any]:
        """Attributes of an instance's resource; empty where there is none."""
        path = self.states / f"dev-{name}/terraform.tfstate"
        found = json.loads(path.read_text()) if path.exists() and path.stat().st_size else {}
        for entry in found.get("resources", ()):
            attributes: dict[str, Any] = entry["instances"][0]["attributes"]
            return attributes
        return {}
