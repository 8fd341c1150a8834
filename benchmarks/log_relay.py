"""What relaying terraform's output costs.

Claim (issue: operations): 100 MB of terraform's output, redacted, read as events and written into a log, take at most
1.3 times as long as the same output redirected into a file by the system, and no more memory than 1 MB of it.

Real terraform runs, whose provisioner prints much. Both ways are taken alternately in one run; fifty secrets are known.
`benchmarks/log_relay.py 30` relays 30 MB.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import statistics
import string
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gaia.kit import process
from gaia.kit.keys import SecretKey
from gaia.kit.redact import MASK, Redactor
from gaia.platform.log import RunLog
from gaia.records.document_files import FolderDocuments
from gaia.terraform.events import parse_event

LIMIT = 1.3
GROWTH = 32
"""MB of memory that the whole output may take beyond that of the first MB."""
ROUNDS = 3
SECRETS = 50
EVENT = 740
"""Bytes of an event about one such line."""
KEY, RUN = SecretKey("key-000000000000", bytes(32)), "run_1"
CODE = 'resource "terraform_data" "loud" {\n  provisioner "local-exec" {\n    command = "cat loud.txt"\n  }\n}\n'


def prepared(folder: Path, megabytes: int) -> list[str]:
    """A component that prints so much; the secrets of which one stands in every thousandth line."""
    chance = random.Random(1)  # noqa: S311 - the same each time
    secrets = ["".join(chance.choices(string.ascii_letters + string.digits, k=24)) for _ in range(SECRETS)]
    with (folder / "loud.txt").open("w") as file:
        for number in range(megabytes * 1_000_000 // EVENT):
            words = "".join(chance.choices(string.ascii_lowercase + " ", k=70))
            said = secrets[number // 1000 % SECRETS] if number % 1000 == 0 else f"{chance.getrandbits(68):017x}"
            file.write(f"module.network.aws_subnet.private[{number}]: Creation complete [id=subnet-{said}] {words}\n")
    (folder / "main.tf").write_text(CODE)
    subprocess.run(["terraform", "init", "-input=false"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return secrets


def command(folder: Path) -> list[str]:
    """A fresh application."""
    for left in folder.glob("terraform.tfstate*"):
        left.unlink()
    return [shutil.which("terraform") or "terraform", "apply", "-json", "-auto-approve", "-input=false"]


def redirected(folder: Path) -> float:
    """Seconds with the output in a file."""
    line = command(folder)
    with (folder / "redirected.json").open("wb") as file:
        begun = time.perf_counter()
        subprocess.run(line, cwd=folder, stdout=file, check=True)
        return time.perf_counter() - begun


def relayed(folder: Path, redact: Redactor) -> float:
    """Seconds with the output redacted, read as events, and in a run's log."""
    line = command(folder)
    shutil.rmtree(folder / "home", ignore_errors=True)
    log = RunLog(FolderDocuments(folder / "home", KEY), RUN, redact)

    def on_line(text: str) -> None:
        event = parse_event(text)
        if event is not None:
            log.write("apply", event.summary, instance="dev/loud", event=event.as_json())

    begun = time.perf_counter()
    child = process.start(line, cwd=folder, env=dict(os.environ), redact=redact, on_line=on_line, keep_output=False)
    done = child.wait()
    spent = time.perf_counter() - begun
    if done.returncode:
        sys.exit(done.stderr)
    return spent


def memory() -> float:
    """The most that this process has taken so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with tempfile.TemporaryDirectory() as scratch:
        little, much = Path(scratch) / "little", Path(scratch) / "much"
        for folder in (little, much):
            folder.mkdir()
        redact = Redactor()
        redact.learn(prepared(little, 1))
        secrets = prepared(much, megabytes)
        redact.learn(secrets)
        relayed(little, redact)
        before, times = memory(), []
        for _ in range(ROUNDS):
            times.append((redirected(much), relayed(much, redact)))
            print(f"  redirected {times[-1][0]:6.2f} s   relayed {times[-1][1]:6.2f} s", flush=True)
        grown = memory() - before
        [written] = (much / "home").rglob("log.jsonl")
        log = written.read_text()
        size = (much / "redirected.json").stat().st_size / 1e6
    ratio = statistics.median(relay / plain for plain, relay in times)
    clean = not any(secret in log for secret in secrets) and MASK in log
    print(f"{size:.0f} MB of output: {ratio:.2f} times a redirection (at most {LIMIT})")
    print(f"memory: {before:.0f} MB after 1 MB, {grown:+.0f} MB after all (at most {GROWTH:+})")
    print(f"secrets in the log: {'none' if clean else 'SOME'}")
    sys.exit(0 if ratio <= LIMIT and grown <= GROWTH and clean else 1)


if __name__ == "__main__":
    main()
