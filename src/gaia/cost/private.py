"""The user's own prices and discounts, in a YAML file besides the book:

    prices:
    - {service: AmazonS3, region: us-east-1, family: Storage, key: standard-first-50TB, unit: GB-Mo, usd: "0.021"}
    discounts:
    - {service: AmazonEC2, family: Compute Instance, key: "m5.*", percent: 12, until: 2027-06-30}

A price is exact; of several discounts that fit, the first counts. `*` stands for anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from gaia.cost.model import Price, PriceKey, attributes_text
from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = "private"
_HUNDRED = Decimal(100)
_PRICE = {"service", "region", "family", "key", "attrs", "unit", "usd", "as_of"}
_DISCOUNT = {"service", "region", "family", "key", "percent", "until"}


@dataclass(frozen=True, slots=True)
class Discount:
    """So many percent off the prices that fit all patterns."""

    percent: Decimal
    service: str = "*"
    region: str = "*"
    family: str = "*"
    key: str = "*"

    def fits(self, region: str, key: PriceKey) -> bool:
        """Whether this price falls under it."""
        pairs = ((region, self.region), (key.service, self.service), (key.family, self.family), (key.key, self.key))
        return all(fnmatchcase(value, pattern) for value, pattern in pairs)


@dataclass(frozen=True)
class Private:
    """Own prices and discounts; none by default."""

    prices: Mapping[tuple[str, PriceKey], Price] = field(default_factory=dict)
    discounts: tuple[Discount, ...] = ()
    place: str = ""

    @classmethod
    def read(cls, content: object, place: str, today: date) -> Private:
        """The content of the file at `place`; discounts whose day has passed are left out.

        Raises:
            Invalid: `prices-invalid`.
        """
        listed = content if isinstance(content, dict) else {"": content}
        prices = {}
        for number, item in _listed(listed, "prices", _PRICE, place):
            key = PriceKey(str(item["service"]), str(item["family"]), str(item["key"]), _attrs(item, place))
            usd = _number(item.get("usd"), f"prices[{number}].usd", place)
            as_of = str(item.get("as_of", today.isoformat()))
            prices[str(item["region"]), key] = Price(usd, str(item["unit"]), SOURCE, as_of, SOURCE)
        discounts = []
        for number, item in _listed(listed, "discounts", _DISCOUNT, place):
            percent = _number(item.get("percent"), f"discounts[{number}].percent", place)
            patterns = {name: str(item[name]) for name in ("service", "region", "family", "key") if name in item}
            if percent > _HUNDRED:
                raise _wrong(f"discounts[{number}].percent is more than 100", place)
            if _until(item.get("until"), f"discounts[{number}].until", place) >= today:
                discounts.append(Discount(percent, **patterns))
        odd = set(listed) - {"prices", "discounts"}
        if odd:
            raise _wrong(f"it says more than prices and discounts: {', '.join(sorted(map(str, odd)))}", place)
        return cls(prices, tuple(discounts), place)

    def price(self, region: str, key: PriceKey) -> Price | None:
        """The user's own price."""
        return self.prices.get((region, key))

    def discounted(self, region: str, key: PriceKey, price: Price) -> Price:
        """A price of the book as the user pays it."""
        for discount in self.discounts:
            if discount.fits(region, key):
                return replace(price, usd=price.usd * (_HUNDRED - discount.percent) / _HUNDRED, method="discounted")
        return price

    def sources(self) -> dict[str, str]:
        """As of a book: where these are from."""
        return {SOURCE: self.place} if self.place else {}


def _listed(content: dict[Any, Any], name: str, known: set[str], place: str) -> list[tuple[int, dict[str, Any]]]:
    items = [] if content.get(name) is None else content[name]
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _wrong(f"{name} is not a list of maps", place)
    needed = {"service", "region", "family", "key", "unit", "usd"} if name == "prices" else {"percent"}
    for number, item in enumerate(items):
        if set(item) - known or needed - set(item):
            odd = sorted({*map(str, set(item) - known), *(needed - set(item))})
            raise _wrong(f"{name}[{number}] has more, or less, than it takes: {', '.join(odd)}", place)
    return list(enumerate(items))


def _attrs(item: Mapping[str, Any], place: str) -> str:
    attrs = item.get("attrs") or {}
    if not isinstance(attrs, dict):
        raise _wrong("attrs of a price is not a map", place)
    return attributes_text({str(name): str(value) for name, value in attrs.items()})


def _number(value: object, name: str, place: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise _wrong(f"{name} is {value!r}, not a number that is not negative", place)
    return number


def _until(value: object, name: str, place: str) -> date:
    if value is None:
        return date.max
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise _wrong(f"{name} is {value!r}, not a day such as 2027-06-30", place) from error


def _wrong(why: str, place: str) -> Invalid:
    return Invalid(
        "prices-invalid",
        f"{place}: {why}",
        next_step="Give `prices` with service, region, family, key, unit and usd, and `discounts` with percent.",
    )
