"""AWS Transfer Family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cost.lines import hourly, used
from gaia.cost.model import Bill, Builder, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource


class Server(Builder):
    """A server: each protocol that is enabled costs by the hour."""

    types = ("aws_transfer_server",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Hours of protocols, and data in both directions."""
        protocols = sorted(resource.texts("protocols")) or ["SFTP"]
        said = resource.usage.number
        return Bill(
            (
                *(
                    hourly(f"{protocol} protocol enabled", _key("protocol-hours").having(protocol=protocol))
                    for protocol in protocols
                ),
                used("Data downloaded", "GB", _key("download-bytes"), said("monthly_data_downloaded_gb")),
                used("Data uploaded", "GB", _key("upload-bytes"), said("monthly_data_uploaded_gb")),
            )
        )


def _key(key: str) -> PriceKey:
    return PriceKey("AWSTransfer", "AWS Transfer Family", key)
