"""An instance without a state is not planned while what it would make lies in a state elsewhere."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.unit.platform.loop import STACK

from gaia.errors import Conflict, Next, Unavailable
from gaia.stacks.model import InstanceKey
from gaia.states.lineages import lineages_of, remember_lineages, remember_state
from gaia.states.places import FilePlace, ObjectPlace
from gaia.states.reading import Reader
from gaia.states.survey import check_state_places, survey
from gaia.terraform.state import State

if TYPE_CHECKING:
    from tests.unit.checkout.conftest import Ground

    from gaia.kit.redact import Redactor
    from gaia.terraform.command import Terraform

WORKSPACE = "terraform.tfstate.d/acme-use1-dev-net"


RESOURCE = {"mode": "managed", "type": "aws_kms_key", "name": "this", "instances": [{"attributes": {"id": "x"}}]}


def state(path: Path, kind: str = "aws_kms_key") -> None:
    """A state with one resource `this`."""
    entry = {"mode": "managed", "type": kind, "name": "this", "instances": [{"attributes": {"id": "x"}}]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": 4, "serial": 1, "lineage": "l", "resources": [entry]}))


def test_other_states_hide_nothing(ground: Ground) -> None:
    """However many lie before it: the state of a component that was renamed is found."""
    ground.locally()
    for number in range(205):
        state(ground.root / f"components/a0/{number}.tfstate", "aws_vpc")
    state(ground.root / "components/renamed" / WORKSPACE / "terraform.tfstate")
    checkout = ground.checkout()
    with pytest.raises(Conflict, match="renamed") as error:
        check_state_places(checkout.ground, [ground.instance(checkout)], checkout.tell)
    assert error.value.code == "state-misplaced"
    found = survey(Reader(checkout.ground), [ground.instance(checkout)], limit=1)
    assert (len(found.misplaced), len(found.unclaimed), found.unread) == (1, 206, 205)


@pytest.mark.parametrize("adopted", [False, True])
def test_a_state_that_is_known_to_be_anothers_is_not_advised_to_be_taken(ground: Ground, adopted: bool) -> None:
    """Whose it is is named instead, though that one does not claim it any more."""
    ground.locally()
    state(ground.root / "components/gone" / WORKSPACE / "terraform.tfstate")
    known, other = lineages_of(ground.folder), InstanceKey(STACK, "cluster")
    if adopted:
        remember_lineages(known, {str(other): "l"})
    else:
        place = FilePlace(Path("somewhere"))
        remember_state(known, other, place, State.parse({"version": 4, "lineage": "l", "resources": [RESOURCE]}))
    checkout = ground.checkout()
    with pytest.raises(Conflict) as error:
        check_state_places(checkout.ground, [ground.instance(checkout)], checkout.tell)
    assert (error.value.code, error.value.facts["owner"]) == ("state-misplaced", f"{STACK}/cluster")
    assert f"was {STACK}/cluster's" in error.value.message
    assert not isinstance(error.value.next_step, Next)
    assert f"Look why {STACK}/cluster does not claim it" in str(error.value.next_step)
    assert "gaia move" not in str(error.value.next_step)


def test_one_that_had_another_state_is_not_advised_to_take_what_lies_around(ground: Ground) -> None:
    """It has lost its own."""
    ground.locally()
    state(ground.root / "components/gone" / WORKSPACE / "terraform.tfstate")
    known = State.parse({"version": 4, "lineage": "mine", "resources": [RESOURCE]})
    remember_state(lineages_of(ground.folder), InstanceKey(STACK, "net"), FilePlace(Path("somewhere")), known)
    checkout = ground.checkout()
    with pytest.raises(Conflict, match="lineage mine") as error:
        check_state_places(checkout.ground, [ground.instance(checkout)], checkout.tell)
    assert error.value.code == "state-lost"


def test_what_could_not_be_looked_at_is_told(ground: Ground) -> None:
    """A state that does not read may be this instance's; nothing is told of an instance that has its own."""
    ground.locally()
    told: list[str] = []
    ground.more["tell"] = told.append
    torn = ground.root / "components/renamed/terraform.tfstate"
    torn.parent.mkdir()
    torn.write_text("{")
    checkout = ground.checkout()
    check_state_places(checkout.ground, [ground.instance(checkout)], checkout.tell)
    assert told == [
        "acme-use1-dev/net has no state, and 1 state that no instance claims could not be looked into",
    ]
    state(ground.home / WORKSPACE / "terraform.tfstate")
    check_state_places(checkout.ground, [ground.instance(checkout)], checkout.tell)
    assert len(told) == 1


def test_a_bucket_that_cannot_be_listed_is_told(ground: Ground) -> None:
    """States may lie in it that nobody looked at."""
    ground.shell |= {"AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nowhere"}
    checkout = ground.checkout()
    found = survey(Reader(checkout.ground), [ground.instance(checkout)])
    [gap] = found.gaps
    assert "s3://b: only terraform finds the credentials" in gap


