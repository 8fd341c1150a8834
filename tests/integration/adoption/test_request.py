"""A repository that was adopted by a clone is asked, and what was asked for comes to its remote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.kit.git import Git
from gaia.testing.world import World

if TYPE_CHECKING:
    from tests.integration.adoption.conftest import Team

pytestmark = [pytest.mark.cloud, pytest.mark.long(1)]

SERVICE = "stacks/services/limit.yaml"
FILES = {
    "atmos.yaml": (
        'base_path: ""\ncomponents: {terraform: {base_path: components/terraform}}\n'
        'stacks: {base_path: stacks, included_paths: ["dev.yaml", "services/*"], name_pattern: "{stage}"}\n'
    ),
    "stacks/dev.yaml": "import: [defaults]\ncomponents: {terraform: {unmade: {metadata: {component: parameter}}}}\n",
    "stacks/defaults.yaml": (
        "vars: {stage: dev}\nterraform:\n  backend_type: s3\n"
        "  backend: {s3: {bucket: BUCKET, key: t.tfstate, region: us-east-1, encrypt: true, use_path_style: true}}\n"
        "  providers: {aws: {region: us-east-1}}\n"
    ),
    "components/terraform/parameter/main.tf": (
        'variable "name" { type = string }\nvariable "tags" { type = map(string) }\n'
        'resource "aws_ssm_parameter" "this" {\n  name  = var.name\n  type  = "String"\n  value = "v"\n'
        "  tags  = var.tags\n}\n"
    ),
    "templates/parameters/copier.yml": (
        '_min_copier_version: "9.7"\n_subdirectory: template\n_envops: {undefined: jinja2.StrictUndefined}\n'
        '_version: "1.0.0"\n_title: Parameter\n_description: One parameter.\n'
        "owner: {type: str, help: The team that answers for it.}\n"
        '_constraints: {owner: {pattern: "[a-z-]{2,40}", expected: a short name}}\n'
    ),
    "templates/parameters/template/stacks/services/{{ gaia.service }}.yaml.jinja": (
        "import: [defaults]\ncomponents:\n  terraform:\n    {{ gaia.service }}:\n"
        "      metadata: {component: parameter}\n      vars:\n        name: /BUCKET/{{ gaia.service }}\n"
        "        tags: {owner: {{ owner | to_json }}, service: {{ gaia.service | to_json }}, cost-center: cc-1, "
        "tenant: all, stage: dev, purpose: limits, data-classification: internal}\n"
    ),
}


def adopted(team: Team) -> World:
    """A clone of the team's repository, registered with its bare remote; ada asks, grace approves.

    The team's own checkout is the other clone of the remote.
    """
    for name, text in FILES.items():
        team.write(name, text.replace("BUCKET", team.bucket))
    own, home = Git(team.root, team.settings.environ), team.root.parent / "home"
    for words in (("init", "-q", "-b", "main"), ("add", "-A")):
        own(*words)
    own("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "All.")
    own("init", "-q", "--bare", "-b", "main", "../remote.git")
    own("remote", "add", "origin", "../remote.git")
    own("push", "-q", "-u", "origin", "main")
    own("clone", "-q", "../remote.git", "../platform")
    world = World(team.settings, home, lambda _: None)
    world.extra |= {name: value for name, value in team.settings.environ.items() if name.startswith("AWS_")}
    world.tokens["admin"] = world.json("adopt", "platform")["token"]
    for name, role in {"ada": "developer", "grace": "approver"}.items():
        made = world.json("token", "create", name, "--role", role, "--stage", "dev", who="admin")
        world.tokens[name] = made["token"]
    return world


def test_what_is_asked_for_comes_to_the_remote_and_goes_again(team: Team) -> None:
    """Nothing before somebody else approves it; then the resource exists and every clone sees it by a pull."""
    world, there, own = adopted(team), Git(team.root.parent / "remote.git", team.settings.environ), team.root
    ssm, name = team.client("ssm"), f"/{team.bucket}/limit"
    pull = ("pull", "-q", "--ff-only")
    before = there("rev-parse", "main")
    asked = world.json("request", "parameters", "limit", "-s", "dev", "-a", "owner=payments", who="ada")
    assert asked["status"] == "waiting"
    assert there("rev-parse", "main") == before
    assert not ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [name]}])["Parameters"]

    assert world.approve("limit")["status"] == "done"
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "v"
    assert there("show", f"main:{SERVICE}").startswith("import: [defaults]")
    assert not (own / SERVICE).exists()
    Git(own, team.settings.environ)(*pull)
    assert team.app().repository().instance("limit", "dev").vars["name"] == name

    gone = world.json("retire", "limit", "-s", "dev", "--yes", who="ada")
    assert gone["status"] == "done"
    assert not ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [name]}])["Parameters"]
    Git(own, team.settings.environ)(*pull)
    assert not (own / SERVICE).exists()
