"""Where an instance's state lies: the rules by which terraform's backends name files and objects. Pure."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.stacks.model import HOLDERS
from gaia.terraform.aws_endpoint import configured_endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.stacks.model import Instance

DEFAULT = "default"
"""The workspace that every backend has."""
LOCAL_FILE, LOCAL_FOLDER = "terraform.tfstate", "terraform.tfstate.d"
WORKSPACES = "env:"
"""`workspace_key_prefix` of S3 where none is set."""
_ONLY_TERRAFORM = ("assume_role_with_web_identity", "sse_customer_key", "custom_ca_bundle")
"""Settings of the S3 backend with which a plain request does not do."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """An S3 bucket, and how it is reached."""

    name: str
    region: str = "us-east-1"
    endpoint: str = ""
    """Where another address than Amazon's is called."""
    by_path: bool = False
    profile: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    role: str = ""
    """What is assumed to reach it."""
    external_id: str = ""
    config: tuple[str, ...] = ()
    """Files instead of `~/.aws/config`."""
    shared: tuple[str, ...] = ()
    """Files instead of `~/.aws/credentials`."""


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A file on this machine."""

    path: Path
    kind: str = "local"

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class ObjectPlace:
    """An object in a bucket."""

    bucket: Bucket
    key: str
    lock_table: str = ""
    lock_file: bool = False
    kind: str = "s3"

    def __str__(self) -> str:
        return f"s3://{self.bucket.name}/{self.key}"


@dataclass(frozen=True, slots=True)
class OtherPlace:
    """Somewhere that only terraform can look."""

    kind: str
    workspace: str
    body: str = ""
    """What tells this place from others."""

    def __str__(self) -> str:
        return f"backend {self.kind}, workspace {self.workspace}{self.body and f', {self.body}'}"


Place = FilePlace | ObjectPlace | OtherPlace


def place_of(
    instance: Instance,
    *,
    folder: Path,
    in_code: str | None = None,
    code_settings: Mapping[str, object] | None = None,
    backends: bool = True,
    environ: Mapping[str, str] | None = None,
) -> Place:
    """Where terraform reads and writes the state of an instance.

    Args:
        instance: backend type, backend and workspace.
        folder: from where terraform takes a relative path: the component's own folder.
        in_code: the backend that the component's code names; it counts where the stack names none.
        code_settings: what the code says of it.
        backends: whether the stack says which backend there is (`auto_generate_backend_file`).
        environ: terraform's environment: endpoints and regions that the backend does not say.
    """
    kind, body = (instance.backend_type, instance.backend) if backends else ("", {})
    workspace = instance.workspace or DEFAULT
    if not kind:
        kind, body = in_code or "local", code_settings or {}
        if kind != "local" and not body:
            return OtherPlace(kind, workspace, f"in the code of {instance.component_path}")
    if kind == "local":
        return FilePlace(_file(body, workspace, folder))
    if kind == "s3" and (found := _object(body, workspace, environ or {})) is not None:
        return found
    known = sorted((name, value) for name, value in body.items() if isinstance(value, str) and name in NAMES)
    return OtherPlace(kind, workspace, ", ".join(f"{name} {value}" for name, value in known))


NAMES = frozenset(
    (
        *("bucket", "prefix", "container_name", "storage_account_name", "key", "path", "address", "schema_name"),
        *("organization", "hostname", "secret_suffix", "namespace", "workspace_key_prefix", "region"),
    )
)
"""Settings of any backend that say where, and are no secrets."""


def _file(body: Mapping[str, object], workspace: str, folder: Path) -> Path:
    """`path` is of the default workspace alone; every other one has a folder of its own."""
    if workspace == DEFAULT:
        path = str(body.get("path") or LOCAL_FILE)
    else:
        path = posixpath.join(str(body.get("workspace_dir") or LOCAL_FOLDER), workspace, LOCAL_FILE)
    return Path(posixpath.normpath(folder / path))


def _object(body: Mapping[str, object], workspace: str, environ: Mapping[str, str]) -> ObjectPlace | None:
    """None where a plain request with the caller's own credentials cannot read it, or a value is not known yet."""
    if any(body.get(name) for name in _ONLY_TERRAFORM) or any(isinstance(one, HOLDERS) for one in body.values()):
        return None
    name, key = str(body.get("bucket") or ""), str(body.get("key") or "")
    if not name or not key:
        return None
    return ObjectPlace(
        _bucket(name, body, environ),
        object_key(key, workspace, body.get("workspace_key_prefix")),
        lock_table=str(body.get("dynamodb_table") or ""),
        lock_file=body.get("use_lockfile") in (True, "true"),
    )


def object_key(key: str, workspace: str, prefix: object = None) -> str:
    """The key of a workspace's state: the one that is set for the default one, else PREFIX/WORKSPACE/KEY."""
    if workspace == DEFAULT:
        return key
    return posixpath.normpath("/".join(filter(None, (WORKSPACES if prefix is None else str(prefix), workspace, key))))


def at_whole_key(instance: Instance) -> Instance | None:
    """The instance with its state's whole key in the workspace `default`; None where that is no other place.

    Of a workspace that has no state yet the S3 backend makes one first, for which it locks: so it can never release a
    lock that was left in that moment. In `default` it makes nothing.
    """
    body, workspace = instance.backend, instance.workspace or DEFAULT
    if instance.backend_type != "s3" or workspace == DEFAULT or not isinstance(body.get("key"), str):
        return None
    key = object_key(str(body["key"]), workspace, body.get("workspace_key_prefix"))
    kept = {name: value for name, value in body.items() if name != "workspace_key_prefix"}
    return replace(instance, workspace=DEFAULT, backend={**kept, "key": key})


def _bucket(name: str, body: Mapping[str, object], environ: Mapping[str, str]) -> Bucket:
    endpoints = body.get("endpoints")
    own = (endpoints.get("s3") if isinstance(endpoints, dict) else None) or body.get("endpoint")
    region = body.get("region") or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    assumed = body.get("assume_role")
    role: dict[str, object] = assumed if isinstance(assumed, dict) else dict(body)
    by_path = any(body.get(one) in (True, "true") for one in ("use_path_style", "force_path_style"))
    return Bucket(
        name,
        str(region),
        configured_endpoint("s3", environ, str(own or "")),
        by_path or "." in name,
        str(body.get("profile") or ""),
        str(body.get("access_key") or ""),
        str(body.get("secret_key") or ""),
        str(body.get("token") or ""),
        str(role.get("role_arn") or ""),
        str(role.get("external_id") or ""),
        _texts(body.get("shared_config_files")),
        _texts(body.get("shared_credentials_files") or body.get("shared_credentials_file")),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value if isinstance(value, list | tuple) else [value] if value else ()))
