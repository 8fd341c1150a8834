"""The comment of a pull request: what matters is whole, the rest fits, and no text of anybody's is obeyed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from tests.unit.cli import batches

from gaia.checkout.batch_model import Planned
from gaia.ci.applying.reviewed import Applied, differing
from gaia.ci.approvals.needed import Asked
from gaia.ci.approvals.owners import Needed
from gaia.ci.approvals.standing import Lacking
from gaia.ci.hosts.host import LONGEST_COMMENT
from gaia.ci.model import Gone, Inputs, Made, Part, Preview
from gaia.ci.reports.apply_comment import ended_comment
from gaia.ci.reports.preview_comment import comment, fenced
from gaia.errors import Conflict
from gaia.platform.model import Change
from gaia.stacks.model import InstanceKey, Reference
from gaia.terraform.normal import NormalForm

if TYPE_CHECKING:
    from collections.abc import Sequence


HOSTILE = "x`]()\n```\n<img src=x> @everyone [a](https://evil) | \x1b[2J\u202e www.evil.example https://evil.example"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
INPUTS = Inputs("b", "i", "s", "p", "t")


def made(planned: Sequence[Planned], **more: Any) -> Made:
    """A preview of these."""
    parts = tuple(Part(str(one.instance.key), one.status, "sha256:1", INPUTS) for one in planned)
    return Made(Preview("b" * 40, "h" * 40, parts, NormalForm({}, "key-1"), NOW), tuple(planned), {}, **more)


def changing(name: str, *changes: Change) -> Planned:
    """An instance with such changes."""
    seen = batches.seen("update")
    instance = cast("Any", SimpleNamespace(key=InstanceKey("dev", name), references=()))
    return Planned(instance, replace(seen, view=replace(seen.view, changes=changes)))


def changed(action: str, address: str, **after: object) -> Change:
    """One resource."""
    return Change("dev/a", address, "t", action, {}, after)


def test_everything_that_a_batch_can_be_is_said() -> None:
    """What cannot be planned, what policies say, what waits, what is gone; and the digest at the end."""
    planned = [
        replace(
            one,
            instance=cast("Any", SimpleNamespace(key=one.instance.key, references=())),
            cost={},
        )
        for one in batches.planned()
    ]
    gone = (Gone("dev/old", 3), Gone("dev/odd", None), Gone("dev/none", 0))
    text = comment(made(planned, gone=gone, unbuilt=(("dev/bad", "no"),), held={"dev/a": 4}), str)
    assert text.startswith("### ❌ Gaia:")
    for said in (
        "cannot be planned",
        "waits:",
        "3 resources",
        "cannot be read",
        "belongs to pull request 4",
        "dev/bad",
    ):
        assert said in text, said
    assert made(planned).preview.digest in text
    assert len(text) < LONGEST_COMMENT


def test_what_changes_no_resource_is_not_called_nothing_to_do() -> None:
    """Outputs alone are changed, or nobody could plan it: both wait for a yes, and the first line says why."""
    outputs, waiting = changing("a"), Planned(changing("b").instance, waits="dev/a is not applied")
    assert comment(made([outputs]), str).startswith("### 🔷 Gaia: outputs to change in 1 instance\n")
    assert comment(made([waiting]), str).startswith("### 🔷 Gaia: 1 not planned in 1 instance\n")
    text = comment(made([outputs, changing("c", changed("create", "t.x")), waiting]), str)
    assert text.startswith("### 🔷 Gaia: 1 to create, outputs to change, 1 not planned in 3 instances\n")


def test_what_is_destroyed_is_never_cut_and_everything_else_is_as_far_as_it_has_to_be() -> None:
    """Two hundred instances, each with more than fits."""
    planned = [
        changing(
            f"i{number}", changed("delete", f"aws_s3_bucket.gone[{number}]"), changed("create", "a.b", text="x" * 900)
        )
        for number in range(200)
    ]
    text = comment(made(planned), str)
    assert len(text.encode("utf-16-le")) // 2 < LONGEST_COMMENT
    assert all(f"delete `aws_s3_bucket.gone[{number}]`" in text for number in range(200))
    assert "have no room here" in text
    assert text.count("<details>") == text.count("</details>") > 10


def test_a_comment_that_cannot_show_all_that_is_destroyed_is_refused() -> None:
    """Nobody approves what nobody can see."""
    many = [changing("a", *(changed("replace", f"aws_s3_bucket.{'long' * 20}[{number}]") for number in range(1000)))]
    with pytest.raises(Conflict) as caught:
        comment(made(many), str)
    assert caught.value.code == "preview-too-long"


def test_no_text_of_anybodys_is_markup() -> None:
    """Addresses, values, names of attributes, errors: no link, mention, tag, table or end of a block comes of one."""
    error = Conflict("x", HOSTILE, next_step="x")
    planned = [
        changing("a", changed("delete", HOSTILE, **{HOSTILE: HOSTILE})),
        replace(changing("b"), seen=None, error=error),
        replace(changing(HOSTILE.replace("/", "")), seen=None, waits=HOSTILE),
    ]
    text = comment(made(planned, unbuilt=((HOSTILE, HOSTILE),)), str, footer=["x"])
    outside = []
    fence = ""
    for line in text.split("\n"):
        if not fence and line.startswith("```"):
            fence = line[: len(line) - len(line.lstrip("`"))]
        elif fence and line == fence:
            fence = ""
        elif not fence:
            outside.append(line)
    assert not fence
    assert "\x1b" not in text
    assert "\u202e" not in text
    for line in outside:
        bare = _without_code(line)
        assert "<img" not in bare.replace("\\<", ""), line
        assert "@everyone" not in bare.replace("\\@", ""), line
        assert "](" not in bare.replace("\\]", ""), line
        assert "://" not in bare.replace("\\:", ""), line


def _without_code(line: str) -> str:
    """A line without its code spans, read as CommonMark reads them: the next run of as many backticks ends one."""
    return re.sub(r"(?<!\\)(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", line)


def test_secrets_are_masked_everywhere() -> None:
    """Also in what stands in an error."""
    error = Conflict("x", "the password hunter2 is wrong", next_step="x")
    planned = [
        changing("a", changed("update", "a.b", password="hunter2")),
        replace(changing("b"), seen=None, error=error),
    ]
    assert "hunter2" not in comment(made(planned), lambda text: text.replace("hunter2", "(sensitive)"))


def test_what_is_not_known_until_something_is_applied_is_said() -> None:
    """Which value, and after what."""
    reference = cast("Reference", SimpleNamespace(stack="dev", component="net"))
    app = changing("app", changed("create", "a.b", text="(known after apply)"))
    app = replace(
        app, instance=cast("Any", SimpleNamespace(key=app.instance.key, references=((("vars", "id"), reference),)))
    )
    shown = replace(made([changing("net", changed("create", "a.b")), app]), needs={"dev/app": ("dev/net",)})
    assert "`dev/app` is applied after `dev/net`: until then nobody knows `vars.id`" in comment(shown, str)


@pytest.mark.parametrize("text", ["a", "```", "a\n`````\nb", "``"])
def test_a_block_is_ended_by_nothing_in_it(text: str) -> None:
    """Its fence is longer than any run of backticks."""
    first, body, last = fenced(text, "diff")
    assert body == text
    assert last not in text
    assert first == f"{last}diff"


def test_the_end_says_why_nothing_was_applied() -> None:
    """By instance: what is another now, whose yes is missing, and nobody's texts as markup."""
    now = made([changing("a", changed("update", "a.b"))])
    before = replace(now.preview, parts=(replace(now.preview.parts[0], inputs=replace(INPUTS, policy="other")),))
    found = differing(before, now)
    assert [(one.instance, one.causes) for one in found] == [("dev/a", ("policy",))]
    missing = Lacking("dev/a", Needed(frozenset({"@ann"})))
    text = ended_comment(Applied(now, before, Asked((missing,), ("bob",), ("cyd",)), found), str, "c" * 40)
    for said in ("not what was reviewed", "policies, waivers or budgets", "needs \\@ann", "bob asks", "cyd approved"):
        assert said in text, said
    assert differing(now.preview, now) == ()
    assert differing(before, now, {"dev/a"}) == found
    state = replace(before, parts=(replace(before.parts[0], inputs=replace(INPUTS, state="other")),))
    assert [one.causes for one in differing(state, now)] == [("state",)]
    assert differing(state, now, {"dev/a"}) == ()
    same = made([Planned(now.planned[0].instance, batches.seen())])
    assert differing(replace(state, parts=(replace(state.parts[0], status="unchanged"),)), same) == ()
    assert [one.news for one in differing(replace(before, parts=()), now)] == ["nobody has reviewed it"]
    gone = "it was reviewed, and nothing is to be done about it now"
    assert [one.news for one in differing(before, made([]))] == [gone]
