"""A catalog from memory, for tests of doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.catalog.entities import entities
from gaia.catalog.model import Environment, Inventory, Origin, Part, Service
from gaia.platform.views.cataloguing import Cataloguing, CatalogView
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from gaia.catalog.model import Kind


class FakeCataloguing(Cataloguing):
    """One service in one stack; `more` stands at the end of what people called things."""

    def __init__(self, more: str = "") -> None:
        self._more = more

    def read(self, kind: Kind | None = None) -> CatalogView:
        """Made as the real ones are."""
        more = self._more
        stack, owner = f"acme-use1-dev{more}", f"team-media{more}"
        key = InstanceKey(stack, f"photos-bucket{more}")
        shown = Inventory(
            {stack: Environment(stack, f"acme{more}", f"dev{more}", f"us-east-1{more}", owner)},
            {key: Part(key, f"components/terraform/s3-bucket{more}", f"stacks/photos.yaml{more}", 3, owner)},
        )
        photos = Service(
            f"photos{more}", stack, f"acme{more}", f"dev{more}", f"object-store{more}", "1.0.0",
            "req_019aa8c2d3e47abc9f00112233445566", f"stacks/photos.yaml{more}", (key,), owner,
        )  # fmt: skip
        web = Origin("https://github.com/acme/platform", "main", "acme/platform")
        return CatalogView(entities(shown, [photos], web), 7).only(kind)
