"""Prices from AWS's public lists: what the lists look like, what is taken of them, and what is not believed."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from dataclasses import astuple
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gaia.cost import offer_rules, offers
from gaia.cost.book import shipped
from gaia.cost.model import Price, PriceKey
from gaia.cost.refresh import Fetched, refresh
from gaia.cost.rows import Row
from gaia.cost.shelf import Shelf, write_shelf
from gaia.errors import Conflict, Invalid, ToolFailed, Unavailable
from gaia.kit.files import exclusive

if TYPE_CHECKING:
    from collections.abc import Sequence

HOST = "https://lists.example"
VERSION = "20261127120000"
COLUMNS = (
    "SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange",
    "EndingRange", "Unit", "PricePerUnit", "Currency", "RelatedTo", "LeaseContractLength", "PurchaseOption",
    "OfferingClass", "Product Family", "serviceCode", "Location", "Location Type", "Instance Type",
    "Current Generation", "Instance Family", "vCPU", "Memory", "Tenancy", "Operating System", "License Model",
    "Database Engine", "Database Edition", "Deployment Option", "Volume Type", "Cache Engine", "usageType",
    "operation", "CapacityStatus", "MarketOption", "Pre Installed S/W", "Region Code", "serviceName",
)  # fmt: skip
"""The columns of several services' lists, as AWS writes them."""
MACHINE = {
    "Product Family": "Compute Instance", "Instance Type": "m5.large", "vCPU": "2", "Memory": "8 GiB",
    "Tenancy": "Shared", "Operating System": "Linux", "License Model": "No License required",
    "usageType": "EU-BoxUsage:m5.large", "operation": "RunInstances", "CapacityStatus": "Used",
    "MarketOption": "OnDemand", "Pre Installed S/W": "NA", "PricePerUnit": "0.1070000000",
}  # fmt: skip
DATABASE = {
    "Product Family": "Database Instance", "Instance Type": "db.t3.medium", "vCPU": "2", "Memory": "4 GiB",
    "License Model": "No license required", "Database Engine": "PostgreSQL", "Deployment Option": "Multi-AZ",
    "usageType": "EU-Multi-AZUsage:db.t3.medium", "PricePerUnit": "0.1560000000",
}  # fmt: skip
RESERVED = {
    "TermType": "Reserved", "LeaseContractLength": "1yr", "PurchaseOption": "No Upfront", "OfferingClass": "standard",
    "PricePerUnit": "0.0670000000",
}  # fmt: skip


