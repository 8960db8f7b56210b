"""Pricing: cart lines, rules, customer and time in; a quote with every adjustment explained out.

Pure: the same arguments give the same quote, and the order of lines and rules does not matter.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from shop.campaigns.engine import coupon, taxing
from shop.campaigns.engine.benefits import PercentageOffEach
from shop.campaigns.engine.conditions import SignedIn
from shop.campaigns.engine.delivery import Parcel, parcel
from shop.campaigns.engine.quote import CouponResult, Progress, Quote, QuotedLine, StoreQuote
from shop.campaigns.engine.values import (
    Customer,
    Lane,
    Line,
    Promotion,
    Rules,
    Scope,
    Step,
)
from shop.campaigns.engine.working import Working


def price(lines: Sequence[Line], rules: Rules, customer: Customer, now: datetime) -> Quote:
    """Price a cart of one currency, ``rules.currency``.

    Lanes in turn: member prices, spend-and-save, the coupon; then each store's delivery on what its
    goods are worth by then. Raises ``ValueError`` for what only a caller's mistake can bring: repeated
    keys, negative prices, quantities below one, an offer in another currency, or a store with parcels
    but no delivery rule.
    """
    _check(lines, rules)
    working = Working(lines, customer)
    progress: list[Progress] = []
    offers = [*_member_offers(rules), *(p for p in rules.promotions if p.runs(now))]
    for _, lane in groupby(sorted(offers, key=_turn), key=lambda offer: offer.lane):
        began_with = dict(working.left)
        for offer in lane:
            outcome = working.weigh(offer, began_with)
            working.count(offer, outcome)
            if outcome.progress:
                progress.append(outcome.progress)
    result: CouponResult | None = None
    if rules.coupon_code and lines:  # without goods there is nothing to say of a coupon
        result, missing = coupon.count(working, rules, now)
        if missing:
            progress.append(missing)
    return _assemble(lines, rules, working, progress, result)


def _check(lines: Sequence[Line], rules: Rules) -> None:
    if len({line.key for line in lines}) != len(lines):
        raise ValueError("two lines have the same key")
    if any(line.quantity < 1 or line.unit_price_minor < 0 for line in lines):
        raise ValueError("a line needs a quantity of at least one and a price of at least nothing")
    if any(offer.currency != rules.currency for offer in rules.promotions):
        raise ValueError(f"a quote in {rules.currency} does not mix with other currencies")


def _turn(offer: Promotion) -> tuple[int, int, str, int, int]:
    # A member offer is known by its level, which a store has: the store settles what ids cannot.
    return offer.lane, -offer.priority, offer.source, offer.source_id, offer.scope.store_id or 0


def _member_offers(rules: Rules) -> Iterable[Promotion]:
    for store_id, member in rules.members.items():
        if member.discount_bp > 0:
            step = Step(PercentageOffEach(member.discount_bp), (SignedIn(),))
            yield Promotion(
                "member",
                member.level_id,
                Lane.MEMBER,
                Scope(store_id),
                (step,),
                member.names,
                rules.currency,
            )


def _assemble(
    lines: Sequence[Line],
    rules: Rules,
    working: Working,
    progress: list[Progress],
    result: CouponResult | None,
) -> Quote:
    quoted = tuple(
        QuotedLine(
            line.key,
            line.store_id,
            line.unit_price_minor,
            line.quantity,
            line.items_minor,
            tuple(working.adjustments[line.key]),
            working.left[line.key] - line.items_minor,
            working.left[line.key],
        )
        for line in lines
    )
    stores = []
    for store_id in dict.fromkeys(line.store_id for line in lines):
        goods = sum(line.total_minor for line in quoted if line.store_id == store_id)
        needs = any(line.needs_delivery for line in lines if line.store_id == store_id)
        sent = Parcel()
        if needs:
            if store_id not in rules.deliveries:
                raise ValueError(f"store {store_id} sends parcels but has no delivery rule")
            own = [line for line in lines if line.store_id == store_id]
            sent = parcel(store_id, rules.deliveries[store_id], goods, own)
        if sent.progress:
            progress.append(sent.progress)
        items = sum(line.items_minor for line in quoted if line.store_id == store_id)
        stores.append(
            StoreQuote(
                store_id,
                items,
                goods - items,
                goods,
                needs,
                sent.fee_minor,
                sent.waived,
                goods + sent.fee_minor,
                tuple(_nearest_first(p for p in progress if p.store_id == store_id)),
            )
        )
    quoted, stores = taxing.apply(lines, quoted, stores, rules.taxes)
    return Quote(
        rules.currency,
        quoted,
        tuple(stores),
        items_minor=sum(store.items_minor for store in stores),
        discount_minor=sum(store.discount_minor for store in stores),
        delivery_minor=sum(store.delivery_minor for store in stores),
        total_minor=sum(store.total_minor for store in stores),
        applied=tuple(working.applied),
        progress=tuple(_nearest_first(progress)),
        coupon=result,
    )


def _nearest_first(progress: Iterable[Progress]) -> list[Progress]:
    return sorted(
        progress, key=lambda p: (p.missing_minor, p.kind, p.store_id or 0, p.source_id or 0)
    )
