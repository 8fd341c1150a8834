"""Scans the blueprint's components with checkov (`make audit`) and writes what was found: record, page and baseline.

The record holds what the scanner said, without places and counts that move with every line; a new scan is held
against it by `tests/terraform/test_audit.py`. The page is made from it, the tables beside it, and what tests prove.
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections import Counter
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.policy.model import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
CHECKOV = ROOT / ".tools/checkov/bin/checkov"
COMPONENTS = ROOT / "blueprint/components/terraform"
TABLES = ROOT / "tests/terraform/checkov"
BASELINE = "blueprint/.checkov.baseline"
PAGE = "docs/explanation/security-audit.md"
SCAN_SECONDS = 600.0


@dataclass(frozen=True, order=True)
class Failed:
    """A check that a resource does not pass, as checkov names it."""

    check: str
    file: str
    """Below the folder of components, with a slash in front."""
    resource: str

    @property
    def component(self) -> str:
        """The folder of the component."""
        return _component(self.file)

    @property
    def address(self) -> str:
        """The resource in its component: without the names that examples give to the component's module."""
        address = self.resource
        while address.startswith("module."):
            address = address.split(".", 2)[2]
        return address


@dataclass(frozen=True)
class Scan:
    """What checkov said, in its order of ids."""

    version: str
    components: tuple[str, ...]
    checks: tuple[str, ...]
    """Every check that had something to judge."""
    failed: tuple[Failed, ...]

    @property
    def findings(self) -> list[Failed]:
        """One for each check and resource of a component, however many examples show it."""
        return list({(one.check, one.component, one.address): one for one in self.failed}.values())


@dataclass(frozen=True)
class Check:
    """What a check is worth, by our own table."""

    severity: str
    title: str
    fsbp: tuple[str, ...]
    cis: tuple[str, ...]

    @property
    def controls(self) -> str:
        """Ids of AWS FSBP and CIS AWS 3.0.0, as the policies write them."""
        return ", ".join([*(f"AWS FSBP {one}" for one in self.fsbp), *(f"CIS AWS 3.0.0 {one}" for one in self.cis)])


@dataclass(frozen=True)
class Skip:
    """A reviewed row: failed checks that are accepted, and why."""

    check: str
    component: str
    resource: str
    reason: str

    def covers(self, failed: Failed) -> bool:
        """`*` stands for anything; brackets are those of addresses."""
        pairs = ((failed.check, self.check), (failed.component, self.component), (failed.address, self.resource))
        return all(fnmatchcase(value, pattern.replace("[", "[[]")) for value, pattern in pairs)


UNKNOWN = Check("high", "not in the table of checks", (), ())


def checks() -> dict[str, Check]:
    """The table of checks by id."""
    rows = tomllib.loads((TABLES / "checks.toml").read_text("utf-8"))
    return {
        name: Check(severity, title, tuple(fsbp), tuple(cis)) for name, (severity, title, fsbp, cis) in rows.items()
    }


def skips() -> list[Skip]:
    """The reviewed rows."""
    return [Skip(*row) for row in tomllib.loads((TABLES / "skips.toml").read_text("utf-8"))["skips"]]


def recorded() -> Scan:
    """The last scan that was written down."""
    record = json.loads((TABLES / "recorded.json").read_text("utf-8"))
    failed = tuple(Failed(**one) for one in record["failed"])
    return Scan(record["version"], tuple(record["components"]), tuple(record["checks"]), failed)


def scan(home: Path) -> Scan:
    """Run checkov once over all components and their examples; it reaches nothing and writes into `home` only.

    `RuntimeError` when a file could not be read: what is not judged must not look as if it had passed.
    """
    from gaia.kit import process

    options = "--directory . --framework terraform --skip-download --compact -o json"
    command = [str(CHECKOV), *options.split()]
    environment = process.child_environment(os.environ, HOME=str(home))
    done = process.run(command, cwd=COMPONENTS, env=environment, timeout=SCAN_SECONDS)
    # 1 says that a check failed.
    if done.returncode not in (0, 1):
        raise RuntimeError(f"checkov ended with {done.returncode}: {done.stderr}")
    said = json.loads(done.stdout)
    results = said["results"]
    if results["parsing_errors"] or results["skipped_checks"]:
        raise RuntimeError(f"not judged: {results['parsing_errors']} {results['skipped_checks']}")
    judged = [*results["passed_checks"], *results["failed_checks"]]
    return Scan(
        said["summary"]["checkov_version"],
        tuple(sorted({_component(one["file_path"]) for one in judged})),
        tuple(sorted({one["check_id"] for one in judged})),
        tuple(sorted(Failed(one["check_id"], one["file_path"], one["resource"]) for one in results["failed_checks"])),
    )


