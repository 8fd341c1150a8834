"""`gaia demo`: the whole loop as a story. Every scene runs the real `gaia` in a process of its own."""

from __future__ import annotations

import shlex
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaia.bootstrap import App
from gaia.cli.stage import Stage
from gaia.errors import Defect
from gaia.kit.procfs import kill_tree
from gaia.platform.log import read_log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.settings import Settings

STACK = "acme-use1-dev"
TEMPLATE = "object-store"
PEOPLE = {"ada": ("developer", "approver"), "grace": ("approver",)}
"""ada could approve what others ask for: what stops her is that she asked herself."""
ANSWERS = {
    "photos": {"purpose": "holiday photos", "storage_gb": 500, "monthly_writes": 100000, "monthly_reads": 2000000},
    "music": {"purpose": "music", "storage_gb": 50, "monthly_writes": 10000, "monthly_reads": 500000},
}
COMMON = {"owner": "team-media", "cost_center": "cc-4711"}
_KILL_AFTER = "aws_s3_bucket"
"""The second request is killed as soon as terraform begins to make this: its key is there, the rest is not."""


def play(settings: Settings, *, say: Callable[[str], None], pause: Callable[[str], None], keep: bool) -> Path:
    """Play the whole story; returns the folder that it played in (gone unless `keep`).

    `pause` is called with the title of each scene before it begins; it may ask, or return at once.
    """
    folder = Path(tempfile.mkdtemp(prefix="gaia-demo-"))
    stage = Stage(settings, folder / "home", say)
    begun = time.monotonic()
    try:
        for title, scene in SCENES:
            pause(title)
            scene(stage)
        say(f"\nThe whole loop took {time.monotonic() - begun:.0f} s.")
    finally:
        if not keep:
            stage.start("sandbox", "down", quiet=True).wait()
            shutil.rmtree(folder, ignore_errors=True)
    return folder


def _prepare(stage: Stage) -> None:
    stage.run("sandbox", "up")
    made = stage.json("init", "platform")
    stage.say(f"\n$ gaia init platform\n  a platform repository from the blueprint, in {made['directory']}")
    stage.tokens["admin"] = made["token"]
    for name, roles in PEOPLE.items():
        given = [part for role in roles for part in ("--role", role)]
        token = stage.json("token", "create", name, *given, "--tenant", "acme", "--stage", "dev", who="admin")
        stage.tokens[name] = token["token"]
        stage.say(f"$ gaia token create {name} {shlex.join(given)} --tenant acme --stage dev")


def _ask(stage: Stage, service: str) -> str:
    answers = [part for name, value in (COMMON | ANSWERS[service]).items() for part in ("-a", f"{name}={value}")]
    stage.run("request", TEMPLATE, service, "-s", STACK, *answers, who="ada")
    view = stage.json("status", service, who="ada")
    _expect(view["status"] == "waiting", f"{service} should wait for a person, it is {view['status']}")
    return str(view["id"])


def _first_request(stage: Stage) -> None:
    _ask(stage, "photos")


def _approval(stage: Stage) -> None:
    stage.run("approve", "photos", who="ada", refused=True)
    stage.run("approve", "photos", "--reason", "small and tagged", who="grace")
    _expect(stage.json("status", "photos", who="ada")["status"] == "done", "photos should be done")


def _explanation(stage: Stage) -> None:
    stage.run("why", "aws_s3_bucket.this", "-s", STACK, who="ada")


def _killed(stage: Stage) -> None:
    _ask(stage, "music")
    child = stage.start("approve", "music", "--reason", "more of the same", who="grace")
    while not (started := _started(stage)):
        if not child.identity.alive():
            raise Defect("demo-failed", "the second apply ended before it could be killed", next_step="Run it again.")
        time.sleep(0.1)
    doomed = kill_tree(child.identity.pid)
    child.wait()
    stage.say(f"\n  … SIGKILL to gaia, terraform and its provider ({len(doomed)} processes) while {started} was made")
    stage.run("status", "music", who="grace")
    stage.run("resume", "music", who="grace")
    _expect(stage.json("status", "music", who="ada")["status"] == "done", "music should be done")


def _started(stage: Stage) -> str:
    """The address that terraform has begun to make, once it is the one to be killed at."""
    settings = replace(stage.settings, home=stage.home)
    with App(settings).records() as database:
        kept = App(settings).documents(database)
        lines = [line for run in kept.find("log") for line in read_log(kept, run.name)[0]]
    for line in lines:
        event = line.get("event") or {}
        if event.get("kind") == "start" and event.get("type") == _KILL_AFTER and "music" in str(line["instance"]):
            return f"{line['instance']} {event['address']}"
    return ""


def _proof(stage: Stage) -> None:
    for name in ("key", "bucket", "identity"):
        stage.run("terraform", "plan", f"music-{name}", "-s", STACK, who="grace")
    inventory = stage.json("sandbox", "inventory")
    locks = [key for key in inventory["state_objects"] if key.endswith(".tflock")]
    _expect(not locks, f"no lock should be left: {locks}")
    stage.say(f"\n  no state lock is left; the emulator holds {_counts(inventory)}: nothing twice")


def _retirement(stage: Stage) -> None:
    retiring = {name: ("retire", name, "-s", STACK) for name in ("photos", "music")}
    begun = {name: stage.start(*retiring[name], who="ada", label=f"{name:6}") for name in retiring}
    for service, arguments in retiring.items():
        stage.ended(begun[service], *arguments)
        if stage.json("status", service, who="ada")["status"] == "waiting":
            stage.run("approve", service, who="grace")
        _expect(stage.json("status", service, who="ada")["status"] == "done", f"{service} should be gone")
    inventory = stage.json("sandbox", "inventory")
    left = {kind: names for kind, names in inventory["resources"].items() if names}
    _expect(not left, f"nothing should be left: {left}")
    stage.say(f"\n  the emulator's own API: {_counts(inventory)}")
    for kind, names in inventory["excepted"].items():
        stage.say(f"  excepted, {kind}:{'' if names else ' none'}")
        for name in names:
            stage.say(f"    {name}")


def _counts(inventory: Mapping[str, Any]) -> str:
    return ", ".join(f"{len(names)} {kind}" for kind, names in inventory["resources"].items())


def _farewell(stage: Stage) -> None:
    stage.say(
        "\nWhat to try next:\n"
        "  gaia demo --keep            play it again and keep the sandbox, then look around\n"
        "  gaia init my-platform       a platform repository of your own\n"
        "  gaia explain NAME -s STACK  where every value comes from\n"
        "  docs/tutorials/             the same, slowly"
    )


def _expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise Defect("demo-failed", otherwise, next_step="Report it with the output above.")


SCENES: tuple[tuple[str, Callable[[Stage], None]], ...] = (
    ("An emulated AWS, a platform repository, three people", _prepare),
    ("ada asks for an object store and sees what it would create and cost", _first_request),
    ("ada may not approve her own request; grace approves exactly this preview", _approval),
    ("why is this bucket here?", _explanation),
    ("A second request, killed in the middle of its apply, and resumed", _killed),
    ("The proof: nothing twice, no lock left, second plans empty", _proof),
    ("Both services are retired, in two terminals at once; nothing is left", _retirement),
    ("The end", _farewell),
)
