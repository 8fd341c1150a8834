"""Making, keeping and judging a preview: one plan for all instances, kept under its digest, and nothing in clear."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.platform.loop import KEY, STACK, STORE

from gaia.errors import Conflict, Unavailable
from gaia.kit import clock
from gaia.kit.interrupt import Interrupt
from gaia.platform.requests import previewing
from gaia.records import previews, requests

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.platform.loop import Loop

    from gaia.records.model import Judgement


def judged(loop: Loop, request: str) -> Judgement:
    """How its current preview was judged."""
    with loop.platform.database.read() as tx:
        found = previews.latest_judgement(tx, request, str(loop.row(request).preview))
    assert found is not None
    return found


def finding(**more: object) -> dict[str, Any]:
    """What `Finding.as_json` gives, and the instance."""
    return {"rule": "plan.polite", "instance": KEY, "address": "a.b", "effect": "warn", **more}


def lone(loop: Loop) -> previewing.Made:
    """The preview of one instance that reads an output of another, which is not of its request."""
    text = "import: [_defaults]\ncomponents:\n  terraform:\n    lone:\n      metadata: {component: store}\n"
    text += "      vars: {bucket: b, key: !terraform.state net arn}\n"
    commit = loop.clone.commit(loop.clone.head, {"stacks/lone.yaml": text.encode()})
    request = loop.written("lone")
    with loop.platform.database.begin() as tx:
        requests.note(tx, request, at=clock.now(), instances=(f"{STACK}/lone",))
    return previewing.make(loop.at(request, "preview"), commit)


def with_provider(loop: Loop, component: str) -> None:
    """From now on the component cannot join others."""
    path = f"components/{component}/main.tf"
    loop.clone.moved(**{path: loop.clone.commits[loop.clone.head][path].decode() + 'provider "aws" {}\n'})


def test_all_instances_are_planned_as_one(waiting: Loop) -> None:
    """Terraform is asked once; a value that the other instance will have is unknown, what is known stands there."""
    assert [word for word in waiting.world.commands if word.startswith("plan")] == ["plan the preview"]
    normal, _ = previewing.load(waiting.platform, str(waiting.row(waiting.request).preview))
    changes = {str(key): change for key, [change] in normal.parts.items()}
    assert list(changes) == [KEY, STORE]
    assert changes[KEY].as_json()["after"]["text"] == "hello"  # type: ignore[index]
    assert changes[STORE].as_json()["after"]["key"] == {"$unknown": True}  # type: ignore[index]


def test_what_exists_takes_part_with_its_state(done: Loop) -> None:
    """Previewed again: nothing is to do, and an output that exists is known."""
    context = done.at(done.request, "preview")
    made = previewing.make(context, str(done.row(done.request).commit))
    assert made.summary == "no change"
    assert made.normal.empty
    assert made.commit == done.row(done.request).commit
    assert previewing.load(done.platform, made.digest)[0].digest == made.normal.digest


def test_a_value_of_an_instance_outside_is_read_from_its_state(loop: Loop) -> None:
    """The request's instance reads what another one, that is not of the request, has as an output."""
    loop.world.states[f"{STACK}/net"] = {"id": "id:net", "arn": "arn:net", "text": "shared"}
    [[change]] = lone(loop).normal.parts.values()
    assert change.as_json()["after"]["key"] == "arn:net"  # type: ignore[index]


def test_the_summary_counts_by_action(done: Loop) -> None:
    """In one order, whatever is first."""
    done.world.previews["photos-key"] = {"text": "bye"}
    del done.world.states[STORE]
    made = previewing.make(done.at(done.request, "preview"), str(done.row(done.request).commit))
    assert made.summary == "1 to create, 1 to update"


def test_the_normal_form_is_kept_under_its_digest_without_secrets(waiting: Loop) -> None:
    """The document is found by the digest's own letters; terraform's plan JSON is nowhere, nor is a password."""
    row = waiting.row(waiting.request)
    name = previewing.document_name(str(row.preview))
    assert f"sha256:{name}" == row.preview
    content = waiting.platform.documents.get("preview", name)
    kept = json.loads(content)
    assert list(kept) == ["alone", "normal", "reasons", "targets"]
    assert kept["alone"] == []
    assert b"hunter-two" not in content
    with waiting.platform.database.read() as tx:
        written = previews.get(tx, row.id, str(row.preview))
    assert written.commit == row.commit
    assert written.key_id == waiting.platform.key.id


