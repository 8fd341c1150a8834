"""gomplate's `data` and `time`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final

from gaia.errors import Invalid
from gaia.golang import goyaml
from gaia.golang.gotemplate.gomplate.convert import integer, text
from gaia.golang.gotemplate.sprig import dates, encoding, layouts
from gaia.golang.gotemplate.values import Failure, type_name
from gaia.kit import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _parsed(value: object) -> object:
    """A YAML (or JSON) document."""
    try:
        return yaml.parse(text(value).encode("utf-8", "replace"), "data").value
    except Invalid as error:
        raise Failure(f"Unable to unmarshal object {text(value)}: {error.message}") from None


def parse_map(value: object) -> dict[str, object]:
    """`data.JSON text`, `data.YAML text`: a map.

    Raises:
        Failure: it is none.
    """
    parsed = _parsed(value)
    if isinstance(parsed, dict):
        return parsed
    if parsed is None:
        return {}
    raise Failure(f"Unable to unmarshal object {text(value)}: a map was expected, not {type_name(parsed)}")


def parse_list(value: object) -> list[object]:
    """`data.JSONArray text`, `data.YAMLArray text`: a list.

    Raises:
        Failure: it is none.
    """
    parsed = _parsed(value)
    if isinstance(parsed, list):
        return parsed
    raise Failure(f"Unable to unmarshal array {text(value)}: a list was expected, not {type_name(parsed)}")


def parse_toml(value: object) -> object:
    """`data.TOML text`

    Raises:
        Failure: it is none.
    """
    import tomllib

    try:
        return _dated(tomllib.loads(text(value)))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Failure(f"Unable to unmarshal object: {error}") from None


def _dated(value: object) -> object:
    """`value` with dates and times as what Go makes of them."""
    if isinstance(value, dict):
        return {key: _dated(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_dated(inner) for inner in value]
    if isinstance(value, datetime):
        return dates.Time(value if value.tzinfo else value.replace(tzinfo=UTC))
    return value.isoformat() if isinstance(value, (date, time)) else value


def to_json(value: object) -> str:
    """`data.ToJSON value`"""
    return encoding.codec_json(value)


def to_json_pretty(indent: str, value: object) -> str:
    """`data.ToJSONPretty indent value`"""
    return encoding.codec_json(value, indent)


def to_yaml(value: object) -> str:
    """`data.ToYAML value`, with the newline at its end."""
    return goyaml.dump(value)


def parse_time(layout: str, value: object) -> dates.Time:
    """`time.Parse layout text`"""
    return dates.must_to_date(layout, text(value))


def parse_in_location(layout: str, location: str, value: object) -> dates.Time:
    """`time.ParseInLocation layout zone text`"""
    try:
        return dates.Time(*layouts.read(layout, text(value), dates.zone_of(location)))
    except (ValueError, OverflowError) as error:
        raise Failure(str(error)) from None


def unix(value: object) -> dates.Time:
    """`time.Unix seconds`: an int, or a text with up to nine decimals.

    Raises:
        Failure: it is no number.
    """
    if isinstance(value, float):
        raise Failure("can not parse floating point number - use a string instead")
    whole, _, fraction = text(value).partition(".") if value is not None else ("0", "", "")
    if not whole.lstrip("-").isdecimal() or (fraction and not fraction.isdecimal()) or len(whole) > 18:
        raise Failure(f"can not parse '{text(value)}' as a number")
    return dates.from_unix(int(whole)).plus(dates.Duration(int(fraction[:9].ljust(9, "0"))))


def _unit(nanoseconds: int) -> Callable[..., object]:
    def duration(value: object) -> dates.Duration:
        return dates.Duration(integer(value) * nanoseconds)

    return duration


def parse_duration(value: object) -> dates.Duration:
    """`time.ParseDuration text`"""
    return dates.parse_duration(text(value))


def _since(value: object) -> dates.Duration:
    if not isinstance(value, dates.Time):
        raise Failure("wrong type for value; expected time.Time")
    return dates.now().minus(value)


def _until(value: object) -> dates.Duration:
    return dates.Duration(-_since(value).number)


_LAYOUTS: Final = {
    "ANSIC": "Mon Jan _2 15:04:05 2006", "UnixDate": "Mon Jan _2 15:04:05 MST 2006",
    "RubyDate": "Mon Jan 02 15:04:05 -0700 2006", "RFC822": "02 Jan 06 15:04 MST", "RFC822Z": "02 Jan 06 15:04 -0700",
    "RFC850": "Monday, 02-Jan-06 15:04:05 MST", "RFC1123": "Mon, 02 Jan 2006 15:04:05 MST",
    "RFC1123Z": "Mon, 02 Jan 2006 15:04:05 -0700", "RFC3339": "2006-01-02T15:04:05Z07:00",
    "RFC3339Nano": "2006-01-02T15:04:05.999999999Z07:00", "Kitchen": "3:04PM", "Stamp": "Jan _2 15:04:05",
    "StampMilli": "Jan _2 15:04:05.000", "StampMicro": "Jan _2 15:04:05.000000",
    "StampNano": "Jan _2 15:04:05.000000000",
}  # fmt: skip


def _layout(layout: str) -> Callable[..., object]:
    return lambda: layout


NAMESPACES: Final[Mapping[str, Mapping[str, Callable[..., object]]]] = {
    "data": {
        "JSON": parse_map, "JSONArray": parse_list, "YAML": parse_map, "YAMLArray": parse_list, "TOML": parse_toml,
        "ToJSON": to_json, "ToJSONPretty": to_json_pretty, "ToYAML": to_yaml,
    },
    "time": {
        "Now": dates.now, "Parse": parse_time, "ParseLocal": parse_time, "ParseInLocation": parse_in_location,
        "Unix": unix, "ParseDuration": parse_duration, "Since": _since, "Until": _until,
        "Nanosecond": _unit(1), "Microsecond": _unit(1000), "Millisecond": _unit(10**6), "Second": _unit(dates.SECOND),
        "Minute": _unit(dates.MINUTE), "Hour": _unit(dates.HOUR), "ZoneName": lambda: "UTC", "ZoneOffset": lambda: 0,
        **{name: _layout(layout) for name, layout in _LAYOUTS.items()},
    },
}  # fmt: skip
ALIASES: Final[Mapping[str, Callable[..., object]]] = {
    "json": parse_map, "jsonArray": parse_list, "yaml": parse_map, "yamlArray": parse_list, "toml": parse_toml,
    "toJSON": to_json, "toJSONPretty": to_json_pretty, "toYAML": to_yaml,
}  # fmt: skip
