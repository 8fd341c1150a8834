"""gaia.terraform.install against a release site on the loopback interface."""

from __future__ import annotations

import hashlib
import io
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from tests.unit.terraform.release_site import ARCHIVE, PROGRAM, Exchange, Site, archive_of

from gaia.errors import GaiaError, ToolFailed, Unavailable
from gaia.kit import files
from gaia.terraform import download
from gaia.terraform.install import Release, install

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PLATFORM = "linux_amd64"
PATH = f"/terraform_9.9.9_{PLATFORM}.zip"


@pytest.fixture
def site() -> Iterator[Site]:
    """A release site that serves the good archive until the test says otherwise."""
    with Site() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@dataclass
class Installer:
    """`install` with a pin that names the loopback site."""

    site: Site
    cache: Path
    progress: list[tuple[int, int | None]] = field(default_factory=list)
    archive: bytes = ARCHIVE
    report: Callable[[int, int | None], None] | None = None

    def __call__(self, **environ: str) -> Path:
        """Install with these variables in the environment."""
        pin = Release(
            "terraform",
            "9.9.9",
            self.site.url + "/terraform_{version}_{platform}.zip",
            {PLATFORM: hashlib.sha256(self.archive).hexdigest()},
        )
        return install(
            "terraform",
            cache=self.cache,
            environ=environ,
            on_progress=self.report or (lambda came, whole: self.progress.append((came, whole))),
            pins={"terraform": pin},
            platform=PLATFORM,
        )

    @property
    def part(self) -> Path:
        """Where a part of the archive is kept."""
        return self.cache / "tools/terraform" / f"9.9.9_{PLATFORM}.zip.part"

    def nothing_installed(self) -> bool:
        """Whether no program, nor a draft of one, is there."""
        folder = self.cache / "tools/terraform/9.9.9"
        return not folder.exists() or not list(folder.iterdir())


@pytest.fixture
def installer(site: Site, tmp_path: Path) -> Installer:
    """An installer with an empty cache."""
    return Installer(site, tmp_path / "cache")


def code_of(call: Callable[[], object], kind: type[GaiaError]) -> str:
    """The code of the error that `call` ends with."""
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    assert caught.value.next_step
    return caught.value.code


def test_the_program_arrives_whole_and_executable(installer: Installer) -> None:
    """The right member is there with the right bytes and rights, and the archive is gone."""
    program = installer()
    assert program == installer.cache / "tools/terraform/9.9.9/terraform"
    assert program.read_bytes() == PROGRAM
    assert program.stat().st_mode & 0o777 == 0o755
    assert [path.name for path in program.parent.iterdir()] == ["terraform"]
    assert not installer.part.exists()


def test_progress_runs_from_nothing_to_the_whole(installer: Installer) -> None:
    """The callback gets growing numbers and the size that the server announced."""
    installer()
    came = [bytes_ for bytes_, _ in installer.progress]
    assert came == sorted(came)
    assert (came[0], came[-1]) == (0, len(ARCHIVE))
    assert {whole for _, whole in installer.progress} == {len(ARCHIVE)}


def test_a_second_call_fetches_nothing(installer: Installer) -> None:
    """What is installed is used."""
    assert installer() == installer()
    assert len(installer.site.seen) == 1


def test_a_cut_connection_is_continued_at_once(installer: Installer) -> None:
    """Each further request asks only for what is missing, in the same call."""
    third = len(ARCHIVE) // 3
    installer.site.answer = lambda exchange: exchange.serve(ARCHIVE, cut=third)
    assert installer().read_bytes() == PROGRAM
    assert [asked for _, asked in installer.site.seen] == [None, f"bytes={third}-", f"bytes={2 * third}-"] + (
        [f"bytes={3 * third}-"] if len(ARCHIVE) % 3 else []
    )


def test_an_interrupted_download_goes_on_in_the_next_call(installer: Installer) -> None:
    """The part stays in the cache, nothing is installed, and the next call asks only for the rest."""
    half = len(ARCHIVE) // 2
    installer.site.answer = lambda exchange: exchange.serve(ARCHIVE, cut=0 if exchange.start() else half)
    assert code_of(installer, Unavailable) == "download-interrupted"
    assert installer.part.read_bytes() == ARCHIVE[:half]
    assert installer.nothing_installed()

    installer.site.seen.clear()
    installer.site.answer = lambda exchange: exchange.serve(ARCHIVE)
    assert installer().read_bytes() == PROGRAM
    assert installer.site.seen == [(PATH, f"bytes={half}-")]


