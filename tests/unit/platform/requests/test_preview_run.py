"""The first run of a request, step by step: who is let in, what is written on its branch, and when it ends early."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.platform.loop import KEY, MANIFEST, STACK, STORE

from gaia.kit import clock
from gaia.records import previews, requests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.platform.loop import Loop

    from gaia.platform.model import RequestView

SOON = (clock.now() + timedelta(days=30)).date().isoformat()


def without_moment(document: Mapping[str, Any]) -> dict[str, Any]:
    """What rules about requests see, whenever they are asked."""
    return {**document, "gaia": {name: said for name, said in document["gaia"].items() if name != "now"}}


def ended(view: RequestView) -> tuple[str, str, str]:
    """Status, code and reason."""
    return view.status, view.runs[-1].code, view.reason


def results(loop: Loop, request: str) -> dict[str, dict[str, object]]:
    """What the steps of its newest run returned."""
    return loop.results[loop.run(request).id]


def warned(loop: Loop, request: str) -> list[Mapping[str, object]]:
    """What the approver of a request that waits is warned of, where nothing else was found."""
    view = loop.view(request)
    assert (view.status, results(loop, request)["judge"]["verdict"]) == ("waiting", "allowed")
    assert view.preview is not None
    return list(view.preview.findings)


def test_a_request_is_admitted_rendered_resolved_previewed_and_judged(waiting: Loop) -> None:
    """In this order; each step says what it did and returns ids and scalars."""
    view = waiting.view(waiting.request)
    assert [name for name, _ in view.runs[-1].steps] == ["admit", "render", "resolve", "preview", "judge"]
    row = waiting.row(waiting.request)
    with waiting.platform.database.read() as tx:
        judgement = previews.latest_judgement(tx, row.id, str(row.preview))
    assert judgement is not None
    kept = results(waiting, waiting.request)
    assert kept["render"] == {"base": row.base, "commit": row.commit}
    assert kept["resolve"] == {"instances": 2}
    assert kept["preview"] == {"digest": row.preview}
    assert kept["judge"] == {"judgement": judgement.digest, "verdict": "allowed"}
    said = waiting.lines(waiting.request)
    for line in (
        f"admitted: provision photos in {STACK}",
        f"rendered {MANIFEST} on gaia/{row.id}",
        f"resolved {KEY}, {STORE}",
        "previewed: 2 to create",
        "judged: allowed",
    ):
        assert line in said


def test_the_manifest_stands_on_a_branch_of_its_own(waiting: Loop) -> None:
    """On top of the head; nothing is published. Each line knows the answers that it came from."""
    row, clone = waiting.row(waiting.request), waiting.clone
    assert (row.branch, row.base, row.manifest) == (f"gaia/{row.id}", clone.head, MANIFEST)
    assert clone.branches[str(row.branch)] == row.commit
    assert clone.parents[str(row.commit)] == clone.head
    assert row.origins[MANIFEST]["6"] == ["text"]
    assert MANIFEST not in clone.files(clone.head)


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        ("deny", "Not too many: ten are enough (request.quota, value DIGEST)"),
        ("undecided", "Not too many: ten are enough"),
    ],
)
def test_a_rule_about_requests_keeps_one_out(loop: Loop, effect: str, said: str) -> None:
    """An undecided one too: nobody asks again. Nothing is rendered; what a waiver has to name is told, and kept."""
    loop.rules.always(f"request.quota.{effect}", "ten are enough")
    view = loop.carry_out(loop.ask())
    end = ended(view)
    assert end[:2] == ("denied", "request-denied")
    assert re.sub("sha256:[0-9a-f]{16}", "DIGEST", end[2]) == said
    assert view.manifest == ""
    assert any(said.partition(" (")[0] in line for line in loop.lines(view.id))


def test_every_rule_that_says_no_is_named(loop: Loop) -> None:
    """One after the other."""
    loop.rules.says["data.gaia.request.quota.deny"] = lambda _: [{"message": "one"}, {"message": "two"}]
    reason = loop.carry_out(loop.ask()).reason
    assert re.sub(r" \(.*?\)", "", reason) == "Not too many: one; Not too many: two"


def test_a_warning_about_a_request_lets_it_in(loop: Loop) -> None:
    """It is no denial; the log has it, and so has the approver, among the findings."""
    loop.rules.always("request.quota.warn", "soon too many")
    request = loop.previewed()
    [found] = warned(loop, request)
    assert (found["rule"], found["title"], found["message"]) == ("request.quota", "Not too many", "soon too many")
    assert (found["instance"], found["effect"]) == (None, "warn")
    assert "Not too many: soon too many" in loop.lines(request)
    asked = [without_moment(one) for one in loop.rules.documents("request.quota.warn")]
    assert len(asked) == 2
    assert asked[0] == asked[1]


def test_a_warning_about_a_retirement_is_shown_too(done: Loop) -> None:
    """Of a rule about requests: who asks, not how things should have been."""
    done.rules.always("request.quota.warn", "a pity")
    done.rules.always("manifest.sealed.warn", "hm")
    asked = done.as_("ann").retire("photos", STACK).id
    done.carry_out(asked)
    assert [found["message"] for found in warned(done, asked)] == ["a pity"]


def test_a_rule_about_requests_is_told_what_is_asked_and_how_many_there_are(done: Loop) -> None:
    """Answers, place, and the services that stand in this stack already."""
    done.rules.asked.clear()
    request = done.previewed("music", "la la")
    asked = done.rules.documents("request.quota.deny")
    assert all(one["gaia"]["now"].endswith("Z") for one in asked)
    document, again = map(without_moment, asked)
    assert document == again  # when it is let in, and when it is judged
    assert (document["services"], document["answers"]) == (1, {"text": "la la", "alone": False})
    assert document["gaia"] == {
        "kind": "provision", "service": "music", "template": "pair", "template_version": "1.0.0", "stack": STACK,
        "tenant": "acme", "stage": "dev", "requester": done.row(request).requester, "ttl": None,
        "instances": [], "step": "preview",
    }  # fmt: skip


def test_the_rules_of_the_platforms_own_branch_count(loop: Loop) -> None:
    """Those at its head; what is proposed cannot change them."""
    request = loop.previewed()
    asked_of = [modules for asked, _, modules in loop.rules.asked if asked == "data.gaia.request.quota.deny"]
    for modules in asked_of:
        assert modules == loop.platform.snapshot(str(loop.row(request).base)).policies.modules


@pytest.mark.parametrize("effect", ["deny", "undecided"])
def test_a_rule_about_manifests_ends_a_request(loop: Loop, effect: str) -> None:
    """Before anything is planned, with the instance; an undecided one too: nothing asks again before the apply."""
    loop.rules.says[f"data.gaia.manifest.sealed.{effect}"] = lambda document: (
        [{"message": "no seal"}] if document["vars"].get("text") == "hello" else []
    )
    view = loop.carry_out(loop.ask())
    end = ended(view)
    assert end[:2] == ("denied", "policy-denied")
    assert end[2].partition(" (")[0] == f"{KEY}: Seal it: no seal"
    assert ("manifest.sealed, value sha256:" in end[2]) == (effect == "deny")
    assert loop.world.commands == []
    assert view.instances == ()


def test_a_warning_about_a_manifest_ends_nothing(loop: Loop) -> None:
    """It is no denial; the log has it, and so has the approver, with the instance."""
    loop.rules.always("manifest.sealed.warn", "hm", address="vars.text")
    request = loop.previewed()
    assert [(found["instance"], found["rule"], found["address"]) for found in warned(loop, request)] == [
        (KEY, "manifest.sealed", "vars.text"),
        (STORE, "manifest.sealed", "vars.text"),
    ]
    assert f"{KEY}: Seal it: hm" in loop.lines(request)


def test_warnings_stand_beside_what_is_said_of_the_plans(loop: Loop) -> None:
    """They do not change the verdict, and are no part of what is signed as open."""
    loop.rules.always("request.quota.warn", "soon too many")
    loop.rules.always("plan.polite.undecided", "who knows")
    request = loop.previewed()
    with loop.platform.database.read() as tx:
        judgement = previews.latest_judgement(tx, request, str(loop.row(request).preview))
    assert judgement is not None
    assert (judgement.verdict, len(judgement.undecided), len(judgement.findings)) == ("undecided", 2, 3)


def test_a_retirement_is_not_held_up_by_how_things_should_have_been(done: Loop) -> None:
    """Rules about manifests are not asked of what goes."""
    done.rules.always("manifest.sealed.deny", "no seal")
    asked = done.as_("ann").retire("photos", STACK).id
    assert done.carry_out(asked).status == "waiting"


def test_a_retirement_is_read_where_its_manifest_still_is(done: Loop) -> None:
    """Its branch has lost the manifest, its base has not: instances and plan come from there."""
    asked = done.as_("ann").retire("photos", STACK).id
    view = done.carry_out(asked)
    row = done.row(asked)
    assert row.instances == (KEY, STORE)
    assert MANIFEST in done.clone.files(str(row.base))
    assert MANIFEST not in done.clone.files(str(row.commit))
    assert view.preview is not None
    assert {change.action for change in view.preview.changes} == {"delete"}
    assert "previewed: 2 to delete" in done.lines(asked)


def test_what_was_asked_for_is_read_from_its_branch(waiting: Loop) -> None:
    """A request to make something is described by its commit."""
    row = waiting.row(waiting.request)
    assert waiting.at(waiting.request, "preview").source_commit == row.commit != row.base


def test_there_is_no_commit_before_it_is_rendered(loop: Loop) -> None:
    """A step out of order is a mistake of Gaia's, not a preview of something else."""
    with pytest.raises(RuntimeError):
        _ = loop.at(loop.ask(), "preview").source_commit


