"""Which releases are pinned, and for which platforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import Invalid, Unavailable
from gaia.terraform.install import install, releases, this_platform

if TYPE_CHECKING:
    from pathlib import Path


def test_an_unknown_tool_names_the_known_ones(tmp_path: Path) -> None:
    """The next step lists what can be installed."""
    with pytest.raises(Invalid, match="'terrafrom'") as caught:
        install("terrafrom", cache=tmp_path, environ={})
    assert caught.value.code == "tool-unknown"
    assert "terraform, tofu" in caught.value.next_step


def test_a_platform_without_a_pin_is_told_what_to_do(tmp_path: Path) -> None:
    """E.g. FreeBSD: nothing is fetched."""
    with pytest.raises(Unavailable) as caught:
        install("terraform", cache=tmp_path, environ={}, platform="freebsd_amd64")
    assert caught.value.code == "platform-unsupported"
    assert "GAIA_TERRAFORM" in caught.value.next_step


@pytest.mark.parametrize("name", ["terraform", "tofu"])
def test_pins_are_complete(name: str) -> None:
    """Four platforms, four different SHA-256 sums, an encrypted address of that version."""
    pin = releases()[name]
    assert set(pin.sha256) == {f"{system}_{cpu}" for system in ("linux", "darwin") for cpu in ("amd64", "arm64")}
    assert len(set(pin.sha256.values())) == 4
    assert all(len(value) == 64 and int(value, 16) for value in pin.sha256.values())
    url = pin.url.format(version=pin.version, platform="linux_amd64")
    assert url.startswith("https://")
    assert f"{name}_{pin.version}_linux_amd64.zip" in url


@pytest.mark.parametrize(
    ("system", "cpu", "expected"),
    [
        ("Linux", "x86_64", "linux_amd64"),
        ("Linux", "aarch64", "linux_arm64"),
        ("Darwin", "arm64", "darwin_arm64"),
        ("Linux", "riscv64", "linux_riscv64"),
    ],
)
def test_platforms_have_the_names_of_the_archives(
    monkeypatch: pytest.MonkeyPatch, system: str, cpu: str, expected: str
) -> None:
    """What Python calls a machine becomes what release archives call it."""
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.machine", lambda: cpu)
    assert this_platform() == expected