def price_list(service: str, *offers: dict[str, str], columns: Sequence[str] = COLUMNS) -> str:
    """A list as AWS publishes it."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(["FormatVersion", "v1.0"])
    writer.writerow(["Disclaimer", 'This pricing list is for informational purposes only, "as is"'])
    writer.writerow(["Publication Date", "2026-11-27T12:00:00Z"])
    writer.writerow(["Version", VERSION])
    writer.writerow(["OfferCode", service])
    writer.writerow(columns)
    usual = {
        "TermType": "OnDemand", "StartingRange": "0", "EndingRange": "Inf", "Unit": "Hrs", "Currency": "USD",
        "Location Type": "AWS Region", "serviceCode": service,
    }  # fmt: skip
    for offer in offers:
        writer.writerow([{**usual, **offer}.get(name, "") for name in columns])
    return text.getvalue()


def index(service: str, *regions: str) -> str:
    """Which list is the newest in each region, as AWS publishes it."""
    return json.dumps({
        "formatVersion": "v1.0",
        "publicationDate": "2026-11-27T12:00:00Z",
        "regions": {
            region: {
                "regionCode": region,
                "currentVersionUrl": f"/offers/v1.0/aws/{service}/{VERSION}/{region}/index.json",
            }
            for region in regions
        },
    })  # fmt: skip


def rows(tmp_path: Path, service: str, *found: dict[str, str]) -> list[tuple[str, ...]]:
    """Family, key, attributes and price of what is taken of a list."""
    path = tmp_path / "list.csv"
    path.write_text(price_list(service, *found))
    taken = offer_rules.rows(offers.OfferFile.open(path, service), "eu-west-1")
    return [(row.family, row.key, row.attrs, row.usd) for row in taken]


def test_a_machine_is_found_as_the_book_calls_it(tmp_path: Path) -> None:
    """On demand, reserved, of other systems; with its size, the day of the list, and no zeros behind."""
    path = tmp_path / "list.csv"
    windows = {**MACHINE, "Operating System": "Windows", "Tenancy": "Dedicated", "PricePerUnit": "0.3"}
    path.write_text(price_list("AmazonEC2", MACHINE, {**MACHINE, **RESERVED}, windows))
    file = offers.OfferFile.open(path, "AmazonEC2")
    assert (file.published, file.version) == ("2026-11-27", VERSION)
    first, reserved, other = offer_rules.rows(file, "eu-west-1")
    assert astuple(first) == (
        "AmazonEC2", "eu-west-1", "Compute Instance", "m5.large", "os=Linux;tenancy=Shared", "vcpu=2;memory_gib=8",
        "Hrs", "0.107", "aws-price-list", "2026-11-27", "list",
    )  # fmt: skip
    key = PriceKey("AmazonEC2", "Compute Instance", "m5.large")
    assert first.attrs == key.having(os="Linux", tenancy="Shared").attrs
    terms = {"term": "1yr", "offering_class": "standard", "payment": "No Upfront"}
    assert reserved.attrs == key.having(os="Linux", tenancy="Shared", **terms).attrs
    assert other.attrs == "os=Windows;tenancy=Dedicated"
    assert shipped().get(("eu-west-1", PriceKey("AmazonEC2", first.family, first.key, first.attrs))) is not None
    assert (
        shipped().get(("eu-west-1", PriceKey("AmazonEC2", reserved.family, reserved.key, reserved.attrs))) is not None
    )


@pytest.mark.parametrize(
    "odd",
    [
        {"CapacityStatus": "AllocatedCapacityReservation"},
        {"Pre Installed S/W": "SQL Web"},
        {"MarketOption": "CapacityBlock"},
        {"License Model": "Bring your own license"},
        {"Location Type": "AWS Local Zone"},
        {"Unit": "Quantity"},
        {"Currency": "CNY"},
        {"PricePerUnit": "0.0000000000"},
        {"PricePerUnit": "free"},
        {**RESERVED, "PurchaseOption": "All Upfront"},
        {"Product Family": "Dedicated Host"},
    ],
)
def test_what_is_another_product_or_no_price_is_left_out(odd: dict[str, str], tmp_path: Path) -> None:
    """Each would be taken for the price of the machine."""
    assert rows(tmp_path, "AmazonEC2", {**MACHINE, **odd}) == []


def test_databases_caches_brokers_searchers_and_balancers_are_found(tmp_path: Path) -> None:
    """Under the keys that the shipped book has for them."""
    readable = {**DATABASE, "Instance Type": "db.m5d.large", "Deployment Option": "Multi-AZ (readable standbys)"}
    licensed = {
        **DATABASE, "Database Engine": "Oracle", "Database Edition": "Standard Two", "Deployment Option": "Single-AZ",
        "License Model": "Bring your own license",
    }  # fmt: skip
    disk = {
        "Product Family": "Database Storage", "Volume Type": "General Purpose-GP3", "Database Engine": "Any",
        "Deployment Option": "Single-AZ", "Unit": "GB-Mo", "PricePerUnit": "0.127",
    }  # fmt: skip
    optimized = {**DATABASE, "usageType": "EU-InstanceUsageIOOptimized:db.t3.medium"}
    lists = {
        "AmazonRDS": [DATABASE, readable, licensed, disk, optimized, {**DATABASE, "TermType": "Reserved"}],
        "AmazonElastiCache": [
            {
                "Product Family": "Cache Instance", "Instance Type": "cache.t3.micro", "Cache Engine": "Redis",
                "usageType": "EU-NodeUsage:cache.t3.micro", "PricePerUnit": "0.018",
            },
            {
                "Product Family": "Cache Instance", "Instance Type": "cache.t3.micro", "Cache Engine": "Redis",
                "usageType": "EU-ExtendedSupport-Year1:cache.t3.micro", "PricePerUnit": "0.01",
            },
        ],
        "AmazonES": [
            {
                "Product Family": "Amazon OpenSearch Service Instance", "Instance Type": "m5.large.search",
                "PricePerUnit": "0.158",
            }
        ],
        "AmazonMSK": [{"usageType": "EU-Kafka.m5.large", "PricePerUnit": "0.234"}],
        "AWSELB": [
            {"Product Family": f"Load Balancer-{kind}", "usageType": "EU-LoadBalancerUsage", "PricePerUnit": "0.0252"}
            for kind in ("Application", "Gateway")
        ],
        "AmazonS3": [
            {
                "Product Family": "Storage", "usageType": "EU-TimedStorage-ByteHrs", "Unit": "GB-Mo",
                "StartingRange": begin, "PricePerUnit": usd,
            }
            for begin, usd in (("51200", "0.022"), ("0", "0.023"), ("512000", "0.021"))
        ],
        "awskms": [{"Product Family": "Encryption Key", "usageType": "eu-west-1-KMS-Keys", "PricePerUnit": "1"}],
    }  # fmt: skip
    found = {service: rows(tmp_path, service, *given) for service, given in lists.items()}
    assert {service: len(taken) for service, taken in found.items()} == {
        "AmazonRDS": 5, "AmazonElastiCache": 1, "AmazonES": 1, "AmazonMSK": 1, "AWSELB": 1, "AmazonS3": 1, "awskms": 1,
    }  # fmt: skip
    assert found["AmazonS3"] == [("Storage", "standard-first-50TB", "", "0.023")], "the first tier"
    book, regions = shipped(), ("eu-west-1", "us-east-1")
    for service, taken in found.items():
        for family, key, attrs, _ in taken:
            found_there = any(book.get((region, PriceKey(service, family, key, attrs))) for region in regions)
            # The shipped book has no prices of databases that are optimized for I/O.
            assert found_there or "I/O-optimized" in attrs, (key, attrs)


def test_what_is_billed_by_a_class_or_a_node_is_found_under_it(tmp_path: Path) -> None:
    """Usage types of documents and graphs name the class, products of a warehouse the type of node."""
    plain, optimized = "EU-InstanceUsage:db.r6g.large", "EU-InstanceUsageIOOptimized:db.r6g.large"
    documents = [{"usageType": kind, "PricePerUnit": "0.3"} for kind in (plain, optimized, "EU-MigrationUsage")]
    kinds = ("Compute Instance", "Redshift Managed Storage", "Redshift Data Scan")
    nodes = [{"Product Family": kind, "Instance Type": "ra3.large", "PricePerUnit": "0.6"} for kind in kinds]
    classes = [
        ("Database Instance", "db.r6g.large", "", "0.3"),
        ("Database Instance", "db.r6g.large", "storage=I/O-optimized", "0.3"),
    ]
    assert rows(tmp_path, "AmazonDocDB", *documents) == rows(tmp_path, "AmazonNeptune", *documents) == classes
    assert rows(tmp_path, "AmazonRedshift", *nodes) == [(kind, "ra3.large", "", "0.6") for kind in kinds[:2]]


def test_every_usage_type_leads_to_a_price_that_somebody_asks_for() -> None:
    """A price is in the book, or a builder wants it: a key that nobody asks for would be fetched in vain."""
    held = {(row[0], row[2], row[3]) for row in shipped().rows()}
    known = {(service, place.family, place.key) for (service, _), place in offer_rules._usage_types().items()}
    asked = "".join(pair.read_text() for pair in (Path(__file__).parent / "pairs").glob("*.json"))
    assert [place for place in sorted(known - held) if "/".join(place) not in asked] == []
    assert {"AmazonEC2", "AmazonRDS", "AWSELB", "awskms"} <= set(offer_rules.services())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>no</html>",
        price_list("AmazonRDS", MACHINE),
        price_list("AmazonEC2", MACHINE, columns=[name for name in COLUMNS if name != "PricePerUnit"]),
        price_list("AmazonEC2", MACHINE)[:-200],
    ],
)
def test_something_else_than_the_list_is_refused(text: str, tmp_path: Path) -> None:
    """A page of a proxy, another service, columns that are gone, a file that is cut off."""
    (tmp_path / "list.csv").write_text(text)
    with pytest.raises(ToolFailed) as caught:
        offer_rules.rows(offers.OfferFile.open(tmp_path / "list.csv", "AmazonEC2"), "eu-west-1")
    assert caught.value.code == "price-list-invalid"


@pytest.mark.parametrize("content", [b"\x1f\x8b\x08\x00\xff", price_list("AmazonEC2", MACHINE).encode() + b"\xff\n"])
def test_bytes_that_are_no_text_are_refused(content: bytes, tmp_path: Path) -> None:
    """A page that came compressed, or is damaged in the middle."""
    (tmp_path / "list.csv").write_bytes(content)
    with pytest.raises(ToolFailed) as caught:
        offer_rules.rows(offers.OfferFile.open(tmp_path / "list.csv", "AmazonEC2"), "eu-west-1")
    assert caught.value.code == "price-list-invalid"


def test_a_list_that_is_cut_off_anywhere_gives_no_wrong_price(tmp_path: Path) -> None:
    """It is refused, but around the last cell of a line: then what came is what the whole list says."""
    whole = price_list("AmazonEC2", *(machine(number, f"{number + 1}.25") for number in range(3)))
    path = tmp_path / "list.csv"
    path.write_text(whole, newline="")
    there = offer_rules.rows(offers.OfferFile.open(path, "AmazonEC2"), "eu-west-1")
    refused = 0
    for length in range(whole.index(COLUMNS[-1]), len(whole)):
        path.write_text(whole[:length], newline="")
        try:
            found = offer_rules.rows(offers.OfferFile.open(path, "AmazonEC2"), "eu-west-1")
        except ToolFailed:
            refused += 1
        else:
            assert found == there[: len(found)]
            assert whole[length - 1] in '",\r\n', "but before or after its last cell"
    assert refused > 700


def test_a_list_of_realistic_size_is_read_a_line_at_a_time(tmp_path: Path) -> None:
    """Ten times the lines take no more memory: most of a list is of products that the book does not have."""

    def peak(lines: int) -> int:
        path = tmp_path / f"{lines}.csv"
        head, first = price_list("AmazonEC2", MACHINE).rsplit("\r\n", 2)[:2]
        other = first.replace('"Used"', '"AllocatedCapacityReservation"')
        with path.open("w", newline="") as file:
            file.write(f"{head}\r\n{first}\r\n")
            for _ in range(lines):
                file.write(f"{other}\r\n")
        tracemalloc.start()
        try:
            assert len(offer_rules.rows(offers.OfferFile.open(path, "AmazonEC2"), "eu-west-1")) == 1
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            path.unlink()

    few, many = peak(2_000), peak(20_000)
    assert many < few + 100_000
    assert many < 2_000_000


class Lists:
    """A web server of price lists; remembers what was asked of it."""

    def __init__(self, **lists: str) -> None:
        self.lists = lists
        self.asked: list[str] = []
        self.regions = ("eu-west-1",)

    def __call__(self, url: str, target: Path) -> None:
        """Bring it, or fail as a download does."""
        self.asked.append(url)
        service = url.split("/")[6]
        if url.endswith("region_index.json"):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(index(service, *self.regions))
        elif service in self.lists:
            target.write_text(self.lists[service])
        else:
            raise Unavailable("download-failed", f"no {url}", next_step="Try again.")


def fetch(tmp_path: Path, lists: Lists, known: Any = None, **more: Any) -> list[Fetched]:
    """Refresh a service in a region."""
    given = {"regions": ["eu-west-1"], "services": ["AmazonEC2"], "host": HOST, **more}
    return refresh(tmp_path / "home/prices.sqlite", known or {}, tmp_path / "work", lists, **given)


def machine(number: int, usd: str = "1", **more: str) -> dict[str, str]:
    """One of many."""
    return {**MACHINE, "Instance Type": f"m{number}.large", "PricePerUnit": usd, **more}


def price_of(tmp_path: Path, number: int = 0) -> str | None:
    """What the fetched shelf says of one of them."""
    key = PriceKey("AmazonEC2", "Compute Instance", f"m{number}.large", "os=Linux;tenancy=Shared")
    found = Shelf(tmp_path / "home/prices.sqlite").get(("eu-west-1", key))
    return str(found.usd) if found else None


def test_lists_are_fetched_by_their_version(tmp_path: Path) -> None:
    """The index says which; nothing is left in the working folder, and the shelf says where prices are from."""
    lists = Lists(AmazonEC2=price_list("AmazonEC2", machine(0)))
    assert fetch(tmp_path, lists) == [Fetched("AmazonEC2", "eu-west-1", 1, 0, "2026-11-27", VERSION)]
    assert lists.asked == [
        f"{HOST}/offers/v1.0/aws/AmazonEC2/current/region_index.json",
        f"{HOST}/offers/v1.0/aws/AmazonEC2/{VERSION}/eu-west-1/index.csv",
    ]
    assert [path.suffix for path in (tmp_path / "work").iterdir()] == [".json"]
    shelf = Shelf(tmp_path / "home/prices.sqlite")
    assert shelf.sources == {"aws-price-list": "AWS price list bulk files"}
    assert shelf.newest == "2026-11-27"


def test_what_was_fetched_before_of_others_stays(tmp_path: Path) -> None:
    """Another service, another region; a region without the service is passed over."""
    lists = Lists(
        AmazonEC2=price_list("AmazonEC2", machine(0)),
        awskms=price_list("awskms", {"usageType": "KMS-Keys", "PricePerUnit": "1"}),
    )
    fetch(tmp_path, lists)
    assert len(fetch(tmp_path, lists, services=["awskms"], regions=["eu-west-1"])) == 1
    lists.lists["AmazonEC2"] = price_list("AmazonEC2", machine(0, "1.5"))
    assert fetch(tmp_path, lists)[0].changed == 1
    assert price_of(tmp_path) == "1.5"
    assert [row[:3] for row in Shelf(tmp_path / "home/prices.sqlite").counts()] == [
        ("AmazonEC2", "eu-west-1", 1), ("awskms", "eu-west-1", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "now",
    [
        [machine(number) for number in range(9)],
        [],
        [machine(number, "2.01" if number < 3 else "1") for number in range(20)],
        [machine(number, "0.49" if number < 3 else "1") for number in range(20)],
        [machine(number, Unit="Hours") for number in range(20)],
        [machine(number, "20.1" if number == 0 else "1") for number in range(20)],
    ],
    ids=["half is missing", "nothing is left", "dearer", "cheaper", "another unit", "one so dear"],
)
def test_a_list_that_looks_wrong_changes_nothing(now: list[dict[str, str]], tmp_path: Path) -> None:
    """The old shelf stays, unless somebody says that it is right."""
    fetch(tmp_path, Lists(AmazonEC2=price_list("AmazonEC2", *(machine(number) for number in range(20)))))
    lists = Lists(AmazonEC2=price_list("AmazonEC2", *now))
    with pytest.raises(Invalid) as caught:
        fetch(tmp_path, lists)
    assert caught.value.code == "prices-implausible"
    assert "AmazonEC2 in eu-west-1" in caught.value.message
    assert price_of(tmp_path) == "1"
    assert fetch(tmp_path, lists, accept=True)[0].prices == len(now)


def test_a_few_prices_may_jump(tmp_path: Path) -> None:
    """That is what price lists do; what is compared at first is the shipped book."""
    key = PriceKey("AmazonEC2", "Compute Instance", "m0.large", "os=Linux;tenancy=Shared")
    known = {("eu-west-1", key): Price(Decimal("1.9"), "Hrs", "s", "2025", "list")}
    lists = Lists(AmazonEC2=price_list("AmazonEC2", *(machine(number) for number in range(20))))
    assert fetch(tmp_path, lists, known)[0].changed == 1
    lists.lists["AmazonEC2"] = price_list(
        "AmazonEC2", *(machine(number, "9" if number < 2 else "1") for number in range(20))
    )
    assert fetch(tmp_path, lists, known)[0].changed == 2


def test_one_price_that_jumps_is_not_taken_for_right_because_it_is_one(tmp_path: Path) -> None:
    """A list of a few prices is looked at as closely as one of many."""
    fetch(tmp_path, Lists(AmazonEC2=price_list("AmazonEC2", machine(0))))
    with pytest.raises(Invalid, match="1 of 1 prices jump"):
        fetch(tmp_path, Lists(AmazonEC2=price_list("AmazonEC2", machine(0, "2.01"))))
    assert price_of(tmp_path) == "1"


@pytest.mark.parametrize("usd", ["1e999", "-1", "1000000001"])
def test_a_price_that_can_be_none_is_refused(tmp_path: Path, usd: str) -> None:
    """In a list, with its text; and in a shelf that somebody made of one before."""
    with pytest.raises(ToolFailed, match="a price is") as caught:
        fetch(tmp_path, Lists(AmazonEC2=price_list("AmazonEC2", machine(0, usd))), accept=True)
    assert caught.value.code == "price-list-invalid"
    row = Row("AmazonEC2", "eu-west-1", "F", "k", "", "", "Hrs", usd, "s", "2026-11-27", "list")
    write_shelf(tmp_path / "odd.sqlite", [row], {"s": "somewhere"})
    with pytest.raises(Unavailable, match="the price of AmazonEC2 k in eu-west-1"):
        Shelf(tmp_path / "odd.sqlite").get(("eu-west-1", PriceKey("AmazonEC2", "F", "k")))


@pytest.mark.parametrize("day", ["2999-01-01", "9999-99-99", "yesterday"])
def test_a_list_of_a_day_that_has_not_come_is_refused(tmp_path: Path, day: str) -> None:
    """Its prices would be the newest for ever."""
    text = price_list("AmazonEC2", machine(0)).replace("2026-11-27T12:00:00Z", f"{day}T12:00:00Z")
    with pytest.raises(ToolFailed, match="a day that has not come"):
        fetch(tmp_path, Lists(AmazonEC2=text))


def test_a_region_that_no_list_names_is_refused(tmp_path: Path) -> None:
    """No shelf is made of nothing; the nearest region is told."""
    with pytest.raises(Invalid) as caught:
        fetch(tmp_path, Lists(), regions=["eu-wset-1"])
    assert (caught.value.code, caught.value.next_step) == ("prices-region-unknown", "Did you mean eu-west-1?")
    assert not (tmp_path / "home/prices.sqlite").exists()


def test_a_damaged_shelf_is_made_anew(tmp_path: Path) -> None:
    """What repairs it is not stopped by it."""
    shelf = tmp_path / "home/prices.sqlite"
    shelf.parent.mkdir()
    shelf.write_bytes(b"no database")
    fetch(tmp_path, Lists(AmazonEC2=price_list("AmazonEC2", machine(0))))
    assert price_of(tmp_path) == "1"


def test_a_failed_download_changes_nothing(tmp_path: Path) -> None:
    """Also where other lists had come before it."""
    fetch(tmp_path, Lists(AmazonEC2=price_list("AmazonEC2", machine(0))))
    lists = Lists(AmazonEC2=price_list("AmazonEC2", machine(0, "1.1")))
    with pytest.raises(Unavailable):
        fetch(tmp_path, lists, services=["AmazonEC2", "AmazonRDS"])
    assert price_of(tmp_path) == "1"


def test_a_broken_list_changes_nothing_and_is_not_kept(tmp_path: Path) -> None:
    """Else the next call would go on from it."""
    fetch(tmp_path, Lists(AmazonEC2=price_list("AmazonEC2", machine(0))))
    with pytest.raises(ToolFailed):
        fetch(tmp_path, Lists(AmazonEC2=price_list("AmazonEC2", machine(0, "1.1"), machine(1))[:-40]))
    assert price_of(tmp_path) == "1"
    assert [path.suffix for path in (tmp_path / "work").iterdir()] == [".json"]


def test_a_service_that_a_region_lost_keeps_its_prices(tmp_path: Path) -> None:
    """The index names it no more: nothing is fetched of it, and what was fetched stays."""
    fetch(tmp_path, Lists(AmazonEC2=price_list("AmazonEC2", machine(0))))
    lists = Lists(AmazonEC2=price_list("AmazonEC2", machine(0, "1.1")))
    lists.regions = ("eu-west-3",)
    assert fetch(tmp_path, lists) == []
    assert price_of(tmp_path) == "1"


def test_prices_are_fetched_by_one_at_a_time(tmp_path: Path) -> None:
    """And only of services that Gaia knows."""
    with exclusive(tmp_path / "home/prices.sqlite.lock"), pytest.raises(Conflict) as caught:
        fetch(tmp_path, Lists())
    assert caught.value.code == "prices-refreshing"
    with pytest.raises(Invalid) as unknown:
        fetch(tmp_path, Lists(), services=["AmazonChime"])
    assert unknown.value.code == "prices-service-unknown"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"regions": {"eu-west-1": {}}}', '{"regions": [1]}'])
def test_an_index_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    """A page of a proxy."""
    (tmp_path / "index.json").write_text(text)
    with pytest.raises(ToolFailed) as caught:
        offers.lists(tmp_path / "index.json", HOST)
    assert caught.value.code == "price-list-invalid"
