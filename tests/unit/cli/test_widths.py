"""Every screen and every command at four widths, with and without colors: nothing is cut, broken or lost.

Compared is with the same screen on a terminal so wide that everything fits in a line: at each width all its words have
to be there, and no others, for a piece of a word would be another.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text
from tests.unit.cli.every_screen import ADDRESS, ARN, INSTANCE, NOW, PLACE, SCREENS, STACK, TOKEN
from tests.unit.cli.releases import with_releases
from tests.unit.cli.rendered import text
from tests.unit.cli.test_terraform_commands import CREATE, DELETE
from tests.unit.platform.played import made

from gaia.cli import menu, screens
from gaia.cli.screens.tables import Column, Rows
from gaia.kit.git import Git
from gaia.testing import views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.cli.conftest import Gaia

    from gaia.cli.entry import Entry

WIDTHS = (60, 80, 100, 200)
ENDLESS = 10_000
LIVE = {"progress.Progress.screen"}
"""Drawn anew four times a second, and cropped to the terminal."""
CUT = {"batch_progress.BatchProgress.screen"}
"""Drawn so too, a line an instance, with what does not fit cut off: `test_batch_progress.py`."""
_COLORS = re.compile(r"\x1b\[[0-9;]*m")
_RULERS = re.compile(r"[─━]+")


def sound(shown: str, whole: str, width: int) -> None:
    """Every word of `whole` is in `shown`, and a line is wider than the terminal only where it is one word."""
    there, wanted = Counter(_words(shown)), Counter(_words(whole))
    lost = wanted - there
    assert not lost, f"lost at {width}: {lost}\n{shown}"
    assert not set(there) - set(wanted), f"broken at {width}: {set(there) - set(wanted)}\n{shown}"
    for line in shown.splitlines():
        words = line.split()
        is_command = words[:1] in (["gaia"], ["export"]) or "`" in line
        assert cell_len(line) <= width or is_command or len([one for one in words if len(one) > 2]) == 1, line


def _words(shown: str) -> list[str]:
    return [word for word in shown.split() if not _RULERS.fullmatch(word)]


def drawn_by(package: str) -> Iterator[str]:
    """Functions and methods that give something to draw, as `MODULE.NAME`."""
    for found in pkgutil.iter_modules(screens.__path__):
        module = import_module(f"{package}.{found.name}")
        for name, thing in vars(module).items():
            if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
                continue
            methods = {} if not inspect.isclass(thing) else {f"{name}.{key}": one for key, one in vars(thing).items()}
            for each, function in (methods or {name: thing}).items():
                gives = str(getattr(function, "__annotations__", {}).get("return", ""))
                if each.rpartition(".")[2][0] != "_" and re.search(r"\b(RenderableType|Text|Rows)\b", gives):
                    yield f"{found.name}.{each}"


def test_every_screen_is_listed() -> None:
    """One that is new has to be in `every_screen.py`, and with that is tested at every width."""
    made_of = {"safe.wrapped", "tables.Rows", "safe.SafeConsole.render"}
    assert set(drawn_by(screens.__name__)) - made_of == set(SCREENS)


@pytest.mark.parametrize("color", [False, True], ids=["plain", "color"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", sorted(set(SCREENS) - LIVE - CUT))
def test_a_screen_holds_at_every_width(name: str, width: int, color: bool) -> None:
    """All its words are there and whole; colors change nothing but colors."""
    plain = text(SCREENS[name](), width)
    sound(plain, text(SCREENS[name](), ENDLESS), width)
    if color:
        colored = text(SCREENS[name](), width, color=True)
        assert [line.rstrip() for line in _COLORS.sub("", colored).splitlines()] == plain.splitlines()


@pytest.mark.parametrize("width", WIDTHS)
def test_what_people_copy_is_whole(width: int) -> None:
    """Ids, digests, addresses, ARNs, places and tokens: each in one piece in one line."""
    waiting = text(SCREENS["preview.preview_screen"](), width)
    assert all(one in waiting for one in (views.DIGEST, ADDRESS, ARN, STACK))
    parked = text(SCREENS["requests.request_screen"](), width)
    assert all(one in parked for one in (views.REQUEST, INSTANCE, "gaia resume req_019aa8c2d3e4"))
    assert PLACE in text(SCREENS["reasons.origins_screen"](), width)
    assert f"export GAIA_TOKEN={TOKEN}" in text(SCREENS["welcome.token_screen"](), width)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_price_stays_on_the_line_of_what_it_is_for(width: int) -> None:
    """With its quantity and unit."""
    lines = text(SCREENS["cost.cost_screen"](), width).splitlines()
    for first, price in (("Storage", "$11.50"), ("PUT,", "$0.30"), ("GET,", "$0.80"), ("Customer", "$1.00")):
        (line,) = (line for line in lines if line.rstrip().endswith(f" {price}"))
        assert line.split()[0] == first
    (total,) = (line for line in lines if "Total" in line)
    assert total.endswith(" $13.60")


def test_the_live_picture_is_not_cut_at_the_edge() -> None:
    """A live picture is cropped to the terminal, so what is too wide for it goes on in the next line."""
    (live,) = LIVE
    whole = text(SCREENS[live](), ENDLESS).split()
    for width in (40, *WIDTHS):
        shown = text(SCREENS[live](), width)
        assert max(map(cell_len, shown.splitlines())) <= width
        assert "".join(shown.split()) == "".join(whole)
        assert width < len(f"      {ADDRESS}") or shown.split() == whole


def test_a_new_layer_is_shown_and_an_equal_one_is_not_shown_again() -> None:
    """Layers that follow each other with the same value are one, with a place each."""
    layer = {"value": "dev", "at": "c.yaml:3:3"}
    layers = [{**layer, "at": "b.yaml:2:2"}, {**layer, "at": "a.yaml:1:1"}]
    origin = {"path": "vars.stage", "value": "dev", "at": "c.yaml:3:3", "overridden": layers}
    from gaia.cli.screens.reasons import origins_screen

    shown = text(origins_screen([origin]))
    assert shown.split() == ["vars.stage", "dev", "a.yaml:1:1", "b.yaml:2:2", "c.yaml:3:3"]
    other = {**origin, "value": "prod", "at": "d.yaml:4:4", "overridden": [layer, *layers]}
    assert text(origins_screen([other])).split()[:4] == ["vars.stage", "╷", "dev", "a.yaml:1:1"]
    assert text(origins_screen([other])).split()[-3:] == ["╰", "prod", "d.yaml:4:4"]


@pytest.mark.parametrize("width", WIDTHS)
def test_errors_and_notes_hold_at_every_width(gaia: Gaia, width: int) -> None:
    """On a terminal they are broken between words and not in a command; elsewhere a line stays a line."""

    def told(columns: int, *, tty: bool) -> str:
        shown = gaia("why", f"somewhere/that/{'x' * 70}", tty=tty, COLUMNS=str(columns)).err
        shown += gaia("explain", "photos-buckets", "-s", "acme-use1-dev", tty=tty, COLUMNS=str(columns)).err
        return _COLORS.sub("", shown)

    whole = told(ENDLESS, tty=True)
    assert whole == told(width, tty=False)
    shown = told(width, tty=True)
    sound(shown, whole, width)
    for command in re.findall(r"`[^`]*`", whole):
        assert command in shown
    starts = {re.split(r"\S", line)[0] if line.startswith(" ") else "" for line in shown.splitlines()}
    assert starts <= {"", " " * len("error  "), " " * len("error    ")}


@pytest.mark.parametrize("width", WIDTHS)
def test_help_holds_at_every_width(width: int) -> None:
    """What does not fit goes on below where the sentence began."""
    shown = menu.help_text(bold=False, columns=width)
    sound(shown, menu.help_text(bold=False), width)
    assert max(map(len, shown.splitlines())) <= width


def test_a_command_in_a_sentence_is_not_broken() -> None:
    """It would be copied with a line's end in it."""
    said = Text("Make one with `gaia init DIR`, then go on with `gaia request`.")
    assert text([said], 20).splitlines() == ["Make one with", "`gaia init DIR`,", "then go on with", "`gaia request`."]
    shown = text([Rows((Column(), Column(flows=True)), [("name", said)])], 30)
    assert "`gaia init DIR`," in shown
    assert "`gaia request`." in shown


