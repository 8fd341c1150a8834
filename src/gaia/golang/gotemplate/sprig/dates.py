"""sprig's functions on dates and durations. The local zone is UTC, on every machine."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.sprig import layouts
from gaia.golang.gotemplate.values import MISSING, Failure, Int64, Object, is_int, wrap64
from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SECOND: Final = 10**9
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
_UNITS: Final = {
    "ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 10**6, "s": SECOND, "m": MINUTE, "h": HOUR,
}  # fmt: skip
_PART: Final = re.compile(r"([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Duration(Object):
    """Go's time.Duration: nanoseconds."""

    number: int
    go_type = "time.Duration"

    def __str__(self) -> str:
        size = abs(self.number)
        sign = "-" if self.number < 0 else ""
        if not size:
            return "0s"
        for unit, name in ((1, "ns"), (1000, "µs"), (10**6, "ms")):
            if size < min(unit * 1000, SECOND):
                return f"{sign}{_decimal(size, unit)}{name}"
        hours, minutes = size // HOUR, size // MINUTE % 60
        text = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
        return f"{sign}{text}{_decimal(size % MINUTE, SECOND)}s"

    def member(self, name: str) -> object:
        """A method by its Go name."""
        methods: dict[str, Callable[..., object]] = {
            "String": lambda: str(self),
            "Hours": lambda: self.number / HOUR,
            "Minutes": lambda: self.number / MINUTE,
            "Seconds": lambda: self.number / SECOND,
            "Milliseconds": lambda: Int64(int(self.number / 10**6)),
            "Nanoseconds": lambda: Int64(self.number),
        }
        return methods.get(name, MISSING)

    def as_json(self) -> int:
        """Nanoseconds."""
        return self.number


