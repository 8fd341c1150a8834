"""Entities of Backstage's catalog, made of what is known: https://backstage.io/docs/features/software-catalog.

A tenant is a Domain and a System, a stack a Resource of the type `environment`, an instance a Resource of its
component's type, a live service a Component, and whoever owns one of them a Group. A template is a Template of the
scaffolder, a person a User who is a member of groups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.catalog import forms as templates
from gaia.catalog.names import Book, name_of, tag_of
from gaia.catalog.origins import address_of
from gaia.kit.visible import cut, visible

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from gaia.catalog.model import Entity, Environment, Form, Inventory, Origin, Part, Person, Service

API = "backstage.io/v1alpha1"
CLASH = "gaia/name-clash"
"""The annotation that says which other entity would have had the same name."""
NOBODY = "unknown"
"""The group of what nobody is named as the owner of: Backstage asks for one."""
_PRODUCTION = ("prod", "production")
_LONGEST = 300
"""Characters of a title or of what is told of an entity."""


def entities(
    inventory: Inventory,
    services: Collection[Service],
    origin: Origin,
    *,
    people: Collection[Person] = (),
    forms: Collection[Form] = (),
) -> tuple[Entity, ...]:
    """All of them, by reference; relations lead only to entities that are among them."""
    return Catalog(inventory, services, origin).entities(people, forms)


def ref_of(entity: Entity) -> str:
    """`KIND:NAMESPACE/NAME` in small letters: what relations are written with, and entities are sorted by."""
    return _ref(str(entity["kind"]), str(entity["metadata"]["name"]))


def _ref(kind: str, name: str) -> str:
    return f"{kind.lower()}:default/{name}"


class Catalog:
    """The entities of what one caller sees of one repository."""

    def __init__(
        self, inventory: Inventory, services: Collection[Service], origin: Origin, book: Book | None = None
    ) -> None:
        self._inventory = inventory
        self._services = services
        self._origin = origin
        self._book = book or Book()
        self._teams: set[str] = set()

    def entities(self, people: Collection[Person] = (), forms: Collection[Form] = ()) -> tuple[Entity, ...]:
        """See `entities`."""
        made = [
            *map(self._environment, self._inventory.environments.values()),
            *map(self._part, self._inventory.parts.values()),
            *map(self._service, self._services),
            *self._tenants(),
            *map(self._person, people),
            *map(self._form, forms),
        ]
        made += [self._group(one) for one in sorted(self._teams)]
        for one in made:
            other = self._book.clashes.get((one["kind"], one["metadata"]["name"]))
            if other is not None:
                one["metadata"].setdefault("annotations", {})[CLASH] = _ref(one["kind"], other)
        return tuple(sorted(made, key=ref_of))

    def _environment(self, one: Environment) -> Entity:
        return self._entity(
            "Resource",
            (one.stack,),
            {"type": "environment", "owner": self._owner(one.owner), "system": self._at("System", one.tenant)},
            notes=self._source(one.file) | {"gaia/stack": one.stack},
            labels={"gaia/tenant": one.tenant, "gaia/stage": one.stage, "gaia/region": one.region},
            tags=("environment", one.stage),
        )

    def _part(self, one: Part) -> Entity:
        stack, component = one.key.stack, one.key.component
        place = self._inventory.environments[stack]
        kind = _text(one.code.rsplit("/", 1)[-1]) or "instance"
        needs = [self._at("Resource", key.stack, key.component) for key in one.needs if key in self._inventory.parts]
        return self._entity(
            "Resource",
            (stack, component),
            {
                "type": kind,
                "owner": self._owner(one.owner or place.owner),
                "system": self._at("System", place.tenant),
                "dependsOn": [*needs, self._at("Resource", stack)],
            },
            notes=self._source(one.file, one.line) | {"gaia/stack": stack, "gaia/component": component},
            labels={"gaia/tenant": place.tenant, "gaia/stage": place.stage},
            tags=(kind, place.stage),
        )

    def _service(self, one: Service) -> Entity:
        held = [self._inventory.parts[key] for key in one.instances if key in self._inventory.parts]
        needs = [self._at("Resource", part.key.stack, part.key.component) for part in held]
        if one.stack in self._inventory.environments:
            needs.append(self._at("Resource", one.stack))
        made_by = {"gaia/request": one.request}
        made_by |= {"gaia/template": f"{one.template} {one.template_version}"} if one.template else {}
        return self._entity(
            "Component",
            (one.stack, one.name),
            {
                "type": "service",
                "lifecycle": "production" if one.stage in _PRODUCTION else _text(one.stage) or NOBODY,
                "owner": self._owner(one.owner),
                "system": self._at("System", one.tenant),
                "dependsOn": needs,
            },
            notes=self._source(one.manifest)
            | _kubernetes(one, held)
            | {"gaia/stack": one.stack, "gaia/service": one.name, **made_by},
            labels={"gaia/tenant": one.tenant, "gaia/stage": one.stage},
            tags=(one.template, one.stage),
        )

    def _tenants(self) -> Iterator[Entity]:
        """A tenant is whose its stacks are, where they are all one's."""
        whose: dict[str, set[str]] = {one.tenant: set() for one in self._services}
        for environment in self._inventory.environments.values():
            whose.setdefault(environment.tenant, set()).add(environment.owner)
        for tenant, named in whose.items():
            owner = self._owner(next(iter(named)) if len(named) == 1 else "")
            yield self._entity("Domain", (tenant,), {"owner": owner})
            yield self._entity("System", (tenant,), {"owner": owner, "domain": self._at("Domain", tenant)})

    def _person(self, one: Person) -> Entity:
        groups = [self._owner(group) for group in sorted(one.groups)]
        return self._entity("User", (one.name,), {"profile": {"displayName": _text(one.name)}, "memberOf": groups})

    def _form(self, one: Form) -> Entity:
        made = self._entity(
            "Template",
            (one.name,),
            templates.spec_of(one, self._inventory.environments),
            notes=self._source(one.file) | {"gaia/template": f"{one.name} {one.version}"},
        )
        made["apiVersion"] = templates.API
        made["metadata"] |= {
            "title": templates.told(one.title) or templates.told(one.name) or made["metadata"]["name"],
            "description": templates.told(one.description),
        }
        return made

    def _group(self, owner: str) -> Entity:
        made = self._entity("Group", (owner,), {"type": "team", "children": []})
        if owner == NOBODY:
            made["metadata"]["description"] = "Nobody is named as the owner."
        return made

    def _owner(self, owner: str) -> str:
        """The group of this name; that of nobody for none."""
        self._teams.add(owner or NOBODY)
        return self._at("Group", owner or NOBODY)

    def _at(self, kind: str, *parts: str) -> str:
        return _ref(kind, self._book.name(kind, *parts))

    def _source(self, file: str, line: int = 0) -> dict[str, str]:
        if not file:
            return {}
        notes = {"gaia/file": f"{file}:{line}" if line else file}
        address = address_of(self._origin, file)
        if address:
            seen = f"{address}#L{line}" if line else address
            notes |= {"backstage.io/source-location": f"url:{address}", "backstage.io/view-url": seen}
        return notes | ({"github.com/project-slug": self._origin.slug} if self._origin.slug else {})

    def _entity(
        self,
        kind: str,
        parts: tuple[str, ...],
        spec: Mapping[str, object],
        *,
        notes: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
        tags: Iterable[str] = (),
    ) -> Entity:
        """`parts` are what it is called, from the place inwards; of two, people read the last one first."""
        name = self._book.name(kind, *parts)
        title = _text(" in ".join(reversed(parts)))
        metadata: Entity = {"name": name, "namespace": "default", "title": title or name}
        if notes:
            metadata["annotations"] = {key: _text(value) for key, value in notes.items()}
        if labels:
            metadata["labels"] = {key: name_of(value) for key, value in labels.items() if value}
        if found := sorted({tag_of(one) for one in tags} - {""}):
            metadata["tags"] = found
        return {"apiVersion": API, "kind": kind, "metadata": metadata, "spec": dict(spec)}


def _kubernetes(one: Service, held: Collection[Part]) -> dict[str, str]:
    """Where its pods are, if it has any, in the words of `gaia.gitops`."""
    spaces = sorted({part.namespace for part in held if part.namespace})
    if len(spaces) != 1:
        return {}
    notes = {
        "backstage.io/kubernetes-namespace": spaces[0],
        "backstage.io/kubernetes-label-selector": f"app.kubernetes.io/instance={one.name}",
    }
    released = spaces[0] == f"{one.tenant}-{one.stage}"
    return notes | ({"argocd/app-name": f"{one.tenant}.{one.stage}.{one.name}"} if released else {})


def _text(text: str) -> str:
    return cut(visible(text).strip(), _LONGEST)
