"""Terraform's diagnostics, and which error of Gaia's each failure is."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gaia.errors import Conflict, GaiaError, Next, Position, ToolFailed, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.kit.process import Completed
    from gaia.terraform.workdir import WorkingDirectory

_LOCKED = ("Error acquiring the state lock", "failed to lock")
"""The second of a workspace that the S3 backend is about to make."""
_NO_PROVIDER = ("Failed to query available provider packages", "Failed to install provider")
_UNANSWERED = re.compile(
    r"context canceled|context deadline exceeded|request cancell?ed|connection reset|broken pipe|\bEOF\b|i/o timeout|"
    r"timeout awaiting response|use of closed network connection|server closed idle connection|StatusCode: (0|5\d\d)\b|"
    r"plugin did not respond|plugin encountered an error|rpc error",
    re.IGNORECASE,
)
"""What Go's HTTP client, AWS's SDK, gRPC and terraform say when a call was begun and its answer never came."""
_COLOR = re.compile(r"\x1b\[[0-9;]*m")
_CODE = re.compile(r"(?<= at )\S+\.(?:tf|tofu)(?:\.json)?(?=:\d+,\d+-)")
"""The file where a detail says that something is written: `declared at ../vpc/variables.tf:11,1-16`."""
_FRAME = re.compile("^\u2502 ?", re.MULTILINE)
"""What terraform draws before each line of an error for people."""
_LOCK_LINE = re.compile(r"^\s*(ID|Path|Operation|Who|Version|Created|Info):\s*(.*?)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One error or warning of Terraform's. `at` is relative to the folder that Terraform ran in, until `placed`."""

    severity: Literal["error", "warning"]
    summary: str
    detail: str = ""
    address: str | None = None
    at: Position | None = None
    given: bool = False
    """Whether `at` is where a stack sets the value that is wrong, not where the code is."""

    @classmethod
    def of(cls, document: Mapping[str, object]) -> Diagnostic:
        """Read the `diagnostic` object of the stream, or of `validate -json`."""
        place = document.get("range")
        at = None
        if isinstance(place, dict) and isinstance(place.get("start"), dict):
            at = Position(
                str(place.get("filename", "")),
                int(place["start"].get("line", 1)),
                int(place["start"].get("column", 1)),
            )
        address = document.get("address")
        return cls(
            severity="error" if document.get("severity") == "error" else "warning",
            summary=str(document.get("summary", "")),
            detail=str(document.get("detail", "")),
            address=address if isinstance(address, str) and address else None,
            at=at,
        )

    def placed(self, wd: WorkingDirectory) -> Diagnostic:
        """The same as the repository names its places.

        A place in a file that Gaia made is where somebody wrote what stands there; other places are relative to the
        tree where they are in it, those that the detail names too.
        """

        def shown(file: str) -> str:
            path = Path(os.path.normpath(wd.module / file))
            return str(path.relative_to(wd.tree)) if wd.tree in path.parents else file

        detail = _CODE.sub(lambda found: shown(found[0]), self.detail)
        if self.at is None:
            return replace(self, detail=detail)
        if (author := wd.authored(self.at)) is not None:
            return replace(self, detail=detail, at=author, given=True)
        return replace(self, detail=detail, at=replace(self.at, file=shown(self.at.file)))

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.address or "", f"at {self.at}" if self.at else "") if part)
        head = f"{self.summary} ({place})" if place else self.summary
        return f"{head}: {self.detail.rstrip()}" if self.detail.strip() else head

    @property
    def unanswered(self) -> bool:
        """Whether this is an error after which nobody knows what came of the change of `address`."""
        return self.severity == "error" and bool(self.address) and unanswered(f"{self.summary} {self.detail}")

    def as_json(self) -> dict[str, object]:
        """`{severity, summary, detail, address, at}`."""
        return {
            "severity": self.severity,
            "summary": self.summary,
            "detail": self.detail,
            "address": self.address,
            "at": str(self.at) if self.at else None,
        }


@dataclass(frozen=True, slots=True)
class LockInfo:
    """Who holds a state lock, as the backend stored it. There is no process id in it."""

    id: str
    who: str = ""
    created: str = ""
    operation: str = ""
    path: str = ""
    version: str = ""

    @classmethod
    def parse(cls, note: str) -> LockInfo:
        """What terraform wrote beside a state, or into it (JSON); nothing of what cannot be read."""
        try:
            data = json.loads(note)
        except ValueError:
            data = None
        known = {str(name): str(value) for name, value in data.items()} if isinstance(data, dict) else {}
        names = ("ID", "Who", "Created", "Operation", "Path", "Version")
        return cls(*(known.get(name, "") for name in names))

    @property
    def host(self) -> str:
        """The machine of `who`, empty where it does not say."""
        return self.who.rpartition("@")[2] if "@" in self.who else ""

    def as_json(self) -> dict[str, object]:
        """`{id, who, created, operation, path, version}`."""
        return {
            "id": self.id,
            "who": self.who,
            "created": self.created,
            "operation": self.operation,
            "path": self.path,
            "version": self.version,
        }


