"""Requests to the emulator in AWS's own protocols, over plain HTTP, with the standard library alone."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

from gaia.errors import Next, ToolFailed, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REGION = "us-east-1"
_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Wire:
    """The emulator on one loopback port."""

    port: int

    def send(
        self,
        method: str,
        path: str,
        *,
        service: str | None = None,
        body: str = "",
        headers: Mapping[str, str] | None = None,
        seconds: float = _SECONDS,
    ) -> tuple[int, bytes]:
        """(status, body) of one request; `service` is what the emulator reads from a signature's scope.

        Raises:
            Unavailable: `sandbox-down` when nobody answers.
        """
        sent = {"Connection": "close", **(headers or {})}
        if service:
            scope = f"sandbox/20260101/{REGION}/{service}/aws4_request"
            sent["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request(method, path, body.encode(), sent)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(
                "sandbox-down",
                f"the sandbox on port {self.port} does not answer: {error or type(error).__name__}",
                next_step=Next("sandbox up", words="End it, then start it again"),
            ) from error
        finally:
            connection.close()

    def json(self, service: str, target: str, parameters: Mapping[str, object]) -> dict[str, object]:
        """A call in the JSON protocol, e.g. `TrentService.ListKeys` of kms."""
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
        status, body = self.send("POST", "/", service=service, body=json.dumps(parameters), headers=headers)
        return cast("dict[str, object]", json.loads(_good(f"{service} {target}", status, body)))

    def pages(self, service: str, target: str, key: str) -> Iterator[dict[str, str]]:
        """The items under `key` over all pages of a list call in the JSON protocol."""
        parameters: dict[str, object] = {}
        while True:
            page = self.json(service, target, parameters)
            yield from cast("list[dict[str, str]]", page[key])
            if not page.get("Truncated"):
                return
            parameters = {"Marker": page["NextMarker"]}

    def query(self, service: str, action: str, version: str, **parameters: str) -> Iterator[ElementTree.Element]:
        """The `member` elements over all pages of a list call in the query protocol (IAM)."""
        marker: str | None = None
        while True:
            form = {"Action": action, "Version": version, **parameters, **({"Marker": marker} if marker else {})}
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            status, body = self.send("POST", "/", service=service, body=urlencode(form), headers=headers)
            tree = _xml(_good(f"{service} {action}", status, body))
            result = tree.find(f"{action}Result")
            items = result.find(action.removeprefix("List")) if result is not None else None
            yield from items if items is not None else ()
            marker = result.findtext("Marker") if result is not None else None
            if not marker:
                return

    def s3(
        self, method: str, bucket: str = "", key: str = "", *, acl: str = "", **parameters: str
    ) -> ElementTree.Element | None:
        """A call to S3 by path, with a canned access list; None for an empty answer."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        path = "/" + quote(bucket) + (f"/{quote(key)}" if key else "")
        status, body = self.send(method, path + query, service="s3", headers={"x-amz-acl": acl} if acl else None)
        body = _good(f"s3 {method} {path}", status, body)
        return _xml(body) if body.strip() else None


def _good(what: str, status: int, body: bytes) -> bytes:
    if status >= 300:
        raise ToolFailed(
            "sandbox-refused",
            f"the sandbox answered {status} to {what}: {body.decode('utf-8', 'replace').strip()[:300]}",
            next_step="Look at moto.log in the sandbox folder of GAIA_HOME.",
            facts={"status": status},
        )
    return body


def _xml(body: bytes) -> ElementTree.Element:
    """The document without namespaces."""
    tree = ElementTree.fromstring(body)  # noqa: S314 - the emulator's own answer, not a stranger's
    for element in tree.iter():
        element.tag = element.tag.rpartition("}")[2]
    return tree
