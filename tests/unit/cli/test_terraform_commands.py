"""`gaia terraform …`, `gaia plan`, `gaia apply` and `gaia destroy` at a checkout whose terraform is played."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.platform.played import made, refused

from gaia.errors import Unavailable
from gaia.terraform.diagnostics import Diagnostic

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia, Said

    from gaia.terraform.command import Terraform

STACK = "acme-use1-dev"
HERE = ("photos-bucket", "-s", STACK)
KEY = f"{STACK}/photos-bucket"
BUCKET = "aws_s3_bucket.this"
CREATE = {
    "format_version": "1.2",
    "resource_changes": [
        {
            "address": BUCKET, "mode": "managed", "type": "aws_s3_bucket", "name": "this",
            "change": {"actions": ["create"], "before": None, "after": {"name": "photos"}, "after_unknown": {}},
        }
    ],
}  # fmt: skip
DELETE = {
    "format_version": "1.2",
    "resource_changes": [
        {
            "address": BUCKET, "mode": "managed", "type": "aws_s3_bucket", "name": "this",
            "change": {"actions": ["delete"], "before": {"name": "photos"}, "after": None, "after_unknown": {}},
        }
    ],
}  # fmt: skip
NOTHING = {"format_version": "1.2", "resource_changes": []}


@pytest.fixture(autouse=True)
def _code(gaia: Gaia) -> None:
    gaia.code()


def words(gaia: Gaia) -> list[str]:
    """The subcommands that the program was asked."""
    return [asked[0] for asked in gaia.program.asked]


def folded(text: str) -> str:
    """With single spaces."""
    return " ".join(text.split())


# --- terraform's own words -----------------------------------------------------------------------------------------


def test_a_subcommand_that_gaia_does_not_know_is_terraforms(gaia: Gaia) -> None:
    """With its words and its exit code."""
    gaia.program.does("exit 7")
    said = gaia("terraform", "graph", *HERE, "-type=plan")
    assert (said.code, gaia.program.asked) == (7, [["graph", "-type=plan"]])
    assert gaia("tf", "state", "list", *HERE).code == 7
    assert gaia.program.asked[-1] == ["state", "list"]


def test_what_is_about_no_instance_needs_none(gaia: Gaia) -> None:
    """`version`, and the help of a subcommand: terraform itself, where the caller stands."""
    for line in (("version", "-json"), ("state", "-help")):
        said = gaia("terraform", *line, GAIA_TERRAFORM=str(gaia.program.path))
        assert "terraform-missing" in said.err  # the program is none that says its version


def test_a_plan_says_on_what_files_it_is_made(gaia: Gaia) -> None:
    """On the error stream; with nothing but the exit code besides."""
    gaia.program.plans(CREATE, code=0)
    said = gaia("terraform", "plan", *HERE)
    assert (said.code, said.out) == (0, "")
    assert f"{gaia.app.root} in no commit: {KEY}" in folded(said.err)


@pytest.mark.parametrize(("flags", "how"), [((), "--from-plan"), (("-out=x.plan",), "--planfile x.plan")])
def test_a_plan_says_how_it_is_applied(gaia: Gaia, flags: tuple[str, ...], how: str) -> None:
    """On a terminal, after terraform's own line, which names a file that is gone; elsewhere the streams are its own."""
    gaia.program.plans(CREATE, code=0)
    assert "gaia terraform apply" not in gaia("terraform", "plan", *HERE).err
    said = gaia("terraform", "plan", *HERE, *flags, tty=True, NO_COLOR="1")
    assert f"gaia terraform apply photos-bucket -s {STACK} {how}" in folded(said.err)
    if flags:
        assert "--planfile FILE" in folded(gaia("terraform", "apply", *HERE, "--from-plan").err)