def test_a_null_of_the_env_section_sets_nothing(ground: Ground) -> None:
    """Neither where a state is looked for nor for terraform."""
    text = (ground.root / "stacks/_defaults.yaml").read_text().replace(", region: us-east-1}}", "}}")
    ground.write(**{"stacks/_defaults.yaml": text})
    ground.net("env: {AWS_REGION: null, AWS_DEFAULT_REGION: eu-west-1}")
    checkout = ground.checkout()
    instance = ground.instance(checkout)
    assert instance.environ == {"AWS_DEFAULT_REGION": "eu-west-1"}
    place = Reader(checkout.ground).place(instance)
    assert isinstance(place, ObjectPlace)
    assert place.bucket.region == "eu-west-1"


class _Locked(BaseHTTPRequestHandler):
    """A bucket with two states; the lock of one may not be read."""

    def do_GET(self) -> None:
        """The list, a state, or no answer."""
        lock = self.path.endswith(".tflock")
        self.send_response(403 if lock else 200)
        self.end_headers()
        key = f"key/{WORKSPACE.partition('/')[2]}/k.tflock"
        listed = f"<R><Contents><Key>{key}</Key></Contents></R>".encode()
        self.wfile.write(listed if "list-type" in self.path else b"" if lock else b'{"version": 4}')

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing."""


def test_a_lock_that_may_not_be_read_is_of_its_instance_alone(ground: Ground) -> None:
    """The others are surveyed."""
    server = HTTPServer(("127.0.0.1", 0), _Locked)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        settings = "bucket: b, key: k, region: us-east-1, access_key: a, secret_key: s, use_lockfile: true"
        s3 = f"{{{settings}, endpoints: {{s3: 'http://127.0.0.1:{server.server_address[1]}'}}}}"
        before = (ground.root / "stacks/_defaults.yaml").read_text().partition("terraform:")[0]
        backend = f"terraform: {{backend_type: s3, backend: {{s3: {s3}}}}}\n"
        both = "{other: {metadata: {component: key}}, net: {metadata: {component: key}}}"
        ground.write(**{
            "stacks/_defaults.yaml": before + backend,
            "stacks/net.yaml": f"import: [_defaults]\ncomponents: {{terraform: {both}}}\n",
        })  # fmt: skip
        checkout = ground.checkout()
        both_of = [ground.instance(checkout, name) for name in ("net", "other")]
        net, other = survey(Reader(checkout.ground), both_of).readings.values()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert net.error is not None
    assert net.error.code == "state-refused"
    assert (other.error, other.state is not None) == (None, True)


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("destroy", [True, False])
def test_two_that_have_one_state_are_not_planned(ground: Ground, exists: bool, destroy: bool) -> None:
    """Neither before the state is there nor after: whoever changes one changes the other, and destroys it."""
    ground.locally()
    one = "{metadata: {component: key, terraform_workspace: both}, vars: {text: shared}}"
    ground.write(
        **{"stacks/net.yaml": f"import: [_defaults]\ncomponents: {{terraform: {{net: {one}, twin: {one}}}}}\n"}
    )
    if exists:
        state(ground.root / "components/key/terraform.tfstate.d/both/terraform.tfstate")
    checkout = ground.checkout()
    for component in ("net", "twin"):
        with pytest.raises(Conflict) as caught:
            checkout.check_plan(ground.instance(checkout, component), destroy=destroy)
        assert caught.value.code == "state-shared"


def test_a_neighbor_whose_program_is_not_here_stops_nobody(ground: Ground) -> None:
    """Where its state lies can be said all the same: neither one that has a state nor a new one waits for it."""
    ground.locally()
    key = "{metadata: {component: key}, vars: {text: shared}}"
    nowhere = "{metadata: {component: key}, command: nowhere}"
    ground.write(
        **{"stacks/net.yaml": f"import: [_defaults]\ncomponents: {{terraform: {{net: {key}, far: {nowhere}}}}}\n"}
    )

    def make(redact: Redactor, command: str) -> Terraform:
        if command == "nowhere":
            raise Unavailable("terraform-missing", "there is no nowhere", next_step="Install it.")
        return ground.terraform(redact, command)

    checkout = replace(ground.checkout(), make_terraform=make)
    for destroy in (False, True):
        checkout.check_plan(ground.instance(checkout), destroy=destroy)
    state(ground.root / "components/key" / WORKSPACE / "terraform.tfstate")
    for destroy in (False, True):
        checkout.check_plan(ground.instance(checkout), destroy=destroy)
    with pytest.raises(Unavailable):
        checkout.check_plan(ground.instance(checkout, "far"))
