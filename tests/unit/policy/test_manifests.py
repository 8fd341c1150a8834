"""Policies about the configuration of instances: what they say of some, and of a whole repository."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, cast

import pytest

from gaia.errors import Invalid, Unavailable
from gaia.policy import manifests
from gaia.policy.judge import judge, judge_each
from gaia.policy.manifests import manifest_findings, manifest_input
from gaia.policy.opa import Opa
from gaia.policy.regorus import Regorus
from gaia.policy.rules import PolicySet
from gaia.policy.validation import policy_findings
from gaia.stacks.repository import Repository

from .conftest import METADATA, POLICIES, write

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.policy.ports import PolicyEngine

ATMOS = (
    'base_path: .\nstacks: {base_path: stacks, included_paths: ["**/*"], excluded_paths: ["_base.yaml"], '
    'name_pattern: "{stage}"}\ncomponents: {terraform: {base_path: components}}\n'
)
BACKENDS = {"good": "true", "bad": "false", "later": "!store.get s k", "ran": "!exec echo true"}
RULE = """\
deny contains {"message": "no"} if input.vars.x == 1

warn contains {"message": "hm", "address": "vars.deep.down"} if input.vars.x == 2
"""


SEVERAL = """\
deny contains {"message": message} if some message in input.deny

undecided contains {"message": "u"} if input.open

warn contains {"message": "w"} if input.warn
"""


def repository(folder: Path, **manifests: str) -> Repository:
    """The manifests as a platform repository."""
    write(folder, {"atmos.yaml": ATMOS, **{f"stacks/{name}.yaml": text for name, text in manifests.items()}})
    return Repository.open(folder)


def encrypting(**backends: str) -> str:
    """A manifest of one instance for each value of `encrypt`."""
    text = "vars: {stage: dev}\ncomponents:\n  terraform:\n"
    for name, value in backends.items():
        text += f"    {name}:\n      backend_type: s3\n      backend:\n        s3:\n          encrypt: {value}\n"
    return text


def never() -> PolicyEngine:
    """Nobody may ask for it."""
    raise AssertionError


def with_rule(folder: Path, body: str, **manifests: str) -> Repository:
    """A repository with one rule about manifests."""
    write(folder, {"policies/manifest/a.rego": f"{METADATA}package gaia.manifest.a\n\n{body}"})
    return repository(folder, **manifests)


def test_instances_are_judged_by_their_backends(shipped: PolicySet, tmp_path: Path) -> None:
    """A backend that does not encrypt is denied, one that does is not, an unresolved one is undecided."""
    found = repository(tmp_path, dev=encrypting(**BACKENDS))
    instances = [found.instance(name, "dev") for name in BACKENDS]
    said = manifest_findings(shipped, instances, Regorus())
    assert [(one.key.component, each.effect) for one, each in said] == [
        ("bad", "deny"), ("later", "undecided"), ("ran", "undecided"),
    ]  # fmt: skip


def test_more_instances_than_fit_into_one_question_are_asked_in_several(
    shipped: PolicySet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each gets its own answer, in the order given; nobody asks about none."""
    found = repository(tmp_path, dev=encrypting(**BACKENDS))
    monkeypatch.setattr(manifests, "AT_ONCE", 3)
    names = ["good", "bad", "later", "bad", "good", "good", "bad"]
    said = manifest_findings(shipped, (found.instance(name, "dev") for name in names), Regorus())
    assert [one.key.component for one, _ in said] == ["bad", "later", "bad", "bad"]
    assert manifest_findings(shipped, (), Regorus()) == ()


@pytest.mark.parametrize("program", ["regorus", "opa"])
def test_several_documents_are_judged_as_one_by_one(
    request: pytest.FixtureRequest, program: str, tmp_path: Path
) -> None:
    """By either engine: sets, undefined rules and several findings of one document stay with their document."""
    engine = Regorus() if program == "regorus" else Opa(request.getfixturevalue("opa"))
    rule = f"{METADATA}package gaia.manifest.a\n\n{SEVERAL}"
    policies = PolicySet.load(write(tmp_path, {"manifest/a.rego": rule}))
    documents: list[dict[str, object]] = [{"deny": ["a", "b"]}, {}, {"open": True, "deny": ["a"]}, {"warn": 1}]
    said = judge_each(policies, "manifest", documents, engine=engine)
    assert said == tuple(judge(policies, "manifest", one, engine=engine) for one in documents)
    assert [len(each) for each in said] == [2, 0, 2, 1]


def test_where_there_is_nothing_to_ask_no_engine_is(tmp_path: Path) -> None:
    """No document, or no rule about the subject: each document has its answer, that nothing was found."""
    rule = f"{METADATA}package gaia.manifest.a\n\n{SEVERAL}"
    policies = PolicySet.load(write(tmp_path, {"manifest/a.rego": rule}))
    never = cast("PolicyEngine", None)
    assert judge_each(policies, "request", [{}, {}], engine=never) == ((), ())
    assert judge_each(policies, "manifest", (), engine=never) == ()