@pytest.mark.parametrize(
    ("line", "code", "part"),
    [
        (("plan", "photos-bucket"), "usage", "needs a stack"),
        (("plan", "-s", STACK), "usage", "needs a component"),
        (("plan", "nothing", "-s", STACK), "component-unknown", "nothing"),
        (("plan", "photos-bucket", "-s", "nowhere"), "stack-unknown", "nowhere"),
        (("plan", "bucket", "-s", STACK), "component-abstract", "photos-bucket"),
        (("plan", "photos-bucket", "-s", STACK, "-o", "xml"), "usage", "xml"),
        (("apply", *HERE, "--planfile", "x.plan"), "planfile-missing", "x.plan"),
        (("apply", *HERE, "--from-plan"), "planfile-missing", "nobody has planned"),
    ],
)
def test_what_is_refused(gaia: Gaia, line: tuple[str, ...], code: str, part: str) -> None:
    """Before terraform is started."""
    said = gaia("terraform", *line)
    assert (said.code != 0, code in said.err, part in folded(said.err)) == (True, True, True), said.err
    assert gaia.program.asked == []


def test_a_component_may_be_the_folder_of_its_code(gaia: Gaia) -> None:
    """As seen from where the caller stands."""
    gaia.app.settings.cwd.mkdir(exist_ok=True)
    said = gaia("terraform", "validate", str(gaia.app.root / "components/terraform/s3-bucket"), "-s", STACK)
    assert (said.code, words(gaia)) == (0, ["validate"])


def test_a_disabled_component_is_left_alone(gaia: Gaia) -> None:
    """It is said."""
    manifest = gaia.app.root / "stacks/orgs/acme/dev/photos.yaml"
    manifest.write_text(manifest.read_text().replace("inherits: [bucket]", "inherits: [bucket], enabled: false"))
    said = gaia("terraform", "apply", *HERE, "-auto-approve")
    assert (said.code, "is not enabled" in said.err, gaia.program.asked) == (0, True, [])


@pytest.mark.parametrize("line", ["plan", "apply --yes", "destroy --yes", "import --yes aws_s3_bucket.this=photos"])
def test_a_disabled_component_is_left_alone_by_gaias_own_commands(gaia: Gaia, line: str) -> None:
    """It is said, and terraform is not started; what asks for one resource of it is refused."""
    manifest = gaia.app.root / "stacks/orgs/acme/dev/photos.yaml"
    manifest.write_text(manifest.read_text().replace("inherits: [bucket]", "inherits: [bucket], enabled: false"))
    command, *rest = line.split()
    options, pairs = [one for one in rest if one.startswith("-")], [one for one in rest if "=" in one]
    said = gaia(command, *HERE[:1], *pairs, *HERE[1:], *options)
    refused_it = command == "import"
    assert (said.code != 0, "component-disabled" in said.err) == (refused_it, refused_it), said.err
    assert "metadata.enabled is false" in folded(said.err)
    assert (gaia.program.asked, gaia.world.commands, gaia.world.states) == ([], [], {})


@pytest.mark.parametrize("line", ["apply", "destroy", "terraform apply", "terraform destroy"])
def test_who_breaks_off_at_the_question_has_begun_nothing(gaia: Gaia, line: str) -> None:
    """There is nothing to go on with, and the next command is no continuation."""
    destroys = line.endswith("destroy")
    if destroys:
        made(gaia.world, KEY, {"name": "photos"})
    gaia.program.plans(DELETE if destroys else CREATE)
    said = gaia(*line.split(), *HERE, tty=True, given="")
    assert ("interrupted" in said.err, "goes on" in said.err) == (True, False), said.err
    assert "Nothing is left behind" in said.err


OUTPUTS = {
    **NOTHING,
    "output_changes": {"url": {"actions": ["create"], "before": None, "after": "https://x", "after_unknown": False}},
}


def test_a_plan_that_changes_outputs_alone_is_no_plan_of_nothing(gaia: Gaia) -> None:
    """It is asked about and applied like any other: what reads them waits for it."""
    gaia.program.plans(OUTPUTS)
    said = gaia("terraform", "apply", *HERE, tty=True, given="n\n", NO_COLOR="1")
    assert ("[y/N]" in said.err, said.code) == (True, 1), said.err
    assert "confirmation-missing" in gaia("terraform", "apply", *HERE).err
    assert gaia("terraform", "plan", *HERE, "-detailed-exitcode").code == 2
    document = gaia("terraform", "apply", *HERE, "-auto-approve", "-o", "json")
    assert document.code == 0, document.err


