"""Amazon RDS: database instances with their storage, and what instances of Aurora share with them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.databases import burstable, extended_support, insights
from gaia.cost.lines import used
from gaia.cost.model import ONE, ZERO, Bill, Builder, Component, PriceKey, attributes_of
from gaia.cost.shapes import vcpus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.model import CostResource

_SERVICE = "AmazonRDS"
_SINGLE, _MULTI = "Single-AZ", "Multi-AZ"
STANDBYS = "Multi-AZ readable standbys"
_COPIES = {_MULTI: Decimal(2), STANDBYS: Decimal(3)}
_TERMS = {"1_year": "1yr", "3_year": "3yr"}
_BROUGHT, _INCLUDED = "Bring your own license", "License included"


@dataclass(frozen=True, slots=True)
class _Engine:
    """The words of the price list for an engine of Terraform's."""

    name: str
    edition: str = ""
    license: str = ""


_ENGINES = {
    "postgres": _Engine("PostgreSQL"),
    "mysql": _Engine("MySQL"),
    "mariadb": _Engine("MariaDB"),
    "aurora": _Engine("Aurora MySQL"),
    "aurora-mysql": _Engine("Aurora MySQL"),
    "aurora-postgresql": _Engine("Aurora PostgreSQL"),
    "oracle-se": _Engine("Oracle", "Standard", _BROUGHT),
    "oracle-se1": _Engine("Oracle", "Standard One", _INCLUDED),
    "oracle-se2": _Engine("Oracle", "Standard Two", _INCLUDED),
    "oracle-se2-cdb": _Engine("Oracle", "Standard Two", _INCLUDED),
    "oracle-ee": _Engine("Oracle", "Enterprise", _BROUGHT),
    "oracle-ee-cdb": _Engine("Oracle", "Enterprise", _BROUGHT),
    "sqlserver-ex": _Engine("SQL Server", "Express", _INCLUDED),
    "sqlserver-web": _Engine("SQL Server", "Web", _INCLUDED),
    "sqlserver-se": _Engine("SQL Server", "Standard", _INCLUDED),
    "sqlserver-ee": _Engine("SQL Server", "Enterprise", _INCLUDED),
}


@dataclass(frozen=True, slots=True)
class _Storage:
    """A kind of storage: shown label, and the keys of its price and that of its provisioned IOPS."""

    label: str
    price: str
    iops: str = ""


_STORAGES = {
    "gp2": _Storage("general purpose SSD, gp2", "General Purpose"),
    "gp3": _Storage("general purpose SSD, gp3", "General Purpose-GP3", "GP3 IOPS"),
    "io1": _Storage("provisioned IOPS SSD, io1", "Provisioned IOPS", "IOPS"),
    "io2": _Storage("provisioned IOPS SSD, io2", "Provisioned IOPS-IO2", "IO2 IOPS"),
    "standard": _Storage("magnetic", "Magnetic"),
}


