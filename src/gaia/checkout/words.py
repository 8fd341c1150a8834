"""The words after `gaia terraform`: which are Gaia's, which are terraform's, and which name the component.

Terraform takes `-flag=value`, `-flag value`, and both with two dashes. A flag that a subcommand of terraform knows is
always terraform's; Gaia's own have names that terraform has not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

SUBCOMMANDS = frozenset(
    (
        *("apply", "clean", "console", "deploy", "destroy", "env", "fmt", "force-unlock", "generate", "get", "graph"),
        *("import", "init", "login", "logout", "metadata", "modules", "output", "plan", "providers", "push", "query"),
        *("refresh", "shell", "show", "stacks", "state", "taint", "test", "untaint", "validate", "version"),
        "workspace",
    )
)
"""Subcommands of terraform and of tofu, and those that Atmos adds and Gaia has: what `gaia terraform` takes."""
FOLLOWED = {
    "state": ("list", "mv", "pull", "push", "replace-provider", "rm", "show", "identities"),
    "workspace": ("list", "select", "new", "delete", "show"),
    "providers": ("lock", "mirror", "schema"),
    "metadata": ("functions",),
}
"""Subcommands of two words; the second may be left out for `providers`, and for `workspace` as Atmos has it."""
NO_COMPONENT = frozenset(("version", "login", "logout", "metadata"))
"""Subcommands that are about no configuration."""
VALUED = frozenset(
    (
        *("backend-config", "backup", "backup-out", "config", "exclude", "exclude-file", "filter", "from-module"),
        *("fs-mirror", "generate-config-out", "id", "lock-timeout", "module-depth", "net-mirror", "out", "parallelism"),
        *("plan", "platform", "plugin-dir", "provider", "replace", "state", "state-out", "target", "target-file"),
        *("test-directory", "type", "var", "var-file", "junit-xml", "cloud-run", "lock-file", "plugin-cache"),
    )
)
"""Terraform's flags whose value may be the next word."""
READ = frozenset(
    ("backend-config", "exclude-file", "from-module", "plan", "plugin-dir", "state", "target-file", "var-file")
)
"""Those whose value is the path of something that is read; it is taken from the component's own folder."""
WRITTEN = frozenset(("backup", "backup-out", "fs-mirror", "generate-config-out", "junit-xml", "out", "state-out"))
"""Those whose value is the path of something that is written."""
_TERRAFORMS = {"state": {"dry-run"}, "test": {"verbose"}}
"""Names that Gaia has too, by the subcommand of terraform that knows them."""
_YES = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_NO = frozenset(("0", "f", "F", "FALSE", "false", "False"))
"""The values of a switch, as Go reads them."""
_SHORT = {"-s": "stack", "-o": "output", "-C": "directory", "-y": "yes"}
_OWN_VALUES = frozenset(
    ("stack", "planfile", "components", "query", "ref", "sha", "base", "repo-path", "output", "skip", "directory")
)
TAKEN_FOR_ATMOS = frozenset(("clone-target-ref", "ui", "ci", "verbose", "deploy-run-init", "upload-status", "full"))
"""Switches of Atmos's scripts that change nothing here: what they ask for is done anyway, or is Atmos's own look."""
_OWN_SWITCHES = TAKEN_FOR_ATMOS | {
    *("dry-run", "skip-init", "from-plan", "all", "affected", "include-dependents", "yes", "force"),
    *("process-templates", "process-functions", "init-pass-vars", "auto-generate-backend-file", "skip-planfile"),
}
"""Gaia's `--force` is only that of `clean`: `workspace delete -force` is terraform's."""


