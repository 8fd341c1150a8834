"""What every engine owes whoever judges, and which one is asked. One suite, two engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gaia.bootstrap import App
from gaia.errors import Invalid, Unavailable
from gaia.policy.judge import auto_approved, judge, judge_each, texts
from gaia.policy.model import Module
from gaia.policy.opa import Opa
from gaia.policy.opa_server import OpaServer
from gaia.policy.regorus import Regorus
from gaia.policy.rules import PolicySet
from gaia.policy.test import run_tests
from gaia.settings import Settings

from .conftest import METADATA, TOKEN, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.policy.ports import PolicyEngine

BODY = """
deny contains {"message": "no", "address": "a"} if input.x == 1

warn contains {"message": "hm"} if input.y

undecided contains {"message": "later"} if input.z
"""


def _set(folder: Path, subject: str, body: str = BODY, tests: str = "") -> PolicySet:
    files = {f"{subject}/a.rego": f"{METADATA}package gaia.{subject}.a\n{body}"}
    if tests:
        files[f"{subject}/a_test.rego"] = f"package gaia.{subject}.a_test\n\n{tests}"
    return PolicySet.load(write(folder, files))


@pytest.fixture(params=["regorus", "opa", "opa-server"])
def engine(request: pytest.FixtureRequest) -> PolicyEngine:
    """The embedded engine, and opa as a program and as a server where there is one."""
    if request.param == "regorus":
        return Regorus()
    if request.param == "opa":
        return Opa(request.getfixturevalue("opa"))
    made: PolicyEngine = request.getfixturevalue("opa_server")
    return made


@pytest.mark.parametrize("subject", ["plan", "request", "manifest"])
def test_each_effect_is_told_apart_for_each_subject(engine: PolicyEngine, tmp_path: Path, subject: Any) -> None:
    """What is denied, warned of and left undecided comes back as such; a rule that does not hold says nothing."""
    policies = _set(tmp_path, subject)
    found = judge(policies, subject, {"x": 1, "y": True, "z": True}, engine=engine)
    assert [(one.effect, one.message, one.address) for one in found] == [
        ("deny", "no", "a"), ("undecided", "later", None), ("warn", "hm", None),
    ]  # fmt: skip
    assert judge(policies, subject, {"x": 2}, engine=engine) == ()


def test_a_number_that_is_not_known_fails_a_gate(engine: PolicyEngine, tmp_path: Path) -> None:
    """In Rego null is less than every number, so a limit alone would let an unknown sum pass; asked for it fails."""
    body = """
total := object.get(input, "total", null)

deny contains {"message": "dear"} if {
    is_number(total)
    total > 100
}

