"""Reading a policies folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import Invalid
from gaia.policy.model import Module
from gaia.policy.rules import PolicySet

from .conftest import METADATA, write

if TYPE_CHECKING:
    from pathlib import Path

GOOD = METADATA + "package gaia.plan.a\n\ndeny contains {} if { false }\n"


def test_metadata_becomes_a_rule(shipped: PolicySet) -> None:
    """Title, severity, controls and remediation of a rule come from its METADATA comment."""
    rule = {rule.name: rule for rule in shipped.rules}["plan.no_public_bucket"]
    assert (rule.title, rule.severity) == ("Buckets are not public", "critical")
    assert "AWS FSBP S3.8" in rule.controls
    assert rule.remediation.startswith("Add an aws_s3_bucket_public_access_block")
    assert rule.effects == ("deny", "undecided")


def test_every_shipped_rule_file_is_complete(shipped: PolicySet) -> None:
    """Each shipped rule has a test file beside it, and a set for values that are not known yet."""
    tests = {module.path for module in shipped.tests}
    for rule in shipped.rules:
        assert rule.path.replace(".rego", "_test.rego") in tests
        assert "undecided" in rule.effects


def test_the_digest_is_over_rules_and_not_over_tests(tmp_path: Path) -> None:
    """A changed rule, library or name changes the digest; a changed test does not."""
    folder = write(tmp_path, {"plan/a.rego": GOOD, "plan/a_test.rego": "package t\n"})
    before = PolicySet.load(folder).digest
    write(folder, {"plan/a_test.rego": "package t\n\ntest_x if true\n"})
    assert PolicySet.load(folder).digest == before
    write(folder, {"plan/a.rego": GOOD + "\n"})
    assert PolicySet.load(folder).digest != before
    assert before.startswith("sha256:")


@pytest.mark.parametrize(
    ("files", "code", "place"),
    [
        ({}, "policies-missing", None),
        ({"lib/x.rego": "package gaia.lib.x\n"}, "policies-missing", None),
        ({"plan/a.rego": "deny contains 1 if true\n"}, "policy-misplaced", "plan/a.rego:1:1"),
        ({"plans/a.rego": GOOD}, "policy-misplaced", "plans/a.rego:1:1"),
        ({"a.rego": GOOD}, "policy-misplaced", "a.rego:1:1"),
        ({"plan/b.rego": GOOD}, "policy-misplaced", "plan/b.rego:6:1"),
        (
            {"plan/a.rego": METADATA + "package gaia.plan.a\n\nDeny contains 1 if true\n"},
            "policy-without-rules",
            "plan/a.rego:6:1",
        ),
        ({"plan/a.rego": "package gaia.plan.a\n\ndeny contains 1 if true\n"}, "policy-metadata", "plan/a.rego:1:1"),
        ({"plan/a.rego": GOOD.replace("low", "lowish")}, "policy-metadata", "plan/a.rego:1:1"),
        ({"plan/a.rego": GOOD.replace("title: T", "title: [")}, "policy-metadata", "plan/a.rego:1:1"),
    ],
)
def test_a_file_that_would_silently_never_deny_is_an_error(
    tmp_path: Path, files: dict[str, str], code: str, place: str | None
) -> None:
    """A missing folder, a misplaced file, a misspelled rule set or missing METADATA is an error with its place."""
    with pytest.raises(Invalid) as caught:
        PolicySet.load(write(tmp_path / "policies", files))
    assert caught.value.code == code
    assert (str(caught.value.at) if caught.value.at else None) == place


def test_a_file_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are refused with the file's name."""
    folder = write(tmp_path, {"plan/a.rego": GOOD})
    (folder / "plan" / "b.rego").write_bytes(b"\xff\xfe")
    with pytest.raises(Invalid) as caught:
        PolicySet.load(folder)
    assert (caught.value.code, str(caught.value.at)) == ("policy-not-text", "plan/b.rego:1:1")


def _described(**parts: str) -> str:
    """A rule file with some lines of its METADATA replaced."""
    lines = {"title": "title: T", "custom": "custom:", "severity": "  severity: low", "controls": "  controls: [C1]",
             "remediation": "  remediation: R"}  # fmt: skip
    text = "".join(f"# {line}\n" for line in (lines | parts).values() if line)
    return f"# a comment\n\n# METADATA\n{text}package gaia.plan.a\n\ndeny contains 1 if false\n"


