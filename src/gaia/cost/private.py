"""The user's own prices and discounts, in a YAML file besides the book:

    prices:
    - {service: AmazonS3, region: us-east-1, family: Storage, key: standard-first-50TB, unit: GB-Mo, usd: "0.021"}
    discounts:
    - {service: AmazonEC2, family: Compute Instance, key: "m5.*", percent: 12, until: 2027-06-30}

A price is exact; of several discounts that fit, the first counts. `*` stands for anything. What fits no product of the
book and has been asked for by no line is told with the estimate: it would do nothing without a word.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from gaia.cost.model import DEAREST, Price, PriceKey, attributes_text
from gaia.errors import Invalid
from gaia.kit.scalars import Date

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.cost.shelf import Shelf

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
    label: str = ""
    """How the file's reader finds it: `discounts[0]`."""

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
    labels: Mapping[tuple[str, PriceKey], str] = field(default_factory=dict)
    """Of each price: `prices[0]`."""
    strange: dict[object, str] = field(default_factory=dict)
    """Prices and discounts that fit nothing yet, with how they are called."""

    @classmethod
    def read(cls, content: object, place: str, today: date) -> Private:
        """The content of the file at `place`; discounts whose day has passed are left out.

        Raises:
            Invalid: `prices-invalid`.
        """
        listed = content if isinstance(content, dict) else {"": content}
        prices, labels = {}, {}
        for number, item in _listed(listed, "prices", _PRICE, place):
            key = PriceKey(str(item["service"]), str(item["family"]), str(item["key"]), _attrs(item, place))
            usd = _number(item.get("usd"), f"prices[{number}].usd", place)
            as_of = _as_of(item.get("as_of", today.isoformat()), f"prices[{number}].as_of", place, today)
            prices[str(item["region"]), key] = Price(usd, str(item["unit"]), SOURCE, as_of, SOURCE)
            labels[str(item["region"]), key] = f"prices[{number}]"
        discounts = []
        for number, item in _listed(listed, "discounts", _DISCOUNT, place):
            percent = _number(item.get("percent"), f"discounts[{number}].percent", place)
            patterns = {name: str(item[name]) for name in ("service", "region", "family", "key") if name in item}
            if percent > _HUNDRED:
                raise _wrong(f"discounts[{number}].percent is more than 100", place)
            if _until(item.get("until"), f"discounts[{number}].until", place) >= today:
                discounts.append(Discount(percent, **patterns, label=f"discounts[{number}]"))
        odd = set(listed) - {"prices", "discounts"}
        if odd:
            raise _wrong(f"it says more than prices and discounts: {', '.join(sorted(map(str, odd)))}", place)
        return cls(prices, tuple(discounts), place, labels)

    def hold_against(self, shelves: Sequence[Shelf]) -> None:
        """Find what fits no product of these.

        Raises:
            Invalid: `prices-invalid` where the unit of a price is another than the book's.
        """
        waiting = [*self.prices, *self.discounts]
        if not waiting:
            return
        units: dict[PriceKey, str] = {}
        known: set[tuple[str, PriceKey]] = set()
        for service, family, key, attrs, unit, region in (row for shelf in shelves for row in shelf.products()):
            product = PriceKey(service, family, key, attrs)
            units[product] = unit
            known.add((region, product))
        for (region, product), price in self.prices.items():
            label = self.labels.get((region, product), "")
            if (unit := units.get(product, price.unit)).casefold() != price.unit.casefold():
                raise _wrong(f"{label}.unit is {price.unit}, and the book has this product by {unit}", self.place)
            if product not in units or region not in {one for one, _ in known}:
                self.strange[region, product] = label
        for discount in self.discounts:
            if not any(discount.fits(*one) for one in known):
                self.strange[discount] = discount.label

    def price(self, region: str, key: PriceKey) -> Price | None:
        """The user's own price."""
        found = self.prices.get((region, key))
        if found:
            self.strange.pop((region, key), None)
        return found

    def for_nothing(self) -> tuple[str, ...]:
        """What has changed no price and cannot: `prices[0] of own.yml`."""
        return tuple(f"{label} of {self.place}" for label in self.strange.values())

    def discounted(self, region: str, key: PriceKey, price: Price) -> Price:
        """A price of the book as the user pays it."""
        for discount in self.discounts:
            if discount.fits(region, key):
                self.strange.pop(discount, None)
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
    if not number.is_finite() or not 0 <= number <= DEAREST:
        raise _wrong(f"{name} is {value!r}, not a number that is not negative", place)
    return number


def _as_of(value: object, name: str, place: str, today: date) -> str:
    text = _written(value)
    age = days_old(text, today)
    if age is None or age < 0:
        raise _wrong(f"{name} is {text!r}, not a day such as 2026-06-30 that has come", place)
    return text


def _written(value: object) -> str:
    """A day as it is written: unquoted ones are no texts."""
    return value.text[:10] if isinstance(value, Date) else str(value)


def days_old(as_of: str, today: date) -> int | None:
    """The age of a price of `2026`, `2026-08` or `2026-08-31`, at most: a month counts from its first day."""
    try:
        parts = [int(part) for part in as_of.split("-")]
        return (today - date(*[*parts, 1, 1][:3])).days
    except (ValueError, TypeError):
        return None


def _until(value: object, name: str, place: str) -> date:
    if value is None:
        return date.max
    try:
        return date.fromisoformat(_written(value))
    except ValueError as error:
        raise _wrong(f"{name} is {value!r}, not a day such as 2027-06-30", place) from error


def _wrong(why: str, place: str) -> Invalid:
    return Invalid(
        "prices-invalid",
        f"{place}: {why}",
        next_step="Give `prices` with service, region, family, key, unit and usd, and `discounts` with percent.",
    )
