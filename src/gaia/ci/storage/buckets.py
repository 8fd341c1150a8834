"""A bucket beside the states, as `gaia.ci.storage.store.Store`: plain signed requests in the caller's name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from gaia.errors import Invalid, Refused, ToolFailed, Unavailable
from gaia.states.found import Buckets, address
from gaia.states.places import Bucket
from gaia.terraform.aws_endpoint import configured_endpoint
from gaia.terraform.aws_signing import send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.terraform.aws_signing import Credentials

_PLACE = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/((?:[\w=-][\w.=-]*/)*[\w=-][\w.=-]*)/?", re.ASCII)
_TAKEN = (409, 412)
"""Answers to a write that is conditional on nothing being there: something is, or somebody writes it now."""


@dataclass(frozen=True, slots=True)
class BucketStore:
    """Objects below a prefix."""

    bucket: Bucket
    prefix: str
    environ: Mapping[str, str] = field(repr=False)
    credentials: Credentials = field(repr=False)

    @classmethod
    def of(cls, place: str, environ: Mapping[str, str]) -> BucketStore:
        """The store at `s3://BUCKET/PREFIX`; region and endpoint are the environment's.

        Raises:
            Invalid: `kept-unusable`. Unavailable: `kept-unreachable` without credentials; what finding them says.
        """
        found = _PLACE.fullmatch(place)
        if found is None:
            raise Invalid(
                "kept-unusable", f"{place!r} names no place in a bucket", next_step="Write s3://BUCKET/PREFIX."
            )
        region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "us-east-1"
        bucket = Bucket(found[1], region, configured_endpoint("s3", environ, ""), "." in found[1])
        credentials = Buckets(environ).credentials(bucket)
        if credentials is None:
            raise Unavailable(
                "kept-unreachable",
                f"there are no credentials for {place}",
                next_step="Let CI assume a role first, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
            )
        return cls(bucket, found[2], environ, credentials)

    def get(self, name: str) -> bytes | None:
        """See `Store`."""
        status, body = self._send("GET", name)
        if status == 404 and b"NoSuchBucket" not in body:
            return None
        self._check(status, name)
        return body

    def put(self, name: str, content: bytes) -> None:
        """See `Store`."""
        self._check(self._send("PUT", name, content)[0], name)

    def create(self, name: str, content: bytes) -> bool:
        """See `Store`."""
        status, _ = self._send("PUT", name, content, {"If-None-Match": "*"})
        if status in _TAKEN:
            return False
        self._check(status, name)
        return True

    def delete(self, name: str) -> None:
        """See `Store`."""
        status, _ = self._send("DELETE", name)
        if status != 404:
            self._check(status, name)

    def names(self, prefix: str) -> tuple[str, ...]:
        """See `Store`.

        Raises:
            Unavailable: `kept-unreachable` where there are more than can be listed: some would be overlooked.
        """
        found, whole = Buckets(self.environ).keys(self.bucket, prefix=f"{self.prefix}/{prefix}")
        if not whole:
            raise Unavailable(
                "kept-unreachable",
                f"s3://{self.bucket.name}/{self.prefix}/{prefix} holds more than can be listed",
                next_step="Have the bucket remove what is old, by a rule of its life cycle.",
            )
        return tuple(sorted(one.removeprefix(f"{self.prefix}/") for one in found))

    def _send(
        self, method: str, name: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        sent = {"Content-Type": "application/octet-stream"} if body else {}
        url = f"{address(self.bucket)}/{quote(f'{self.prefix}/{name}')}"
        return send(
            method, url, self.credentials,
            service="s3", region=self.bucket.region, headers={**sent, **(headers or {})}, body=body,
            environ=self.environ,
        )  # fmt: skip

    def _check(self, status: int, name: str) -> None:
        if status < 300:
            return
        place = f"s3://{self.bucket.name}/{self.prefix}/{name}"
        if status in (401, 403):
            raise Refused(
                "kept-refused",
                f"{place} may not be used with these credentials: the answer was {status}",
                next_step="Allow GetObject, PutObject, DeleteObject and ListBucket there to the role of CI.",
            )
        raise ToolFailed(
            "kept-failed", f"{place}: the answer was {status}", next_step="Look at the bucket's name and region."
        )
