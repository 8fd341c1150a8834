"""The demo at the page where there is no browser that could be driven: whoever reads it plays by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest

from gaia.cli import demo_page
from gaia.cli.demo_page import OnPage
from gaia.errors import Defect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cli.demo_stage import Stage


@dataclass
class Played:
    """A stage on which somebody plays by hand: each look finds the next of `found`."""

    found: Iterator[dict[str, Any]]
    said: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Keep it."""
        self.said.append(text)

    def json(self, *arguments: str, who: str) -> dict[str, Any]:
        """What `gaia status` tells next."""
        assert (arguments[0], who) == ("status", "ada")
        return next(self.found)


@pytest.fixture
def story(monkeypatch: pytest.MonkeyPatch) -> OnPage:
    """Without a browser, and with links that nobody made."""
    monkeypatch.setattr(demo_page, "_BETWEEN", 0.0)
    monkeypatch.setattr(OnPage, "_link", lambda _, who: f"http://localhost:1/login/{who}")
    return OnPage(lambda _: None)


def play(story: OnPage, scene: int, *found: dict[str, Any]) -> str:
    """What one scene says."""
    stage = Played(iter(found))
    story.scenes[scene][1](cast("Stage", stage))
    return "\n".join(stage.said)


def test_it_waits_for_whoever_asks_by_hand(story: OnPage) -> None:
    """However long that takes, and under any name; then it is that service's approval that is waited for."""
    asked = {"requests": [{"service": "notes"}]}
    states = [{"status": "submitted"}, {"status": "waiting"}]
    said = play(story, 1, {"requests": []}, {"requests": []}, asked, *states)
    assert "http://localhost:1/login/ada" in said
    assert "notes: waiting" in said
    said = play(story, 2, {"status": "waiting"}, {"status": "applying"}, {"status": "done"})
    assert "http://localhost:1/login/grace" in said
    assert "Open notes" in said
    assert "notes: done" in said


def test_another_end_is_said(story: OnPage) -> None:
    """Who rejects it by hand is told that the story wanted another end."""
    with pytest.raises(Defect, match="photos should be done, and is rejected"):
        play(story, 2, {"status": "waiting"}, {"status": "rejected"})