def test_who_cannot_join_the_one_plan_is_named_with_the_reason(loop: Loop) -> None:
    """A component with a provider of its own is planned alone, with a value that exists."""
    with_provider(loop, "store")
    loop.world.states[f"{STACK}/net"] = {"id": "id:net", "arn": "arn:net", "text": "shared"}
    _, kept = previewing.load(loop.platform, lone(loop).digest)
    assert [(name, "provider block of its own" in why) for name, why in kept["alone"]] == [(f"{STACK}/lone", True)]


def test_what_nobody_could_see_is_not_put_to_anybody(loop: Loop) -> None:
    """Who needs a value of what is planned alone and does not exist ends the request, and is named."""
    with_provider(loop, "key")
    request = loop.previewed()
    view = loop.view(request)
    assert (view.status, view.preview, view.runs[-1].code) == ("failed", None, "not-previewable")
    assert f"{STORE} cannot be previewed: " in view.reason
    assert f"is known only when {KEY} has been applied" in view.reason
    assert f"{KEY} could not be previewed together with the others: its component has a provider block" in view.reason
    assert view.reason.endswith("(by a request of its own if this one makes it), then ask again.")
    assert not loop.platform.documents.exists("plans", loop.run(request).id)


def test_the_only_instance_that_cannot_be_previewed_ends_its_request_too(loop: Loop) -> None:
    """With the same words: no defect."""
    with pytest.raises(Conflict, match=f"{STACK}/lone cannot be previewed: .* net arn has no value yet") as raised:
        lone(loop)
    assert (raised.value.code, raised.value.facts) == ("not-previewable", {"instances": [f"{STACK}/lone"]})


@pytest.mark.parametrize("gone", [(), (KEY,), (STORE,), (KEY, STORE)])
def test_a_retirement_needs_no_value_that_is_gone(done: Loop, gone: tuple[str, ...]) -> None:
    """Whoever cannot join: what is left of the service can be retired."""
    for component in ("key", "store"):
        with_provider(done, component)
    for key in gone:
        del done.world.states[key]
    view = done.carry_out(done.as_("ann").retire("photos", STACK).id)
    assert view.status == "waiting"
    assert view.preview is not None
    assert {change.instance for change in view.preview.changes} == {KEY, STORE} - set(gone)


def test_planned_changes_are_told_in_the_words_of_their_instance(waiting: Loop) -> None:
    """No address of the combined root, no reading of data sources, nothing but what is planned."""
    lines = [line for line in waiting.as_("ann").log(waiting.request) if line["event"]]
    assert [(line["instance"], line["message"], line["event"]["address"]) for line in lines] == [  # type: ignore[index]
        (KEY, "aws_kms_key.this: Plan to create", "aws_kms_key.this"),
        (STORE, "aws_s3_bucket.this: Plan to create", "aws_s3_bucket.this"),
    ]
    assert {line["step"] for line in lines} == {"preview"}


def test_what_terraform_warns_of_is_told(loop: Loop) -> None:
    """It is about no instance."""
    loop.world.warns = "this is deprecated"
    request = loop.previewed()
    [line] = [line for line in loop.as_("ann").log(request) if line["message"] == "this is deprecated"]
    assert (line["instance"], line["event"]["kind"]) == (None, "diagnostic")  # type: ignore[index]


def test_a_secret_that_another_attribute_quotes_is_hidden_in_what_is_signed(loop: Loop) -> None:
    """Terraform marks the password alone; the run has learnt it."""
    loop.world.previews["photos-key"] = {"note": "it is hunter-two"}
    view = loop.view(loop.previewed())
    assert view.preview is not None
    assert view.preview.changes[0].after["note"] == "(sensitive)"


