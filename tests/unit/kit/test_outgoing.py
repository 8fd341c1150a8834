"""What Gaia calls when somebody gives it a URL, and what it does not."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from gaia.errors import GaiaError
from gaia.kit import outgoing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EVERYWHERE = "0.0.0.0"  # noqa: S104 - an address to refuse


def at(*addresses: str) -> outgoing.Resolve:
    """A resolver that knows every name to be there."""

    def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return resolve


@contextmanager
def server(status: int = 200, body: bytes = b"hello", **headers: str) -> Iterator[tuple[int, list[str]]]:
    """A server on this machine: its port, and the `Host` of each call."""
    hosts: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hosts.append(self.headers["Host"])
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield made.server_address[1], hosts
    finally:
        made.shutdown()
        made.server_close()


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "172.16.0.1",
            "100.64.0.1",
            "169.254.169.254",
            EVERYWHERE,
            "224.0.0.1",
        ),
        *("::1", "::", "fe80::1", "fd00:ec2::254", "fc00::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::"),
        *("fec0::1", "feff::1", "192.0.0.9", "192.0.0.192", "192.0.0.255", "100.100.100.200", "fd20:ce::254"),
        *("240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1"),
    ],
)
def test_addresses_that_are_not_of_the_internet_are_refused(address: str) -> None:
    """However they are written: as IPv6, or an IPv4 address inside of one."""
    with pytest.raises(GaiaError) as error:
        outgoing.check_url("https://hook.example", resolve=at(address))
    assert error.value.code == "url-refused"


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "169.254.0.1", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254", EVERYWHERE),
        *("100.100.100.200", "192.0.0.192", "fd20:ce::254", "::ffff:100.100.100.200", "64:ff9b::c000:c0"),
    ],
)
def test_the_metadata_of_a_cloud_is_never_called(address: str) -> None:
    """Where private addresses are allowed, those that give out credentials still are not."""
    with pytest.raises(GaiaError) as error:
        outgoing.check_url("https://hook.example", allow_private=True, resolve=at(address))
    assert error.value.code == "url-refused"


def test_one_bad_address_among_good_ones_refuses_the_name() -> None:
    """The one who owns the name could have the bad one be called."""
    with pytest.raises(GaiaError) as error:
        outgoing.check_url("https://hook.example", resolve=at("93.184.216.34", "127.0.0.1"))
    assert error.value.code == "url-refused"


@pytest.mark.parametrize(
    "url",
    [
        *("", "hook.example", "ftp://hook.example", "file:///etc/passwd", "https://", "https://a:b@hook.example"),
        *("https://hook.example/#x", "https://hook.example\\@evil.example", "https://hook.example/\x1b[2J"),
        *("https://hook example", "https://hook.example:99999", "https://hook.example:0", "https://[::1", "//x"),
        "https://hook.example/" + "x" * 3000,
    ],
)
def test_what_is_no_plain_url_is_refused(url: str) -> None:
    """Before a name is resolved."""
    with pytest.raises(GaiaError) as error:
        outgoing.check_url(url, resolve=at("93.184.216.34"))
    assert error.value.code == "url-unusable"


def test_plain_http_goes_to_ones_own_network_alone() -> None:
    """To the internet, what is sent and answered could be read and changed by others."""
    with pytest.raises(GaiaError) as error:
        outgoing.check_url("http://hook.example", allow_private=True, resolve=at("93.184.216.34"))
    assert error.value.code == "url-refused"
    assert outgoing.check_url("http://hook.example", allow_private=True, resolve=at("10.0.0.1")).port == 80


def test_numbers_that_mean_this_machine_are_found_out() -> None:
    """The system's resolver reads them as it would when connecting."""
    for host in ("127.1", "2130706433", "0x7f000001", "localhost"):
        with pytest.raises(GaiaError):
            outgoing.check_url(f"https://{host}/")


def test_a_call_goes_to_the_address_that_was_looked_at() -> None:
    """The name is resolved once a call, and stays in `Host`."""
    asked: list[str] = []

    def once(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    with server() as (port, hosts), outgoing.client(allow_private=True, resolve=once) as calls:
        assert calls.get(f"http://hook.example:{port}/x").text == "hello"
        assert (asked, hosts) == (["hook.example"], [f"hook.example:{port}"])


def test_an_address_that_is_down_gives_way_to_the_next() -> None:
    """A name has several for that."""
    with server() as (port, _), outgoing.client(allow_private=True, resolve=at("127.0.0.9", "127.0.0.1")) as calls:
        assert calls.get(f"http://hook.example:{port}/").text == "hello"


def test_redirects_are_not_followed() -> None:
    """The answer is what the server said, whatever it points at."""
    with server(302, Location="http://169.254.169.254/") as (port, _), outgoing.client(allow_private=True) as calls:
        assert calls.get(f"http://127.0.0.1:{port}/").status_code == 302


def test_a_client_refuses_this_machine_by_itself() -> None:
    """Nobody has to remember to ask `check_url` first."""
    with server() as (port, hosts), outgoing.client() as calls:
        with pytest.raises(GaiaError) as error:
            calls.get(f"http://127.0.0.1:{port}/")
        assert (error.value.code, hosts) == ("url-refused", [])


def test_an_answer_has_an_end() -> None:
    """In bytes as they come; one that would grow when it is unpacked is not read."""
    with server(body=b"x" * 2000) as (port, _), outgoing.client(allow_private=True, largest=1000) as calls:
        with pytest.raises(GaiaError) as error:
            calls.get(f"http://127.0.0.1:{port}/")
        assert error.value.code == "answer-too-large"
    with server(Content_Encoding="gzip") as (port, _), outgoing.client(allow_private=True) as calls:
        with pytest.raises(GaiaError) as error:
            calls.get(f"http://127.0.0.1:{port}/")
        assert error.value.code == "answer-encoded"