@pytest.mark.parametrize(
    ("manifest", "words"),
    [("stacks/other.yaml", "defines acme-use1-prod/thing, not"), ("stacks/none.yaml", "defines no instance, not")],
)
def test_a_manifest_that_defines_nothing_here_is_refused(loop: Loop, manifest: str, words: str) -> None:
    """A template that writes into another stack, or nothing at all, is the platform team's to repair."""
    prod = "vars: {tenant: acme, environment: use1, stage: prod, region: us-east-1}\n"
    thing = "components: {terraform: {thing: {metadata: {component: key}, vars: {text: x}}}}\n"
    none = "import: [_defaults]\n"
    request = loop.ask()
    commit = loop.clone.commit(loop.clone.head, {"stacks/other.yaml": (prod + thing).encode(), manifest: b""})
    content = {"stacks/other.yaml": prod + thing, "stacks/none.yaml": none}[manifest]
    commit = loop.clone.commit(loop.clone.head, {manifest: content.encode()})
    loop.carry_out(request, until="resolve")
    with loop.platform.database.begin() as tx:
        requests.note(tx, request, at=clock.now(), commit=commit, manifest=manifest)
    view = loop.carry_out(request)
    assert ended(view)[:2] == ("failed", "manifest-elsewhere")
    assert f"{manifest} {words} instances of {STACK}" in view.reason


