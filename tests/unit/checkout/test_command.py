"""Any subcommand of terraform on one instance: where it runs, which words it gets, what is left afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pytest
from tests.unit.checkout.conftest import HOME, NET
from tests.unit.platform.loop import STACK

from gaia.checkout.change import Change
from gaia.checkout.cleaning import clean
from gaia.checkout.command import Command
from gaia.checkout.journal_files import JournalFiles
from gaia.errors import Conflict, Invalid, Refused
from gaia.operations.journal import Journal
from gaia.platform.instances.outputs import working_folder
from gaia.terraform.component_files import BESIDE
from gaia.terraform.workdir import COPIED

if TYPE_CHECKING:
    from tests.unit.checkout.conftest import Ground

    from gaia.checkout.words import Words
    from gaia.stacks.model import Instance

VARFILE = f"-var-file={STACK}-net.terraform.tfvars.json"
OUT = f"-out={STACK}-net.planfile"

LOCKED = "import: [_defaults]\ncomponents: {terraform: {net: {metadata: {component: key, locked: true}}}}\n"

CHANGING = frozenset(
    (
        *("apply", "deploy", "destroy", "refresh", "import", "taint", "untaint", "force-unlock", "unheard-of"),
        *("state mv", "state rm", "state push", "state replace-provider", "workspace delete"),
        *("workspace new", "env"),
    )
)
"""What may change something, a subcommand that nobody here has heard of too."""


def command(ground: Ground, words: Words) -> Command:
    """The words, on `net`."""
    checkout = ground.checkout()
    return Command(checkout, words, ground.instance(checkout))


def run(ground: Ground, subcommand: str, *arguments: str, second: str = "", **own: str) -> int:
    """One command line."""
    return command(ground, ground.words(subcommand, *arguments, second=second, **own)).run()


@pytest.mark.parametrize(
    ("subcommand", "second", "arguments", "asked"),
    [
        ("plan", "", (), ["plan", VARFILE, OUT]),
        ("plan", "", ("-out=x.plan",), ["plan", VARFILE, "-out=x.plan"]),
        ("plan", "", ("-var", "a=1", "-target=b.c"), ["plan", VARFILE, OUT, "-var", "a=1", "-target=b.c"]),
        ("output", "", ("-json", "arn"), ["output", "-json", "arn"]),
        ("state", "list", (), ["state", "list"]),
        ("import", "", ("a.b", "id"), ["import", VARFILE, "a.b", "id"]),
        ("refresh", "", (), ["refresh", VARFILE]),
        ("validate", "", (), ["validate"]),
        ("init", "", ("-upgrade",), ["init", "-upgrade"]),
        ("workspace", "", (), ["workspace", "select", "-or-create", f"{STACK}-net"]),
        ("workspace", "list", (), ["workspace", "list"]),
        ("nonsense", "", ("-x",), ["nonsense", "-x"]),
    ],
)
def test_the_words_that_terraform_gets(
    ground: Ground, subcommand: str, second: str, arguments: tuple[str, ...], asked: list[str]
) -> None:
    """Its own as they were typed, with the instance's variable file before them where Atmos puts it."""
    assert run(ground, subcommand, *arguments, second=second) == 0
    assert ground.program.asked == [asked]


def test_what_atmos_yaml_says_of_init_and_plan(ground: Ground) -> None:
    """`init.pass_vars` and `plan.skip_planfile`; a flag beats them."""
    atmos = (ground.root / "atmos.yaml").read_text()
    more = "base_path: components, init: {pass_vars: true}, plan: {skip_planfile: true}"
    ground.write(**{"atmos.yaml": atmos.replace("base_path: components}", f"{more}}}")})
    run(ground, "init")
    run(ground, "plan")
    run(ground, "plan", **{"skip-planfile": "false"})
    assert ground.program.asked == [["init", VARFILE], ["plan", VARFILE], ["plan", VARFILE, OUT]]


def test_it_runs_in_a_copy_with_the_callers_variables(ground: Ground) -> None:
    """Its variables are in the file, and gone afterwards; the workspace is the instance's."""
    ground.program.does(
        f'cat {STACK}-net.terraform.tfvars.json > "$here/variables"; cat "$TF_DATA_DIR/environment" > "$here/workspace"'
    )
    run(ground, "plan")
    [place] = ground.program.places
    assert place == ground.folder / "plan" / NET / "tree" / HOME
    assert "shared" in (ground.program.folder / "variables").read_text()
    assert (ground.program.folder / "workspace").read_text() == f"{STACK}-net"
    assert ground.program.environ["TF_VAR_more"] == "1"
    assert ground.program.environ["AWS_REGION"] == "eu-west-1"
    assert ground.left("*.tfvars.json") == []
    assert sorted(path.name for path in ground.home.iterdir()) == ["main.tf"]


