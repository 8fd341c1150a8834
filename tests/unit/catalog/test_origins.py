"""Where files of a repository can be looked at, by what it is fetched from."""

from __future__ import annotations

import pytest

from gaia.catalog.origins import address_of, origin_of


@pytest.mark.parametrize(
    ("remote", "web", "slug"),
    [
        ("https://github.com/acme/platform.git", "https://github.com/acme/platform", "acme/platform"),
        ("git@github.com:acme/platform.git", "https://github.com/acme/platform", "acme/platform"),
        ("ssh://git@github.com:22/acme/platform", "https://github.com/acme/platform", "acme/platform"),
        ("https://ada:secret@git.acme.example:8443/a/b", "https://git.acme.example:8443/a/b", ""),
        ("https://gitlab.com/a/b/c.git", "https://gitlab.com/a/b/c", ""),
        ("/srv/git/platform.git", "", ""),
        ("file:///srv/git/platform", "", ""),
        ("C:repo/x", "", ""),
        ("https://github.com/acme/platform#<script>", "", ""),
        ("", "", ""),
    ],
)
def test_the_address_of_a_repository(remote: str, web: str, slug: str) -> None:
    """Of HTTPS and SSH, without what somebody signs in with; none of a folder or of what is no address."""
    found = origin_of(remote, "main")
    assert (found.web, found.slug) == (web, slug)
    assert "secret" not in str(found)


def test_the_address_of_a_file() -> None:
    """GitLab has its own form; what could not stand in an address is escaped."""
    github, gitlab = origin_of("git@github.com:a/b.git", "main"), origin_of("https://gitlab.acme.example/a/b", "v/1")
    assert address_of(github, "stacks/a b#.yaml") == "https://github.com/a/b/blob/main/stacks/a%20b%23.yaml"
    assert address_of(gitlab, "a.yaml") == "https://gitlab.acme.example/a/b/-/blob/v/1/a.yaml"
    assert address_of(origin_of("/srv/git", "main"), "a.yaml") == ""
    assert address_of(github, "") == ""