@pytest.mark.parametrize("place", ["policies", "policies/plan", "policies/manifest"])
def test_a_folder_that_cannot_be_looked_into_is_a_mistake(tmp_path: Path, place: str) -> None:
    """A link, whether it leads anywhere or not: nothing found would mean that nobody looked."""
    found = repository(tmp_path, dev=encrypting(good="true"))
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).symlink_to(tmp_path / "nowhere")
    (said,) = policy_findings(found, never)
    assert (said.severity, said.code in ("policies-unreadable", "policies-missing")) == ("error", True)


def test_findings_of_one_document_are_sorted_by_weight_and_said_once(tmp_path: Path) -> None:
    """Denials first; what two members of a set say equally is one finding."""
    body = SEVERAL.replace("input.warn", "input.open") + '\ndeny contains {"message": "b"} if input.open\n'
    policies = PolicySet.load(write(tmp_path, {"manifest/a.rego": f"{METADATA}package gaia.manifest.a\n\n{body}"}))
    [said] = judge_each(policies, "manifest", [{"open": True, "deny": ["b", "a", "b"]}], engine=Regorus())
    assert [(one.effect, one.message) for one in said] == [
        ("deny", "a"), ("deny", "b"), ("undecided", "u"), ("warn", "w"),
    ]  # fmt: skip


@pytest.mark.parametrize("body", ['deny contains "no"', "deny contains {}", "deny contains x if x := input.a.b + 1"])
def test_one_document_that_cannot_be_judged_decides_about_none(tmp_path: Path, body: str) -> None:
    """What is no finding is refused, whichever document it is of."""
    rule = f"{METADATA}package gaia.manifest.a\n\n{body}\n"
    policies = PolicySet.load(write(tmp_path, {"manifest/a.rego": rule}))
    with pytest.raises(Invalid):
        judge_each(policies, "manifest", [{}, {"a": {"b": "text"}}], engine=Regorus())


def test_the_document_says_what_describe_says_and_what_is_not_known(tmp_path: Path) -> None:
    """Sections, the instance's stack and component; unresolved values at any depth are marked."""
    values = "{l: [1, !store.get s k], m: {n: !store.get s k}}"
    text = f"vars: {{stage: dev}}\ncomponents: {{terraform: {{a: {{vars: {values}}}}}}}\n"
    document = manifest_input(repository(tmp_path, dev=text).instance("a", "dev"))
    unknown = {"$unknown": True}
    assert document["vars"] == {"stage": "dev", "l": [1, unknown], "m": {"n": unknown}}
    assert (document["atmos_stack"], document["atmos_component"], document["backend_type"]) == ("dev", "a", "")


def _plain(message: str) -> str:
    return re.sub(r"sha256:[0-9a-f]{16}", "…", message)


def test_a_repository_is_judged_with_places(tmp_path: Path) -> None:
    """A deny is a mistake where its value is written, an undecided rule a warning, each with its rule and title.

    No command is run for it.
    """
    shutil.copytree(POLICIES, tmp_path / "policies")
    found = policy_findings(repository(tmp_path, dev=encrypting(**BACKENDS)), Regorus)
    open_question = "whether the S3 backend encrypts is not resolved yet"
    assert [(one.severity, one.code, _plain(one.message), str(one.at)) for one in found] == [
        (
            severity,
            code,
            f"manifest.encrypted_state: State is encrypted where it is stored: {message}",
            f"stacks/dev.yaml:{line}:11",
        )
        for severity, code, message, line in (
            ("error", "policy-denied", "the S3 backend does not have encrypt set to true (dev/bad, value …)", 13),
            ("warning", "policy-undecided", f"{open_question} (dev/later)", 18),
            ("warning", "policy-undecided", f"{open_question} (dev/ran)", 23),
        )
    ]
    assert {one.next_step for one in found} == {"Set encrypt to true in the stack's backend section."}


def test_what_many_instances_inherit_is_one_mistake(tmp_path: Path) -> None:
    """At the place that they inherit it from; a value that is nowhere is said where what is around it stands."""
    text = "import: [_base]\nvars: {stage: STAGE}\ncomponents: {terraform: {a: {vars: {}}, b: {vars: {x: 3}}}}\n"
    found = policy_findings(
        with_rule(
            tmp_path,
            'deny contains {"message": "no", "address": "vars.deep.down.there"} if input.vars.x == 1',
            _base="vars:\n  x: 1\n  deep:\n    down: 1\n",
            dev=text.replace("STAGE", "dev"),
            prod=text.replace("STAGE", "prod"),
        ),
        Regorus,
    )
    assert [(_plain(one.message), str(one.at)) for one in found] == [
        ("manifest.a: T: no (dev/a and 1 more, value …)", "stacks/_base.yaml:4:5")
    ]


