"""Commands of Atmos that Gaia does not have: each is refused by its name, with what to do instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit.pages import page

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = "reference/atmos-compatibility.md"
_SIGN_IN = "Sign in with the cloud's own program (`aws sso login`) first: Gaia hands the variables that it sets on."
_ITS_TOOL = "Call the tool itself; `gaia describe component NAME -s STACK` gives its variables."
_ATMOS = "Call the real atmos for it; it reads the same files."
_EDITOR = "Edit the YAML file; `gaia explain COMPONENT -s STACK` says which file and line set a value."
_STORE = "Call the store's own program; `!store` in manifests is read as Atmos reads it."

LACKING: dict[str, str] = {
    "about": "Run `gaia --help`.",
    "ai": _ATMOS,
    "ansible": _ITS_TOOL,
    "auth": _SIGN_IN,
    "aws": "Call `aws` itself, for instance `aws eks update-kubeconfig`.",
    "azure": "Call `az` itself.",
    "cast": _ATMOS,
    "composition": _ATMOS,
    "config": _EDITOR,
    "container": "Call docker or podman itself.",
    "devcontainer": "Call `devcontainer` itself.",
    "emulator": "Run `gaia sandbox up`: an emulated AWS on this machine.",
    "env": "Write `env:` in atmos.yaml; `gaia describe config -q .env` shows it.",
    "gcp": "Call `gcloud` itself.",
    "git": "Call `git` itself.",
    "helm": _ITS_TOOL,
    "helmfile": _ITS_TOOL,
    "kubernetes": "Call `kubectl` itself.",
    "lsp": "Run `gaia lsp` where it is installed, else use the editor's YAML support.",
    "mcp": _ATMOS,
    "packer": _ITS_TOOL,
    "pro": _ATMOS,
    "profile": "Set ATMOS_PROFILE, or give --profile.",
    "proxy": _ATMOS,
    "sbom": "Call `syft` or another such tool on the components' folder.",
    "scaffold": "Run `gaia init DIR` for a platform repository, `gaia template test` for a template.",
    "secret": _STORE,
    "stack": _EDITOR,
    "store": _STORE,
    "support": "Gaia sends nothing anywhere; open an issue where you have it from.",
    "theme": "Gaia has one look; NO_COLOR=1 takes the colors away.",
    "toolchain": "Run `gaia tools install terraform` or `tofu`; other tools are installed by hand.",
    "upgrade": "Upgrade the package as it was installed.",
    "vendor": "Copy the sources with git (`git subtree`), or call the real atmos for it; what it writes is read.",
    "describe edition": "Gaia has no editions; `gaia: {compat: …}` in atmos.yaml chooses the rules.",
    "list aliases": "Run `gaia describe config -q .aliases`.",
    "list editions": "Gaia has no editions; `gaia: {compat: …}` in atmos.yaml chooses the rules.",
    "list themes": "Gaia has one look; NO_COLOR=1 takes the colors away.",
    "list vendor": "Read vendor.yaml; vendoring itself is not supported.",
    "list profiles": "Look into the profiles folder beside atmos.yaml.",
    "terraform backend": "Apply the component that makes the bucket of states, as any other.",
    "terraform cache": "Gaia keeps one mirror of providers by itself; `gaia clean` removes what nobody needs.",
    "terraform lint": "Call `tflint` in the component's folder.",
    "terraform migrate": "Run `gaia terraform init COMPONENT -s STACK -migrate-state`.",
    "terraform plan-diff": "Run `gaia terraform show -json FILE COMPONENT -s STACK` for both plans, and compare them.",
    "terraform planfile": "Give `-out=FILE` to plan and `--planfile FILE` to apply.",
    "terraform source": "Copy the sources with git, or call the real atmos for it; what it writes is read.",
    "terraform workdir": "Gaia makes and removes working folders by itself.",
    "validate affected": "Run `gaia validate stacks`.",
    "validate all": "Run `gaia validate stacks`.",
    "validate ci": "Call your build server's own check.",
    "validate config": "Run `gaia describe config`: it fails where atmos.yaml is wrong.",
    "validate editorconfig": "Call `editorconfig-checker` itself.",
    "validate format": "Call a formatter such as `prettier --check` itself.",
}
"""By the words that name the command: what to do instead."""
ALIASES = {"hf": "helmfile", "pk": "packer", "kubectl": "kubernetes"}


def refusal(words: Sequence[str]) -> Invalid | None:
    """The error for words that name a command of Atmos which Gaia does not have; None for any other."""
    first = ALIASES.get(words[0], words[0]) if words else ""
    for name in (" ".join([first, *words[1:2]]), first):
        if (instead := LACKING.get(name)) is not None:
            return Invalid(
                "not-supported",
                f"not supported: Gaia has no `{name}`",
                next_step=f"{instead} {page(PAGE)} says what Gaia lacks, and why.",
            )
    return None
