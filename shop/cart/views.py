"""A cart as pages show it: lines by store with their quote, one part per currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from shop.campaigns.engine.quote import Quote, QuotedLine, StoreQuote
from shop.campaigns.engine.values import Customer, Line, Rules
from shop.cart import delivery
from shop.cart.delivery import StoreDelivery, Taken, Wish
from shop.catalog.views import VariantInfo
from shop.inventory.policies import Promise
from shop.store import delivery_queries
from shop.store.data import StoreName
from shop.store.delivery import Plan


@dataclass(frozen=True, slots=True)
class CartLineView:
    """A line. ``problem``: "" or a code (``gone``, ``sold-out``, ``stock-short``, ``price-changed``).

    ``available`` is None for goods without stock keeping. ``quoted`` is None for lines that are not
    selected or cannot be bought.
    """

    key: int
    public_id: str
    quantity: int
    selected: bool
    info: VariantInfo
    available: int | None
    seen_price_minor: int
    problem: str
    quoted: QuotedLine | None
    promise: Promise | None = None

    @property
    def waits(self) -> bool:
        """Whether some of it is not there yet and is sold beforehand."""
        return self.promise is not None and self.promise.holds(self.quantity)

    @property
    def blocks(self) -> bool:
        """Whether the line keeps its store's goods from being bought as they are."""
        return self.problem in {"gone", "sold-out", "stock-short"}

    @property
    def most(self) -> int:
        """The highest quantity the stepper offers."""
        return 999 if self.available is None else max(1, min(999, self.available))


@dataclass(frozen=True, slots=True)
class StorePart:
    """One store's lines and what they come to."""

    store: StoreName
    lines: list[CartLineView]
    quote: StoreQuote | None
    delivery: StoreDelivery | None = None


@dataclass(frozen=True, slots=True)
class CartPart:
    """What is paid at once: all stores of one currency. ``rules`` and ``customer``: what it was priced by."""

    currency: str
    stores: list[StorePart]
    quote: Quote
    rules: Rules
    customer: Customer = field(default_factory=Customer)

    @property
    def lines(self) -> list[CartLineView]:
        """All lines, store by store."""
        return [line for store in self.stores for line in store.lines]

    @property
    def ready(self) -> bool:
        """Whether it can go to the checkout as it is."""
        chosen = [line for line in self.lines if line.selected]
        return bool(chosen) and not any(line.blocks for line in chosen)

    @property
    def needs_delivery(self) -> bool:
        """Whether anything travels in a parcel."""
        return any(store.needs_delivery for store in self.quote.stores)

    @property
    def needs_address(self) -> bool:
        """Whether anything is brought to the buyer's door."""
        return any(one.delivery is not None and not one.delivery.fetched for one in self.stores)

    @property
    def deliverable(self) -> bool:
        """Whether every store delivers to where it goes."""
        return all(one.chosen is not None for one in self.deliveries.values())

    @property
    def deliveries(self) -> dict[int, StoreDelivery]:
        """How the goods of each store come, by its id; nothing of those whose goods do not travel."""
        return {one.store.id: one.delivery for one in self.stores if one.delivery is not None}

    @property
    def pickups(self) -> dict[int, list[str]]:
        """In which regions what is fetched of each store is handed over."""
        found = {key: one.region for key, one in self.deliveries.items()}
        return {key: [region] for key, region in found.items() if region is not None}

    def delivered(
        self,
        plans: Mapping[int, Plan],
        wish: Wish,
        now: datetime,
        taken: Taken = delivery_queries.taken,
    ) -> "CartPart":
        """The same goods, delivered as ``wish`` says."""
        lines = [to_price(one.key, one.info, one.quantity) for one in self.lines if one.quoted]
        slugs = {one.store.id: one.store.slug for one in self.stores}
        chosen = delivery.choose(plans, lines, self.quote, wish, slugs, now, taken)
        quote = delivery.priced(lines, self.rules, self.customer, now, chosen)
        by_store = {store.store_id: store for store in quote.stores}
        stores = [
            replace(one, quote=by_store.get(one.store.id), delivery=chosen.get(one.store.id))
            for one in self.stores
        ]
        return replace(self, quote=quote, stores=stores)


@dataclass(frozen=True, slots=True)
class CartView:
    """A whole cart. ``count`` sums quantities."""

    cart_id: int | None
    parts: Sequence[CartPart]
    count: int
    coupon_code: str

    @property
    def empty(self) -> bool:
        """Nothing is in it."""
        return not self.parts

    @property
    def described(self) -> tuple[Mapping[int, VariantInfo], Mapping[int, StoreName]]:
        """What its goods (by variant) and their stores (by id) are."""
        infos = {line.info.variant_id: line.info for part in self.parts for line in part.lines}
        return infos, {one.store.id: one.store for part in self.parts for one in part.stores}

    def part(self, currency: str | None = None) -> CartPart | None:
        """The part in ``currency``, or the first."""
        for part in self.parts:
            if currency is None or part.currency == currency:
                return part
        return None


def to_price(key: int, info: VariantInfo, quantity: int) -> Line:
    """A line in the form that pricing reads."""
    return Line(
        key=key,
        store_id=info.store_id,
        product_id=info.product_id,
        category_id=info.category_id,
        kind=info.kind,
        unit_price_minor=info.price_minor,
        quantity=quantity,
        weight_grams=info.weight_grams or 0,
        tax_class=info.tax_class,
    )
