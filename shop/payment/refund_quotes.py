"""What a refund would be: exact shares of lines after their discounts, and the delivery."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select

from shop.campaigns.engine.refund import refund_share
from shop.core.db import db
from shop.core.errors import Invalid, NotFound
from shop.core.lookups import Lookup, Rows, number, together
from shop.order import codes, replacements, returnable
from shop.order.models import Adjustment, Order, OrderLine
from shop.order.states import ShippingState
from shop.payment import ledger, refund_taxes
from shop.payment.models import Refund, RefundLine
from shop.payment.refund_taxes import TaxPart
from shop.payment.states import ACTIVE_REFUNDS


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """Units of a line to be refunded and their exact share after discounts."""

    line_id: int
    public_id: str
    quantity: int
    amount_minor: int
    most: int
    taxes: list[TaxPart] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RefundQuote:
    """What a refund would be; ``refundable_minor`` is the most that is left to give back.

    ``keeps_delivery``: it ends an order of which nothing was sent, and leaves its delivery with the shop.
    """

    lines: list[QuoteLine]
    delivery_minor: int
    delivery_left_minor: int
    total_minor: int
    refundable_minor: int
    currency: str
    delivery_taxes: list[TaxPart] = field(default_factory=list)
    keeps_delivery: bool = False


def quote(
    order_id: int,
    quantities: Mapping[str, int] | None,
    include_delivery: bool,
    *,
    freed: Mapping[int, int] | None = None,
    returning: str = "",
) -> RefundQuote:
    """Price a refund of ``quantities`` (line public id → units; None: all that is left), in one statement.

    What was sent in exchange for units keeps their money; ``freed`` (line → units) of it are coming back.
    Units under return are paid back by that return alone, which ``returning`` names (public id).
    Raises ``Invalid`` for too many.
    """
    basis, begun = _basis(order_id), codes.begun.later(order_id)
    taxes, kept = refund_taxes.charged.later(order_id), replacements.replaced.later(order_id)
    going = returnable.under_return.later(order_id, returning)
    together(basis, begun, taxes, kept, going)
    charged, before = taxes.found, basis.found.given
    lines = []
    for line in basis.found.lines:
        done, given = before.get(line.id, (0, 0))
        most = line.quantity - done - kept.found.get(line.id, 0) + (freed or {}).get(line.id, 0)
        used = begun.found.get(line.id, 0)
        most -= min(most, used)
        away = min(most, going.found.get(line.id, 0))
        most -= away
        wanted = most if quantities is None else quantities.get(line.public_id, 0)
        if most < wanted <= most + away:
            raise Invalid("refund-under-return", field=f"quantity-{line.public_id}", units=away)
        if used and wanted > most:
            raise Invalid("refund-codes-used", field=f"quantity-{line.public_id}", maximum=most)
        if not 0 <= wanted <= most:
            raise Invalid("refund-quantity", field=f"quantity-{line.public_id}", maximum=most)
        # Up to here, less what was given: exact even when a part in the middle has failed.
        share = refund_share(
            line.unit_price_minor, line.quantity, line.discount_minor, 0, done + wanted
        )
        share += charged.on_top(line, done + wanted)
        amount = max(0, share - given) if wanted else 0
        parts = charged.of_line(line, done + wanted) if wanted else []
        lines.append(QuoteLine(line.id, line.public_id, wanted, amount, most, parts))
    delivery_left = max(0, basis.found.delivery_minor + charged.delivery_on_top())
    delivery = delivery_left if include_delivery else 0
    ends_unsent = basis.found.unsent and any(line.quantity for line in lines)
    ends_unsent = ends_unsent and all(line.quantity == line.most for line in lines)
    return RefundQuote(
        lines=lines,
        delivery_minor=delivery,
        delivery_left_minor=delivery_left,
        total_minor=sum(line.amount_minor for line in lines) + delivery,
        refundable_minor=basis.found.left_minor,
        currency=basis.found.currency,
        delivery_taxes=charged.left(delivery_only=True) if delivery else [],
        keeps_delivery=ends_unsent and delivery_left > delivery,
    )


@dataclass(frozen=True, slots=True)
class _Basis:
    """What a quote is made of. ``given``: units and minor units of each line that went back or are on
    their way; ``delivery_minor``: without its tax, after its discounts, less what went back of it."""

    currency: str
    delivery_minor: int
    left_minor: int
    unsent: bool
    lines: Rows
    given: dict[int, tuple[int, int]]


def _basis(order_id: int) -> Lookup[_Basis]:
    active = Refund.state.in_(ACTIVE_REFUNDS)

    def read(orders: Rows, lines: Rows, parts: Rows, off: Rows, sent: Rows, sums: Rows) -> _Basis:
        if not orders:
            raise NotFound("order-missing")
        delivery = orders[0].delivery_minor + number(off) - number(sent)
        given = {line_id: (int(units), int(minor)) for line_id, units, minor in parts}
        unsent = orders[0].shipping_state == ShippingState.UNSHIPPED
        return _Basis(orders[0].currency, delivery, int(sums[0].left), unsent, lines, given)

    return Lookup(
        read,
        select(Order.currency, Order.delivery_minor, Order.shipping_state).where(
            Order.id == order_id
        ),
        select(
            OrderLine.id,
            OrderLine.public_id,
            OrderLine.unit_price_minor,
            OrderLine.quantity,
            OrderLine.discount_minor,
        )
        .where(OrderLine.order_id == order_id)
        .order_by(OrderLine.id),
        select(
            RefundLine.line_id,
            func.sum(RefundLine.quantity).label("units"),
            func.sum(RefundLine.amount_minor).label("minor"),
        )
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.order_id == order_id, active)
        .group_by(RefundLine.line_id),
        select(func.sum(Adjustment.amount_minor).label("off")).where(
            Adjustment.order_id == order_id, Adjustment.line_id.is_(None)
        ),
        select(func.sum(Refund.delivery_minor).label("sent")).where(
            Refund.order_id == order_id, active
        ),
        ledger.balance(order_id),
    )


def refundable(order_id: int) -> int:
    """The most that is left to give back for an order, in minor units."""
    return int(db.session.execute(ledger.balance(order_id)).one().left)
