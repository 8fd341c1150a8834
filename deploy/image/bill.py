"""Print the bill of materials of a root as CycloneDX 1.6: Debian's packages, Python's, and terraform."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote


def debian(root: Path) -> list[dict[str, Any]]:
    """What dpkg says is installed."""
    found = []
    for block in (root / "var/lib/dpkg/status").read_text().split("\n\n"):
        fields = dict(re.findall(r"^(\S+): (.*)$", block, re.MULTILINE))
        if fields.get("Status") == "install ok installed":
            name, version = fields["Package"], fields["Version"]
            purl = f"pkg:deb/debian/{quote(name)}@{quote(version)}?arch={fields['Architecture']}"
            found.append({"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl})
    return found


def python(packages: Path) -> list[dict[str, Any]]:
    """What is installed in a folder of Python's packages."""
    found = []
    for one in distributions(path=[str(packages)]):
        name, version = re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower(), one.version
        purl = f"pkg:pypi/{quote(name)}@{quote(version)}"
        found.append({"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl})
    return found


def program(path: Path, name: str) -> dict[str, Any]:
    """A program that is no package's: by what it is."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    hashes = [{"alg": "SHA-256", "content": digest}]
    return {"type": "application", "name": name, "hashes": hashes, "bom-ref": f"{name}@{digest}"}


def main(root: str, packages: str) -> None:
    """Print it, sorted: the same root has the same bill."""
    components = [
        *debian(Path(root)),
        *python(Path(packages)),
        program(Path(root, "usr/local/bin/terraform"), "terraform"),
    ]
    components.sort(key=lambda one: str(one["bom-ref"]))
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}
    sys.stdout.write(json.dumps(bill, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