def test_one_place_decides_about_tables() -> None:
    """No other draws one: rich's own break words, and drop columns that do not fit."""
    folder = Path(screens.__path__[0]).parent
    others = [file.name for file in folder.rglob("*.py") if re.search(r"rich\.(table|columns|tree)", file.read_text())]
    assert others == []


WORD = st.text(st.sampled_from("ab-/.日é"), min_size=1, max_size=30)
CELL = st.lists(WORD, max_size=6).map(" ".join) | st.lists(WORD, min_size=1, max_size=3).map("\n".join)


@given(st.data(), st.integers(8, 130), st.integers(0, 8), st.integers(0, 2), st.booleans())
def test_rows_lose_and_break_nothing(data: st.DataObject, width: int, indent: int, apart: int, titled: bool) -> None:
    """Whatever is in them: each word is there as often as it was given, and only words that flow leave their line."""
    columns = [
        Column(f"t{n}" if titled else "", flows=data.draw(st.booleans()), right=data.draw(st.booleans()))
        for n in range(data.draw(st.integers(1, 4)))
    ]
    rows = data.draw(st.lists(st.tuples(*[CELL for _ in columns]), max_size=4))
    shown = text([Rows(columns, rows, indent=indent, apart=apart)], width)
    titles = {column.title for column in columns}
    words = Counter(word for word in shown.split() if word not in titles)
    assert words == Counter(word for row in rows for cell in row for word in cell.split())
    for row in rows:
        for column, cell in zip(columns, row, strict=True):
            assert column.flows or all(line in shown for line in cell.split("\n"))