def _component(path: str) -> str:
    return path.strip("/").split("/")[0]


def problems(found: Scan) -> Iterator[str]:
    """What somebody has to look at: open findings, rows that match nothing, ids and components that nobody knows."""
    known, reviewed = checks(), skips()
    for one in _open(found):
        yield f"{known.get(one.check, UNKNOWN).severity}: {one.check} fails for {one.address} of {one.component}"
    for skip in reviewed:
        if not any(skip.covers(one) for one in found.findings):
            yield f"a row of skips.toml matches nothing: {skip.check} {skip.component} {skip.resource}"
    yield from (f"checks.toml has no row for {name}" for name in found.checks if name not in known)
    yield from (f"nothing has the check {name} of checks.toml" for name in known if name not in found.checks)
    there = {path.parent.name for path in COMPONENTS.glob("*/versions.tf")}
    yield from (f"no check judged the component {name}" for name in sorted(there - set(found.components)))


def _open(found: Scan) -> list[Failed]:
    reviewed = skips()
    return [one for one in found.findings if not any(skip.covers(one) for skip in reviewed)]


def baseline(found: Scan) -> str:
    """The accepted findings in checkov's own form, for the workflow of the blueprint that scans."""
    unreviewed = {(one.check, one.component, one.address) for one in _open(found)}
    files: dict[str, dict[str, list[str]]] = {}
    for one in found.failed:
        if (one.check, one.component, one.address) not in unreviewed:
            files.setdefault(one.file, {}).setdefault(one.resource, []).append(one.check)
    rows = [
        {"file": file, "findings": [{"resource": name, "check_ids": ids} for name, ids in sorted(resources.items())]}
        for file, resources in sorted(files.items())
    ]
    return json.dumps({"failed_checks": rows}, indent=2) + "\n"


