"""Go's layouts: dates are written and read by the example of Mon Jan 2 15:04:05 2006."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_CHUNK: Final = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|_2006|__2|_2|002|01|02|03|04|05|06|15|1|2|3|4|5|PM|pm"
    r"|Z070000|Z07:00:00|Z0700|Z07:00|Z07|-070000|-07:00:00|-0700|-07:00|-07|[.,](?:0+|9+)(?![0-9])"
)


def _offset(moment: datetime, chunk: str) -> str:
    seconds = int((moment.utcoffset() or timedelta()).total_seconds())
    if chunk[0] == "Z" and not seconds:
        return "Z"
    sign, seconds = ("-" if seconds < 0 else "+"), abs(seconds)
    parts = [f"{seconds // 3600:02d}", f"{seconds // 60 % 60:02d}", f"{seconds % 60:02d}"]
    count = 1 if chunk[1:] == "07" else 3 if len(chunk) > 6 else 2
    return sign + (":" if ":" in chunk else "").join(parts[:count])


def zone_name(moment: datetime) -> str:
    """The abbreviation of the zone, or its offset where it has none."""
    name = moment.tzname() or "UTC"
    return _offset(moment, "-0700") if name[:4] in ("UTC+", "UTC-") else name


def _written(moment: datetime, nanos: int, chunk: str) -> str:
    hour = moment.hour % 12 or 12
    simple = {
        "January": MONTHS[moment.month - 1], "Jan": MONTHS[moment.month - 1][:3], "01": f"{moment.month:02d}",
        "1": str(moment.month), "Monday": DAYS[moment.weekday()], "Mon": DAYS[moment.weekday()][:3],
        "2": str(moment.day), "_2": f"{moment.day:2d}", "02": f"{moment.day:02d}",
        "__2": f"{moment.timetuple().tm_yday:3d}", "002": f"{moment.timetuple().tm_yday:03d}",
        "15": f"{moment.hour:02d}", "3": str(hour), "03": f"{hour:02d}", "4": str(moment.minute),
        "04": f"{moment.minute:02d}", "5": str(moment.second), "05": f"{moment.second:02d}",
        "2006": f"{moment.year:04d}", "_2006": f"_{moment.year:04d}", "06": f"{moment.year % 100:02d}",
        "PM": "PM" if moment.hour >= 12 else "AM", "pm": "pm" if moment.hour >= 12 else "am",
        "MST": zone_name(moment),
    }  # fmt: skip
    if chunk in simple:
        return simple[chunk]
    if chunk[0] in "Z-":
        return _offset(moment, chunk)
    digits = f"{nanos:09d}".ljust(len(chunk) - 1, "0")[: len(chunk) - 1]
    if chunk[1] == "9":
        digits = digits.rstrip("0")
        return chunk[0] + digits if digits else ""
    return chunk[0] + digits


def write(moment: datetime, nanos: int, layout: str) -> str:
    """`moment` as the layout shows it."""
    return _CHUNK.sub(lambda match: _written(moment, nanos, match.group()), layout)


_NAMES: Final = {"January": MONTHS, "Jan": tuple(name[:3] for name in MONTHS), "Monday": DAYS,
                 "Mon": tuple(name[:3] for name in DAYS)}  # fmt: skip
_READ: Final = {
    "2006": ("year", "[0-9]{4}"), "06": ("short", "[0-9]{2}"), "01": ("month", "[0-9]{2}"),
    "1": ("month", "[0-9]{1,2}"),
    "02": ("day", "[0-9]{2}"), "2": ("day", "[0-9]{1,2}"), "_2": ("day", " ?[0-9]{1,2}"), "002": ("yday", "[0-9]{3}"),
    "__2": ("yday", " {0,2}[0-9]{1,3}"), "15": ("hour", "[0-9]{1,2}"), "03": ("twelve", "[0-9]{2}"),
    "3": ("twelve", "[0-9]{1,2}"), "04": ("minute", "[0-9]{2}"), "4": ("minute", "[0-9]{1,2}"),
    "05": ("second", "[0-9]{2}"), "5": ("second", "[0-9]{1,2}"), "PM": ("half", "AM|PM"), "pm": ("half", "am|pm"),
    "MST": ("zone", "[A-Z]{3,5}|[+-][0-9]{2,4}"),
}  # fmt: skip


def _pattern(layout: str) -> str:
    parts: list[str] = []
    used: set[str] = set()
    at = 0
    for match in _CHUNK.finditer(layout):
        parts.append(re.escape(layout[at : match.start()]).replace("\\ ", " +"))
        at = match.end()
        chunk = match.group()
        if chunk in _NAMES:
            name, body = ("named" if chunk[0] == "J" else "weekday"), "(?i:" + "|".join(_NAMES[chunk]) + ")"
        elif chunk == "_2006":
            parts.append("_")
            name, body = _READ["2006"]
        elif chunk in _READ:
            name, body = _READ[chunk]
        elif chunk[0] in "Z-":
            inner = "[+-][0-9]{2}" + {2: "", 4: "[0-9]{2}", 5: ":[0-9]{2}", 6: "[0-9]{4}"}.get(
                len(chunk) - 1, ":[0-9]{2}:[0-9]{2}"
            )
            name, body = "offset", f"Z|{inner}" if chunk[0] == "Z" else inner
        else:
            name, body = "fraction", f"[.,][0-9]{{{len(chunk) - 1}}}" if chunk[1] == "0" else "(?:[.,][0-9]+)?"
        parts.append(f"(?:{body})" if name in used else f"(?P<{name}>{body})")
        used.add(name)
        if name == "second" and not re.match("[.,](?:0+|9+)(?![0-9])", layout[at:]):
            parts.append("(?P<fraction>(?:[.,][0-9]+)?)")
            used.add("fraction")
    parts.append(re.escape(layout[at:]).replace("\\ ", " +"))
    return "".join(parts)


def read(layout: str, text: str, zone: tzinfo) -> tuple[datetime, int]:
    """The moment and its nanoseconds that `text` shows by the layout; `zone` counts where it names none.

    Raises:
        ValueError: it shows none.
    """
    match = re.fullmatch(_pattern(layout), text) if len(layout) <= 200 else None
    if match is None:
        raise ValueError(f'parsing time "{text}" as "{layout}": cannot parse')
    units = {name: value for name, value in match.groupdict().items() if value is not None}
    year = int(units["year"]) if "year" in units else _century(int(units["short"])) if "short" in units else 0
    month = int(units.get("month", 1))
    if "named" in units:
        month = [name[:3].lower() for name in MONTHS].index(units["named"][:3].lower()) + 1
    hour = int(units.get("hour", 0))
    if "twelve" in units:
        hour = int(units["twelve"])
        if hour > 12:
            raise ValueError(f'parsing time "{text}": hour out of range')
        afternoon = units.get("half", "").lower() == "pm"
        hour = hour + 12 if afternoon and hour < 12 else 0 if hour == 12 and "half" in units and not afternoon else hour
    nanos = int(units.get("fraction", "")[1:10].ljust(9, "0") or 0)
    moment = datetime(
        max(year, 1), month, int(units.get("day", 1)), hour, int(units.get("minute", 0)), int(units.get("second", 0)),
        tzinfo=_zone(units, zone),
    )  # fmt: skip
    if "yday" in units:
        moment = moment.replace(month=1, day=1) + timedelta(days=int(units["yday"]) - 1)
    return moment, nanos


def _century(short: int) -> int:
    return short + (1900 if short >= 69 else 2000)


def _zone(units: dict[str, str], zone: tzinfo) -> tzinfo:
    offset = units.get("offset")
    if offset is None:
        name = units.get("zone")
        return zone if name is None else UTC if name in ("UTC", "GMT") else timezone(timedelta(), name)
    if offset == "Z":
        return UTC
    digits = offset[1:].replace(":", "").ljust(6, "0")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]), seconds=int(digits[4:6]))
    shift = -shift if offset[0] == "-" else shift
    return timezone(shift) if shift else UTC
