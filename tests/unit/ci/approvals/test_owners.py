"""CODEOWNERS as both hosts read it: the last line that matches counts, each group has its own yes."""

from __future__ import annotations

import re

import pytest

from gaia.ci.approvals.owners import GITHUB, GITLAB, Needed, read_code_owners, translated
from gaia.errors import Invalid


def needed(text: str, *paths: str, gitlab: bool = False) -> list[str]:
    """Whose yes is needed, as people read it."""
    return sorted(map(str, read_code_owners(text, "CODEOWNERS", GITLAB if gitlab else GITHUB).needed(paths)))


@pytest.mark.parametrize(
    ("pattern", "fits", "does_not"),
    [
        ("*.js", "a/b.js", "a/b.jsx"),
        ("/build/logs/", "build/logs/a/b", "x/build/logs/a"),
        ("docs/*", "docs/a.md", "docs/a/b.md"),
        ("docs/*", "docs/a.md", "x/docs/a.md"),
        ("apps/", "a/apps/b/c", "apps"),
        ("/docs/", "docs/a", "a/docs/a"),
        ("**/logs", "deep/down/logs/x", "deep/down/logsx"),
        ("/scripts/**/run", "scripts/a/b/run", "scripts/a/b/runs"),
        ("stacks/prod.yaml", "stacks/prod.yaml", "a/stacks/prod.yaml"),
        ("prod.yaml", "a/stacks/prod.yaml", "a/prodxyaml"),
        ("a?c", "abc", "a/c"),
    ],
)
def test_a_pattern_is_read_as_gitignore_has_it(pattern: str, fits: str, does_not: str) -> None:
    """Anchored where it has a slash, all below a folder, a star within one folder."""
    assert re.fullmatch(translated(pattern), fits)
    assert not re.fullmatch(translated(pattern), does_not)


@pytest.mark.parametrize(
    ("pattern", "fits", "does_not"),
    [
        ("catalog/web.yaml", "a/catalog/web.yaml", "a/catalog/web.yml"),
        ("docs/*", "x/docs/a.md", "docs/a/b.md"),
        ("/docs/*", "docs/a.md", "x/docs/a.md"),
        ("/docs/", "docs/a/b", "x/docs/a"),
        ("docs/", "x/docs/a", "docs"),
        ("/docs", "docs", "docs/a"),
        ("web", "a/web", "a/web/b"),
        ("/a/**/b", "a/x/y/b", "a/xb"),
        ("/a/**", "a/b", "a/b/c"),
        ("/a**/b", "ax/b", "a/x/b"),
        ("*.tf", ".a/b.tf", "b.tfx"),
        ("*.md", "a/b.md", "a/b.mdx"),
    ],
)
def test_a_pattern_is_read_as_gitlab_has_it(pattern: str, fits: str, does_not: str) -> None:
    """Anchored by a slash in front alone; a folder's files only where it ends with one."""
    assert re.fullmatch(translated(pattern, GITLAB), fits)
    assert not re.fullmatch(translated(pattern, GITLAB), does_not)


def test_each_host_looks_in_its_own_places() -> None:
    """So that a file which only the other one reads says nothing."""
    assert ".gitlab/CODEOWNERS" not in GITHUB.places
    assert GITHUB.places[0] == ".github/CODEOWNERS"
    assert GITLAB.places == ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")


@pytest.mark.parametrize("text", ["a[bc] @ann\n", "[no end @ann\n", "!/a[b] @ann\n"])
def test_ranges_are_refused_on_gitlab_too(text: str) -> None:
    """And what begins like a heading and is none: literally they would fit other files."""
    with pytest.raises(Invalid):
        needed(text, "x", gitlab=True)


def test_files_without_an_owner_are_known() -> None:
    """Also where only an optional section names somebody, and where a line names nobody."""
    rules = read_code_owners("^[Hints] @dan\n*\n[Data] @cyd\n/data/\n", "CODEOWNERS", GITLAB)
    assert rules.unowned(["data/x", "y"]) == ("y",)
    assert read_code_owners("* @all\n/free\n", "CODEOWNERS", GITHUB).unowned(["free", "x"]) == ("free",)


@pytest.mark.parametrize("path", ["a", "a/b/c.tf", "a/b\nc", ".hidden/x"])
def test_a_star_is_everything(path: str) -> None:
    """Also names with the end of a line in them."""
    assert needed("* @ann\n", path) == needed("* @ann\n", path, gitlab=True) == ["@ann"]


def test_the_last_line_that_matches_counts() -> None:
    """Also one that names nobody: then nobody is asked."""
    text = "* @all\n/stacks/ @ops @acme/net\n/stacks/free.yaml\n"
    assert needed(text, "README.md") == ["@all"]
    assert needed(text, "stacks/prod.yaml") == ["@acme/net or @ops"]
    assert needed(text, "stacks/free.yaml") == []


def test_three_groups_of_owners_are_asked_for_three() -> None:
    """Each path's own; equal ones once."""
    text = "/a/ @ann\n/b/ @bob\n/c/ @cyd\n"
    assert needed(text, "a/1", "a/2", "b/1", "c/1") == ["@ann", "@bob", "@cyd"]


def test_comments_blanks_and_escaped_blanks_are_read() -> None:
    """A number sign behind a blank ends a line; a name may have a blank in it."""
    text = "# all\n\n/my\\ folder/ @ann # because\n"
    assert needed(text, "my folder/x") == ["@ann"]


def test_every_section_of_gitlab_is_asked_and_may_ask_several() -> None:
    """With its default owners, its number, those that are optional, and what it leaves out; equal names are one."""
    text = (
        "[Platform][2] @ann @bob\n*\n!/docs/\n\n^[Hints] @dan\n*\n\n[Data] @cyd\n/data/\n/data/eve.yaml @eve\n"
        "[platform] @fred\n/extra.yaml\n"
    )
    assert needed(text, "x", gitlab=True) == ["2 of @ann or @bob"]
    assert needed(text, "docs/x", gitlab=True) == []
    assert needed(text, "data/x", gitlab=True) == ["2 of @ann or @bob", "@cyd"]
    assert needed(text, "data/eve.yaml", gitlab=True) == ["2 of @ann or @bob", "@eve"]
    assert needed(text, "extra.yaml", gitlab=True) == ["2 of @fred"]


@pytest.mark.parametrize("text", ["* nobody\n", "* @ann; @bob\n", "!docs @ann\n", "a[bc] @ann\n", "* @\x1b[2J\n"])
def test_what_a_host_would_pass_over_is_refused(text: str) -> None:
    """Else somebody would be asked for less than is written there; the line is named."""
    with pytest.raises(Invalid) as caught:
        needed(text, "x")
    assert caught.value.code == "owners-invalid"
    assert str(caught.value.at) == "CODEOWNERS:1:1"


def test_nobody_named_is_nobody() -> None:
    """An empty file has no owners, and so names no one."""
    assert needed("", "x") == []
    assert str(Needed(frozenset({"@b", "@a"}))) == "@a or @b"
