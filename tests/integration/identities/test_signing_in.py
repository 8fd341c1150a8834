"""People sign in at npm's oidc-provider: with a browser, with a terminal, and after its keys changed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.integration.identities.signing import AUDIENCE, Browser, free_port, provider

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

pytestmark = pytest.mark.cloud
GAIA = [sys.executable, "-m", "gaia"]
ROLES = """
groups:
  platform-admins: [{role: admin}]
  acme-developers: [{role: developer, tenant: acme, stage: dev}]
"""
SESSION = "__Host-gaia-session"


class Ground:
    """A platform repository, and the ports that a server and a provider have."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.provider_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.issuer = f"http://127.0.0.1:{self.provider_port}"
        self.redirect = f"{self.url}/callback"
        self.gaia("init", "platform")
        (folder / "home/roles.yaml").write_text(ROLES)

    def environ(self, **more: str) -> dict[str, str]:
        """Of the server."""
        return {
            **os.environ,
            "GAIA_HOME": str(self.folder / "home"),
            "GAIA_TERRAFORM": "/nowhere/terraform",
            "GAIA_OIDC_ISSUER": self.issuer,
            "GAIA_OIDC_AUDIENCE": AUDIENCE,
            "GAIA_OIDC_CLIENT_ID": "gaia",
            "GAIA_OIDC_PRIVATE": "1",
            "GAIA_OIDC_ACR_VALUES": "mfa",
            **more,
        }

    def elsewhere(self) -> Mapping[str, str]:
        """Of a terminal on another machine, which knows the server's address and nothing else."""
        known = {name: value for name, value in os.environ.items() if not name.startswith("GAIA_")}
        return {**known, "GAIA_HOME": str(self.folder / "mine"), "GAIA_URL": self.url}

    def gaia(self, *words: str, environ: Mapping[str, str] | None = None, code: int = 0) -> Any:
        """What a command says, as JSON."""
        done = subprocess.run(
            [*GAIA, *words, "-o", "json"],
            cwd=self.folder,
            env=environ or self.environ(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout or done.stderr or "null")

    @contextmanager
    def serving(self) -> Iterator[None]:
        """The server."""
        with (self.folder / "log").open("a") as log:
            process = subprocess.Popen(
                [*GAIA, "serve", "--port", str(self.port), "-o", "json"],
                cwd=self.folder / "platform",
                env=self.environ(),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("{"), (self.folder / "log").read_text()
            yield
        finally:
            process.kill()
            process.wait()

    def signs_in(self, name: str, *more: str) -> Any:
        """Somebody signs in with a terminal: who the server says it is."""
        process = subprocess.Popen(
            [*GAIA, "login", *more, "-o", "json"],
            cwd=self.folder,
            env=self.elsewhere(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        said = ""
        while (found := re.search(r"https?://\S*user_code=[\w-]+", said)) is None:
            line = process.stderr.readline()
            assert line, said
            said += line
        assert "Success" in Browser(name).sign_in(found.group(), until="https://nowhere").text
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, said + err
        return json.loads(out)


@pytest.fixture(name="ground")
def made(tmp_path: Path) -> Ground:
    """A platform that is not served yet."""
    return Ground(tmp_path)


def me(ground: Ground, **headers: str) -> httpx.Response:
    """Who the server says is calling."""
    return httpx.get(f"{ground.url}/api/v1/me", headers=headers, trust_env=False)


def test_a_browser_signs_in_with_a_code_and_pkce(ground: Ground) -> None:
    """Dana is an admin by her group; who is in no group with a role is told so, and is nobody."""
    with provider(ground.provider_port, ground.redirect), ground.serving():
        dana = Browser("dana")
        entered = dana.sign_in(f"{ground.url}/login?next=/api/v1/people", until=ground.url)
        assert (entered.status_code, entered.headers["location"]) == (303, "/api/v1/people")
        found = dana.get(f"{ground.url}/api/v1/me").json()
        assert (found["name"], found["groups"], found["token"]) == ("dana", ["platform-admins"], "")
        assert found["grants"] == [{"role": "admin", "tenant": "*", "stage": "*"}]
        assert {one["name"] for one in dana.get(f"{ground.url}/api/v1/people").json()["people"]} == {"admin", "dana"}
        stolen = dict(dana.cookies)
        assert dana.post(f"{ground.url}/logout", {}, **{"Sec-Fetch-Site": "same-origin"}).status_code == 303
        assert SESSION not in dana.cookies
        dana.cookies = stolen
        assert dana.get(f"{ground.url}/api/v1/me").json()["code"] == "session-ended"
        nobody = Browser("max").sign_in(f"{ground.url}/login", until=ground.url)
        assert nobody.json()["code"] == "person-without-role"


def test_a_terminal_signs_in_with_a_code_that_is_typed_in_elsewhere(ground: Ground) -> None:
    """It knows the server's address alone; what it is given is renewed, is read by its owner alone, and is given up."""
    with provider(ground.provider_port, ground.redirect, seconds=62), ground.serving():
        lee = ground.signs_in("lee")
        assert (lee["name"], lee["grants"]) == ("lee", [{"role": "developer", "tenant": "acme", "stage": "dev"}])
        assert lee["second_factor_at"] is not None
        kept = ground.folder / "mine/logins.json"
        assert kept.stat().st_mode & 0o777 == 0o600
        first = json.loads(kept.read_text())[ground.url]
        time.sleep(3)  # it holds for less than a minute now
        assert ground.gaia("whoami", environ=ground.elsewhere())["name"] == "lee"
        second = json.loads(kept.read_text())[ground.url]
        assert (first["access"] != second["access"], first["refresh"] != "") == (True, True)
        assert ground.gaia("status", environ=ground.elsewhere())["requests"] == []
        assert ground.gaia("token", "create", "max", environ=ground.elsewhere(), code=5)["error"] == "not-permitted"
        admin = ground.signs_in("dana")
        assert admin["name"] == "dana"
        entries = ground.gaia("audit", "list", environ=ground.elsewhere())["entries"]
        said = [(one["actor"], one["action"], one["outcome"]) for one in entries]
        assert ("lee", "person.admitted", "done") in said
        assert ("lee", "token.create", "refused") in said
        assert ground.gaia("logout", environ=ground.elsewhere()) == {"signed_out": True}
        assert json.loads(kept.read_text()) == {}
        assert ground.gaia("whoami", environ=ground.elsewhere(), code=4)["error"] == "token-missing"


def test_a_provider_changes_its_keys(ground: Ground) -> None:
    """What the new key signs is believed within seconds, without a restart; what the old one signed no longer."""
    with ground.serving():
        with provider(ground.provider_port, ground.redirect, key="one"):
            ground.signs_in("dana")
            old = {"Authorization": f"Bearer {_kept(ground)}"}
            assert me(ground, **old).status_code == 200
        assert me(ground, **old).status_code == 200  # the provider is away, and its keys are known
        with provider(ground.provider_port, ground.redirect, key="two"):
            time.sleep(10)  # so long a key that nobody knows is not asked for again
            ground.signs_in("dana")
            assert me(ground, Authorization=f"Bearer {_kept(ground)}").json()["name"] == "dana"
            assert me(ground, **old).json()["code"] == "token-not-verified"


def test_a_terminal_gives_its_second_factor_when_it_is_asked_for(ground: Ground) -> None:
    """Whoever signed in without one steps up, as the API's challenge says, and has proved just now who they are."""
    with provider(ground.provider_port, ground.redirect, strict=True), ground.serving():
        assert ground.signs_in("dana")["second_factor_at"] is None
        way = httpx.get(f"{ground.url}/api/v1/login", trust_env=False).json()["oidc"]
        assert way["acr_values"] == "mfa"
        assert ground.signs_in("dana", "--step-up")["second_factor_at"] is not None
        assert ground.gaia("whoami", environ=ground.elsewhere())["second_factor_at"] is not None


def _kept(ground: Ground) -> str:
    kept: str = json.loads((ground.folder / "mine/logins.json").read_text())[ground.url]["access"]
    return kept
