"""What a plan of an instance of the checkout does to the bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import GaiaError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.checkout.checkout import Checkout
    from gaia.stacks.model import Instance
    from gaia.terraform.plan import Plan


def cost_of(checkout: Checkout, instance: Instance, plan: Plan) -> Mapping[str, object]:
    """Infracost JSON; nothing where nothing changes or that cannot be said: a plan is not worth less for it.

    That an infracost that somebody asked for does not answer is told.
    """
    from gaia.platform.instances.estimates import estimate_of

    if not plan.changes:
        return {}
    try:
        return estimate_of(checkout.files, instance, plan.raw)
    except GaiaError as error:
        if error.code.startswith("infracost-"):
            checkout.tell(f"what {instance.key} costs is not known: {error.message}")
        return {}
