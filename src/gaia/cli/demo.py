"""`gaia demo`: the whole loop as a story. Every scene runs the real `gaia` in a process of its own."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaia.bootstrap import App
from gaia.cli.demo_stage import Stage
from gaia.cli.signals import SIGNALS, signals_interrupt
from gaia.errors import Defect
from gaia.kit.pages import page
from gaia.kit.procfs import descendants, kill_tree
from gaia.platform.log import read_log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gaia.kit.child import Child
    from gaia.settings import Settings

    Scene = tuple[str, Callable[[Stage], None]]

STACK = "acme-use1-dev"
TEMPLATE = "object-store"
PEOPLE = {"ada": ("developer", "approver"), "grace": ("approver",)}
"""ada could approve what others ask for: what stops her is that she asked herself."""
ANSWERS = {
    "photos": {"purpose": "holiday photos", "storage_gb": 500, "monthly_writes": 100000, "monthly_reads": 2000000},
    "music": {"purpose": "music", "storage_gb": 50, "monthly_writes": 10000, "monthly_reads": 500000},
}
COMMON = {"owner": "team-media", "cost_center": "cc-4711"}
_WAIT = "aws_s3_bucket_lifecycle_configuration"
"""The provider watches what it made of this type for 55 s: time enough for somebody else's request."""
_ABOUT = """\
The whole loop on this machine, against an emulated AWS, in about {minutes} minutes on two cores; nothing of yours is
touched. You will see:
{scenes}"""


def play(
    settings: Settings,
    *,
    say: Callable[[str], None],
    pause: Callable[[str], None],
    keep: bool,
    scenes: Sequence[Scene] = (),
    ends: Callable[[], None] | None = None,
) -> Path:
    """Play the whole story; returns the folder that it played in (gone unless `keep`).

    `pause` is called with the title of each scene before it begins; it may ask, or return at once. `ends` is called
    when all have been played, and may wait: what was begun runs until it returns. However it ends, by a signal too,
    nothing that it began goes on.
    """
    scenes = scenes or SCENES
    say(_ABOUT.format(minutes=_MINUTES, scenes="\n".join(f"  · {title}" for title, _ in scenes)))
    folder = Path(tempfile.mkdtemp(prefix="gaia-demo-"))
    stage = Stage(settings, folder / "home", say, terminal=sys.stdout.isatty() and sys.stderr.isatty())
    stage.extra["TMPDIR"] = str(folder / "tmp")  # where a terraform that is killed leaves its socket
    begun = time.monotonic()
    with signals_interrupt():
        try:
            (folder / "tmp").mkdir()
            for title, scene in scenes:
                pause(title)
                scene(stage)
            say(f"\nThe whole loop took {time.monotonic() - begun:.0f} s.")
            if ends:
                ends()
        finally:
            for number in SIGNALS:  # who is impatient now would leave something running; it takes a second
                signal.signal(number, lambda *_: None)
            stage.kill()
            for stray in descendants(os.getpid())[1:]:  # begun when the signal came, and noted nowhere yet
                kill_tree(stray)
            if not keep:
                stage.start("sandbox", "down", quiet=True).wait()
                shutil.rmtree(folder, ignore_errors=True)
    return folder


def prepare(stage: Stage) -> None:
    """The emulated AWS, the platform repository, and the tokens of its people."""
    stage.run("sandbox", "up")
    made = stage.json("init", "platform")
    stage.say(f"\n$ gaia init platform\n  a platform repository from the blueprint, in {made['directory']}")
    stage.tokens["admin"] = made["token"]
    for name, roles in PEOPLE.items():
        given = [part for role in roles for part in ("--role", role)]
        token = stage.json("token", "create", name, *given, "--tenant", "acme", "--stage", "dev", who="admin")
        stage.tokens[name] = token["token"]
        stage.say(f"$ gaia token create {name} {shlex.join(given)} --tenant acme --stage dev")


def _asking(service: str) -> list[str]:
    answers = [part for name, value in (COMMON | ANSWERS[service]).items() for part in ("-a", f"{name}={value}")]
    return ["request", TEMPLATE, service, "-s", STACK, *answers]


def _first_request(stage: Stage) -> None:
    stage.run(*_asking("photos"), who="ada")
    expect(stage.json("status", "photos", who="ada")["status"] == "waiting", "photos should wait for a person")


