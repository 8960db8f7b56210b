"""Products as the card macro draws them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import gettext as _

from shop.catalog.views import Card, CategoryNode, ImageView
from shop.web.ui.format import percent
from shop.web.ui.locale import current_lang

# A tile is at most a sixth of the page wide; every picture of a category has these sizes.
_TILE_WIDTHS = (160, 320, 480)


@dataclass(frozen=True, slots=True)
class CardView:
    """What ``card()`` asks for; see templates/_ui/card.html."""

    slug: str
    title: str
    image: ImageView | None
    hover_image: ImageView | None
    price_minor: int
    price_max_minor: int
    compare_at_minor: int | None
    currency: str
    available: bool
    rating: float | None
    rating_count: int
    fact: str
    badge: str
    badge_kind: str
    variant_id: str | None
    line: str = ""


def card_view(card: Card, line: str = "") -> CardView:
    """A card with its badge in words: what is saved, else that it is new. ``line``: a remark for lists
    that have room for one."""
    badge, kind = _badge(card)
    return CardView(
        slug=card.slug,
        title=card.title,
        image=card.image,
        hover_image=card.hover,
        price_minor=card.price_minor,
        price_max_minor=card.price_max_minor,
        compare_at_minor=card.compare_at_minor,
        currency=card.currency,
        available=card.available,
        rating=card.rating.mean,
        rating_count=card.rating.count,
        fact=card.fact,
        badge=badge,
        badge_kind=kind,
        variant_id=card.single_variant,
        line=line or card.fact,
    )


def card_views(cards: Iterable[Card]) -> list[CardView]:
    """Cards of a list."""
    return [card_view(card) for card in cards]


def category_image(node: CategoryNode) -> ImageView | None:
    """A category's picture for a tile."""
    if not node.image_name:
        return None
    return ImageView(node.image_name, 480, 480, _TILE_WIDTHS, "")


def _badge(card: Card) -> tuple[str, str]:
    was = card.compare_at_minor
    off = 0
    if was and was > card.price_minor:
        # Rounded down: a badge never promises more than the price gives.
        off = (was - card.price_minor) * 100 // was
    if not (off or card.new):
        return "", ""
    return _words(off, current_lang()), "promo" if off else "plain"


@lru_cache(maxsize=256)
def _words(off: int, _lang: str) -> str:
    """``off`` percent off, else that it is new."""
    return _("%(percentage)s off", percentage=percent(off / 100)) if off else _("New")
