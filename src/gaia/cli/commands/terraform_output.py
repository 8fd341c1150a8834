"""`gaia terraform output`: terraform's own words, or with `--format` the values as scripts of Atmos take them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from gaia.cli.operating import no_output
from gaia.cli.session import Session
from gaia.cli.terraform import run
from gaia.errors import Invalid

if TYPE_CHECKING:
    from gaia.checkout.checkout import Checkout
    from gaia.checkout.words import Words
    from gaia.stacks.model import Instance

_VALUED = {"--format": "format", "-f": "format", "--output-file": "file", "-o": "file"}
_SWITCHES = {"--uppercase": "uppercase", "-u": "uppercase", "--flatten": "flatten"}


def output(context: typer.Context, words: list[str]) -> int:
    """Show an instance's outputs, or one of them.

    `gaia terraform output COMPONENT [NAME] -s STACK`. With --format json|yaml|hcl|env|dotenv|bash|csv|tsv|github the
    values are written as Atmos writes them, sensitive ones too; --output-file FILE adds them to a file (of github to
    the one that GITHUB_OUTPUT names), --uppercase and --flatten change the names. Every other option is terraform's:
    -json, -raw.

    Example: gaia terraform output vpc -s acme-use1-dev vpc_id --format env
    """
    own, rest = _taken(words)
    if "format" not in own:
        if own:
            raise Invalid(
                "usage",
                f"--{next(iter(own)).replace('file', 'output-file')} needs --format",
                next_step="Give --format env, or another one that `gaia terraform output --help` lists.",
            )
        return run(context, ["output", *words])

    def put(session: Session, checkout: "Checkout", given: "Words", instance: "Instance") -> int:
        return _put(session, checkout, given, instance, own)

    return run(context, ["output", *rest], put)


def _taken(words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """What is said about the format, and the other words. `-o` is `--output-file` as in Atmos where there is one."""
    own: dict[str, str] = {}
    rest: list[str] = []
    left = list(words)
    formatted = any(word.partition("=")[0] in ("--format", "-f") for word in words)
    while left:
        word = left.pop(0)
        if word == "--":
            return own, [*rest, word, *left]
        name, equals, value = word.partition("=")
        if name in _VALUED and (name != "-o" or formatted):
            if not equals and not left:
                raise Invalid("usage", f"Option {name!r} requires an argument", next_step="Give it a value.")
            own[_VALUED[name]] = value if equals else left.pop(0)
        elif name in _SWITCHES:
            own[_SWITCHES[name]] = value if equals else "true"
        else:
            rest.append(word)
    return own, rest


def _put(session: Session, checkout: "Checkout", words: "Words", instance: "Instance", own: dict[str, str]) -> int:
    from gaia.cli import output_formats

    form = output_formats.known(own["format"])
    state = checkout.outputs(instance).state(instance)
    found = state.output_values if state else {}
    name = next(iter(words.names), None)
    if name is not None and name not in found:
        raise no_output(instance, name, found)
    upper, flat = (own.get(one, "false") != "false" for one in ("uppercase", "flatten"))
    if name is not None and not flat:
        text = output_formats.one(name.upper() if upper else name, found[name], form)
    else:
        chosen = found if name is None else {name: found[name]}
        text = output_formats.all_of(output_formats.renamed(chosen, uppercase=upper, flatten=flat), form)
    file = own.get("file") or (session.settings.environ.get("GITHUB_OUTPUT") if form == "github" else None)
    if file is None:
        session.write(text)
        return 0
    from gaia.kit.files import write_failed

    path = session.settings.cwd / file
    try:
        with path.open("a", encoding="utf-8") as out:
            out.write(text)
    except OSError as error:
        raise write_failed(path, error) from error
    return 0
