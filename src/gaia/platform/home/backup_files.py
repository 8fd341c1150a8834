"""Which files of a home a backup keeps: a closed list, for what is written into one and for what is taken out of one.

Whatever is not named here is no part of a backup, so a file that somebody else made can bring nothing along that
another program would go by: the configuration of a git repository, its hooks, a lock.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.platform.home import unregistered
from gaia.records.documents import PLACES

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS, FILES, CLONES = "records", "home", "clones"
"""Folders of a backup: rows by table, files of the home, a git bundle for each repository."""
_ALONE = frozenset({"repository.json", "init.json", "roles.yaml", "logins.json"})
_KEY = "repository.key"
_OWN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""How Gaia names repositories and checkouts."""
_DOCUMENTS = {folder: (end.rpartition("/")[2],) for folder, end in PLACES.values()}
_OF_A_REPOSITORY = {
    **_DOCUMENTS,
    "journals": (".jsonl",),
    "moves": (".jsonl",),
    "plans": (".sealed",),
    "lineages": (".json",),
    **dict.fromkeys((*unregistered.USES, unregistered.FIRST_STATES), (".tfstate",)),
}
"""Folder → how names in it end. Of working directories, and of `bootstrap`, a state, which was saved nowhere else."""
_SANDBOX = (".json", ".jsonl", ".log")
_ANYTHING = "states"
"""The folder of local states: people name them."""
_LEFT_OVER = (".lock", ".draft")


def keeps(parts: Sequence[str]) -> bool:
    """Whether a file of a home, by its path there, is part of a backup."""
    if not parts or any(one in ("", ".", "..") or one.lower() == ".git" or "\0" in one for one in parts):
        return False
    name = parts[-1]
    if name.endswith(_LEFT_OVER):
        return False
    match list(parts):
        case [alone]:
            return alone in _ALONE
        case ["keys", key]:
            return key == _KEY
        case ["keys", "older", key]:
            return re.fullmatch(r"key-[0-9a-f]{12}\.key", key, re.ASCII) is not None
        case ["repositories", one]:
            return one.endswith(".json") and _OWN.fullmatch(one) is not None
        case ["repos", one, *rest]:
            return _OWN.fullmatch(one) is not None and _keeps_of_repository(rest)
        case ["sandbox", *_]:
            return name.endswith(_SANDBOX)
        case [folder, *_]:
            return name.endswith(_DOCUMENTS.get(folder, ()))
        case _:
            return False


def takes(name: str) -> bool:
    """Whether a file of this name is one that a backup is made of."""
    folder, *rest = name.split("/")
    if folder == FILES:
        return keeps(rest)
    if folder == ROWS:
        return len(rest) == 1 and re.fullmatch(r"[0-9]{6,}\.jsonl", rest[0], re.ASCII) is not None
    return folder == CLONES and len(rest) == 1 and rest[0].endswith(".bundle") and bool(_OWN.fullmatch(rest[0]))


def _keeps_of_repository(parts: Sequence[str]) -> bool:
    match list(parts):
        case ["checkout.json" | "lineages.json"] | ["keys", "repository.key"]:
            return True
        case ["batch", act, record]:
            return act.isalpha() and record.endswith(".json")
        case [folder, _, *_]:
            return folder == _ANYTHING or parts[-1].endswith(_OF_A_REPOSITORY.get(folder, ()))
        case _:
            return False
