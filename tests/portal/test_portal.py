"""A real Backstage beside a real Gaia: what people ask for there comes to exist, and is in its catalog."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.portal.backstage import ROOT, Backstage, Task, backstage, free_port, until

from gaia.testing.world import STACK, World, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator

PLATFORM = ROOT / "tests/integration/loop/platform"
AT_ONCE = 10.0
"""Seconds in which the catalog has what an event told."""


@dataclass(frozen=True)
class Portal:
    """Gaia with its people, and the Backstage beside it."""

    world: World
    gaia: httpx.Client
    backstage: Backstage

    def ask(self, service: str) -> tuple[str, str, str]:
        """Ask for a service as ada, by the template; the task, the request and the digest of its preview."""
        token = self.world.tokens["ada"]
        task = self.backstage.begin(
            "gaia-request", token, template="notes", stack=STACK, name=service, answers={"text": "hello"}
        )
        return task, *self.previewed(task)

    def previewed(self, task: str) -> tuple[str, str]:
        """The request of a task, and the digest of its preview."""
        line = self.backstage.says(task, "with the digest")
        request = re.search(r"req_\w+", self.backstage.says(task, "Asked for as"))
        assert request
        return request.group(), line.rpartition(" ")[2]

    def approve(self, who: str, request: str, digest: str) -> Task:
        """Approve it as somebody, by the template."""
        task = self.backstage.begin("gaia-approve", self.world.tokens[who], request=request, digest=digest)
        return self.backstage.ended(task)

    def status(self, request: str) -> str:
        """How a request stands at Gaia."""
        found: dict[str, Any] = self.gaia.get(f"/requests/{request}").raise_for_status().json()
        return str(found["status"])

    def seen(self, ref: str, *, there: bool) -> None:
        """The catalog has something, or has it no more, within the time that it has for that."""
        until(lambda: True if (ref in self.backstage.entities()) is there else None, AT_ONCE)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Both, and people: ada asks, grace approves, mallory is of another tenant."""
    if not (ROOT / "portal/node_modules/installed").is_file():
        pytest.skip("optional: Backstage is not installed (`make portal`)")
    folder = tmp_path_factory.mktemp("portal")
    world = make_world(folder, PLATFORM)
    for name, tenant in {"backstage": "acme", "mallory": "globex"}.items():
        role = "viewer" if name == "backstage" else "developer"
        made = world.json("token", "create", name, "--role", role, "--tenant", tenant, who="admin")
        world.tokens[name] = made["token"]
    address = f"http://127.0.0.1:{free_port()}"
    server = world.start("-C", str(world.repository), "serve", "--port", address.rpartition(":")[2], quiet=True)
    try:
        with httpx.Client(
            base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {world.tokens['admin']}"}, timeout=60
        ) as gaia:
            until(lambda: _answers(gaia))
            with backstage(address, world.tokens["backstage"], folder / "backstage.log") as made:
                shown = Portal(world, gaia, made)
                until(lambda: True if "template:gaia-request" in made.entities() else None)
                yield shown
    finally:
        world.kill()
        assert not server.running
        world.run("sandbox", "down", quiet=True)
        shutil.rmtree(folder, ignore_errors=True)


def _answers(gaia: httpx.Client) -> bool | None:
    try:
        return gaia.get("/me").status_code == 200 or None
    except httpx.TransportError:
        return None


def test_a_service_is_asked_for_approved_and_found_and_goes_again(portal: Portal) -> None:
    """By templates alone: its requester may not approve it, somebody else does; no token is shown anywhere."""
    backstage = portal.backstage
    until(lambda: True if f"resource:{STACK}" in backstage.entities() else None)
    task, request, digest = portal.ask("hello")
    own = portal.approve("ada", request, digest)
    assert own.status == "failed"
    assert re.search(r"\. .+ \([a-z-]+\)$", own.error), own.error
    other = portal.approve("mallory", request, digest)
    assert other.status == "failed"
    assert "(request-unknown)" in other.error
    assert portal.status(request) == "waiting"
    assert portal.approve("grace", request, digest).status == "completed"
    portal.seen(f"component:{STACK}.hello", there=True)
    assert backstage.ended(task).status == "completed"
    retiring = backstage.begin("gaia-retire", portal.world.tokens["ada"], service="hello", stack=STACK)
    ended = portal.approve("grace", *portal.previewed(retiring))
    assert ended.status == "completed", ended
    portal.seen(f"component:{STACK}.hello", there=False)
    written = backstage.log.read_text() + str([backstage.task(one) for one in (task, retiring, own.id, ended.id)])
    assert [who for who, token in portal.world.tokens.items() if token in written] == []


def test_a_cancelled_task_takes_its_request_back(portal: Portal) -> None:
    """What waited is rejected by who asked."""
    task, request, _ = portal.ask("unwanted")
    portal.backstage.says(task, "waiting")
    portal.backstage.http.post(f"/scaffolder/v2/tasks/{task}/cancel").raise_for_status()
    until(lambda: True if portal.status(request) == "rejected" else None)


def test_a_dry_run_checks_the_answers_and_asks_for_nothing(portal: Portal) -> None:
    """Wrong ones are said as the platform says them."""
    template = portal.backstage.entities()["template:gaia-request"]
    values = {"template": "notes", "stack": STACK, "name": "dry", "answers": {"text": "hello"}, "gaiaToken": "***"}
    body = {"template": template, "values": values, "directoryContents": []}
    body |= {"secrets": {"gaiaToken": portal.world.tokens["ada"]}}
    answer = portal.backstage.http.post("/scaffolder/v2/dry-run", json=body)
    assert answer.status_code == 200, answer.text
    assert "Nothing was asked for" in answer.text
    values["answers"] = {"text": "{{ no }}"}
    refused = portal.backstage.http.post("/scaffolder/v2/dry-run", json=body)
    assert refused.status_code >= 400
    assert "text" in refused.text
    assert [one["service"] for one in portal.gaia.get("/requests").json()["requests"] if one["service"] == "dry"] == []


def test_a_template_of_gaias_is_one_of_backstages(portal: Portal) -> None:
    """The catalog has it, its form takes its questions, and what is asked for comes to Gaia with the answers."""
    token, given = portal.world.tokens["ada"], {"answers": {"text": "from a form"}, "stack": STACK}
    until(lambda: True if "template:notes" in portal.backstage.entities() else None)
    refused = portal.backstage.try_to_begin("notes", token, **given, name="no name!")
    assert refused.status_code == 400
    task = portal.backstage.begin("notes", token, **given, name="formed")
    found = re.search(r"req_\w+", portal.backstage.says(task, "Asked for as"))
    assert found
    asked = portal.gaia.get(f"/requests/{found.group()}").raise_for_status().json()
    assert (asked["template"], asked["requester"], asked["answers"]["text"]) == ("notes", "ada", "from a form")
    portal.backstage.http.post(f"/scaffolder/v2/tasks/{task}/cancel").raise_for_status()


def test_a_task_without_a_token_is_not_begun(portal: Portal) -> None:
    """Nothing is asked for in a name that many share."""
    refused = portal.backstage.try_to_begin("gaia-retire", "", service="hello", stack=STACK)
    assert (refused.status_code, "gaiaToken" in refused.text) == (400, True)


def test_a_token_that_holds_no_longer_ends_the_task(portal: Portal) -> None:
    """In the platform's words, with the code."""
    task = portal.backstage.begin("gaia-retire", "gaia_no-such-token", service="hello", stack=STACK)
    ended = portal.backstage.ended(task)
    assert ended.status == "failed"
    assert "(token-unknown)" in ended.error