COMMANDS: dict[str, str] = {
    "doctor": "doctor",
    "init": "init platform",
    "adopt": "adopt infrastructure",
    "leave": "leave infrastructure",
    "request": "request object-store films -s acme-use1-dev -a owner=a -a tier=gold -a storage_gb=1 -a versioned=true",
    "change": "change music -s acme-use1-dev -a tier=gold",
    "keep": "keep music -s acme-use1-dev --for 7d",
    "reconcile": "reconcile music -s acme-use1-dev",
    "retire": "retire music -s acme-use1-dev",
    "resume": "resume parked",
    "cancel": "cancel working",
    "comment": "comment photos why?",
    "approve": "approve photos --reason small",
    "reject": "reject photos --reason large",
    "status": "status",
    "logs": "logs photos",
    "why": "why aws_s3_bucket.this",
    "explain": "explain photos-bucket -s acme-use1-dev",
    "graph": "graph",
    "catalog export": "catalog export",
    "describe component": "describe component photos-bucket -s acme-use1-dev",
    "describe stacks": "describe stacks",
    "describe config": "describe config",
    "describe workflows": "describe workflows -o all",
    "ci init": "ci init --host github --project acme/platform --dry-run",
    "release render": "release render photos.yaml --gitops gitops",
    "release diff": "release diff photos.yaml --gitops gitops --image registry.example.com/acme/photos@sha256:"
    + "c" * 64,
    "release make": "release make photos.yaml --gitops gitops --yes",
    "release promote": "release promote photos --tenant acme --from dev --gitops gitops --dry-run",
    "release status": "release status --gitops gitops",
    "release incidents": "release incidents --gitops gitops",
    "release prepare": "release prepare --gitops gitops --dry-run",
    "release lock": "release lock photos --tenant acme --stage dev --why incident --gitops gitops --dry-run",
    "release unlock": "release unlock photos --tenant acme --stage dev --gitops gitops --dry-run",
    "docs": "docs kms",
    "version": "version",
    "completion": "completion bash",
    "link-atmos": "link-atmos .",
    "describe affected": "describe affected --include-dependents",
    "describe dependents": "describe dependents photos-bucket -s acme-use1-dev",
    "validate stacks": "validate stacks",
    "validate schema": "validate schema",
    "atlantis generate repo-config": "atlantis generate repo-config --config-template a --project-template b",
    "validate component": "validate component photos-bucket -s acme-use1-dev",
    "list stacks": "list stacks",
    "list instances": "list instances",
    "list components": "list components",
    "list sources": "list sources",
    "list dependencies": "list dependencies",
    "list affected": "list affected --include-dependents",
    "describe locals": "describe locals -s acme-use1-dev",
    "list workflows": "list workflows",
    "list vars": "list vars photos-bucket",
    "list settings": "list settings photos-bucket",
    "list metadata": "list metadata photos-bucket",
    "list values": "list values photos-bucket",
    "list templates": "list templates",
    "sandbox up": "sandbox up",
    "sandbox down": "sandbox down",
    "sandbox leave": "sandbox leave --yes",
    "sandbox status": "sandbox status",
    "sandbox env": "sandbox env",
    "sandbox inventory": "sandbox inventory",
    "sandbox reset": "sandbox reset --yes",
    "sandbox snapshot save": "sandbox snapshot save before-upgrade",
    "sandbox snapshot restore": "sandbox snapshot restore before-upgrade --yes",
    "sandbox snapshot list": "sandbox snapshot list",
    "sandbox snapshot remove": "sandbox snapshot remove before-upgrade",
    "plan": "plan photos-bucket -s acme-use1-dev",
    "move": "move films-bucket -s acme-use1-dev --from acme-use1-dev/pictures-bucket --dry-run",
    "apply": "apply photos-bucket -s acme-use1-dev --yes",
    "destroy": "destroy photos-bucket -s acme-use1-dev --yes",
    "terraform apply": "terraform apply photos-bucket -s acme-use1-dev --yes",
    "terraform deploy": "terraform deploy photos-bucket -s acme-use1-dev",
    "terraform destroy": "terraform destroy photos-bucket -s acme-use1-dev --yes",
    "terraform generate varfile": "terraform generate varfile photos-bucket -s acme-use1-dev --dry-run",
    "terraform generate varfiles": "terraform generate varfiles --file-template {stage}/{component} --dry-run",
    "terraform generate backend": "terraform generate backend photos-bucket -s acme-use1-dev --dry-run",
    "terraform generate backends": "terraform generate backends --dry-run",
    "terraform generate files": "terraform generate files --all --dry-run",
    "backup": "backup gaia.age --new-key backup.key",
    "restore": "restore gaia.age --key backup.key",
    "clean": "clean --dry-run",
    "drift": "drift photos-bucket",
    "unlock": "unlock photos-bucket -s acme-use1-dev --dry-run",
    "terraform generate planfile": "terraform generate planfile photos-bucket -s acme-use1-dev",
    "workflow": "workflow plan-photos --dry-run",
    "tools install": "tools install terraform",
    "new tenant": "new tenant acme --dry-run",
    "new stage": "new stage qa --yes",
    "new region": "new region us-west-2 --yes",
    "new environment": "new environment acme-euw1-dev -a owner=media",
    "new component": "new component web-cache -a owner=media --ask --yes",
    "template test": "template test object-store -s acme-use1-dev -a owner=media",
    "cost breakdown": "cost breakdown plan.json",
    "cost budgets": "cost budgets",
    "cost diff": "cost diff plan.json",
    "cost what-if": "cost what-if plan.json --set size=large",
    "policy test": "policy test",
    "policy copy": "policy copy",
    "prices status": "prices status",
    "prices refresh": "prices refresh --region eu-west-1",
    "policy check": "policy check plan.json",
    "policy list": "policy list",
    "policy explain": "policy explain keys_rotate",
    "policy waivers": "policy waivers",
    "events": "events",
    "looks list": "looks list",
    "looks show": "looks show photos-bucket -s acme-use1-dev",
    "looks now": "looks now photos-bucket -s acme-use1-dev",
    "webhook add": "webhook add webhook https://example.com/gaia --type request.* --tenant acme",
    "webhook list": "webhook list",
    "webhook show": "webhook show whk_1",
    "webhook remove": "webhook remove whk_1",
    "webhook test": "webhook test whk_1",
    "webhook deliveries": "webhook deliveries whk_1",
    "token create": "token create dana --role developer",
    "token list": "token list",
    "token revoke": "token revoke tok_*_*_90",
    "token recover": "token recover",
    "key rotate": "key rotate",
    "group add": "group add grace security",
    "group remove": "group remove grace security",
    "group list": "group list",
    "delegation create": "delegation create gus --until 7d",
    "delegation list": "delegation list",
    "delegation revoke": "delegation revoke dlg_0",
    "login": "login",
    "logout": "logout",
    "whoami": "whoami",
    "person list": "person list",
    "person give": "person give dana-of-the-media-team approver --tenant acme",
    "person withdraw": "person withdraw dana-of-the-media-team viewer",
    "person disable": "person disable dana-of-the-media-team",
    "person enable": "person enable dana-of-the-media-team",
    "audit list": "audit list",
    "audit verify": "audit verify",
    "audit export": "audit export --file audit.jsonl",
}
"""A command line for each command."""
AS_IT_IS = {
    "release render",
    "catalog export",
    "describe component",
    "describe stacks",
    "describe config",
    "describe workflows",
    "completion",
    "describe locals",
    "atlantis generate repo-config",
    "sandbox env",
    "workflow",
}
"""YAML and lines for a shell."""
ELSEWHERE = {"demo", "help", "serve", "worker", "sandbox shell", "terraform plan", "terraform output", "import"} | {
    "ci plan",
    "ci apply",
    "ci drift",
    "bootstrap",
    "release watch",
    "release guard",
    "release rollback",
}
"""What other commands print, each in a process of its own; their help, which the library breaks into lines; what
terraform prints by itself; what ends on the screens of `apply` and `drift`; Markdown for a comment; and lines of
`release.progress_line` and `release.incident_line`, and what `release.change_screen` shows of another release."""


