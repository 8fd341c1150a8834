"""What Backstage's catalog is told of a repository: only what the caller may see of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.access import callers, rules
from gaia.catalog.entities import entities
from gaia.catalog.model import Form, Kind, Person, Service
from gaia.catalog.origins import origin_of
from gaia.kit import clock
from gaia.notifications import events
from gaia.platform.engine.steps import APPLY
from gaia.platform.views.reading import head_now
from gaia.records import origins, people
from gaia.scaffold.answers_schema import answers_schema
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gaia.access.callers import Caller
    from gaia.catalog.model import Entity
    from gaia.platform.context import PlatformContext
    from gaia.records.model import Request
    from gaia.scaffold.template import Template


@dataclass(frozen=True, slots=True)
class CatalogView:
    """Entities by reference; relations lead only to what is among all of them."""

    entities: Sequence[Entity]
    seq: int
    """Of the newest event that the caller saw before they were read: what comes after it may change them."""

    def only(self, kind: Kind | None) -> CatalogView:
        """Those of one kind, or all."""
        return self if kind is None else CatalogView([one for one in self.entities if one["kind"] == kind], self.seq)


class Cataloguing:
    """One caller's view of one repository, as entities of Backstage."""

    def __init__(self, platform: PlatformContext, caller: Caller) -> None:
        self._platform = platform
        self._caller = caller

    def read(self, kind: Kind | None = None) -> CatalogView:
        """What is published and live now, also what an event told a moment ago; people only for an admin of everything.

        Raises:
            GaiaError: what is wrong with a manifest, or with the repository: half a list would say that the rest has
                gone.
            Unauthenticated: the caller is nobody any more.
        """
        platform = self._platform
        with platform.database.read() as tx:
            caller = callers.still(tx, self._caller, clock.now())
            newest = events.seen_by(tx, platform.repository, caller, after=0, limit=1, newest=True)  # before the rest
            rows = origins.origins(tx, platform.repository, APPLY, places=rules.places(caller, "see"))
            members = people.list_people(tx) if rules.is_admin(caller) else ()
        snapshot = platform.snapshot(head_now(platform))
        known = snapshot.inventory
        places = {one.stack: (one.tenant, one.stage) for one in known.environments.values()}
        seen = frozenset(one for one, place in places.items() if rules.allows(caller, "see", *place))
        source = platform.clone().source
        made = entities(
            known.within(seen),
            [_service(one) for one in rows],
            origin_of(source.at, source.branch),
            people=[Person(one.name, one.groups) for one in members if not one.disabled],
            forms=[_form(one, snapshot.tree) for one in snapshot.templates] if seen else (),
        )
        return CatalogView(made, newest[-1].seq if newest else 0).only(kind)


def _form(template: Template, root: Path) -> Form:
    file = template.folder / "copier.yml"
    own = file.relative_to(root).as_posix() if file.is_relative_to(root) else ""
    return Form(template.name, template.version, template.title, template.description, answers_schema(template), own)


def _service(row: Request) -> Service:
    owner = row.answers.get("owner")
    return Service(
        row.service,
        row.stack,
        row.tenant,
        row.stage,
        row.template,
        row.template_version,
        row.id,
        row.manifest,
        tuple(map(InstanceKey.parse, row.instances)),
        owner.strip() if isinstance(owner, str) else "",
    )
