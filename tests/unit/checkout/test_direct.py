"""`settings.gaia.direct: refused` where the repository is registered: by the checkout, or by what is published."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest
from tests.unit.checkout.conftest import NET
from tests.unit.checkout.test_registered import served_at
from tests.unit.platform.loop import FILES, STACK, MemoryClone

from gaia.checkout.command import Command
from gaia.checkout.direct import Published
from gaia.errors import Conflict, Invalid, Unavailable
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from tests.unit.checkout.conftest import Ground
    from tests.unit.platform.loop import Loop

    from gaia.scaffold.clone import Clone

REFUSED = "settings: {gaia: {direct: refused}}\n"
STACKS = "stacks/_defaults.yaml"


def refusal(loop: Loop, ground: Ground, component: str = "net") -> Conflict | None:
    """Of a change at the checkout as it lies now."""
    checkout = served_at(loop, ground).checkout
    try:
        checkout.check_open(ground.instance(checkout, component))
    except Conflict as error:
        return error
    return None


def test_the_files_as_they_lie_refuse(loop: Loop, ground: Ground) -> None:
    """With the place of the setting, and before anything is fetched: what is not published yet counts too."""
    assert refusal(loop, ground) is None
    ground.net("settings: {gaia: {direct: refused}}")
    said = refusal(loop, ground)
    assert said is not None
    assert (said.code, said.at is not None) == ("direct-refused", True)
    ground.net("settings: {gaia: {direct: allowed}}")
    assert refusal(loop, ground) is None


def test_an_edit_of_the_checkout_does_not_lift_what_is_published(loop: Loop, ground: Ground) -> None:
    """The commit is named; when the branch does not say so any more, it is open."""
    loop.clone.moved(**{STACKS: FILES[STACKS] + REFUSED})
    said = refusal(loop, ground)
    assert said is not None
    assert (said.code, said.facts, loop.clone.head[:12] in said.message) == (
        "direct-refused", {"commit": loop.clone.head}, True,
    )  # fmt: skip
    with pytest.raises(Conflict):
        served_at(loop, ground).change()
    assert loop.world.states == {}
    loop.clone.moved(**{STACKS: FILES[STACKS]})
    assert refusal(loop, ground) is None


def test_a_component_that_is_only_in_the_checkout_is_asked_of_its_stack(loop: Loop, ground: Ground) -> None:
    """A new name in a closed stack opens nothing; a stack that is not published is nobody's yet."""
    ground.write(**{"stacks/mine.yaml": FILES["stacks/net.yaml"].replace("net:", "mine:")})
    assert refusal(loop, ground, "mine") is None
    loop.clone.moved(**{STACKS: FILES[STACKS] + REFUSED})
    said = refusal(loop, ground, "mine")
    assert said is not None
    assert said.code == "direct-refused"
    Published(loop.platform).check(InstanceKey("acme-use1-new", "mine"))


@pytest.mark.parametrize("mine", ["", ", prod: {metadata: {component: key, terraform_workspace: mine}}"])
def test_an_edit_does_not_hide_whose_workspace_it_is(loop: Loop, ground: Ground, mine: str) -> None:
    """Taken away, or renamed, in the checkout: by what is published, the workspace is that of a closed instance."""
    net = "net: {metadata: {component: key}, vars: {text: shared}}"
    prod = "prod: {metadata: {component: key}, settings: {gaia: {direct: refused}}}"
    loop.clone.moved(**{"stacks/net.yaml": f"import: [_defaults]\ncomponents: {{terraform: {{{net}, {prod}}}}}\n"})
    ground.write(**{"stacks/net.yaml": f"import: [_defaults]\ncomponents: {{terraform: {{{net}{mine}}}}}\n"})
    checkout = served_at(loop, ground).checkout
    words = ground.words("workspace", "-force", f"{STACK}-prod", second="delete")
    with pytest.raises(Conflict) as caught:
        Command(checkout, words, ground.instance(checkout)).run()
    assert (caught.value.code, ground.program.asked) == ("direct-refused", [])
    words = ground.words("workspace", "-force", f"{STACK}-nobody", second="delete")
    assert Command(checkout, words, ground.instance(checkout)).run() == 0


def test_a_function_of_the_published_commit_is_in_nobodys_way(loop: Loop, ground: Ground) -> None:
    """What only the caller's machine answers is not asked there; the setting is read beside it."""
    commands = "components: {terraform: {net: {metadata: {component: key}, vars: {text: !exec hostname}}}}\n"
    loop.clone.moved(**{"stacks/net.yaml": f"import: [_defaults]\n{commands}"})
    assert refusal(loop, ground) is None
    loop.clone.moved(**{"stacks/net.yaml": f"import: [_defaults]\n{REFUSED}{commands}"})
    assert refusal(loop, ground) is not None