@pytest.mark.parametrize("code", [0, 1, 2, 130])
def test_its_exit_code_is_terraforms(ground: Ground, code: int) -> None:
    """Whatever it is."""
    ground.program.does(f"exit {code}")
    assert run(ground, "validate") == code


def test_its_output_may_go_elsewhere(ground: Ground) -> None:
    """In pieces as they come."""
    ground.program.does("echo out; echo more")
    got = bytearray()
    assert command(ground, ground.words("output")).run(got.extend) == 0
    assert got == b"out\nmore\n"


def test_files_that_it_leaves_come_back(ground: Ground) -> None:
    """In the component's own folder, also where it fails; nothing that Gaia wrote does."""
    ground.program.does("echo 1 > made.txt; mkdir -p sub; echo 2 > sub/other; echo 3 > main.tf; exit 1")
    assert run(ground, "plan", "-out=x.plan") == 1
    assert (ground.home / "made.txt").read_text() == "1\n"
    assert (ground.home / "sub/other").read_text() == "2\n"
    assert (ground.home / "main.tf").read_text() == "3\n"
    assert sorted(path.name for path in ground.home.iterdir()) == ["made.txt", "main.tf", "sub"]


def test_what_a_killed_command_left_comes_back_with_the_next_one(ground: Ground) -> None:
    """Before the copy is made anew."""
    checkout = ground.checkout()
    copying = checkout.files.copying(ground.instance(checkout))
    assert copying is not None
    copy = ground.folder / "plan" / NET / "tree"
    copying(checkout.files.tree, copy)
    (copy / HOME / "made.txt").write_text("1")  # and it is killed here
    run(ground, "validate")
    assert (ground.home / "made.txt").read_text() == "1"


def test_fmt_works_on_the_code_itself(ground: Ground) -> None:
    """In the component's folder; nothing is initialised for it."""
    run(ground, "fmt", "-check")
    assert (ground.program.asked, ground.program.places) == ([["fmt", "-check"]], [ground.home])
    assert ground.world.commands == []


@pytest.mark.parametrize(("subcommand", "own"), [("init", {}), ("plan", {"skip-init": "true"})])
def test_what_is_not_initialised_first(ground: Ground, subcommand: str, own: dict[str, str]) -> None:
    """`init` is that itself; and who says `--skip-init` has done it."""
    ground.locally()
    run(ground, subcommand, **own)
    assert ground.world.commands == []


@dataclass(frozen=True)
class Watched(JournalFiles):
    """Records that remember what they were asked."""

    asked: list[str] = field(default_factory=list)

    def check_free(self, instance: Instance) -> None:
        """Remember."""
        self.asked.append(f"free {instance.key}")

    def note(self, instance: Instance, command: str) -> None:
        """Remember."""
        self.asked.append(f"{command} {instance.key}")


@pytest.mark.parametrize("name", sorted(CHANGING - {"apply", "deploy", "destroy"}))
def test_what_changes_a_state_is_checked_and_noted(ground: Ground, name: str) -> None:
    """A request may have the instance; the audit log says who ran what."""
    records = Watched(ground.checkout().workplace)
    checkout = ground.checkout(records)
    first, _, second = name.partition(" ")
    Command(checkout, ground.words(first, second=second), ground.instance(checkout)).run()
    assert records.asked == [f"free {NET}", f"{name} {NET}"]


@pytest.mark.parametrize("name", ["plan", "state list", "output", "workspace select", "validate", "init", "console"])
def test_what_only_reads_is_not(ground: Ground, name: str) -> None:
    """Whoever has it."""
    records = Watched(ground.checkout().workplace)
    checkout = ground.checkout(records)
    first, _, second = name.partition(" ")
    Command(checkout, ground.words(first, second=second), ground.instance(checkout)).run()
    assert records.asked == []


def test_nothing_changes_a_state_while_a_change_did_not_end(ground: Ground) -> None:
    """Terraform is not even started."""
    checkout = ground.checkout()
    journal = Journal(checkout.records.journal(ground.instance(checkout), 1))
    journal.append("begin", operation="apply", instance=NET)
    journal.append("applying", digest="d", changes=[["aws_kms_key.this", ["create"]]])
    with pytest.raises(Conflict) as caught:
        run(ground, "taint", "aws_kms_key.this")
    assert (caught.value.code, ground.program.asked) == ("apply-unfinished", [])
    assert run(ground, "state", second="list") == 0


