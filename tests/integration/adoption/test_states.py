"""Places by Gaia's rules beside what terraform writes, and what is found where states lie elsewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gaia.adoption.check import check
from gaia.errors import Conflict
from gaia.kit.files import exclusive
from gaia.stacks.model import InstanceKey
from gaia.states.reading import Reader
from gaia.states.survey import check_state_places, survey, usable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.integration.adoption.conftest import Team

    from gaia.states.survey import Survey
    from gaia.terraform.state import StateResource

pytestmark = pytest.mark.cloud

IN_S3 = "bucket: BUCKET, region: us-east-1, use_path_style: true"
BACKENDS = {
    "local": "{}",
    "file": "{path: kept/x.tfstate, workspace_dir: kept/all}",
    "s3": f"{{key: adopt/a.tfstate, {IN_S3}}}",
    "prefix": f"{{key: a.tfstate, workspace_key_prefix: adopt-p, use_lockfile: true, {IN_S3}}}",
    "role": f'{{key: r.tfstate, assume_role: {{role_arn: "arn:aws:iam::123456789012:role/states"}}, {IN_S3}}}',
    "none": f'{{key: b.tfstate, workspace_key_prefix: "", {IN_S3}}}',
}


def surveyed(team: Team, *names: str) -> Survey:
    """All states of the repository, or those of some components."""
    with team.app().checkout() as checkout:
        repository = checkout.files.repository
        everybody = [repository.instance(key.component, key.stack) for key in repository.instances]
        everybody = [one for one in everybody if usable(one)]
        return survey(
            Reader(checkout.ground), [one for one in everybody if not names or one.key.component in names], everybody
        )


def note(team: Team, component: str = "note") -> None:
    """A component's code."""
    text = 'variable "text" { default = "x" }\nvariable "stage" { default = "" }\n'
    text += 'resource "terraform_data" "this" { input = "${var.text}-${var.stage}" }\n'
    team.write(f"components/terraform/{component}/main.tf", text)


def stack(team: Team, components: Iterable[str]) -> None:
    """The stack `dev` of these components."""
    lines = "".join(f"    {one}\n" for one in components).replace("BUCKET", team.bucket)
    team.write("stacks/dev.yaml", f"vars: {{stage: dev}}\ncomponents:\n  terraform:\n{lines}")


def value_of(resource: StateResource) -> object:
    """The input of a `terraform_data`."""
    found = resource.attributes["input"]
    return found["value"] if isinstance(found, dict) else found


def in_bucket(key: str, **more: str) -> str:
    """A backend section."""
    return (
        f"backend_type: s3, backend: {{s3: {{{IN_S3}, key: {key}{''.join(f', {n}: {v}' for n, v in more.items())}}}}}"
    )


def test_each_place_is_the_one_that_terraform_writes(team: Team) -> None:
    """Local and S3, the default workspace and another, with and without a prefix: each is read where it was written."""
    components = {}
    for name, body in BACKENDS.items():
        note(team, name)
        kind = "local" if name in ("local", "file") else "s3"
        backend = f"backend_type: {kind}, backend: {{{kind}: {body}}}"
        components[name] = f"{name}: {{{backend}, vars: {{text: {name}}}}}"
        metadata = f"metadata: {{component: {name}, terraform_workspace: default}}"
        other = backend.replace("adopt/a", "adopt/d").replace("key: a.", "key: adopt-d.").replace("b.tf", "adopt-e.tf")
        components[f"{name}-default"] = f"{name}-default: {{{other}, {metadata}, vars: {{text: {name}-default}}}}"
    stack(team, components.values())
    for name in components:
        team.atmos(name, "dev", "apply", "-auto-approve")
    found = surveyed(team)
    said = {
        key.component: [value_of(one) for one in reading.state.resources] if reading.state else reading.error
        for key, reading in found.readings.items()
    }
    assert said == {name: [f"{name}-dev"] for name in components}
    assert not found.misplaced
    assert [str(one) for one in found.unclaimed if str(one).startswith("/")] == []


def test_a_state_that_was_left_behind_is_a_hard_stop(team: Team) -> None:
    """A renamed component, locally and in a bucket: its state is named, and what moves it brings it back."""
    for name in ("note", "far"):
        note(team, name)
    stack(team, ["note: {}", f"far: {{{in_bucket('t.tfstate', workspace_key_prefix='left-a')}}}"])
    for name in ("note", "far"):
        team.atmos(name, "dev", "apply", "-auto-approve")
    far_now = f"far: {{{in_bucket('t.tfstate', workspace_key_prefix='left-b')}}}"
    stack(team, ["memo: {metadata: {component: note}}", far_now])
    found = surveyed(team)
    assert {one.key.component for one in found.misplaced} == {"memo", "far"}
    [far] = [one for one in found.misplaced if one.key.component == "far" and str(one.found).startswith("s3")]
    assert str(far.found) == f"s3://{team.bucket}/left-a/dev/t.tfstate"
    with team.app().checkout() as checkout:
        with pytest.raises(Conflict, match="would make everything twice"):
            check_state_places(checkout.ground, [checkout.instance("memo", "dev")], checkout.tell)
        with pytest.raises(Conflict, match="left-a/dev/"):
            check_state_places(checkout.ground, [checkout.instance("far", "dev")], checkout.tell)
    folder = team.root / "components/terraform/note/terraform.tfstate.d"
    (folder / "dev").rename(folder / "dev-memo")
    with team.app().checkout() as checkout:
        check_state_places(checkout.ground, [checkout.instance("memo", "dev")], checkout.tell)