def test_a_caller_that_gives_up_loses_nothing(installer: Installer) -> None:
    """An exception out of the progress callback (Ctrl-C) keeps what has come, and installs nothing."""

    def give_up(came: int, _: int | None) -> None:
        if came:
            raise KeyboardInterrupt

    installer.report = give_up
    with pytest.raises(KeyboardInterrupt):
        installer()
    assert ARCHIVE.startswith(installer.part.read_bytes())
    assert installer.part.stat().st_size > 0
    assert installer.nothing_installed()


def test_a_server_without_ranges_starts_over(installer: Installer) -> None:
    """A 200 to a request for the rest replaces the part instead of being glued to it."""
    installer.part.parent.mkdir(parents=True)
    installer.part.write_bytes(ARCHIVE[:1000])
    installer.site.answer = lambda exchange: exchange.reply(ARCHIVE)
    assert installer().read_bytes() == PROGRAM


def test_a_part_of_another_file_is_fetched_again_from_the_start(installer: Installer) -> None:
    """A stale part cannot make a good release look tampered with."""
    installer.part.parent.mkdir(parents=True)
    installer.part.write_bytes(b"x" * 1000)
    assert installer().read_bytes() == PROGRAM
    assert [asked for _, asked in installer.site.seen] == ["bytes=1000-", None]


def test_a_whole_part_needs_no_byte_more(installer: Installer) -> None:
    """A crash between download and unpacking: the server says there is nothing more, and the sum is right."""
    installer.part.parent.mkdir(parents=True)
    installer.part.write_bytes(ARCHIVE)
    assert installer().read_bytes() == PROGRAM


