"""`gaia demo --page`: the loop at the page. A real browser plays two people, else whoever reads this does in theirs."""

from __future__ import annotations

import json
import queue
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from gaia.bootstrap import App
from gaia.cli.demo import ANSWERS, COMMON, STACK, TEMPLATE, counts, expect, play, prepare
from gaia.errors import Defect, ToolFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.cli.demo import Scene
    from gaia.cli.demo_stage import Stage
    from gaia.kit.process import Conversation
    from gaia.settings import Settings

SERVICE = "photos"
REASON = "small and tagged"
_BROWSER = "gaia.cli.demo_browser"
_SHOWN_AT = ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "PLAYWRIGHT_BROWSERS_PATH")
_BEGINS = 180.0
"""Seconds that the server and the browser get to begin in."""
_COMES = 1200.0
"""Seconds that a preview or an application gets, on a machine that does much else."""
_ACTS = 120.0
"""Seconds that one act at the page gets."""
_BETWEEN = 2.0
"""Seconds between two looks at what somebody does by hand."""
_WAITS = "Waits for approval"
_DECIDED = (_WAITS, "Denied by policy", "Failed", "Parked", "Done", "Rejected")
"""What a request's page says when nothing goes on by itself."""


def play_on_page(
    settings: Settings,
    *,
    say: Callable[[str], None],
    pause: Callable[[str], None],
    keep: bool,
    stay: Callable[[str], None],
) -> Path:
    """Play the loop at the page, as `gaia.cli.demo.play` does in the terminal.

    `stay` is called at the end, with a question, and the page is open until it returns.
    """
    story = OnPage(stay)
    return play(settings, say=say, pause=pause, keep=keep, scenes=story.scenes, ends=story.ends)


