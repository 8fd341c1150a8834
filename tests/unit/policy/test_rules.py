"""Reading a policies folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from gaia.errors import Invalid, NotFound
from gaia.policy.foreign import load_any
from gaia.policy.judge import judge
from gaia.policy.regorus import Regorus
from gaia.policy.rules import GAIA, PolicySet, changed

from .conftest import METADATA, write

if TYPE_CHECKING:
    from collections.abc import Callable
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
        ({"plan/a.rego": "deny contains 1 if true\n"}, "policy-misplaced", "policies/plan/a.rego:1:1"),
        ({"plans/a.rego": GOOD}, "policy-misplaced", "policies/plans/a.rego:1:1"),
        ({"a.rego": GOOD}, "policy-misplaced", "policies/a.rego:1:1"),
        ({"plan/b.rego": GOOD}, "policy-misplaced", "policies/plan/b.rego:7:1"),
        (
            {"plan/a.rego": METADATA + "package gaia.plan.a\n\nDeny contains 1 if true\n"},
            "policy-without-rules",
            "policies/plan/a.rego:7:1",
        ),
        (
            {"plan/a.rego": "package gaia.plan.a\n\ndeny contains 1 if true\n"},
            "policy-metadata",
            "policies/plan/a.rego:1:1",
        ),
        ({"plan/a.rego": GOOD.replace("low", "lowish")}, "policy-metadata", "policies/plan/a.rego:1:1"),
        ({"plan/a.rego": GOOD.replace("title: T", "title: [")}, "policy-metadata", "policies/plan/a.rego:1:1"),
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
    assert (caught.value.code, str(caught.value.at)) == ("policy-not-text", "policies/plan/b.rego:1:1")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("# title: T\n", "", "title is missing"),
        ("# title: T\n", "# title: 1\n", "title is missing"),
        (
            "# custom:\n#   severity: low\n#   owner: me\n#   remediation: R\n",
            "# custom: low\n",
            "custom.severity is none of critical",
        ),
        ("#   remediation: R\n", "#   remediation: [R]\n", "custom.remediation is missing"),
        ("#   remediation: R\n", "#   remediation: R\n#   controls: AWS\n", "custom.controls is no list"),
        ("#   remediation: R\n", "#   remediation: R\n#   controls: [1]\n", "custom.controls is no list"),
        ("# METADATA\n", "# METADATA\n\n", "title is missing"),
    ],
)
def test_incomplete_metadata_says_what_is_wrong(tmp_path: Path, old: str, new: str, what: str) -> None:
    """At the line of the comment, which may stand below others."""
    assert old in GOOD
    text = "# A word first.\n\n" + GOOD.replace(old, new)
    with pytest.raises(Invalid) as caught:
        PolicySet.load(write(tmp_path, {"plan/a.rego": text}))
    assert (caught.value.code, str(caught.value.at)) == ("policy-metadata", "policies/plan/a.rego:3:1")
    assert what in caught.value.message


def test_metadata_is_taken_as_it_is_meant(tmp_path: Path) -> None:
    """Controls may be left out; a remediation of several lines is one; a comment below the package is none."""
    text = GOOD.replace("#   remediation: R\n", "#   remediation: >\n#     Do  this,\n#     then that.\n")
    text += "\n# METADATA\n# title: Another\n"
    [rule] = PolicySet.load(write(tmp_path, {"plan/a.rego": text})).rules
    assert (rule.name, rule.package, rule.path) == ("plan.a", "gaia.plan.a", "plan/a.rego")
    assert (rule.title, rule.controls, rule.remediation) == ("T", (), "Do this, then that.")
    assert rule.effects == ("deny",)


def test_rules_are_found_by_subject_and_in_order(tmp_path: Path) -> None:
    """By name; effects in order of weight; libraries and what approves are no rules, but are handed to the engine."""
    both = METADATA + "package gaia.plan.PKG\n\nwarn contains {} if false\n\ndeny contains {} if false\n"
    files = {
        "plan/b.rego": both.replace("PKG", "b"),
        "plan/a.rego": both.replace("PKG", "a"),
        "request/c.rego": both.replace("plan.PKG", "request.c"),
        "request/auto.rego": "package gaia.request\n\ndefault auto_approve := false\n",
        "request/auto_test.rego": "package gaia.request_test\n",
        "lib/deep/x.rego": "package gaia.lib.deep.x\n",
    }
    policies = PolicySet.load(write(tmp_path, files))
    assert [rule.name for rule in policies.about("plan")] == ["plan.a", "plan.b"]
    assert [rule.name for rule in policies.about("request")] == ["request.c"]
    assert policies.about("manifest") == ()
    assert policies.about("plan")[0].effects == ("deny", "warn")
    assert [module.path for module in policies.modules] == sorted(set(files) - {"request/auto_test.rego"})
    assert [module.path for module in policies.tests] == ["request/auto_test.rego"]


@pytest.mark.parametrize(
    "files",
    [
        {"plan/deep/a.rego": GOOD},
        {"request/auto.rego": "package gaia.request\n\nauto_approved := true\n"},
        {"request/auto.rego": "package gaia.requests\n\nauto_approve := true\n"},
    ],
)
def test_what_only_resembles_a_rule_is_refused(tmp_path: Path, files: dict[str, str]) -> None:
    """A folder too deep, a misspelled rule that approves, another package."""
    with pytest.raises(Invalid) as caught:
        PolicySet.load(write(tmp_path, {"plan/a.rego": GOOD, **files}))
    assert caught.value.code == "policy-misplaced"


def test_the_digest_tells_where_one_text_ends(tmp_path: Path) -> None:
    """Names and libraries count, and what is moved from one file into the next does too."""
    files = {"plan/a.rego": GOOD, "lib/a.rego": "package gaia.lib.a\n", "lib/b.rego": "package gaia.lib.b\n"}
    changed = [
        files,
        {**files, "lib/b.rego": "package gaia.lib.b\n\nx := 1\n"},
        {**files, "lib/c.rego": files["lib/b.rego"]},
        {**files, "lib/a.rego": "package gaia.lib.a\nlib", "lib/b.rego": "package gaia.lib.b\n"},
    ]
    found = {PolicySet.load(write(tmp_path / str(number), each)).digest for number, each in enumerate(changed)}
    assert len(found) == len(changed)


def test_a_misnamed_package_and_broken_metadata_are_at_their_lines(tmp_path: Path) -> None:
    """Counted from one, wherever they stand."""
    for text, place in (
        ("package gaia.plan.b\n" + GOOD, "policies/plan/a.rego:1:1"),
        ("# A word.\n" + GOOD.replace("title: T", "title: ["), "policies/plan/a.rego:2:1"),
    ):
        with pytest.raises(Invalid) as caught:
            PolicySet.load(write(tmp_path, {"plan/a.rego": text}))
        assert str(caught.value.at) == place


@pytest.mark.parametrize(
    "head",
    [
        "  deny contains", "\tdeny contains", "deny\n\tcontains", "deny # a word\n contains", "x := 1 deny contains",
        "deny  contains", "y if { true }\n  deny contains", 'z := `\ndeny := 1\n` deny contains',
    ],
)  # fmt: skip
def test_a_set_is_found_however_its_line_begins(tmp_path: Path, head: str) -> None:
    """One that is not found is never asked, so its no is never heard."""
    text = f'{METADATA}package gaia.plan.a\n\nwarn contains {{"message": "w"}} if false\n\n'
    text += f'{head} {{"message": "no"}} if true\n'
    policies = PolicySet.load(write(tmp_path, {"plan/a.rego": text}))
    assert policies.rules[0].effects == ("deny", "warn")
    assert [one.message for one in judge(policies, "plan", {}, engine=Regorus())] == ["no"]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ('deny := {{"message": "open"}}', 9), ("deny if input.x", 9), ("default deny := false", 9),
        ('deny.foo contains "open" if true', 9), ("deny[x] if x := 1", 9), ("deny[x].y contains 1 if x := 1", 9),
        ('\n  deny = {"a"} if true', 10), ("undecided(x) := x", 9), ("violation contains 1 if true", 9),
        ("deny_public contains 1 if true", 9), ("x := 1 warn := 2", 9),
    ],
)  # fmt: skip
def test_what_is_called_like_a_set_and_never_asked_is_refused(tmp_path: Path, body: str, line: int) -> None:
    """With its line, in a rule's file beside a set that is one."""
    text = f"{METADATA}package gaia.plan.a\n\n{body}\n\nundecided contains 1 if false\n"
    with pytest.raises(Invalid) as caught:
        PolicySet.load(write(tmp_path, {"plan/a.rego": text}))
    assert (caught.value.code, str(caught.value.at)) == ("policy-bad-result", f"policies/plan/a.rego:{line}:1")