def _decimal(size: int, unit: int) -> str:
    fraction = f"{size % unit:0{len(str(unit)) - 1}d}".rstrip("0") if unit > 1 else ""
    return f"{size // unit}.{fraction}" if fraction else str(size // unit)


def parse_duration(text: str) -> Duration:
    """`1h30m`, `1.5s`, `-2ms` …

    Raises:
        Failure: it is none.
    """
    body = text[1:] if text[:1] in ("+", "-") else text
    total = at = 0
    while at < len(body):
        match = _PART.match(body, at)
        if match is None or not (match[1] or match[2]) or len(match[1]) > 19:
            break
        unit = _UNITS[match[3]]
        total += int(match[1] or 0) * unit + int((match[2] or "0")[:18]) * unit // 10 ** len((match[2] or "0")[:18])
        at = match.end()
    if (not body or at < len(body) or total >= 2**63) and body != "0":
        raise Failure(f'time: invalid duration "{text}"')
    return Duration(-total if text[:1] == "-" else total)


@dataclass(frozen=True)
class Time(Object):
    """Go's time.Time."""

    moment: datetime
    nanos: int = 0
    go_type = "time.Time"

    def __str__(self) -> str:
        return layouts.write(self.moment, self.nanos, "2006-01-02 15:04:05.999999999 -0700 MST")

    @property
    def seconds(self) -> int:
        """Since 1970."""
        return int((self.moment - _EPOCH) // timedelta(seconds=1))

    def as_json(self) -> str:
        """RFC 3339."""
        return layouts.write(self.moment, self.nanos, "2006-01-02T15:04:05.999999999Z07:00")

    def plus(self, duration: Duration) -> Time:
        """This much later."""
        total = self.nanos + duration.number
        return Time(self.moment + timedelta(seconds=total // SECOND), total % SECOND)

    def minus(self, other: Time) -> Duration:
        """The time between the two."""
        return Duration((self.seconds - other.seconds) * SECOND + self.nanos - other.nanos)

    def member(self, name: str) -> object:
        """A method by its Go name."""
        moment = self.moment
        values: dict[str, object] = {
            "Year": moment.year, "Month": layouts.MONTHS[moment.month - 1], "Day": moment.day, "Hour": moment.hour,
            "Minute": moment.minute, "Second": moment.second, "Nanosecond": self.nanos,
            "Weekday": layouts.DAYS[moment.weekday()], "YearDay": moment.timetuple().tm_yday, "String": str(self),
            "Unix": Int64(self.seconds), "UnixNano": wrap64(self.seconds * SECOND + self.nanos),
            "UTC": Time(moment.astimezone(UTC), self.nanos), "IsZero": moment.year == 1 and moment == ZERO.moment,
        }  # fmt: skip
        if name in values:
            return lambda: values[name]
        methods: dict[str, Callable[..., object]] = {
            "Format": self._format,
            "Add": self._add,
            "Sub": self._sub,
            "Before": lambda other: _time(other).minus(self).number > 0,
            "After": lambda other: _time(other).minus(self).number < 0,
            "Equal": lambda other: _time(other).minus(self).number == 0,
        }
        return methods.get(name, MISSING)

    def _format(self, layout: str) -> str:
        return layouts.write(self.moment, self.nanos, layout)

    def _add(self, duration: object) -> Time:
        number = duration.number if isinstance(duration, Duration) else duration
        if not isinstance(number, int):
            raise Failure("wrong type for value; expected time.Duration")
        return self.plus(Duration(int(number)))

    def _sub(self, other: object) -> Duration:
        return self.minus(_time(other))


ZERO: Final = Time(datetime(1, 1, 1, tzinfo=UTC))


def _time(value: object) -> Time:
    if isinstance(value, Time):
        return value
    raise Failure("wrong type for value; expected time.Time")


def now() -> Time:
    """The current time, in UTC."""
    moment = clock.now()
    return Time(moment.replace(microsecond=0), moment.microsecond * 1000)


def from_unix(seconds: int) -> Time:
    """The time so many seconds after 1970.

    Raises:
        Failure: it is out of this era.
    """
    try:
        return Time(_EPOCH + timedelta(seconds=seconds))
    except OverflowError:
        raise Failure(f"the time {seconds} is out of range") from None


def zone_of(name: str) -> tzinfo:
    """The zone of that name; UTC for `Local`, for none and for an unknown one."""
    if name in ("", "Local", "UTC"):
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def _any_time(value: object) -> Time:
    if isinstance(value, Time):
        return value
    return from_unix(value) if isinstance(value, int) and is_int(value) else now()


def date_in_zone(layout: str, value: object, zone: str) -> str:
    """A time, or seconds since 1970, by a layout; the current time for anything else."""
    time = _any_time(value)
    return layouts.write(time.moment.astimezone(zone_of(zone)), time.nanos, layout)


def date(layout: str, value: object) -> str:
    """`date_in_zone` in UTC."""
    return date_in_zone(layout, value, "UTC")


def html_date(value: object) -> str:
    """year-month-day"""
    return date("2006-01-02", value)


def html_date_in_zone(value: object, zone: str) -> str:
    """year-month-day in a zone"""
    return date_in_zone("2006-01-02", value, zone)


def must_date_modify(change: str, value: object) -> Time:
    """A time, changed by a duration."""
    return _time(value).plus(parse_duration(change))


def date_modify(change: str, value: object) -> Time:
    """`must_date_modify`; the same time where the duration is none."""
    time = _time(value)
    try:
        return time.plus(parse_duration(change))
    except Failure:
        return time


def must_to_date(layout: str, text: str) -> Time:
    """The time that a text shows by a layout.

    Raises:
        Failure: it shows none.
    """
    try:
        return Time(*layouts.read(layout, text, UTC))
    except (ValueError, OverflowError) as error:
        raise Failure(str(error)) from None


def to_date(layout: str, text: str) -> Time:
    """`must_to_date`; the zero time where the text shows none."""
    try:
        return must_to_date(layout, text)
    except Failure:
        return ZERO


def unix_epoch(value: object) -> str:
    """Seconds since 1970, as a text."""
    return str(_time(value).seconds)


def ago(value: object) -> str:
    """The time since then, to the second."""
    seconds = (now().minus(_any_time(value)).number + SECOND // 2) // SECOND
    return str(Duration(seconds * SECOND))


def duration(seconds: object) -> str:
    """So many seconds (an int64 or a text) as a duration."""
    if isinstance(seconds, str):
        digits = seconds[1:] if seconds[:1] in ("+", "-") else seconds
        number = int(seconds) if digits.isascii() and digits.isdecimal() and len(digits) < 40 else 0
    else:
        number = int(seconds) if isinstance(seconds, Int64) else 0
    return str(Duration(int(wrap64(min(max(number, -(2**63)), 2**63 - 1) * SECOND))))


def duration_round(value: object) -> str:
    """A duration's largest unit only."""
    length = Duration(0)
    if isinstance(value, str):
        with contextlib.suppress(Failure):
            length = parse_duration(value)
    elif isinstance(value, Int64):
        length = Duration(int(value))
    elif isinstance(value, Time):
        length = now().minus(value)
    size = abs(length.number)
    for unit, name in (
        (8760 * HOUR, "y"),
        (720 * HOUR, "mo"),
        (24 * HOUR, "d"),
        (HOUR, "h"),
        (MINUTE, "m"),
        (SECOND, "s"),
    ):
        if size > unit:
            return f"{size // unit}{name}"
    return "0s"


FUNCTIONS: Final[Mapping[str, Callable[..., object]]] = {
    "now": now, "date": date, "dateInZone": date_in_zone, "date_in_zone": date_in_zone, "htmlDate": html_date,
    "htmlDateInZone": html_date_in_zone, "dateModify": date_modify, "date_modify": date_modify,
    "mustDateModify": must_date_modify, "must_date_modify": must_date_modify, "toDate": to_date,
    "mustToDate": must_to_date, "unixEpoch": unix_epoch, "ago": ago, "duration": duration,
    "durationRound": duration_round,
}  # fmt: skip