def test_what_an_unfinished_change_may_have_made_can_be_brought_in(ground: Ground) -> None:
    """It is what such a change waits for; anything else is refused as ever."""
    checkout = ground.checkout()
    journal = Journal(checkout.records.journal(ground.instance(checkout), 1))
    journal.append("begin", operation="apply", instance=NET)
    journal.append("applying", digest="d", changes=[["aws_kms_key.this", ["create"]]])
    assert run(ground, "import", "aws_kms_key.this", "abc") == 0
    with pytest.raises(Conflict):
        run(ground, "import", "aws_kms_key.other", "abc")


def siblings(ground: Ground, settings: str) -> None:
    """`net`, and `prod` of the same component and backend, with settings."""
    prod = f"prod: {{metadata: {{component: key}}, settings: {{{settings}}}}}"
    net = "net: {metadata: {component: key}, vars: {text: shared}}"
    ground.write(**{"stacks/net.yaml": f"import: [_defaults]\ncomponents: {{terraform: {{{net}, {prod}}}}}\n"})


@dataclass(frozen=True)
class Closed(JournalFiles):
    """Records in which `prod` is closed to operators."""

    def check_direct(self, instance: Instance) -> None:
        """As where the repository is registered."""
        if instance.key.component == "prod":
            raise Conflict("direct-refused", str(instance.key), next_step="Ask for the change with a request.")


PROD = f"{STACK}-prod"
LOCAL = "terraform.tfstate.d"
REACHING = [
    ("workspace", "delete", ("-force", PROD)),
    ("workspace", "delete", (PROD,)),
    ("workspace", "new", ("-lock-timeout", "5s", PROD)),
    ("workspace", "select", ("-or-create", PROD)),
    ("env", "", ("delete", "-force", PROD)),
    ("env", "", ("new", PROD)),
    ("taint", "", (f"-state={LOCAL}/{PROD}/terraform.tfstate", "a.b")),
    ("state", "rm", ("-state", f"./{LOCAL}/{PROD}/terraform.tfstate", "a.b")),
    ("state", "mv", (f"-state-out=../key/{LOCAL}/{PROD}/terraform.tfstate", "a.b", "a.c")),
]


@pytest.mark.parametrize(("subcommand", "second", "arguments"), REACHING)
def test_what_reaches_a_sibling_is_refused_where_that_is_closed(
    ground: Ground, subcommand: str, second: str, arguments: tuple[str, ...]
) -> None:
    """Its state goes by its workspace or file, whichever instance is named. What names nobody's is run."""
    siblings(ground, "")
    if not {subcommand, second} & {"workspace", "env"}:
        ground.locally()
    for closed in (True, False):
        workplace = ground.checkout().workplace
        checkout = ground.checkout(Closed(workplace) if closed else JournalFiles(workplace))
        words = ground.words(subcommand, *arguments, second=second)
        made = Command(checkout, words, ground.instance(checkout))
        assert made.changes
        if closed:
            with pytest.raises(Conflict) as caught:
                made.run()
            assert (caught.value.code, caught.value.message) == ("direct-refused", f"{STACK}/prod")
            free = tuple(word.replace("-prod", "-nobody") for word in arguments)
            Command(checkout, ground.words(subcommand, *free, second=second), made.instance).run()
        else:
            made.run()
    assert len(ground.program.asked) == 2


def test_a_siblings_unfinished_change_keeps_its_workspace(ground: Ground) -> None:
    """Deleted, nobody would find again what it may have made."""
    siblings(ground, "")
    checkout = ground.checkout()
    journal = Journal(checkout.records.journal(ground.instance(checkout, "prod"), 1))
    journal.append("begin", operation="apply", instance=f"{STACK}/prod")
    journal.append("applying", digest="d", changes=[["aws_kms_key.this", ["create"]]])
    with pytest.raises(Conflict) as caught:
        run(ground, "workspace", "-force", PROD, second="delete")
    assert (caught.value.code, ground.program.asked) == ("apply-unfinished", [])


