"""Which price of the book an offer of AWS is: product families by their attributes, all else by its usage type.

What no rule knows is not fetched: the shipped price stays.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from gaia.cost.model import attributes_text, read_usd
from gaia.cost.offers import invalid
from gaia.cost.rows import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gaia.cost.offers import Offer, OfferFile

SOURCE = "aws-price-list"
WHERE = "AWS price list bulk files"
_PREFIX = re.compile(r"^(?:EU|[A-Z]{3}\d|[a-z]{2}(?:-[a-z]+)+-\d)-")
"""The region that a usage type begins with; in us-east-1 most begin with none."""
_NOTHING = ("", "NA")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the book a price belongs."""

    family: str
    key: str
    attrs: str = ""
    facts: str = ""


def rows(file: OfferFile, region: str) -> list[Row]:
    """The prices of a list that the book knows. Of tiers it is the first that is not free."""
    found: dict[Place, tuple[Decimal, Row]] = {}
    for offer in file.offers():
        place = _place(file.service, offer)
        usd = _usd(file, offer)
        if place is None or not usd:
            continue
        begin = Decimal(offer["startingrange"] or 0)
        known = found.get(place)
        if known is None or begin < known[0]:
            found[place] = begin, _row(file, region, place, usd, offer["unit"])
    return [row for _, row in found.values()]


def services() -> tuple[str, ...]:
    """Those whose lists a rule knows."""
    return tuple(sorted({*_RULES, *(service for service, _ in _usage_types())}))


def _row(file: OfferFile, region: str, place: Place, usd: Decimal, unit: str) -> Row:
    return Row(
        service=file.service,
        region=region,
        family=place.family,
        key=place.key,
        attrs=place.attrs,
        facts=place.facts,
        unit=unit,
        usd=f"{usd:f}",
        source=SOURCE,
        as_of=file.published,
        method="list",
    )


def _usd(file: OfferFile, offer: Offer) -> Decimal | None:
    if offer["currency"] != "USD":
        return None
    text = offer["priceperunit"]
    usd = read_usd(text)
    if usd is None and text and text[:1] in "-+.0123456789":
        raise invalid(file.path, f"a price is {text[:40]}")
    return usd.normalize() if usd else None


def _place(service: str, offer: Offer) -> Place | None:
    if offer["location type"] not in ("", "AWS Region"):
        return None  # local zones and Outposts have prices of their own
    rule = _RULES.get(service)
    place = rule(offer) if rule else None
    if place or offer["termtype"] != "OnDemand":
        return place
    return _usage_types().get((service, _PREFIX.sub("", offer["usagetype"])))


def _machine(offer: Offer) -> Place | None:
    """EC2: machines on demand, reserved without an upfront payment, and dedicated hosts."""
    family = offer["product family"]
    use, _, kind = _PREFIX.sub("", offer["usagetype"]).partition(":")
    if use == "HostUsage" and offer["termtype"] == "OnDemand":
        return Place("Dedicated Host", kind)
    if not family.startswith("Compute Instance") or offer["unit"] not in ("Hrs", "Hours"):
        return None
    if offer["capacitystatus"] != "Used" or offer["pre installed s/w"] not in _NOTHING:
        return None
    if offer["marketoption"] not in ("", "OnDemand") or offer["license model"] == "Bring your own license":
        return None
    attrs = {"os": offer["operating system"], "tenancy": offer["tenancy"]}
    if offer["termtype"] == "Reserved":
        if offer["purchaseoption"] != "No Upfront":
            return None
        term = {"term": offer["leasecontractlength"], "offering_class": offer["offeringclass"]}
        attrs |= {**term, "payment": "No Upfront"}
    return Place(family, offer["instance type"], attributes_text(attrs), _size(offer))


def _database(offer: Offer) -> Place | None:
    """RDS: instances by engine, edition, license and deployment; disks by deployment."""
    family, engine = offer["product family"], offer["database engine"]
    deployment = offer["deployment option"].replace("(", "").replace(")", "")
    if offer["termtype"] != "OnDemand" or "SQL Server" in deployment:
        return None
    if family == "Database Storage" and engine in ("", "Any") and offer["volume type"] and deployment:
        return Place(family, offer["volume type"], attributes_text({"deployment": deployment}))
    if family != "Database Instance":
        return None
    attrs = {"deployment": deployment, "engine": engine}
    if offer["database edition"]:
        attrs["edition"] = offer["database edition"]
    if offer["license model"] not in ("", "No license required"):
        attrs["license"] = offer["license model"]
    if "IOOptimized" in offer["usagetype"]:
        attrs |= _OPTIMIZED
    return Place(family, offer["instance type"], attributes_text(attrs), _size(offer))