def test_a_dry_run_shows_the_line(gaia: Gaia) -> None:
    """And runs nothing."""
    said = gaia("terraform", "plan", *HERE, "--dry-run", "-var", "a=b c")
    assert said.out == f"terraform plan -var-file={STACK}-photos-bucket.terraform.tfvars.json -var 'a=b c'\n"
    assert gaia.program.asked == []


def test_a_dry_run_shows_no_line_that_terraform_does_not_know(gaia: Gaia) -> None:
    """What only Gaia or Atmos has is said in words, or as what it is for terraform."""
    for own in ("shell", "clean"):
        said = gaia("terraform", own, *HERE, "--dry-run")
        assert (said.code, said.out, f"of {KEY}" in folded(said.err)) == (0, "", True)
    assert gaia("terraform", "deploy", *HERE, "--dry-run").out.startswith("terraform apply -auto-approve -var-file=")
    assert gaia.program.asked == []


def test_a_destruction_that_is_answered_wrongly_says_what_it_wants(gaia: Gaia) -> None:
    """The stack's name."""
    made(gaia.world, KEY, {"name": "photos"})
    gaia.program.plans(DELETE)
    said = gaia("destroy", *HERE, tty=True, given="yes\n")
    assert f"{STACK} has to be typed" in folded(said.err)


def test_a_dry_run_needs_no_program(gaia: Gaia) -> None:
    """It names the one that the repository names."""

    def missing(*_: object) -> Terraform:
        raise Unavailable("terraform-missing", "there is none", next_step="Install one.")

    gaia.app.make_terraform = missing
    file = gaia.app.root / "atmos.yaml"
    file.write_text(file.read_text().replace("components/terraform}}", "components/terraform, command: tofu}}"))
    said = gaia("terraform", "output", *HERE, "--dry-run")
    assert (said.code, said.out) == (0, "tofu output\n")
    assert "terraform-missing" in gaia("terraform", "output", *HERE).err


def test_clean_says_what_it_removed(gaia: Gaia) -> None:
    """As lines or as a document."""
    (gaia.app.root / "components/terraform/s3-bucket/.terraform").mkdir()
    assert "s3-bucket/.terraform" in "".join(gaia("terraform", "clean", *HERE).out.split())
    assert gaia("terraform", "clean", *HERE, "-o", "json").json == {"removed": []}


# --- changes -------------------------------------------------------------------------------------------------------


def change(gaia: Gaia, *line: str, given: str | None = None, **environ: str) -> Said:
    """One command line, at a terminal where something is typed."""
    gaia.program.plans(CREATE)
    return gaia("terraform", *line, tty=given is not None, given=given or "", NO_COLOR="1", **environ)


def test_apply_asks_and_applies_exactly_that_plan(gaia: Gaia) -> None:
    """A yes applies; anything else changes nothing and ends with 1."""
    said = change(gaia, "apply", *HERE, given="y\n")
    assert (said.code, "planned" in said.out) == (0, True)
    assert f"{BUCKET}: begins" in said.out
    assert f"apply exactly this to {KEY}, {gaia.app.root} in no commit, in an account" in folded(said.err)
    assert "in eu-west-1 (environment)? [y/N]" in folded(said.err)
    assert KEY in gaia.world.states
    gaia.world.states.clear()
    said = change(gaia, "apply", *HERE, given="\n")
    assert (said.code, "Nothing was changed." in said.err, gaia.world.states) == (1, True, {})


