"""A cart as its page and its drawer draw it: the quote in words, and what would go with it."""

from dataclasses import dataclass, field

from shop.campaigns.engine.quote import StoreQuote
from shop.cart import queries
from shop.cart.views import CartLineView, CartPart, CartView
from shop.catalog import queries as catalog
from shop.core import clock
from shop.store import queries as stores
from shop.store.data import StoreName
from shop.web.cart import wording
from shop.web.cart.wording import Nudge
from shop.web.ui.arrival import arrival
from shop.web.ui.cards import CardView, card_views
from shop.web.ui.locale import current_lang
from shop.web.ui.taxes import remembered
from shop.web.ui.visitor import owner

SUGGESTED = 4
_LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class LineShown:
    """A line with its sentence and the reasons for its price."""

    line: CartLineView
    message: str
    kind: str
    reasons: list[tuple[str, int]]
    off_minor: int


@dataclass(frozen=True, slots=True)
class StoreShown:
    """One store's lines with its prompts."""

    store: StoreName
    lines: list[LineShown]
    nudges: list[Nudge]
    quote: StoreQuote | None


@dataclass(frozen=True, slots=True)
class Discount:
    """A line of the bill: what an offer took off (> 0). ``coupon``: it can be removed."""

    label: str
    minor: int
    coupon: bool


@dataclass(frozen=True, slots=True)
class PartShown:
    """What is paid at once."""

    part: CartPart
    stores: list[StoreShown]
    nudges: list[Nudge]
    discounts: list[Discount]
    coupon_problem: str
    count: int


@dataclass(frozen=True, slots=True)
class Fitting:
    """Goods that would bring a gain within reach: ``store`` and from which price on they do."""

    cards: list[CardView]
    store: StoreName | None = None
    from_minor: int = 0


@dataclass(frozen=True, slots=True)
class CartShown:
    """The whole cart. ``several_stores``: whether stores are named; ``picks``: whether lines carry
    a box to leave them behind."""

    cart: CartView
    parts: list[PartShown]
    several_stores: bool
    picks: bool
    arrives: tuple[object, object]
    fitting: Fitting = field(default_factory=lambda: Fitting([]))

    @property
    def first(self) -> PartShown | None:
        """The part that the drawer shows."""
        return self.parts[0] if self.parts else None


def show(*, with_fitting: bool = True) -> CartShown:
    """The visitor's cart. ``with_fitting``: also goods to add, for one statement more."""
    lang = current_lang()
    cart = queries.view(owner(), lang, clock.now(), remembered())
    several = stores.count() > 1
    parts = [_part(part, several) for part in cart.parts]
    lines = [line for part in cart.parts for line in part.lines]
    return CartShown(
        cart=cart,
        parts=parts,
        several_stores=several,
        picks=lang == "zh" or any(not line.selected for line in lines),
        arrives=arrival(),
        fitting=_fitting(cart) if with_fitting else Fitting([]),
    )


def _part(part: CartPart, several: bool) -> PartShown:
    shown = []
    for store in part.stores:
        lines = [_line(line) for line in store.lines]
        shown.append(StoreShown(store.store, lines, wording.store_nudges(part, store), store.quote))
    names = {store.store.id: store.store.name for store in part.stores} if several else {}
    discounts = [
        Discount(
            wording.discount_name(applied, names, part.currency),
            -applied.amount_minor,
            applied.source == "coupon",
        )
        for applied in part.quote.applied
    ]
    return PartShown(
        part=part,
        stores=shown,
        nudges=wording.platform_nudges(part.quote),
        discounts=discounts,
        coupon_problem=wording.coupon_problem(part.quote.coupon, part.currency),
        count=sum(line.quantity for line in part.quote.lines),
    )


def _line(line: CartLineView) -> LineShown:
    message, kind = wording.line_message(line)
    reasons = wording.reasons(line)
    return LineShown(line, message, kind, reasons, -sum(minor for _, minor in reasons))


def _fitting(cart: CartView) -> Fitting:
    """For an empty cart what sells best; else what is just enough for free delivery."""
    lang = current_lang()
    if cart.empty:
        page = catalog.listing(locale=lang, sort="sales", limit=SUGGESTED, in_stock=True)
        return Fitting(card_views(page.items))
    for part in cart.parts:
        step = wording.nearest_delivery(part)
        if step is None:
            continue
        held = {line.info.product_id for line in part.lines}
        page = catalog.listing(
            locale=lang, store_id=step.store_id, sort="price-asc", limit=_LOOKED_AT, in_stock=True
        )
        cards = [
            card
            for card in page.items
            if card.price_minor >= step.missing_minor and card.product_id not in held
        ]
        if cards:
            return Fitting(card_views(cards[:SUGGESTED]), cards[0].store, step.missing_minor)
    return Fitting([])
