"""How Go writes a float."""

from __future__ import annotations


def float_text(value: float, verb: str = "g", precision: int = -1) -> str:
    """A float as `strconv.FormatFloat` writes it; precision -1 is the shortest text that reads back the same."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    if verb in "xX":
        return _hexadecimal(value) if verb == "x" else _hexadecimal(value).upper()
    if precision >= 0:
        return f"{value:.{precision}{verb}}"
    sign, digits, point = _shortest(value)
    exponent = point - 1
    if verb in "fF" or (verb in "gG" and -4 <= exponent < 6):
        return sign + _fixed(digits, point)
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{mantissa}{'E' if verb in 'EG' else 'e'}{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _hexadecimal(value: float) -> str:
    mantissa, _, exponent = value.hex().partition("p")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}p{exponent[0]}{exponent[1:].rjust(2, '0')}"


def _shortest(value: float) -> tuple[str, str, int]:
    """Sign, digits, and where the decimal point stands relative to the first digit."""
    text = repr(abs(value))
    sign = "-" if str(value).startswith("-") else ""
    mantissa, _, exponent = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = whole + fraction
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    stripped = stripped.rstrip("0")
    return (sign, stripped, point) if stripped else (sign, "0", 1)


def _fixed(digits: str, point: int) -> str:
    if point <= 0:
        return "0." + "0" * -point + digits
    if len(digits) <= point:
        return digits + "0" * (point - len(digits))
    return digits[:point] + "." + digits[point:]
