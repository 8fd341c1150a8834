"""Write a root as an OCI image layout of one layer: `layout.py ROOT FOLDER TAG`. The same root gives the same digest.

The form is that of the OCI image specification 1.1 (image-layout.md, config.md, manifest.md). A registry takes it as it
is: `skopeo copy oci:FOLDER:TAG docker://HOST/gaia:TAG`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_CONFIG = {
    "User": "10001:10001",
    "Env": [
        "PATH=/usr/local/bin:/usr/bin:/bin",
        "HOME=/usr/lib/gaia/home",
        "LANG=C.UTF-8",
        "GAIA_HOME=/var/lib/gaia",
        "PYTHONDONTWRITEBYTECODE=1",
    ],
    "Entrypoint": ["/usr/lib/gaia/bin/gaia"],
    "WorkingDir": "/usr/lib/gaia/home",
    "ExposedPorts": {"8080/tcp": {}},
    "Volumes": {"/var/lib/gaia": {}, "/tmp": {}},  # noqa: S108 - a mount of the image
    "StopSignal": "SIGTERM",
}


class _Summed:
    """A file that is written to, and the SHA-256 of what was."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self.sum = hashlib.sha256()
        self.size = 0

    def write(self, part: bytes) -> int:
        """Write it."""
        self.sum.update(part)
        self.size += len(part)
        return self._file.write(part)

    def flush(self) -> None:
        """Nothing waits here."""
        self._file.flush()

    def close(self) -> None:
        """It is whole."""
        self._file.close()


class _Plain:
    """Hands on to a compressor, and sums what it is handed: the layer's `diff_id`."""

    def __init__(self, to: gzip.GzipFile) -> None:
        self._to = to
        self.sum = hashlib.sha256()

    def write(self, part: bytes) -> int:
        """Write it."""
        self.sum.update(part)
        return self._to.write(part)


def layer(root: Path, path: Path, when: int) -> tuple[str, str, int]:
    """Write the layer; the digest of what it holds, its own, and its size."""
    packed = _Summed(path)
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0, compresslevel=6) as compressed:
        plain = _Plain(compressed)
        with tarfile.open(fileobj=plain, mode="w|", format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
            for one in sorted(root.rglob("*")):
                entry = archive.gettarinfo(one, str(one.relative_to(root)))
                if entry is None or not (entry.isreg() or entry.isdir() or entry.issym() or entry.islnk()):
                    continue
                entry.mtime, entry.uname, entry.gname = min(int(entry.mtime), when), "", ""
                if entry.isreg():
                    with one.open("rb") as content:
                        archive.addfile(entry, content)
                else:
                    archive.addfile(entry)
    packed.close()
    return plain.sum.hexdigest(), packed.sum.hexdigest(), packed.size


def main(root: str, folder: str, tag: str) -> None:
    """Write the layout and print the digest of the image."""
    when = int(os.environ["SOURCE_DATE_EPOCH"])
    created = datetime.fromtimestamp(when, UTC).isoformat().replace("+00:00", "Z")
    blobs = Path(folder, "blobs", "sha256")
    blobs.mkdir(parents=True)

    def keep(value: dict[str, Any], media_type: str) -> dict[str, Any]:
        text = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
        digest = hashlib.sha256(text).hexdigest()
        (blobs / digest).write_bytes(text)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(text)}

    content, packed, size = layer(Path(root), blobs / "layer", when)
    (blobs / "layer").rename(blobs / packed)
    history = [{"created": created, "created_by": "deploy/image/rootfs"}]
    config: dict[str, Any] = {
        "architecture": "amd64",
        "os": "linux",
        "created": created,
        "config": _CONFIG
        | {"Labels": {"org.opencontainers.image.title": "gaia", "org.opencontainers.image.version": tag}},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{content}"]},
        "history": history,
    }
    layers = [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": f"sha256:{packed}", "size": size}]
    manifest = keep(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": keep(config, "application/vnd.oci.image.config.v1+json"),
            "layers": layers,
        },
        "application/vnd.oci.image.manifest.v1+json",
    )
    named = manifest | {"annotations": {"org.opencontainers.image.ref.name": tag}}
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [named]}
    Path(folder, "index.json").write_text(json.dumps(index, sort_keys=True))
    Path(folder, "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    sys.stdout.write(f"{manifest['digest']}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
