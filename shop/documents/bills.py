"""Putting together what an invoice or a credit note says, from the order as it was bought."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from shop.core import clock
from shop.core.db import db
from shop.core.i18n import pick
from shop.documents import addresses, settings, taxes
from shop.documents.bill_data import Bill, BillLine, Party
from shop.documents.models import Invoice
from shop.order import queries as order_queries
from shop.order.models import Adjustment, Order, OrderContact, OrderLine
from shop.payment.models import Refund, RefundLine
from shop.store import queries as stores
from shop.store.models import Store


def of_order(order: Order) -> Bill:
    """The invoice of an order, still without its number: discounts stand exactly as they were given."""
    discounts: dict[int | None, list[tuple[str, int]]] = {}
    for cut in db.session.scalars(
        select(Adjustment).where(Adjustment.order_id == order.id).order_by(Adjustment.id)
    ):
        discounts.setdefault(cut.line_id, []).append(
            (pick(cut.labels, order.locale), cut.amount_minor)
        )
    lines = db.session.scalars(
        select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.id)
    ).all()
    return replace(
        _base(order, "invoice"),
        lines=tuple(
            BillLine(
                pick(line.titles, order.locale),
                pick(line.options, order.locale),
                line.sku,
                line.quantity,
                line.unit_price_minor,
                line.unit_price_minor * line.quantity + line.discount_minor,
                tuple(discounts.get(line.id, ())),
            )
            for line in lines
        ),
        delivery_minor=order.delivery_minor,
        delivery_discounts=tuple(discounts.get(None, ())),
        total_minor=order.total_minor,
        taxes=taxes.of_order(order.id).shares,
        tax_added=not order.prices_include_tax,
        physical=any(line.kind == "physical" for line in lines),
    )


def of_refund(order: Order, refund: Refund, corrects: Invoice) -> Bill:
    """The credit note of a refund, still without its number: the exact shares that went back, with the tax
    apart where it came on top of prices."""
    taxed = taxes.of_refund(refund.id)
    added = {} if order.prices_include_tax else taxed.by_line
    rows = db.session.execute(
        select(RefundLine, OrderLine)
        .join(OrderLine, OrderLine.id == RefundLine.line_id)
        .where(RefundLine.refund_id == refund.id, RefundLine.quantity > 0)
        .order_by(RefundLine.id)
    ).all()
    lines = tuple(
        BillLine(
            pick(line.titles, order.locale),
            pick(line.options, order.locale),
            line.sku,
            part.quantity,
            line.unit_price_minor,
            part.amount_minor - added.get(line.id, 0),
        )
        for part, line in rows
    )
    delivery = refund.delivery_minor - (added.get(None, 0) if refund.delivery_minor else 0)
    goods = sum(line.total_minor for line in lines)
    other = refund.amount_minor - delivery - goods - sum(added.values())
    return replace(
        _base(order, "credit"),
        lines=lines,
        delivery_minor=delivery,
        other_minor=other,
        total_minor=refund.amount_minor,
        taxes=taxed.shares,
        tax_added=not order.prices_include_tax,
        corrects=corrects.label,
        physical=refund.delivery_minor > 0,
    )


def numbered(bill: Bill, store_id: int, number: int, moment: datetime) -> Bill:
    """The bill with its number as the store writes it, issued at ``moment``."""
    store = stores.get(store_id)
    local = moment.astimezone(ZoneInfo(store.timezone))
    label = settings.of(store.settings).label(bill.series, number, local)
    return replace(bill, label=label, issued_at=moment)


def seller_of(store: Store, locale: str) -> Party:
    """Who sells: the legal name where the store gave one, else the name that shoppers know."""
    kept = settings.of(store.settings)
    names = {text.locale: text.name for text in store.translations}
    lines = tuple(filter(None, map(str.strip, kept.address.splitlines())))
    name = kept.legal_name or pick(names, locale) or store.slug
    return Party(name, lines, kept.tax_number, store.contact_email)


def _base(order: Order, series: str) -> Bill:
    store = stores.get(order.store_id)
    row = db.session.get(OrderContact, order.id)
    contact = order_queries.contact_view(row)
    return Bill(
        series=series,
        label="",
        locale=order.locale,
        timezone=store.timezone,
        currency=order.currency,
        issued_at=clock.now(),
        seller=seller_of(store, order.locale),
        buyer=Party(contact.name, addresses.lines(contact), email=contact.email),
        order_number=order.number,
        placed_at=order.placed_at,
        method=order.method,
        lines=(),
        delivery_minor=0,
        total_minor=0,
        footer=settings.of(store.settings).footer(order.locale),
    )
