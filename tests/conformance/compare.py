"""Whether two answers say the same: without what Atmos prints of its own machine, and order where it means nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DROPPED = frozenset(("atmos_cli_config", "cli_args", "tf_cli_args", "tf_cli_vars"))
"""What Atmos says of its own process."""
SETS = frozenset(("imports", "deps", "deps_all", "dependents", "affected"))
ROOTS = ("/absolute/path/to/repo", "/absolute/path/to/fixtures/")
SHOWN = 12
"""Differences that are reported of one case."""


def normal(document: Any, root: str, fixture: str) -> Any:
    """A document without what differs from machine to machine. `root` is the folder of the repository."""
    if isinstance(document, dict):
        return {
            key: sorted(value) if key in SETS and is_texts(value) else normal(value, root, fixture)
            for key, value in document.items()
            if key not in DROPPED and not (key == "terraform_config" and "component_type" in document)
        }
    if isinstance(document, (list, tuple)):
        return [normal(one, root, fixture) for one in document]
    if isinstance(document, str):
        return document.replace(root, ROOTS[0]).replace(ROOTS[1] + fixture, ROOTS[0])
    return document


def is_texts(value: object) -> bool:
    """Whether this is a list of texts."""
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def differences(got: Any, wanted: Any, path: str = "") -> Iterator[str]:
    """What differs, one line each. 1 and 1.0 are the same, true and 1 are not."""
    if isinstance(got, dict) and isinstance(wanted, dict):
        for key in sorted({*got, *wanted}, key=str):
            below = f"{path}.{key}" if path else str(key)
            if key not in got:
                yield f"{below} is missing, wanted {short(wanted[key])}"
            elif key not in wanted:
                yield f"{below} is {short(got[key])}, wanted nothing"
            else:
                yield from differences(got[key], wanted[key], below)
    elif isinstance(got, list) and isinstance(wanted, list) and len(got) == len(wanted):
        for index, (one, other) in enumerate(zip(got, wanted, strict=True)):
            yield from differences(one, other, f"{path}.{index}")
    elif got != wanted or isinstance(got, bool) != isinstance(wanted, bool):
        yield f"{path} is {short(got)}, wanted {short(wanted)}"


def path_differences(got: Any, paths: Mapping[str, Any], absent: list[str]) -> Iterator[str]:
    """What differs at single places."""
    for path, wanted in paths.items():
        if path == "@keys":
            yield from differences(sorted(got), wanted, path)
            continue
        found = at(got, path)
        yield from differences(found[0], wanted, path) if found else [f"{path} is missing, wanted {short(wanted)}"]
    for path in absent:
        if found := at(got, path):
            yield f"{path} is {short(found[0])}, wanted nothing"


def at(value: Any, path: str) -> tuple[Any] | None:
    """The value at a dotted path; keys may hold dots themselves."""
    if not path:
        return (value,)
    if isinstance(value, list):
        index, _, rest = path.partition(".")
        return at(value[int(index)], rest) if index.isdigit() and int(index) < len(value) else None
    if isinstance(value, dict):
        for key in sorted((str(one) for one in value), key=len, reverse=True):
            if path == key or path.startswith(key + "."):
                found = at(value[key], path[len(key) + 1 :])
                if found:
                    return found
    return None


def short(value: object) -> str:
    """A value for a report."""
    text = repr(value)
    return text if len(text) <= 160 else text[:157] + "..."