def test_a_component_that_cannot_be_built_is_refused_alone(team: Team) -> None:
    """The others of its stack are looked at and may be planned."""
    note(team)
    stack(team, ["note: {}", "bad: {metadata: {component: /abs}}"])
    with team.app().checkout() as checkout:
        check_state_places(checkout.ground, [checkout.instance("note", "dev")], checkout.tell)
        report = check(checkout)
    assert {str(one.key): (one.status, one.code) for one in report.instances} == {
        "dev/bad": ("refused", "path-escapes"),
        "dev/note": ("no state", ""),
    }
    [bad] = [one for one in report.instances if one.status == "refused"]
    assert bad.reason == "stacks/dev.yaml:5:22: the component '/abs' leads out of the components' folder"


def test_one_process_at_a_time_looks_at_a_checkout(team: Team) -> None:
    """Another would plan in the same folder."""
    note(team)
    stack(team, ["note: {}"])
    with team.app().checkout() as checkout:
        with exclusive(checkout.workplace.folder / "adopt.lock"), pytest.raises(Conflict, match="another process"):
            check(checkout)
        assert check(checkout).fine


def test_what_does_not_read_is_a_finding_of_its_instance(team: Team) -> None:
    """Locked, encrypted, of a newer terraform, damaged, of two instances, in a bucket of nobody; the rest is read."""
    names = ("fine", "locked", "encrypted", "newer", "damaged", "missing")
    own = {name: f"{name}: {{metadata: {{component: note, terraform_workspace: {name}}}}}" for name in names}
    own["held"] = f"held: {{{in_bucket('q.tfstate', use_lockfile='true')}}}"
    own["tabled"] = f"tabled: {{{in_bucket('z.tfstate', dynamodb_table='BUCKET')}}}"
    own["nowhere"] = own["held"].replace("held", "nowhere").replace("BUCKET", "nobodys-bucket")
    own |= {name: f"{name}: {{metadata: {{component: note, terraform_workspace: both}}}}" for name in ("one", "two")}
    for name in ("note", "held", "nowhere", "tabled"):
        note(team, name)
    stack(team, own.values())
    team.atmos("fine", "dev", "apply", "-auto-approve")
    team.atmos("held", "dev", "apply", "-auto-approve")
    folder = team.root / "components/terraform/note/terraform.tfstate.d"
    good = json.loads((folder / "fine/terraform.tfstate").read_text())
    for name, text in {
        "newer": json.dumps({**good, "terraform_version": "1.99.0"}),
        "encrypted": json.dumps({"encrypted_data": "AAA", "encryption_version": "v0"}),
        "damaged": '{"version": 4,',
        "both": json.dumps(good),
    }.items():
        (folder / name).mkdir()
        (folder / name / "terraform.tfstate").write_text(text)
    lock = {"ID": "x", "Operation": "OperationTypeApply", "Who": "sue@laptop", "Created": "2026-11-29T10:00:00Z"}
    with team.app().checkout() as checkout:
        reader = Reader(checkout.ground)
        held = checkout.instance("held", "dev")
        place = str(reader.place(held)).removeprefix(f"s3://{team.bucket}/")
    team.client("s3").put_object(Bucket=team.bucket, Key=f"{place}.tflock", Body=json.dumps(lock).encode())
    table = team.client("dynamodb")
    table.create_table(
        TableName=team.bucket, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
    )  # fmt: skip
    row = {"LockID": {"S": f"{team.bucket}/tabled/dev/z.tfstate"}, "Info": {"S": json.dumps(lock)}}
    table.put_item(TableName=team.bucket, Item=row)
    found = surveyed(team)
    codes = {key.component: one.error.code if one.error else "" for key, one in found.readings.items()}
    assert codes == {
        "fine": "", "locked": "", "encrypted": "state-encrypted", "newer": "state-newer", "damaged": "state-unreadable",
        "missing": "", "held": "state-locked", "tabled": "state-locked", "nowhere": "bucket-missing",
        "one": "state-shared", "two": "state-shared",
    }  # fmt: skip
    error = found.readings[InstanceKey("dev", "held")].error
    assert error is not None
    assert "sue@laptop" in error.message
