"""sprig's arithmetic: on int64, wrapping around, and with an `f` on floats through decimal numbers."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.printing import sprint
from gaia.golang.gotemplate.sprig.convert import int64, integer, real
from gaia.golang.gotemplate.values import MAX_ITEMS, Failure, Int64, Ints, too_long, wrap64

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def add(*values: object) -> Int64:
    """The sum."""
    return wrap64(sum(map(integer, values)))


def add1(value: object) -> Int64:
    """One more."""
    return wrap64(integer(value) + 1)


def sub(left: object, right: object) -> Int64:
    """The difference."""
    return wrap64(integer(left) - integer(right))


def mul(first: object, *values: object) -> Int64:
    """The product."""
    result = integer(first)
    for value in values:
        result = int(wrap64(result * integer(value)))
    return wrap64(result)


def _quotient(left: int, right: int) -> int:
    if right == 0:
        raise Failure("runtime error: integer divide by zero")
    result = abs(left) // abs(right)
    return result if (left < 0) == (right < 0) else -result


def div(left: object, right: object) -> Int64:
    """The quotient, cut towards zero."""
    return wrap64(_quotient(integer(left), integer(right)))


def mod(left: object, right: object) -> Int64:
    """The remainder, with the sign of `left`."""
    dividend, divisor = integer(left), integer(right)
    return wrap64(dividend - divisor * _quotient(dividend, divisor))


def largest(first: object, *values: object) -> Int64:
    """`max`"""
    return int64(max(map(integer, (first, *values))))


def smallest(first: object, *values: object) -> Int64:
    """`min`"""
    return int64(min(map(integer, (first, *values))))


def maxf(first: object, *values: object) -> float:
    """The largest, as a float."""
    return max(map(real, (first, *values)))


def minf(first: object, *values: object) -> float:
    """The smallest, as a float."""
    return min(map(real, (first, *values)))


def _folded(values: tuple[object, ...], operation: Callable[[Decimal, Decimal], Decimal]) -> float:
    """The operation over the decimal numbers that the floats print as."""
    numbers = [real(value) for value in values]
    if not all(map(math.isfinite, numbers)):
        raise Failure("Cannot create a Decimal from NaN or an infinity")
    result = Decimal(repr(numbers[0]))
    for number in numbers[1:]:
        result = operation(result, Decimal(repr(number)))
    return float(result) if result else 0.0


def addf(*values: object) -> float:
    """The sum, as a float."""
    return _folded((0.0, *values), lambda left, right: left + right)


def add1f(value: object) -> float:
    """One more, as a float."""
    return _folded((value, 1), lambda left, right: left + right)


def subf(first: object, *values: object) -> float:
    """The difference, as a float."""
    return _folded((first, *values), lambda left, right: left - right)


def mulf(first: object, *values: object) -> float:
    """The product, as a float."""
    return _folded((first, *values), lambda left, right: left * right)


def divf(first: object, *values: object) -> float:
    """The quotient with 16 digits after the point, as a float."""
    return _folded((first, *values), _divided)


def _divided(left: Decimal, right: Decimal) -> Decimal:
    if not right:
        raise Failure("decimal division by 0")
    if abs((left / right).adjusted() if left else 0) > 400:
        return left / right
    return (left / right).quantize(Decimal("1e-16")) if abs(left / right) < 10**11 else left / right


def floor(value: object) -> float:
    """Down to the next whole number, as a float."""
    return _rounded(real(value), math.floor)


def ceil(value: object) -> float:
    """Up to the next whole number, as a float."""
    return _rounded(real(value), math.ceil)


def _rounded(value: float, how: Callable[[float], int]) -> float:
    return float(how(value)) if math.isfinite(value) else value


def round_(value: object, places: int, *on: float) -> float:
    """`round`: to so many decimals, up from .5 or from the given fraction on."""
    power = math.pow(10, places) if -300 < places < 300 else math.inf if places > 0 else 0.0
    digit = power * real(value)
    if not math.isfinite(digit) or not power:
        return math.nan
    fraction = math.modf(digit)[0]
    return (math.ceil(digit) if fraction >= (on[0] if on else 0.5) else math.floor(digit)) / power


def to_int(value: object) -> int:
    """`int`"""
    return integer(value)


def to_decimal(value: object) -> Int64:
    """A text of octal digits as a number."""
    try:
        digits = sprint((value,))
        return (
            Int64(int(digits, 8)) if digits.lstrip("+-").isalnum() and -(2**63) <= int(digits, 8) < 2**63 else Int64(0)
        )
    except ValueError:
        return Int64(0)


def atoi(text: str) -> int:
    """A text of decimal digits as a number; 0 for any other text."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 64):
        return 0
    return min(max(int(text), -(2**63)), 2**63 - 1)


def until(count: int) -> Ints:
    """0, 1 … up to before `count`."""
    return until_step(0, count, -1 if count < 0 else 1)


def until_step(start: int, stop: int, step: int) -> Ints:
    """From `start` in steps up to before `stop`."""
    if step == 0 or (stop < start) != (step < 0):
        return Ints()
    numbers = range(start, stop, step)
    if len(numbers) > MAX_ITEMS:
        raise too_long(f"more than {MAX_ITEMS:,} numbers")
    return Ints(numbers)


def seq(*bounds: int) -> str:
    """Like the shell's `seq`: the numbers as one text."""
    if not 0 < len(bounds) < 4:
        return ""
    start = 1 if len(bounds) == 1 else bounds[0]
    end = bounds[-1]
    step = bounds[1] if len(bounds) == 3 else 1 if end >= start else -1
    if len(bounds) == 3 and end < start and step > 0:
        return ""
    return " ".join(map(str, until_step(start, end + (1 if end >= start else -1), step)))


FUNCTIONS: Final[Mapping[str, Callable[..., object]]] = {
    "add": add, "add1": add1, "sub": sub, "mul": mul, "div": div, "mod": mod, "max": largest, "biggest": largest,
    "min": smallest, "maxf": maxf, "minf": minf, "addf": addf, "add1f": add1f, "subf": subf, "mulf": mulf,
    "divf": divf, "floor": floor, "ceil": ceil, "round": round_, "int": to_int, "int64": int64, "float64": real,
    "toDecimal": to_decimal, "atoi": atoi, "until": until, "untilStep": until_step, "seq": seq,
}  # fmt: skip