undecided contains {"message": "nobody knows"} if not is_number(total)
"""
    policies = _set(tmp_path, "plan", body)
    effects = [
        [one.effect for one in judge(policies, "plan", document, engine=engine)]
        for document in ({"total": 5}, {"total": 101}, {"total": None}, {})
    ]
    assert effects == [[], ["deny"], ["undecided"], ["undecided"]]


def test_a_broken_rule_decides_nothing(engine: PolicyEngine, tmp_path: Path) -> None:
    """A mistake anywhere is an error with a place, for judgements as for approvals."""
    policies = _set(tmp_path, "plan", "deny contains x if {\n  x :=\n}\n")
    for ask in (lambda: judge(policies, "plan", {}, engine=engine), lambda: auto_approved(policies, {}, engine=engine)):
        with pytest.raises(Invalid) as caught:
            ask()
        assert caught.value.code == "policy-broken"
        assert str(caught.value.at).startswith("policies/plan/a.rego:")


def test_only_true_approves(engine: PolicyEngine, tmp_path: Path) -> None:
    """Undefined, false and texts are no."""
    said = {}
    for name, value in (("yes", "true"), ("no", "false"), ("text", '"true"')):
        folder = write(tmp_path / name, {"request/auto.rego": f"package gaia.request\n\nauto_approve := {value}\n"})
        said[name] = auto_approved(_set(folder, "plan"), {}, engine=engine)
    said["undefined"] = auto_approved(_set(tmp_path / "undefined", "plan"), {}, engine=engine)
    assert said == {"yes": True, "no": False, "text": False, "undefined": False}


def test_texts_are_sorted_and_nothing_else(engine: PolicyEngine) -> None:
    """A set of texts, none where it is undefined, and an error for what is no text."""
    module = Module("a.rego", 'package a\n\nerrors contains "b" if true\n\nerrors contains "a" if true\n\nodd := [1]\n')
    assert texts([module], {}, "data.a.errors", engine=engine) == ("a", "b")
    assert texts([module], {}, "data.a.nothing", engine=engine) == ()
    with pytest.raises(Invalid) as caught:
        texts([module], {}, "data.a.odd", engine=engine)
    assert caught.value.code == "policy-bad-result"


def test_tests_pass_fail_and_are_undefined(engine: PolicyEngine, tmp_path: Path) -> None:
    """Only what is exactly true passed."""
    tests = "test_yes if true\n\ntest_no := false\n\ntest_undefined if 1 == 2\n"
    results = run_tests(_set(tmp_path, "plan", tests=tests), engine=engine)
    assert [one.passed for one in results] == [True, False, False]


def _program(folder: Path, script: str) -> str:
    path = folder / "opa"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_the_setting_chooses_the_engine(tmp_path: Path) -> None:
    """`GAIA_OPA_URL` before `GAIA_OPA`, which is relative to where one stands; without them the embedded engine."""
    assert isinstance(App(Settings.capture({}, tmp_path)).policy_engine(), Regorus)
    _program(tmp_path, "exit 1")
    assert isinstance(App(Settings.capture({"GAIA_OPA": "opa"}, tmp_path)).policy_engine(), Opa)
    server = App(Settings.capture({"GAIA_OPA": "opa", "GAIA_OPA_URL": "http://127.0.0.1:1"}, tmp_path)).policy_engine()
    assert isinstance(server, OpaServer)


def test_one_engine_is_asked_all_the_time(tmp_path: Path) -> None:
    """So that it holds what it has loaded."""
    app = App(Settings.capture({}, tmp_path))
    assert app.policy_engine() is app.policy_engine()


@pytest.mark.parametrize("name", ["nowhere/opa", "."])
def test_an_opa_that_is_not_there_is_an_error(tmp_path: Path, name: str) -> None:
    """The embedded engine does not step in for the one that was asked for."""
    with pytest.raises(Unavailable) as caught:
        App(Settings.capture({"GAIA_OPA": name}, tmp_path)).policy_engine()
    assert caught.value.code == "opa-missing"
    assert f"GAIA_OPA is {name}" in caught.value.message


def test_a_failing_opa_is_asked_for_everything_and_decides_nothing(tmp_path: Path) -> None:
    """Plans, requests, manifests, approvals, texts and `policy test` all go to the program that was named."""
    for subject in ("plan", "request", "manifest"):
        policies = _set(tmp_path / "policies", subject, tests="test_yes if true\n")
    settings = Settings.capture({"GAIA_OPA": _program(tmp_path, "echo broken >&2; exit 3")}, tmp_path)
    engine = App(settings).policy_engine()
    stacks = 'stacks: {base_path: stacks, included_paths: ["**/*"], name_pattern: "{stage}"}'
    (tmp_path / "atmos.yaml").write_text(f"base_path: .\n{stacks}\n")
    (tmp_path / "stacks").mkdir()
    asked: list[Callable[[], object]] = [
        lambda: judge(policies, "plan", {}, engine=engine),
        lambda: judge(policies, "request", {}, engine=engine),
        lambda: judge(policies, "manifest", {}, engine=engine),
        lambda: auto_approved(policies, {}, engine=engine),
        lambda: App(settings).rego([], {}),
        lambda: App(settings).policy_tests(tmp_path),
    ]
    for ask in asked:
        with pytest.raises(Unavailable) as caught:
            ask()
        assert caught.value.code == "policy-engine-crashed"
        assert "broken" in str(caught.value.facts)


def test_a_function_that_the_engine_lacks_is_refused_before_any_rule_comes_to_it(
    engine: PolicyEngine, tmp_path: Path
) -> None:
    """With the place of its call; else a rule would be silent until the day on which it matters."""
    body = 'deny contains {"message": "no"} if {\n\tinput.never\n\tcrypto.x509.no_such(input.x)\n}\n'
    with pytest.raises(Invalid) as caught:
        judge(_set(tmp_path, "plan", body), "plan", {}, engine=engine)
    assert caught.value.code == "policy-broken"
    assert "crypto.x509.no_such" in caught.value.message
    assert str(caught.value.at) == "policies/plan/a.rego:10:2"


def test_functions_of_the_file_of_its_package_and_of_imports_are_known(engine: PolicyEngine, tmp_path: Path) -> None:
    """And texts and comments call nothing."""
    lib = "package gaia.lib.more\n\ntwice(x) := x * 2\n"
    body = """
