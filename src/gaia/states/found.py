"""Which states exist: files below the components, objects in the buckets that instances use. Only read."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

from gaia.errors import Refused, ToolFailed, Unavailable
from gaia.states.places import LOCAL_FILE, Bucket, FilePlace, ObjectPlace
from gaia.terraform.aws_credentials import credentials_of
from gaia.terraform.aws_endpoint import amazon_host, aws_endpoint
from gaia.terraform.aws_signing import Credentials, send
from gaia.terraform.aws_sts import assume

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PAGES = 20
"""Of a thousand objects each: a bucket of states holds no more, and one of other things is not gone through."""
_LOCKED_AT_ONCE = 100


@dataclass(frozen=True)
class Buckets:
    """Reads objects with plain requests in the caller's name."""

    environ: Mapping[str, str] = field(repr=False)
    _known: dict[Bucket, Credentials | None] = field(default_factory=dict, repr=False, compare=False)
    _asking: Lock = field(default_factory=Lock, repr=False, compare=False)

    def credentials(self, bucket: Bucket) -> Credentials | None:
        """Whose name the backend reads in, looked for once; None where only terraform finds out."""
        with self._asking:
            if bucket not in self._known:
                self._known[bucket] = self._credentials(bucket)
            return self._known[bucket]

    def _credentials(self, bucket: Bucket) -> Credentials | None:
        if bucket.access_key and bucket.secret_key:
            own: Credentials | None = Credentials(bucket.access_key, bucket.secret_key, bucket.token)
        else:
            own = credentials_of(
                self.environ, bucket.profile, region=bucket.region, config=bucket.config, shared=bucket.shared
            )
        if own is None or not bucket.role:
            return own
        return assume(own, bucket.role, bucket.external_id, bucket.region, environ=self.environ)

    def get(self, place: ObjectPlace) -> bytes | None:
        """The object; None where there is none.

        Raises:
            Refused: `state-refused`. Unavailable: `bucket-missing`, `aws-unreachable`. ToolFailed: `state-unreadable`.
        """
        status, body = self._send(place.bucket, quote(place.key))
        if status == 404 and b"NoSuchBucket" in body:
            raise _no_bucket(place.bucket)
        if status == 404:
            return None
        if status >= 300:
            raise _refused(str(place), status, body)
        return body

    def keys(self, bucket: Bucket, pages: int = PAGES, *, prefix: str = "") -> tuple[tuple[str, ...], bool]:
        """The keys in a bucket that begin so, as far as `pages` go, and whether these are all.

        Raises:
            Refused: `state-refused`. Unavailable: `bucket-missing`, `aws-unreachable`. ToolFailed: `state-unreadable`.
        """
        found: list[str] = []
        more = {"list-type": "2", "prefix": prefix}
        for _ in range(pages):
            status, body = self._send(bucket, "", dict(sorted(more.items())))
            if status == 404:
                raise _no_bucket(bucket)
            if status >= 300:
                raise _refused(f"s3://{bucket.name}", status, body)
            page = _page(bucket, body)
            for element in page.iter():
                element.tag = element.tag.rpartition("}")[2]
            found += [element.text or "" for element in page.iterfind("Contents/Key")]
            token = page.findtext("NextContinuationToken")
            if not token:
                return tuple(found), True
            more["continuation-token"] = token
        return tuple(found), False

    def locks(self, places: Sequence[ObjectPlace]) -> dict[ObjectPlace, str]:
        """Who holds the locks in DynamoDB tables, as terraform wrote it; tables that cannot be read hold none."""
        found: dict[ObjectPlace, str] = {}
        tables: dict[tuple[str, Bucket], list[ObjectPlace]] = {}
        for place in places:
            if place.lock_table:
                tables.setdefault((place.lock_table, place.bucket), []).append(place)
        for (table, bucket), mine in tables.items():
            for start in range(0, len(mine), _LOCKED_AT_ONCE):
                notes = self._notes(table, bucket, mine[start : start + _LOCKED_AT_ONCE]) or {}
                found |= {place: who_locks(note) for place, note in notes.items()}
        return found

    def note(self, place: ObjectPlace) -> str | None:
        """What terraform wrote about the lock of a state (JSON), empty where there is none; None where only terraform
        can tell: a table that may not be read.

        Raises:
            As `get`.
        """
        lock = self.get(ObjectPlace(place.bucket, f"{place.key}.tflock")) if place.lock_file else None
        if lock or not place.lock_table:
            return (lock or b"").decode("utf-8", "replace")
        notes = self._notes(place.lock_table, place.bucket, [place])
        return None if notes is None else notes.get(place, "")

    def _notes(self, table: str, bucket: Bucket, places: Sequence[ObjectPlace]) -> dict[ObjectPlace, str] | None:
        names = {f"{bucket.name}/{place.key}": place for place in places}
        asked = {"RequestItems": {table: {"Keys": [{"LockID": {"S": name}} for name in names]}}}
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.BatchGetItem"}
        url = aws_endpoint("dynamodb", bucket.region, self.environ) + "/"
        credentials = self.credentials(bucket)
        if credentials is None:
            return None
        status, body = send(
            "POST", url, credentials, service="dynamodb", region=bucket.region,
            headers=headers, body=json.dumps(asked).encode(), environ=self.environ,
        )  # fmt: skip
        if status >= 300:
            return None
        try:
            rows = json.loads(body).get("Responses", {}).get(table, [])
            infos = {row["LockID"]["S"]: row.get("Info", {}).get("S", "") for row in rows}
        except (ValueError, AttributeError, LookupError, TypeError):  # a proxy's page, say
            return None
        return {names[name]: info for name, info in infos.items() if info and name in names}

    def _send(self, bucket: Bucket, key: str, query: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        credentials = self.credentials(bucket)
        assert credentials is not None  # noqa: S101 - the caller has looked
        url = f"{address(bucket)}/{key}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")
        return send("GET", url, credentials, service="s3", region=bucket.region, environ=self.environ)


