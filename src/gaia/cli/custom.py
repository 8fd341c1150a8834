"""Custom commands of `atmos.yaml` at the command line: found, explained, completed, run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from typer.core import TyperCommand

from gaia.cli.raw import HELP
from gaia.cli.session import Session
from gaia.errors import Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import typer
    from typer._click import Context, HelpFormatter

    from gaia.stacks.commands.model import CustomCommand, Flag

MOST_DEFAULTS = 20
"""A group whose default is a group, and so on."""


class CustomDoor(TyperCommand):
    """A custom command. It reads its own words: flags may stand anywhere, those of a group with its commands."""

    def __init__(self, command: CustomCommand, path: tuple[str, ...], around: tuple[CustomCommand, ...] = ()) -> None:
        super().__init__(command.name, help=command.description, params=[], rich_markup_mode=None)
        self._chain = (*around, command)
        self._path = (*path, command.name)

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Every word is kept."""
        ctx.args = list(args)
        return ctx.args

    def invoke(self, ctx: Context) -> int:
        """Run the command, or the one below it that the words name."""
        session = ctx.find_object(Session)
        assert session is not None  # noqa: S101 - every context has one
        if (mistake := self._chain[0].mistake) is not None:
            raise mistake
        words = ctx.args
        end = words.index("--") if "--" in words else len(words)
        chain, rest = self._found(words)
        if any(word in HELP for word in words[:end]):
            session.write(self._help(ctx, chain))
            return 0
        path = " ".join((*self._path, *self._beyond(chain)))
        return _run(session, chain, path, rest, lambda: self._help(ctx, chain))

    def shell_complete(self, ctx: Context, incomplete: str) -> list[Any]:
        """The commands below it, its flags, and what its arguments mean."""
        from typer._click.shell_completion import CompletionItem

        chain, rest = self._found(ctx.args)
        flags = _flags(chain)
        last = rest[-1] if rest else ""
        before = next((one for one in flags if last in (f"--{one.name}", f"-{one.shorthand}")), None)
        if before is not None and not before.switch:
            names = _meant(ctx, before.meaning, before.values)
        elif incomplete.startswith("-"):
            names = [f"--{one.name}" for one in flags]
        else:
            inner = [one.name for one in chain[-1].commands if not one.hidden]
            loose = [word for word in rest if not word.startswith("-")]
            argument = chain[-1].arguments[len(loose) : len(loose) + 1]
            names = inner + [name for one in argument for name in _meant(ctx, one.meaning, one.values)]
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]

    def get_help(self, ctx: Context) -> str:
        """The help of the command itself."""
        return self._help(ctx, self._chain).rstrip("\n")

    def below(self, name: str) -> CustomDoor | None:
        """The command of this name below it; None where there is none."""
        inner = self._chain[-1].named(name)
        return CustomDoor(inner, self._path, self._chain) if inner is not None else None

    def _found(self, words: Sequence[str]) -> tuple[tuple[CustomCommand, ...], list[str]]:
        """The commands that the first words name, outermost first, and the words behind them."""
        chain, rest = self._chain, list(words)
        while rest and (inner := chain[-1].named(rest[0])) is not None:
            chain, rest = (*chain, inner), rest[1:]
        return chain, rest

    def _beyond(self, chain: tuple[CustomCommand, ...]) -> list[str]:
        """The names of the commands below this one."""
        return [one.name for one in chain[len(self._chain) :]]

    def _help(self, ctx: Context, chain: tuple[CustomCommand, ...]) -> str:
        command, formatter = chain[-1], ctx.make_formatter()
        flags = _flags(chain)
        pieces = [f"{one.name.upper()}" if one.required else f"[{one.name.upper()}]" for one in command.arguments]
        pieces.append("[OPTIONS]")
        pieces += ["COMMAND ..."] if command.commands else []
        formatter.write_usage(" ".join(("gaia", *self._path, *self._beyond(chain))), " ".join(pieces))
        if command.description:
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(command.description)
        _section(formatter, "Arguments", [(one.name.upper(), _about(one)) for one in command.arguments])
        options = [(_spelled(one), _about(one)) for one in flags]
        _section(formatter, "Options", [*options, ("-h, --help", "Show this message and exit.")])
        below = [(one.name, one.line) for one in command.commands if not one.hidden]
        _section(formatter, "Commands", below)
        formatter.write_paragraph()
        formatter.write_text(f"Defined at {command.at}.")
        return formatter.getvalue()


