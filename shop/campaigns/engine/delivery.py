"""What the parcel of one store costs."""

from dataclasses import dataclass

from shop.campaigns.engine.quote import Progress
from shop.campaigns.engine.values import DeliveryRule


@dataclass(frozen=True, slots=True)
class Parcel:
    """The rate to pay, whether it was waived, and what is missing to that."""

    fee_minor: int = 0
    waived: bool = False
    progress: Progress | None = None


def parcel(store_id: int, rule: DeliveryRule, goods_minor: int) -> Parcel:
    """A flat rate, waived once the store's goods are worth enough after all offers."""
    if rule.flat_minor == 0:
        return Parcel(waived=True)
    if rule.free_from_minor is None:
        return Parcel(rule.flat_minor)
    if goods_minor >= rule.free_from_minor:
        return Parcel(waived=True)
    return Parcel(
        rule.flat_minor,
        progress=Progress(
            "delivery",
            None,
            store_id,
            {},
            goods_minor,
            rule.free_from_minor,
            off_minor=rule.flat_minor,
        ),
    )