def address(bucket: Bucket) -> str:
    """The URL of a bucket, without a slash at its end."""
    if bucket.endpoint:
        return f"{bucket.endpoint}/{bucket.name}"  # every emulator and gateway takes it by path
    host = amazon_host("s3", bucket.region)
    return f"https://{host}/{bucket.name}" if bucket.by_path else f"https://{bucket.name}.{host}"


def _page(bucket: Bucket, body: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(body)  # noqa: S314 - the answer of the bucket that the configuration names
    except ElementTree.ParseError as error:
        raise ToolFailed(
            "state-unreadable",
            f"s3://{bucket.name}: the answer of {address(bucket)} is no list of objects",
            next_step="Look at the backend's endpoint, and at what stands between: a proxy may have answered.",
        ) from error


def _no_bucket(bucket: Bucket) -> Unavailable:
    return Unavailable(
        "bucket-missing",
        f"there is no bucket {bucket.name} in the account whose credentials are used",
        next_step="Look at the backend's bucket, and at whose credentials these are.",
    )


def _refused(place: str, status: int, body: bytes) -> Refused | ToolFailed:
    try:
        said = ElementTree.fromstring(body).findtext("Message") or ""  # noqa: S314 - see `keys`
    except ElementTree.ParseError:
        said = ""
    if status < 400 or status in (400, 401, 403):
        return Refused(
            "state-refused",
            f"{place} may not be read with these credentials: {said or status}",
            next_step="Use the credentials of the account that the bucket is in, and look at its region.",
        )
    return ToolFailed("state-unreadable", f"{place}: the answer was {status} {said}", next_step="Try again.")


def who_locks(info: str) -> str:
    """`WHO since WHEN` of what terraform writes into a lock."""
    try:
        data = json.loads(info)
    except ValueError:
        return "somebody"
    if not isinstance(data, dict):
        return "somebody"
    return (
        f"{data.get('Who') or 'somebody'} ({data.get('Operation') or 'operation unknown'}) since {data.get('Created')}"
    )


def files(root: Path) -> Iterator[FilePlace]:
    """States in files below a folder; backups are none, and what terraform keeps in `.terraform` neither."""
    for folder, names, found in os.walk(root):
        names[:] = sorted(name for name in names if name not in (".terraform", ".git"))
        for name in sorted(found):
            if name.endswith(".tfstate"):
                yield FilePlace(Path(folder) / name)


def file_lock(place: FilePlace) -> str:
    """Who holds a local state, or nothing; what a killed terraform left beside it is no lock."""
    return who_locks(file_note(place)) if os.path.lexists(note_beside(place)) and is_held(place) else ""


def note_beside(place: FilePlace) -> Path:
    """Where terraform notes who locks a local state."""
    return place.path.parent / f".{place.path.name}.lock.info"


def file_note(place: FilePlace) -> str:
    """What terraform noted about the lock of a local state; nothing where there is no note, or none that reads."""
    try:
        return note_beside(place).read_text("utf-8", "replace")
    except OSError:
        return ""


def is_held(place: FilePlace) -> bool:
    """Whether a process holds the lock of a local state now, by the system's word."""
    try:
        with place.path.open("rb") as file:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            fcntl.lockf(file, fcntl.LOCK_UN)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def states_among(keys: Sequence[str], used: Sequence[ObjectPlace]) -> tuple[str, ...]:
    """Of a bucket's keys those that are states: named as the instances' are, or ending in `.tfstate`."""
    ends = {place.key.rpartition("/")[2] for place in used} | {LOCAL_FILE}
    return tuple(key for key in keys if key.rpartition("/")[2] in ends or key.endswith(".tfstate"))
