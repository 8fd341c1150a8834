"""Which host a job or a clone belongs to, by what its environment says, else by the address of its remote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.ci.hosts import github, gitlab
from gaia.errors import Invalid, Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.ci.hosts.host import Host, HostName

_REMOTE = re.compile(
    r"(?:https://(?:[^@/]*@)?|ssh://git@|git@)(github\.com|gitlab\.com)(?::\d+(?=/))?[:/](.+?)(?:\.git)?/?"
)


_AT = re.compile(r"(?:[a-z+]+://)?(?:[^@/]*@)?(?P<host>[^:/@]+)[:/].*")


def kind_of(remote_url: str) -> HostName | None:
    """What a remote's machine is called after, also where a company runs its own; a guess, so no token goes there."""
    found = _AT.fullmatch(remote_url.strip())
    words = found["host"].lower() if found else ""
    return "github" if "github" in words else "gitlab" if "gitlab" in words else None


def host_of(
    environ: Mapping[str, str],
    remote_url: str = "",
    *,
    tell: Callable[[str], object] = lambda _: None,
    wait: Callable[[float], object] | None = None,
) -> Host:
    """The host, asked in the name of the token that the environment has.

    A job of GitLab's in a fork asks the project that the merge request is for. `tell` is told in a line when there is
    something to wait for.

    Raises:
        Invalid: `host-not-named`, `host-repository-unusable`. Unauthenticated: `host-token-missing`.
    """
    said = {
        name: value.strip() for name, value in environ.items() if name.startswith(("GITHUB_", "GH_", "CI_", "GITLAB_"))
    }
    found = _REMOTE.fullmatch(remote_url.strip())
    at, named = (found[1], found[2]) if found else ("", "")
    if said.get("GITHUB_REPOSITORY") or (at == "github.com" and not said.get("CI_PROJECT_ID")):
        return github.GitHub(
            said.get("GITHUB_API_URL") or github.PUBLIC,
            said.get("GITHUB_REPOSITORY") or named,
            _token(said, "GITHUB_TOKEN", "GH_TOKEN"),
            graphql=said.get("GITHUB_GRAPHQL_URL"),
            tell=tell,
            wait=wait,
        )
    project = (
        said.get("CI_MERGE_REQUEST_PROJECT_ID") or said.get("CI_PROJECT_ID") or (named if at == "gitlab.com" else "")
    )
    if project:
        return gitlab.GitLab(
            said.get("CI_API_V4_URL") or gitlab.PUBLIC,
            project,
            _token(said, "GITLAB_TOKEN", "CI_JOB_TOKEN"),
            of_job=not said.get("GITLAB_TOKEN"),
            tell=tell,
            wait=wait,
        )
    raise Invalid(
        "host-not-named",
        "nothing says which host the repository has",
        next_step="Run this in a job of GitHub Actions or GitLab CI, or set GITHUB_REPOSITORY (OWNER/NAME), or "
        "CI_API_V4_URL and CI_PROJECT_ID.",
    )


def _token(said: Mapping[str, str], *names: str) -> str:
    for name in names:
        if found := said.get(name):
            if not found.isascii() or not found.isprintable() or " " in found:
                raise Unauthenticated(
                    "host-token-missing", f"{name} holds no token", next_step=f"Put the token itself into {name}."
                )
            return found
    raise Unauthenticated(
        "host-token-missing",
        f"there is no token for the host: {names[0]} is not set",
        next_step=f"Hand the job's token on in {names[0]}.",
    )