@dataclass(frozen=True, slots=True)
class Words:
    """One command line, read."""

    subcommand: str
    second: str = ""
    """The second word of `state list` and the like."""
    component: str = ""
    stack: str = ""
    arguments: tuple[str, ...] = ()
    """Terraform's own, in their order: flags, and words after the component."""
    own: Mapping[str, str] = field(default_factory=dict)
    """Gaia's other flags, by name; a switch is `true` or `false`."""

    @property
    def words(self) -> tuple[str, ...]:
        """The subcommand as terraform is told it."""
        return (self.subcommand, self.second) if self.second else (self.subcommand,)

    @property
    def name(self) -> str:
        """For people: `state list`."""
        return " ".join(self.words)

    def on(self, name: str, *, default: bool = False) -> bool:
        """Whether a switch of Gaia's is on; `read` has refused what is neither yes nor no."""
        value = self.own.get(name)
        return default if value is None else value in _YES

    def flag(self, name: str) -> bool:
        """Whether a switch of terraform's is on: `-auto-approve`, and not `-auto-approve=F`.

        Raises:
            Invalid: `usage` for a value that terraform takes neither for yes nor for no.
        """
        values = [value for flag, value in flags(self.arguments) if flag == name]
        for value in values:
            if value not in _YES | _NO:
                raise _no_switch(f"-{name}", value)
        return bool(values) and values[-1] in _YES

    @property
    def names(self) -> tuple[str, ...]:
        """Terraform's arguments that are no flags and no values of flags: addresses, ids, a plan file."""
        return tuple(piece.words[0] for piece in pieces(self.arguments) if piece.flag is None)

    @property
    def destroys(self) -> bool:
        """Whether it is the destruction of all that is meant: `destroy`, or another subcommand with `-destroy`."""
        return self.subcommand == "destroy" or self.flag("destroy")

    @property
    def many(self) -> bool:
        """Whether the instances are chosen by a flag in place of a component."""
        return any(self.on(name) for name in ("all", "affected")) or any(
            name in self.own for name in ("components", "query")
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """A flag of terraform's with its value, or a word that is no flag."""

    words: tuple[str, ...]
    """As they were typed: two where the value is a word of its own."""
    flag: str | None = None
    """Without dashes; None for a word."""
    value: str | None = None
    """None for a switch, and for a word."""


def pieces(arguments: Sequence[str]) -> Iterator[Piece]:
    """Terraform's arguments in their order, each flag together with its value."""
    left = list(arguments)
    while left:
        yield _first(left)


def flags(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Terraform's flags among arguments, without dashes, each with its value; a switch has `true`."""
    for piece in pieces(arguments):
        if piece.flag is not None:
            yield piece.flag, "true" if piece.value is None else piece.value


def _first(left: list[str]) -> Piece:
    """Take the first piece from words, of which there is one."""
    word = left.pop(0)
    if not _is_flag(word):
        return Piece((word,))
    name, equals, value = word.lstrip("-").partition("=")
    if equals:
        return Piece((word,), name, value)
    if name not in VALUED or not left:
        return Piece((word,), name)
    value = left.pop(0)
    return Piece((word, value), name, value)


def _is_flag(word: str) -> bool:
    return len(word) > 1 and word.startswith("-") and word != "--"


def read(words: Sequence[str]) -> Words:
    """Read what stands after `gaia terraform`.

    Raises:
        Invalid: `usage` where a flag lacks its value, a switch has one that is none, or a name is empty.
    """
    end = words.index("--") if "--" in words else len(words)
    left, behind = list(words[:end]), list(words[end + 1 :])
    subcommand = next((word for word in left if not _is_flag(word)), "")
    if subcommand:
        left.remove(subcommand)
    own: dict[str, str] = {}
    positional: list[str] = []
    arguments: list[str] = []
    while left:
        if _is_flag(left[0]) and _take_own(left, own, subcommand):
            continue
        piece = _first(left)
        if piece.flag is None:
            positional += piece.words
        if piece.flag is not None or len(positional) > _leading(subcommand, positional):
            arguments += piece.words
    _refuse_empty(subcommand, positional, own)
    second, component = _named(subcommand, positional)
    if not second and (late := next(iter(positional[1:2]), "")) in FOLLOWED.get(subcommand, ()):
        second = late  # `state vpc rm`: the component stands before the second word
        arguments.remove(late)
    made = Words(subcommand, second, component, own.pop("stack", ""), (*arguments, *behind), own)
    for switch in ("auto-approve", "destroy"):
        made.flag(switch)  # before anything is planned: terraform itself is not always told it
    return made


def _refuse_empty(subcommand: str, positional: Sequence[str], own: Mapping[str, str]) -> None:
    """An empty name, often a variable of the shell that is not set, is nobody, and never everybody."""
    stack = own.get("stack")
    component = "" in positional[:2] and subcommand not in NO_COMPONENT
    if component or (stack is not None and not stack.strip()):
        raise Invalid(
            "usage",
            f"{'the component' if component else '--stack'} is empty",
            next_step="Give a name, or leave it out.",
        )


def _leading(subcommand: str, positional: Sequence[str]) -> int:
    """How many words stand before terraform's own: the second word of a subcommand, and the component."""
    if subcommand in NO_COMPONENT:
        return 1 if subcommand in FOLLOWED else 0
    return 2 if subcommand in FOLLOWED and positional[0] in FOLLOWED[subcommand] else 1


def _named(subcommand: str, positional: Sequence[str]) -> tuple[str, str]:
    second = positional[0] if positional and positional[0] in FOLLOWED.get(subcommand, ()) else ""
    rest = positional[1:] if second else positional
    return second, "" if subcommand in NO_COMPONENT or not rest else rest[0]


def _take_own(left: list[str], own: dict[str, str], subcommand: str) -> bool:
    """Take a flag of Gaia's, with its value, from the words that it begins; False for terraform's."""
    spelled, equals, value = left[0].partition("=")
    name = _SHORT.get(spelled) or (spelled[2:] if spelled.startswith("--") else "")
    if name in _TERRAFORMS.get(subcommand, ()) or (name == "force" and subcommand != "clean"):
        return False
    if name not in _OWN_SWITCHES and name not in _OWN_VALUES:
        return False
    left.pop(0)
    if name in _OWN_SWITCHES:
        own[name] = value if equals else "true"
        if own[name] not in _YES | _NO and name not in TAKEN_FOR_ATMOS:
            raise Invalid(
                "usage", f"--{name}={value} says neither yes nor no", next_step=f"Write --{name}, or --{name}=false."
            )
        return True
    if not equals and not left:
        raise Invalid("usage", f"Option {spelled!r} requires an argument", next_step="Give it a value.")
    own[name] = value if equals else left.pop(0)
    return True


def _no_switch(spelled: str, value: str) -> Invalid:
    return Invalid(
        "usage", f"{spelled}={value} says neither yes nor no", next_step=f"Write {spelled}, or {spelled}=false."
    )


def for_copy(arguments: Sequence[str], home: Path, copy: Path | None) -> tuple[str, ...]:
    """The arguments for a copy of the component's folder `home`, in which terraform runs.

    A relative path that means the same in the copy stays as it was typed; one that leads out of the folder, or to a
    file that was not copied, becomes absolute. Without `copy` each that is read does.
    """
    made: list[str] = []
    for piece in pieces(arguments):
        if piece.flag is None:
            made.append(_read_there(piece.words[0], home, copy))
        elif piece.value is None:
            made += piece.words
        else:
            path = _path(piece.flag, piece.value, home, copy)
            made += [piece.words[0], path] if piece.words[1:] else [f"{piece.words[0].partition('=')[0]}={path}"]
    return tuple(made)


def _path(name: str, value: str, home: Path, copy: Path | None) -> str:
    if name in READ:
        return _read_there(value, home, copy)
    if name not in WRITTEN or not value or value.startswith("/"):
        return value
    return str(home / value) if value.startswith("..") else value


def _read_there(value: str, home: Path, copy: Path | None) -> str:
    """A file that is read: absolute where only the checkout has it."""
    if not value or value.startswith("/") or not (home / value).exists():
        return value
    return value if copy is not None and (copy / value).exists() else str(home / value)