def door(session: Session | None, path: tuple[str, ...], name: str) -> CustomDoor | None:
    """The custom command of this name below a group of ours; None where there is none.

    Raises:
        GaiaError: what is wrong with a custom command, or with `atmos.yaml`.
    """
    if session is None or not session.customs.commands:
        return None
    from gaia.stacks.commands.model import find

    command = find(session.customs.below(path), name)
    return CustomDoor(command, path) if command is not None else None


def _run(session: Session, chain: tuple[CustomCommand, ...], path: str, words: list[str], usage: Any) -> int:  # noqa: ANN401
    from gaia.cli import failure, steps
    from gaia.stacks.commands.running import job
    from gaia.stacks.commands.typed import typed
    from gaia.stacks.workflows.model import StepFailed
    from gaia.stacks.workflows.running import run

    chain = _defaulted(chain, words)
    command = chain[-1]
    if not command.steps:
        if words and command.commands:
            raise _unknown(command, path, words[0])
        if not command.commands:
            raise Invalid(
                "command-invalid",
                f"the custom command {path} has neither steps nor commands",
                at=command.at,
                next_step="Give it steps.",
            )
        session.write(usage())
        return 1 if session.is_atmos else 0
    given = typed(command, _flags(chain), words, path)
    config = session.app.configuration()
    made = job(
        command,
        given,
        path,
        base=config.base,
        cwd=session.settings.cwd,
        environ=session.environ_of_steps(config.under.get("env")),
        own=steps.own(session),
        describe=session.app.describe_component,
        ask=steps.ask,
    )
    terminal = steps.Terminal(session, config.root, announced=command.verbose)
    try:
        run(made, made.checked(), terminal, again=lambda _: f"It is a step of the custom command at {command.at}.")
    except StepFailed as error:
        failure.report(error, session, ())
        return error.status
    return 0


def _defaulted(chain: tuple[CustomCommand, ...], words: list[str]) -> tuple[CustomCommand, ...]:
    """Where no command of a group is named, its default."""
    while not words and chain[-1].default and chain[-1].commands and len(chain) < MOST_DEFAULTS:
        command = chain[-1]
        inner = command.named(command.default)
        if inner is None:
            raise Invalid(
                "command-invalid",
                f"the default {command.default!r} of {command.name} is none of its commands",
                at=command.at,
                next_step=f"Its commands: {', '.join(one.name for one in command.commands)}.",
            )
        chain = (*chain, inner)
    return chain


def _unknown(command: CustomCommand, path: str, word: str) -> NotFound:
    import difflib

    names = [one.name for one in command.commands if not one.hidden]
    near = difflib.get_close_matches(word, names, n=1)
    return NotFound(
        "command-unknown",
        f"{path} has no command {word!r}",
        at=command.at,
        next_step=f"Did you mean {near[0]}?" if near else f"Its commands: {', '.join(names)}.",
    )


def _flags(chain: Sequence[CustomCommand]) -> tuple[Flag, ...]:
    """The flags of a command and of the groups around it; the nearest wins."""
    found: dict[str, Flag] = {}
    for command in chain:
        found |= {one.name: one for one in command.flags}
    return tuple(found.values())


def _meant(ctx: Context, meaning: str, values: Sequence[str]) -> list[str]:
    from gaia.cli import completion

    context = cast("typer.Context", ctx)
    if meaning == "stack":
        return completion.stacks(context)
    return completion.components(context) if meaning == "component" else list(values)


def _section(formatter: HelpFormatter, title: str, rows: Sequence[tuple[str, str]]) -> None:
    if rows:
        with formatter.section(title):
            formatter.write_dl(rows)


def _spelled(flag: Flag) -> str:
    names = ", ".join(_names(flag))
    return names if flag.switch else f"{names} {flag.name.upper()}"


def _names(flag: Flag) -> Iterator[str]:
    if flag.shorthand:
        yield f"-{flag.shorthand}"
    yield f"--{flag.name}"


def _about(one: Any) -> str:  # noqa: ANN401 - an argument or a flag
    values = f" One of {', '.join(one.values)}." if one.values else ""
    default = f" Default: {'true' if one.default is True else one.default}." if one.default else ""
    return f"{one.description}{values}{default}{' Required.' if one.required else ''}".strip()
