"""Empty packages that `init` chooses from, and the real ones in their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.terraform import mirrors, providers, stand_ins

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.terraform.mirrors import Mirrored


@pytest.fixture
def held(tmp_path: Path) -> tuple[Mirrored, ...]:
    """Two versions of a provider in an unpacked mirror."""
    for version in ("5.0.0", "5.1.0"):
        package = tmp_path / "real" / mirrors.TERRAFORM_HOST / "hashicorp/aws" / version / mirrors.platform_name()
        package.mkdir(parents=True)
        (package / f"terraform-provider-aws_v{version}_x5").write_bytes(b"a program")
    return mirrors.mirrored([tmp_path / "real"])


def test_every_version_has_a_stand_in(tmp_path: Path, held: tuple[Mirrored, ...]) -> None:
    """The same places, each with an empty program; made once for the same providers, anew for others."""
    mirror = stand_ins.mirror_of(tmp_path, held)
    assert [entry.place for entry in mirrors.mirrored([mirror])] == [entry.place for entry in held]
    programs = [program for entry in held for program in (mirror / entry.place).iterdir()]
    assert [program.name for program in programs] == ["terraform-provider-aws_v5.0.0", "terraform-provider-aws_v5.1.0"]
    assert not any(program.read_bytes() for program in programs)
    assert stand_ins.mirror_of(tmp_path, held) == mirror
    assert stand_ins.mirror_of(tmp_path, held[1:]) != mirror
    assert len(list(tmp_path.glob(".*"))) == 2  # and no draft
    assert providers.find_mirrors({"HOME": str(tmp_path / "nobody")}, roots=[tmp_path]) == (tmp_path / "real",)


@pytest.mark.parametrize("copied", [False, True])
def test_the_chosen_one_becomes_real(tmp_path: Path, held: tuple[Mirrored, ...], copied: bool) -> None:
    """The place of a stand-in leads to the real package; what was not chosen, or is real, is left alone."""
    chosen = held[1]
    mirror = stand_ins.mirror_of(tmp_path, held)
    place = tmp_path / "data/providers" / chosen.place
    place.parent.mkdir(parents=True)
    if copied:
        place.mkdir()
        (place / "terraform-provider-aws_v5.1.0").touch()
    else:
        place.symlink_to(mirror / chosen.place)
    stand_ins.replace(tmp_path / "data", held)
    assert place.readlink() == chosen.folder
    assert not (tmp_path / "data/providers" / held[0].place).exists()
    place.unlink()
    place.mkdir()
    (place / "terraform-provider-aws_v5.1.0_x5").write_bytes(b"from the registry")
    stand_ins.replace(tmp_path / "data", held)
    assert not place.is_symlink()
