"""What stacks say to Gaia itself, and what no stack may say: asked before a change, and by `validate stacks`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.stacks.model import Instance

DIRECT = ("settings", "gaia", "direct")
_OTHERS = (".", "..")
"""Names of workspaces that lead a local state, and a key in a bucket, to another place."""


def direct_refused(settings: Mapping[str, object]) -> bool:
    """Whether `settings.gaia.direct` closes an instance to operators; what is neither word is no permission.

    Raises:
        Invalid: `direct-invalid`.
    """
    gaia = settings.get("gaia")
    said = gaia.get("direct") if isinstance(gaia, dict) else None
    if said not in (None, "refused", "allowed"):
        raise Invalid(
            "direct-invalid",
            f"settings.gaia.direct is {said!r}, which is neither refused nor allowed",
            next_step="Write `direct: refused` where only requests change it; leave it out, or write allowed, else.",
        )
    return said == "refused"


def check_workspace(instance: Instance) -> None:
    """Refuse a workspace whose state would be another one's.

    Raises:
        Invalid: `workspace-invalid`.
    """
    if instance.workspace in _OTHERS:
        raise Invalid(
            "workspace-invalid",
            f"the workspace of {instance.key} is called {instance.workspace!r}: its state would be another one's",
            at=instance.place(("metadata", "terraform_workspace")),
            next_step="Give it a name of letters, digits and hyphens.",
        )


def mistakes(instance: Instance) -> Iterator[Invalid]:
    """All that is wrong, each with its place."""
    try:
        direct_refused(instance.settings)
    except Invalid as error:
        error.at = instance.place(DIRECT)
        yield error
    try:
        check_workspace(instance)
    except Invalid as error:
        yield error
