"""A change that no template makes: manifests of a branch, previewed, approved, applied and published as any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.platform.loop import KEY, MANIFEST, STACK, STORE
from tests.unit.platform.played import made

from gaia.errors import Conflict, GaiaError, Invalid
from gaia.platform.engine.steps import apply_steps
from gaia.platform.services import live_services

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

pytestmark = pytest.mark.hypothesis
NET = f"{STACK}/net"
NETWORK = "stacks/net.yaml"


def branch(loop: Loop, **files: str | None) -> None:
    """Somebody proposes these files on the branch `work`."""
    given = {path: None if text is None else text.encode() for path, text in files.items()}
    loop.clone.branches["work"] = loop.clone.commit(loop.clone.head, given)


def network(loop: Loop, text: str) -> str:
    """The network's manifest with another text."""
    return loop.clone.commits[loop.clone.head][NETWORK].decode().replace("shared", text)


def asked(loop: Loop) -> str:
    """ann asks for it, and it is previewed."""
    request = loop.as_("ann").change_from("work", STACK).id
    loop.carry_out(request)
    return request


@pytest.fixture
def net(loop: Loop) -> Loop:
    """The network exists."""
    made(loop.world, NET, {"text": "shared", "password": ""})
    return loop


def test_what_a_branch_changes_is_applied_and_published(net: Loop) -> None:
    """Only the instances that differ; it is no service afterwards."""
    branch(net, **{NETWORK: network(net, "wider")})
    request = asked(net)
    view = net.view(request)
    assert (view.status, view.kind, view.instances) == ("waiting", "change", (NET,))
    net.as_("gus").approve(request)
    assert net.carry_out(request).status == "done"
    assert net.world.states[NET]["text"] == "wider"
    assert b"wider" in net.clone.commits[net.clone.head][NETWORK]
    with net.platform.database.read() as tx:
        assert not live_services.by_name(tx, "platform")


def test_what_a_branch_takes_away_is_destroyed(net: Loop) -> None:
    """And what it adds is made."""
    other = network(net, "new").replace("net:", "mesh:")
    branch(net, **{NETWORK: None, "stacks/mesh.yaml": other})
    request = asked(net)
    assert apply_steps(net.row(request))[2:4] == (f"apply {STACK}/mesh", f"destroy {NET}")
    net.as_("gus").approve(request)
    assert net.carry_out(request).status == "done"
    assert set(net.world.states) == {f"{STACK}/mesh"}


def test_the_published_branch_moves_meanwhile(net: Loop) -> None:
    """Others' commits stay."""
    branch(net, **{NETWORK: network(net, "wider")})
    request = asked(net)
    net.as_("gus").approve(request)
    net.clone.moved()
    assert net.carry_out(request).status == "done"
    assert "NOTES.md" in net.clone.commits[net.clone.head]
    assert net.world.states[NET]["text"] == "wider"


def test_a_branch_that_moved_is_asked_for_again(net: Loop) -> None:
    """What is previewed is what was asked for."""
    branch(net, **{NETWORK: network(net, "wider")})
    request = net.as_("ann").change_from("work", STACK).id
    branch(net, **{NETWORK: network(net, "widest")})
    view = net.carry_out(request)
    assert (view.status, view.runs[-1].code) == ("failed", "proposal-moved")


def test_what_others_changed_too_is_a_conflict(net: Loop) -> None:
    """Nothing is guessed."""
    branch(net, **{NETWORK: network(net, "wider")})
    net.clone.moved(**{NETWORK: network(net, "narrow")})
    view = net.view(asked(net))
    assert (view.status, view.runs[-1].code) == ("failed", "proposal-conflict")


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"components/key/main.tf": "# other"}, "proposal-outside"),
        ({"policies/plan/polite.rego": None}, "proposal-outside"),
        ({}, "change-empty"),
    ],
)
def test_only_manifests_are_taken(net: Loop, files: dict[str, str | None], code: str) -> None:
    """Code and rules have a review of their own."""
    branch(net, **files)
    with pytest.raises(GaiaError) as refused:
        net.as_("ann").change_from("work", STACK)
    assert refused.value.code == code


@pytest.mark.parametrize("said", ["prod", "dev"])
def test_a_stack_that_is_elsewhere_is_not_changed(net: Loop, said: str) -> None:
    """Also where the branch itself says that it is here."""
    elsewhere = """
vars: {{environment: use1, stage: {stage}, tenant: acme}}
settings: {{gaia: {{scope: {{stage: {scope}}}}}}}
name: acme-use1-prod
components: {{terraform: {{net: {{metadata: {{component: key}}, vars: {{text: {text}}}}}}}}}
"""
    net.clone.moved(**{"stacks/prod.yaml": elsewhere.format(stage="prod", scope="prod", text="ours")})
    branch(net, **{"stacks/prod.yaml": elsewhere.format(stage=said, scope=said, text="theirs")})
    view = net.view(asked(net))
    assert (view.status, view.runs[-1].code) == ("failed", "proposal-elsewhere")