def test_without_a_terminal_a_yes_is_needed(gaia: Gaia) -> None:
    """By option, also as terraform spells it; `deploy` is one, and so is a plan file."""
    said = change(gaia, "apply", *HERE)
    assert (said.code, "confirmation-missing" in said.err, gaia.world.states) == (2, True, {})
    for line in (("apply", *HERE, "--yes"), ("apply", *HERE, "-auto-approve"), ("deploy", *HERE)):
        gaia.world.states.clear()
        assert change(gaia, *line).code == 0, line
        assert KEY in gaia.world.states
    gaia.world.states.clear()
    assert change(gaia, "plan", *HERE).code == 0
    assert change(gaia, "apply", *HERE, "--from-plan").code == 0
    assert KEY in gaia.world.states


def test_a_configuration_may_say_yes(gaia: Gaia) -> None:
    """`apply_auto_approve` of atmos.yaml; a destruction is asked about all the same."""
    atmos = gaia.app.root / "atmos.yaml"
    atmos.write_text(
        atmos.read_text().replace("components/terraform}", "components/terraform, apply_auto_approve: true}")
    )
    assert change(gaia, "apply", *HERE).code == 0
    assert change(gaia, "destroy", *HERE).code == 2


def test_destroy_wants_the_stacks_name(gaia: Gaia) -> None:
    """On a terminal; elsewhere an option suffices."""
    for line, given, code in (
        (("destroy", *HERE), "y\n", 1),
        (("destroy", *HERE), f"{STACK}\n", 0),
        (("destroy", *HERE, "--yes"), None, 0),
        (("apply", *HERE, "-destroy", "-auto-approve"), None, 0),
    ):
        made(gaia.world, KEY, {"name": "photos"})
        gaia.program.plans(DELETE)
        said = gaia("terraform", *line, tty=given is not None, given=given or "")
        assert (said.code, KEY in gaia.world.states) == (code, code == 1), (line, said.err)
        assert "-destroy" in gaia.program.asked[-1]


def test_where_there_is_nothing_to_do_nobody_is_asked(gaia: Gaia) -> None:
    """It ends as terraform ends."""
    for command, last in (("apply", "0 added, 0 changed, 0 destroyed"), ("destroy", "0 destroyed")):
        gaia.program.plans(NOTHING, code=0)
        said = gaia("terraform", command, *HERE)
        assert (said.code, f"complete! Resources: {last}." in said.out) == (0, True)
    made(gaia.world, KEY, {"name": "photos", "tags": {"owner": "team-media"}})
    assert gaia("terraform", "apply", *HERE, "-o", "json").json == {
        "instance": KEY, "status": "unchanged", "changed": {},
    }  # fmt: skip


def test_a_plan_that_fails_ends_as_terraform_does(gaia: Gaia) -> None:
    """Nothing is asked, nothing applied."""
    gaia.program.does("echo no >&2; exit 1")
    assert gaia("terraform", "apply", *HERE, "-auto-approve").code == 1
    assert gaia.world.states == {}


def test_outputs_follow_an_application(gaia: Gaia) -> None:
    """As terraform shows them."""
    gaia.program.plans(CREATE)
    behave = gaia.program.folder / "behave"
    behave.write_text('[ "$1" != output ] || { echo "arn = 1"; exit 0; }\n' + behave.read_text())
    said = gaia("terraform", "deploy", *HERE)
    assert said.out.endswith("\nOutputs:\n\narn = 1\n")


def test_a_parked_change_says_what_is_left(gaia: Gaia) -> None:
    """Where terraform failed, with terraform's exit code; for a program it is 6, and the document says what is left."""
    gaia.world.fails[KEY] = refused("no more quota")
    said = change(gaia, "deploy", *HERE)
    assert said.code == 1
    assert all(part in said.err for part in ("no more quota", "change-parked", "terraform-failed"))
    said = gaia("terraform", "deploy", *HERE, "-o", "json")
    assert (said.code, said.json["code"], said.json["status"]) == (6, "terraform-failed", "parked")


# --- several -------------------------------------------------------------------------------------------------------