@pytest.mark.parametrize("kind", ["create", "retire"])
def test_what_another_manifest_defines_is_nobody_elses(loop: Loop, kind: str) -> None:
    """Not to be made by a request, and never destroyed by a retirement: both manifests import it."""
    catalog = b"components: {terraform: {net: {metadata: {component: key}, vars: {text: shared}}}}\n"
    both = b"import: [_defaults, catalog/net]\n"
    files = {"stacks/catalog/net.yaml": catalog, "stacks/net.yaml": both, "stacks/photos.yaml": both}
    commit = loop.clone.commit(loop.clone.head, files)
    if kind == "retire":
        loop.done()
        request = loop.as_("ann").retire("photos", STACK).id
    else:
        request = loop.ask()
    loop.carry_out(request, until="resolve")
    with loop.platform.database.begin() as tx:
        requests.note(tx, request, at=clock.now(), commit=commit, base=commit, manifest="stacks/photos.yaml")
    view = loop.carry_out(request)
    assert ended(view)[:2] == ("failed", "instance-taken")
    assert "net is defined by net already" in view.reason.replace("stacks/", "").replace(".yaml", "")


def test_a_rule_about_plans_ends_a_request(loop: Loop) -> None:
    """With every message; nothing is approved, and no plan stays."""
    loop.rules.says["data.gaia.plan.polite.deny"] = lambda document: [
        {"message": f"rude: {document['gaia']['instances'][0]}", "address": "aws_kms_key.this"}
    ]
    loop.rules.always("plan.polite.undecided", "who knows")
    request = loop.ask()
    view = loop.carry_out(request)
    assert ended(view) == ("denied", "policy-denied", f"aws_kms_key.this: rude: {KEY}; aws_kms_key.this: rude: {STORE}")
    assert not loop.platform.documents.exists("plans", loop.run(request).id)


def _waive(loop: Loop) -> None:
    """Have the branch excuse what the rule about plans denies."""
    loop.rules.always("plan.polite.deny", "rude", address="aws_kms_key.this")
    denied = loop.ask()
    loop.carry_out(denied)
    value = str(_judged(loop, denied)[0]["value"])
    text = "waivers:\n" + "".join(
        f"  - {{rule: plan.polite, resource: aws_kms_key.this, instance: {key}, value: '{value}', reason: tests,"
        f" owner: ann, expires: '{SOON}'}}\n"
        for key in (KEY, STORE)
    )
    loop.clone.head = loop.clone.commit(loop.clone.head, {"waivers/tests.yaml": text.encode()})


