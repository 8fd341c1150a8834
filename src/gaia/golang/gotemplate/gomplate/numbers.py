"""gomplate's `math`: on integers, unless one of the numbers is a float."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.gomplate.convert import integer, real
from gaia.golang.gotemplate.sprig.convert import parse_float, parse_integer, whole
from gaia.golang.gotemplate.sprig.numbers import mod
from gaia.golang.gotemplate.values import MAX_ITEMS, Failure, Int64, Int64s, is_int, too_long, wrap64

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def is_whole(value: object) -> bool:
    """`math.IsInt value`"""
    return is_int(value) or (isinstance(value, str) and parse_integer(value) is not None)


def is_float(value: object) -> bool:
    """`math.IsFloat value`"""
    if isinstance(value, str):
        return parse_float(value) is not None and parse_integer(value) is None
    return isinstance(value, float)


def is_num(value: object) -> bool:
    """`math.IsNum value`"""
    return is_whole(value) or is_float(value)


def absolute(value: object) -> object:
    """`math.Abs value`"""
    size = abs(real(value))
    return Int64(whole(size)) if is_whole(value) else size


def add(*numbers: object) -> object:
    """`math.Add value…`"""
    if any(map(is_float, numbers)):
        return sum(map(real, numbers), 0.0)
    return wrap64(sum(map(integer, numbers)))


def mul(*numbers: object) -> object:
    """`math.Mul value…`"""
    if any(map(is_float, numbers)):
        return math.prod(map(real, numbers), start=1.0)
    result = 1
    for number in numbers:
        result = int(wrap64(result * integer(number)))
    return Int64(result)


def sub(left: object, right: object) -> object:
    """`math.Sub left right`"""
    if is_float(left) or is_float(right):
        return real(left) - real(right)
    return wrap64(integer(left) - integer(right))


def div(left: object, right: object) -> object:
    """`math.Div left right`: always a float."""
    if real(right) == 0:
        raise Failure("error: division by 0")
    return real(left) / real(right)


def rem(left: object, right: object) -> object:
    """`math.Rem left right`"""
    return mod(integer(left), integer(right))


def power(left: object, right: object) -> object:
    """`math.Pow base exponent`"""
    try:
        result = math.pow(real(left), real(right))
    except OverflowError:
        result = math.inf
    except ValueError:
        result = math.nan
    return result if is_float(left) else Int64(whole(result))


def seq(*bounds: object) -> Int64s:
    """`math.Seq [start] end [step]`: both ends are in."""
    if not bounds:
        raise Failure("math.Seq must be given at least an 'end' value")
    start = 1 if len(bounds) == 1 else integer(bounds[0])
    end = integer(bounds[0] if len(bounds) == 1 else bounds[1]) if len(bounds) < 4 else 0
    step = integer(bounds[2]) if len(bounds) == 3 else 1
    if len(bounds) > 3:
        start, end = 1, 0
    if not step:
        return Int64s()
    step = abs(step) if end > start else -abs(step) if end < start else step
    numbers = range(start, end + (1 if step > 0 else -1), step)
    if len(numbers) > MAX_ITEMS:
        raise too_long(f"more than {MAX_ITEMS:,} numbers")
    return Int64s(map(Int64, numbers))


def _extreme(numbers: tuple[object, ...], choose: Callable[..., float]) -> object:
    if any(map(is_float, numbers)):
        return choose(map(real, numbers))
    return Int64(choose(map(integer, numbers)))


def largest(first: object, *numbers: object) -> object:
    """`math.Max value…`"""
    return _extreme((first, *numbers), max)


def smallest(first: object, *numbers: object) -> object:
    """`math.Min value…`"""
    return _extreme((first, *numbers), min)


def _rounded(value: object, how: Callable[[float], float]) -> float:
    number = real(value)
    return float(how(number)) if math.isfinite(number) else number


def ceil(value: object) -> float:
    """`math.Ceil value`"""
    return _rounded(value, math.ceil)


def floor(value: object) -> float:
    """`math.Floor value`"""
    return _rounded(value, math.floor)


def round_(value: object) -> float:
    """`math.Round value`: halves away from zero."""
    return _rounded(value, lambda number: math.copysign(math.floor(abs(number) + 0.5), number))


NAMESPACES: Final[Mapping[str, Mapping[str, Callable[..., object]]]] = {
    "math": {
        "IsInt": is_whole, "IsFloat": is_float, "IsNum": is_num, "Abs": absolute, "Add": add, "Mul": mul, "Sub": sub,
        "Div": div, "Rem": rem, "Pow": power, "Seq": seq, "Max": largest, "Min": smallest, "Ceil": ceil,
        "Floor": floor, "Round": round_,
    },
}  # fmt: skip
ALIASES: Final[Mapping[str, Callable[..., object]]] = {
    "add": add, "sub": sub, "mul": mul, "div": div, "rem": rem, "pow": power, "seq": seq,
}  # fmt: skip