@pytest.mark.parametrize("path", ["lib/x.rego", "request/auto.rego"])
def test_a_deny_where_nobody_asks_is_refused(tmp_path: Path, path: str) -> None:
    """In a library, and beside what approves."""
    package = "gaia.request" if path.startswith("request") else "gaia.lib.x"
    text = f"package {package}\n\nauto_approve := false\n\n deny contains 1 if true\n"
    with pytest.raises(Invalid) as caught:
        PolicySet.load(write(tmp_path, {"plan/a.rego": GOOD, path: text}))
    assert (caught.value.code, str(caught.value.at)) == ("policy-bad-result", f"policies/{path}:5:1")


def test_names_within_rules_are_no_heads(tmp_path: Path) -> None:
    """A rule may speak of its own sets, call a function `deny_reason`, and name a table `warn_limits`."""
    body = """
warn_limits := {1, 2}

deny_reason(x) := sprintf("%v", [x])

deny contains {"message": deny_reason(1)} if input.x

any_said if count(deny) > 0

both := deny | warn

silent if not deny

warn contains {"message": "w"} if {
	some deny in warn_limits
	deny == input.y
}
"""
    policies = PolicySet.load(write(tmp_path, {"plan/a.rego": f"{METADATA}package gaia.plan.a\n{body}"}))
    assert policies.rules[0].effects == ("deny", "warn")


