"""Keys that a service of AWS's (KMS) vouches for, in the place of one that CI keeps as a secret.

Each pull request has a data key of its own. What is kept beside its previews is that key as KMS has sealed it, bound to
the repository and the number: to whoever may not ask KMS that is worth nothing, and elsewhere it does not open.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Refused, ToolFailed, Unavailable
from gaia.kit.keys import key_of
from gaia.kit.shapes import as_map
from gaia.terraform.aws_credentials import credentials_of
from gaia.terraform.aws_endpoint import aws_endpoint
from gaia.terraform.aws_signing import send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.ci.storage.store import Store
    from gaia.kit.keys import SecretKey
    from gaia.terraform.aws_signing import Credentials

SCHEME = "awskms://"
ALL = "all"
"""In the place of a number: what all pull requests of a repository have in common, claims and journals."""
_NAME = r"alias/[\w/-]{1,250}|(?:mrk-)?[0-9a-f-]{32,36}"
_REFERENCE = re.compile(
    rf"awskms:///((?:arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]{{4,32}}):\d{{12}}:(?:key/)?)?(?:{_NAME}))", re.ASCII
)
_LARGEST = 1 << 16
_DENIED = frozenset(("AccessDeniedException", "KMSInvalidStateException", "DisabledException", "NotFoundException"))
_FOREIGN = frozenset(("InvalidCiphertextException", "IncorrectKeyException"))


@dataclass(frozen=True)
class KeyService:
    """One key of KMS."""

    key: str
    """Its id, alias or ARN."""
    region: str
    environ: Mapping[str, str] = field(repr=False)
    credentials: Credentials = field(repr=False)

    @classmethod
    def of(cls, reference: str, environ: Mapping[str, str]) -> KeyService:
        """The key of `awskms:///KEY`, as cosign and others write it; region and endpoint are the environment's.

        Raises:
            Invalid: `key-reference-unusable`. Unavailable: `key-unreachable` without credentials.
            GaiaError: what finding them says.
        """
        found = _REFERENCE.fullmatch(reference.strip())
        if found is None:
            raise Invalid(
                "key-reference-unusable",
                "GAIA_KEY names no key of KMS",
                next_step="Write awskms:///alias/NAME, awskms:///ID or awskms:///ARN.",
            )
        region = found["region"] or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "us-east-1"
        credentials = credentials_of(environ, region=region)
        if credentials is None:
            raise Unavailable(
                "key-unreachable",
                "there are no credentials to ask KMS with",
                next_step="Let CI assume a role first, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
            )
        return cls(found[1], region, environ, credentials)

    def key_for(self, store: Store, repository: str, number: int | None) -> SecretKey:
        """The key of a pull request (None: of all), made where it has none yet; of several who make one all get one.

        Raises:
            Refused: `key-refused`. Unavailable: `key-elsewhere`, `aws-unreachable`. ToolFailed: `key-failed`.
        """
        whose = ALL if number is None else str(number)
        name, context = f"keys/{whose}", {"gaia:repository": repository, "gaia:pull-request": whose}
        if store.get(name) is None:
            made = self._ask("GenerateDataKey", {"KeySpec": "AES_256", "EncryptionContext": context})
            sealed = {"key": made.get("KeyId"), "context": context, "sealed": made.get("CiphertextBlob")}
            store.create(name, json.dumps(sealed).encode())  # or somebody else was quicker: theirs is the key
        try:
            sealed = as_map(json.loads(store.get(name) or b""))
        except ValueError:
            sealed = {}
        opened = self._ask("Decrypt", {"CiphertextBlob": str(sealed.get("sealed")), "EncryptionContext": context})
        try:
            return key_of(base64.b64decode(str(opened.get("Plaintext")), validate=True))
        except ValueError as error:
            raise _failed("it answers something else than KMS does") from error

    def _ask(self, action: str, asked: Mapping[str, object]) -> dict[str, object]:
        status, body = send(
            "POST",
            aws_endpoint("kms", self.region, self.environ) + "/",
            self.credentials,
            service="kms",
            region=self.region,
            headers={"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"TrentService.{action}"},
            body=json.dumps({"KeyId": self.key, **asked}).encode(),
            environ=self.environ,
            largest=_LARGEST,
        )
        try:
            answer = as_map(json.loads(body))
        except ValueError as error:
            raise _failed(f"the answer was {status}, and no JSON") from error
        if status < 300:
            return answer
        kind = str(answer.get("__type") or answer.get("code") or status).rpartition("#")[2]
        if kind in _FOREIGN:
            raise Unavailable(
                "key-elsewhere",
                f"what is kept there is no key that {self.key} has sealed for this repository and pull request",
                next_step="Look at --kept: each repository has a place of its own. After a change of KMS's key or of "
                "the repository's name, name another place and plan open pull requests again.",
            )
        if kind in _DENIED or status in (401, 403):
            raise Refused(
                "key-refused",
                f"{self.key} may not be used for {action} with these credentials: {kind}",
                next_step="Allow kms:GenerateDataKey and kms:Decrypt of that key to the role of CI, in its region.",
            )
        raise _failed(f"{action} was answered by {kind}")


def _failed(why: str) -> ToolFailed:
    return ToolFailed(
        "key-failed", f"KMS: {why}", next_step="Look at the key's name and region, and run the job again."
    )
