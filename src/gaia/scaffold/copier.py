"""The only file that knows Copier. It renders in a child process that can be killed and that finds no other program.

Copier is never told to trust a template: tasks, migrations and Jinja extensions stay off. It looks for git wherever it
renders; the child's PATH is empty, so it finds none and treats each template as the plain folder that it is.
"""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaia.errors import Invalid, Position, ToolFailed
from gaia.kit import process

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SECONDS = 60.0
Outcome = dict[str, str] | Invalid
"""Files by path, or why there are none."""


def render_all(name: str, folder: Path, variants: Sequence[Mapping[str, object]]) -> list[Outcome]:
    """Render the template in `folder` once for each variant of data.

    Returns:
        For each variant its files (path → text), or `Invalid`: `answer-refused` by a validator of the template, or
        `template-invalid`.

    Raises:
        ToolFailed: `tool-timeout`, or `copier-failed` when the child died.
    """
    with tempfile.TemporaryDirectory(prefix="gaia-render-") as scratch:
        order = {"folder": str(folder.resolve()), "scratch": scratch, "variants": [dict(data) for data in variants]}
        done = process.run(
            [sys.executable, "-P", "-m", "gaia.scaffold.copier"],
            cwd=Path(scratch),
            env={"PATH": "", "HOME": scratch, "TMPDIR": scratch, "PYTHONUTF8": "1"},
            stdin=json.dumps(order).encode(),
            timeout=SECONDS,
        )
    if done.returncode:
        raise ToolFailed(
            "copier-failed",
            f"rendering the template {name} failed: {done.stderr.strip()[-500:]}",
            next_step=f"Look at templates/{name}.",
        )
    return [_outcome(name, raw) for raw in json.loads(done.stdout)]


def _outcome(name: str, raw: dict[str, Any]) -> Outcome:
    if "files" in raw:
        files: dict[str, str] = raw["files"]
        return files
    if raw["refused"]:
        return Invalid("answer-refused", raw["refused"], next_step="Give other answers.", facts=raw["facts"])
    return Invalid(
        "template-invalid",
        f"the template {name} cannot be rendered: {raw['failed']}",
        next_step=f"Repair templates/{name}.",
        at=Position(f"templates/{name}/{raw['file']}", raw["line"]) if raw["file"] else None,
    )


def _render(folder: str, target: Path, data: dict[str, Any]) -> dict[str, Any]:
    import copier
    from jinja2 import TemplateError, TemplateSyntaxError

    try:
        copier.run_copy(
            folder, target, data, settings=copier.Settings(), defaults=True, quiet=True, unsafe=False, skip_tasks=True
        )
        return {
            "files": {
                path.relative_to(target).as_posix(): path.read_text(encoding="utf-8")
                for path in sorted(target.rglob("*"))
                if path.is_file() and not path.is_symlink()
            }
        }
    except ValueError as error:  # what Copier raises when a validator of the template says no
        mark = "Validation error for question '"
        if not str(error).startswith(mark):
            return _failed(error, str(error), Path(folder), data)
        question, _, reason = str(error).removeprefix(mark).partition("': ")
        return {"refused": f"{question}: {reason}", "facts": {"question": question}}
    except TemplateSyntaxError as error:
        return {"refused": None, "failed": f"{error}", "file": error.name, "line": error.lineno}
    except Exception as error:  # noqa: BLE001 - whatever a template provokes is that template's failure
        words = f"{error}" if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
        return _failed(error, words, Path(folder), data)


def _failed(error: Exception, words: str, folder: Path, data: Mapping[str, object]) -> dict[str, Any]:
    """With the innermost line of the template in the traceback, which Jinja writes as if its code were the template's.

    A name that nothing has is said besides: filters tell of it in riddles.
    """
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(folder):
            unknown = [name for name in _names(frame.line or "") if name not in data]
            words = f"there is no answer {', '.join(unknown)} ({words})" if unknown else words
            return {"refused": None, "failed": words, "file": path.relative_to(folder).as_posix(), "line": frame.lineno}
    return {"refused": None, "failed": words, "file": None}


def _names(line: str) -> list[str]:
    """The variables that a line of a template reads; none where the line is no whole piece of Jinja."""
    from jinja2 import Environment, TemplateSyntaxError, nodes

    environment = Environment()  # noqa: S701 - it only reads
    try:
        read = [name for name in environment.parse(line).find_all(nodes.Name) if name.ctx == "load"]
    except TemplateSyntaxError:
        return []
    return sorted({name.name for name in read} - environment.globals.keys())


@contextlib.contextmanager
def _quickly() -> Iterator[None]:
    """Variants differ in data only: each text of the template is compiled once, and its questions are read by the C
    parser. Otherwise both take most of the time, once for each variant."""
    import yaml
    from jinja2 import Environment

    compile_, loader = Environment.compile, yaml.SafeLoader
    known: dict[object, object] = {}

    def compile_once(environment: Environment, source: object, *arguments: object, **named: object) -> object:
        key = (type(environment), source, arguments, *named.items())
        if key not in known:
            known[key] = compile_(environment, source, *arguments, **named)  # type: ignore[call-overload]
        return known[key]

    Environment.compile = compile_once  # type: ignore[assignment, method-assign]
    yaml.SafeLoader = getattr(yaml, "CSafeLoader", loader)  # type: ignore[misc]
    try:
        yield
    finally:
        Environment.compile = compile_  # type: ignore[method-assign]
        yaml.SafeLoader = loader  # type: ignore[misc]


def _render_each(folder: str, scratch: Path, variants: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    with _quickly():
        return [_render(folder, scratch / f"{number}", data) for number, data in enumerate(variants)]


def main() -> None:
    """The child: an order on stdin, a list of outcomes on stdout."""
    import atexit
    import gc

    gc.disable()  # it ends in a second; looking for garbage would take a third of it, the look at its end included
    atexit.register(gc.freeze)
    order = json.load(sys.stdin)
    json.dump(_render_each(order["folder"], Path(order["scratch"]), order["variants"]), sys.stdout)


if __name__ == "__main__":
    main()
