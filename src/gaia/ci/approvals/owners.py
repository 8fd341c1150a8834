"""CODEOWNERS: who has to say yes to a change of which files, as the host itself reads it. Pure.

GitHub has patterns of `.gitignore`. GitLab has sections, and its patterns are others: without a slash in front they fit
anywhere, and what is below a folder is meant only where they end with one.

Of the lines of a section the last one that matches a path counts. Any one of those whom it names is enough, and each
different group that some path has is asked for its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gaia.ci.hosts.host import HostName

LARGEST = 3_000_000
"""Bytes: GitHub does not read a larger one."""
_SECTION = re.compile(r"(\^?)\[([^\]]+)\](?:\[(\d{1,3})\])?\s*(.*)")
_OWNER = re.compile(r"@[\w.-]+(?:/[\w.-]+)*|[^\s@]+@[^\s@]+\.[^\s@]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one host reads it."""

    places: tuple[str, ...]
    """Where it looks: the first that there is counts."""
    gitlab: bool = False


GITHUB = Dialect((".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"))
GITLAB = Dialect(("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"), gitlab=True)
DIALECTS: Mapping[HostName, Dialect] = {"github": GITHUB, "gitlab": GITLAB}
"""One of each host: there is no dialect that a host has by default."""


@dataclass(frozen=True, slots=True)
class Needed:
    """So many of these have to say yes."""

    owners: frozenset[str]
    """`@person`, `@org/team`, an e-mail address; any of them counts. Nobody: nobody can say yes."""
    number: int = 1

    def __str__(self) -> str:
        names = (
            " or ".join(sorted(self.owners)) or "an owner, and neither CODEOWNERS nor settings.gaia.owners names one"
        )
        return names if self.number == 1 else f"{self.number} of {names}"


@dataclass(frozen=True, slots=True)
class _Line:
    pattern: re.Pattern[str]
    owners: frozenset[str]
    without: bool = False
    """Whether what matches has no owner in this section, whatever other lines say (GitLab's `!`)."""


