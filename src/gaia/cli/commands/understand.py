"""`gaia why`, `gaia explain`."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

import typer

from gaia.cli.opening import opened
from gaia.cli.options import Component, Directory, MaybeStack, Output, Stack
from gaia.cli.session import Session
from gaia.errors import Invalid
from gaia.stacks.model import RESOLVED, Origin, written

_STEP = re.compile(r'([^.\[\]"]+)|\[(\d+)\]|\["([^"]*)"\]')


def why(
    context: typer.Context,
    subject: Annotated[
        str, typer.Argument(metavar="SUBJECT", help="A resource's address or cloud id, a service, or a commit.")
    ],
    stack: MaybeStack = None,
    output: Output = None,
) -> None:
    """Explain why a resource, a service or a commit exists.

    From the thing itself back to the instance, the manifest's line, the template's answer, the approval and the person
    who asked.

    Example: gaia why aws_s3_bucket.this -s acme-use1-dev
    """
    session = Session.of(context, output)
    with session.acting() as platform:
        view = platform.why(subject, stack=stack)
    if session.format != "text":
        session.show(view.as_json())
        return
    from gaia.cli.screens.reasons import why_screen

    session.show(None, *why_screen(view))


def explain(
    context: typer.Context,
    component: Component,
    stack: Stack,
    path: Annotated[
        str | None,
        typer.Argument(
            metavar="[PATH]", help="A value, e.g. vars.tags.owner; all vars if left out.", show_default=False
        ),
    ] = None,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Show where an instance's values come from.

    Each value with every layer that set it, from the first to the one that holds, and the place of each. Of a map,
    everything below it.

    Example: gaia explain photos-bucket -s acme-use1-dev vars.tags
    """
    session = Session.of(context, output)
    instance = opened(session, directory).instance(component, stack)
    top = parse_path(path) if path else ("vars",)
    paths = list(_leaves(top, instance.explain(top).value if path else instance.vars))
    origins = [_origin(each, instance.explain(each)) for each in paths]
    if session.format != "text":
        session.show({"stack": stack, "component": component, "origins": origins})
        return
    from gaia.cli.screens.reasons import origins_screen

    session.show(None, *origins_screen(origins))


def parse_path(text: str) -> tuple[str | int, ...]:
    """`vars.subnets[0].name` as `("vars", "subnets", 0, "name")`; the section `vars` may be left out.

    Raises:
        Invalid: `path-invalid`.
    """
    steps: list[str | int] = []
    rest = text.strip().lstrip(".")
    while rest:
        match = _STEP.match(rest)
        if match is None:
            raise Invalid("path-invalid", f"{text!r} is not a path", next_step="Write it like vars.subnets[0].name.")
        steps.append(int(match[2]) if match[2] else match[1] or match[3])
        rest = rest[match.end() :].removeprefix(".")
    if not steps or steps[0] not in RESOLVED:
        steps.insert(0, "vars")
    return tuple(steps)


def path_text(path: tuple[str | int, ...]) -> str:
    """The inverse of `parse_path`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += (("." if text else "") + step) if _STEP.fullmatch(step) and "[" not in step else f'["{step}"]'
    return text


def _leaves(path: tuple[str | int, ...], content: object) -> Iterator[tuple[str | int, ...]]:
    if isinstance(content, Mapping) and content:
        for key, child in content.items():
            yield from _leaves((*path, str(key)), child)
    else:
        yield path


def _origin(path: tuple[str | int, ...], origin: Origin) -> dict[str, object]:
    return {
        "path": path_text(path),
        "value": written(origin.value),
        "at": str(origin.at),
        "overridden": [{"value": written(loser.value), "at": str(loser.at)} for loser in origin.overridden],
    }
