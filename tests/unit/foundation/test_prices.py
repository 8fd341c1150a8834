"""The price book as a process opens it: with what was fetched and with the user's own prices."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gaia.bootstrap.prices import fetched, holdings, prices, refresh
from gaia.cost.book import shipped
from gaia.cost.model import PriceKey
from gaia.cost.shelf import write_shelf
from gaia.errors import Invalid, NotFound, Unavailable
from gaia.settings import Settings

KEY = PriceKey("awskms", "Encryption Key", "key")
LIST = """\
"FormatVersion","v1.0"
"Disclaimer","as is"
"Publication Date","2026-11-27T12:00:00Z"
"Version","1"
"OfferCode","awskms"
"SKU","TermType","StartingRange","Unit","PricePerUnit","Currency","Product Family","Location Type","usageType"
"A","OnDemand","0","Keys","1.2500000000","USD","Encryption Key","AWS Region","eu-west-1-KMS-Keys"
"""
Serve = Callable[[Path], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves a folder; gives its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(folder: Path) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Nothing."""


def _settings(tmp_path: Path, **environ: str) -> Settings:
    return Settings.capture({"HOME": str(tmp_path), "GAIA_HOME": str(tmp_path / "home"), **environ}, tmp_path)


def test_the_shipped_prices_are_there_without_any_setting(tmp_path: Path) -> None:
    """Nothing is written to the home for it."""
    price = prices(_settings(tmp_path)).price("us-east-1", KEY)
    assert price is not None
    assert price.usd == Decimal(1)
    assert not (tmp_path / "home").exists()


def test_own_prices_and_discounts_count(tmp_path: Path) -> None:
    """From the file that GAIA_PRICES names."""
    (tmp_path / "own.yaml").write_text("discounts:\n- {service: awskms, percent: 50}\n")
    book = prices(_settings(tmp_path, GAIA_PRICES="own.yaml"))
    price = book.price("us-east-1", KEY)
    assert price is not None
    assert price.usd == Decimal("0.5")
    assert book.sources["private"] == str(tmp_path / "own.yaml")


def test_a_file_that_is_not_there_is_no_empty_one(tmp_path: Path) -> None:
    """A misspelled name would let every discount go unseen."""
    with pytest.raises(NotFound) as caught:
        prices(_settings(tmp_path, GAIA_PRICES="own.yaml"))
    assert caught.value.code == "prices-missing"


def test_what_was_fetched_is_in_the_home(tmp_path: Path) -> None:
    """A broken file there is an error: falling back to older prices would go unseen."""
    settings = _settings(tmp_path)
    write_shelf(fetched(settings), [], {"aws": "the price list"})
    assert prices(settings).sources["aws"] == "the price list"
    fetched(settings).write_bytes(b"nonsense")
    with pytest.raises(Unavailable) as caught:
        prices(settings)
    assert caught.value.code == "price-book-unreadable"


def test_the_limit_of_age_is_a_number_of_days(tmp_path: Path) -> None:
    """What is older is refused; another word is, too, and a number that none could read."""
    assert prices(_settings(tmp_path, GAIA_PRICES_MAX_DAYS="100000")).prices is not None
    for said in ("a year", "9" * 5000, "²", "\u0667"):
        with pytest.raises(Invalid) as caught:
            prices(_settings(tmp_path, GAIA_PRICES_MAX_DAYS=said))
        assert caught.value.code == "prices-invalid"
    assert shipped().newest > "2026"


def test_what_the_book_holds_is_told_also_when_it_is_too_old(tmp_path: Path) -> None:
    """Else nobody could see why."""
    (tmp_path / "own.yaml").write_text("")
    settings = _settings(tmp_path, GAIA_PRICES="own.yaml", GAIA_PRICES_MAX_DAYS="0")
    held = holdings(settings)
    assert held.prices > 70_000
    assert held.private == str(tmp_path / "own.yaml")
    assert {stock.fetched for stock in held.stocks} == {False}
    assert len(held.files) == 1


def test_prices_are_fetched_from_a_server_and_used(tmp_path: Path, serve: Serve) -> None:
    """The index, then the list of each region; the second time of the same regions; then they are what counts."""
    lists = tmp_path / "lists/offers/v1.0/aws/awskms"
    (lists / "1/eu-west-1").mkdir(parents=True)
    (lists / "current").mkdir()
    (lists / "current/region_index.json").write_text(
        '{"regions": {"eu-west-1": {"currentVersionUrl": "/offers/v1.0/aws/awskms/1/eu-west-1/index.json"}}}'
    )
    (lists / "1/eu-west-1/index.csv").write_text(LIST)
    settings = _settings(tmp_path, GAIA_PRICES_MIRROR=serve(tmp_path / "lists"))
    seen: list[str] = []

    def on_progress(name: str, here: int, whole: int | None) -> None:
        del here, whole
        seen.append(name)

    with pytest.raises(Invalid) as caught:
        refresh(settings, [], ["awskms"])
    assert caught.value.code == "regions-missing"
    (report,) = refresh(settings, ["eu-west-1"], ["awskms"], on_progress=on_progress)
    assert (report.prices, report.published, set(seen)) == (1, "2026-11-27", {"awskms", "awskms in eu-west-1"})
    assert len(refresh(settings, [], ["awskms"])) == 1
    price = prices(settings).price("eu-west-1", KEY)
    assert price is not None
    assert (price.usd, price.as_of) == (Decimal("1.25"), "2026-11-27")
    assert [stock.region for stock in holdings(settings).stocks if stock.fetched] == ["eu-west-1"]
