"""Calls whose answer never came: the line was held while Gaia was interrupted, or cut."""

from __future__ import annotations

import signal
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.integration.line import a_line
from tests.integration.operations.conftest import ONE_OF_EACH, wait_for

if TYPE_CHECKING:
    from tests.integration.line import Fate, Request
    from tests.integration.operations.conftest import Case


def interrupted_while_held(case: Case, call: str) -> None:
    """SIGINT while AWS has done this call and its answer is on the way; another process finishes."""
    with a_line(case.cloud.url, lambda request: "hold" if str(request) == call else "pass") as line:
        case.config["environ"]["AWS_ENDPOINT_URL"] = line.url
        process = case.start()
        assert wait_for(case, process, line.held.is_set), case.log()
        process.send_signal(signal.SIGINT)
        process.wait(300)
    assert case.journal[-1].facts["code"] == "interrupted"
    assert any(entry.kind == "unanswered" for entry in case.journal)
    case.config["environ"]["AWS_ENDPOINT_URL"] = case.cloud.url
    outcome = case.perform()
    assert outcome["status"] == "applied", outcome
    assert case.cloud.count() == ONE_OF_EACH


@pytest.mark.cloud
def test_a_bucket_made_while_its_answer_was_lost_is_adopted(case: Case) -> None:
    """It has no tag yet, and its creation "failed": only that nobody answered. It is this operation's own."""
    interrupted_while_held(case, f"PUT /{case.config['variables']['name']}")


@pytest.mark.chaos
@pytest.mark.parametrize("call", ["TrentService.CreateKey", "CreateRole", "CreatePolicy"])
def test_a_thing_made_while_its_answer_was_lost_is_adopted(case: Case, call: str) -> None:
    """The same for what is found by its tag or its name."""
    interrupted_while_held(case, f"POST / {call}")


@pytest.mark.cloud
def test_a_call_whose_answer_was_cut_off_is_tried_again(case: Case) -> None:
    """Every call loses its first answer after it was carried out: it is sent again, and nothing is made twice."""
    seen: Counter[str] = Counter()

    def first_is_cut(request: Request) -> Fate:
        seen[str(request)] += 1
        return "cut" if seen[str(request)] == 1 else "pass"

    with a_line(case.cloud.url, first_is_cut) as line:
        case.config["environ"]["AWS_ENDPOINT_URL"] = line.url
        outcome = case.perform()
    assert outcome["status"] == "applied", outcome
    assert outcome["changed"] == {"create": 10}
    assert seen["POST / TrentService.CreateKey"] > 1
    assert case.cloud.count() == ONE_OF_EACH
