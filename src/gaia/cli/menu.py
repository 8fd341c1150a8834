"""Every command: its name, its place in the help, one line about it, and the function that does it.

The help of `gaia` and of each group is printed from here, so that nothing is imported to show it. A test compares the
lines with the docstrings of the functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cli.catalog_menu import CATALOG
from gaia.cli.ci_menu import CI
from gaia.cli.entry import Entry, Section
from gaia.cli.key_menu import KEY
from gaia.cli.release_menu import RELEASE
from gaia.cli.start_menu import START
from gaia.cli.terraform_menu import TERRAFORM
from gaia.cli.wrapping import fitted

if TYPE_CHECKING:
    from collections.abc import Sequence

ABOUT = "Ask for a service, see what it would create and cost, have it approved, get it, explain it, undo it."
OPTIONS = (
    ("-o, --output FORMAT", "text, json or yaml; before or after the command."),
    ("-C DIR", "Work as if started in this folder; before the command."),
    ("--version", "Show the version."),
    ("--install-completion", "Install completion for the current shell."),
    ("--show-completion", "Show the completion script."),
    ("-h, --help", "Show this help, or that of a command."),
)
VALUE_FOLLOWS = frozenset((
    "-o", "--output", "-C", "--chdir", "--base-path", "--config", "--config-path", "--profile", "--edition",
    "--logs-level", "--logs-file", "--identity",
))  # fmt: skip
"""Options that may stand before a command with a value behind them."""
FOOTER = "`gaia help COMMAND` says more. New here? Run `gaia demo`."


ALIASES = {"tf": "terraform"}
"""Short names of commands of the first level."""


MENU = (
    START,
    Section(
        "Ask",
        (
            Entry("request", "Ask for a service from a template.", "ask:request"),
            Entry("change", "Ask for a service to have other answers.", "change:change"),
            Entry("keep", "Let a service live longer.", "ask:keep"),
            Entry("retire", "Ask for a service to be destroyed.", "ask:retire"),
            Entry("reconcile", "Ask for a service that has drifted to be put back.", "ask:reconcile"),
            Entry("resume", "Go on with a request that was parked or interrupted.", "ask:resume"),
            Entry("cancel", "End what is carried out for a request, or a look.", "ask:cancel"),
        ),
    ),
    Section(
        "Decide",
        (
            Entry("approve", "Approve a request's preview and apply exactly that.", "decide:approve"),
            Entry("reject", "Say no to a request.", "decide:reject"),
            Entry("comment", "Say something about a request.", "decide:comment"),
        ),
    ),
    Section(
        "Follow",
        (
            Entry("status", "Show the requests, or one of them.", "follow:status"),
            Entry("logs", "Show what a request's runs did.", "follow:logs"),
            Entry("events", "Show what happened where you may see it.", "events:events"),
            Entry(
                "looks",
                "Show what engines find of instances: drift on the platform.",
                entries=(
                    Entry("list", "List what was last found of each instance that Gaia applied.", "looks:list_looks"),
                    Entry("show", "Show what the last look at an instance found, and the looks before.", "looks:show"),
                    Entry("now", "Look at an instance now, as the published branch has it.", "looks:now"),
                ),
            ),
        ),
    ),
    Section(
        "Operate",
        (
            Entry("plan", "Show what would be done to instances of the checkout.", "operate:plan"),
            Entry("apply", "Plan instances, ask, and apply exactly what was shown.", "operate:apply"),
            Entry("destroy", "Plan the destruction of instances, ask, and destroy exactly that.", "operate:destroy"),
            Entry("drift", "Show what is not as the stacks say, and why.", "drift:drift"),
            TERRAFORM,
            CI,
            RELEASE,
            Entry("import", "Bring resources that exist into an instance's state.", "operate:bring_in"),
            Entry("bootstrap", "Make the bucket that a stack's states lie in.", "bootstrap:bootstrap"),
            Entry("move", "Move resources into an instance's state, from another state.", "move:move"),
            Entry("unlock", "Show who holds a state's lock, and release that of a dead process.", "unlock:unlock"),
            Entry("workflow", "Run a workflow of the platform repository.", "workflow:workflow"),
        ),
    ),
    Section(
        "Understand",
        (
            Entry("why", "Explain why a resource, a service or a commit exists.", "understand:why"),
            Entry("explain", "Show where an instance's values come from.", "understand:explain"),
            Entry("docs", "Show a component's README.", "docs:docs"),
            Entry("graph", "Show or draw which instance needs which.", "graph:graph"),
            Entry(
                "describe",
                "Show the resolved configuration.",
                entries=(
                    Entry("component", "Show a component in a stack as Atmos does.", "describe:component"),
                    Entry("stacks", "Show all stacks as Atmos does.", "describe:stacks"),
                    Entry("config", "Show atmos.yaml as it holds.", "describe:config"),
                    Entry("locals", "Show the locals of a manifest.", "describe_locals:show_locals"),
                    Entry("workflows", "Show the workflows as Atmos does.", "describe_workflows:workflows"),
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
                    Entry(
                        "schema", "Check files by the JSON schemas that atmos.yaml names for them.", "validate:schema"
                    ),
                ),
            ),
            Entry(
                "list",
                "List what the platform repository holds.",
                entries=(
                    Entry("stacks", "List the stacks.", "inventory:stacks"),
                    Entry("instances", "List the components of each stack.", "instances:instances"),
                    Entry("components", "List the components of all stacks.", "instances:components"),
                    Entry("sources", "List where components get their code from.", "instances:sources"),
                    Entry(
                        "dependencies",
                        "List which instances declare a dependency on which.",
                        "dependencies:dependencies",
                    ),
                    Entry("affected", "List which instances a change affects.", "affected:list_affected"),
                    Entry("workflows", "List the workflows.", "inventory:workflows"),
                    Entry("vars", "List a component's vars in every stack.", "values:list_vars"),
                    Entry("settings", "List settings of components in every stack.", "values:list_settings"),
                    Entry("metadata", "List metadata of components in every stack.", "values:list_metadata"),
                    Entry("values", "List any values of a component in every stack.", "values:list_values"),
                    Entry("templates", "List what can be requested, with the questions.", "inventory:templates"),
                ),
            ),
            CATALOG,
        ),
    ),
    Section(
        "Run",
        (
            Entry("worker", "Carry out what is queued, until it is told to end.", "worker:worker"),
            Entry(
                "sandbox",
                "Run an emulated AWS on this machine.",
                entries=(
                    Entry("up", "Start the emulated AWS.", "sandbox:up"),
                    Entry("down", "Stop the emulated AWS.", "sandbox:down"),
                    Entry("reset", "Have the emulated AWS forget everything.", "sandbox:reset"),
                    Entry("leave", "Use your own cloud from now on.", "sandbox:leave"),
                    Entry("status", "Show whether the emulated AWS runs.", "sandbox:status"),
                    Entry("env", "Print the variables that lead tools to the emulated AWS.", "sandbox:env"),
                    Entry("shell", "Start a shell that faces the emulated AWS.", "sandbox:shell"),
                    Entry("inventory", "List its buckets, keys, aliases, roles and policies.", "sandbox:inventory"),
                    Entry(
                        "snapshot",
                        "Keep what the emulated AWS holds, and go back to it.",
                        entries=(
                            Entry("save", "Keep what the emulated AWS holds now.", "sandbox:save"),
                            Entry("restore", "Go back to what the emulated AWS held then.", "sandbox:restore"),
                            Entry("list", "List what the emulated AWS can go back to.", "sandbox:list_snapshots"),
                            Entry("remove", "Throw a snapshot away.", "sandbox:remove"),
                        ),
                    ),
                ),
            ),
            Entry(
                "atlantis",
                "Work with Atlantis.",
                entries=(
                    Entry(
                        "generate",
                        "Write what Atlantis reads.",
                        entries=(
                            Entry(
                                "repo-config",
                                "Write the configuration of a repository for Atlantis.",
                                "atlantis:repo_config",
                            ),
                        ),
                    ),
                ),
            ),
            Entry("serve", "Serve the page and the API, and carry out what is asked for.", "serve:serve"),
            Entry("backup", "Write all that this home holds into one sealed file.", "backup:backup"),
            Entry("restore", "Make a home out of a backup.", "backup:restore"),
            Entry("clean", "Remove what nobody needs any more: old previews, logs, trees.", "clean:clean"),
            Entry(
                "tools",
                "Install the programs that Gaia drives.",
                entries=(Entry("install", "Install a pinned terraform or tofu, verified.", "tools:install"),),
            ),
            Entry(
                "prices",
                "Look after the prices that costs are estimated with.",
                entries=(
                    Entry(
                        "status", "Show what the price book holds, how old it is and where it is from.", "prices:status"
                    ),
                    Entry("refresh", "Fetch prices anew from AWS's public price lists.", "prices:refresh"),
                ),
            ),
            Entry(
                "template",
                "Work on the platform repository's templates.",
                entries=(Entry("test", "Try a template without a request.", "template:try_out"),),
            ),
            Entry(
                "cost",
                "Say what a plan costs.",
                entries=(
                    Entry("breakdown", "Show what there is to pay for, resource by resource.", "cost:breakdown"),
                    Entry("diff", "Show by what a plan changes the bill.", "cost:diff"),
                    Entry(
                        "budgets",
                        "Show the budgets and quotas of the repository, and where they stand.",
                        "cost:budgets",
                    ),
                    Entry(
                        "what-if",
                        "Show by what another value of a variable would change the bill.",
                        "what_if:what_if",
                    ),
                ),
            ),
            Entry(
                "policy",
                "Judge plans by policies, and work on the policies.",
                entries=(
                    Entry("check", "Judge a plan, of a file or an instance, or Kubernetes' objects.", "policy:check"),
                    Entry("list", "List the policies.", "policy:list_rules"),
                    Entry(
                        "explain",
                        "Explain a policy: why it is there, and how to repair what it finds.",
                        "policy:explain",
                    ),
                    Entry("test", "Run the policies' own tests.", "policy:run_tests"),
                    Entry("waivers", "List the waivers of the repository, and how each stands.", "policy:list_waivers"),
                    Entry("copy", "Take the policies that come with Gaia over into the repository.", "policy:copy"),
                ),
            ),
            Entry(
                "token",
                "Say who may call, and what they may do.",
                entries=(
                    Entry("create", "Make a token for a person, and the person.", "token:create"),
                    Entry("list", "List the tokens.", "token:list_tokens"),
                    Entry("revoke", "End a token now.", "token:revoke"),
                    Entry("recover", "Make an admin's token where none can call any more.", "token:recover"),
                ),
            ),
            Entry(
                "webhook",
                "Say who is told elsewhere of what happens.",
                entries=(
                    Entry("add", "Tell somebody elsewhere of what happens from now on.", "webhook:add"),
                    Entry("list", "List the webhooks.", "webhook:list_webhooks"),
                    Entry("show", "Show a webhook.", "webhook:show"),
                    Entry("remove", "Tell it nothing any more.", "webhook:remove"),
                    Entry("test", "Send it an event of which nothing happened.", "webhook:try_out"),
                    Entry("deliveries", "Show what a webhook was told.", "webhook:deliveries"),
                ),
            ),
            Entry(
                "group",
                "Say who is in which group, for rules of approval.",
                entries=(
                    Entry("add", "Put a person into a group.", "group:add"),
                    Entry("remove", "Take a person out of a group.", "group:remove"),
                    Entry("list", "List the groups, and who is in each.", "group:list_groups"),
                ),
            ),
            Entry(
                "delegation",
                "Let somebody approve in your name.",
                entries=(
                    Entry(
                        "create", "Let somebody approve in your name, where you may, until a day.", "delegation:create"
                    ),
                    Entry(
                        "list",
                        "List the delegations that you gave or were given; as an admin, everybody's.",
                        "delegation:list_delegations",
                    ),
                    Entry("revoke", "End a delegation now.", "delegation:revoke"),
                ),
            ),
            Entry(
                "person",
                "See who there is, give and take roles, and shut somebody out.",
                entries=(
                    Entry("list", "List the people, with the roles that they were given.", "person:list_people"),
                    Entry("give", "Give somebody a role.", "person:give"),
                    Entry("withdraw", "Take a role from somebody.", "person:withdraw"),
                    Entry("disable", "Shut somebody out at once, however they call.", "person:disable"),
                    Entry("enable", "Let somebody in again.", "person:enable"),
                ),
            ),
            KEY,
            Entry(
                "audit",
                "Read what everybody did or was refused.",
                entries=(
                    Entry("list", "Show the audit log.", "audit:list_entries"),
                    Entry("verify", "Prove that the audit log, or an export of it, was not changed.", "audit:verify"),
                    Entry("export", "Write the audit log into a file that proves itself.", "audit:export"),
                ),
            ),
        ),
    ),
)


def entries() -> tuple[Entry, ...]:
    """The commands and groups of the first level, in the order of the help."""
    return tuple(entry for section in MENU for entry in section.entries)


def before_raw(words: Sequence[str], listed: Sequence[Entry] | None = None) -> int:
    """How many words of a command line are read by Gaia; those behind are read by a command, as they were typed."""
    listed = entries() if listed is None else listed
    value_follows = False
    for index, word in enumerate(words):
        if value_follows or word.startswith("-"):
            value_follows = not value_follows and word in VALUE_FOLLOWS
            continue
        entry = next((one for one in listed if one.name in (word, ALIASES.get(word))), None)
        if entry is None:  # below a group that is not raw, a mistake or a custom command
            return index
        if not entry.entries:
            return index + 1 if entry.raw else len(words)
        listed = entry.entries
    return len(words)


def command_of(words: Sequence[str]) -> str:
    """The first word that is no option: the command's name; empty where there is none."""
    value_follows = False
    for word in words:
        if value_follows or word.startswith("-"):
            value_follows = not value_follows and word in VALUE_FOLLOWS
            continue
        return ALIASES.get(word, word)
    return ""


