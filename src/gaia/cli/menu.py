"""Every command: its name, its place in the help, one line about it, and the function that does it.

The help of `gaia` and of each group is printed from here, so that nothing is imported to show it. A test compares the
lines with the docstrings of the functions.
"""

from __future__ import annotations

from dataclasses import dataclass

from gaia.cli.wrapping import fitted

ABOUT = "Ask for a service, see what it would create and cost, have it approved, get it, explain it, undo it."
OPTIONS = (
    ("-o, --output FORMAT", "text, json or yaml; before or after the command."),
    ("-C DIR", "Work as if started in this folder; before the command."),
    ("--version", "Show the version."),
    ("--install-completion", "Install completion for the current shell."),
    ("--show-completion", "Show the completion script."),
    ("-h, --help", "Show this help, or that of a command."),
)
FOOTER = "`gaia help COMMAND` says more. New here? Run `gaia demo`."


@dataclass(frozen=True, slots=True)
class Entry:
    """A command (`target` is `module:function` below `gaia.cli.commands`) or a group of commands."""

    name: str
    help: str
    target: str = ""
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Commands that belong together in the help."""

    title: str
    entries: tuple[Entry, ...]


MENU = (
    Section(
        "Start",
        (
            Entry("init", "Make a platform repository and its first admin.", "start:init"),
            Entry("adopt", "Register a repository that exists; nothing in it is changed.", "start:adopt"),
            Entry("leave", "Serve a repository no longer; nothing is taken away.", "start:leave"),
            Entry("demo", "Go through the whole loop on this machine, with an emulated AWS.", "start:demo"),
            Entry("doctor", "Check what this machine has and lacks.", "doctor:doctor"),
            Entry("help", "Show the help of a command.", "help:show"),
        ),
    ),
    Section(
        "Ask",
        (
            Entry("request", "Ask for a service from a template.", "ask:request"),
            Entry("retire", "Ask for a service to be destroyed.", "ask:retire"),
            Entry("resume", "Go on with a request that was parked or interrupted.", "ask:resume"),
        ),
    ),
    Section(
        "Decide",
        (
            Entry("approve", "Approve a request's preview and apply exactly that.", "decide:approve"),
            Entry("reject", "Say no to a request.", "decide:reject"),
        ),
    ),
    Section(
        "Follow",
        (
            Entry("status", "Show the requests, or one of them.", "follow:status"),
            Entry("logs", "Show what a request's runs did.", "follow:logs"),
        ),
    ),
    Section(
        "Understand",
        (
            Entry("why", "Explain why a resource, a service or a commit exists.", "understand:why"),
            Entry("explain", "Show where an instance's values come from.", "understand:explain"),
            Entry("graph", "Show or draw which instance needs which.", "graph:graph"),
            Entry(
                "describe",
                "Show the resolved configuration.",
                entries=(
                    Entry("component", "Show a component in a stack as Atmos does.", "describe:component"),
                    Entry("stacks", "Show all stacks as Atmos does.", "describe:stacks"),
                    Entry("config", "Show atmos.yaml as it holds.", "describe:config"),
                    Entry("affected", "Show which instances a change affects, and why.", "affected:affected"),
                    Entry("dependents", "Show which instances depend on one.", "affected:dependents"),
                ),
            ),
            Entry(
                "validate",
                "Check the configuration.",
                entries=(
                    Entry("stacks", "Check all manifests of the platform repository.", "validate:stacks"),
                    Entry(
                        "component",
                        "Check an instance by the rules that its settings.validation names.",
                        "validate:component",
                    ),
                ),
            ),
            Entry(
                "list",
                "List what the platform repository holds.",
                entries=(
                    Entry("stacks", "List the stacks.", "inventory:stacks"),
                    Entry("instances", "List the components of each stack.", "inventory:instances"),
                    Entry("components", "List the components of all stacks.", "inventory:components"),
                    Entry("workflows", "List the workflows.", "inventory:workflows"),
                    Entry("vars", "List a component's vars in every stack.", "values:list_vars"),
                    Entry("settings", "List a component's settings in every stack.", "values:list_settings"),
                    Entry("metadata", "List a component's metadata in every stack.", "values:list_metadata"),
                    Entry("values", "List any values of a component in every stack.", "values:list_values"),
                    Entry("templates", "List what can be requested, with the questions.", "inventory:templates"),
                ),
            ),
        ),
    ),
    Section(
        "Run",
        (
            Entry(
                "sandbox",
                "Run an emulated AWS on this machine.",
                entries=(
                    Entry("up", "Start the emulated AWS.", "sandbox:up"),
                    Entry("down", "Stop the emulated AWS and forget what it held.", "sandbox:down"),
                    Entry("leave", "Use your own cloud from now on.", "sandbox:leave"),
                    Entry("status", "Show whether the emulated AWS runs.", "sandbox:status"),
                    Entry("env", "Print the variables that lead tools to the emulated AWS.", "sandbox:env"),
                    Entry("inventory", "List what the emulated AWS holds.", "sandbox:inventory"),
                ),
            ),
            Entry(
                "terraform",
                "Run terraform on one instance.",
                entries=(
                    Entry("plan", "Show what terraform would do to an instance now.", "terraform:plan"),
                    Entry(
                        "apply",
                        "Apply an instance as the platform repository has it, without a request.",
                        "terraform:apply",
                    ),
                    Entry("deploy", "Apply an instance and do not ask.", "terraform:deploy"),
                    Entry("destroy", "Destroy what an instance has made, without a request.", "terraform:destroy"),
                    Entry("validate", "Check the Terraform code of an instance.", "terraform:validate"),
                    Entry("output", "Show the outputs of an instance, as its state has them.", "terraform:output"),
                ),
            ),
            Entry("clean", "Remove what nobody needs any more: old previews, logs, trees.", "clean:clean"),
            Entry("workflow", "Run a workflow of the platform repository.", "workflow:workflow"),
            Entry(
                "tools",
                "Install the programs that Gaia drives.",
                entries=(Entry("install", "Install a pinned terraform or tofu, verified.", "tools:install"),),
            ),
            Entry(
                "template",
                "Work on the platform repository's templates.",
                entries=(Entry("test", "Try a template without a request.", "template:try_out"),),
            ),
            Entry(
                "policy",
                "Work on the platform repository's policies.",
                entries=(Entry("test", "Run the policies' own tests.", "policy:run_tests"),),
            ),
            Entry(
                "token",
                "Say who may call, and what they may do.",
                entries=(
                    Entry("create", "Make a token for a person, and the person.", "token:create"),
                    Entry("list", "List the tokens.", "token:list_tokens"),
                    Entry("revoke", "End a token now.", "token:revoke"),
                ),
            ),
            Entry(
                "audit",
                "Read what everybody did or was refused.",
                entries=(
                    Entry("list", "Show the audit log.", "audit:list_entries"),
                    Entry("verify", "Prove that the audit log was not changed.", "audit:verify"),
                ),
            ),
        ),
    ),
)


def entries() -> tuple[Entry, ...]:
    """The commands and groups of the first level, in the order of the help."""
    return tuple(entry for section in MENU for entry in section.entries)


def help_text(*, bold: bool, columns: int = 0) -> str:
    """The help of `gaia` itself, for a terminal of so many columns; 0: one that is wide enough."""
    width = max(len(name) for name in (*(entry.name for entry in entries()), *(name for name, _ in OPTIONS)))
    blocks = [
        ("Gaia", [fitted(f"  {ABOUT}", columns, 2)]),
        ("Usage", ["  gaia [-C DIR] [--output FORMAT] COMMAND ..."]),
    ]
    blocks += [(section.title, [_row(e.name, e.help, 10, columns) for e in section.entries]) for section in MENU]
    blocks.append(("Options", [_row(name, text, width, columns) for name, text in OPTIONS]))
    paint = "\x1b[1m{}\x1b[0m" if bold else "{}"
    parts = ["\n".join([paint.format(title), *lines]) for title, lines in blocks]
    return "\n\n".join([*parts, fitted(FOOTER, columns, 0)]) + "\n"


def _row(name: str, text: str, width: int, columns: int) -> str:
    return fitted(f"  {name:<{width}}  {text}", columns, width + 4)
