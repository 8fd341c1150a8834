"""What entities are made of: what the repository's files say, and which services are live."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.stacks.model import InstanceKey

Entity = dict[str, Any]
"""One entity: JSON types alone, in the form of a `catalog-info.yaml`."""
Kind: TypeAlias = Literal["Component", "Domain", "Group", "Resource", "System", "Template", "User"]
"""What entities there are."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A stack. What is not known is empty."""

    stack: str
    tenant: str
    stage: str
    region: str = ""
    owner: str = ""
    """Who looks after the stack as a whole."""
    file: str = ""
    """Its manifest, from the repository's root."""


@dataclass(frozen=True, slots=True)
class Part:
    """One instance that the manifests have and switch on."""

    key: InstanceKey
    code: str
    """The folder of its code, from the repository's root."""
    file: str
    """The manifest that it is written in, from the repository's root."""
    line: int
    owner: str = ""
    needs: tuple[InstanceKey, ...] = ()
    """What it needs first, sorted."""
    namespace: str = ""
    """Of Kubernetes, where what it makes is for pods."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the files of one commit say."""

    environments: Mapping[str, Environment]
    """By stack."""
    parts: Mapping[InstanceKey, Part]

    def within(self, stacks: frozenset[str]) -> Inventory:
        """What is in these stacks; what is needed of others is not told."""
        seen = {name: one for name, one in self.environments.items() if name in stacks}
        return Inventory(seen, {key: one for key, one in self.parts.items() if key.stack in stacks})


@dataclass(frozen=True, slots=True)
class Service:
    """A live service."""

    name: str
    stack: str
    tenant: str
    stage: str
    template: str
    template_version: str
    request: str
    """The request that it came from."""
    manifest: str
    """From the repository's root."""
    instances: tuple[InstanceKey, ...]
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What can be asked for."""

    name: str
    """Of the template."""
    version: str
    title: str
    description: str
    schema: Mapping[str, Any]
    """JSON Schema of the answers: `properties` by question, each with type, title and description, and `required`."""
    file: str = ""
    """From the repository's root; empty where the template is not the repository's own."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may act."""

    name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the repository's files can be looked at."""

    web: str = ""
    """Address of the repository in a browser; empty where it has none."""
    branch: str = ""
    slug: str = field(default="")
    """`OWNER/NAME` where GitHub has it."""