def leaves(entries: tuple[Entry, ...], before: str = "") -> Iterator[str]:
    """The names of all commands."""
    for entry in entries:
        if entry.example:  # what only terraform prints
            continue
        yield from leaves(entry.entries, f"{before}{entry.name} ") if entry.entries else [before + entry.name]


def test_every_command_is_listed() -> None:
    """One that is new has to be run at every width too."""
    assert set(leaves(menu.entries())) == set(COMMANDS) | ELSEWHERE


@pytest.fixture(name="stage")
def prepared(gaia: Gaia, monkeypatch: pytest.MonkeyPatch) -> Gaia:
    """A platform with something to show for each command."""
    from dataclasses import replace

    from gaia.cli.checks import Diagnosis
    from gaia.platform.model import Leftover

    folder = gaia.settings.cwd
    with (folder / "atmos.yaml").open("a") as configuration:
        configuration.write("integrations:\n  atlantis:\n    config_templates: {a: {version: 3}}\n")
        configuration.write("    project_templates: {b: {name: '{stage}-{component}', dir: '{component-path}'}}\n")
    git = Git(folder, gaia.settings.environ)
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "first")):
        git(*words)
    (folder / "components/terraform/kms/README.md").write_text("# Keys\n\nA key, and who may use it. " + "word " * 60)
    (folder / "budgets").mkdir()
    (folder / "budgets/acme.yaml").write_text("budgets: [{tenant: acme, monthly: 500}]\nquotas: [{vcpu: 8}]\n")
    file = folder / "stacks/catalog/bucket.yaml"
    file.write_text(file.read_text().replace("versioned: true", "versioned: false"))
    (folder / "components/terraform/s3-bucket").mkdir()
    with (folder / "stacks/orgs/acme/_defaults.yaml").open("a") as defaults:
        defaults.write("terraform: {backend_type: local}\n")
    main = folder / "stacks/orgs/acme/dev/main.yaml"
    more = "".join(f"{name}-bucket: {{metadata: {{component: s3-bucket}}}}, " for name in ("films", "pictures"))
    main.write_text(f"{main.read_text()}locals: {{team: media}}\ncomponents: {{terraform: {{{more}}}}}\n")
    platform = gaia.platform
    platform.drifted = True
    waiting = views.waiting()
    for number, (service, status) in enumerate(
        (("photos", "waiting"), ("music", "done"), ("parked", "parked"), ("working", "applying"))
    ):
        name = f"req_{number}{waiting.id[5:]}"
        lives = "2026-11-25T23:05:08.000Z" if status == "done" else None
        one = replace(waiting, id=name, service=service, status=status, lives_until=lives)  # type: ignore[arg-type]
        platform.views[name] = one
    platform.lines = [{"at": "2026-11-23T23:09:02.000Z", "message": "all is well " * 20, "instance": INSTANCE}]
    platform.leftovers = (Leftover("log", "run_1", 1500, "2026-05-01T00:00:00.000Z"),)
    monkeypatch.setattr("gaia.cli.checks.CHECKS", (lambda _: Diagnosis("git", "ok", "1"),))
    monkeypatch.setattr("gaia.kit.clock.now", lambda: NOW)
    gaia("token", "create", "dana-of-the-media-team")
    gaia("webhook", "add", "webhook", "https://example.com/gaia", "--type", "request.*")
    gaia("group", "add", "dana-of-the-media-team", "security-and-compliance")
    gaia("person", "give", "dana-of-the-media-team", "viewer")
    gaia("delegation", "create", "dana-of-the-media-team", "--until", "7d")
    gaia.code()
    gaia.program.plans(CREATE)
    return gaia


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_holds_at_every_width(stage: Gaia, name: str) -> None:
    """What it prints on a terminal has the same words at each width, with and without colors."""
    kept = dict(stage.platform.views)
    if name.startswith("release "):
        with_releases(stage, released=True)
    hooks, roles = list(stage.app.hooks.made), dict(stage.app.tokens.roles)

    def shown(width: int, **environ: str) -> str:
        stage.platform.views = dict(kept)
        stage.app.hooks.made = list(hooks)
        stage.app.tokens.roles = dict(roles)
        stage.world.states.clear()
        made(stage.world, "acme-use1-dev/pictures-bucket", {"name": "pictures"})
        if name.endswith("destroy"):
            stage.program.plans(DELETE)
            made(stage.world, "acme-use1-dev/photos-bucket", {"name": "photos"})
        said = stage(*COMMANDS[name].split(), tty=True, given="y\n", COLUMNS=str(width), **environ)
        assert said.code in (0, 1, 2, 6), said.err
        assert said.out, said.err
        return re.sub(r"req_\w+", "req_x", _COLORS.sub("", said.out))

    whole = shown(ENDLESS, NO_COLOR="1")
    for width in WIDTHS:
        plain = shown(width, NO_COLOR="1")
        if name in AS_IT_IS:
            assert plain == whole
        else:
            sound(plain, whole, width)
        assert shown(width) == plain


def test_a_text_of_one_word_is_no_table() -> None:
    """A row of one text stands over all columns."""
    assert text([Rows((Column(), Column()), [Text("level 1"), ("a", "b")])]) == "level 1\na   b"


def test_values_that_fit_behind_their_names_stay_in_line() -> None:
    """A longer one has a line of its own, and puts nothing else out of line."""
    rows = [("digest", "sha256:" + "0" * 24), ("commit", "7b938a01"), ("made", "today")]
    shown = text([Rows((Column(), Column(flows=True)), rows, indent=2)], 36).splitlines()
    assert [line.rstrip() for line in shown] == [
        "  digest",
        "    sha256:" + "0" * 24,
        "  commit   7b938a01",
        "  made     today",
    ]
