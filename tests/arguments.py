"""What `make nightly` and `make mutation` are told: by variables of the environment, and by nothing else."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


def refuse(text: str) -> NoReturn:
    """Say what is wrong, and do nothing."""
    print(text, file=sys.stderr)  # noqa: T201 - the answer
    raise SystemExit(2)


def only_help(document: str | None, arguments: Sequence[str]) -> None:
    """Explain the program where it is asked to; there is nothing else that it could be asked to on its command line."""
    if set(arguments) & {"-h", "--help"}:
        print(document)  # noqa: T201 - the answer
        raise SystemExit(0)
    if arguments:
        refuse(f"{' '.join(arguments)}: no arguments are taken; --help says which variables are")


def words(environ: Mapping[str, str], name: str, known: Collection[str], *, whole: bool = False) -> list[str]:
    """The words of a variable, separated by commas; each names something that is known, in part or as a `whole`."""
    found = [word for word in environ.get(name, "").split(",") if word]
    for word in found:
        if not any(word == each if whole else word in each for each in known):
            refuse(f"{name}={word}: nothing is called that; there is {', '.join(known)}")
    return found


def number(environ: Mapping[str, str], name: str, default: int) -> int:
    """The number in a variable, 1 or more."""
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdecimal() and int(text)):
        refuse(f"{name}={text}: write it as a number, 1 or more")
    return int(text)
