"""A plan file is applied to the state that it was made for, so only the instance whose state that is takes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.unit.checkout.conftest import HOME, NET
from tests.unit.platform.loop import STACK
from tests.unit.terraform.made_plan import plan_file

from gaia.checkout.command import Command
from gaia.checkout.plan_files import PlanFiles
from gaia.cli.next_step import told
from gaia.errors import Conflict, GaiaError, Invalid

if TYPE_CHECKING:
    from tests.unit.checkout.conftest import Ground

WORKSPACE = f"{STACK}-net"
S3 = {"bucket": "b", "key": "k", "region": "us-east-1", "workspace_key_prefix": "key", "encrypt": True, "token": None}


def files(ground: Ground) -> PlanFiles:
    """Those of `net`, in a process of its own."""
    checkout = ground.checkout()
    return PlanFiles(checkout, ground.instance(checkout))


def given(ground: Ground, content: bytes, **own: str) -> bytes | None:
    """What `apply x.plan` takes, where that is the content of the file."""
    (ground.home / "x.plan").write_bytes(content)
    return files(ground).given(ground.words("apply", "x.plan", **own))


def is_another(ground: Ground, content: bytes, **own: str) -> Conflict:
    """The refusal."""
    with pytest.raises(Conflict) as caught:
        given(ground, content, **own)
    assert caught.value.code == "planfile-other"
    return caught.value


def backend(ground: Ground, text: str) -> None:
    """Let the stack have another backend."""
    before = (ground.root / "stacks/_defaults.yaml").read_text().partition("terraform:")[0]
    ground.write(**{"stacks/_defaults.yaml": f"{before}terraform: {text}\n"})


def test_the_last_plan_is_kept_for_from_plan(ground: Ground) -> None:
    """Sealed; until it is applied, or another takes its place. One that failed is none."""
    one, plan = files(ground), Command(ground.checkout(), ground.words("plan"), ground.instance(ground.checkout()))
    assert one.kept() is None
    ground.program.plans({"format_version": "1.2"}, code=1)
    assert plan.run() == 1
    assert one.kept() is None
    ground.program.plans({"format_version": "1.2"})
    assert plan.run() == 2
    assert one.kept() == one.given(ground.words("apply", **{"from-plan": "true"})) == b'{"format_version": "1.2"}'
    assert b"format_version" not in b"".join(path.read_bytes() for path in ground.left("*.sealed"))
    assert ground.left("*.planfile") == []
    one.drop()
    one.drop()
    assert one.kept() is None


def test_a_plan_of_this_state_is_taken(ground: Ground) -> None:
    """Whoever made it, in whatever home, and whatever terraform adds to the backend's settings."""
    content = plan_file("s3", WORKSPACE, **S3)
    assert given(ground, content) == content
    assert given(ground, content, planfile="x.plan") == content
    assert files(ground).given(ground.words("apply")) is None


@pytest.mark.parametrize(
    "content",
    [
        plan_file("s3", f"{STACK}-other", **S3),
        plan_file("s3", "default", **S3),
        plan_file("s3", WORKSPACE, **{**S3, "bucket": "prod"}),
        plan_file("s3", WORKSPACE, **{**S3, "key": "other"}),
        plan_file("s3", WORKSPACE, **{**S3, "workspace_key_prefix": "prod"}),
        plan_file("s3", "default", **{**S3, "key": f"key/{WORKSPACE}/k"}),
        plan_file("local", WORKSPACE),
        plan_file("gcs", WORKSPACE, bucket="b", prefix="k"),
    ],
)
def test_a_plan_of_another_state_is_not(ground: Ground, content: bytes) -> None:
    """Another workspace, bucket, key or kind; from inside of the folder, and from outside of it."""
    said = is_another(ground, content)
    assert said.facts["instance"] == f"s3://b/key/{WORKSPACE}/k"
    assert told(said.next_step) == f"Plan the instance itself: gaia terraform plan net -s {STACK}"
    (ground.home / "x.plan").unlink()
    (ground.home.parent / "y.plan").write_bytes(content)
    for name in ("../y.plan", str(ground.home.parent / "y.plan")):
        for words in (ground.words("apply", name), ground.words("apply", planfile=name)):
            with pytest.raises(Conflict):
                files(ground).given(words)


