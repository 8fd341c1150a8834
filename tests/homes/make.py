"""Make the GAIA_HOME that this version leaves behind: `python -m tests.homes.make tests/homes/home-VERSION.tar.xz`.

Run it with the version whose homes must go on: `live` runs, `open` waits for an approval, `parked` was interrupted
while it was applied, `killed` died there and left its journal. Nobody has begun with `approved`, which is to be
applied, and with `queued`, which is to be previewed. Components live in local states, so no cloud is asked.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.homes.relocate import PLACEHOLDER, relocate

from gaia.kit.git import Git
from gaia.kit.procfs import kill_tree
from gaia.settings import Settings
from gaia.testing.world import STACK, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.kit.process import Child

EXTRA = Path(__file__).parent.parent / "integration/loop/platform"
SECONDS = "3"
"""How long making a note takes for those that are stopped: long enough to be stopped in it."""
_LOCAL = "terraform:\n  backend_type: local\n"
_THROWN_AWAY = ("repos/platform/work", "repos/platform/trees", "terraform", "crashes")
"""What Gaia makes anew when it is not there."""


def begin(folder: Path) -> World:
    """A home, its repository and its people, in `folder`; nobody has asked for anything."""
    world = World(Settings.capture(os.environ, folder), folder / "home", lambda _: None)
    world.lines = []
    world.tokens["admin"] = world.json("init", "platform")["token"]
    for name, role in {"ada": "developer", "grace": "approver"}.items():
        given = ("--role", role, "--tenant", "acme", "--stage", "dev")
        world.tokens[name] = world.json("token", "create", name, *given, who="admin")["token"]
    shutil.copytree(EXTRA, world.repository, dirs_exist_ok=True)
    mixin = world.repository / "stacks/mixins/no-provider.yaml"
    mixin.write_text(mixin.read_text().split("terraform:\n")[0] + _LOCAL)
    world.commit("Add what the tests ask for")
    return world


def make(folder: Path) -> World:
    """One with requests at every point of their course."""
    world = begin(folder)
    world.ask("live")
    assert world.approve("live")["status"] == "done"
    world.ask("open")
    _stop(world, "parked", lambda child: os.kill(child.identity.pid, signal.SIGTERM))
    world.ask("approved")
    # From here on no command may carry anything out: it would go on with what was killed.
    _stop(world, "killed", lambda child: kill_tree(child.identity.pid))
    world.json("approve", "approved", "--detach", who="grace")
    world.json("request", "notes", "queued", "-s", STACK, "-a", "text=hello", "--detach", who="ada")
    return world


def _stop(world: World, service: str, end: Callable[[Child], object]) -> None:
    """End an application while it makes the first of two notes."""
    world.ask(service, seconds=SECONDS)
    child = world.start("approve", service, who="grace", quiet=True)
    deadline = time.monotonic() + 300
    while not any(f"{service}-" in line and "Creating..." in line for line in world.log_lines()):
        assert child.identity.alive(), child.wait()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    end(child)
    child.wait()


def pack(world: World, target: Path) -> None:
    """Write what is kept of a world into a compressed tar, without the folder that it was made in."""
    folder = world.home.parent
    for name in _THROWN_AWAY:
        shutil.rmtree(world.home / name, ignore_errors=True)
    for repository in (world.repository, world.home / "repos/platform/clone"):
        Git(repository, os.environ)("gc", "--quiet", "--aggressive", "--prune=now")
    for path in world.repository.iterdir():  # `unpack` checks it out anew
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (folder / "tokens.json").write_text(json.dumps(world.tokens, indent=1))
    relocate(folder, str(folder), PLACEHOLDER)
    with tarfile.open(target, "w:xz", preset=9) as tar:
        for part in ("home", "platform", "tokens.json"):
            tar.add(folder / part, arcname=part)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        pack(make(Path(made).resolve()), Path(sys.argv[1]))
