"""How the goods of a cart can reach their buyer: what each store offers there, for how much, and when.

Pure once it has its plans: the page prices a cart once, and again for every other choice.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from shop.campaigns.engine.delivery import parcel
from shop.campaigns.engine.price import price
from shop.campaigns.engine.quote import Quote
from shop.campaigns.engine.tax import TaxRule
from shop.campaigns.engine.values import Customer, DeliveryRule, Line, Rules
from shop.store import delivery_queries
from shop.store.delivery import Method, Plan, Window
from shop.store.places import Destination
from shop.store.promise import Promise

Taken = Callable[[Collection[int], date], Mapping[tuple[int, date], int]]
"""Reads how full slots are: by slot and day, from a day on."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the shopper asks for. ``destination`` None: nobody knows yet. ``methods``: store's slug →
    method's public id; ``windows``: store's slug → ``Window.key``."""

    destination: Destination | None = None
    methods: Mapping[str, str] = field(default_factory=dict)
    windows: Mapping[str, str] = field(default_factory=dict)


NO_WISH = Wish()


@dataclass(frozen=True, slots=True)
class Option:
    """A method as it would be for this cart. ``windows``: of local delivery, those with room."""

    method: Method
    fee_minor: int
    promise: Promise
    windows: Sequence[Window] = ()


@dataclass(frozen=True, slots=True)
class StoreDelivery:
    """What one store offers to where it goes. ``chosen`` None: it does not deliver there.

    ``timezone``: the store's. ``asked``: the shopper's own choice could be kept; False: it is no longer offered.
    """

    destination: Destination
    options: Sequence[Option]
    chosen: Option | None
    window: Window | None = None
    asked: bool = True
    timezone: str = "UTC"

    def option(self, public_id: str) -> Option | None:
        """The offered method of this id."""
        return next((one for one in self.options if one.method.public_id == public_id), None)

    @property
    def region(self) -> str | None:
        """Where it is fetched, "" for the store's own region; None for what is brought."""
        return self.chosen.method.region if self.chosen is not None and self.fetched else None

    @property
    def fetched(self) -> bool:
        """Whether the buyer comes for it, so that no address is asked."""
        return self.chosen is not None and self.chosen.method.kind == "pickup"


def rule_of(method: Method) -> DeliveryRule:
    """A method as pricing takes it: pick-up and local delivery have one rate."""
    kind = method.kind if method.parcel else "flat"
    return DeliveryRule(method.price_minor, method.free_from_minor, kind, method.tiers)


def rules_of(deliveries: Mapping[int, StoreDelivery], rules: Rules) -> Rules:
    """The rules with the rates of what is chosen. A store that does not deliver there takes nothing; what is
    fetched is taxed where it is handed over."""
    chosen = {
        store_id: rule_of(one.chosen.method) if one.chosen else DeliveryRule(0)
        for store_id, one in deliveries.items()
    }
    taxes = {
        store_id: _taxed(rule, deliveries.get(store_id)) for store_id, rule in rules.taxes.items()
    }
    return replace(rules, deliveries={**rules.deliveries, **chosen}, taxes=taxes)


def _taxed(rule: TaxRule, one: StoreDelivery | None) -> TaxRule:
    region = one.region if one is not None else None
    return rule if region is None else rule.fetched.get(region, rule)


def choose(
    plans: Mapping[int, Plan],
    lines: Sequence[Line],
    quote: Quote,
    wish: Wish,
    slugs: Mapping[int, str],
    now: datetime,
    taken: Taken = delivery_queries.taken,
) -> dict[int, StoreDelivery]:
    """What every store with goods that travel offers, and what of it is chosen.

    ``quote``: the cart priced with any delivery, for the worth of each store's goods does not depend on it.
    ``taken`` is asked only where local delivery is offered. Without a wish the cheapest of what is brought
    is chosen, else what is fetched.
    """
    found = {}
    for part in quote.stores:
        if not part.needs_delivery:
            continue
        plan = plans[part.store_id]
        place = wish.destination or plan.home
        own = [line for line in lines if line.store_id == part.store_id]
        options = []
        for method in plan.methods(place):
            windows: Sequence[Window] = ()
            promised = plan.promise(method, now)
            if method.kind == "local":
                full = taken([slot.id for slot in method.slots], promised.ship_by)
                windows = plan.windows(method, now, full)
                if not windows:
                    continue
            fee = parcel(part.store_id, rule_of(method), part.goods_minor, own).fee_minor
            options.append(Option(method, fee, promised, windows))
        found[part.store_id] = replace(
            _chosen(place, options, wish, slugs.get(part.store_id, "")), timezone=plan.timezone
        )
    return found


def _chosen(place: Destination, options: list[Option], wish: Wish, slug: str) -> StoreDelivery:
    wanted = wish.methods.get(slug, "")
    chosen = next((one for one in options if one.method.public_id == wanted), None)
    asked = chosen is not None or not wanted
    if chosen is None:
        order = {"pickup": 2, "local": 1}
        chosen = min(
            options,
            key=lambda one: (order.get(one.method.kind, 0), one.fee_minor),
            default=None,
        )
    window = None
    if chosen is not None and chosen.windows:
        key = wish.windows.get(slug, "")
        window = next((one for one in chosen.windows if one.key == key), None)
        asked = asked and (window is not None or not key)
        window = window or chosen.windows[0]
    return StoreDelivery(place, options, chosen, window, asked)


def priced(
    lines: Sequence[Line],
    rules: Rules,
    customer: Customer,
    now: datetime,
    deliveries: Mapping[int, StoreDelivery],
) -> Quote:
    """The cart with what is chosen."""
    return price(lines, rules_of(deliveries, rules), customer, now)
