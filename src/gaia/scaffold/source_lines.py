"""From a line of a rendered file back to the template's line that made it.

Jinja does not tell. So the template is rendered once more with a mark at the end of each line of its text (nothing else
of it is touched), and the marks are read from the result. Where taking them out does not give the same file again, say
because a text with a mark was quoted, nothing is claimed.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaia.errors import Invalid, Position
from gaia.kit.shapes import as_map
from gaia.scaffold import copier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.scaffold.template import Template

_MARK = re.compile("\x02([0-9]+):([0-9]+)\x03")
"""Control characters, which no answer may hold."""
SUFFIX = ".jinja"


def source_lines(
    template: Template, data: Mapping[str, object], rendered: Mapping[str, str]
) -> dict[str, dict[int, Position]]:
    """Of the files that the template gave for this data: path → line (from 1) → place in `templates/NAME/…`.

    Renders once; raises what `render_all` does.
    """
    config = _config(template.folder)
    files = sorted(path for path in template.folder.rglob("*") if path.is_file() and path.name != "copier.yml")
    with tempfile.TemporaryDirectory(prefix="gaia-marked-") as scratch:
        marked = Path(scratch) / template.name
        marked.mkdir()
        (marked / "copier.yml").write_bytes((template.folder / "copier.yml").read_bytes())
        for number, path in enumerate(files):
            target = marked / path.relative_to(template.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_marked(path, number, config), encoding="utf-8")
        (made,) = copier.render_all(template.name, marked, [data])
    if isinstance(made, Invalid):
        return {}
    names = [f"templates/{template.name}/{path.relative_to(template.folder).as_posix()}" for path in files]
    return {path: _places(text, names) for path, text in made.items() if _MARK.sub("", text) == rendered.get(path)}


def _config(folder: Path) -> dict[str, Any]:
    import yaml

    config = yaml.safe_load((folder / "copier.yml").read_bytes())
    return as_map(config)


def _marked(path: Path, number: int, config: Mapping[str, Any]) -> str:
    """The text of a file with marks: one that Copier renders as Jinja sees it, any other line by line."""
    text = path.read_text("utf-8", "replace")
    if not path.name.endswith(str(config.get("_templates_suffix", SUFFIX))):
        return _with_marks(text, number, 1)
    from jinja2 import Environment, TemplateSyntaxError

    options = dict(config.get("_envops") or {})
    options.pop("undefined", None)
    environment = Environment(**{"keep_trailing_newline": True, **options})  # noqa: S701 - it only reads
    try:
        tokens = list(environment.lex(text))
    except TemplateSyntaxError:  # then it cannot be rendered either
        return text
    parts = [_with_marks(value, number, line) if kind == "data" else value for line, kind, value in tokens]
    last = f"\x02{number}:{text.rstrip().count(chr(10)) + 1}\x03" if parts and not parts[-1].endswith("\n") else ""
    return "".join(parts) + last


def _with_marks(text: str, number: int, line: int) -> str:
    ends = text.count("\n")
    pieces = text.split("\n")
    return "".join(f"{piece}\x02{number}:{line + at}\x03\n" for at, piece in enumerate(pieces[:ends])) + pieces[-1]


def _places(text: str, names: list[str]) -> dict[int, Position]:
    """The last mark of each line; a line without one, of a value that has several, goes by the next one."""
    found: dict[int, Position] = {}
    waiting: list[int] = []
    for number, line in enumerate(text.split("\n"), 1):
        waiting.append(number)
        marks = _MARK.findall(line)
        if marks:
            file, source = marks[-1]
            at = Position(names[int(file)], int(source))
            found.update(dict.fromkeys(waiting, at))
            waiting = []
    return found
