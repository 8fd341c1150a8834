"""Apply, apply again, destroy, with real terraform against moto; the slower proofs in `make chaos`."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.integration.operations.conftest import NOTHING, ONE_OF_EACH, wait_for

if TYPE_CHECKING:
    from tests.integration.operations.conftest import Case

SECRET = "hunter2-and-more"


@pytest.mark.cloud
def test_apply_again_and_destroy(case: Case) -> None:
    """Applied once; asked again the journal answers; a new run finds nothing to do; destroy leaves nothing."""
    case.config["variables"]["secret"] = SECRET
    first = case.perform()
    assert first["status"] == "applied", first
    assert first["changed"] == {"create": 10}
    assert case.cloud.count() == ONE_OF_EACH
    assert case.cloud.objects() == ["terraform.tfstate"]
    assert case.perform() == first
    assert sum(entry.kind == "applying" for entry in case.journal) == 1

    assert list(first["outputs"]) == ["key_arn"]
    assert first["sensitive_outputs"] == ["secret"]
    for path in (Path(case.config["journal"]), Path(case.config["outcome"]), case.folder / "log.txt"):
        assert SECRET not in path.read_text()

    case.new_run()
    assert case.perform()["status"] == "unchanged"
    case.new_run(destroy=True)
    last = case.perform()
    assert last["status"] == "applied", last
    assert last["resources"] == []
    assert case.cloud.count() == NOTHING
    assert case.survivors() == []


@pytest.mark.cloud
def test_a_foreign_lock_is_never_released(case: Case) -> None:
    """Somebody else's lock object: parked, saying who; the lock and the state stay as they are; later it goes on."""
    s3 = case.cloud.client("s3")
    lock = {
        "ID": "6604db24-1a78-af15-9692-dcb78879b3c6", "Operation": "OperationTypeApply", "Info": "",
        "Who": "ann@laptop", "Version": "1.11.4", "Created": "2026-11-23T23:00:00Z", "Path": "state/terraform.tfstate",
    }  # fmt: skip
    s3.put_object(Bucket="state", Key="terraform.tfstate.tflock", Body=json.dumps(lock).encode())
    outcome = case.perform()
    assert (outcome["status"], outcome["code"]) == ("parked", "lock-foreign"), outcome
    assert "ann@laptop" in outcome["reason"]
    assert case.cloud.objects() == ["terraform.tfstate.tflock"]
    assert case.cloud.count() == NOTHING
    s3.delete_object(Bucket="state", Key="terraform.tfstate.tflock")
    assert case.perform()["status"] == "applied"


@pytest.mark.chaos
def test_an_interrupted_apply_saves_its_state_and_goes_on(case: Case) -> None:
    """SIGINT to Gaia: terraform ends in its own time, no lock is left, and the next process finishes."""
    process = case.start()
    wait_for(case, process, lambda: any(entry.kind == "start" for entry in case.journal))
    process.send_signal(signal.SIGINT)
    process.wait(300)
    assert case.journal[-1].facts["code"] == "interrupted"
    assert "terraform.tfstate.tflock" not in case.cloud.objects()
    assert case.survivors() == []
    outcome = case.perform()
    assert outcome["status"] == "applied", outcome
    assert case.cloud.count() == ONE_OF_EACH


@pytest.mark.chaos
def test_the_local_backend_recovers_too(case: Case) -> None:
    """Its lock dies with its holder; its state is written as it goes; the end is the same."""
    state = case.folder / "local.tfstate"
    case.config |= {"backend_type": "local", "backend": {"path": str(state)}}
    assert case.kill_when(lambda journal: any(entry.kind == "complete" for entry in journal), all_at_once=True)
    outcome = case.perform()
    assert outcome["status"] == "applied", outcome
    assert case.cloud.count() == ONE_OF_EACH
    assert case.survivors() == []
