"""What a refund would be: exact shares of lines after their discounts, and the delivery."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select

from shop.campaigns.engine.refund import refund_share
from shop.core.db import db
from shop.core.errors import Invalid, NotFound
from shop.order import codes, lock, replacements
from shop.order.models import Adjustment, Order
from shop.payment import ledger, refund_taxes
from shop.payment.models import Payment, PaymentAllocation, Refund, RefundLine
from shop.payment.refund_taxes import TaxPart
from shop.payment.states import ACTIVE_REFUNDS, AttemptState


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
    """What a refund would be; ``refundable_minor`` is the most that is left to give back."""

    lines: list[QuoteLine]
    delivery_minor: int
    delivery_left_minor: int
    total_minor: int
    refundable_minor: int
    currency: str
    delivery_taxes: list[TaxPart] = field(default_factory=list)


def quote(
    order_id: int,
    quantities: Mapping[str, int],
    include_delivery: bool,
    *,
    freed: Mapping[int, int] | None = None,
) -> RefundQuote:
    """Price a refund of ``quantities`` (line public id → units). Raises ``Invalid`` for too many.

    What was sent in exchange for units keeps their money; ``freed`` (line → units) of it are coming back.
    """
    order = db.session.get(Order, order_id, populate_existing=True)
    if order is None:
        raise NotFound("order-missing")
    before = _refunded_units(order_id)
    found = lock.lines(order_id)
    begun = codes.begun([line.id for line in found if line.kind == "service"])
    charged = refund_taxes.charged(order)
    kept = replacements.replaced([line.id for line in found])
    lines = []
    for line in found:
        done, given = before.get(line.id, (0, 0))
        most = line.quantity - done - kept.get(line.id, 0) + (freed or {}).get(line.id, 0)
        wanted = quantities.get(line.public_id, 0)
        used = begun.get(line.id, 0)
        most -= min(most, used)
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
        taxes = charged.of_line(line, done + wanted) if wanted else []
        lines.append(QuoteLine(line.id, line.public_id, wanted, amount, most, taxes))
    delivery_left = _delivery_left(order, charged.delivery_on_top())
    delivery = delivery_left if include_delivery else 0
    return RefundQuote(
        lines=lines,
        delivery_minor=delivery,
        delivery_left_minor=delivery_left,
        total_minor=sum(line.amount_minor for line in lines) + delivery,
        refundable_minor=refundable(order_id),
        currency=order.currency,
        delivery_taxes=charged.left(delivery_only=True) if delivery else [],
    )


def _refunded_units(order_id: int) -> dict[int, tuple[int, int]]:
    """Units and minor units of each line that went back or are on their way."""
    rows = db.session.execute(
        select(RefundLine.line_id, func.sum(RefundLine.quantity), func.sum(RefundLine.amount_minor))
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.order_id == order_id, Refund.state.in_(ACTIVE_REFUNDS))
        .group_by(RefundLine.line_id)
    )
    return {line_id: (int(units), int(minor)) for line_id, units, minor in rows}


def _delivery_left(order: Order, tax: int) -> int:
    discount = db.session.scalar(
        select(func.coalesce(func.sum(Adjustment.amount_minor), 0)).where(
            Adjustment.order_id == order.id, Adjustment.line_id.is_(None)
        )
    )
    given = db.session.scalar(
        select(func.coalesce(func.sum(Refund.delivery_minor), 0)).where(
            Refund.order_id == order.id, Refund.state.in_(ACTIVE_REFUNDS)
        )
    )
    return max(0, order.delivery_minor + int(discount or 0) + tax - int(given or 0))


def refundable(order_id: int) -> int:
    """The most that is left to give back for an order, in minor units."""
    left = db.session.scalar(
        select(
            func.coalesce(
                func.sum(PaymentAllocation.amount_minor - PaymentAllocation.refunded_minor), 0
            )
        )
        .join(Payment, Payment.id == PaymentAllocation.payment_id)
        .where(
            PaymentAllocation.order_id == order_id,
            Payment.state == AttemptState.PAID,
            Payment.flag != ledger.SURPLUS,
        )
    )
    return int(left or 0)
