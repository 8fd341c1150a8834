"""Runs command lines of `gaia` in this process, and notes each program that is started and each file that is written.

python watched_operator.py NOTES < LINES      LINES: JSON, a list of lists of words
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path

_MADE = ("os.mkdir", "os.rename", "os.link", "os.symlink")
_STARTED = ("os.exec", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn")


def watch(notes: int) -> None:
    """Note what happens from here on; a hook stays as long as the process."""

    def note(kind: str, what: object) -> None:
        os.write(notes, json.dumps([kind, what], default=str).encode() + b"\n")

    def hook(event: str, facts: tuple[object, ...]) -> None:
        if event == "subprocess.Popen" and isinstance(facts[1], list | tuple):
            note("program", [os.fsdecode(one) for one in facts[1]])
        elif event in _STARTED:
            note("program", [os.fsdecode(one) for one in facts[:1] if isinstance(one, str | bytes | Path)])
        elif event == "open" and isinstance(facts[0], str | bytes | Path) and _writes(facts[1], facts[2]):
            note("file", Path(os.fsdecode(facts[0])).absolute())
        elif event in _MADE:
            target = facts[0] if event == "os.mkdir" else facts[1]
            if isinstance(target, str | bytes | Path):
                note("file", Path(os.fsdecode(target)).absolute())

    sys.addaudithook(hook)


def _writes(mode: object, flags: object) -> bool:
    if isinstance(mode, str):
        return any(sign in mode for sign in "wax+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def main() -> None:
    """Run all of them."""
    from gaia.cli.main import main as gaia

    lines = json.load(sys.stdin)
    notes = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    watch(notes)
    for words in lines:
        sys.argv = ["gaia", *words]
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), suppress(SystemExit):
            gaia()
        os.write(notes, json.dumps(["ran", words[0]]).encode() + b"\n")


if __name__ == "__main__":
    main()
