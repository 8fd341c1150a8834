"""Views read back from their machine form: what one process wrote, another shows."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from gaia.errors import Next
from gaia.platform import model as views
from gaia.platform.target import Target
from gaia.records import model as rows

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_NAMES = {"Mapping": Mapping, "Target": Target, **vars(rows), **vars(views)}
"""What the annotations of views are written with."""


def read(view: Callable[..., T], document: Mapping[str, Any]) -> T:
    """The view that `as_json` was of; what it does not have keeps its default, what is new is left out."""
    known = _hints(view)
    given = {name: _value(hint, document[name]) for name, hint in known.items() if name in document}
    if "next_step" in given:
        given["next_step"] = _step(str(given["next_step"]), document.get("next_act"))
    return view(**given)


@cache
def _hints(view: Any) -> dict[str, Any]:  # noqa: ANN401 - a dataclass
    hints = get_type_hints(view, localns=_NAMES)
    return {each.name: hints[each.name] for each in fields(view)}


def _value(hint: Any, value: Any) -> Any:  # noqa: ANN401 - of whatever type the hint is
    if value is None:
        return None
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(one for one in get_args(hint) if one is not type(None))
    if is_dataclass(hint):
        return read(hint, value)  # type: ignore[arg-type]
    if get_origin(hint) is tuple:
        inner = get_args(hint)
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_value(kind, one) for kind, one in zip(kinds, value, strict=True))
    return value


def _step(text: str, act: Mapping[str, Any] | None) -> str:
    """A next step with what it is made of, so that this door says it in its own way."""
    if not act:
        return text
    words, after = str(act.get("words", text.removesuffix("."))), str(act.get("after", ""))
    options = tuple(act.get("options", ()))
    return Next(str(act["act"]), str(act["subject"]), words, stack=str(act["stack"]), options=options, after=after)
