"""Amazon S3: every line depends on usage. A storage class is shown when a lifecycle rule or the usage file names it.

Storage is priced at the first 50 TB's price, as Infracost does, for the book has no other: beyond that the estimate is
a little too high, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.model import ONE, Bill, Builder, Component, PriceKey, used

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.block import Block
    from gaia.cost.model import CostResource

_THOUSAND = Decimal(1000)
_TIER = Decimal(51_200)
_TIERED = ("standard-first-50TB", "int-storage-frequent-access")
"""What costs less beyond 50 TB; the other classes have one price."""
_REQUESTS, _DATA, _STORAGE = "API Request", "Data", "Storage"


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a storage class: shown name and unit, key of the usage file, family and key of the price."""

    name: str
    usage: str
    family: str
    price: str

    @property
    def unit(self) -> str:
        if self.family != _REQUESTS:
            return "GB"
        return "1k objects" if self.usage == "monitored_objects" else "1k requests"


@dataclass(frozen=True, slots=True)
class _Class:
    """A storage class: its names in the estimate, the usage file and lifecycle rules, and its lines."""

    label: str
    usage: str
    lifecycle: str
    lines: tuple[_Line, ...]


def _requests(prefix: str) -> tuple[_Line, ...]:
    return (
        _Line("PUT, COPY, POST, LIST requests", "monthly_tier_1_requests", _REQUESTS, f"{prefix}tier1"),
        _Line("GET, SELECT, and all other requests", "monthly_tier_2_requests", _REQUESTS, f"{prefix}tier2"),
    )


def _transition(prefix: str) -> _Line:
    name = "monthly_lifecycle_transition_requests"
    return _Line("Lifecycle transition", name, _REQUESTS, f"{prefix}lifecycle-transition")


def _select(prefix: str) -> tuple[_Line, ...]:
    return (
        _Line("Select data scanned", "monthly_select_data_scanned_gb", _DATA, f"{prefix}select-data-scanned"),
        _Line("Select data returned", "monthly_select_data_returned_gb", _DATA, f"{prefix}select-data-returned"),
    )


def _infrequent(label: str, usage: str, lifecycle: str, prefix: str) -> _Class:
    return _Class(
        label,
        usage,
        lifecycle,
        (
            _Line("Storage", "storage_gb", _STORAGE, f"{prefix}storage-first-50TB"),
            *_requests(prefix),
            _transition(prefix),
            _Line("Retrievals", "monthly_data_retrieval_gb", _DATA, f"{prefix}retrievals"),
            *_select(prefix),
        ),
    )


def _retrieval(prefix: str, speed: str) -> tuple[_Line, ...]:
    retrieval = f"monthly_{speed}_data_retrieval"
    requests = f"{prefix}retrieval-requests-{speed}"
    return (
        _Line(f"Retrieval requests ({speed})", f"{retrieval}_requests", _REQUESTS, requests),
        _Line(f"Retrievals ({speed})", f"{retrieval}_gb", _DATA, f"{prefix}retrievals-{speed}"),
    )


def _archive_select(speed: str) -> tuple[_Line, ...]:
    usage, price = f"monthly_{speed}_select_data", "glacier-select-data"
    return (
        _Line(f"Select data scanned ({speed})", f"{usage}_scanned_gb", _DATA, f"{price}-scanned-{speed}"),
        _Line(f"Select data returned ({speed})", f"{usage}_returned_gb", _DATA, f"{price}-returned-{speed}"),
    )


