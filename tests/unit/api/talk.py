"""Talking to the API as somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI
    from httpx import Response
    from starlette.testclient import TestClient


@dataclass
class Talk:
    """A client, and everybody's tokens."""

    client: TestClient
    tokens: dict[str, str]
    log: list[dict[str, object]]
    app: FastAPI

    def call(
        self, method: str, path: str, who: str = "", *, body: object = None, headers: dict[str, str] | None = None
    ) -> Response:
        """One call in the name of somebody; nobody where `who` is empty."""
        given = dict(headers or {})
        if who:
            given["Authorization"] = f"Bearer {self.tokens.get(who, who)}"
        path = path if path.startswith("/") else f"/api/v1/{path}"
        more: dict[str, Any] = {} if body is None else {"json": body}
        answered: Response = self.client.request(method, path, headers=given, **more)
        return answered

    def get(self, path: str, who: str = "ann", **headers: str) -> Response:
        """Read something."""
        return self.call("GET", path, who, headers=headers)

    def post(self, path: str, who: str = "ann", body: object = None, **headers: str) -> Response:
        """Do something."""
        return self.call("POST", path, who, body={} if body is None else body, headers=headers)
