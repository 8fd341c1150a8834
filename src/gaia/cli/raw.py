"""Commands that read their own words: options that are another program's must reach it as they were typed."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, cast

from typer.core import TyperCommand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import typer
    from typer._click import Context, HelpFormatter

HELP = ("--help", "-h")


class RawCommand(TyperCommand):
    """A command whose function gets the words after its name as they were typed: `function(context, words)`.

    `--help` and `-h` before a `--` are answered here, with the function's docstring. `leading` words stand before the
    typed ones: a group's function learns the name that none of its entries has.
    """

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        leading: Sequence[str] = (),
        usage: Sequence[str] = ("[WORD...]",),
    ) -> None:
        super().__init__(name, help=inspect.getdoc(function), params=[], rich_markup_mode=None)
        self._function = function
        self._leading = tuple(leading)
        self._usage = tuple(usage)

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Every word is kept."""
        end = args.index("--") if "--" in args else len(args)
        if any(word in HELP for word in args[:end]) and not ctx.resilient_parsing:
            from gaia.cli.session import Session

            if (session := ctx.find_object(Session)) is not None:
                session.write(self.get_help(ctx) + "\n")
            ctx.exit()
        ctx.args = list(args)
        return ctx.args

    def invoke(self, ctx: Context) -> Any:  # noqa: ANN401 - what the function returns
        """Call the function."""
        return self._function(ctx, [*self._leading, *ctx.args])

    def collect_usage_pieces(self, ctx: Context) -> list[str]:  # noqa: ARG002
        """Of the usage line."""
        return list(self._usage)

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """None of its own: the docstring says what the words may be."""

    def shell_complete(self, ctx: Context, incomplete: str) -> list[Any]:
        """Stacks after `-s`, else components."""
        from typer._click.shell_completion import CompletionItem

        from gaia.cli import completion

        after_stack = bool(ctx.args) and ctx.args[-1] in ("-s", "--stack")
        names = completion.stacks if after_stack else completion.components
        found = [] if incomplete.startswith("-") else names(cast("typer.Context", ctx))
        return [CompletionItem(name) for name in found if name.startswith(incomplete)]
