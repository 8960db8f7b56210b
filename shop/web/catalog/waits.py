"""How the visitor stands to a product: saved or not, waiting for the variant that is chosen or not."""

from dataclasses import dataclass

from flask_login import current_user

from shop.cart.wishlist_queries import of_visitor
from shop.catalog.views import ProductPage
from shop.web.catalog.buying import Buying
from shop.web.ui.visitor import owner, shop_context


@dataclass(frozen=True, slots=True)
class Wait:
    """The form of who waits. ``email``: a member's address, or what a guest has typed; ``waiting``: asked
    already; ``error``: what is wrong with the address."""

    member: bool
    email: str = ""
    waiting: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """``wait``: None unless the chosen variant is sold out."""

    saved: bool
    wait: Wait | None


def standing(page: ProductPage, box: Buying) -> Standing:
    """Read it for the page, the cart's count in the same statement; none for a guest without a cookie."""
    sold_out = box.variant.id if box.variant is not None and box.sold_out else None
    found = of_visitor(owner(), page.id, sold_out)
    shop_context(found)
    if sold_out is None:
        return Standing(found.saved, None)
    if current_user.is_authenticated:
        return Standing(found.saved, Wait(True, current_user.email, found.waiting))
    return Standing(found.saved, Wait(member=False))
