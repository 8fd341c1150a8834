"""Tags of launch templates. Upstream: they are also put into what the template gives to instances."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.launch_templates import LaunchTemplateBackend

from gaia.sandbox.patches.fitting import wrap

_GIVEN = "TagSpecifications"


def apply() -> None:
    """Keep them on the template alone."""
    wrap(LaunchTemplateBackend, "create_launch_template", _create_launch_template)


def _create_launch_template(plain: Any, self: Any, name: str, description: str, data: Any, tags: Any) -> Any:
    given = [one for one in data.pop(_GIVEN, None) or [] if one["ResourceType"] != "launch-template"]
    if given:
        data[_GIVEN] = given
    return plain(self, name, description, data, tags)
