"""A secret stands nowhere that Gaia writes, prints or passes on, whether all goes well or a provider panics."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.integration.checkout.operating import Ground

from gaia.terraform.mirrors import platform_name

if TYPE_CHECKING:
    from collections.abc import Iterator

CANARY = "canary-7f3e9b1c5d"
ENVIRONMENT = "environment-canary-4c2a8e"
LOOKS = "ghp_" + "Zz9a" * 9
"""Nobody says that it is a secret; it looks like one."""
CODE = f"""
variable "secret" {{
  type      = string
  sensitive = true
}}
resource "terraform_data" "kept" {{
  input = var.secret
  provisioner "local-exec" {{
    command = "echo the secret is ${{nonsensitive(var.secret)}}, and {LOOKS}"
  }}
}}
output "secret" {{
  value     = var.secret
  sensitive = true
}}
"""
FAILING = """
resource "terraform_data" "refused" {
  lifecycle {
    precondition {
      condition     = var.secret == ""
      error_message = "the server said no to ${nonsensitive(var.secret)}"
    }
  }
}
"""
PANICKING = """
terraform {
  required_providers {
    boom = { source = "example/boom" }
  }
}
resource "boom_thing" "this" {}
"""
PLUGIN = """#!PYTHON
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(f"1|5|tcp|127.0.0.1:{server.getsockname()[1]}|grpc|", flush=True)
server.accept()
sys.stderr.write("panic: cannot log in with CANARY\\n\\ngoroutine 1 [running]:\\nmain.main(CANARY)\\n")
sys.stderr.flush()
sys.exit(2)
"""
WORDS = ("apply", "one", "-s", "dev", "--yes")
pytestmark = [pytest.mark.cloud, pytest.mark.long(1)]


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """The stack gives the secret; the environment holds another."""
    made = Ground(tmp_path / "repository", environ={"AWS_SECRET_ACCESS_KEY": ENVIRONMENT, "HANDED_IN": CANARY})
    stack = (made.root / "stacks/dev.yaml").read_text()
    made.write("stacks/dev.yaml", stack.replace("vars: {stage: dev}", "vars: {stage: dev, secret: !env HANDED_IN}"))
    made.code(CODE)
    return made


def everything_else(ground: Ground) -> Iterator[tuple[Path, bytes]]:
    """Every file below Gaia's home and cache."""
    for folder in ("home", "cache"):
        for path in (ground.root.parent / folder).rglob("*"):
            if path.is_file() and not path.is_symlink():
                yield path, path.read_bytes()


def check_clean(ground: Ground, said: str) -> None:
    """No canary in what was said and in what was left, and no plan in clear."""
    for secret in (CANARY, ENVIRONMENT, LOOKS):
        assert secret not in said
    for path, content in everything_else(ground):
        copied = "tree" in path.parts and "stacks" in path.parts
        for secret in (CANARY, ENVIRONMENT, LOOKS):
            assert secret.encode() not in content or copied or path.name == "main.tf", path
        assert not path.name.endswith((".planfile", ".tfvars.json")), path
        assert content[:4] != b"PK\x03\x04" or path.suffix == ".zip", f"{path} is a plan in clear"


def test_nothing_is_told_where_all_goes_well(ground: Ground) -> None:
    """Variables, outputs, what a provisioner prints; as text, as JSON, as terraform's own words."""
    said = ground.run(*WORDS)
    said += ground.run("plan", "one", "-s", "dev", "--full")
    said += ground.run("terraform", "output", "one", "-s", "dev", "-o", "json")
    said += ground.run("apply", "one", "-s", "dev", "--yes", "-o", "json")
    said += ground.run("destroy", "one", "-s", "dev", "--yes")
    check_clean(ground, said)


def test_nothing_is_told_where_it_is_refused(ground: Ground) -> None:
    """An error that quotes the secret, while it is planned: nothing had told Gaia of it but the declaration."""
    ground.code(CODE + FAILING)
    for form in ("text", "json"):
        said = ground.run(*WORDS, "-o", form, fine=range(1, 9))
        assert "the server said no to" in said
        check_clean(ground, said)


def test_nothing_is_told_by_a_panic(ground: Ground) -> None:
    """A provider that dies with the secret in its stack trace."""
    mirror = ground.root.parent / "mirror"
    folder = mirror / "registry.terraform.io/example/boom/1.0.0" / platform_name()
    folder.mkdir(parents=True)
    program = folder / "terraform-provider-boom_v1.0.0"
    program.write_text(PLUGIN.replace("PYTHON", sys.executable).replace("CANARY", CANARY))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    config = ground.root.parent / "terraform.rc"
    config.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    ground.environ["TF_CLI_CONFIG_FILE"] = str(config)
    ground.code(CODE + PANICKING)
    said = ground.run(*WORDS, fine=range(1, 9))
    assert "Plugin did not respond" in said, said
    check_clean(ground, said)


def test_nothing_stands_in_an_argument_list(ground: Ground) -> None:
    """`ps` shows every user of a machine what processes are called with."""
    seen: set[bytes] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            for entry in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    line = entry.read_bytes()
                except OSError:
                    continue
                if b"terraform" in line or b"gaia" in line:
                    seen.add(line)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        ground.code(CODE.replace("echo the secret is ${nonsensitive(var.secret)}", "sleep 1; echo it is"))
        ground.run(*WORDS)
    finally:
        over.set()
        watcher.join()
    assert any(b"apply" in line for line in seen)
    assert not [line for line in seen if CANARY.encode() in line or ENVIRONMENT.encode() in line]


def test_what_is_killed_leaves_no_plan_in_clear_for_others(ground: Ground) -> None:
    """What a killed apply leaves is its owner's alone; the next command takes it away."""
    ground.code(
        CODE.replace("echo the secret is ${nonsensitive(var.secret)}", f"touch {ground.made}/begun; sleep 60; echo")
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "gaia", *WORDS],
        cwd=ground.root, env=ground.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while not (ground.made / "begun").exists():
        assert process.poll() is None
        os.sched_yield()
    process.kill()
    process.wait()
    for path, content in everything_else(ground):
        if CANARY.encode() in content or content[:4] == b"PK\x03\x04":
            assert not path.stat().st_mode & 0o077, path
    ground.code(CODE)
    ground.run(*WORDS)
    check_clean(ground, json.dumps(None))
