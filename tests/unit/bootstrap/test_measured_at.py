"""Where Prometheus reads a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from gaia.bootstrap.measured_at import measured_at
from gaia.errors import GaiaError
from gaia.platform.views.measures import Measures

if TYPE_CHECKING:
    from pathlib import Path


def test_a_worker_answers_prometheus_and_nobody_else(migrated: Path) -> None:
    """`/metrics` and `/healthz`, and no other path; nothing of them is in a log."""
    measures = Measures()
    with measured_at("127.0.0.1:0", measures, migrated) as address:
        answer = httpx.get(address)
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert b"\ngaia_database_up 1.0\n" in answer.content
        assert httpx.get(address.replace("/metrics", "/healthz")).text == "ok\n"
        assert httpx.get(address.replace("/metrics", "/")).status_code == 404
        assert httpx.post(address).status_code == 501


def test_where_the_records_cannot_be_read_the_rest_is_told(tmp_path: Path) -> None:
    """Prometheus keeps what the process did, and an alert can tell that the database is away."""
    with measured_at("127.0.0.1:0", Measures(), tmp_path / "missing.db") as address:
        text = httpx.get(address).content
    assert b"\ngaia_database_up 0.0\n" in text
    assert b"\ngaia_oldest_run_seconds{" not in text


@pytest.mark.parametrize(
    "address",
    ["", "9464", ":9464", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:-1", "h:\u0663", "\x1b[2J:1x", "x" * 5000],
)
def test_what_is_no_address_is_refused(address: str, tmp_path: Path) -> None:
    """With how one is written."""
    with pytest.raises(GaiaError) as caught, measured_at(address, Measures(), tmp_path / "x.db"):
        pass
    assert caught.value.code == "metrics-address-invalid"
    assert "\x1b" not in caught.value.message


def test_an_address_that_is_taken_or_nobodys_is_said(tmp_path: Path) -> None:
    """Both ends of the range of what can be wrong with one that is written well."""
    with measured_at("127.0.0.1:0", Measures(), tmp_path / "x.db") as address:
        taken = address.removeprefix("http://").removesuffix("/metrics")
        for one in (taken, "203.0.113.9:0", "no-such-host.invalid:0"):
            with pytest.raises(GaiaError) as caught, measured_at(one, Measures(), tmp_path / "x.db"):
                pass
            assert caught.value.code == "port-unusable"