_STANDARD = _Class(
    "Standard",
    "standard",
    "STANDARD",
    (_Line("Storage", "storage_gb", _STORAGE, "standard-first-50TB"), *_requests(""), *_select("")),
)
# The two archive tiers take quantities of their own; Infracost fills them with those of the access tiers.
_TIERS = ("frequent", "infrequent", "archive", "deep archive")
_INTELLIGENT = _Class(
    "Intelligent tiering",
    "intelligent_tiering",
    "INTELLIGENT_TIERING",
    (
        *(
            _Line(
                f"Storage ({tier} access)",
                f"{tier.replace(' ', '_')}_access_storage_gb",
                _STORAGE,
                f"int-storage-{tier.replace(' ', '-')}-access",
            )
            for tier in _TIERS
        ),
        _Line("Monitoring and automation", "monitored_objects", _REQUESTS, "int-monitoring-and-automation"),
        *_requests("int-"),
        _transition("int-"),
        *_select("int-"),
        _Line("Early delete (within 30 days)", "early_delete_gb", _DATA, "int-early-delete-within-30-days"),
    ),
)
# Infracost does not know instant retrieval. Of its prices the book has storage in one region; elsewhere it is shown as
# unpriced, so that nobody takes it for free.
_INSTANT = _Class(
    "Glacier instant retrieval",
    "glacier_instant_retrieval",
    "GLACIER_IR",
    (_Line("Storage", "storage_gb", _STORAGE, "glacier-instant-storage-first-50TB"),),
)
_GLACIER = _Class(
    "Glacier flexible retrieval",
    "glacier_flexible_retrieval",
    "GLACIER",
    (
        _Line("Storage", "storage_gb", _STORAGE, "glacier-storage-first-50TB"),
        *_requests("glacier-"),
        _transition("glacier-"),
        *_retrieval("glacier-", "standard"),
        *_archive_select("standard"),
        *_retrieval("glacier-", "expedited"),
        *_archive_select("expedited"),
        *_archive_select("bulk"),
        _Line("Early delete (within 90 days)", "early_delete_gb", _DATA, "glacier-early-delete-within-90-days"),
    ),
)
_DEEP = _Class(
    "Glacier deep archive",
    "glacier_deep_archive",
    "DEEP_ARCHIVE",
    (
        _Line("Storage", "storage_gb", _STORAGE, "deep-archive-storage-first-50TB"),
        *_requests("deep-archive-"),
        _transition("deep-archive-"),
        *_retrieval("deep-archive-", "standard"),
        *_retrieval("deep-archive-", "bulk"),
        _Line("Early delete (within 180 days)", "early_delete_gb", _DATA, "deep-archive-early-delete-within-180-days"),
    ),
)
_CLASSES = (
    _INTELLIGENT,
    _infrequent("Standard - infrequent access", "standard_infrequent_access", "STANDARD_IA", "standard-ia-"),
    _infrequent("One zone - infrequent access", "one_zone_infrequent_access", "ONEZONE_IA", "onezone-ia-"),
    _INSTANT,
    _GLACIER,
    _DEEP,
)


class Bucket(Builder):
    """The class Standard always, others where they are used, tags where lifecycle rules read them."""

    types = ("aws_s3_bucket",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """A group for each storage class."""
        rules = list(_rules(resource))
        moved_to = {storage for rule in rules for storage in _targets(rule)}
        used = [_STANDARD]
        used += [item for item in _CLASSES if item.lifecycle in moved_to or resource.usage.has(item.usage)]
        tags = resource.usage.number("object_tags")
        tagging = (_tagging(tags),) if tags is not None or any(_filters_by_tag(rule) for rule in rules) else ()
        return Bill(tagging, tuple((item.label, Bill(tuple(_components(resource, item)))) for item in used))


class Analytics(Builder):
    """What watches how often objects are read."""

    types = ("aws_s3_bucket_analytics_configuration",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The objects."""
        price = PriceKey("AmazonS3", "Storage Analytics", "objects")
        return Bill(
            (
                used(
                    "Objects monitored",
                    "1M objects",
                    price,
                    resource.usage.number("monthly_monitored_objects"),
                    Decimal(1_000_000),
                ),
            )
        )


class Inventory(Builder):
    """What lists objects."""

    types = ("aws_s3_bucket_inventory",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The objects."""
        price = PriceKey("AmazonS3", "Inventory", "objects-listed")
        return Bill(
            (
                used(
                    "Objects listed",
                    "1M objects",
                    price,
                    resource.usage.number("monthly_listed_objects"),
                    Decimal(1_000_000),
                ),
            )
        )


def _components(resource: CostResource, item: _Class) -> Iterator[Component]:
    for line in item.lines:
        yield Component(
            line.name,
            line.unit,
            PriceKey("AmazonS3", line.family, line.price),
            monthly=resource.usage.number(item.usage, line.usage),
            multiplier=_THOUSAND if line.unit.startswith("1k") else ONE,
            usage_based=True,
            most=_TIER if line.price in _TIERED else None,
        )


def _tagging(quantity: Decimal | None) -> Component:
    key = PriceKey("AmazonS3", _REQUESTS, "object-tagging")
    return Component("Object tagging", "10k tags", key, quantity, multiplier=Decimal(10_000), usage_based=True)


def _rules(resource: CostResource) -> Iterator[Block]:
    """Lifecycle rules: of the separate resource (ours), and of the bucket's own deprecated block."""
    yield from resource.blocks("lifecycle_rule")
    if resource.parity:
        return
    for configuration in resource.referring("aws_s3_bucket_lifecycle_configuration", "bucket"):
        yield from configuration.blocks("rule")


def _targets(rule: Block) -> Iterator[str]:
    for name in ("transition", "noncurrent_version_transition"):
        yield from (storage for move in rule.blocks(name) if (storage := move.text("storage_class")))


def _filters_by_tag(rule: Block) -> bool:
    filters = rule.blocks("filter")
    return rule.has("tags") or any(
        item.has("tag") or any(both.has("tags") for both in item.blocks("and")) for item in filters
    )
