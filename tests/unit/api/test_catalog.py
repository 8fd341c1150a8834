"""`/catalog/entities`: what there is for Backstage, whole or not at all, and the number to go on after."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.catalog.backstage_rules import wrong

from gaia.bootstrap.remote_cataloguing import RemoteCataloguing
from gaia.client import Client
from gaia.errors import Invalid, Unavailable
from gaia.kit import clock
from gaia.records import people
from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.api.talk import Talk
    from tests.unit.platform.loop import Loop

AT = "catalog/entities"


def client(talk: Talk, who: str) -> Client:
    """In somebody's name."""
    return Client("http://testserver", talk.tokens[who], http=talk.client, pause=lambda _: None)


@pytest.fixture(name="live")
def served(done: Loop, talk_to: Callable[[Loop], Talk]) -> Talk:
    """The API where one service is live."""
    return talk_to(done)


def test_what_is_live_with_the_number_to_go_on_after(live: Talk) -> None:
    """The number is that of the newest event that the caller sees."""
    found = live.get(AT, "vic").json()
    assert wrong(found["entities"]) == []
    assert found["seq"] == live.get("events?newest=true&limit=1", "vic").json()["next"] > 0
    only = live.get(f"{AT}?kind=Component", "vic").json()
    assert [one["metadata"]["title"] for one in only["entities"]] == ["photos in acme-use1-dev"]
    assert only["seq"] == found["seq"]
    assert live.get(f"{AT}?kind=component", "vic").status_code == 422


def test_who_has_it_already_is_not_sent_it_again(live: Talk) -> None:
    """Until something happens that the caller sees; another kind is another answer."""
    first = live.get(AT, "vic")
    tag = {"If-None-Match": first.headers["etag"]}
    assert not first.headers["etag"].startswith("W/")
    again = live.get(AT, "vic", **tag)
    assert (again.status_code, again.content) == (304, b"")
    assert live.get(f"{AT}?kind=Group", "vic", **tag).status_code == 200
    newest = live.get("requests", "vic").json()["requests"][0]["id"]
    assert live.post(f"requests/{newest}/comments", "ann", {"text": "thank you"}).status_code == 201
    later = live.get(AT, "vic", **tag)
    assert later.status_code == 200
    assert later.json()["seq"] > first.json()["seq"]
    assert later.json()["entities"] == first.json()["entities"]


def test_it_is_of_the_branch_as_it_is_now(live: Talk, done: Loop) -> None:
    """Who was told that something was published a moment ago is not answered what was before."""
    live.get("stacks", "vic")
    net = "{net: {metadata: {component: key}, vars: {text: shared}}}"
    other = f"import: [_defaults]\nvars: {{tenant: acme, stage: dev}}\ncomponents: {{terraform: {net}}}\n"
    done.clone.moved(**{"stacks/acme-euw1-dev.yaml": other})
    assert "acme-euw1-dev" in live.get(AT, "vic").text


def test_another_tenant_learns_nothing_of_it(live: Talk) -> None:
    """Neither what there is nor how much has happened."""
    assert live.get(AT, "bob").json() == {"entities": [], "seq": 0}


def test_what_cannot_be_read_is_an_error_and_never_an_empty_list(
    live: Talk, done: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A manifest that is broken, a repository that is gone: half of it would take the rest away."""
    done.clone.moved(**{"stacks/broken.yaml": "components: [\n"})
    broken = live.get(AT, "vic")
    assert (broken.status_code, broken.headers["content-type"]) == (422, "application/problem+json")
    assert "stacks/broken.yaml" in broken.text
    with pytest.raises(Invalid):
        client(live, "vic").catalog()

    def gone() -> str:
        raise Unavailable("repository-unreachable", "nobody answers", next_step="Try again.")

    monkeypatch.setattr(done.clone, "fetch", gone)
    assert live.get(AT, "vic").status_code == 503


def test_people_are_told_to_who_administers_everything_alone(live: Talk, done: Loop) -> None:
    """With their groups; who was shut out is not among them."""
    now = clock.now()
    with done.platform.database.begin() as tx:
        people.add_person(tx, "boss", at=now)
        people.grant(tx, "boss", Grant("admin"))
        people.join(tx, "ann", "security")
        people.set_disabled(tx, "gus", disabled=True)
        live.tokens["boss"] = people.create_token(tx, "boss", at=now, expires=now + timedelta(days=1))[1]
    found = live.get(AT, "boss").json()["entities"]
    assert wrong(found) == []
    users = {one["metadata"]["name"]: one["spec"]["memberOf"] for one in found if one["kind"] == "User"}
    assert users["ann"] == ["group:default/security"]
    assert "boss" in users
    assert "gus" not in users
    assert live.get(f"{AT}?kind=User", "root").json()["entities"] == []
    assert "security" not in live.get(AT, "root").text


def test_templates_are_there_with_the_stacks_that_the_caller_sees(live: Talk) -> None:
    """As the scaffolder takes them."""
    [pair] = live.get(f"{AT}?kind=Template", "vic").json()["entities"]
    assert pair["metadata"]["name"] == "pair"
    assert pair["spec"]["parameters"][-1]["properties"]["stack"]["enum"] == ["acme-use1-dev"]
    assert pair["spec"]["steps"][0]["input"]["template"] == "pair"


def test_from_elsewhere_it_is_the_same(live: Talk) -> None:
    """As the terminal prints it where GAIA_URL is set."""
    found = live.get(AT, "vic").json()
    remote = RemoteCataloguing(client(live, "vic"))
    assert remote.read().entities == found["entities"]
    assert {one["kind"] for one in remote.read("Group").entities} == {"Group"}
    assert remote.read().seq == found["seq"]