def test_a_finding_without_an_address_stands_at_its_component(tmp_path: Path) -> None:
    """And a warning is a warning, whose missing value has no place of its own."""
    components = "    a:\n      vars: {x: 1}\n    b:\n      vars:\n        x: 2\n"
    text = f"vars: {{stage: dev}}\ncomponents:\n  terraform:\n{components}"
    found = policy_findings(with_rule(tmp_path, RULE, dev=text), Regorus)
    assert [(one.severity, one.code, str(one.at)) for one in found] == [
        ("error", "policy-denied", "stacks/dev.yaml:4:5"), ("warning", "policy-warning", "stacks/dev.yaml:7:7"),
    ]  # fmt: skip


def test_without_a_rule_about_manifests_nobody_is_asked(tmp_path: Path) -> None:
    """No engine, and other rules are not read: they may be somebody else's."""
    found = repository(tmp_path, dev=encrypting(bad="false"))
    assert policy_findings(found, never) == ()
    write(tmp_path / "policies", {"other/x.rego": "package x", "manifest/a_test.rego": "package a_test"})
    assert policy_findings(found, never) == ()


def test_a_rule_that_cannot_be_used_is_a_mistake_with_its_place(tmp_path: Path) -> None:
    """Whether it has no metadata or cannot be evaluated: nobody has looked then. A missing engine is an error."""
    found = with_rule(tmp_path, "deny contains 1 if {\n", dev=encrypting(bad="false"))
    [broken] = policy_findings(found, Regorus)
    assert (broken.severity, broken.code, str(broken.at)) == ("error", "policy-broken", "policies/manifest/a.rego:10:1")
    (tmp_path / "policies/manifest/a.rego").write_text("package gaia.manifest.a\n\ndeny contains 1\n")
    [unread] = policy_findings(found, never)
    assert (unread.code, str(unread.at)) == ("policy-metadata", "policies/manifest/a.rego:1:1")

    [odd] = policy_findings(with_rule(tmp_path, 'deny contains "no"\n', dev=encrypting(bad="false")), Regorus)
    assert (odd.severity, odd.code, odd.at) == ("error", "policy-bad-result", None)

    def missing() -> PolicyEngine:
        raise Unavailable("opa-missing", "there is none", next_step="")

    with pytest.raises(Unavailable):
        policy_findings(with_rule(tmp_path, RULE, dev=encrypting(bad="false")), missing)


def test_what_cannot_be_described_is_said_to_be_undecided(tmp_path: Path) -> None:
    """One instance, or one that cannot be given a stack; the others are judged."""
    components = "{a: {metadata: {component: ../../../x}}, b: {vars: {x: 1}}}"
    text = f"vars: {{stage: dev}}\ncomponents: {{terraform: {components}}}\n"
    found = policy_findings(with_rule(tmp_path, RULE, dev=text), Regorus)
    assert [(one.severity, one.code, one.message.partition(":")[0]) for one in found] == [
        ("error", "policy-denied", "manifest.a"),
        ("warning", "policy-undecided", "no policy could be asked about dev/a"),
    ]
    [alone] = policy_findings(with_rule(tmp_path, RULE, dev="components: {terraform: {a: {}}}"), Regorus)
    assert (alone.severity, alone.code) == ("warning", "policy-undecided")
    assert "no policy could be asked about dev/a: " in alone.message


def test_a_rule_that_nobody_answers_for_is_a_warning(tmp_path: Path) -> None:
    """It judges all the same; its place is that of the rule."""
    text = f"{METADATA}package gaia.plan.a\n\n{RULE}"
    assert "owner" in text
    write(tmp_path, {"policies/plan/a.rego": re.sub(r"#   owner: .*\n", "", text)})
    (said,) = policy_findings(repository(tmp_path, dev=encrypting(good="true")), never)
    assert (said.severity, said.code) == ("warning", "policy-unowned")
    assert str(said.at).startswith("policies/plan/a.rego:")


def test_only_the_sets_that_are_asked_for_are_judged(tmp_path: Path) -> None:
    """Where denials alone decide, a warning would be work for nothing."""
    found = with_rule(
        tmp_path,
        RULE,
        dev="""
vars: {stage: dev}
components: {terraform: {a: {vars: {x: 1}}, b: {vars: {x: 2, deep: {down: 1}}}}}
""",
    )
    instances = [found.instance(name, "dev") for name in ("a", "b")]
    policies = PolicySet.load(tmp_path / "policies")
    effects = [each.effect for _, each in manifest_findings(policies, instances, Regorus())]
    assert effects == ["deny", "warn"]
    assert [each.effect for _, each in manifest_findings(policies, instances, Regorus(), {"deny"})] == ["deny"]
