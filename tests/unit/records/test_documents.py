"""The store of documents: what holds in both of its homes."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.errors import Conflict, Defect, Invalid, NotFound, Unavailable
from gaia.kit import clock
from gaia.kit.keys import SecretKey
from gaia.records.document_files import FolderDocuments
from gaia.records.document_model import DocumentKind, GrowingKind, Lines, WholeKind
from gaia.records.document_rows import DatabaseDocuments
from gaia.records.documents import Growing

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.records.database import Database
    from gaia.records.ports import Documents

WHOLE: tuple[WholeKind, ...] = get_args(WholeKind)
GROWING: tuple[GrowingKind, ...] = get_args(GrowingKind)
KINDS: tuple[DocumentKind, ...] = (*WHOLE, *GROWING)
NAMES = ("", "/", "a/", "/a", "a//b", ".", "..", "../a", "a/../b", "a/.b", ".a", "a\\b", "a\nb", "a\0b", "\ud800",
         "x" * 201, "/".join(["x" * 99] * 9 + ["x" * 101]), "a/log.jsonl", "journal.jsonl/a")  # fmt: skip


@pytest.fixture(params=["folder", "database"])
def documents(request: pytest.FixtureRequest, database: Database, home: Path, key: SecretKey) -> Documents:
    """Each home of the store."""
    return FolderDocuments(home, key) if request.param == "folder" else DatabaseDocuments(database, key)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A GAIA_HOME; not made yet."""
    return tmp_path / "gaia-home"


@pytest.mark.parametrize("kind", WHOLE)
def test_a_document_is_read_back_as_it_was_put(documents: Documents, kind: WholeKind) -> None:
    """Put again, the newer content counts; other names and kinds are other documents."""
    for content in (b"", b"one\n\x00\xff", b"two"):
        documents.put(kind, "abc", content)
        assert documents.get(kind, "abc") == content
    documents.put(kind, "abd/e", b"three")
    assert (documents.get(kind, "abc"), documents.get(kind, "abd/e")) == (b"two", b"three")
    assert [documents.exists(each, "abc") for each in KINDS] == [each == kind for each in KINDS]


@pytest.mark.parametrize("kind", WHOLE)
def test_a_document_that_is_not_there_is_named(documents: Documents, kind: WholeKind) -> None:
    """One error says which, also below one that is there."""
    documents.put(kind, "abc", b"")
    for name in ("abd", "abc/d", "abc.json/d", "abc.sealed/d"):
        with pytest.raises(NotFound) as caught:
            documents.get(kind, name)
        assert (caught.value.code, caught.value.facts) == ("document-missing", {"kind": kind, "name": name})
        assert f"{kind} {name}" in caught.value.message
        assert not documents.exists(kind, name)
        assert documents.delete(kind, name) is False


@pytest.mark.parametrize("kind", KINDS)
def test_a_deleted_document_is_gone(documents: Documents, kind: DocumentKind) -> None:
    """It alone; deleting it again says that there was none; it can be made again."""
    names = ("a/b", "a/c", "d")
    for name in names:
        write(documents, kind, name)
    assert documents.delete(kind, "a/b") is True
    assert not documents.delete(kind, "a/b")
    assert [one.name for one in documents.find(kind)] == ["a/c", "d"]
    assert not documents.exists(kind, "a/b")
    assert documents.exists(kind, "a/c")
    write(documents, kind, "a/b")
    assert [one.name for one in documents.find(kind)] == list(names)


