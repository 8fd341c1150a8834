"""Documents as Atmos writes them, and the options that say which part, in which format and where to."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gaia.kit.visible import json_escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cli.session import Session

Form = Literal["json", "yaml"]
SomeForm = Annotated[
    Form | None,
    typer.Option("--format", "-f", metavar="FORMAT", help="yaml (as Atmos does) or json.", show_default=False),
]
File = Annotated[
    Path | None, typer.Option("--file", metavar="PATH", help="Write the document there.", show_default=False)
]
Query = Annotated[
    str | None,
    typer.Option("--query", "-q", metavar="YQ", help="A yq expression: only what it gives.", show_default=False),
]


def text_of(document: object, form: Form) -> str:
    """A document as JSON, or as YAML in Go's spelling; keys sorted."""
    if form == "yaml":
        from gaia.golang.goyaml import dump

        return dump(document)
    return _json(document) + "\n"


def streamed(pieces: "Iterator[tuple[str, object]]", form: Form) -> "Iterator[str]":
    """A map piece by piece: all stacks of a large repository need not be in memory at once."""
    first = True
    for name, piece in pieces:
        if form == "yaml":
            yield text_of({name: piece}, form)
        else:
            yield ("{\n  " if first else ",\n  ") + _json(name) + ": " + _json(piece).replace("\n", "\n  ")
        first = False
    if first or form == "json":
        yield "{}\n" if first else "\n}\n"


def _json(document: object) -> str:
    import orjson

    try:
        return json_escaped(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode())
    except TypeError:  # a number beyond 64 bits
        import json

        from gaia.cli.machine_output import plain

        return json_escaped(json.dumps(plain(document), indent=2, sort_keys=True, ensure_ascii=False))


def queried(document: object, query: str | None) -> object:
    """The part of a document that a yq expression gives; the whole one without."""
    if query is None:
        return document
    from gaia.golang.yq import evaluate

    return evaluate(query, document)


def put(session: "Session", file: Path | None, text: str) -> None:
    """Write a document where it is asked for."""
    if file is None:
        session.write(text)
        return
    from gaia.kit.files import write_atomic

    write_atomic(session.settings.cwd / file, text.encode(), mode=0o644)
