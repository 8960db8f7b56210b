"""The carriers that this configuration can ask."""

from collections.abc import Mapping
from typing import Any

from shop.order.carriers.base import CarrierGateway
from shop.order.carriers.data import CARRIERS, OTHER
from shop.order.carriers.signed_json import SignedJson


def build_carriers(config: Mapping[str, Any]) -> dict[str, CarrierGateway]:
    """Code → gateway: each carrier of ``CARRIER_ACCOUNTS``, and the simulator for the others where it runs."""
    base = f"{config['PAYMENT_NOTIFY_BASE']}/carriers"
    found: dict[str, CarrierGateway] = {
        code: SignedJson(address, key, callback=f"{base}/{code}/events")
        for code, (address, key) in config["CARRIER_ACCOUNTS"].items()
        if code in CARRIERS
    }
    sandbox, key = config["CARRIER_SANDBOX"], config["CARRIER_SANDBOX_KEY"]
    if sandbox and key:
        for code in CARRIERS:
            if code != OTHER and code not in found:
                found[code] = SignedJson(f"{sandbox}/{code}", key, callback=f"{base}/{code}/events")
    return found