@pytest.mark.parametrize(
    "written",
    [
        "http.send({})", "http.send ({})", 'http["send"]({})', "http[`send`]({})", "http\n\t.send({})",
        '"http"["x"] with input as http.send', 'http["se\\u006ed"]({})', "opa.runtime().env", "opa.runtime()",
        "json.marshal(1) with json.marshal as http.send", "time.now_ns()", 'rand.intn("a", 5)',
        'net.lookup_ip_addr("a")', 'uuid.rfc4122("a")',
        "[http.send][0]",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "before", ["", "z := `\nhttp := 1\nopa := 1\n`\n\n", "# http := 1\n\n", "import data.gaia.lib.http\n"]
)
def test_what_reaches_out_is_refused_in_every_spelling(tmp_path: Path, written: str, before: str) -> None:
    """Called or only named; what a raw string or a comment says defines nothing."""
    text = f'{METADATA}package gaia.plan.a\n\n{before}\ndeny contains {{"message": "m"}} if {{\n\tx := {written}\n}}\n'
    with pytest.raises(Invalid) as caught:
        PolicySet.load(write(tmp_path, {"plan/a.rego": text}))
    assert caught.value.code == "policy-reaches-out"
    assert caught.value.at is not None


def test_what_only_resembles_that_is_not(tmp_path: Path) -> None:
    """Fields of the document, texts, and functions beside them."""
    body = 'deny contains {"message": "http.send"} if {\n\tinput.http.send\n\tnet.cidr_contains(input.a, input.b)\n'
    body += "\ttime.parse_rfc3339_ns(input.t) > 0\n}\n"
    PolicySet.load(write(tmp_path, {"plan/a.rego": f"{METADATA}package gaia.plan.a\n\n{body}"}))


def test_a_folder_that_cannot_be_looked_into_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link, for it may lead anywhere and is not followed, and one that may not be read: neither is an empty one."""
    folder = write(tmp_path / "policies", {"plan/a.rego": GOOD, "request/b.rego": GOOD.replace("plan.a", "request.b")})
    elsewhere = write(tmp_path / "elsewhere", {"c.rego": GOOD.replace("plan.a", "manifest.c")})
    (folder / "manifest").symlink_to(elsewhere)
    asked: list[Callable[[], object]] = [lambda: PolicySet.load(folder), lambda: load_any(folder, "mine")]
    for ask in asked:
        with pytest.raises(Invalid) as caught:
            ask()
        assert (caught.value.code, "manifest cannot be looked into" in caught.value.message) == (
            "policies-unreadable",
            True,
        )
    (folder / "manifest").unlink()
    PolicySet.load(folder)
    scandir = os.scandir

    def refusing(path: str) -> Any:
        if str(path).endswith("/plan"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(Invalid) as caught:
        PolicySet.load(folder)
    assert (caught.value.code, "Permission denied" in caught.value.message) == ("policies-unreadable", True)


def test_the_rules_of_a_repository_are_its_own_as_soon_as_it_has_a_folder(tmp_path: Path) -> None:
    """A link that leads nowhere is one, so Gaia's own rules do not step in, and reading it fails."""
    package = write(tmp_path / "package", {"policies/plan/a.rego": GOOD})
    repository = tmp_path / "repository"
    repository.mkdir()
    for root in (None, repository):
        assert PolicySet.of(root, lambda: package).whose == GAIA
    (repository / "policies").symlink_to(package / "policies")
    own = PolicySet.of(repository, lambda: package)
    assert (own.whose, own.described) == (str(repository), f"policies in {repository}")
    (repository / "policies").unlink()
    (repository / "policies").symlink_to(tmp_path / "nowhere")
    with pytest.raises(Invalid) as caught:
        PolicySet.of(repository, lambda: package)
    assert caught.value.code == "policies-unreadable"


def test_a_rule_is_found_by_its_end_where_one_alone_has_it(tmp_path: Path) -> None:
    """Else by its whole name, or as its package is called."""
    other = GOOD.replace("gaia.plan.a", "gaia.request.a")
    folder = write(
        tmp_path, {"plan/a.rego": GOOD, "plan/b.rego": GOOD.replace("plan.a", "plan.b"), "request/a.rego": other}
    )
    policies = PolicySet.load(folder)
    for name in ("b", "plan.b", "data.gaia.plan.b"):
        assert policies.named(name).name == "plan.b"
    assert policies.named("request.a").name == "request.a"
    for name, words in {"a": "2 rules are called 'a'", "c": "there is no rule 'c'"}.items():
        with pytest.raises(NotFound) as caught:
            policies.named(name)
        assert caught.value.message == words


def test_what_has_changed_between_two_sets_is_told_by_rules(tmp_path: Path) -> None:
    """Gone, or another text in its file; a library's is none."""
    library = "package gaia.lib.x\n\nlimit := 3\n"
    files = {f"plan/{name}.rego": GOOD.replace("plan.a", f"plan.{name}") for name in "abc"} | {"lib/x.rego": library}
    before = PolicySet.load(write(tmp_path / "before", files))
    files["lib/x.rego"] += "\n"
    files["plan/b.rego"] += "\n"
    del files["plan/c.rego"]
    now = PolicySet.load(write(tmp_path / "now", files))
    assert changed(before, now) == ("plan.b", "plan.c")
    assert changed(before, before) == ()
