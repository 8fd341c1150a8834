"""The guard of stacks that are only ever made in the emulated AWS: whatever leads their provider elsewhere is refused.

`settings.gaia.cloud: emulated` says so, which the blueprint's mixin `sandbox` sets. Checked is where terraform would be
led: by the environment that Gaia gives it, by the instance's own `env`, and by `endpoints` of its AWS provider.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gaia.errors import Invalid, Next, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.stacks.model import Instance

SETTING = "settings.gaia.cloud"
EMULATED = "emulated"
_ENDPOINT = "AWS_ENDPOINT_URL"
_IGNORED = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
_BACKENDS = ("", "local", "s3")
"""Types of backends that reach no further than this machine and AWS."""
_OLD_ENDPOINTS = ("endpoint", "dynamodb_endpoint", "iam_endpoint", "sso_endpoint", "sts_endpoint")
"""Of a backend, before it had `endpoints`."""
_HERE_URL = "http://127.0.0.1"
_HERE = ("127.0.0.1", "localhost", "::1")


def check_emulated(instance: Instance, environ: Mapping[str, str], aws: Mapping[str, object]) -> None:
    """Raise where an instance that is for the emulated AWS would be made elsewhere.

    Args:
        instance: with its settings.
        environ: terraform's environment, with the instance's own variables on top.
        aws: its AWS provider's configuration.

    Raises:
        Refused: `emulated-only`. Invalid: `cloud-invalid`.
    """
    gaia = instance.settings.get("gaia")
    cloud = gaia.get("cloud") if hasattr(gaia, "get") else None
    if cloud is None:
        return
    at = instance.place(("settings", "gaia", "cloud"))
    if cloud != EMULATED:
        raise Invalid(
            "cloud-invalid",
            f"{SETTING} of {instance.key} is {cloud!r}",
            next_step=f"Write {EMULATED}, or leave it out.",
            at=at,
        )
    for way in _ways_out(environ, aws, instance.backend_type, instance.backend):
        raise Refused(
            "emulated-only",
            f"{instance.key} is only for the emulated AWS ({SETTING}), and {way}",
            next_step=Next("sandbox up", words="Start it"),
            at=at,
        )


def _ways_out(
    environ: Mapping[str, str], aws: Mapping[str, object], kept_in: str, backend: Mapping[str, object]
) -> Iterator[str]:
    if kept_in not in _BACKENDS:
        yield f"its state is kept in a backend of the type {kept_in}"
    if not environ.get(_ENDPOINT):
        yield "terraform would be led to AWS itself"
    if environ.get(_IGNORED, "false").lower() == "true":
        yield f"{_IGNORED} would lead terraform to AWS itself"
    for name, url in sorted(environ.items()):
        if name.startswith(_ENDPOINT) and not _is_here(url):
            yield f"{name} is {url}"
    for whose, settings in (("provider", aws), ("backend", backend)):
        blocks = settings.get("endpoints")
        for block in blocks if isinstance(blocks, list | tuple) else [blocks]:
            for name, url in block.items() if hasattr(block, "items") else ():
                if not _is_here(str(url)):
                    yield f"its {whose}'s endpoint of {name} is {url}"
    for name in _OLD_ENDPOINTS:
        if not _is_here(str(backend.get(name) or _HERE_URL)):
            yield f"its backend's {name} is {backend[name]}"


def _is_here(url: str) -> bool:
    try:
        return (urlsplit(url).hostname or "") in _HERE
    except ValueError:
        return False