def test_a_commit_that_cannot_be_read_is_no_permission(loop: Loop, ground: Ground) -> None:
    """Unknown is not "open"; what is wrong with it is said."""
    loop.clone.moved(**{"stacks/net.yaml": "import: [_defaults\n"})
    said = refusal(loop, ground)
    assert said is not None
    assert (said.code, said.facts, bool(said.next_step)) == ("direct-unknown", {"error": "yaml-syntax"}, True)


class Gone(MemoryClone):
    """A clone whose source cannot be reached any more."""

    last: str | None = None

    def fetch(self) -> str:
        """Nobody answers."""
        raise Unavailable("repository-unreachable", "cannot fetch it", next_step="Check that it is there.")

    def fetched(self) -> str | None:
        """Before that."""
        return self.last


def test_a_source_that_does_not_answer_is_taken_as_it_was_last_seen(loop: Loop) -> None:
    """What is on fire where the remote is down too can be put out; what was never seen is not known."""
    clone, key = Gone(), InstanceKey.parse(NET)
    context = replace(loop.platform, clone=lambda: cast("Clone", clone))
    with pytest.raises(Conflict) as unknown:
        Published(context).check(key)
    assert (unknown.value.code, unknown.value.facts) == ("direct-unknown", {"error": "repository-unreachable"})
    clone.last = loop.clone.head
    Published(context).check(key)
    clone.last = loop.clone.moved(**{STACKS: FILES[STACKS] + REFUSED})
    with pytest.raises(Conflict) as refused:
        Published(context).check(key)
    assert refused.value.code == "direct-refused"
    assert STACK in refused.value.message


def test_a_word_that_is_none_permits_nothing(loop: Loop, ground: Ground) -> None:
    """Neither as the files lie, with the place, nor in what is published."""
    ground.net("settings: {gaia: {direct: Refused}}")
    checkout = served_at(loop, ground).checkout
    with pytest.raises(Invalid) as caught:
        checkout.check_open(ground.instance(checkout, "net"))
    assert (caught.value.code, caught.value.at is not None) == ("direct-invalid", True)
    ground.net("settings: {}")
    loop.clone.moved(**{STACKS: FILES[STACKS] + REFUSED.replace("refused", "'{{ .vars.no }}'")})
    said = refusal(loop, ground)
    assert said is not None
    assert (said.code, said.facts) == ("direct-unknown", {"error": "direct-invalid"})


def test_a_waiver_counts_once_the_branch_has_it(loop: Loop, ground: Ground) -> None:
    """What an edit of the checkout waives is pending, and so is everything while nobody can read the branch."""
    text = (
        f"waivers:\n  - {{rule: plan.polite, resource: '-', instance: '{NET}', value: 'sha256:0123456789abcdef',"
        " reason: tests, owner: ann, expires: '2999-01-01'}\n"
    )
    ground.write(**{"waivers/tests.yaml": text})
    found = served_at(loop, ground).checkout.waivers
    assert (len(found.counted), len(found.pending), found.unpublished) == (0, 1, False)
    loop.clone.moved(**{"waivers/tests.yaml": text})
    found = served_at(loop, ground).checkout.waivers
    assert (len(found.counted), len(found.pending)) == (1, 0)
    (ground.root / "waivers/tests.yaml").unlink()
    assert len(served_at(loop, ground).checkout.waivers.counted) == 1


def test_rules_that_differ_from_those_that_requests_are_judged_by_are_told(loop: Loop, ground: Ground) -> None:
    """A rule that was taken away or changed in the checkout says nothing against what is applied from there."""
    told: list[str] = []

    def differing() -> tuple[str, ...]:
        return replace(served_at(loop, ground).checkout, tell=told.append).other_rules

    for path, text in FILES.items():
        if path.startswith("policies/"):
            ground.write(**{path: text})
    assert (differing(), told) == ((), [])
    ground.write(**{"policies/manifest/sealed.rego": FILES["policies/manifest/sealed.rego"] + "\n# no more\n"})
    (ground.root / "policies/plan/polite.rego").unlink()
    assert differing() == ("manifest.sealed", "plan.polite")
    assert told == ["Rules that requests are judged by are gone or changed here: manifest.sealed, plan.polite."]