class OnPage:
    """The story, and what it knows from scene to scene: the page's address, a browser, the request."""

    def __init__(self, stay: Callable[[str], None]) -> None:
        self._stay = stay
        self._stage: Stage | None = None
        self._address = ""
        self._browser: Conversation | None = None
        self._service = SERVICE
        self.scenes: tuple[Scene, ...] = (
            ("An emulated AWS, a platform repository, two people, and the page", self._open),
            ("ada asks for an object store at the page, and sees what it would create and cost", self._ask),
            ("grace approves exactly this at the page, and watches it come to exist", self._approve),
            ("The proof: the emulated AWS has it, once, and the page says why", self._prove),
        )

    def ends(self) -> None:
        """Leave the page open until whoever watches has seen enough."""
        stage = self._on()
        stage.say(f"\nThe page stays open: {self._address}\nEach link signs a browser in, once, within ten minutes:")
        for who in ("ada", "grace", "admin"):
            stage.say(f"  {who:<6} {self._link(who)}")
        stage.say(
            "\nWhat to try there: ask for another as ada, approve it as grace, retire this one on its page.\n"
            "Enter or Ctrl-C ends it, and takes the emulated AWS away."
        )
        self._stay("   Enter ends it: ")

    def _open(self, stage: Stage) -> None:
        self._stage = stage
        prepare(stage)
        heard: queue.SimpleQueue[str] = queue.SimpleQueue()
        stage.say("\n$ gaia serve")
        server = stage.start("serve", "--port", "0", "--output", "json", quiet=True, hear=heard.put)
        text, until = "", time.monotonic() + _BEGINS
        while not text.endswith("}"):
            expect(server.running and time.monotonic() < until, "the server has not begun")
            try:
                text += heard.get(timeout=0.2).rstrip()
            except queue.Empty:
                continue
        self._address = json.loads(text)["address"]
        stage.say(f"  the page is at {self._address}")
        self._browser = self._begun(stage)

    def _begun(self, stage: Stage) -> Conversation | None:
        """A browser, where there is one that can be driven; says so otherwise."""
        if find_spec("playwright") is None:
            missing = "the Python package playwright is not installed"
        else:
            browser = stage.converse(_BROWSER, *_SHOWN_AT)
            self._browser = browser
            try:
                shown = self._asked("shown", patience=_BEGINS)
            except ToolFailed as error:
                lines = str(error.facts.get("stderr", "")).strip().splitlines()
                missing = f"no Chromium can be started ({lines[-1][:200] if lines else error.message})"
            else:
                seen = "you see it" if shown else "there is no screen here, so you do not see it"
                stage.say(f"  a browser has begun; {seen}")
                return browser
        stage.say(f"  {missing}: you are ada and grace, in a browser of your own")
        return None

    def _ask(self, stage: Stage) -> None:
        link = self._link("ada")
        if self._browser is None:
            stage.say(
                f"\n  1. Sign in as ada, once, within ten minutes: {link}\n"
                f"  2. New service, Object store; environment {STACK}; any name and answers; then Ask for it.\n"
                "  This goes on when you have."
            )
            self._service = _until(lambda: _requested(stage))
            self._come_to(stage, "waiting", "submitted")
            return
        stage.say(f"\n  ada signs in: {self._asked('sign_in', who='ada', link=link)!r}")
        answers = {name: str(value) for name, value in (COMMON | ANSWERS[SERVICE]).items()}
        order = {"template": TEMPLATE, "service": SERVICE, "stack": STACK, "answers": answers}
        asked = self._asked("order", who="ada", order=order)
        stage.say(f"  while she fills the form in, it says: {asked['outlook']!r}\n  she does: {asked['request']}")
        expect(self._watched(stage, "ada") == _WAITS, "the request should wait for a person")
        seen = self._asked("preview", who="ada")
        stage.say(f"  the page shows: {', '.join(seen['change'])}; {seen['cost']}")
        expect(not seen["may_approve"], "ada should not be offered to approve what she asked for")
        stage.say("  it offers her no Approve: somebody else decides")

    def _approve(self, stage: Stage) -> None:
        link = self._link("grace")
        if self._browser is None:
            stage.say(
                f"\n  Sign in as grace in a private window, for ada is signed in in the other: {link}\n"
                f"  Open {self._service}, look at what would change and what it costs, and approve it.\n"
                "  This goes on when it has been made."
            )
            self._come_to(stage, "done", "submitted", "waiting", "applying")
            return
        stage.say(f"\n  grace signs in: {self._asked('sign_in', who='grace', link=link)!r}")
        said = self._asked("approve", who="grace", service=SERVICE, reason=REASON)
        stage.say(f"  she reads what would change, gives a reason, and approves: {said}")
        expect(self._watched(stage, "grace", after=_WAITS) == "Done", f"{SERVICE} should be done")

    def _prove(self, stage: Stage) -> None:
        if self._browser is not None:
            seen = self._asked("service", who="ada")
            for title, lines in (("outputs", seen["outputs"]), ("why it is here", seen["why"])):
                stage.say(f"\n  its page, {title}:")
                for line in lines[:6]:
                    stage.say(f"    {line[:110]}")
        status = stage.json("status", self._service, who="ada")["status"]
        expect(status == "done", f"{self._service} should be done, and is {status}")
        inventory = stage.json("sandbox", "inventory")
        expect(len(inventory["resources"]["buckets"]) == 1, "there should be one bucket")
        stage.say(f"\n  the emulator's own API: {counts(inventory)}")

    def _watched(self, stage: Stage, who: str, *, after: str = "") -> str:
        """Follow the page until nothing goes on by itself; says what its log says. `after` is what it still shows."""
        until = time.monotonic() + _COMES
        while True:
            expect(time.monotonic() < until, "the page shows no end")
            seen = self._asked("look", who=who)
            for line in seen["lines"]:
                stage.say(f"  │ {line[:110]}")
            if seen["status"] in _DECIDED and seen["status"] != after:
                return str(seen["status"])

    def _come_to(self, stage: Stage, wanted: str, *before: str) -> None:
        """Wait until what is played by hand has come so far: whoever plays has all the time that they want."""

        def reached() -> str:
            status = str(stage.json("status", self._service, who="ada")["status"])
            return "" if status in before else status

        status = _until(reached)
        expect(status == wanted, f"{self._service} should be {wanted}, and is {status}")
        stage.say(f"  {self._service}: {status}")

    def _asked(self, do: str, *, patience: float = _ACTS, **how: Any) -> Any:  # noqa: ANN401 - as the act says
        assert self._browser is not None  # noqa: S101 - asked where there is one
        answer = json.loads(self._browser.ask(json.dumps({"do": do, **how}).encode() + b"\n", patience))
        if "failed" in answer:
            raise Defect(
                "demo-failed", f"at the page: {answer['failed']}", next_step="Report it with the output above."
            )
        return answer["said"]

    def _link(self, who: str) -> str:
        with App(self._on().settings_of("admin")).people() as people:
            return f"{self._address}/login/{people.sign_in_link(who)}"

    def _on(self) -> Stage:
        assert self._stage is not None  # noqa: S101 - the first scene sets it
        return self._stage


def _requested(stage: Stage) -> str:
    """The service that somebody asked for by hand; nothing while there is none."""
    found = stage.json("status", who="ada")["requests"]
    return str(found[0]["service"]) if found else ""


def _until(happened: Callable[[], str]) -> str:
    while not (found := happened()):
        time.sleep(_BETWEEN)
    return found
