"""What lies at a place: a state, nothing, or something that is refused with a reason."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Conflict, GaiaError, Unavailable
from gaia.stacks.model import InstanceKey
from gaia.states import found
from gaia.states.code import Code
from gaia.states.lineages import check_lineage, remember_lineages, remember_state
from gaia.states.places import Bucket, FilePlace, ObjectPlace
from gaia.states.reading import parsed
from gaia.terraform.aws_signing import Credentials
from gaia.terraform.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACE = FilePlace(Path("/c/terraform.tfstate"))
BAD = {
    "encrypted": (b'{"encrypted_data": "x"}', "state-encrypted"),
    "torn": (b'{"version": 4, ', "state-unreadable"),
    "old": (b'{"version": 3}', "state-unreadable"),
    "no map": (b"[]", "state-unreadable"),
    "damaged inside": (b'{"version": 4, "resources": [{"mode": "managed"}]}', "state-unreadable"),
    "not text": (b"\xff\xfe\x00", "state-unreadable"),
}


@pytest.mark.parametrize(("content", "code"), BAD.values(), ids=BAD.keys())
def test_what_is_no_state_is_refused(content: bytes, code: str) -> None:
    """With the place, and a code of its own."""
    with pytest.raises(GaiaError, match=r"/c/terraform\.tfstate") as error:
        parsed(content, PLACE)
    assert error.value.code == code


def test_an_empty_file_is_no_state() -> None:
    """Terraform leaves one where it locked before it had anything to write."""
    assert parsed(b"\n", PLACE) is None
    assert parsed(b'{"version": 4}', PLACE) == State.parse({"version": 4})


def test_states_are_told_from_other_objects() -> None:
    """By what instances call theirs, and by the usual end."""
    used = [ObjectPlace(Bucket("b"), "a/state.json")]
    keys = ("x/state.json", "x/terraform.tfstate", "x/terraform.tfstate.tflock", "y.tfstate", "logs/1.gz")
    assert found.states_among(keys, used) == ("x/state.json", "x/terraform.tfstate", "y.tfstate")


def test_buckets_have_an_address() -> None:
    """By name or by path, Amazon's or another's."""
    assert found.address(Bucket("b", "eu-west-1")) == "https://b.s3.eu-west-1.amazonaws.com"
    assert found.address(Bucket("b.c", "cn-north-1", by_path=True)) == "https://s3.cn-north-1.amazonaws.com.cn/b.c"
    assert found.address(Bucket("b", endpoint="http://127.0.0.1:9")) == "http://127.0.0.1:9/b"


def test_files_are_found_and_backups_left_out(tmp_path: Path) -> None:
    """Nor is what terraform remembers of a backend a state."""
    for name in ("a/terraform.tfstate", "a/terraform.tfstate.backup", "b/terraform.tfstate.d/x/terraform.tfstate"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "a/.terraform").mkdir()
    (tmp_path / "a/.terraform/terraform.tfstate").touch()
    names = [one.path.relative_to(tmp_path).as_posix() for one in found.files(tmp_path)]
    assert names == ["a/terraform.tfstate", "b/terraform.tfstate.d/x/terraform.tfstate"]


def test_a_lock_that_nobody_holds_is_none(tmp_path: Path) -> None:
    """A killed terraform leaves the note about its lock behind; the lock itself goes with the process."""
    place = FilePlace(tmp_path / "terraform.tfstate")
    place.path.write_text("{}")
    assert found.file_lock(place) == ""
    (tmp_path / ".terraform.tfstate.lock.info").write_text(json.dumps({"Who": "sue"}))
    assert found.file_lock(place) == ""
    assert found.who_locks('{"Who": "sue", "Operation": "apply", "Created": "now"}') == "sue (apply) since now"
    assert found.who_locks("{") == "somebody"


def test_the_code_says_what_it_makes(tmp_path: Path) -> None:
    """Resources of local modules with their address; of other modules only the call is known."""
    (tmp_path / "a/inner").mkdir(parents=True)
    main = 'module "in" { source = "./inner" }\nmodule "far" { source = "x/y/z" }\nresource "t" "one" {}\n'
    (tmp_path / "a/main.tf").write_text(main)
    (tmp_path / "a/inner/main.tf").write_text('resource "t" "two" {}\nmodule "up" { source = "../" }\n')
    made = Code().makes(tmp_path / "a")
    assert made.resources == {"t.one", "module.in.t.two"}
    assert made.modules == {"module.far", "module.in.module.up"}
    assert Code().makes(tmp_path / "nothing").resources == frozenset()


def of_lineage(name: str, *, empty: bool = False) -> State:
    """A state of a lineage."""
    held = {"mode": "managed", "type": "t", "name": "one", "instances": [{"attributes": {}}]}
    return State.parse({"version": 4, "lineage": name, "resources": [] if empty else [held]})


def test_a_state_of_another_lineage_is_refused(tmp_path: Path) -> None:
    """Only where one was known; a damaged memory is an error, not silence."""
    path, key, place = tmp_path / "lineages.json", InstanceKey("dev", "vpc"), FilePlace(tmp_path / "here")
    one, other = of_lineage("one"), of_lineage("other")
    check_lineage(path, key, place, one)
    remember_lineages(path, {str(key): "one"})
    remember_lineages(path, {"dev/net": "two"})
    check_lineage(path, key, place, one)
    with pytest.raises(Conflict, match=r"lineage other.*lineage one"):
        check_lineage(path, key, place, other)
    path.write_text("{")
    with pytest.raises(Unavailable):
        check_lineage(path, key, place, one)


def test_a_state_that_is_gone_is_not_begun_anew(tmp_path: Path) -> None:
    """Where it lay is named, and the file that remembers it; what was emptied may go."""
    path, key, place = tmp_path / "lineages.json", InstanceKey("dev", "vpc"), FilePlace(tmp_path / "here")
    remember_state(path, key, FilePlace(tmp_path / "there"), of_lineage("one"))
    for gone in (None, of_lineage("other", empty=True)):
        with pytest.raises(Conflict, match=r"there.* \(lineage one\).*here") as caught:
            check_lineage(path, key, place, gone)
        assert caught.value.code == "state-lost"
        assert str(tmp_path / "lineages/dev/vpc.json") in str(caught.value.next_step)
    check_lineage(path, key, place, of_lineage("one", empty=True))
    remember_state(path, key, place, of_lineage("one", empty=True))
    check_lineage(path, key, place, None)
    remember_lineages(path, {str(key): "adopted"})
    check_lineage(path, key, place, None)  # what was done since counts more


_PROXY = b"<html><br>Log in</html>"


class _Lists(BaseHTTPRequestHandler):
    """A bucket without an end, one that nobody may list, and one before which a proxy answers."""

    def do_GET(self) -> None:
        """One page."""
        self.send_response(403 if self.path.startswith("/closed") else 200)
        self.end_headers()
        page = b"<R><Contents><Key>a</Key></Contents><NextContinuationToken>t</NextContinuationToken></R>"
        self.wfile.write(_PROXY if self.path.startswith("/proxied") else page)

    def do_POST(self) -> None:
        """Of the table of locks there is only the proxy."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(_PROXY)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing."""