_OPTIMIZED = {"storage": "I/O-optimized"}


def _instance(offer: Offer) -> Place | None:
    """DocumentDB and Neptune: instances by the class in their usage type."""
    use, _, instance_class = _PREFIX.sub("", offer["usagetype"]).partition(":")
    if offer["termtype"] != "OnDemand" or use not in ("InstanceUsage", "InstanceUsageIOOptimized"):
        return None
    attrs = _OPTIMIZED if use.endswith("IOOptimized") else {}
    return Place("Database Instance", instance_class, attributes_text(attrs))


def _warehouse(offer: Offer) -> Place | None:
    """Redshift: nodes, and what is billed by their type."""
    families = ("Compute Instance", "Redshift Managed Storage", "Redshift Concurrency Scaling")
    known = offer["termtype"] == "OnDemand" and offer["product family"] in families and offer["instance type"]
    return Place(offer["product family"], offer["instance type"].lower()) if known else None


def _cache(offer: Offer) -> Place | None:
    if offer["product family"] != "Cache Instance" or offer["termtype"] != "OnDemand":
        return None
    if "ExtendedSupport" in offer["usagetype"]:
        return None
    return Place("Cache Instance", offer["instance type"], attributes_text({"engine": offer["cache engine"]}))


def _search(offer: Offer) -> Place | None:
    if offer["product family"] != "Amazon OpenSearch Service Instance" or offer["termtype"] != "OnDemand":
        return None
    return Place("Amazon OpenSearch Service Instance", offer["instance type"])


def _broker(offer: Offer) -> Place | None:
    name = _PREFIX.sub("", offer["usagetype"])
    known = name.startswith("Kafka.") and offer["termtype"] == "OnDemand"
    return Place("Managed Streaming for Apache Kafka", name) if known else None


def _balancer(offer: Offer) -> Place | None:
    """All kinds have one usage type, and each a family."""
    place = _BALANCERS.get((offer["product family"], _PREFIX.sub("", offer["usagetype"])))
    return Place(*place) if place and offer["termtype"] == "OnDemand" else None


_BALANCERS = {
    ("Load Balancer", "LoadBalancerUsage"): ("Load Balancer", "hours"),
    ("Load Balancer", "DataProcessing-Bytes"): ("Load Balancer", "bytes"),
    ("Load Balancer-Application", "LoadBalancerUsage"): ("Load Balancer-Application", "hours"),
    ("Load Balancer-Application", "LCUUsage"): ("Load Balancer-Application", "lcu"),
    ("Load Balancer-Network", "LoadBalancerUsage"): ("Load Balancer-Network", "hours"),
    # The book has had the units of both kinds in one family from the start.
    ("Load Balancer-Network", "LCUUsage"): ("Load Balancer-Application", "nlcu"),
}


def _size(offer: Offer) -> str:
    memory = offer["memory"].removesuffix(" GiB")
    told = {"vcpu": offer["vcpu"], "memory_gib": memory}
    return ";".join(f"{name}={value}" for name, value in told.items() if value not in _NOTHING)


_RULES: dict[str, Callable[[Offer], Place | None]] = {
    "AWSELB": _balancer,
    "AmazonDocDB": _instance,
    "AmazonEC2": _machine,
    "AmazonES": _search,
    "AmazonElastiCache": _cache,
    "AmazonMSK": _broker,
    "AmazonNeptune": _instance,
    "AmazonRDS": _database,
    "AmazonRedshift": _warehouse,
}


@cache
def _usage_types() -> dict[tuple[str, str], Place]:
    text = (resources.files("gaia.cost") / "usage_types.csv").read_text("utf-8")
    lines: Iterable[dict[str, str]] = csv.DictReader(text.splitlines())
    return {(line["service"], line["usagetype"]): Place(line["family"], line["key"]) for line in lines}