OTHER = """
vars: {{environment: use1, stage: {stage}, tenant: other}}
settings: {{gaia: {{scope: {{tenant: {tenant}, stage: {stage}}}}}}}
name: other-prod
components: {{terraform: {{net: {{metadata: {{component: key, enabled: {enabled}}}, vars: {{text: ours}}}}}}}}
"""


@pytest.mark.parametrize(
    "files",
    [
        {"stacks/other.yaml": OTHER.format(tenant="acme", stage="dev", enabled="false")},
        {"stacks/other.yaml": OTHER.format(tenant="other", stage="prod", enabled="true")},
        {"stacks/other.yaml": None},
        {"stacks/more.yaml": OTHER.format(tenant="acme", stage="dev", enabled="false")},
    ],
    ids=["moved here", "enabled", "taken away", "moved by another file"],
)
def test_no_stack_of_others_is_touched_unseen(net: Loop, files: dict[str, str | None]) -> None:
    """Though no instance of theirs differs, for what is there is disabled: whose a stack is says who may act."""
    net.clone.moved(**{"stacks/other.yaml": OTHER.format(tenant="other", stage="prod", enabled="false")})
    branch(net, **{NETWORK: network(net, "wider"), **files})
    view = net.view(asked(net))
    assert view.status == "failed"
    assert view.runs[-1].code in ("proposal-elsewhere", "scope-differs")


def test_a_file_that_no_stack_reads_is_refused(net: Loop) -> None:
    """A workflow, say, would be published without anybody having seen it."""
    branch(net, **{NETWORK: network(net, "wider"), "stacks/_workflows.yaml": "workflows: {}\n"})
    view = net.view(asked(net))
    assert (view.status, view.runs[-1].code) in {("failed", "proposal-unused"), ("failed", "manifest-type")}


def test_what_others_published_since_is_not_changed_unseen(net: Loop) -> None:
    """Approved for one instance, and a second one reads the same file by the time it is applied."""
    shared = "stacks/_text.yaml"
    net.clone.moved(**{shared: "vars: {text: shared}\n", NETWORK: network(net, "shared").replace("[_", "[_text, _")})
    branch(net, **{shared: "vars: {text: wider}\n", NETWORK: network(net, "wider")})
    request = asked(net)
    net.as_("gus").approve(request)
    mesh = "import: [_text, _defaults]\ncomponents: {terraform: {mesh: {metadata: {component: key}}}}\n"
    net.clone.moved(**{"stacks/mesh.yaml": mesh})
    view = net.carry_out(request)
    assert (view.status, view.runs[-1].code) == ("parked", "proposal-wider")
    assert net.world.states[NET]["text"] == "shared"


def test_what_changes_no_instance_is_not_applied(net: Loop) -> None:
    """It can be merged as it is."""
    branch(net, **{NETWORK: network(net, "shared") + "# a remark\n"})
    assert net.view(asked(net)).runs[-1].code == "change-empty"


def test_a_service_is_not_deleted_so(loop: Loop) -> None:
    """It is retired."""
    loop.done()
    branch(loop, **{MANIFEST: None})
    with pytest.raises(Invalid) as refused:
        loop.as_("ann").change_from("work", STACK)
    assert refused.value.code == "proposal-retires"


def test_a_service_may_be_edited_so_and_says_it_when_it_is_changed(loop: Loop) -> None:
    """Its template would write over that."""
    loop.done()
    text = loop.clone.commits[loop.clone.head][MANIFEST].decode().replace("hello", "by hand")
    branch(loop, **{MANIFEST: text})
    request = asked(loop)
    loop.as_("gus").approve(request)
    assert loop.carry_out(request).status == "done"
    assert loop.world.states[KEY]["text"] == "by hand"
    with pytest.raises(Conflict) as refused:
        loop.as_("ann").change("photos", STACK, {"text": "goodbye"})
    assert refused.value.code == "manifest-edited"
    gone = loop.as_("ann").retire("photos", STACK).id
    loop.carry_out(gone)
    loop.as_("gus").approve(gone)
    assert loop.carry_out(gone).status == "done"
    assert not {KEY, STORE} & set(loop.world.states)


@pytest.mark.parametrize(("who", "code"), [("vic", "not-permitted"), ("bob", "stack-unknown")])
def test_who_may_not_ask_learns_nothing_of_branches(net: Loop, who: str, code: str) -> None:
    """Whether there is one or not."""
    for name in ("work", "nothing"):
        with pytest.raises(GaiaError) as refused:
            net.as_(who).change_from(name, STACK)
        assert refused.value.code == code