def test_several_are_done_one_after_the_other(gaia: Gaia) -> None:
    """The first that fails ends it, and what was not done is named."""
    manifest = gaia.app.root / "stacks/orgs/acme/dev/photos.yaml"
    manifest.write_text(manifest.read_text() + "    music-bucket: {metadata: {component: s3-bucket}}\n")
    said = gaia("terraform", "validate", "--all")
    assert (said.code, words(gaia)) == (0, ["validate", "validate"])
    assert "(2 of 2)" in said.err
    assert gaia("terraform", "validate", "--components", "music-bucket", "-s", STACK).code == 0
    assert len(gaia.program.asked) == 3
    gaia.program.does("exit 3")
    said = gaia("terraform", "validate", "--all")
    assert (said.code, len(gaia.program.asked)) == (3, 4)
    assert f"validate: not done: {STACK}/music-bucket, {KEY}" in folded(said.err) or KEY in said.err
    said = gaia("terraform", "plan", "--query", '.vars.name == "nobody"')
    assert (said.code, "nothing was done" in said.err) == (0, True)


def test_a_detailed_exit_code_of_several(gaia: Gaia) -> None:
    """2 where any has something to do; that does not end it."""
    manifest = gaia.app.root / "stacks/orgs/acme/dev/photos.yaml"
    manifest.write_text(manifest.read_text() + "    music-bucket: {metadata: {component: s3-bucket}}\n")
    gaia.program.plans(NOTHING, code=2)
    assert gaia("terraform", "plan", "--all", "-detailed-exitcode").code == 2
    assert words(gaia) == ["plan", "plan"]


# --- documents and screens -----------------------------------------------------------------------------------------


def test_plan_shows_what_would_be_done(gaia: Gaia) -> None:
    """And says so when there is nothing; terraform's own exit code where it is wished."""
    said = gaia("plan", *HERE)
    assert (said.code, "1 to create" in said.out) == (0, True)
    assert gaia("plan", *HERE, "--detailed-exitcode").code == 2
    for command in (("plan", *HERE), ("terraform", "plan", *HERE)):
        document = gaia(*command, "-o", "json").json
        assert (document["instance"], [one["action"] for one in document["changes"]]) == (KEY, ["create"])
    assert gaia("terraform", "plan", *HERE, "-o", "json", "-detailed-exitcode").code == 2
    made(gaia.world, KEY, {"name": "photos", "tags": {"owner": "team-media"}})
    assert "nothing to change" in gaia("plan", *HERE).out
    assert gaia("plan", *HERE, "--detailed-exitcode").code == 0
    assert "1 to destroy" in gaia("plan", *HERE, "--destroy").out


def test_the_screen_of_an_application(gaia: Gaia) -> None:
    """The plan, the question, what was done."""
    said = gaia("apply", *HERE, tty=True, given="y\n", NO_COLOR="1")
    assert said.code == 0
    assert said.out.index("1 to create") < said.out.index("1 created")
    assert f"apply exactly this to {KEY}, {gaia.app.root} in no commit, in an account" in folded(said.err)
    said = gaia("destroy", *HERE, tty=True, given="y\n")
    assert (said.code, KEY in gaia.world.states) == (1, True)
    said = gaia("destroy", *HERE, tty=True, given=f"{STACK}\n", NO_COLOR="1")
    assert (said.code, KEY in gaia.world.states, "1 deleted" in said.out) == (0, False, True)


def test_the_screen_without_a_terminal(gaia: Gaia) -> None:
    """A yes is needed; where there is nothing to do none is."""
    said = gaia("apply", *HERE, "-o", "json")
    assert (said.code, said.error["error"]) == (2, "confirmation-missing")
    document = gaia("apply", *HERE, "-y", "-o", "json").json
    assert (document["status"], document["changed"], document["outputs"]) == (
        "applied", {"create": 1}, {"arn": f"arn:{KEY}"},
    )  # fmt: skip
    assert gaia("apply", *HERE, "-o", "json").json["status"] == "unchanged"


