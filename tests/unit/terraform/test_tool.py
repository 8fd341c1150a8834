"""gaia.terraform.tool, providers and setup."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Invalid, Unavailable
from gaia.kit import hcl
from gaia.settings import Settings
from gaia.terraform import mirrors, providers
from gaia.terraform.tool import OLDEST, Tool, checked, find_tool

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.terraform.tool import Flavor


def program(path: Path, *, version: str = "1.11.4", line: str = "Terraform v1.11.4") -> Path:
    """A program that answers `version`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    answer = json.dumps({"terraform_version": version})
    path.write_text(f"#!/bin/sh\n[ \"$2\" = -json ] && echo '{answer}' || echo '{line}'\n")
    path.chmod(0o755)
    return path


def settings_with(tmp_path: Path, **environ: str) -> Settings:
    """Settings whose PATH has only what the test puts there."""
    (tmp_path / "bin").mkdir(exist_ok=True)
    base = {
        "PATH": f"{tmp_path / 'bin'}:/bin:/usr/bin",
        "GAIA_CACHE_DIR": str(tmp_path / "cache"),
        "HOME": str(tmp_path),
    }
    return Settings.capture(base | environ, tmp_path)


def only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Make PATH look-ups see nothing but `tmp_path/bin`."""
    import shutil

    real = shutil.which
    monkeypatch.setattr("shutil.which", lambda name, path=None: real(name, path=str(tmp_path / "bin")))  # noqa: ARG005


def test_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GAIA_TERRAFORM beats terraform on PATH, that beats tofu, that beats the newest one in the cache."""
    only(monkeypatch, tmp_path)
    settings = settings_with(tmp_path)
    with pytest.raises(Unavailable) as missing:
        find_tool(settings)
    assert missing.value.code == "terraform-missing"
    program(tmp_path / "cache/tools/terraform/1.11.9/terraform", version="1.11.9")
    cached = program(tmp_path / "cache/tools/terraform/1.11.10/terraform", version="1.11.10")
    assert find_tool(settings) == Tool(cached, "terraform", "1.11.10")
    tofu = program(tmp_path / "bin/tofu", version="1.11.6", line="OpenTofu v1.11.6")
    assert find_tool(settings) == Tool(tofu, "tofu", "1.11.6")
    terraform = program(tmp_path / "bin/terraform")
    assert find_tool(settings) == Tool(terraform, "terraform", "1.11.4")
    chosen = program(tmp_path / "my/own", version="1.12.0", line="OpenTofu v1.12.0")
    assert find_tool(settings_with(tmp_path, GAIA_TERRAFORM="my/own")) == Tool(chosen, "tofu", "1.12.0")
    assert find_tool(settings_with(tmp_path, GAIA_TERRAFORM="tofu")).flavor == "tofu"


def test_the_program_that_a_repository_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PATH or installed by Gaia, GAIA_TERRAFORM goes before it; a missing one is told with its setting."""
    only(monkeypatch, tmp_path)
    settings = settings_with(tmp_path)
    program(tmp_path / "bin/terraform")
    with pytest.raises(Unavailable) as missing:
        find_tool(settings, "tofu")
    assert (missing.value.code, "atmos.yaml" in missing.value.message) == ("terraform-missing", True)
    assert (getattr(missing.value.next_step, "act", ""), getattr(missing.value.next_step, "subject", "")) == (
        "tools install", "tofu",
    )  # fmt: skip
    with pytest.raises(Unavailable, match="terragrunt"):
        find_tool(settings, "terragrunt")
    cached = program(tmp_path / "cache/tools/tofu/1.11.9/tofu", version="1.11.9", line="OpenTofu v1.11.9")
    assert find_tool(settings, "tofu") == Tool(cached, "tofu", "1.11.9")
    assert find_tool(settings_with(tmp_path, GAIA_TERRAFORM="terraform"), "tofu").flavor == "terraform"


def test_what_is_no_terraform(tmp_path: Path) -> None:
    """A named program that is not there, or that answers something else, is `terraform-missing`; an old one is told."""
    for name in ("nothing", str(tmp_path / "nothing")):
        with pytest.raises(Unavailable) as missing:
            find_tool(settings_with(tmp_path, GAIA_TERRAFORM=name))
        assert missing.value.code == "terraform-missing"
    odd = tmp_path / "odd"
    odd.write_text("#!/bin/sh\necho hello\n")
    odd.chmod(0o755)
    with pytest.raises(Unavailable):
        find_tool(settings_with(tmp_path, GAIA_TERRAFORM=str(odd)))


@pytest.mark.parametrize("flavor", ["terraform", "tofu"])
def test_the_oldest_that_will_do(tmp_path: Path, flavor: Flavor) -> None:
    """One minor version less is told so."""
    fits = Tool(tmp_path, flavor, "1.11.0-rc1")
    assert checked(fits) is fits
    with pytest.raises(Invalid) as old:
        checked(Tool(tmp_path, flavor, "1.10.9"))
    assert old.value.code == "terraform-too-old"


def test_the_blueprint_asks_for_no_newer_one(request: pytest.FixtureRequest) -> None:
    """What `find_tool` accepts every component accepts, and the other way round."""
    modules = request.config.rootpath / "blueprint/components/terraform"
    asked = {
        tuple(int(part) for part in found[1].split("."))
        for path in modules.rglob("*.tf")
        if (found := re.search(r'required_version\s*=\s*">=\s*([0-9.]+)"', path.read_text()))
    }
    assert asked == {OLDEST}


def unpack(mirror: Path, *versions: str, host: str = mirrors.TERRAFORM_HOST, kind: str = "aws") -> Path:
    """Make an unpacked mirror with versions of one provider."""
    for version in versions:
        (mirror / host / "hashicorp" / kind / version / mirrors.platform_name()).mkdir(parents=True)
    return mirror


def test_mirrors_are_found(tmp_path: Path) -> None:
    """In the user's own configuration, in the implied directories, and where images keep them; nowhere else."""
    configured = unpack(tmp_path / "configured", "5.0.0")
    implied = unpack(tmp_path / ".terraform.d/plugins", "5.1.0")
    shared = unpack(tmp_path / "share/terraform/plugins", "5.2.0")
    image = unpack(tmp_path / "image/a/b", "5.3.0")
    unpack(tmp_path / "image/a/.hidden", "5.4.0")
    unpack(tmp_path / "image/a/b/c/d/e/too-deep", "5.5.0")
    (tmp_path / "rc").write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{configured}"\n  }}\n  direct {{}}\n}}\n'
    )
    environ = {
        "HOME": str(tmp_path),
        "TF_CLI_CONFIG_FILE": str(tmp_path / "rc"),
        "XDG_DATA_DIRS": str(tmp_path / "share"),
    }
    found = providers.find_mirrors(environ, roots=[tmp_path / "image", tmp_path / "absent"])
    assert found == (configured, implied, shared, image)
    environ["TF_CLI_CONFIG_FILE"] = str(tmp_path / "missing")
    assert configured not in providers.find_mirrors(environ, roots=[])