def test_a_change_of_a_siblings_state_by_its_file_is_refused(ground: Ground) -> None:
    """`apply` and `destroy` take `-state` too."""
    siblings(ground, "")
    ground.locally()
    checkout = ground.checkout(Closed(ground.checkout().workplace))
    for flag in ("-state", "-state-out"):
        words = ground.words("destroy", f"{flag}={LOCAL}/{PROD}/terraform.tfstate")
        with pytest.raises(Conflict) as caught:
            Change(checkout, ground.instance(checkout), words, destroy=True).check()
        assert caught.value.code == "direct-refused"


def test_rules_hold_before_a_plan(ground: Ground) -> None:
    """And are not asked before what only reads a state."""
    ground.net("settings: {validation: {size: {schema_type: opa, schema_path: size.rego}}}")
    ground.write(**{"size.rego": "package atmos\n"})
    ground.more = {"rego": lambda *_: ["too big"]}
    with pytest.raises(Invalid) as caught:
        run(ground, "plan")
    assert (caught.value.code, ground.program.asked) == ("component-invalid", [])
    assert run(ground, "output") == 0


def test_a_shell_stands_in_the_copy(ground: Ground) -> None:
    """Terraform's commands get the instance's variables there, and what it leaves comes back."""
    made = command(ground, ground.words("shell"))
    ground.program.does("echo 1 > made.txt; exit 3")
    assert made.shell(str(ground.program.path)) == 3
    assert ground.program.environ["TF_CLI_ARGS_plan"] == VARFILE
    assert "TF_CLI_ARGS_output" not in ground.program.environ
    assert (ground.home / "made.txt").exists()


class ByRequest(JournalFiles):
    """Records of a repository in which the instance is changed by requests only."""

    def check_direct(self, instance: Instance) -> None:
        """Refuse."""
        raise Conflict("direct-refused", f"{instance.key} is changed by requests only", next_step="Request it.")


def test_a_shell_is_guarded_like_an_apply(ground: Ground) -> None:
    """What is typed there is not looked at again, and `$SHELL` may be a script that applies."""
    ground.write(**{"stacks/net.yaml": LOCKED})
    with pytest.raises(Conflict) as caught:
        command(ground, ground.words("shell")).shell(str(ground.program.path))
    assert (caught.value.code, ground.program.asked) == ("component-locked", [])


@pytest.mark.parametrize("subcommand", ["shell", "console", "test", "plan", "import", "refresh", "taint"])
def test_no_subcommand_reaches_a_wrong_account(ground: Ground, subcommand: str) -> None:
    """Whatever reads or makes something there asks first whose credentials these are."""
    role = "{assume_role: {role_arn: 'arn:aws:iam::111111111111:role/ci'}}"
    ground.net(f"settings: {{gaia: {{account: '222222222222'}}}}, providers: {{aws: {role}}}")
    made = command(ground, ground.words(subcommand))
    with pytest.raises(Refused) as caught:
        made.shell(str(ground.program.path)) if subcommand == "shell" else made.run()
    assert (caught.value.code, ground.program.asked) == ("account-wrong", [])


def test_a_test_is_direct_as_well(ground: Ground) -> None:
    """It makes things in the account that nobody asked for; what only reads is in nobody's way."""
    for subcommand in ("test", "shell", "taint"):
        checkout = ground.checkout(ByRequest(ground.checkout().workplace))
        made = Command(checkout, ground.words(subcommand), ground.instance(checkout))
        with pytest.raises(Conflict) as caught:
            made.shell("sh") if subcommand == "shell" else made.run()
        assert (caught.value.code, ground.program.asked) == ("direct-refused", [])


def test_clean_removes_what_gaia_and_atmos_left(ground: Ground) -> None:
    """States, lock files and code stay; a second time there is nothing to do but Gaia's folders."""
    run(ground, "plan")
    kept = ("main.tf", "terraform.tfstate", ".terraform.lock.hcl")
    for name in (*kept[1:], f"{STACK}-net.planfile", f"{STACK}-net.terraform.tfvars.json"):
        (ground.home / name).write_text("")
    (ground.home / ".terraform").mkdir()
    checkout = ground.checkout()
    gone = clean(checkout, ground.instance(checkout))
    assert len(gone) == 4
    assert sorted(path.name for path in ground.home.iterdir()) == sorted(kept)
    assert not (ground.folder / "plan" / NET / "tree").exists()
    assert clean(checkout, ground.instance(checkout)) == (str(ground.folder / "plan" / NET),)