def test_a_waiver_on_the_branch_excuses_and_is_signed(loop: Loop) -> None:
    """The approver reads who excuses it and why; the apply goes by the same waiver."""
    _waive(loop)
    request = loop.approved()
    assert [one["effect"] for one in _judged(loop, request)] == ["waived", "waived"]
    assert {str(one["waiver"]["owner"]) for one in _judged(loop, request)} == {"ann"}
    assert "waived, so not against it: 2" in loop.lines(request)
    assert loop.carry_out(request).status == "done"


@pytest.mark.parametrize(("rule", "place"), [("request.quota", f"{STACK}/photos"), ("manifest.sealed", KEY)])
def test_a_waiver_on_the_branch_excuses_what_holds_up_a_request(loop: Loop, rule: str, place: str) -> None:
    """Of rules about requests and manifests too: it is let in, and the approver reads whose word that is."""
    loop.rules.says[f"data.gaia.{rule}.deny"] = lambda document: (
        [{"message": "no", "value": 1}] if "vars" not in document or document["vars"].get("text") == "hello" else []
    )
    assert loop.carry_out(loop.ask()).status == "denied"
    value = f"sha256:{hashlib.sha256(b'[1]').hexdigest()[:16]}"
    text = (
        f"waivers:\n  - {{rule: {rule}, resource: '-', instance: {place}, value: '{value}', reason: tests, owner: ann,"
        f" expires: '{SOON}'}}\n"
    )
    loop.clone.head = loop.clone.commit(loop.clone.head, {"waivers/tests.yaml": text.encode()})
    request = loop.previewed()
    assert [(one["rule"], one["effect"]) for one in warned(loop, request)] == [(rule, "waived")]
    assert any(f"no (waived by ann until {SOON}: tests)" in line for line in loop.lines(request))


def test_an_apply_is_excused_nothing_that_nobody_signed(loop: Loop) -> None:
    """What is denied first on the instance's own plan stops it, waiver or not: an approver has to read that one."""
    _waive(loop)
    loop.rules.says.clear()
    request = loop.approved()
    loop.rules.always("plan.polite.deny", "rude", address="aws_kms_key.this")
    assert loop.carry_out(request).status == "parked"


def test_a_waiver_of_a_rule_that_is_not_there_stops_a_judgement(loop: Loop) -> None:
    """Nobody can say what it would excuse."""
    text = (
        "waivers:\n  - {rule: plan.gone, resource: a, instance: s/c, value: 'sha256:0123456789abcdef', reason: r,"
        f" owner: o, expires: '{SOON}'}}\n"
    )
    loop.clone.head = loop.clone.commit(loop.clone.head, {"waivers/tests.yaml": text.encode()})
    assert ended(loop.carry_out(loop.ask()))[:2] == ("failed", "waiver-rule-unknown")


def _judged(loop: Loop, request: str) -> tuple[Mapping[str, Any], ...]:
    with loop.platform.database.read() as tx:
        found = previews.latest_judgement(tx, request, str(loop.row(request).preview))
    assert found is not None
    return found.findings


def test_what_is_undecided_waits_and_is_counted(loop: Loop) -> None:
    """It does not stop an approval; the log says how much is decided later."""
    loop.rules.always("plan.polite.undecided", "who knows")
    request = loop.previewed()
    assert loop.row(request).status == "waiting"
    assert results(loop, request)["judge"]["verdict"] == "undecided"
    assert "judged: undecided, decided later: 2" in loop.lines(request)


def test_a_judge_whose_plans_were_cleaned_away_makes_them_again(loop: Loop) -> None:
    """Nobody went on with the run for long: it is previewed once more and judged all the same."""
    request = loop.ask()
    loop.carry_out(request, until="judge")
    loop.platform.documents.delete("plans", loop.run(request).id)
    loop.world.previews["photos-key"] = {"policy": "new"}
    before = loop.row(request).preview
    assert loop.carry_out(request).status == "waiting"
    row = loop.row(request)
    assert row.preview != before
    with loop.platform.database.read() as tx:
        assert previews.latest_judgement(tx, request, str(row.preview)) is not None
        assert len(previews.of_request(tx, request)) == 2


def test_a_judge_that_is_tried_again_reads_the_same_plans(loop: Loop) -> None:
    """Killed in between: nothing is planned once more."""
    request = loop.ask()
    loop.carry_out(request, until="settle")
    loop.world.commands.clear()
    loop.results[loop.run(request).id].pop("judge")
    assert loop.carry_out(request).status == "waiting"
    assert loop.world.commands == []