def test_cli_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a mirror holds comes from there alone, the rest from the registry; remembered until the mirror has gone."""
    mirror = unpack(tmp_path / "opt" / 'a "b"', "5.0.0")
    monkeypatch.setattr(providers, "SYSTEM_ROOTS", ())
    tool = Tool(tmp_path / "terraform", "terraform", "1.11.4")
    environ = {"HOME": str(tmp_path / "nobody")}
    empty = providers.write_cli_config(tmp_path / "empty", tool, environ)
    assert empty.read_text() == "disable_checkpoint = true\n"
    method = f"filesystem_mirror {{\n    path = {json.dumps(str(mirror))}\n  }}"
    (tmp_path / "rc").write_text(f"provider_installation {{\n  {method}\n}}\n")
    environ["TF_CLI_CONFIG_FILE"] = str(tmp_path / "rc")
    path = providers.write_cli_config(tmp_path / "home", tool, environ)
    (installation,) = hcl.parse(path.read_text(), "rc").all("provider_installation")
    held = [f"{mirrors.TERRAFORM_HOST}/hashicorp/aws"]
    first, second = installation.blocks
    assert (first.type, first.literal("path"), first.literal("include")) == ("filesystem_mirror", str(mirror), held)
    assert (second.type, second.literal("exclude")) == ("direct", held)
    beside = (providers.init_config(path), providers.open_config(path))
    assert [("stand-ins" in config.read_text(), "exclude" in config.read_text()) for config in beside] == [
        (True, True),
        (False, False),
    ]
    with monkeypatch.context() as patched:
        patched.setattr(providers, "find_mirrors", lambda *_: pytest.fail("searched again"))
        assert providers.write_cli_config(tmp_path / "home", tool, environ) == path
    mirror.rename(tmp_path / "away")
    assert providers.write_cli_config(tmp_path / "home", tool, environ).read_text() == "disable_checkpoint = true\n"
    assert not any(config.exists() for config in beside)


def test_tofu_reads_the_same_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For OpenTofu the providers stand under its registry's name, by links."""
    monkeypatch.setattr(providers, "SYSTEM_ROOTS", ())
    mirror = unpack(tmp_path / ".terraform.d/plugins", "5.0.0")
    tool = Tool(tmp_path / "tofu", "tofu", "1.11.6")
    path = providers.write_cli_config(tmp_path / "home", tool, {"HOME": str(tmp_path)})
    assert f'"{mirrors.TOFU_HOST}/hashicorp/aws"' in path.read_text()
    platform = mirrors.platform_name()
    link = tmp_path / "home/terraform/mirror-tofu" / mirrors.TOFU_HOST / "hashicorp/aws/5.0.0" / platform
    assert link.readlink() == mirror / mirrors.TERRAFORM_HOST / "hashicorp/aws/5.0.0" / platform
    hosts = [entry.host for entry in providers.mirrored_for(path)]
    assert hosts == [mirrors.TERRAFORM_HOST, mirrors.TOFU_HOST]


def test_a_special_configuration_is_left_alone(tmp_path: Path) -> None:
    """Somebody who set up a network mirror keeps it."""
    own = tmp_path / "rc"
    own.write_text('provider_installation {\n  network_mirror {\n    url = "https://mirror.example/"\n  }\n}\n')
    tool = Tool(tmp_path / "terraform", "terraform", "1.11.4")
    environ = {"HOME": str(tmp_path), "TF_CLI_CONFIG_FILE": str(own)}
    assert providers.write_cli_config(tmp_path / "home", tool, environ) == own


def test_hashes_are_dropped() -> None:
    """The selections stay."""
    text = (
        '# x\nprovider "h/n/t" {\n  version     = "1.2.3"\n  constraints = "~> 1"\n  hashes = [\n    "h1:x",\n  ]\n}\n'
    )
    assert providers.without_hashes(text) == 'provider "h/n/t" {\n  version = "1.2.3"\n}\n'
