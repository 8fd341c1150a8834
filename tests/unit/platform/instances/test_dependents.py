"""What others need is not destroyed, whoever asks and however: they are named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.platform.loop import KEY, STACK, STORE, render_all

from gaia.errors import Conflict
from gaia.scaffold import copier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tests.unit.platform.loop import Loop

NEEDING = """\
import: [{defaults}]
components:
  terraform:
    {name}:
      metadata: {{component: key}}
      {need}
"""
READS = "vars: {{text: !terraform.state photos-{what} {stack} arn}}"
DEPENDS = "settings: {{depends_on: {{1: {{component: photos-{what}, stack: {stack}}}}}}}"
IN_WORDS = "dependencies: {{components: [{{component: photos-{what}, stack: {stack}}}]}}"
OTHERS = """\
vars: {tenant: other, environment: use1, stage: dev, region: us-east-1}
terraform: {backend_type: s3, backend: {s3: {bucket: b, key: k, region: us-east-1}}}
"""


def needing(need: str, what: str, *, name: str = "reader", defaults: str = "_defaults") -> str:
    """The manifest of an instance that needs the key or the store of `photos`."""
    return NEEDING.format(name=name, defaults=defaults, need=need.format(what=what, stack=STACK))


@pytest.mark.parametrize("need", [READS, DEPENDS, IN_WORDS])
def test_what_others_need_is_not_retired(done: Loop, need: str) -> None:
    """The preview ends and names who needs it, whether its state is read or it is only declared."""
    done.clone.moved(**{"stacks/reader.yaml": needing(need, "key")})
    gone = done.as_("ann").retire("photos", STACK).id
    view = done.carry_out(gone)
    assert view.status == "failed"
    assert f"{KEY} is needed by {STACK}/reader" in view.reason
    assert done.run(gone).code == "still-needed"
    assert set(done.world.states) == {KEY, STORE}


@pytest.mark.parametrize("need", [DEPENDS, IN_WORDS])
def test_what_others_need_does_not_leave_with_a_change(done: Loop, need: str) -> None:
    """The same words; a change that keeps what is needed goes on."""
    done.clone.moved(**{"stacks/reader.yaml": needing(need, "store")})
    request = done.changed("hello", alone=True)
    view = done.view(request)
    assert view.status == "failed"
    assert f"{STORE} is needed by {STACK}/reader" in view.reason
    assert done.run(request).code == "still-needed"
    assert done.view(done.changed("goodbye")).status == "waiting"


def test_what_others_need_does_not_go_with_a_branch(done: Loop) -> None:
    """A branch that takes an instance away is asked too; one that takes both away may."""
    files = {"stacks/lone.yaml": needing("vars: {{text: hello}}", "", name="photos-lone")}
    done.clone.moved(**files, **{"stacks/reader.yaml": needing(DEPENDS, "lone")})
    done.clone.branches["less"] = done.clone.commit(done.clone.head, {"stacks/lone.yaml": None})
    request = done.as_("ann").change_from("less", STACK).id
    assert done.carry_out(request).status == "failed"
    assert f"{STACK}/photos-lone is needed by {STACK}/reader" in done.view(request).reason
    both = dict.fromkeys(("stacks/lone.yaml", "stacks/reader.yaml"))
    done.clone.branches["both"] = done.clone.commit(done.clone.head, both)
    request = done.as_("ann").change_from("both", STACK).id
    assert done.carry_out(request).status == "waiting"


def test_others_are_counted_and_not_named_where_not_everybody_sees_them(done: Loop) -> None:
    """Of another tenant's instances those who see the request learn no name."""
    files = {"stacks/_others.yaml": OTHERS, "stacks/theirs.yaml": needing(READS, "key", defaults="_others")}
    config = done.clone.commits[done.clone.head]["atmos.yaml"].decode().replace('["_def', '["_others.yaml", "_def')
    done.clone.moved(**files, **{"atmos.yaml": config})
    view = done.carry_out(done.as_("ann").retire("photos", STACK).id)
    assert view.status == "failed"
    assert "1 elsewhere need something of it" in view.reason
    assert "other-use1" not in view.reason
    assert "reader" not in view.reason


def test_who_comes_after_the_preview_counts(done: Loop) -> None:
    """An approved retirement is parked where somebody needs it by then, and goes on when nobody does any more."""
    gone = done.as_("ann").retire("photos", STACK).id
    done.carry_out(gone)
    done.as_("gus").approve(gone)
    done.clone.moved(**{"stacks/reader.yaml": needing(READS, "key")})
    assert done.carry_out(gone).status == "parked"
    assert f"needed by {STACK}/reader" in done.view(gone).reason
    assert set(done.world.states) == {KEY, STORE}
    done.clone.head = done.clone.commit(done.clone.head, {"stacks/reader.yaml": None})
    done.as_("ann").resume(gone)
    assert done.carry_out(gone).status == "done"
    assert not done.world.states


def test_what_is_begun_and_not_published_counts(done: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that stopped half-way, and which no published manifest has, may read what would be gone."""
    monkeypatch.setattr(copier, "render_all", _reading)
    begun = done.approved("films")
    done.world.fails[f"{STACK}/films-store"] = Conflict("no", "no", next_step="no")
    assert done.carry_out(begun).status == "parked"
    view = done.carry_out(done.as_("ann").retire("photos", STACK).id)
    assert view.status == "failed"
    assert f"{KEY} is needed by {STACK}/films-key" in view.reason


def test_whose_own_parts_need_each_other_is_retired(done: Loop) -> None:
    """The store reads the key, and both go."""
    assert done.carry_out(done.as_("ann").retire("photos", STACK).id).status == "waiting"


def _reading(name: str, folder: Path, variants: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """As `render_all`, with a key that declares that it needs the key of `photos`."""
    needs = f"{{component: key}}\n      settings: {{depends_on: {{1: {{component: photos-key, stack: {STACK}}}}}}}"
    made: Callable[[str], str] = lambda text: text.replace("{component: key}", needs)  # noqa: E731
    return [{path: made(text) for path, text in one.items()} for one in render_all(name, folder, variants)]
