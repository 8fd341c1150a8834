"""From which address a call comes where proxies stand before the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient
from tests.unit.api.conftest import served_of

from gaia.api.app import make_api
from gaia.api.limits import Limits
from gaia.api.proxies import Proxies
from gaia.errors import Invalid

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

TRUSTED = {"GAIA_TRUSTED_PROXIES": "10.0.0.0/8, 2001:db8:1::/48"}
BY_RFC = {**TRUSTED, "GAIA_PROXY_HEADER": "Forwarded"}


def seen(environ: dict[str, str], peer: str, *lines: tuple[str, str]) -> str:
    """The address of a call that comes from `peer` with these lines of headers."""
    headers = [(name.lower().encode(), value.encode()) for name, value in lines]
    return Proxies.capture(environ).address(Request({"type": "http", "client": (peer, 1), "headers": headers}))


@pytest.mark.parametrize(
    ("peer", "said", "address"),
    [
        ("10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6, 1.2.3.4, 10.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6", "1.2.3.4, 10.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["10.9.9.9"], "10.9.9.9"),
        ("10.0.0.1", ["1.2.3.4:5678"], "1.2.3.4"),
        ("2001:db8:1::1", ["[2001:db9::5]:88"], "2001:db9::/64"),
        ("10.0.0.1", ["::ffff:1.2.3.4"], "1.2.3.4"),
        ("::ffff:10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("9.9.9.9", ["1.2.3.4"], "9.9.9.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["6.6.6.6, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["6.6.6.6, \x1b[31m"], "10.0.0.1"),
        ("10.0.0.1", ["6.6.6.6,"], "10.0.0.1"),
        ("10.0.0.1", ["1.2.3.4, " + "10.0.0.2, " * 50 + "10.0.0.3"], "10.0.0.2"),
        ("testclient", ["1.2.3.4"], "testclient"),
    ],
)
def test_what_a_trusted_proxy_says_is_believed_and_nothing_left_of_it(peer: str, said: list[str], address: str) -> None:
    """From the right, as far as proxies of ours go; who is none may write what they like."""
    assert seen(TRUSTED, peer, *(("X-Forwarded-For", one) for one in said)) == address


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("for=1.2.3.4", "1.2.3.4"),
        ('for=6.6.6.6, For="[2001:db9::1]:47";proto=http, for=10.2.3.4;by=10.1.1.1', "2001:db9::/64"),
        ('for="evil, for="[2001:db9::1]"', "2001:db9::/64"),
        ('for=1.2.3.4;host="a,b, for=6.6.6.6"', "1.2.3.4"),
        ("for=6.6.6.6, for=_hidden", "10.0.0.1"),
        ("for=6.6.6.6, proto=https", "10.0.0.1"),
        ("for=6.6.6.6, ", "10.0.0.1"),
        ('"' * 5000, "10.0.0.1"),
        ("," * 5000, "10.0.0.1"),
    ],
)
def test_the_header_of_the_rfc_is_read_where_that_is_what_the_proxy_sets(said: str, address: str) -> None:
    """RFC 7239; the other header, which such a proxy hands on as it came, is not looked at."""
    assert seen(BY_RFC, "10.0.0.1", ("Forwarded", said), ("X-Forwarded-For", "6.6.6.6")) == address


def test_without_trusted_proxies_no_header_counts() -> None:
    """A call comes from where it comes."""
    assert seen({}, "10.0.0.1", ("X-Forwarded-For", "1.2.3.4"), ("Forwarded", "for=1.2.3.4")) == "10.0.0.1"


@pytest.mark.parametrize(
    "environ",
    [
        {"GAIA_TRUSTED_PROXIES": "proxy.example.com"},
        {"GAIA_TRUSTED_PROXIES": "10.0.0.1/8"},
        {"GAIA_TRUSTED_PROXIES": "10.0.0.0/8 10.1.1.1"},
        {**TRUSTED, "GAIA_PROXY_HEADER": "X-Real-IP"},
    ],
)
def test_settings_that_mean_nothing_are_refused(environ: dict[str, str]) -> None:
    """The server does not begin: whom it holds back would be another than was meant."""
    with pytest.raises(Invalid) as refused:
        Proxies.capture(environ)
    assert refused.value.code == "proxies-invalid"


def test_who_guesses_behind_a_proxy_is_held_back_alone(waiting: Loop) -> None:
    """By the address that the proxy gives; an invented one left of it neither frees them nor holds another back."""
    app = make_api(
        served_of(waiting),
        limits=Limits(failures=2, failures_per_second=0.001),
        proxies=Proxies.capture(TRUSTED),
    )
    with TestClient(app, client=("10.0.0.1", 1)) as client:

        def guess(said: str) -> int:
            headers = {"Authorization": "Bearer gaia_tok_wrong", "X-Forwarded-For": said}
            return int(client.get("/api/v1/me", headers=headers).status_code)

        assert [guess(f"7.7.7.{n}, 6.6.6.6") for n in range(4)] == [401, 401, 429, 429]
        assert [guess("6.6.6.6, 7.7.7.1"), guess("7.7.7.0")] == [401, 401]
