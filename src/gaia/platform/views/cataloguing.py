"""What Backstage's catalog is told of a repository: only what the caller may see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.access import rules
from gaia.catalog import inventory
from gaia.catalog.entities import entities
from gaia.catalog.model import Service
from gaia.catalog.origins import origin_of
from gaia.platform.engine.steps import APPLY
from gaia.platform.scope import scope_of
from gaia.platform.views.reading import head
from gaia.records import origins
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.access.callers import Caller
    from gaia.catalog.model import Entity
    from gaia.platform.context import PlatformContext
    from gaia.records.model import Request


class Cataloguing:
    """One caller's view of one repository, as entities of Backstage."""

    def __init__(self, platform: PlatformContext, caller: Caller) -> None:
        self._platform = platform
        self._caller = caller

    def entities(self) -> Sequence[Entity]:
        """Those of what is published and live now, by reference; relations lead only to what is among them.

        Raises:
            GaiaError: what is wrong with a manifest: half a list would say that the rest has gone.
        """
        platform = self._platform
        repository = platform.snapshot(head(platform)).repository
        known = inventory.read(repository, lambda stack: scope_of(repository, stack))
        places = {one.stack: (one.tenant, one.stage) for one in known.environments.values()}
        seen = frozenset(one for one, place in places.items() if rules.allows(self._caller, "see", *place))
        with platform.database.read() as tx:
            rows = origins.origins(tx, platform.repository, APPLY, places=rules.places(self._caller, "see"))
        source = platform.clone().source
        return entities(known.within(seen), [_service(one) for one in rows], origin_of(source.at, source.branch))


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
