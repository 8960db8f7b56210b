"""A cart as pages show it: lines by store with their quote, one part per currency."""

from collections.abc import Sequence
from dataclasses import dataclass

from shop.campaigns.engine.quote import Quote, QuotedLine, StoreQuote
from shop.catalog.views import VariantInfo
from shop.inventory.policies import Promise
from shop.store.data import StoreName


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


@dataclass(frozen=True, slots=True)
class CartPart:
    """What is paid at once: all stores of one currency."""

    currency: str
    stores: list[StorePart]
    quote: Quote

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

    def part(self, currency: str | None = None) -> CartPart | None:
        """The part in ``currency``, or the first."""
        for part in self.parts:
            if currency is None or part.currency == currency:
                return part
        return None
