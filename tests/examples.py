"""Runs the shell examples of a Markdown page the way a reader would: one shell, top to bottom, in an empty folder.

A fence ` ```console ` holds commands after `$ ` (continued after `> `), each followed by its output. Output is
compared when there is any; `...` stands for anything. A command that fails on purpose ends in `# exits N`.

Words after `console`:

* `cloud`: needs terraform and the provider; this block and those after it run in `make test-cloud` only.
* `platform`: runs in a new platform repository with its admin's token, in `make test-cloud` too. Files that the page
  gives (a paragraph that ends in a path in backquotes and a colon, then a block) are there.
* `slow`: many commands, a second each; this block and those after it run in `make test-cloud` only.
* `make`: calls of this repository's Makefile; a dry run shows that the targets exist (CI runs the targets themselves).
* `not-run: REASON`: cannot run in a test. tests/unit/house/test_examples.py lists all of these.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import textwrap
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_GIVEN = re.compile(
    r"`(?P<path>[\w./{} -]+/[\w{}. -]+\.\w+)`[^\n]*:\n\n```\w+\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
_MARK = "\x1e"
_LATER = frozenset({"cloud", "platform", "slow"})
_PLATFORM = """
gaia init platform --output json >admin.json && cd platform || exit
export GAIA_TOKEN=$(python3 -c 'import json; print(json.load(open("../admin.json"))["token"])')
"""


@dataclass(frozen=True)
class Example:
    """One command: where it stands, what it should print (None: anything), with which exit code."""

    page: str
    line: int
    command: str
    output: str | None
    exit_code: int
    words: frozenset[str]
    not_run: str = ""
    """Why this is not run."""

    def accepts(self, output: str) -> bool:
        """Whether `output` is what the page shows."""
        if self.output is None:
            return True
        pattern = ".*?".join(re.escape(part) for part in self.output.strip().split("..."))
        return re.fullmatch(pattern, output.strip(), re.DOTALL) is not None


def pages() -> list[str]:
    """Every page that may hold examples, relative to the repository."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "blueprint/README.md", *(ROOT / "docs").rglob("*.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found if path.is_file())


def fences(page: str) -> list[tuple[int, list[str], str]]:
    """(line, words of the info string, body) of every fenced block."""
    text = (ROOT / page).read_text("utf-8")
    return [
        (text.count("\n", 0, found.start()) + 1, found["info"].split(), textwrap.dedent(found["body"]))
        for found in _FENCE.finditer(text)
    ]


def examples(page: str) -> list[Example]:
    """The commands of a page, in order."""
    found = []
    for line, words, body in fences(page):
        if words[:2] == ["console", "not-run:"]:
            reason = " ".join(words[2:])
            found += [replace(each, not_run=reason) for each in _parse(page, line, frozenset({"not-run"}), body)]
        elif words[:1] == ["console"]:
            found += _parse(page, line, frozenset(words[1:]), body)
    return found


def _parse(page: str, start: int, words: frozenset[str], body: str) -> list[Example]:
    found: list[tuple[int, list[str], list[str]]] = []
    for number, line in enumerate(body.splitlines(), start + 1):
        if line.startswith("$ "):
            found.append((number, [line[2:]], []))
        elif line.startswith("> ") and found and not found[-1][2]:
            found[-1][1].append(line[2:])
        elif found:
            found[-1][2].append(line)
        else:
            raise ValueError(f"{page}:{number}: an example begins with `$ `")
    made = []
    for number, command, output in found:
        text = "\n".join(command)
        code = re.search(r"\s+# exits (\d+)$", text)
        shown = "\n".join(output).strip()
        made.append(Example(page, number, text, shown or None, int(code[1]) if code else 0, words))
    return made


def runnable(page: str, *, cloud: bool) -> list[Example]:
    """What runs in one shell: everything, or without `cloud` what stands before the first block that needs it."""
    found = [example for example in examples(page) if not example.words & {"make", "not-run"}]
    if cloud:
        return found
    first = next((number for number, example in enumerate(found) if example.words & _LATER), len(found))
    return found[:first]


def given(page: str) -> dict[str, str]:
    """Files that the reader is told to write: content by path."""
    return {found["path"]: found["body"] for found in _GIVEN.finditer((ROOT / page).read_text("utf-8"))}


def run(page: str, folder: Path, *, cloud: bool, timeout: float) -> list[str]:
    """Run the page's examples in `folder`; returns what differs, one text an example."""
    todo = runnable(page, cloud=cloud)
    place = folder / "place"
    place.mkdir()
    begin = "exec 2>&1\n"
    if any("platform" in example.words for example in todo):
        begin += _PLATFORM
        for path, text in given(page).items():
            (folder / "given" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "given" / path).write_text(text, "utf-8")
            begin += f"install -D -m 644 {shlex.quote(str(folder / 'given' / path))} {shlex.quote(path)}\n"
    script = begin + "".join(f"{example.command}\nprintf '\\n{_MARK}%s\\n' $?\n" for example in todo)
    (folder / "script").write_text(script, "utf-8")
    try:
        ended = subprocess.run(
            ["bash", "--noprofile", "--norc", str(folder / "script")],
            cwd=place,
            env=_environment(folder, cloud=cloud),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        printed = ended.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired as error:
        printed = (error.stdout or b"").decode("utf-8", "replace")
    return _differences(todo, printed)


def _environment(folder: Path, *, cloud: bool) -> dict[str, str]:
    kept = ("LANG", "LC_ALL", "TMPDIR", *(("TF_CLI_CONFIG_FILE", "SSL_CERT_FILE") if cloud else ()))
    path = f"{ROOT / '.venv/bin'}{os.pathsep}{ROOT / '.tools/bin'}{os.pathsep}{os.environ['PATH']}"
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PATH": path,
        "HOME": str(folder),
        "GAIA_HOME": str(folder / "home"),
        "GAIA_CACHE_DIR": str(folder / "cache"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        **{f"GIT_{who}_{what}": "reader@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "TERM": "dumb",
    }


def _differences(todo: list[Example], printed: str) -> list[str]:
    parts = re.split(rf"\n?{_MARK}(\d+)\n", printed)
    found: list[str] = []
    for number, example in enumerate(todo):
        place = f"{example.page}:{example.line}: $ {example.command}"
        if 2 * number + 1 >= len(parts):
            return [
                *found,
                f"{place}\ndid not end; it printed:\n{parts[2 * number] if 2 * number < len(parts) else ''}",
            ]
        output, code = parts[2 * number], int(parts[2 * number + 1])
        if code != example.exit_code:
            found.append(f"{place}\nended with {code}, not {example.exit_code}, and printed:\n{output}")
        elif not example.accepts(output):
            found.append(f"{place}\nprinted:\n{output}\nnot:\n{example.output}")
    return found
