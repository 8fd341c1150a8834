"""The files that a repository's CI needs, and how they get into it: never over what somebody has written or changed.

The first line of each says which version of Gaia wrote it, and the digest of all that follows: so a file that nobody
has changed since is known, and may be replaced by a newer one.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Literal

from gaia import __version__
from gaia.errors import Conflict, Invalid
from gaia.kit.files import inside, read_failed, read_regular, write_atomic, write_failed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gaia.ci.hosts.host import HostName

State = Literal["new", "same", "older", "edited", "theirs"]
"""`older`: as another version of Gaia wrote it. `theirs`: a file that people have anyway; it is left to them."""
_STAMP = re.compile(r"# Written by Gaia, version \S+, sha256 ([0-9a-f]{64})\n")
_LARGEST = 1_000_000
_FORMS = {
    "REPOSITORY": re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}/[A-Za-z0-9._-]{1,100}"),
    "BRANCH": re.compile(r"(?!.*(?:\.\.|//))[A-Za-z0-9][A-Za-z0-9._/-]{0,199}(?<![/.])"),
    "FOLDER": re.compile(r"\.|(?!.*(?:\.\.|//))[A-Za-z0-9._-][A-Za-z0-9._/-]{0,399}(?<!/)"),
}
"""What may be filled in: nothing in it is more than text in YAML or in a shell."""
_SAID_BY = {"REPOSITORY": "Say it with --project OWNER/NAME. ", "BRANCH": "Say it with --branch. "}
_GITHUB = {
    ".github/actions/gaia/action.yml": "github/action.yml",
    ".github/workflows/gaia-job.yml": "github/gaia-job.yml",
    ".github/workflows/gaia.yml": "github/gaia.yml",
}
_GITLAB = {".gitlab/gaia.yml": "gitlab/gaia.yml", ".gitlab-ci.yml": "gitlab/gitlab-ci.yml"}
_SHARED = ".gitlab-ci.yml"
"""One for all jobs of a project, so that there may be one already: it has to include ours."""
INCLUDE = "include:\n  - local: .gitlab/gaia.yml\n"


@dataclass(frozen=True, slots=True)
class Step:
    """One file."""

    path: str
    """Below the top of the git repository."""
    state: State
    text: str
    """As it will be."""
    difference: str
    """A unified diff; empty where nothing changes."""

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return {"path": self.path, "state": self.state, "difference": self.difference or None}


def files_for(host: HostName, filled_in: Mapping[str, str]) -> dict[str, str]:
    """The files by their paths. `filled_in`: `REPOSITORY` (`OWNER/NAME`; GitHub alone needs it), `BRANCH`, `FOLDER`.

    Raises:
        Invalid: `ci-file-unusable`.
    """
    values = {"VERSION": __version__}
    for name, form in _FORMS.items():
        if name == "REPOSITORY" and host == "gitlab":
            continue
        values[name] = filled_in[name]
        if not form.fullmatch(values[name]):
            raise Invalid(
                "ci-file-unusable",
                f"{values[name][:200]!r} cannot stand in a workflow as the {name.lower()}",
                next_step=f"{_SAID_BY.get(name, '')}It has letters, digits and . _ - / alone.",
            )
    made = {}
    for path, source in (_GITHUB if host == "github" else _GITLAB).items():
        text = (resources("gaia.ci.shipped") / source).read_text("utf-8")
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        made[path] = text if path == _SHARED else stamped(text)
    return made


def stamped(text: str) -> str:
    """With the first line."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"# Written by Gaia, version {__version__}, sha256 {digest}\n{text}"


def steps_to(root: Path, files: Mapping[str, str]) -> tuple[Step, ...]:
    """What each file is now, and what would change. Nothing is written.

    Raises:
        Invalid: `path-escapes`, `ci-file-unusable`. Unavailable: `read-failed`.
    """
    return tuple(_step(root, path, text) for path, text in files.items())


def write(root: Path, steps: Sequence[Step]) -> None:
    """Write what is new or older; nothing at all where somebody has changed one.

    Raises:
        Conflict: `ci-file-edited`. Unavailable: `write-failed`.
    """
    edited = [one.path for one in steps if one.state == "edited"]
    if edited:
        raise Conflict(
            "ci-file-edited",
            f"somebody has changed {', '.join(edited)}, and nothing is written over that",
            next_step="Look at the difference with --dry-run; move your file away to get ours, or keep yours.",
        )
    for one in steps:
        if one.state in ("new", "older"):
            path = inside(root, one.path)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(path, one.text.encode(), mode=0o644)
            except OSError as error:
                raise write_failed(path, error) from error


def _step(root: Path, path: str, text: str) -> Step:
    there = inside(root, path)
    if there.resolve() != root.resolve() / path:
        raise Invalid(
            "ci-file-unusable",
            f"{path} is reached through a link, which no host follows, and which may lead into .git",
            next_step="Take the link away: folders and files of CI have to lie there themselves.",
        )
    try:
        found = read_regular(there, _LARGEST).decode("utf-8", "replace")
    except FileNotFoundError:
        return Step(path, "new", text, _difference(path, "", text))
    except OSError as error:
        raise read_failed(there, error) from error
    if path == _SHARED:
        included = ".gitlab/gaia.yml" in found
        return Step(path, "same" if included else "theirs", found, "")
    if found == text:
        return Step(path, "same", text, "")
    stamp = _STAMP.match(found)
    ours = stamp is not None and hashlib.sha256(found[stamp.end() :].encode()).hexdigest() == stamp[1]
    return Step(path, "older" if ours else "edited", text, _difference(path, found, text))


def _difference(path: str, before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"a/{path}" if before else "/dev/null", f"b/{path}", lineterm=""
    )
    return "\n".join(lines)
