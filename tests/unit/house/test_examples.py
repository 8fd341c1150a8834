"""Shell examples in README and docs, as far as they need neither terraform nor a network."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests import examples

if TYPE_CHECKING:
    from pathlib import Path

SHELLS = {"sh", "bash", "shell", "zsh", "shell-session"}
COMMAND = re.compile(
    r"^\s*(\$ |(\w+=\S* )*(gaia|terraform|tofu|make|git|export|uv|pip|curl|docker|helm|kubectl|psql|bash|cd) )",
    re.MULTILINE,
)
SYNOPSES = "docs/reference/cli.md"
NOT_RUN = {
    "CONTRIBUTING.md": 2,
    "docs/how-to/adopt-a-repository.md": 1,
    "docs/how-to/be-told.md": 4,
    "docs/how-to/ask-for-approvals.md": 2,
    "docs/how-to/bring-up-an-account.md": 3,
    "docs/how-to/install.md": 7,
    "docs/how-to/install-terraform.md": 1,
    "docs/how-to/let-ci-into-aws.md": 1,
    "docs/how-to/let-people-log-in.md": 10,
    "docs/how-to/release-a-service.md": 4,
    "docs/how-to/resume-after-a-crash.md": 1,
    "docs/how-to/run-as-a-service.md": 15,
    "docs/how-to/run-on-kubernetes.md": 14,
    "docs/how-to/run-several-workers.md": 7,
    "docs/how-to/run-without-the-internet.md": 1,
    "docs/how-to/watch-gaia.md": 2,
    "docs/how-to/write-a-policy.md": 8,
}
"""Commands of each page that no test runs. Each has its reason on the page; nothing is added here without one."""


def _text(page: str) -> str:
    return (examples.ROOT / page).read_text("utf-8")


@pytest.mark.parametrize("page", [page for page in examples.pages() if examples.runnable(page, cloud=False)])
def test_examples_do_what_the_page_says(page: str, tmp_path: Path) -> None:
    """Each command ends as shown and prints what is shown."""
    assert not (found := examples.run(page, tmp_path, cloud=False, timeout=60)), "\n\n".join(found)


@pytest.mark.parametrize("page", examples.pages())
def test_shell_examples_are_written_so_that_they_are_run(page: str) -> None:
    """Another fence for shell commands would escape; words after `console` are known ones."""
    for line, words, body in examples.fences(page):
        assert not set(words[:1]) & SHELLS, f"{page}:{line}: write ```console, with `$ ` before each command"
        if words[:1] == ["console"] and words[1:2] != ["not-run:"]:
            assert set(words[1:]) <= {"cloud", "platform", "slow", "make"}, f"{page}:{line}: {words}"
        elif words[:1] != ["console"] and page != SYNOPSES and words[:1] in ([], ["text"]):
            found = COMMAND.search(body)
            assert not found, f"{page}:{line}: write ```console for {found.group()!r}, so that it is run"


@pytest.mark.parametrize(
    "example",
    [each for page in examples.pages() for each in examples.examples(page) if each.not_run],
    ids=lambda each: f"{each.page}:{each.line}",
)
def test_what_is_not_run_says_why(example: examples.Example) -> None:
    """Shown as skipped, with its reason."""
    assert len(example.not_run.split()) >= 3, "a reason is a few words"
    pytest.skip(f"optional: not run: {example.command} ({example.not_run})")


def test_only_what_is_listed_is_not_run() -> None:
    """A new example runs, or is added to the list on purpose."""
    found = [each.page for page in examples.pages() for each in examples.examples(page) if each.not_run]
    assert dict(Counter(found)) == NOT_RUN


@pytest.mark.parametrize("page", [page for page in examples.pages() if "```console platform" in _text(page)])
def test_a_page_whose_commands_need_a_repository_says_where_it_comes_from(page: str) -> None:
    """Who types them where they are fails at the first one."""
    assert "first-service.md" in _text(page).partition("```console platform")[0]


def test_make_targets_in_examples_exist() -> None:
    """A dry run accepts every `make …` that a page shows."""
    shown = [example for page in examples.pages() for example in examples.examples(page) if "make" in example.words]
    for example in shown:
        for command in example.command.split("&&"):
            words = command.partition("#")[0].split()
            if words[:1] == ["make"]:
                made = subprocess.run(
                    ["make", "--dry-run", *words[1:]], cwd=examples.ROOT, capture_output=True, text=True, check=False
                )
                assert made.returncode == 0, f"{example.page}:{example.line}: {made.stderr}"
            else:
                assert words[:1] in (["git"], ["cd"], ["bash"]), f"{example.page}:{example.line}: not a make call"


def test_the_runner_reads_commands_outputs_and_exit_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """State is kept from block to block; `...`, continued lines and expected failures work; a difference is told."""
    monkeypatch.setattr(examples, "ROOT", tmp_path)
    (tmp_path / "page.md").write_text(
        "```console\n$ export A=1\n$ echo one \\\n> two\none two\n$ (exit 3)  # exits 3\n```\ntext\n\n"
        "1. item\n   ```console\n   $ echo $A && pwd\n   1\n   .../place\n   ```\n"
        "```console cloud\n$ false\n```\n```console\n$ echo after\n```\n"
    )
    folder = tmp_path / "run"
    folder.mkdir()
    assert examples.run("page.md", folder, cloud=False, timeout=20) == []
    again = tmp_path / "again"
    again.mkdir()
    (difference,) = examples.run("page.md", again, cloud=True, timeout=20)
    assert difference.startswith("page.md:17: $ false\nended with 1, not 0")
