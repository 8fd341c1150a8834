"""What comes to an open page by itself: of a request until it has ended, and at home what needs somebody."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.console import following
from gaia.console.pages import home as first_page
from gaia.console.pages.requests import context_of, shape_of
from gaia.console.rendering import rendered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from gaia.console.call import Call


def request(call: Call) -> Response:
    """What happens to a request: its log, its steps, and what other people decide and say.

    Raises:
        TooMany: `streams-many`.
    """
    return following.followed(call, _OfRequest(call))


def home(call: Call) -> Response:
    """What needs the caller, what runs and what changed, as soon as it is otherwise.

    Raises:
        TooMany: `streams-many`.
    """
    return following.followed(call, _OfHome(call))


def _now(call: Call) -> Call:
    """The call with what its caller may do by now: a stream lasts for minutes, and a role may be taken meanwhile.

    Raises:
        Unauthenticated: the session has ended.
    """
    return replace(call, caller=call.request.app.state.who(call.request))


class _OfRequest:
    """Everything that is new to a page that shows the request in a certain shape."""

    def __init__(self, call: Call) -> None:
        self._call, self._id = call, call.named("request")
        self._number = following.seen(call)
        self._feed = call.platform_of(self._id).events(self._id, after=self._number)
        self._shape = call.asked("shape")
        self.ended, self.pause = False, following.BUSY

    def parts(self) -> tuple[int, Sequence[str]]:
        """Lines of the log, and those parts that are not as they were."""
        news = self._feed.news()
        self.ended = self._feed.over
        self.pause = following.QUIET if self._feed.ended else following.BUSY
        lines = [event.data for event in news if event.kind == "log"]
        number = max((event.number or 0 for event in news), default=0)
        self._number = max(self._number, number)
        found = [rendered("parts/live_log.html", log=lines, live=True)] if lines else []
        if any(event.kind == "request" for event in news):
            found += self._changed()
        return number, found

    def _changed(self) -> Sequence[str]:
        call = _now(self._call)
        view = call.platform_of(self._id).request(self._id)
        shape, before = shape_of(view), self._shape
        self._shape = shape
        if shape == before:
            return []
        context = {"call": call, "token": call.token, "refused": None, "reason": ""}
        context |= context_of(call, view, until=self._number)  # what comes later comes line by line
        context["whole"] = shape.partition(".")[0] != before.partition(".")[0]
        return [rendered("parts/live.html", **context)]


class _OfHome:
    """The lists of the first page, where the log of what happened went on."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._feed = call.happening.feed(following.seen(call))
        self._shown = ""
        self.ended, self.pause = False, following.QUIET

    def parts(self) -> tuple[int, Sequence[str]]:
        """All of them, where one is otherwise."""
        news = self._feed.news()
        if not news:
            return 0, []
        call = _now(self._call)
        text = rendered("parts/live_home.html", call=call, offering=call.offering, **first_page.lists(call))
        digest = hashlib.sha256(text.encode()).hexdigest()
        same, self._shown = digest == self._shown, digest
        return news[-1].number or 0, [] if same else [text]
