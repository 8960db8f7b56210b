"""The buy box of a product page: what is chosen, what it costs, whether and when it can be had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import g

from shop.campaigns.engine.values import Line
from shop.catalog import bundles
from shop.catalog import queries as catalog
from shop.catalog.bundles import Part
from shop.catalog.picker import Picker
from shop.catalog.views import ImageView, ProductPage, VariantView
from shop.inventory import policies
from shop.inventory.policies import Promise
from shop.web.catalog.own_price import CouponPrice, MemberPrice, coupon_price, member_price
from shop.web.ui.deliveries import HomeRate, home_rate, region
from shop.web.ui.visitor import houses, user_id

FEW = 5
"""Up to so many units the page says how many are left."""
MOST = 999


@dataclass(frozen=True, slots=True)
class Buying:
    """The state of the buy box. ``variant`` is None while the combination does not exist."""

    picker: Picker
    variant: VariantView | None
    price_minor: int
    compare_at_minor: int | None
    left: int | None
    stock: dict[int, int | None]
    delivery: HomeRate | None
    member: MemberPrice | None
    coupon: CouponPrice | None
    images: Sequence[ImageView]
    parts: Sequence[Part]
    promise: Promise | None = None

    @property
    def sold_out(self) -> bool:
        """The combination exists, but none is left."""
        return self.variant is not None and self.picker.sold_out

    @property
    def others(self) -> bool:
        """Another version can be bought."""
        return any(left is None or left > 0 for left in self.stock.values())

    @property
    def few(self) -> bool:
        """So few are left that the number is worth saying."""
        return self.left is not None and 0 < self.left <= FEW

    @property
    def most(self) -> int:
        """The highest quantity of the stepper."""
        return MOST if self.left is None else max(1, min(MOST, self.left))


def buying(page: ProductPage, sku: str | None, values: Sequence[str]) -> Buying:
    """Read what the buy box needs besides the page: stock, the store's rates, the visitor's own prices.

    Two statements, one for a guest. ``values``: public ids of option values that a form sent.
    """
    stock, promised = policies.availability([variant.id for variant in page.variants])
    picked = catalog.picker(page, sku, stock, values)
    chosen = picked.chosen
    store = next(house for house in houses() if house.id == page.store.id)
    g.timezone = store.timezone
    return Buying(
        picker=picked,
        variant=chosen,
        price_minor=chosen.price_minor if chosen else page.price_minor,
        compare_at_minor=chosen.compare_at_minor if chosen else None,
        left=picked.available,
        stock=stock,
        delivery=_delivery(page, chosen) if page.kind == "physical" else None,
        member=member_price(page, chosen) if chosen else None,
        # A member's own coupons would cost statements more: they come as a part of the page.
        coupon=coupon_price(page, chosen) if chosen and user_id() is None else None,
        images=_images(page, chosen),
        parts=_parts(page, chosen),
        promise=_promise(promised, chosen),
    )


def _promise(promised: Mapping[int, Promise], variant: VariantView | None) -> Promise | None:
    """When it leaves the house, for goods that are sold before they are there."""
    found = promised.get(variant.id) if variant is not None else None
    return found if found is not None and found.holds() else None


def _delivery(page: ProductPage, variant: VariantView | None) -> HomeRate | None:
    """What bringing one of it costs and when it arrives, where the visitor's goods go. No
    statement."""
    price = variant.price_minor if variant else page.price_minor
    weight = variant.weight_grams if variant else 0
    line = Line(0, page.store.id, page.id, None, page.kind, price, 1, weight)
    return home_rate(page.store.id, region(), line)


def _parts(page: ProductPage, variant: VariantView | None) -> list[Part]:
    """What a set consists of; no statement for goods whose stock is counted, which are none."""
    if variant is None or variant.tracked or page.kind != "physical":
        return []
    return bundles.parts_of([variant.id]).get(variant.id, [])


def _images(page: ProductPage, variant: VariantView | None) -> list[ImageView]:
    """The pictures, that of the chosen variant first."""
    own = variant.image_public_id if variant else None
    return sorted(page.images, key=lambda image: image.public_id != own)