def test_another_part_than_asked_for_is_thrown_away(installer: Installer) -> None:
    """A 206 that begins elsewhere is not appended."""
    installer.part.parent.mkdir(parents=True)
    installer.part.write_bytes(ARCHIVE[:1000])
    installer.site.answer = lambda exchange: exchange.reply(ARCHIVE[5:], status=206, Content_Range="bytes 5-9/10")
    assert code_of(installer, Unavailable) == "download-failed"
    assert not installer.part.exists()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(ARCHIVE[:-1] + b"!", id="one byte changed"),
        pytest.param(ARCHIVE + b"more", id="bytes added"),
        pytest.param(archive_of({"terraform": b"#!/bin/sh\nevil"}), id="another program"),
        pytest.param(b"<html>Please log in</html>", id="a login page"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_not_the_pinned_archive_is_refused(installer: Installer, body: bytes) -> None:
    """A wrong sum installs nothing and keeps nothing, so the next try starts clean."""
    installer.site.answer = lambda exchange: exchange.reply(body)
    assert code_of(installer, ToolFailed) == "checksum-mismatch"
    assert installer.nothing_installed()
    assert not installer.part.exists()


def test_a_length_that_promises_too_much_does_not_hide_a_whole_file(installer: Installer) -> None:
    """The sum decides, not the header: what came is whole."""
    installer.site.answer = lambda exchange: (
        exchange.serve(ARCHIVE) if exchange.start() else exchange.reply(ARCHIVE, Content_Length=str(len(ARCHIVE) + 9))
    )
    assert installer().read_bytes() == PROGRAM


def test_a_length_that_promises_too_little_is_no_release(installer: Installer) -> None:
    """Only the promised bytes are read, and their sum is wrong."""
    installer.site.answer = lambda exchange: exchange.reply(ARCHIVE, Content_Length="1000")
    assert code_of(installer, ToolFailed) == "checksum-mismatch"
    assert installer.nothing_installed()


def test_no_length_at_all_is_fine(installer: Installer) -> None:
    """Without a Content-Length the end of the connection is the end of the file, and the whole is unknown."""

    def answer(exchange: Exchange) -> None:
        exchange.send_response(200)
        exchange.end_headers()
        exchange.wfile.write(ARCHIVE)

    installer.site.answer = answer
    assert installer().read_bytes() == PROGRAM
    assert {whole for _, whole in installer.progress} == {None}


def test_more_than_any_release_is_cut_off(installer: Installer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endless answer ends the download, not the disk."""
    monkeypatch.setattr(download, "_LARGEST", 1000)
    assert code_of(installer, ToolFailed) == "download-too-large"
    assert installer.nothing_installed()


def test_redirects_are_followed_with_the_range(installer: Installer) -> None:
    """Release sites redirect to a storage host."""
    installer.part.parent.mkdir(parents=True)
    installer.part.write_bytes(ARCHIVE[:1000])
    installer.site.answer = lambda exchange: (
        exchange.serve(ARCHIVE)
        if exchange.path == "/elsewhere"
        else exchange.reply(b"", status=302, Location=installer.site.url + "/elsewhere")
    )
    assert installer().read_bytes() == PROGRAM
    assert installer.site.seen == [(PATH, "bytes=1000-"), ("/elsewhere", "bytes=1000-")]


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/x", "file:///etc/passwd"])
def test_redirects_lead_to_no_other_scheme(installer: Installer, target: str) -> None:
    """A redirect reads no file and speaks no other protocol."""
    installer.site.answer = lambda exchange: exchange.reply(b"", status=302, Location=target)
    assert code_of(installer, Unavailable) == "download-failed"


def test_an_encrypted_download_is_not_led_to_a_plain_one() -> None:
    """From https only https is followed."""
    import http.client
    import urllib.error
    import urllib.request

    request = urllib.request.Request("https://releases.example/x")
    with pytest.raises(urllib.error.HTTPError, match="redirect to http://"):
        download._Redirects().redirect_request(
            request,
            io.BytesIO(),
            302,
            "Found",
            http.client.HTTPMessage(),
            "http://releases.example/x",
        )


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_server_that_says_no_is_named(installer: Installer, status: int) -> None:
    """The error holds the address and the status; it is asked once."""
    installer.site.answer = lambda exchange: exchange.reply(b"", status=status)
    with pytest.raises(Unavailable, match=f"{PATH}: the server answers {status}") as caught:
        installer()
    assert caught.value.code == "download-failed"
    assert len(installer.site.seen) == 1
    assert installer.nothing_installed()


def test_nobody_listening_is_named(installer: Installer) -> None:
    """A refused connection is `download-failed`, with the proxy variables in the next step."""
    installer.site.shutdown()
    installer.site.server_close()
    with pytest.raises(Unavailable) as caught:
        installer()
    assert caught.value.code == "download-failed"
    assert "https_proxy" in caught.value.next_step


@pytest.fixture
def _no_process_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.usefixtures("_no_process_proxies")
@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_the_captured_proxy_is_used(installer: Installer, variable: str) -> None:
    """A proxy is asked for the whole address; the release site itself need not be reachable."""
    proxy = installer.site.url
    installer.site = type("Elsewhere", (), {"url": "http://releases.invalid"})()
    assert installer(**{variable: proxy}).read_bytes() == PROGRAM


@pytest.mark.usefixtures("_no_process_proxies")
def test_no_proxy_goes_straight(installer: Installer) -> None:
    """A host in `no_proxy` is asked directly, though the proxy is dead."""
    assert installer(http_proxy="http://127.0.0.1:1", no_proxy="127.0.0.1").read_bytes() == PROGRAM


def test_a_mirror_of_the_release_site_is_used(installer: Installer) -> None:
    """`GAIA_TOOLS_MIRROR` replaces the site; the sum stays the pinned one."""
    assert installer(GAIA_TOOLS_MIRROR=installer.site.url + "/mirror/").read_bytes() == PROGRAM
    assert installer.site.seen == [(f"/mirror/terraform/9.9.9{PATH}", None)]


@pytest.mark.parametrize(
    "archive",
    [
        pytest.param(b"no zip archive at all", id="no archive"),
        pytest.param(archive_of({"../terraform": PROGRAM, "bin/terraform": PROGRAM}), id="other names"),
        pytest.param(ARCHIVE.replace(PROGRAM[:64], b"?" * 64), id="wrong CRC"),
    ],
)
def test_a_pinned_archive_that_is_no_release_installs_nothing(installer: Installer, archive: bytes) -> None:
    """Even with the right sum only a member of the exact name is unpacked."""
    installer.archive = archive
    installer.site.answer = lambda exchange: exchange.serve(archive)
    assert code_of(installer, ToolFailed) == "archive-damaged"
    assert installer.nothing_installed()
    assert not installer.part.exists()
    assert not (installer.cache / "tools/terraform/terraform").exists()


def test_two_at_once_do_not_mix(installer: Installer) -> None:
    """While one process installs, another is told so and touches nothing."""
    with files.exclusive(installer.cache / "tools/terraform/9.9.9.lock"):
        assert code_of(installer, Unavailable) == "install-running"
    assert installer.site.seen == []
    assert installer().read_bytes() == PROGRAM


def test_a_full_disk_says_so(installer: Installer, monkeypatch: pytest.MonkeyPatch) -> None:
    """`disk-full`, with nothing installed."""
    import errno

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("gaia.terraform.download.os.fsync", full)
    assert code_of(installer, Unavailable) == "disk-full"
    assert installer.nothing_installed()
