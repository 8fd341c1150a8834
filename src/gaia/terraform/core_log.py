"""Reading what terraform writes down by itself: which changes it had begun, and what it could not import.

Terraform writes `Starting apply for ADDRESS` into its core log, a file, before it asks the provider for the change. So
after a SIGKILL of everything the file knows about the last moment what the pipe to Gaia has lost. (Measured with
terraform 1.11.4. The locks in the same file are for `gaia.terraform.lock` to read.)
"""

from __future__ import annotations

import json
import re

from gaia.terraform.addresses import only_read

_START = re.compile(r"\[INFO\]\s+Starting apply for (\S.*?)\s*$")


def begun_changes(text: str) -> tuple[str, ...]:
    """Addresses whose change terraform had asked, or was about to ask, the provider for; what it reads is no change."""
    matches = (_START.search(line) for line in text.splitlines())
    return tuple(dict.fromkeys(match.group(1) for match in matches if match and not only_read(match.group(1))))


def missing_imports(text: str, addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Which of `addresses` terraform says it cannot import because they do not exist."""
    if "Cannot import non-existent remote object" not in text and "no object exists with the given id" not in text:
        return ()
    return tuple(address for address in addresses if f"object to {json.dumps(address, ensure_ascii=False)}" in text)
