"""Rego that others wrote, read as OPA reads it where the embedded engine does not. Pure.

In OPA `not f(resource.tags)` does not hold where there are no tags: what a call or a comparison is given is read before
the negation. The embedded engine takes the whole for false there, and its negation for true. Whoever wrote the rule
tried it with OPA, so what is given is named in front of the negation, on the same line. `==` is no call for OPA.
"""

from __future__ import annotations

import re

_TEXT = r'"(?:\\.|[^"\\\n])*"|`[^`\n]*`'
_NEGATION = re.compile(
    rf"(?P<before>^[ \t]*|[;{{][ \t]*)not[ \t]+(?P<said>(?:{_TEXT}|\{{[^{{}}|\n]*\}}|[^;#{{}}\n\"`])*)", re.MULTILINE
)
_GIVEN = re.compile(
    rf'{_TEXT}|\{{[^}}]*\}}|(?P<call>[A-Za-z_][\w.]*\()|(?P<read>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\["[^"\n]*"\]|\[\d+\])+)(?![\w.\[(])'
)
_CALLS = re.compile(r"\(|!=|<|>|\bin\b")
_OLDER = re.compile(rf"{_TEXT}|#[^\n]*|(?P<name>(?<![\w.])re_match)(?=\()")


def as_opa_reads(text: str) -> str:
    """The text of a file with the same lines."""
    taken = 0

    def named(found: re.Match[str]) -> str:
        nonlocal taken
        said = found["said"]
        if not _CALLS.search(said) or " with " in said or said.count("(") != said.count(")"):
            return found[0]
        before: list[str] = []

        def give(one: re.Match[str]) -> str:
            nonlocal taken
            if one["read"] is None:
                return one[0]
            taken += 1
            before.append(f"given_{taken} := {one['read']}; ")
            return f"given_{taken}"

        said = _GIVEN.sub(give, said)
        return f"{found['before']}{''.join(before)}not {said}"

    return _NEGATION.sub(named, _OLDER.sub(lambda one: "regex.match" if one["name"] else one[0], text))
