"""What the terminal shows of a server's repository, wherever it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from gaia.bootstrap import App
from gaia.client import Client
from gaia.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

ROW = {
    "name": "object-store", "version": "1.0.0", "title": "An object store", "description": "A bucket.",
    "ttl": {"default": 604800, "longest": None},
    "questions": [
        {"name": "owner", "type": "str", "help": "Who?", "default": None, "choices": [], "required": True},
        {"name": "tier", "type": "choice", "help": "Which?", "default": "a", "choices": ["a", "b"], "required": False},
    ],
}  # fmt: skip


def server(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A server that has a template and a budget; the paths that it is asked for."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        name = request.url.path.rpartition("/")[2]
        return httpx.Response(200, json={name: [ROW] if name == "templates" else []})

    def client(url: str, token: str | None, *, repository: str | None) -> Client:
        return Client(url, token, repository=repository, http=httpx.Client(transport=httpx.MockTransport(answer)))

    monkeypatch.setattr("gaia.client.Client", client)
    return asked


def test_templates_are_the_servers_where_one_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has to lie around the caller: what is asked is asked of the server."""
    asked = server(monkeypatch)
    app = App(Settings.capture({"GAIA_URL": "https://gaia.example", "GAIA_HOME": str(tmp_path)}, tmp_path))
    [found] = app.templates()
    assert (found.name, found.version, str(found.lifespan)) == ("object-store", "1.0.0", "destroyed by itself after 7d")
    assert [(one.name, one.required, one.choices) for one in found.questions] == [
        ("owner", True, ()),
        ("tier", False, ("a", "b")),
    ]
    assert app.money() == {"known": True, "budgets": [], "quotas": []}
    assert asked == ["/api/v1/templates", "/api/v1/budgets", "/api/v1/quotas"]


def test_without_a_server_nobody_is_asked(tmp_path: Path) -> None:
    """Where budgets stand is then said by the repository around the caller."""
    assert App(Settings.capture({"GAIA_HOME": str(tmp_path)}, tmp_path)).money() is None
