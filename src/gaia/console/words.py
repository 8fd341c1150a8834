"""How figures, moments and states are written for people."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from markupsafe import Markup

from gaia.kit import clock
from gaia.kit.visible import cut, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNS: Mapping[str, str] = {"USD": "$", "EUR": "€", "GBP": "£"}
STATES: Mapping[str, tuple[str, str]] = {
    "queued": ("Waits in line", "quiet"),
    "submitted": ("Previewing", "busy"),
    "waiting": ("Waits for approval", "waits"),
    "applying": ("Applying", "busy"),
    "parked": ("Parked", "bad"),
    "done": ("Done", "good"),
    "denied": ("Denied by policy", "bad"),
    "failed": ("Failed", "bad"),
    "expired": ("Expired", "quiet"),
    "rejected": ("Rejected", "quiet"),
}
"""Of each status of a request: what people read, and its tone."""
VERBS: Mapping[str, str] = {"retire": "Retire", "change": "Change", "reconcile": "Put back"}
"""What a request does with the service that it names, by its kind; one that makes it says nothing."""
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def money(amount: object, currency: str = "USD") -> str:
    """`$13.60`; `unknown` for what nobody knows."""
    try:
        figure = None if amount is None else Decimal(str(amount))
    except InvalidOperation:
        figure = None
    if figure is None or not figure.is_finite():
        return "unknown"
    sign, minus = SIGNS.get(currency, f"{currency} "), "\u2212" if figure < 0 else ""
    return f"{minus}{sign}{abs(figure):,.2f}"


def moment(text: str | None) -> Markup:
    """A moment as how long ago it is, with the whole of it for who looks closer."""
    if not text:
        return Markup("—")
    at = clock.parse_rfc3339(text)
    whole = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    said = distance((clock.now() - at).total_seconds())
    return Markup('<time datetime="{}" title="{}">{}</time>').format(text, whole, said)


def distance(seconds: float) -> str:
    """`3 min ago`, `in 2 h`, `yesterday`-free: the same form at any distance."""
    length = abs(seconds)
    if length < _MINUTE:
        return "just now" if seconds >= 0 else "in a moment"
    units = ((_DAY * 365, "y"), (_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min"))
    size, unit = next((size, unit) for size, unit in units if length >= size)
    said = f"{int(length // size)} {unit}"
    return f"{said} ago" if seconds >= 0 else f"in {said}"


def span(seconds: int | None) -> str:
    """`7 d`, `36 h`; `for ever` without an end."""
    if seconds is None:
        return "for ever"
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def name(text: object, most: int = 80) -> Markup:
    """A name that somebody gave: visible, cut, and with its own direction of writing."""
    whole = visible(str(text))
    shown = cut(whole, most)
    title = Markup(' title="{}"').format(whole) if shown != whole else ""
    return Markup("<bdi{}>{}</bdi>").format(title, shown)


def answer(value: object, most: int = 200) -> Markup:
    """An answer of a template's question."""
    return name({True: "Yes", False: "No"}[value] if isinstance(value, bool) else value, most)


_TOLD = re.compile(
    r"(?P<request>req_[0-9a-f]{32})|(?P<other>[a-z]{3}_[0-9a-f]{32})|(?P<digest>sha256:[0-9a-f]{64})"
    r"|(?P<commit>\b[0-9a-f]{40}\b)|(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)"
)


def told(text: str) -> Markup:
    """A sentence of the platform's: what only machines read of it is shortened, and a request is led to."""
    found, at = Markup(""), 0
    for one in _TOLD.finditer(text):
        found += visible(text[at : one.start()])
        whole, at = one[0], one.end()
        if one["request"]:
            found += Markup('<a class="mono" href="/requests/{}">{}…</a>').format(whole, whole[:12])
        elif one["at"]:
            found += _moment_or(whole)
        else:
            found += Markup('<code title="{}">{}</code>').format(whole, commit(whole) + ("…" if one["other"] else ""))
    return found + visible(text[at:])


def _moment_or(text: str) -> Markup | str:
    try:
        return moment(text)
    except ValueError:  # it only looks like one: somebody wrote it
        return text


def finalized(value: object) -> object:
    """What a template writes: nothing in a text of somebody's turns the line around or hides."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return visible(value)


def state(status: str) -> Markup:
    """A status as a pill."""
    words, tone = STATES.get(status, (status, "quiet"))
    return Markup('<span class="pill {}">{}</span>').format(tone, words)


def commit(text: str) -> str:
    """The beginning of a commit or a digest."""
    return text.removeprefix("sha256:")[:10]


def key(text: str) -> str:
    """What stands for a name where only letters and figures may."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def spoken(action: str) -> str:
    """An action of a plan in a word."""
    return {"update": "change", "delete": "destroy"}.get(action, action)


def past(action: str) -> str:
    """An action of a plan that was done, in a word."""
    return {"forget": "forgotten"}.get(action) or f"{spoken(action).removesuffix('e')}ed"


def since(began: str | None, ended: str | None) -> str:
    """How long something took, or takes so far."""
    if not began:
        return ""
    end = clock.parse_rfc3339(ended) if ended else clock.now()
    seconds = int((end - clock.parse_rfc3339(began)).total_seconds())
    return f"{seconds // _MINUTE} min {seconds % _MINUTE} s" if seconds >= _MINUTE else f"{max(seconds, 0)} s"