@dataclass(frozen=True, slots=True)
class _Section:
    lines: tuple[_Line, ...]
    number: int = 1
    optional: bool = False


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """A file, read."""

    sections: tuple[_Section, ...]

    def unowned(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Files that no section names anybody for who has to be asked."""
        return tuple(one for one in paths if not self.needed((one,)))

    def needed(self, paths: Iterable[str]) -> frozenset[Needed]:
        """Whose yes a change of these files needs. A section that is optional asks nobody."""
        found = set()
        for path in paths:
            for section in self.sections:
                if section.optional or section.number == 0:
                    continue
                owners = _of(section, path)
                if owners:
                    found.add(Needed(owners, section.number))
        return frozenset(found)


def _of(section: _Section, path: str) -> frozenset[str]:
    if any(line.without and line.pattern.fullmatch(path) for line in section.lines):
        return frozenset()
    matching = (line for line in reversed(section.lines) if not line.without and line.pattern.fullmatch(path))
    last = next(matching, None)
    return last.owners if last else frozenset()


def read_code_owners(text: str, file: str, dialect: Dialect) -> CodeOwners:
    """The file's rules.

    Raises:
        Invalid: `owners-invalid` with its line: where a host skips a line that it does not understand, somebody would
            be asked for less than is written there.
    """
    if len(text.encode()) > LARGEST:
        raise _wrong(file, 1, f"it has more than {LARGEST:,} bytes, and the host reads none of it")
    found: dict[str, tuple[bool, int, list[_Line]]] = {"": (False, 1, [])}
    name, default = "", frozenset[str]()
    for number, raw in enumerate(text.splitlines(), 1):
        line = _without_comment(raw)
        if not line:
            continue
        heading = _SECTION.fullmatch(line) if dialect.gitlab else None
        if heading is not None:
            name, default = heading[2].strip().casefold(), _owners(heading[4].split(), file, number)
            optional, count, lines = found.get(name, (bool(heading[1]), int(heading[3] or 1), []))
            found[name] = (optional and bool(heading[1]), max(count, int(heading[3] or 1)), lines)
            continue
        found[name][2].append(_line(line, default, file, number, dialect))
    return CodeOwners(tuple(_Section(tuple(lines), count, optional) for optional, count, lines in found.values()))


def _line(line: str, default: frozenset[str], file: str, number: int, dialect: Dialect) -> _Line:
    words = [one.replace("\\ ", " ") for one in re.split(r"(?<!\\)\s+", line)]
    pattern, without = words[0], False
    if pattern.startswith("!"):
        if not dialect.gitlab:
            raise _wrong(file, number, f"{pattern!r}: GitHub takes no pattern that begins with !")
        pattern, without = pattern[1:], True
    if pattern.startswith("\\#"):
        pattern = pattern[1:]
    if "[" in pattern:
        why = "neither a heading, nor a pattern that Gaia reads" if dialect.gitlab else "GitHub takes no ranges"
        raise _wrong(file, number, f"{pattern!r}: {why}")
    owners = _owners(words[1:], file, number)
    return _Line(re.compile(translated(pattern, dialect), re.DOTALL), owners or default, without)


def _owners(words: Sequence[str], file: str, number: int) -> frozenset[str]:
    for word in words:
        if not _OWNER.fullmatch(word):
            raise _wrong(file, number, f"{word!r} is neither @PERSON, @ORG/TEAM nor an e-mail address")
    return frozenset(one if "@" in one[1:] else one.casefold() for one in words)


def _without_comment(raw: str) -> str:
    line = raw.strip()
    return "" if line.startswith("#") else re.split(r"(?<!\\)\s#", line, maxsplit=1)[0].strip()


def translated(pattern: str, dialect: Dialect = GITHUB) -> str:
    """A pattern as a regular expression over a whole path.

    >>> bool(re.fullmatch(translated("docs/"), "a/docs/b.md")), bool(re.fullmatch(translated("/docs/*"), "docs/a/b.md"))
    (True, False)
    """
    if dialect.gitlab:
        return _as_gitlab_has_it(pattern)
    anchored = "/" in pattern.rstrip("/")
    body = pattern.strip("/") if pattern != "/" else "**"
    made = "".join(_pieces(body))
    start = "" if anchored else "(?:.*/)?"
    if pattern.endswith("/"):
        return f"{start}{made}/.*"
    inside = "" if body.rpartition("/")[2] == "*" and anchored else "(?:/.*)?"
    return f"{start}{made}{inside}"


def _as_gitlab_has_it(pattern: str) -> str:
    """Anchored by a slash in front alone; a file, unless it ends with a slash; two stars are folders before a slash."""
    body = "/**/*" if pattern == "*" else pattern
    body = body if body.startswith("/") else f"/**/{body}"
    body = f"{body}**/*" if body.endswith("/") else body
    body = re.sub(r"(?<![/*])\*\*+", "*", body)
    return "".join("[^/]*" if one == ".*" else one for one in _pieces(body.removeprefix("/")))


def _pieces(body: str) -> Iterator[str]:
    at = 0
    while at < len(body):
        if body.startswith("**/", at):
            yield "(?:.*/)?"
            at += 3
        elif body.startswith("**", at):
            yield ".*"
            at += 2
        elif body[at] in "*?":
            yield "[^/]*" if body[at] == "*" else "[^/]"
            at += 1
        else:
            at += body[at] == "\\" and at + 1 < len(body)
            yield re.escape(body[at])
            at += 1


def _wrong(file: str, line: int, what: str) -> Invalid:
    return Invalid(
        "owners-invalid",
        f"{file} cannot be relied on: {what}",
        at=Position(file, line),
        next_step="Repair it on the base branch: what is not understood there would ask nobody.",
    )