def test_policies_of_the_package_are_told_and_do_not_bind(gaia: Gaia) -> None:
    """Until the repository has its own."""
    said = gaia("apply", *HERE, "--yes")
    assert said.code == 0
    assert "until the repository has a folder policies/" in folded(said.err)


def test_every_plan_says_what_it_costs_and_what_policies_say(gaia: Gaia) -> None:
    """On Gaia's screens, beside terraform's own words, and as a document; a plan without changes says nothing of it."""
    gaia.program.plans(CREATE)
    for line in (("plan", *HERE), ("terraform", "plan", *HERE), ("terraform", "plan", *HERE, "-out=x.plan")):
        said = gaia(*line)
        assert said.code == 0, line
        assert "cost by use, and nobody has said how much" in folded(said.err), line
        assert "policy Buckets are not public:" in folded(said.err), line
        assert "policy" not in said.out
    found = gaia("plan", *HERE, "-o", "json").json
    assert (found["cost"]["partial"], found["cost"]["by_use"] > 0) == (False, True)
    assert "plan.no_public_bucket" in [one["rule"] for one in found["findings"]]
    assert "policy" not in gaia("terraform", "plan", *HERE, "-json").err
    gaia.program.plans({**CREATE, "resource_changes": []}, code=0)
    said = gaia("terraform", "plan", *HERE)
    assert (said.code, "cost" in said.err, "policy" in said.err) == (0, False, False)


def test_a_plan_that_nobody_can_judge_is_shown_all_the_same(gaia: Gaia) -> None:
    """Terraform's words and exit code stay; why nobody has judged it is said."""
    (gaia.app.root / "policies/plan").mkdir(parents=True)
    (gaia.app.root / "policies/plan/bad.rego").write_text("package gaia.plan.bad\n")
    gaia.program.plans(CREATE)
    said = gaia("terraform", "plan", *HERE, "-detailed-exitcode")
    assert (said.code, "policy nobody has judged this: " in folded(said.err)) == (2, True)


def test_policies_of_the_repository_bind(gaia: Gaia) -> None:
    """A deny ends it before anybody is asked."""
    rule = (
        "# METADATA\n# title: No buckets\n# custom:\n#   severity: high\n#   owner: me\n#   controls: []\n"
        "#   remediation: Take none.\npackage gaia.plan.none\n\n"
        'deny contains {"message": "no bucket"} if input.resource_changes[_].type == "aws_s3_bucket"\n'
        'warn contains {"message": "x"} if false\nundecided contains {"message": "x"} if false\n'
    )
    (gaia.app.root / "policies/plan").mkdir(parents=True)
    (gaia.app.root / "policies/plan/none.rego").write_text(rule)
    gaia.program.plans(CREATE)
    plan = gaia("plan", *HERE)
    assert (plan.code, "policy No buckets: no bucket An apply is refused for these." in folded(plan.err)) == (0, True)
    for line in (("apply", *HERE, "--yes"), ("terraform", "apply", *HERE, "-auto-approve")):
        said = gaia(*line)
        assert (said.code != 0, "policy-denied" in said.err, gaia.world.states) == (True, True, {}), said.err
        assert "findings: No buckets: no bucket\n" in said.err


def test_outputs_are_a_document(gaia: Gaia) -> None:
    """All or one; one that there is not is answered with those that there are."""
    made(gaia.world, KEY, {"name": "photos", "password": "hunter-two"})
    outputs = {"arn": f"arn:{KEY}", "password": "(sensitive)"}
    assert gaia("terraform", "output", *HERE, "-o", "json").json == {"instance": KEY, "outputs": outputs}
    assert gaia("terraform", "output", *HERE, "arn", "-o", "json").json["outputs"] == {"arn": f"arn:{KEY}"}
    said = gaia("terraform", "output", *HERE, "nothing", "-o", "json")
    assert (said.code, "arn, password" in said.error["next_step"]) == (3, True)