import data.gaia.lib.more
import data.gaia.lib.more as other

# nothing(calls) this
own(x) := more.twice(x)

deny contains {"message": "called(nobody)"} if own(input.x) + other.twice(input.x) + data.gaia.lib.more.twice(1) == 10
"""
    write(tmp_path, {"lib/more.rego": lib})
    policies = _set(tmp_path, "plan", body)
    assert [one.message for one in judge(policies, "plan", {"x": 2}, engine=engine)] == ["called(nobody)"]


def test_files_may_call_each_other(engine: PolicyEngine, tmp_path: Path) -> None:
    """As long as no function ends up in itself."""
    files = {
        "lib/one.rego": "package gaia.lib.one\n\nimport data.gaia.lib.two\n\nf(x) := two.g(x, [1, 2])\nh(x) := x + 1\n",
        "lib/two.rego": "package gaia.lib.two\n\nimport data.gaia.lib.one\n\ng(x, _) := one.h(x)\n\nnone() := 1\n",
    }
    write(tmp_path, files)
    body = 'import data.gaia.lib.one\n\ndeny contains {"message": "no"} if one.f(input.x) == 2\n'
    policies = _set(tmp_path, "plan", body)
    assert [one.message for one in judge(policies, "plan", {"x": 1}, engine=engine)] == ["no"]
    assert judge(policies, "plan", {"x": 2}, engine=engine) == ()


def test_several_sets_and_documents_do_not_mix(engine: PolicyEngine, tmp_path: Path) -> None:
    """One engine holds several sets with the same packages; each answers for itself, about the document at hand."""
    sets = [_set(tmp_path / str(number), "plan", f'deny contains {{"message": "{number}"}} if input.x == 1\n')
            for number in range(3)]  # fmt: skip
    for _ in range(2):
        said = [[one.message for one in judge(each, "plan", {"x": 1}, engine=engine)] for each in sets]
        assert said == [["0"], ["1"], ["2"]]
        assert judge(sets[0], "plan", {"x": 2}, engine=engine) == ()


def test_several_documents_are_one_question(engine: PolicyEngine, tmp_path: Path) -> None:
    """The findings of each, in their order."""
    policies = _set(tmp_path, "plan")
    found = judge_each(policies, "plan", [{"x": 1}, {}, {"y": True}], engine=engine)
    assert [[one.message for one in each] for each in found] == [["no"], [], ["hm"]]


def test_rules_of_atmos_may_be_written_in_the_older_rego(engine: PolicyEngine) -> None:
    """Where a module may be old and cannot be read as version 1; the repository's own policies may not.

    A server has one version for all: one that was started for version 1 refuses such a module, and says where.
    """
    if engine.name == "opa-server":
        module = Module("a.rego", "package atmos\n\nerrors[m] { m := 1 }\n", may_be_old=True)
        with pytest.raises(Invalid) as caught:
            texts([module], {}, "data.atmos.errors", engine=engine)
        assert (caught.value.code, str(caught.value.at)[:9]) == ("policy-broken", "a.rego:3:")
        return
    old = 'package atmos\n\nerrors[message] {\n  input.x == 1\n  message := "no"\n}\n'
    asked = [Module("a.rego", old, may_be_old=True)]
    assert texts(asked, {"x": 1}, "data.atmos.errors", engine=engine) == ("no",)
    assert texts(asked, {"x": 2}, "data.atmos.errors", engine=engine) == ()
    with pytest.raises(Invalid) as caught:
        texts([Module("a.rego", old)], {"x": 1}, "data.atmos.errors", engine=engine)
    assert caught.value.code == "policy-broken"


def test_a_rule_of_atmos_that_no_version_reads_is_told_in_the_words_of_the_newest(engine: PolicyEngine) -> None:
    """The next step is to check the component, because `gaia policy test` does not see these rules."""
    with pytest.raises(Invalid) as caught:
        texts([Module("a.rego", "package atmos\nerrors[", may_be_old=True)], {}, "data.atmos.errors", engine=engine)
    assert caught.value.code == "policy-broken"
    assert "validate component" in getattr(caught.value.next_step, "act", "")


def test_rules_of_both_versions_stand_beside_each_other() -> None:
    """The embedded engine reads each file in the version that it is written in."""
    new = 'package atmos\n\nerrors contains "new" if input.x == 1\n'
    old = 'package atmos\n\nerrors["old"] { input.x == 1 }\n'
    asked = [Module("a.rego", old, may_be_old=True), Module("b.rego", new, may_be_old=True)]
    assert texts(asked, {"x": 1}, "data.atmos.errors", engine=Regorus()) == ("new", "old")


def test_a_server_that_lost_a_rule_gets_it_again(opa_server: OpaServer, server: str, tmp_path: Path) -> None:
    """Whichever module somebody takes away, a library as well: without it a deny would be silently empty."""
    from http.client import HTTPConnection
    from urllib.parse import urlsplit

    write(tmp_path, {"lib/limit.rego": "package gaia.lib.limit\n\nmost := 3\n"})
    body = 'import data.gaia.lib.limit\n\ndeny contains {"message": "no"} if input.x > limit.most\n'
    policies = _set(tmp_path, "plan", body)
    root = f"gaia_{policies.digest.partition(':')[2][:32]}"
    for lost in (None, "plan/a.rego", "lib/limit.rego"):
        if lost:
            connection = HTTPConnection(urlsplit(server).netloc)
            connection.request("DELETE", f"/v1/policies/{root}/{lost}", headers={"Authorization": f"Bearer {TOKEN}"})
            assert connection.getresponse().status == 200
        assert [one.message for one in judge(policies, "plan", {"x": 4}, engine=opa_server)] == ["no"]


def test_a_number_of_more_than_64_bits_is_judged(engine: PolicyEngine, tmp_path: Path) -> None:
    """JSON has no limit, and terraform none either."""
    policies = _set(tmp_path, "plan", 'deny contains {"message": "much"} if input.x > 1000\n')
    assert [one.message for one in judge(policies, "plan", {"x": 2**70}, engine=engine)] == ["much"]


def _nested(depth: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for _ in range(depth):
        made = {"x": made}
    return made


@pytest.mark.parametrize(
    "document", [_nested(300), _nested(50_000), {"x": "\ud800"}, {"\udfff": 1}], ids=["300", "50000", "half", "key"]
)
def test_a_document_that_no_engine_can_read_is_one_clear_error(tmp_path: Path, document: Any) -> None:
    """The rules are not to blame, so none is named."""
    policies = _set(tmp_path, "plan")
    asked: list[Callable[[], object]] = [
        lambda: judge(policies, "plan", document, engine=Regorus()),
        lambda: judge_each(policies, "plan", [document], engine=Regorus()),
    ]
    for ask in asked:
        with pytest.raises(Invalid) as caught:
            ask()
        assert (caught.value.code, caught.value.at) == ("policy-document-unusable", None)