def test_what_outlived_a_killed_attempt_is_ended_first(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider does not end with its terraform; nothing else runs in the run's own folder."""
    from gaia.operations import survivors

    ended: list[tuple[Path, list[str]]] = []
    monkeypatch.setattr(survivors, "end_survivors", lambda folder: ended.append((folder, loop.world.commands[:])))
    request = loop.ask()
    loop.carry_out(request)
    assert ended == [(loop.platform.folder / "preview" / loop.run(request).id, [])]


def test_a_preview_waits_for_a_slot_of_the_machine_and_says_so(loop: Loop) -> None:
    """One limit for all of them; a wish to end is heard while it waits."""
    request = loop.ask()
    loop.carry_out(request, until="preview")
    with loop.platform.slots.take(lambda: None), loop.platform.slots.take(lambda: None):
        loop.platform.interrupt.ask()
        view = loop.carry_out(request)
    assert "waits for a slot: as many terraforms as this machine has room for are running" in loop.lines(request)
    assert (view.status, view.runs[0].code) == ("submitted", "interrupted")
    assert "plan the preview" not in loop.world.commands


def test_a_wish_to_end_reaches_the_runs_own_terraform(loop: Loop) -> None:
    """The process's wish is heard by the run, whose request is then previewed by another one."""
    request = loop.ask()
    loop.carry_out(request, until="preview")
    loop.platform.interrupt.ask()
    view = loop.carry_out(request)
    assert (view.status, [run.kind for run in view.runs]) == ("submitted", ["preview", "preview"])
    assert Interrupt().times == 0


def test_plans_are_kept_sealed_until_the_run_ends(loop: Loop) -> None:
    """A judge that is killed reads them again; in the file there is no password in clear."""
    request = loop.ask()
    loop.carry_out(request, until="judge")
    context = loop.at(request, "judge")
    assert previewing.has_plans(context)
    plans = json.loads(loop.platform.documents.get("plans", context.run.id))
    assert list(plans) == [KEY, STORE]
    assert plans[KEY]["resource_changes"][0]["change"]["after"]["password"] == "hunter-two"
    for path in (loop.platform.home / "plans").rglob("*"):
        assert path.is_dir() or b"hunter-two" not in path.read_bytes()
    folder = loop.platform.folder / "preview" / context.run.id
    assert folder.exists()
    previewing.forget_plans(context)
    previewing.forget_plans(context)
    assert not folder.exists()
    assert not previewing.has_plans(context)


# --- judging -----------------------------------------------------------------------------------------------------


def test_rules_are_asked_of_each_instances_plan(waiting: Loop) -> None:
    """Terraform's own document and whose it is, by the rules of the request's commit."""
    documents = waiting.rules.documents("plan.polite.deny")
    assert documents == []  # the stage was copied: nothing is asked again
    context = waiting.at(waiting.request, "judge")
    previewing._keep_plans(context, {KEY: {"format_version": "1.2"}, STORE: {"format_version": "1.2"}})
    previewing.judge(context, str(context.request.preview), str(context.request.commit))
    documents = waiting.rules.documents("plan.polite.deny")
    assert [one["gaia"]["instances"] for one in documents] == [[KEY], [STORE]]
    assert {one["format_version"] for one in documents} == {"1.2"}
    assert documents[0]["gaia"]["service"] == "photos"


def test_findings_name_their_instance_and_hide_what_the_run_learnt(loop: Loop) -> None:
    """A rule may quote a value: what is written down has none that terraform marked."""
    loop.rules.always("plan.polite.warn", "it says hunter-two", address="aws_kms_key.this")
    request = loop.previewed()
    found = judged(loop, request).findings
    assert [(one["instance"], one["message"], one["effect"]) for one in found] == [
        (KEY, "it says (sensitive)", "warn"), (STORE, "it says (sensitive)", "warn"),
    ]  # fmt: skip


def test_what_is_undecided_is_named_in_what_is_signed(loop: Loop) -> None:
    """Rule, instance and address, sorted; nothing else is in there."""
    loop.rules.says["data.gaia.plan.polite.undecided"] = lambda _: [
        {"message": "who knows", "address": name} for name in ("b.b", "a.a")
    ]
    loop.rules.always("plan.polite.warn", "hm")
    request = loop.previewed()
    names = [f"plan.polite {key} {address}" for key in (KEY, STORE) for address in ("a.a", "b.b")]
    assert judged(loop, request).undecided == tuple(names)
    loop.as_("gus").approve(request)
    assert loop.approvals(request)[0].undecided == tuple(names)


def test_a_finding_is_named_by_rule_instance_and_address() -> None:
    """Which the signature covers."""
    assert previewing.name_of(finding()) == f"plan.polite {KEY} a.b"


@pytest.mark.parametrize(
    ("effects", "verdict"),
    [
        ((), "allowed"), (("warn",), "allowed"), (("undecided", "warn"), "undecided"), (("deny",), "denied"),
        (("undecided", "deny"), "denied"),
    ],
)  # fmt: skip
def test_the_gravest_effect_is_the_verdict(effects: tuple[str, ...], verdict: str) -> None:
    """A denial beats what is undecided, which beats a warning."""
    assert previewing.verdict_of([finding(effect=effect) for effect in effects]) == verdict


def test_a_judgement_remembers_by_which_rules(waiting: Loop) -> None:
    """Their digest, its preview and its verdict."""
    row = waiting.row(waiting.request)
    found = judged(waiting, waiting.request)
    assert found.policies == waiting.platform.snapshot(str(row.commit)).policies.digest
    assert (found.preview, found.verdict, found.findings) == (row.preview, "allowed", ())


def test_each_instance_is_a_project_of_the_estimate(waiting: Loop) -> None:
    """Priced in the stack's region, with the usage that its manifest states."""
    cost: Any = judged(waiting, waiting.request).cost
    assert [project["name"] for project in cost["projects"]] == [KEY, STORE]
    assert cost["totalMonthlyCost"] == "3.3"  # the key, and 100 GB
    [resource] = cost["projects"][1]["breakdown"]["resources"]
    assert resource["metadata"]["region"] == "us-east-1"
    assert not cost["projects"][0]["metadata"].get("warnings")


def test_a_cost_setting_that_says_no_usage_is_priced_without(loop: Loop) -> None:
    """`settings.cost` may say other things, or be no mapping at all."""
    defaults = "stacks/_defaults.yaml"
    text = loop.clone.commits[loop.clone.head][defaults].decode()
    loop.clone.moved(**{defaults: text + "settings: {cost: {owner: me}}\n"})
    cost: Any = judged(loop, loop.previewed()).cost
    assert cost["totalMonthlyCost"] == "3.3"


# --- loading -----------------------------------------------------------------------------------------------------


def damaged(loop: Loop, content: bytes | None) -> Unavailable:
    """The error of a preview whose document is this."""
    digest = str(loop.row(loop.request).preview)
    name = previewing.document_name(digest)
    if content is None:
        loop.platform.documents.delete("preview", name)
    else:
        loop.platform.documents.put("preview", name, content)
    with pytest.raises(Unavailable) as caught:
        previewing.load(loop.platform, digest)
    assert caught.value.facts == {"digest": digest}
    assert digest in caught.value.message
    return caught.value


@pytest.mark.parametrize(
    "content",
    [None, b"{", b"[]", b"{}", b'{"normal": []}', b'{"normal": {"version": 99}}', b'{"normal": {"version": 1}}'],
)
def test_a_preview_that_cannot_be_read_is_one_error(waiting: Loop, content: bytes | None) -> None:
    """Gone, cut off, of another shape or version: it is not used."""
    assert damaged(waiting, content).code == "preview-damaged"


def test_a_preview_that_says_something_else_is_damaged(waiting: Loop) -> None:
    """Edited since: well-formed, and not what its digest says."""
    kept = waiting.platform.documents.get(
        "preview", previewing.document_name(str(waiting.row(waiting.request).preview))
    )
    error = damaged(waiting, kept.replace(b"hello", b"hallo"))
    assert error.message.endswith("it was changed since it was made")
    for before, after in ((b'"alone":[]', b'"alone":[["a/b","it is"]]'), (b'"eu-west-1"', b'"eu-west-2"')):
        assert before in kept
        assert damaged(waiting, kept.replace(before, after)).message.endswith("it was changed since it was made")
    assert damaged(waiting, kept.replace(b'"alone"', b'"other"')).message.endswith("cannot be used: 'alone'")


def test_the_digest_in_force_is_loaded_whole(waiting: Loop) -> None:
    """The normal form, and the document with what could not be previewed."""
    digest = str(waiting.row(waiting.request).preview)
    normal, kept = previewing.load(waiting.platform, digest)
    assert previewing.digest_of(kept) == digest
    assert kept["normal"] == normal.as_json()


def with_states_in_files(loop: Loop) -> None:
    """From now on."""
    text = loop.clone.commits[loop.clone.head]["stacks/_defaults.yaml"].decode()
    loop.clone.moved(
        **{"stacks/_defaults.yaml": text.partition("terraform:")[0] + "terraform: {backend_type: local}\n"}
    )


def with_key(loop: Loop, folder: str) -> None:
    """Let a state in a folder hold a key."""
    entry = {"mode": "managed", "type": "aws_kms_key", "name": "this", "instances": [{"attributes": {"id": "x"}}]}
    path = loop.platform.workplace.states / folder / "terraform.tfstate"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"version": 4, "serial": 1, "lineage": "l", "resources": [entry]}))


def test_a_request_does_not_make_what_a_state_elsewhere_holds(loop: Loop) -> None:
    """As an operator's plan does not: it ends with that before anything is planned."""
    with_states_in_files(loop)
    with_key(loop, "left")
    view = loop.view(loop.previewed())
    assert (view.status, view.runs[-1].code) == ("failed", "state-misplaced")
    assert "plan the preview" not in loop.world.commands


def test_what_a_service_made_that_is_not_published_is_its_own(loop: Loop) -> None:
    """Its instances are on no commit that the other request sees, and its state is nobody's loss."""
    with_states_in_files(loop)
    loop.carry_out(loop.approved("photos"), until="publish")
    with_key(loop, "key/terraform.tfstate.d/acme-use1-dev-photos-key")
    assert loop.view(loop.previewed("albums")).status == "waiting"