@pytest.mark.parametrize("kind", KINDS)
def test_documents_are_found_by_the_beginning_of_their_name(documents: Documents, kind: DocumentKind) -> None:
    """By name; case and the signs of patterns mean themselves."""
    assert documents.find(kind) == ()
    for name in ("b/c", "a_", "B", "ab", "a%/x"):
        write(documents, kind, name)
    other: DocumentKind = "log" if kind != "log" else "preview"
    write(documents, other, "other")

    def found(prefix: str) -> list[str]:
        return [one.name for one in documents.find(kind, prefix)]

    assert found("") == ["B", "a%/x", "a_", "ab", "b/c"]
    assert (found("a_"), found("a%"), found("b"), found("B"), found("b/c"), found("c")) == (
        ["a_"], ["a%/x"], ["b/c"], ["B"], ["b/c"], []
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_stored_document_has_time_and_size(documents: Documents, kind: DocumentKind) -> None:
    """The last writing and the bytes, ends of lines among them; of what is sealed as it is then."""
    before = clock.now()
    write(documents, kind, "a", b"12345")
    [one] = documents.find(kind)
    assert (one.kind, one.name) == (kind, "a")
    assert before - timedelta(seconds=2) <= one.at <= clock.now() + timedelta(seconds=2)
    if kind in ("plans", "drift"):
        assert one.size > 5 + 12 + 16
    else:
        assert one.size == (6 if kind in GROWING else 5)
    write(documents, kind, "a", b"678")
    [again] = documents.find(kind)
    assert again.at >= one.at
    if kind in GROWING:
        assert again.size == 10


@pytest.mark.parametrize("kind", GROWING)
def test_lines_are_read_back_in_order(documents: Documents, kind: GrowingKind) -> None:
    """All, or those after a position; a document without any has none, whatever the position."""
    assert documents.lines(kind, "r") == Lines((), 0)
    documents.append(kind, "r", b"one")
    documents.append(kind, "r", b"two", b"", durable=False)
    first = documents.lines(kind, "r")
    assert first.lines == (b"one", b"two", b"")
    assert documents.lines(kind, "r", first.position) == Lines((), first.position)
    documents.append(kind, "r", b"\x00\xff")
    documents.append(kind, "r/s", b"of another")
    rest = documents.lines(kind, "r", first.position)
    assert rest.lines == (b"\x00\xff",)
    assert rest.position > first.position
    assert documents.lines(kind, "r").lines == (b"one", b"two", b"", b"\x00\xff")
    assert documents.lines(kind, "none", 7) == Lines((), 7)


def test_a_log_and_a_journal_of_one_name_are_two_documents(documents: Documents) -> None:
    """Neither has the other's lines."""
    documents.append("log", "same", b"l")
    documents.append("journal", "same", b"j", b"k")
    assert documents.lines("log", "same").lines == (b"l",)
    assert documents.lines("journal", "same").lines == (b"j", b"k")
    documents.delete("log", "same")
    assert documents.lines("journal", "same").lines == (b"j", b"k")


def test_no_lines_make_no_document(documents: Documents) -> None:
    """Nothing was said, so nothing is there."""
    documents.append("log", "r")
    assert not documents.exists("log", "r")


@given(st.lists(st.lists(st.binary(max_size=9).map(lambda line: line.replace(b"\n", b"")), max_size=3), max_size=6))
def test_reading_on_misses_and_repeats_nothing(documents: Documents, batches: list[list[bytes]]) -> None:
    """Whatever is appended between two readings."""
    documents.delete("log", "r")
    seen: list[bytes] = []
    position = 0
    for batch in batches:
        documents.append("log", "r", *batch, durable=False)
        found = documents.lines("log", "r", position)
        position = found.position
        seen += found.lines
    assert tuple(seen) == documents.lines("log", "r").lines == tuple(line for batch in batches for line in batch)


def test_a_line_holds_no_end_of_a_line(documents: Documents) -> None:
    """It would be two; none of those given beside it is written."""
    with pytest.raises(Defect) as caught:
        documents.append("journal", "r", b"one", b"two\nthree")
    assert caught.value.code == "document-line"
    assert documents.lines("journal", "r").lines == ()


def test_writers_at_the_same_time_queue_up(
    documents: Documents, home: Path, database: Database, key: SecretKey
) -> None:
    """Each from a store of its own; lines that were given together stay together, and none is lost."""
    failures: list[BaseException] = []
    in_folder = isinstance(documents, FolderDocuments)

    def work(writer: int) -> None:
        mine = FolderDocuments(home, key) if in_folder else DatabaseDocuments(database, key)
        try:
            for number in range(8):
                text = f"{writer} {number}".encode()
                mine.append("log", "r", text, text + b" again", durable=False)
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    at_once(work)
    lines = documents.lines("log", "r").lines
    assert failures == []
    assert len(set(lines)) == len(lines) == 4 * 8 * 2
    assert list(lines[1::2]) == [line + b" again" for line in lines[::2]]
    for writer in range(4):
        mine = [line for line in lines[::2] if line.startswith(f"{writer} ".encode())]
        assert mine == [f"{writer} {number}".encode() for number in range(8)]


def test_of_contents_put_at_the_same_time_one_counts(documents: Documents) -> None:
    """A whole one, and nobody gets an error."""
    failures: list[BaseException] = []

    def work(writer: int) -> None:
        try:
            documents.put("preview", "a", f"{writer}".encode() * 50_000)
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    at_once(work)
    assert failures == []
    content = documents.get("preview", "a")
    assert len(set(content)) == 1
    assert len(content) == 50_000


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stays_inside_the_store(documents: Documents, home: Path, name: str) -> None:
    """Every function refuses one that could lead out, hide, or stand for something else."""
    for act in (
        lambda: documents.put("preview", name, b""),
        lambda: documents.get("plans", name),
        lambda: documents.append("log", name, b""),
        lambda: documents.lines("journal", name),
        lambda: documents.exists("preview", name),
        lambda: documents.delete("log", name),
    ):
        with pytest.raises(Invalid) as caught:
            act()
        assert caught.value.code == "document-name"
    assert not home.exists()


@pytest.mark.parametrize(
    "name", ["x" * 200, "/".join(["x" * 99] * 9 + ["x" * 100]), "json/sealed", "a b", "é/ß:1@2=3", "a.b/c..d"]
)
def test_other_names_are_names(documents: Documents, name: str) -> None:
    """Stacks and components are called many things."""
    for kind in KINDS:
        write(documents, kind, name)
        assert [one.name for one in documents.find(kind)] == [name]


def test_plans_are_sealed_and_previews_are_not(documents: Documents, home: Path, database: Database) -> None:
    """What lies in either home does not show a plan's content."""
    documents.put("plans", "a", b"a secret of the plan")
    documents.put("preview", "a", b"no secret, but a normal form")
    stored = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    with database.read() as tx:
        rows = tx.connection.exec_driver_sql("SELECT content FROM documents").all()
    stored += b"".join(row[0] for row in rows)
    assert b"normal form" in stored
    assert b"gaia-sealed 1" in stored
    assert b"secret of the plan" not in stored


def test_plans_open_with_their_key_at_their_place_only(documents: Documents, home: Path, database: Database) -> None:
    """Another key is named; a plan that was put in another's place is found."""
    documents.put("plans", "a", b"content")
    other = SecretKey("key-other", bytes(32))
    theirs = (
        FolderDocuments(home, other) if isinstance(documents, FolderDocuments) else DatabaseDocuments(database, other)
    )
    with pytest.raises(Unavailable) as by_key:
        theirs.get("plans", "a")
    assert by_key.value.code == "sealed-by-another-key"
    if isinstance(documents, FolderDocuments):
        (home / "plans/a.sealed").rename(home / "plans/b.sealed")
    else:
        with database.begin() as tx:
            tx.connection.exec_driver_sql("UPDATE documents SET name = 'b'")
    with pytest.raises(Unavailable) as by_place:
        documents.get("plans", "b")
    assert by_place.value.code == "sealed-damaged"


def test_a_growing_document_is_a_file_of_lines(documents: Documents) -> None:
    """What a journal writes through and is read from."""
    journal = Growing(documents, "journal", "req_1/s/key")
    assert journal.read() == ()
    journal.append(b"one")
    journal.append(b"two")
    assert journal.read() == documents.lines("journal", "req_1/s/key").lines == (b"one", b"two")
    assert journal.where == documents.where("journal", "req_1/s/key")
    assert "req_1/s/key" in journal.where


def test_a_document_that_is_always_taken_is_busy(
    database: Database, key: SecretKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After many tries somebody is told, instead of waiting for ever."""
    documents = DatabaseDocuments(database, key)
    documents.append("log", "r", b"one")
    monkeypatch.setattr("gaia.records.document_rows.func.max", lambda column: column * 0)
    with pytest.raises(Conflict) as caught:
        documents.append("log", "r", b"two")
    assert caught.value.code == "document-busy"
    assert documents.lines("log", "r").lines == (b"one",)


def write(documents: Documents, kind: DocumentKind, name: str, content: bytes = b"content") -> None:
    """A document of any kind."""
    if kind == "preview" or kind == "plans" or kind == "commits" or kind == "drift":
        documents.put(kind, name, content)
    else:
        documents.append(kind, name, content, durable=False)


def at_once(work: object, writers: int = 4) -> None:
    """In threads."""
    threads = [threading.Thread(target=work, args=(number,)) for number in range(writers)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