def test_clean_brings_back_what_a_killed_command_left(ground: Ground) -> None:
    """A state that it could not save is the only one that there is."""
    run(ground, "plan")
    ground.program.does("exit 0")
    made = command(ground, ground.words("refresh"))
    with made.opened() as directory:
        module, root = directory.module, directory.root
    (root / COPIED).write_text("{}")  # as of a command that was killed before it brought anything back
    (module / "errored.tfstate").write_text('{"serial": 7}')
    (module / "moved.tfstate").write_text('{"serial": 8}')
    checkout = ground.checkout()
    clean(checkout, ground.instance(checkout))
    kept = {path.name: path.read_text() for path in ground.home.glob("*.tfstate")}
    assert kept == {f"{STACK}-net.errored.tfstate": '{"serial": 7}', "moved.tfstate": '{"serial": 8}'}


@pytest.mark.parametrize("use", ["plan", "read"])
def test_clean_takes_no_state_away_that_is_nowhere_else(ground: Ground, use: Literal["plan", "read"]) -> None:
    """It is named, and nothing is removed until it lies where it belongs."""
    checkout = ground.checkout()
    instance = ground.instance(checkout)
    inside = "components/other.tfstate"
    copy = working_folder(checkout.workplace, instance, use) / "tree" / inside
    copy.parent.mkdir(parents=True)
    copy.write_text("{}")
    (ground.home / ".terraform").mkdir()
    with pytest.raises(Conflict) as caught:
        clean(checkout, instance)
    assert (caught.value.code, caught.value.facts["file"]) == ("state-in-copy", str(copy))
    assert copy.exists()
    assert (ground.home / ".terraform").exists()
    ground.write(**{inside: "{}"})
    clean(checkout, instance)
    assert not copy.exists()


def test_a_plan_of_a_component_whose_inputs_do_not_exist_yet(ground: Ground) -> None:
    """What needs no variables goes on all the same."""
    other = "other: {metadata: {component: key}}"
    store = "net: {metadata: {component: store}, vars: {key: !terraform.state other arn}}"
    manifest = f"import: [_defaults]\ncomponents: {{terraform: {{{store}, {other}}}}}\n"
    ground.write(**{"stacks/net.yaml": manifest})
    assert run(ground, "validate") == 0
    with pytest.raises(Exception, match="has no output") as caught:
        run(ground, "plan")
    assert getattr(caught.value, "code", "") == "output-missing"


def test_another_component_file_is_not_touched(ground: Ground) -> None:
    """Only the component's own folder gets anything back."""
    ground.program.does("echo 1 > ../store/made.txt 2>/dev/null; exit 0")
    run(ground, "plan")
    assert sorted(path.name for path in (ground.root / "components/store").iterdir()) == ["main.tf"]


def test_nothing_comes_back_over_what_somebody_wrote_meanwhile(ground: Ground) -> None:
    """Terraform's is put beside it; a copy that failed brings nothing back at all."""
    home = ground.checkout().home_of(ground.instance(ground.checkout()))
    (home / "kept.txt").write_text("before")
    with command(ground, ground.words("validate")).opened() as directory:
        (directory.module / "kept.txt").write_text("terraform's, longer")
        (home / "kept.txt").write_text("hers")
    assert (home / "kept.txt").read_text() == "hers"
    assert (home / f"kept.txt{BESIDE}").read_text() == "terraform's, longer"
    (home / f"kept.txt{BESIDE}").unlink()
    (home / "link").symlink_to("/")
    with pytest.raises(Invalid), command(ground, ground.words("validate")).opened():
        pass
    (home / "link").unlink()
    (home / "kept.txt").write_text("newer")
    run(ground, "validate")
    assert (home / "kept.txt").read_text() == "newer"
    assert not (home / f"kept.txt{BESIDE}").exists()


def test_a_state_that_could_not_be_saved_stops_a_plan_until_it_is(ground: Ground) -> None:
    """It is brought out of the copy that an application left it in, and can be pushed from where it lies."""
    checkout = ground.checkout()
    work = working_folder(checkout.workplace, ground.instance(checkout), "work") / "tree" / HOME
    work.mkdir(parents=True)
    (work / "errored.tfstate").write_text("{}")
    with pytest.raises(Conflict) as caught:
        run(ground, "plan")
    assert caught.value.code == "state-errored"
    [kept] = ground.home.glob("*errored.tfstate")
    assert not (work / "errored.tfstate").exists()
    assert run(ground, "state", kept.name, second="push") == 0
    assert ground.program.asked == [["state", "push", str(kept)]]
    kept.unlink()
    assert run(ground, "plan") == 0
