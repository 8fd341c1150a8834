"""Gaia is installed without a compiler."""

from __future__ import annotations

from itertools import product

from packaging.utils import parse_wheel_filename
from tests.unit.house.wheels import PLATFORMS, PYTHONS, fits, locked, table, taken


def test_everything_that_gaia_needs_has_a_wheel_wherever_gaia_runs() -> None:
    """A wheel of the locked version, for each platform and each Python (a new lock needs a new table: CONTRIBUTING)."""
    names = table()
    lacks = []
    for python, platform in product(PYTHONS, PLATFORMS):
        tags = taken(python, platform)
        for package in locked():
            wheels = [names[digest] for digest in package.hashes if digest in names]
            if package.wanted(python, platform) and not any(fits(wheel, tags) for wheel in wheels):
                lacks.append(f"{package.name} {package.version} on {platform} with Python {python}")
    assert lacks == []


def test_the_table_holds_what_the_lock_holds_and_nothing_else() -> None:
    """Each wheel of the table is of a package and a version of the lock, by name and by hash."""
    owners = {digest: package for package in locked() for digest in package.hashes}
    for digest, wheel in table().items():
        name, version, _, _ = parse_wheel_filename(wheel)
        assert digest in owners, wheel
        assert (owners[digest].name, owners[digest].version) == (name, str(version))