def _approvals(stage: Stage) -> None:
    stage.run("approve", "photos", who="ada", refused=True)
    approving = stage.start("approve", "photos", "--reason", "small and tagged", who="grace")
    with stage.aside() as other:
        _until_begun(stage, approving, "photos", "aws_kms_key")
        other.say(f"$ GAIA_TOKEN=<ada> gaia request {TEMPLATE} music -s {STACK} …")
        asked = stage.json(*_asking("music"), who="ada")
        expect(asked["status"] == "waiting", "music should wait for a person")
        other.say(f"  {asked['id']} waits for a person, and shows what photos has shown")
        second = other.start("approve", "music", "--reason", "more of the same", who="grace")
        _until_begun(stage, second, "music", _WAIT)
        killed = stage.kill()
    stage.say(f"\n  … SIGKILL to gaia, terraform and its providers: {killed} processes, in the middle of two applies")


def _resumed(stage: Stage) -> None:
    stage.run("status", who="grace")
    first = stage.start("resume", "photos", who="grace")
    with stage.aside() as other:
        other.run("resume", "music", who="grace")
        stage.ended(first, "resume", "photos")
    for service in ANSWERS:
        expect(stage.json("status", service, who="ada")["status"] == "done", f"{service} should be done")


def _explanation(stage: Stage) -> None:
    stage.run("why", "aws_s3_bucket.this", "-s", STACK, who="ada")


def _until_begun(stage: Stage, child: Child, service: str, kind: str) -> None:
    """Until terraform makes the service's resource of that type."""
    while not _begun(stage, service, kind):
        if not child.running:
            raise Defect("demo-failed", f"{service} ended before its {kind} was begun", next_step="Run it again.")
        time.sleep(0.1)


def _begun(stage: Stage, service: str, kind: str) -> bool:
    app = App(stage.settings_of())
    with app.records() as database:
        kept = app.documents(database)
        lines = [line for run in kept.find("log") for line in read_log(kept, run.name)[0]]
    return any(
        service in str(line["instance"]) and event.get("kind") == "start" and event.get("type") == kind
        for line in lines
        if (event := line.get("event"))
    )


def _proof(stage: Stage) -> None:
    plans = {service: ("-C", "platform", "plan", f"{service}-bucket", "-s", STACK) for service in ANSWERS}
    first = stage.start(*plans["photos"], who="grace")
    with stage.aside() as other:
        other.run(*plans["music"], who="grace")
        stage.ended(first, *plans["photos"])
    inventory = stage.json("sandbox", "inventory")
    locks = [key for key in inventory["state_objects"] if key.endswith(".tflock")]
    expect(not locks, f"no lock should be left: {locks}")
    stage.say(f"\n  no state lock is left; the emulator holds {counts(inventory)}: nothing twice")


def _retirement(stage: Stage) -> None:
    first = stage.start("retire", "photos", "-s", STACK, "--yes", who="ada")
    with stage.aside() as other:
        other.run("retire", "music", "-s", STACK, "--yes", who="ada")
        stage.ended(first, "retire", "photos")
    for service in ANSWERS:
        if stage.json("status", service, who="ada")["status"] == "waiting":
            stage.run("approve", service, who="grace")
        expect(stage.json("status", service, who="ada")["status"] == "done", f"{service} should be gone")
    inventory = stage.json("sandbox", "inventory")
    left = {kind: names for kind, names in inventory["resources"].items() if names}
    expect(not left, f"nothing should be left: {left}")
    stage.say(f"\n  the emulator's own API: {counts(inventory)}")
    for kind, names in inventory["excepted"].items():
        stage.say(f"  excepted, {kind}:{'' if names else ' none'}")
        for name in names:
            stage.say(f"    {name}")


def counts(inventory: Mapping[str, Any]) -> str:
    """How many there are of each kind."""
    return ", ".join(f"{len(names)} {kind}" for kind, names in inventory["resources"].items())


def _farewell(stage: Stage) -> None:
    tutorial = page("tutorials/first-service.md")
    stage.say(
        "\nWhat to try next:\n"
        "  gaia demo --keep            play it again and keep the sandbox, then look around\n"
        "  gaia init my-platform       a platform repository of your own\n"
        "  gaia explain NAME -s STACK  where every value comes from\n"
        f"  {tutorial}\n"
        "                              the same, slowly"
    )


def expect(condition: bool, otherwise: str) -> None:
    """The demo checks what it claims.

    Raises:
        Defect: `demo-failed`.
    """
    if not condition:
        raise Defect("demo-failed", otherwise, next_step="Report it with the output above.")


_MINUTES = 2
SCENES: tuple[Scene, ...] = (
    ("An emulated AWS, a platform repository, three people", prepare),
    ("ada asks for an object store and sees what it would create and cost", _first_request),
    (
        "ada may not approve it herself; grace approves exactly this, and another one; both are killed half-way",
        _approvals,
    ),
    ("Both are resumed: what was done is found again, and the rest is made", _resumed),
    ("why is this bucket here?", _explanation),
    ("The proof: nothing twice, no lock left, second plans empty", _proof),
    ("Both services are retired, in two terminals at once; nothing is left", _retirement),
    ("The end", _farewell),
)
