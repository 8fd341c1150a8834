"""The types of components: which sections they have, and which layers make each.

Layers, weakest first: G file, T the type's own top-level section, B bases, C component, O overrides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

EVERYWHERE = {
    "vars": "GTBCO",
    "settings": "GTBCO",
    "env": "GTBCO",
    "auth": "GTBCO",
    "dependencies": "GTBC",
    "locals": "BC",
    "secrets": "GBCO",
    "retry": "BCO",
}
SOURCES = {"source": "TBC", "provision": "TBC"}
SOURCES_OF_ONE = {"source": "BC", "provision": "BC"}
STEPS = {"hooks": "GTBCO", "generate": "GTBCO"}
OF_TERRAFORM = {
    "backend": "TBC",
    "remote_state_backend": "TBC",
    "providers": "TBCO",
    "required_providers": "BCO",
}
OF_CLUSTERS = SOURCES | STEPS | {"secrets": "BCO"}
ALONE = {"vars": "GBC", "settings": "GBC", "env": "GBC"} | dict.fromkeys(
    ("auth", "dependencies", "generate", "hooks", "locals", "mocks", "provision", "retry", "secrets", "source"), "BC"
)
"""The layers of a type that has no section of its own beside `components`."""
WORDS_OF_TERRAFORM = {"backend_type": "TBC", "remote_state_backend_type": "TBC", "required_version": "BCO"}


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of components."""

    name: str
    command: str
    """What runs it where nothing is configured."""
    maps: Mapping[str, str]
    """Sections that are maps, and the layers that may set them."""
    words: Mapping[str, str]
    """Sections that are one word: the strongest layer counts, and the last base hides the others."""
    always: Mapping[str, object]
    """Sections that are shown also when nobody set them; the values are shared and empty."""


def _kind(name: str, command: str, maps: Mapping[str, str], *always: str) -> Kind:
    shown = ("vars", "settings", "env", "auth", "overrides", "metadata", *always)
    return Kind(name, command, maps, {"command": "TBCO"}, {section: {} for section in shown})


TERRAFORM = Kind(
    "terraform",
    "terraform",
    EVERYWHERE | SOURCES | STEPS | OF_TERRAFORM | {"mocks": "BC"},
    {"command": "TBCO", **WORDS_OF_TERRAFORM},
    {
        section: "" if section in WORDS_OF_TERRAFORM else {}
        for section in (
            "vars",
            "settings",
            "env",
            "auth",
            "overrides",
            "metadata",
            *SOURCES,
            *STEPS,
            *OF_TERRAFORM,
            *WORDS_OF_TERRAFORM,
        )
    },
)
KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        TERRAFORM,
        _kind("helmfile", "helmfile", EVERYWHERE | SOURCES_OF_ONE | {"hooks": "BCO"}, "hooks", "source", "provision"),
        _kind("packer", "packer", EVERYWHERE | SOURCES_OF_ONE, "source", "provision"),
        _kind("ansible", "ansible", EVERYWHERE),
        _kind("kubernetes", "kubernetes", EVERYWHERE | OF_CLUSTERS),
        _kind("helm", "helm", EVERYWHERE | OF_CLUSTERS),
        _kind("container", "docker", ALONE),
        _kind("emulator", "emulator", ALONE),
    )
}
"""In the order in which they are tried for a component whose type is not given. Other types are not shown."""
MAPS = frozenset((*EVERYWHERE, *SOURCES, *STEPS, *OF_TERRAFORM, "metadata", "overrides")) - {
    "retry",
    "secrets",
    "locals",
}
"""Sections that have to be maps wherever they stand."""
OVERRIDABLE = frozenset(
    (
        "vars",
        "settings",
        "env",
        "auth",
        "secrets",
        "command",
        "providers",
        "required_providers",
        "required_version",
        "hooks",
        "generate",
        "retry",
    )
)
"""What `overrides:` can set."""