class Instance(Builder):
    """A database instance of its own, or a replica of one."""

    types = ("aws_db_instance",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The instance, its storage, backups, insights, credits and extended support."""
        source = next(iter(resource.refers("replicate_source_db", "aws_db_instance")), resource)
        engine = (source.text("engine") or resource.text("engine") or "").lower()
        deployment = _MULTI if resource.flag("multi_az") else _SINGLE
        instance_class = resource.text("instance_class") or ""
        return Bill(
            (
                _instance(resource, engine, deployment, instance_class),
                *_stored(resource, engine, deployment),
                *_backup(resource, engine),
                *insights(resource, resource.text("database_insights_mode"), zones=2 if deployment == _MULTI else 1),
                *credit_lines(resource, engine, instance_class),
                *extended_support(engine, resource.text("engine_version"), instance_class, resource.today),
            )
        )


def instance_price(engine: str, deployment: str, instance_class: str, license_model: str = "") -> PriceKey:
    """The price of an hour of an instance."""
    words = _words(engine)
    licensed = _BROUGHT if license_model.lower() == "bring-your-own-license" and words.edition else words.license
    attrs = {"deployment": deployment, "engine": words.name}
    attrs |= {"edition": words.edition} if words.edition else {}
    attrs |= {"license": licensed} if licensed else {}
    return PriceKey(_SERVICE, "Database Instance", instance_class).having(**attrs)


def _words(engine: str) -> _Engine:
    return _ENGINES.get(engine, _Engine(engine))


def bought(resource: CostResource, name: str, price: PriceKey) -> Component:
    """The line of an instance: on demand, or reserved where the usage file says so. `{}` in the name says which.

    What is paid at once costs nothing by the hour: Infracost leaves it at that, and we say that no price is known.
    """
    term = resource.usage.text("reserved_instance_term")
    option = resource.usage.text("reserved_instance_payment_option") or ""
    if term is None:
        return Component(name.format("on-demand"), "hours", price, hourly=ONE, copies=copies_of(price))
    reserved = price.having(payment=option.replace("_", " ").title(), term=_TERMS.get(term, term))
    said = ZERO if resource.parity and option == "all_upfront" else None
    return Component(name.format("reserved"), "hours", reserved, hourly=ONE, said=said, copies=copies_of(price))


def copies_of(price: PriceKey) -> Decimal:
    """How many instances, or disks, one price of a deployment is for: with its standbys."""
    return _COPIES.get(attributes_of(price.attrs).get("deployment", ""), ONE)


def _instance(resource: CostResource, engine: str, deployment: str, instance_class: str) -> Component:
    price = instance_price(engine, deployment, instance_class, resource.text("license_model") or "")
    return bought(resource, f"Database instance ({{}}, {deployment}, {instance_class})", price)


def _stored(resource: CostResource, engine: str, deployment: str) -> Iterator[Component]:
    iops = resource.number("iops") or ZERO
    kind = (resource.text("storage_type") or ("io1" if iops else "gp2")).lower()
    if kind not in _STORAGES or (kind == "io2" and resource.parity):
        kind = "gp2"
    storage, size = _STORAGES[kind], resource.number("allocated_storage") or Decimal(20)
    if kind in ("io1", "io2"):
        size, iops = max(size, Decimal(100)), max(iops, Decimal(1000))
    price = PriceKey(_SERVICE, "Database Storage", storage.price).having(deployment=deployment)
    yield Component(f"Storage ({storage.label})", "GB", price, monthly=size, copies=copies_of(price))
    iops_price = PriceKey(_SERVICE, "Provisioned IOPS", storage.iops).having(deployment=deployment)
    if kind in ("io1", "io2"):
        yield Component("Provisioned IOPS", "IOPS", iops_price, monthly=iops)
    elif kind == "gp3":
        striped = _striped(resource, engine, size)
        included = Decimal(12_000 if striped else 3_000)
        if iops > included:
            yield Component(f"Provisioned GP3 IOPS (above {included:,})", "IOPS", iops_price, monthly=iops - included)
        if not resource.parity:
            yield from _throughput(resource, deployment, Decimal(500 if striped else 125))
    elif kind == "standard":
        requests = resource.usage.number("monthly_standard_io_requests")
        key = PriceKey(_SERVICE, "System Operation", "magnetic I/O")
        yield used("I/O requests", "1M requests", key, requests, Decimal(1_000_000))


def _striped(resource: CostResource, engine: str, size: Decimal) -> bool:
    """Whether gp3 storage is large enough to be striped over volumes, which brings four times what is included.

    Infracost takes 400 GB for every engine; Oracle's is 200 GB, and SQL Server is never striped.
    """
    if not resource.parity and engine.startswith("sqlserver-"):
        return False
    return size >= (200 if engine.startswith("oracle-") and not resource.parity else 400)


def _throughput(resource: CostResource, deployment: str, included: Decimal) -> Iterator[Component]:
    throughput = resource.number("storage_throughput") or ZERO
    if throughput > included:
        price = PriceKey(_SERVICE, "Provisioned Throughput", "Throughput").having(deployment=deployment)
        name = f"Provisioned GP3 throughput (above {included})"
        yield Component(name, "MBps", price, monthly=throughput - included)


def _backup(resource: CostResource, engine: str) -> Iterator[Component]:
    size = resource.usage.number("additional_backup_storage_gb")
    if (resource.number("backup_retention_period") or ZERO) > 0 or size:
        key = "aurora-backup" if engine.startswith("aurora") else "backup beyond free"
        yield used("Additional backup storage", "GB", PriceKey(_SERVICE, "Storage Snapshot", key), size)


def credit_lines(resource: CostResource, engine: str, instance_class: str) -> Iterator[Component]:
    """Processor time of a burstable instance beyond its baseline, where the usage file expects any."""
    hours, count = resource.usage.number("monthly_cpu_credit_hrs"), resource.usage.number("vcpu_count")
    if not hours or not burstable(instance_class):
        return
    price = PriceKey(_SERVICE, "CPU Credits", "db.t3-t4g")
    if engine.startswith("aurora"):
        price = price.having(engine=_words(engine).name)
    quantity = hours * (count if count is not None else vcpus(instance_class) or ZERO)
    yield used("CPU credits", "vCPU-hours", price, quantity)
