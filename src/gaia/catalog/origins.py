"""Where files of the platform repository can be looked at, by the address that it is fetched from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from gaia.catalog.model import Origin

_HOST = r"(?P<host>[A-Za-z0-9.-]+)"
_PATH = r"(?P<path>[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)+)/?"
_FORMS = (
    re.compile(rf"https://([^@/\s]*@)?{_HOST}(?P<port>:\d+)?/{_PATH}"),
    re.compile(rf"ssh://([^@/\s]*@)?{_HOST}(:\d+)?/{_PATH}"),
    re.compile(rf"([A-Za-z0-9._-]+@)?{_HOST}:{_PATH}"),
)
"""Of HTTPS the port is the browser's too; of SSH it is not."""


def origin_of(remote: str, branch: str) -> Origin:
    """Without a password that stands in the remote; nothing for a folder, or what no browser opens."""
    from gaia.catalog.model import Origin

    found = next((match for form in _FORMS if (match := form.fullmatch(remote))), None)
    if found is None or "." not in found["host"]:
        return Origin(branch=branch)
    known = found.groupdict()
    host, path = known["host"].lower(), known["path"].removesuffix(".git")
    slug = path if host == "github.com" and path.count("/") == 1 else ""
    return Origin(f"https://{host}{known.get('port') or ''}/{path}", branch, slug)


def address_of(origin: Origin, file: str) -> str:
    """Of a file; empty where there is none."""
    if not (origin.web and origin.branch and file):
        return ""
    between = "/-/blob/" if "gitlab" in origin.web.partition("://")[2].partition("/")[0] else "/blob/"
    return f"{origin.web}{between}{quote(origin.branch)}/{quote(file, errors='replace')}"
