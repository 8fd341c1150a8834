"""Which host it is, and in whose name it is asked."""

from __future__ import annotations

import pytest

from gaia.ci.hosts.choosing import host_of, kind_of
from gaia.errors import GaiaError


@pytest.mark.parametrize(
    ("environ", "remote", "name"),
    [
        ({"GITHUB_REPOSITORY": "acme/platform", "GITHUB_TOKEN": "t"}, "", "github"),
        ({"GH_TOKEN": "t"}, "git@github.com:acme/platform.git", "github"),
        ({"GITHUB_TOKEN": "t"}, "https://github.com/acme/platform", "github"),
        ({"GITHUB_TOKEN": "t"}, "https://user:pass@github.com/acme/platform.git", "github"),
        ({"CI_PROJECT_ID": "41", "CI_JOB_TOKEN": "t"}, "git@github.com:acme/mirror.git", "gitlab"),
        ({"GITLAB_TOKEN": "t"}, "ssh://git@gitlab.com/acme/team/platform.git", "gitlab"),
        ({"GITLAB_TOKEN": "t"}, "ssh://git@gitlab.com:22/acme/platform.git", "gitlab"),
    ],
)
def test_the_environment_says_it_else_the_remote(environ: dict[str, str], remote: str, name: str) -> None:
    """A job's variables come before the address."""
    assert host_of(environ, remote).name == name


@pytest.mark.parametrize(
    ("remote", "kind"),
    [
        ("https://gitlab.com/acme/github-tools.git", "gitlab"),
        ("git@gitlab.acme.dev:github/x.git", "gitlab"),
        ("ssh://git@github.acme.dev:22/acme/gitlab", "github"),
        ("https://github.com/acme/platform", "github"),
        ("https://git.acme.dev/github/gitlab", None),
        ("/srv/github/platform.git", None),
        ("../github", None),
        ("", None),
    ],
)
def test_files_are_chosen_by_the_machines_name_alone(remote: str, kind: str | None) -> None:
    """What a repository or a group is called says nothing."""
    assert kind_of(remote) == kind


@pytest.mark.parametrize(
    ("environ", "remote", "code"),
    [
        ({}, "", "host-not-named"),
        ({"GITHUB_TOKEN": "t"}, "/srv/git/platform.git", "host-not-named"),
        ({"GITHUB_TOKEN": "t"}, "https://github.com.example/acme/platform", "host-not-named"),
        ({"GITHUB_TOKEN": "t"}, "https://example/https://github.com/acme/platform", "host-not-named"),
        ({"GITHUB_REPOSITORY": "acme/platform"}, "", "host-token-missing"),
        ({"GITHUB_REPOSITORY": "acme/platform", "GITHUB_TOKEN": " "}, "", "host-token-missing"),
        ({"GITHUB_REPOSITORY": "acme/platform", "GITHUB_TOKEN": "a\nX: y"}, "", "host-token-missing"),
        ({"GITHUB_REPOSITORY": "acme", "GITHUB_TOKEN": "t"}, "", "host-repository-unusable"),
        ({"GITHUB_REPOSITORY": "a/b/c", "GITHUB_TOKEN": "t"}, "", "host-repository-unusable"),
        ({"GITHUB_REPOSITORY": "../x", "GITHUB_TOKEN": "t"}, "", "host-name-unusable"),
        ({"CI_PROJECT_ID": "41"}, "", "host-token-missing"),
        ({"CI_PROJECT_ID": "..", "GITLAB_TOKEN": "t"}, "", "host-name-unusable"),
    ],
)
def test_what_cannot_be_used_is_one_error(environ: dict[str, str], remote: str, code: str) -> None:
    """With a next step."""
    with pytest.raises(GaiaError) as failed:
        host_of(environ, remote)
    assert failed.value.code == code
    assert failed.value.next_step


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/api/v3", "http://github.com/api", "file:///etc/passwd", "nothing"]
)
def test_the_token_does_not_go_where_it_may_not(url: str) -> None:
    """Nor anywhere without encryption on the internet."""
    host = host_of(
        {"GITHUB_REPOSITORY": "acme/platform", "GITHUB_TOKEN": "t", "GITHUB_API_URL": url}, wait=lambda _: None
    )
    with pytest.raises(GaiaError):
        host.pull_request(1)
