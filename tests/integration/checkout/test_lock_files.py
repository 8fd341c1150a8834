"""A `.terraform.lock.hcl` beside a component binds Gaia as it binds plain terraform in Atmos's place."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gaia.settings import Settings
from gaia.terraform.mirrors import platform_name
from gaia.terraform.tool import find_tool

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

pytestmark = pytest.mark.cloud

SOURCE = "registry.terraform.io/hashicorp/fake"
NOTE = "components/terraform/note"
LOCK = f"{NOTE}/.terraform.lock.hcl"
FILES = {
    "atmos.yaml": (
        'base_path: ""\ncomponents: {terraform: {base_path: components/terraform}}\n'
        'stacks: {base_path: stacks, included_paths: ["*"], name_pattern: "{stage}"}\n'
    ),
    "stacks/dev.yaml": (
        "vars: {stage: dev}\nterraform: {backend_type: local}\ncomponents: {terraform: {note: {vars: {}}}}\n"
    ),
    f"{NOTE}/main.tf": (
        'terraform {\n  required_providers {\n    fake = { source = "hashicorp/fake", version = ">= 1.0.0" }\n  }\n}\n'
    ),
}
WRONG = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
ZIPPED = "zh:" + "0" * 64


class Ground:
    """Plain terraform and Gaia, each in a repository of its own, and a mirror of two versions of one provider.

    That provider is a text, which is enough: no command here starts it.
    """

    def __init__(self, root: Path) -> None:
        self.root, self.mirror = root, root / "mirror"
        for version in ("1.0.0", "1.2.0"):
            self.program(version).parent.mkdir(parents=True)
            self.program(version).write_text(version)
            self.program(version).chmod(0o755)
        config = root / "own.tfrc"
        config.write_text(
            f'disable_checkpoint = true\nprovider_installation {{\n  filesystem_mirror {{\n    path = "{self.mirror}"\n'
            '  }\n  direct {\n    exclude = ["registry.terraform.io/*/*"]\n  }\n}\n'
        )
        self.environ = {**os.environ, "TF_CLI_CONFIG_FILE": str(config), "HOME": str(root)}
        self.environ |= {"GAIA_HOME": str(root / "home"), "GAIA_CACHE_DIR": str(root / "cache"), "NO_COLOR": "1"}
        self.terraform = str(find_tool(Settings.capture(self.environ, root)).path)
        for place in ("plain", "gaia"):
            for name, text in FILES.items():
                (root / place / name).parent.mkdir(parents=True, exist_ok=True)
                (root / place / name).write_text(text)

    def program(self, version: str) -> Path:
        """The provider's."""
        return self.mirror / SOURCE / version / platform_name() / f"terraform-provider-fake_v{version}"

    def h1(self, version: str) -> str:
        """The hash of a package."""
        path = self.program(version)
        line = f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        return "h1:" + base64.b64encode(hashlib.sha256(line.encode()).digest()).decode()

    def lock(self, text: str | None) -> None:
        """Commit it in both."""
        for place in ("plain", "gaia"):
            path = self.root / place / LOCK
            path.unlink(missing_ok=True)
            if text is not None:
                path.write_text(text)

    def plain(self, *words: str) -> tuple[int, str]:
        """`terraform …` in the component's folder, initialised from nothing."""
        folder = self.root / "plain" / NOTE
        if words[0] == "init":
            shutil.rmtree(folder / ".terraform", ignore_errors=True)
        return self._run([self.terraform, *words, "-no-color"], folder)

    def gaia(self, *words: str) -> tuple[int, str]:
        """`gaia terraform … note -s dev …`."""
        number = 2 if words[0] in ("workspace", "providers") else 1
        line = [sys.executable, "-m", "gaia", "terraform", *words[:number], "note", "-s", "dev", *words[number:]]
        return self._run(line, self.root / "gaia")

    def _run(self, line: Sequence[str], cwd: Path) -> tuple[int, str]:
        done = subprocess.run(line, cwd=cwd, env=self.environ, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def chosen(self) -> list[str]:
        """The versions that the copy where Gaia runs terraform is linked to."""
        return sorted(path.name for path in (self.root / "home").glob(f"repos/*/plan/*/*/data/providers/{SOURCE}/*"))


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """Both, without a lock file."""
    return Ground(tmp_path)


def entry(version: str, *hashes: str) -> str:
    """A lock file."""
    listed = "".join(f'    "{one}",\n' for one in hashes)
    body = f"  hashes = [\n{listed}  ]\n" if hashes else ""
    return f'provider "{SOURCE}" {{\n  version     = "{version}"\n  constraints = ">= 1.0.0"\n{body}}}\n'


def test_the_verdict_is_terraforms(ground: Ground) -> None:
    """Each lock file lets a command of Gaia's through exactly where `terraform init` takes it."""
    good = ground.h1("1.0.0")
    cases = {
        "none": None,
        "no hashes": entry("1.0.0"),
        "its hash": entry("1.0.0", good),
        "its hash among others": entry("1.0.0", WRONG, good, ZIPPED),
        "another hash": entry("1.0.0", WRONG),
        "another hash and one of a packed package": entry("1.0.0", WRONG, ZIPPED),
        "only one of a packed package": entry("1.0.0", ZIPPED),
        "a kind that nobody knows": entry("1.0.0", "h2:abc"),
        "no hash at all": entry("1.0.0").replace("}\n", "  hashes = []\n}\n"),
        "no kind": entry("1.0.0", "abc"),
        "no version": f'provider "{SOURCE}" {{\n}}\n',
        "no HCL": "provider {",
        "a version that nobody has": entry("1.1.0"),
        "a provider that nobody needs": entry("1.0.0", good) + entry("9.9.9", WRONG).replace("fake", "other"),
    }
    taken = {"none", "no hashes", "its hash", "its hash among others", "only one of a packed package"}
    taken |= {"a kind that nobody knows", "a provider that nobody needs"}
    different = {}
    for name, text in cases.items():
        ground.lock(text)
        theirs, ours, again = ground.plain("init"), ground.gaia("workspace", "list"), ground.gaia("workspace", "list")
        if not (theirs[0] == 0) == (ours[0] == again[0] == 0) == (name in taken):
            different[name] = (theirs, ours, again)
        if text is not None:
            assert (ground.root / "gaia" / LOCK).read_text() == text, name
    assert not different


def test_the_version_is_the_locked_one(ground: Ground) -> None:
    """Not the newest; and another one as soon as the file says so."""
    ground.lock(entry("1.0.0", ground.h1("1.0.0")))
    assert ground.gaia("workspace", "list")[0] == 0
    assert ground.chosen() == ["1.0.0"]
    ground.lock(entry("1.2.0", ground.h1("1.2.0")))
    assert ground.gaia("workspace", "list")[0] == 0
    assert "1.2.0" in ground.chosen()


def test_errors_name_the_place_and_the_way_on(ground: Ground) -> None:
    """Where the lock file wants it, what there is, and what to do."""
    ground.lock("# of the team\n\n" + entry("1.1.0"))
    code, said = ground.gaia("workspace", "list")
    assert code != 0
    said = " ".join(said.split())
    assert f"{LOCK}:3:1: the lock file wants {SOURCE} 1.1.0: the mirrors here hold 1.0.0, 1.2.0" in said
    assert "terraform init -upgrade" in said
    ground.lock(entry("1.0.0", WRONG))
    code, said = ground.gaia("workspace", "list")
    assert code != 0
    said = " ".join(said.split())
    assert f"{LOCK}:1:1: the package of {SOURCE} 1.0.0 in" in said
    assert "terraform providers lock" in said


def test_a_package_that_changes_later_is_noticed(ground: Ground) -> None:
    """Although nothing of the code has, and the directory was initialised."""
    ground.lock(entry("1.0.0", ground.h1("1.0.0")))
    assert ground.gaia("workspace", "list")[0] == 0
    ground.program("1.0.0").write_text("1.0.1")
    code, said = ground.gaia("workspace", "list")
    assert code != 0
    assert "provider-differs" in said or "none of those" in " ".join(said.split())


@pytest.mark.parametrize(
    "words",
    [
        ("init",),
        ("init", "-upgrade"),
        ("init", "-lockfile=readonly"),
        ("init", "-upgrade", "-lockfile=readonly"),
        ("providers", "lock", "-fs-mirror=MIRROR", "-platform=PLATFORM"),
    ],
)
def test_what_is_typed_does_to_the_file_what_terraform_does(ground: Ground, words: tuple[str, ...]) -> None:
    """Exit code, words and the lock file that is left; whatever Gaia did in its copy before."""
    words = tuple(one.replace("MIRROR", str(ground.mirror)).replace("PLATFORM", platform_name()) for one in words)
    good = ground.h1("1.0.0")
    texts = [None, entry("1.0.0"), entry("1.0.0", good), entry("1.0.0", WRONG), entry("1.2.0", WRONG, ZIPPED)]
    texts += [entry("1.0.0", ZIPPED), entry("1.1.0")]
    different = []
    for text in texts:
        if words[0] == "providers" and (text is None or "1.1.0" in text):
            continue  # Gaia initialises first, and says that it cannot
        ground.lock(text)
        ground.gaia("workspace", "list")
        ground.lock(text)
        shutil.rmtree(ground.root / "home" / "repos", ignore_errors=True)
        theirs, ours = ground.plain(*words), ground.gaia(*words)
        left = [
            path.read_text() if path.exists() else None
            for path in (ground.root / "plain" / LOCK, ground.root / "gaia" / LOCK)
        ]
        if theirs[0] != ours[0] or left[0] != left[1]:
            different.append((text, theirs, ours, left))
    assert not different


def test_a_lock_file_of_ours_never_reaches_the_checkout(ground: Ground) -> None:
    """The one that a killed command left in its copy, without hashes, is not brought back by the next `init`."""
    ground.lock(entry("1.0.0", ground.h1("1.0.0")))
    assert ground.gaia("workspace", "list")[0] == 0
    (copy,) = (ground.root / "home").glob(f"repos/*/plan/*/*/tree/{LOCK}")
    assert "hashes" not in copy.read_text()
    kept = (ground.root / "gaia" / LOCK).stat()
    held = {copy.name: [kept.st_size, kept.st_mtime_ns]}
    (copy.parents[4] / "copied.json").write_text(json.dumps(held))  # as if it had been killed just then
    assert ground.gaia("init", "-lockfile=readonly")[0] == 0
    assert ground.h1("1.0.0") in (ground.root / "gaia" / LOCK).read_text()