@contextmanager
def bucket_server() -> Iterator[str]:
    """Where it listens."""
    server = HTTPServer(("127.0.0.1", 0), _Lists)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_listing_that_was_cut_off_or_refused_says_so() -> None:
    """Neither looks like a bucket with nothing in it."""
    buckets = found.Buckets({})
    with bucket_server() as url:
        bucket = Bucket("endless", endpoint=url, access_key="a", secret_key="s")
        assert buckets.keys(bucket, pages=2) == (("a", "a"), False)
        with pytest.raises(GaiaError, match="may not be read") as error:
            buckets.keys(replace(bucket, name="closed"))
    assert error.value.code == "state-refused"


def test_a_page_of_a_proxy_is_no_answer() -> None:
    """Though it comes with 200: of a bucket it is an error, and of a table only terraform can tell."""
    with bucket_server() as url:
        bucket = Bucket("proxied", endpoint=url, access_key="a", secret_key="s")
        buckets = found.Buckets({"AWS_ENDPOINT_URL_DYNAMODB": url})
        with pytest.raises(GaiaError, match="is no list of objects") as error:
            buckets.keys(bucket)
        assert error.value.code == "state-unreadable"
        place = ObjectPlace(bucket, "k", lock_table="locks")
        assert (buckets.locks([place]), buckets.note(place)) == ({}, None)


def test_a_lock_whose_note_does_not_read_is_one(tmp_path: Path) -> None:
    """As long as a process holds it: nobody knows who."""
    place = FilePlace(tmp_path / "terraform.tfstate")
    place.path.write_text("{}")
    found.note_beside(place).mkdir()
    assert (found.file_note(place), found.file_lock(place)) == ("", "")
    code = "import fcntl, sys; file = open(sys.argv[1], 'r+b'); fcntl.lockf(file, fcntl.LOCK_EX); print(flush=True)"
    line = [sys.executable, "-c", f"{code}; sys.stdin.read()", str(place.path)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert found.file_lock(place) == "somebody"
        holder.communicate(b"")
    assert found.file_lock(place) == ""


def test_a_backend_s_own_files_of_credentials_count(tmp_path: Path) -> None:
    """As terraform has it: instead of the usual ones."""
    (tmp_path / "own").write_text("[ops]\naws_access_key_id = A\naws_secret_access_key = B\n")
    environ = {"HOME": "/nowhere", "AWS_EC2_METADATA_DISABLED": "true"}
    bucket = Bucket("b", profile="ops", shared=(str(tmp_path / "own"),))
    assert found.Buckets(environ).credentials(bucket) == Credentials("A", "B")
    assert found.Buckets(environ).credentials(replace(bucket, shared=())) is None