def test_diagnostics_are_a_document(gaia: Gaia) -> None:
    """Exit code 1 when there is an error."""
    said = gaia("terraform", "validate", *HERE, "-o", "json")
    assert (said.code, said.json) == (0, {"instance": KEY, "valid": True, "diagnostics": []})
    gaia.world.said = (Diagnostic("error", "Unknown name", "There is none."), Diagnostic("warning", "Hm"))
    said = gaia("terraform", "validate", *HERE, "-o", "json")
    assert (said.code, said.json["valid"]) == (1, False)
    assert [one["summary"] for one in said.json["diagnostics"]] == ["Unknown name", "Hm"]


def test_an_application_that_was_killed_at_its_very_end_is_ended(gaia: Gaia) -> None:
    """A plan finds nothing to do; what was begun is written down as ended all the same, and destroying it is free."""
    from gaia.operations.journal import Journal, read

    made(gaia.world, KEY, {"name": "photos", "tags": {"owner": "team-media"}})
    with gaia.app.checkout() as checkout:
        instance = checkout.instance("photos-bucket", STACK)
        document = checkout.records.journal(instance, 1)
    journal = Journal(document)
    journal.append("begin", operation="apply", instance=KEY)
    journal.append("applying", digest="d", changes=[[BUCKET, ["create"]]])
    journal.append("start", address=BUCKET, type="aws_s3_bucket", action="create", id=None)
    journal.append("complete", address=BUCKET, type="aws_s3_bucket", action="create", id=f"id:{KEY}")
    gaia.program.plans(NOTHING, code=0)
    said = gaia("terraform", "destroy", *HERE, "-auto-approve")
    assert "apply-unfinished" in said.err
    said = gaia("terraform", "apply", *HERE)  # nobody is asked: there is nothing to say yes to
    assert (said.code, read(document)[-1].kind) == (0, "outcome"), said.err
    gaia.program.plans(DELETE)
    assert gaia("terraform", "destroy", *HERE, "-auto-approve").code == 0


def test_outputs_in_the_formats_of_atmos(gaia: Gaia) -> None:
    """Values as they are, sensitive ones too; all or one; into a file that is added to."""
    made(gaia.world, KEY, {"name": "photos", "password": "hunter-two"})
    arn = f"arn:{KEY}"
    said = gaia("terraform", "output", *HERE, "--format=env")
    assert (said.code, said.out) == (0, f"arn={arn}\npassword=hunter-two\n")
    assert gaia("terraform", "output", *HERE, "arn", "-f", "bash", "-u").out == f"export ARN='{arn}'\n"
    for _ in range(2):
        assert gaia("terraform", "output", *HERE, "--format", "dotenv", "-o", "x.env").out == ""
    assert (gaia.settings.cwd / "x.env").read_text() == f"arn='{arn}'\npassword='hunter-two'\n" * 2
    file = gaia.settings.cwd / "github"
    assert gaia("terraform", "output", *HERE, "arn", "--format=github", GITHUB_OUTPUT=str(file)).out == ""
    assert file.read_text() == f"arn={arn}\n"


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (("--format=xml",), "usage", "json, yaml, hcl"),
        (("--output-file", "x"), "usage", "needs --format"),
        (("--format",), "usage", "requires an argument"),
        (("nothing", "--format=json"), "output-unknown", "arn"),
    ],
)
def test_formats_that_are_refused(gaia: Gaia, words: tuple[str, ...], code: str, part: str) -> None:
    """With what there is."""
    made(gaia.world, KEY, {"name": "photos"})
    said = gaia("terraform", "output", *HERE, *words)
    assert (said.code != 0, code in said.err, part in folded(said.err)) == (True, True, True), said.err


def test_the_help_of_a_subcommand_says_what_it_is_given(gaia: Gaia) -> None:
    """The component, the stack and an example; the group lists it."""
    for name in ("output", "state", "console"):
        said = gaia("terraform", name, "--help")
        assert f"gaia terraform {name} COMPONENT -s STACK" in said.out
        assert f"Example: gaia terraform {name} " in folded(said.out)
        assert f"\n  {name} " in gaia("help", "terraform").out