def test_a_rule_is_all_that_its_file_says(tmp_path: Path) -> None:
    """Sets in their order of weight, whatever the order in the file; the remediation as one line."""
    text = _described(remediation="  remediation: |\n#     Do this,\n#     then that.")
    text += "\nwarn contains 1 if false\n\nundecided contains 2 if false\n"
    (rule,) = PolicySet.load(write(tmp_path, {"plan/a.rego": text})).rules
    assert (rule.name, rule.package, rule.path) == ("plan.a", "gaia.plan.a", "plan/a.rego")
    assert (rule.title, rule.severity, rule.controls) == ("T", "low", ("C1",))
    assert rule.effects == ("deny", "undecided", "warn")
    assert rule.remediation == "Do this, then that."


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ({"title": ""}, "title is missing"),
        ({"title": "title: 5"}, "title is missing"),
        ({"severity": ""}, "custom.severity is none of critical, high, medium, low"),
        ({"remediation": ""}, "custom.remediation is missing"),
        ({"controls": "  controls: C1"}, "custom.controls is no list"),
        ({"controls": "  controls: [1]"}, "custom.controls is no list"),
        ({"custom": "custom: 5", "severity": "", "controls": "", "remediation": ""}, "custom.severity is none of"),
        (dict.fromkeys(("title", "custom", "severity", "controls", "remediation"), ""), "title is missing"),
    ],
)
def test_what_is_wrong_with_metadata_is_said_at_its_line(tmp_path: Path, parts: dict[str, str], what: str) -> None:
    """The line of the comment."""
    with pytest.raises(Invalid) as caught:
        PolicySet.load(write(tmp_path, {"plan/a.rego": _described(**parts)}))
    assert (caught.value.code, str(caught.value.at)) == ("policy-metadata", "plan/a.rego:3:1")
    assert what in caught.value.message


def test_controls_may_be_left_out(tmp_path: Path) -> None:
    """Not every rule serves one."""
    (rule,) = PolicySet.load(write(tmp_path, {"plan/a.rego": _described(controls="")})).rules
    assert rule.controls == ()


def test_rules_libraries_approvals_and_tests_are_told_apart(tmp_path: Path) -> None:
    """Rules by subject and name; what approves by itself is a module and no rule; tests are neither."""
    files = {
        "plan/b.rego": GOOD.replace("plan.a", "plan.b"), "plan/a.rego": GOOD, "plan/a_test.rego": "package t\n",
        "request/a.rego": GOOD.replace("plan.a", "request.a"), "lib/deep/x.rego": "package gaia.lib.x\n",
        "request/approve.rego": "package gaia.request\n\ndefault auto_approve := false\n", "notes.md": "no rule",
    }  # fmt: skip
    policies = PolicySet.load(write(tmp_path, files))
    assert [rule.name for rule in policies.about("plan")] == ["plan.a", "plan.b"]
    assert [rule.name for rule in policies.about("request")] == ["request.a"]
    assert policies.about("manifest") == ()
    assert [module.path for module in policies.tests] == ["plan/a_test.rego"]
    assert [module.path for module in policies.modules] == sorted(
        name for name in files if name.endswith(".rego") and "_test" not in name
    )


def test_a_rule_lies_right_in_the_folder_of_its_subject(tmp_path: Path) -> None:
    """Deeper down it is misplaced; so is a file of approvals with another word, and one without a package."""
    for name, text in (
        ("plan/deep/a.rego", GOOD),
        ("request/approve.rego", "package gaia.request\n\napprove := true\n"),
        ("plan/a.rego", "# package gaia.plan.a\n"),
    ):
        folder = tmp_path / name.replace("/", "-")
        with pytest.raises(Invalid) as caught:
            PolicySet.load(write(folder, {name: text}))
        assert (caught.value.code, str(caught.value.at)) == ("policy-misplaced", f"{name}:1:1")


def test_where_one_file_ends_and_the_next_begins_is_part_of_the_digest() -> None:
    """Text that moves from one file to the next, or from a text into a name, is another set."""
    sets = [
        PolicySet(tuple(Module(path, text) for path, text in modules), (), ())
        for modules in (
            [("a", "bc"), ("d", "e")],
            [("x", "bc"), ("d", "e")],
            [("ab", "c"), ("d", "e")],
            [("a", "b"), ("cd", "e")],
            [("a", "bcde")],
        )
    ]
    assert len({each.digest for each in sets}) == len(sets)


def test_metadata_ends_with_its_comment(tmp_path: Path) -> None:
    """What another comment says after it is no part of it."""
    text = GOOD.replace("package gaia", "\n# another: [comment\npackage gaia")
    (rule,) = PolicySet.load(write(tmp_path, {"plan/a.rego": text})).rules
    assert (rule.title, rule.remediation) == ("T", "R")
