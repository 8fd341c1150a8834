"""`python -m gaia.cli.reference` prints docs/reference/cli.md, made from the command tree."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gaia.cli import menu

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cli.entry import Entry

_HEAD = """# Commands

Made from the code by `make docs`. Every command that shows something takes `--output text|json|yaml`, before or after
its name; [Output](output.md) says what the documents hold, [Errors](errors.md) what can go wrong. Results go to
standard output; progress, questions and errors to standard error. Nothing is asked where no terminal is.

| exit code | meaning |
|---|---|
| 0 | it is done, or waits for a person |
| 1 | a check failed (`doctor`, `policy test`), or the question was answered with no |
| 2 | what was given cannot be used |
| 3 | the thing named does not exist, or not for you |
| 4 | no good token |
| 5 | refused, denied by a policy, or rejected by a person |
| 6 | the state of things forbids it: a conflict, an expired or parked request |
| 7 | a program that Gaia runs failed |
| 8 | something needed is missing, down, locked or full |
| 9 | some components cannot be built: the rest is shown, and they are listed at the end on standard error |
| 70 | a defect of Gaia; a log file is named |
| 130 | interrupted |
"""


def page() -> str:
    """The whole page as Markdown."""
    parts = [_HEAD]
    for section in menu.MENU:
        parts.append(f"## {section.title}\n")
        for entry in section.entries:
            parts += _entry(entry, "gaia")
    return "\n".join(parts).rstrip("\n") + "\n"


def _entry(entry: Entry, parent: str) -> Iterator[str]:
    path = f"{parent} {entry.name}"
    if entry.entries:
        for child in entry.entries:
            yield from _entry(child, path)
        if not entry.raw:
            return
    command = _command(entry)
    yield f"### `{path}`\n"
    text = re.sub(r"\n(?!\n)(?<!\n\n)", " ", command.help or "").replace("\x08", "")
    yield (
        "\n\n".join(paragraph.strip() for paragraph in text.split("\n\n") if paragraph.strip()).replace("  ", " ")
        + "\n"
    )
    yield f"```text\n{path} {' '.join(entry.usage if entry.raw else _usage(command))}\n```\n"
    rows = [row for parameter in command.params if (row := _row(parameter))]
    if rows:
        yield "\n".join(["| | |", "|---|---|", *rows]) + "\n"


def _command(entry: Entry) -> Any:  # noqa: ANN401 - the library's command, whose type it keeps to itself
    from gaia.cli.app import build

    return build(replace(entry, entries=()))


def _usage(command: Any) -> Iterator[str]:  # noqa: ANN401
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            yield parameter.metavar
        elif parameter.required:
            yield f"{parameter.opts[-1]} {parameter.metavar}"
    yield "[OPTIONS]"


def _row(parameter: Any) -> str | None:  # noqa: ANN401
    if parameter.param_type_name == "argument":
        return f"| `{_cell(parameter.metavar)}` | {_cell(parameter.help or '')} |"
    names = ", ".join(sorted(parameter.opts, key=len))
    if not parameter.is_flag:
        names += f" {parameter.metavar or '|'.join(map(str, getattr(parameter.type, 'choices', ()))) or 'N'}"
    default = parameter.default
    tail = f" Default: `{default}`." if parameter.show_default and default not in (None, False, "", []) else ""
    return f"| `{_cell(names)}` | {_cell(parameter.help or '')}{tail}{' Required.' if parameter.required else ''} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