def unanswered(text: str) -> bool:
    """Whether an error says that no answer of the provider or of the cloud came: it may have been done, or not."""
    return _UNANSWERED.search(text) is not None


def parse_lock_info(text: str) -> LockInfo | None:
    """The `Lock Info:` block of an error message, or None where there is none."""
    fields = {name.lower(): value for name, value in _LOCK_LINE.findall(text.partition("Lock Info:")[2])}
    if not fields.get("id"):
        return None
    return LockInfo(
        fields["id"],
        who=fields.get("who", ""),
        created=fields.get("created", ""),
        operation=fields.get("operation", ""),
        path=fields.get("path", ""),
        version=fields.get("version", ""),
    )


_IN_USE = ("dependencyviolation", "deleteconflict", "resourceinuse", "repositorynotempty")
"""Codes, in small letters, with which AWS refuses to delete what something else holds on to."""


def failure(command: str, diagnostics: Sequence[Diagnostic], done: Completed, subject: str) -> GaiaError:
    """The error for a terraform command that failed. `subject` says whose, e.g. `plat-dev/vpc`.

    Returns:
        Conflict `state-locked` (facts: `lock`), Unavailable `provider-missing`, ToolFailed `terraform-killed` (by a
        signal) or `terraform-failed`; facts hold all `diagnostics`.
    """
    errors = [entry for entry in diagnostics if entry.severity == "error"]
    facts: dict[str, object] = {"subject": subject, "diagnostics": [entry.as_json() for entry in errors]}
    for entry in errors:
        if _is_about_lock(f"{entry.summary}: {entry.detail}"):
            return _locked(entry, subject, facts)
        if entry.summary.startswith(_NO_PROVIDER):
            return Unavailable(
                "provider-missing",
                f"{subject}: {entry}",
                next_step=Next(
                    "doctor", words="Check the network to the registry, or let the doctor say where mirrors belong"
                ),
                facts=facts,
            )
    if done.returncode < 0:
        return ToolFailed(
            "terraform-killed",
            f"terraform {command} of {subject} was ended by signal {-done.returncode}",
            next_step="Resume: Gaia first finds out what had been done.",
            facts=facts,
        )
    if not errors:
        said = _COLOR.sub("", done.stderr or done.stdout).strip()
        if _is_about_lock(said):  # of a command that has no -json
            return _locked(Diagnostic("error", _LOCKED[0], _FRAME.sub("", said)), subject, facts)
        tail = said[-2000:] or "it gave no reason"
        return ToolFailed(
            "terraform-failed",
            f"terraform {command} failed for {subject}: {tail}",
            next_step="Read what terraform says, repair it, then resume.",
            facts=facts,
        )
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return ToolFailed(
        "terraform-failed",
        f"terraform {command} failed for {subject}: {errors[0]}{more}",
        next_step=_advice(errors[0]),
        at=errors[0].at,
        facts=facts,
    )


def _is_about_lock(text: str) -> bool:
    return _LOCKED[0] in text or (_LOCKED[1] in text and "Lock Info:" in text)


def _locked(entry: Diagnostic, subject: str, facts: dict[str, object]) -> Conflict:
    lock = parse_lock_info(f"{entry.summary}\n{entry.detail}")
    if lock is not None:
        facts["lock"] = lock.as_json()
    holder = f"by {lock.who} since {lock.created} (lock {lock.id})" if lock else "by somebody else"
    return Conflict(
        "state-locked",
        f"the state of {subject} is locked {holder}",
        next_step=_see_holder(subject),
        facts=facts,
    )


def _see_holder(subject: str) -> str:
    stack, _, component = subject.partition("/")
    words = "Wait until the holder is done; see whether it lives, and release the lock of one that is dead"
    return Next("unlock", component, words, stack=stack) if component else f"{words}."


def _advice(error: Diagnostic) -> str:
    text = f"{error.summary} {error.detail}".lower()
    if "no valid credential" in text or "expiredtoken" in text or "could not load credentials" in text:
        return "Give AWS credentials that are valid now, or begin an emulated AWS (`sandbox up`), then resume."
    if "accessdenied" in text or "not authorized" in text or "unauthorizedoperation" in text:
        return "Give the credentials the missing right, then resume."
    if "bucketnotempty" in text:
        return "Empty the bucket, earlier versions of its objects too, then resume."
    if any(code in text for code in _IN_USE):
        return "Take away what is in it or still uses it, then resume."
    if error.summary == "No value for required variable" or (
        error.given and error.summary == "Missing required argument"  # what it is called where instances are modules
    ):
        return "Set it among the instance's vars, then try again."
    if error.given:
        return f"Correct the value at {error.at}, then try again."
    if error.at is not None:
        return f"Repair the component at {error.at}, then try again."
    return "Read what terraform says, repair it, then resume."