def help_text(*, bold: bool, columns: int = 0, custom: Sequence[tuple[str, str]] = ()) -> str:
    """The help of `gaia` itself, for a terminal of so many columns; 0: one that is wide enough.

    `custom` are the names and descriptions of the commands that the repository around the caller adds.
    """
    width = max(len(name) for name in (*(entry.name for entry in entries()), *(name for name, _ in OPTIONS)))
    blocks = [
        ("Gaia", [fitted(f"  {ABOUT}", columns, 2)]),
        ("Usage", ["  gaia [-C DIR] [--output FORMAT] COMMAND ..."]),
    ]
    blocks += [(section.title, [_row(e.name, e.help, 10, columns) for e in section.entries]) for section in MENU]
    if custom:
        wide = max(10, *(len(name) for name, _ in custom))
        blocks.append(("Custom", [_row(name, text, wide, columns) for name, text in custom]))
    blocks.append(("Options", [_row(name, text, width, columns) for name, text in OPTIONS]))
    paint = "\x1b[1m{}\x1b[0m" if bold else "{}"
    parts = ["\n".join([paint.format(title), *lines]) for title, lines in blocks]
    return "\n\n".join([*parts, fitted(FOOTER, columns, 0)]) + "\n"


def _row(name: str, text: str, width: int, columns: int) -> str:
    return fitted(f"  {name:<{width}}  {text}", columns, width + 4)
