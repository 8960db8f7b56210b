"""The buy box of a product page: what is chosen, what it costs, whether and when it can be had."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import g

from shop.campaigns.engine.price import price
from shop.campaigns.engine.values import Customer, Line, MemberRule, Rules
from shop.catalog import bundles
from shop.catalog import queries as catalog
from shop.catalog.bundles import Part
from shop.catalog.picker import Picker
from shop.catalog.views import ImageView, ProductPage, VariantView
from shop.core import clock
from shop.core.i18n import pick
from shop.inventory import queries as inventory
from shop.membership import queries as membership
from shop.store import queries as stores
from shop.web.ui.arrival import arrival
from shop.web.ui.locale import current_lang
from shop.web.ui.visitor import user_id

FEW = 5
"""Up to so many units the page says how many are left."""
MOST = 999


@dataclass(frozen=True, slots=True)
class MemberPrice:
    """What one unit costs this visitor, and the level that gives it."""

    minor: int
    level: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a parcel of the store costs and when one ordered now arrives."""

    flat_minor: int
    free_from_minor: int | None
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Buying:
    """The state of the buy box. ``variant`` is None while the combination does not exist."""

    picker: Picker
    variant: VariantView | None
    price_minor: int
    compare_at_minor: int | None
    left: int | None
    stock: dict[int, int | None]
    delivery: Delivery | None
    member: MemberPrice | None
    images: Sequence[ImageView]
    parts: Sequence[Part]

    @property
    def sold_out(self) -> bool:
        """The combination exists, but none is left."""
        return self.variant is not None and self.picker.sold_out

    @property
    def few(self) -> bool:
        """So few are left that the number is worth saying."""
        return self.left is not None and 0 < self.left <= FEW

    @property
    def most(self) -> int:
        """The highest quantity of the stepper."""
        return MOST if self.left is None else max(1, min(MOST, self.left))


def buying(page: ProductPage, sku: str | None, values: Sequence[str]) -> Buying:
    """Read what the buy box needs besides the page: stock, the store's rates, the visitor's level.

    Three statements, two for a guest. ``values``: public ids of option values that a form sent.
    """
    stock = inventory.availability([variant.id for variant in page.variants])
    picked = catalog.picker(page, sku, stock, values)
    chosen = picked.chosen
    store = stores.get(page.store.id)
    g.timezone = store.timezone
    delivery = None
    if page.kind == "physical":
        delivery = Delivery(store.flat_delivery_minor, store.free_delivery_from_minor, *arrival())
    return Buying(
        picker=picked,
        variant=chosen,
        price_minor=chosen.price_minor if chosen else page.price_minor,
        compare_at_minor=chosen.compare_at_minor if chosen else None,
        left=picked.available,
        stock=stock,
        delivery=delivery,
        member=_member_price(page, chosen) if chosen else None,
        images=_images(page, chosen),
        parts=_parts(page, chosen),
    )


def _parts(page: ProductPage, variant: VariantView | None) -> list[Part]:
    """What a set consists of; no statement for goods whose stock is counted, which are none."""
    if variant is None or variant.tracked or page.kind != "physical":
        return []
    return bundles.parts_of([variant.id]).get(variant.id, [])


def _member_price(page: ProductPage, variant: VariantView) -> MemberPrice | None:
    """What the cart would charge a member for one, by the same engine."""
    uid = user_id()
    level = membership.discounts(uid, [page.store.id]).get(page.store.id)
    if level is None:
        return None
    line = Line(
        key=variant.id,
        store_id=page.store.id,
        product_id=page.id,
        category_id=page.category_id,
        kind="service",  # leaves delivery out, which is said on a line of its own
        unit_price_minor=variant.price_minor,
        quantity=1,
    )
    rule = MemberRule(level.level_id, level.discount_bp, level.names)
    rules = Rules(page.currency, members={page.store.id: rule})
    quote = price([line], rules, Customer(uid), clock.now())
    return MemberPrice(quote.total_minor, pick(level.names, current_lang()))


def _images(page: ProductPage, variant: VariantView | None) -> list[ImageView]:
    """The pictures, that of the chosen variant first."""
    own = variant.image_public_id if variant else None
    return sorted(page.images, key=lambda image: image.public_id != own)