def page(found: Scan) -> str:
    """The page, from a scan, the tables, the policies and the flips."""
    parts = (
        _introduction(found),
        _summary(found),
        _findings(found),
        _accepted(found),
        _policies(),
        _flips(),
        _all(found),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _introduction(found: Scan) -> list[str]:
    return [
        "# Security audit",
        "",
        "<!-- Generated by `make audit` and `make docs`. Do not edit. -->",
        "",
        f"What checkov {found.version} finds in the {len(found.components)} components of the blueprint, as their",
        "examples use them, and what the blueprint's policies refuse. checkov runs offline and then knows no",
        "severities: severity, ids of AWS Foundational Security Best Practices (FSBP) and of the CIS AWS Foundations",
        "Benchmark 3.0.0 come from `tests/terraform/checkov/checks.toml`; an id without a row counts as high.",
        "`make components` scans anew and fails when this page is not what the scan says.",
    ]


def _summary(found: Scan) -> list[str]:
    known = checks()
    judged = Counter(known.get(name, UNKNOWN).severity for name in found.checks)
    unreviewed = set(_open(found))
    still = Counter(known.get(one.check, UNKNOWN).severity for one in unreviewed)
    accepted = Counter(known.get(one.check, UNKNOWN).severity for one in found.findings if one not in unreviewed)
    rows = [(severity, still[severity], accepted[severity], judged[severity]) for severity in SEVERITIES]
    return ["", *_table("severity | findings | accepted, with a reason | checks that judged", rows)]


def _findings(found: Scan) -> list[str]:
    known = checks()
    rows = [
        (check.severity, one.check, check.title, check.controls, one.component, f"`{one.address}`")
        for one in _open(found)
        for check in [known.get(one.check, UNKNOWN)]
    ]
    header = "severity | check | expects | controls | component | resource"
    return ["", "## Findings", "", *(_table(header, _by_severity(rows)) if rows else ["None."])]


def _accepted(found: Scan) -> list[str]:
    known = checks()
    rows = [
        (check.severity, skip.check, check.title, check.controls, _resources(skip, found), skip.reason)
        for skip in skips()
        for check in [known.get(skip.check, UNKNOWN)]
    ]
    return [
        "",
        "## Accepted",
        "",
        "Failed checks that somebody has looked at (`tests/terraform/checkov/skips.toml`). Where the reason is that",
        "checkov cannot see something, the component's own tests hold it.",
        "",
        *_table("severity | check | expects | controls | where | why it is accepted", _by_severity(rows)),
    ]


def _resources(skip: Skip, found: Scan) -> str:
    return ", ".join(f"{one.component} `{one.address}`" for one in found.findings if skip.covers(one))


def _policies() -> list[str]:
    from gaia.policy.rules import PolicySet

    refusals = Counter(flip[4] for flip in _mutations())
    rows = [
        (
            rule.severity,
            f"`{rule.name}`",
            rule.title,
            ", ".join(rule.controls),
            refusals[rule.name.partition(".")[2]] or "",
        )
        for rule in PolicySet.load(ROOT / "blueprint/policies").rules
    ]
    return [
        "",
        "## Policies",
        "",
        "What is judged on every plan, request and manifest, whatever made it. Changes are those of the next section.",
        "",
        *_table("severity | rule | title | controls | changes that it refuses", _by_severity(rows)),
    ]


def _flips() -> list[str]:
    flips = _mutations()
    rows = [
        (source.partition("/")[0], f"`{resource}`", f"`{path}`", f"`{json.dumps(value)}`", f"`{rule}`")
        for source, resource, path, value, rule in flips
    ]
    return [
        "",
        "## Unsafe changes that are refused",
        "",
        f"{len(rows)} changes of the components' own plans, one attribute each. Of each",
        "`tests/terraform/test_mutations.py` shows that the plan passes the rule before and is refused by it after.",
        '`policy:` names a policy in `tests/terraform/mutations.toml`; "unset" is no value.',
        "",
        *_table("component | resource | attribute | becomes | refused by", rows),
    ]


def _all(found: Scan) -> list[str]:
    known = checks()
    failures = Counter(one.check for one in found.findings)
    rows = [
        (check.severity, name, check.title, check.controls, f"{failures[name]} failed" if failures[name] else "passed")
        for name in found.checks
        for check in [known.get(name, UNKNOWN)]
    ]
    return [
        "",
        "## Checks that judged",
        "",
        *_table("severity | check | expects | controls | result", _by_severity(rows)),
    ]


def _mutations() -> list[list[str]]:
    flips: list[list[str]] = tomllib.loads((ROOT / "tests/terraform/mutations.toml").read_text("utf-8"))["flips"]
    return flips


def _by_severity(rows: Iterable[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return sorted(rows, key=lambda row: (SEVERITIES.index(str(row[0])), *map(str, row[1:])))


def _table(header: str, rows: Sequence[tuple[object, ...]]) -> list[str]:
    """A Markdown table; `header` names the columns."""
    return [
        f"| {header} |",
        "|" + "---|" * (header.count("|") + 1),
        *("| " + " | ".join(map(str, row)) + " |" for row in rows),
    ]


def main() -> int:
    """Scan, write record and page; 1 when somebody has to look at something."""
    import tempfile

    if not CHECKOV.exists():
        print("checkov is not there: make tools")
        return 1
    with tempfile.TemporaryDirectory() as home:
        found = scan(Path(home))
    (TABLES / "recorded.json").write_text(json.dumps(asdict(found), indent=1) + "\n", "utf-8")
    (ROOT / PAGE).write_text(page(found), "utf-8")
    (ROOT / BASELINE).write_text(baseline(found), "utf-8")
    wrong = list(problems(found))
    print("\n".join([*wrong, f"wrote {PAGE}"]))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