def test_the_last_plan_is_not_taken_where_the_state_lies_elsewhere_by_now(ground: Ground) -> None:
    """The backend was changed since."""
    files(ground).keep(plan_file("s3", WORKSPACE, **S3))
    words = ground.words("apply", **{"from-plan": "true"})
    assert files(ground).given(words)
    backend(ground, "{backend_type: s3, backend: {s3: {bucket: new, key: k, region: us-east-1}}}")
    with pytest.raises(Conflict) as caught:
        files(ground).given(words)
    assert caught.value.code == "planfile-other"


def test_a_state_in_a_file(ground: Ground) -> None:
    """By the file, whether the plan says so with a relative path, as plain terraform does, or an absolute one."""
    ground.locally()
    for settings in ({}, {"workspace_dir": str(ground.home / "terraform.tfstate.d"), "path": "/elsewhere"}):
        assert given(ground, plan_file("local", WORKSPACE, **settings))
    (ground.root / "link").symlink_to(ground.home)
    assert given(ground, plan_file("local", WORKSPACE, workspace_dir=str(ground.root / "link/terraform.tfstate.d")))
    is_another(ground, plan_file("local", WORKSPACE, workspace_dir=str(ground.root / "components/store")))
    is_another(ground, plan_file("local", f"{STACK}-other"))
    is_another(ground, plan_file("s3", WORKSPACE, **S3))


def test_a_backend_that_only_terraform_can_ask(ground: Ground) -> None:
    """All that the stack says of the place is the same; terraform adds defaults and what the environment says."""
    backend(ground, "{backend_type: gcs, backend: {gcs: {bucket: b}}}")
    assert given(ground, plan_file("gcs", WORKSPACE, bucket="b", prefix="key", credentials="secret"))
    for settings in ({"bucket": "b", "prefix": "prod"}, {"bucket": "prod", "prefix": "key"}, {"bucket": "b"}):
        is_another(ground, plan_file("gcs", WORKSPACE, **settings))
    is_another(ground, plan_file("gcs", "default", bucket="b", prefix="key"))
    is_another(ground, plan_file("azurerm", WORKSPACE, bucket="b", prefix="key"))


def test_a_workspace_that_the_backend_names(ground: Ground) -> None:
    """Of HCP Terraform, where it stands in the settings."""
    cloud = "{organization: acme, workspaces: {name: 'app-{terraform_workspace}'}}"
    backend(ground, f"{{backend_type: cloud, backend: {{cloud: {cloud}}}}}")
    assert given(ground, plan_file("cloud", f"app-{WORKSPACE}", organization="acme"))
    is_another(ground, plan_file("cloud", "app-prod", organization="acme"))


def test_a_backend_in_the_code(ground: Ground) -> None:
    """Where the stack says none, or the command line that it does not count."""
    main = ground.home / "main.tf"
    main.write_text(main.read_text() + 'terraform {\n  backend "s3" {\n    bucket = "c"\n    key = "k"\n  }\n}\n')
    own = {"auto-generate-backend-file": "false"}
    made = plan_file("s3", WORKSPACE, bucket="c", key="k", workspace_key_prefix=None)
    assert given(ground, made, **own)
    is_another(ground, plan_file("s3", WORKSPACE, **S3), **own)
    is_another(ground, made)


def test_one_that_does_not_tell_is_refused(ground: Ground) -> None:
    """As a tofu that encrypts its plans writes it."""
    with pytest.raises(Invalid) as caught:
        given(ground, json.dumps({"encrypted_data": "eA=="}).encode())
    assert caught.value.code == "planfile-unreadable"


@pytest.mark.parametrize(
    ("words", "own", "said"),
    [(("y.plan",), {}, f"{HOME}/y.plan"), ((), {"planfile": "y.plan"}, "y.plan"), ((), {"from-plan": "true"}, NET)],
)
def test_a_plan_file_that_is_not_there(ground: Ground, words: tuple[str, ...], own: dict[str, str], said: str) -> None:
    """By its name, or the last one."""
    with pytest.raises(GaiaError) as caught:
        files(ground).given(ground.words("apply", *words, **own))
    assert caught.value.code == "planfile-missing"
    assert said in caught.value.message


def test_the_name_of_the_usual_plan_file_means_the_last_one(ground: Ground) -> None:
    """Scripts for Atmos name it, and it lies in no folder here."""
    content = plan_file("s3", WORKSPACE, **S3)
    files(ground).keep(content)
    assert files(ground).given(ground.words("apply", f"{WORKSPACE}.planfile")) == content
