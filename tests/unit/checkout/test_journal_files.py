"""What is done in a checkout that no home serves is written down in files."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import pytest
from tests.unit.checkout.conftest import NET

from gaia.checkout.journal_files import operator
from gaia.cli.next_step import told
from gaia.errors import Conflict
from gaia.operations.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.checkout.conftest import Ground


def test_journals_are_numbered(ground: Ground) -> None:
    """By number, not by name; a stray file is none."""
    checkout = ground.checkout()
    records, net = checkout.records, ground.instance(checkout)
    assert records.numbers(net) == []
    for number in (10, 2):
        records.journal(net, number).append(b"{}")
    folder = ground.folder / "journals" / NET
    for name in ("7x.jsonl", "notes.txt", "\u0663.jsonl"):
        (folder / name).write_text("")
    assert records.numbers(net) == [2, 10]
    assert (folder / "10.jsonl").stat().st_mode & 0o777 == 0o600


def test_another_change_that_did_not_end_is_in_the_way(ground: Ground) -> None:
    """It may have made more than the state has; the refusal says how to finish it."""
    checkout = ground.checkout()
    records, net = checkout.records, ground.instance(checkout)
    journal = Journal(records.journal(net, 1))
    journal.append("begin", operation="apply", instance=NET)
    records.check_finished(net, [])
    journal.append("applying", digest="d", changes=[["aws_kms_key.this", ["create"]]])
    with pytest.raises(Conflict) as caught:
        records.check_finished(net, [])
    assert (caught.value.code, caught.value.facts) == (
        "apply-unfinished", {"instance": NET, "left": ["aws_kms_key.this"]},
    )  # fmt: skip
    assert "gaia terraform apply net -s" in told(caught.value.next_step)
    records.check_finished(net, [records.journal(net, 1)])


def test_one_change_at_a_time(ground: Ground) -> None:
    """Of one instance, on this machine."""
    checkout = ground.checkout()
    records, net = checkout.records, ground.instance(checkout)
    with records.run(net, "apply"):
        with pytest.raises(Conflict) as caught, records.run(net, "destroy"):
            pass
        assert caught.value.code == "operation-running"
    with records.run(net, "destroy"):
        pass


def test_nothing_else_is_kept(ground: Ground) -> None:
    """No lease, no audit log; the caller is the user of this machine."""
    checkout = ground.checkout()
    records, net = checkout.records, ground.instance(checkout)
    records.check_free(net)
    records.note(net, "taint")
    assert records.caller == operator()
    assert not (ground.folder / "journals").exists()


@pytest.mark.parametrize("error", [KeyError, OSError])
def test_a_user_without_a_name(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container there may be none."""

    def nobody() -> str:
        raise error

    name: Callable[[], str] = nobody
    monkeypatch.setattr(getpass, "getuser", name)
    assert operator() == "somebody"
