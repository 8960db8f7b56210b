"""The gateways of this process, built from the configuration once."""

from flask import current_app

from shop.payment.gateways.base import Gateway
from shop.payment.gateways.registry import build_gateways


def gateways() -> dict[str, Gateway]:
    """Name → gateway. Raises ``Misconfigured`` when a key file cannot be read."""
    kept: dict[str, Gateway] | None = current_app.extensions.get("gateways")
    if kept is None:
        kept = current_app.extensions["gateways"] = build_gateways(current_app.config)
    return kept
