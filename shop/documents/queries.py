"""Reading what papers are made of: many orders at once, in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from shop.core.db import db
from shop.core.i18n import pick
from shop.core.lookups import Lookup, askable
from shop.documents import settings
from shop.documents.bill_data import Bill, read
from shop.documents.models import Invoice, StoreCounter
from shop.inventory.models import Location, Reservation
from shop.order import money as order_money
from shop.order.handover_models import OrderLinePart
from shop.order.models import Order, OrderContact, OrderLine
from shop.order.queries import contact_view
from shop.order.states import OrderState
from shop.order.views import ContactView
from shop.store.models import Store, StoreTranslation

MOST = 200
"""Orders in one file: drawn in seconds, and more than a day's parcels of most shops."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What lies on a shelf and goes into a parcel. ``places``: where it is kept."""

    title: str
    options: str
    sku: str
    quantity: int
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SlipLine:
    """A bought line that travels, and the parts that it is made of."""

    piece: Piece
    parts: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Slip:
    """An order as those who pack it see it, in the language it was bought in."""

    number: str
    locale: str
    timezone: str
    placed_at: datetime
    store: str
    store_lines: tuple[str, ...]
    store_email: str
    contact: ContactView
    lines: tuple[SlipLine, ...]
    cancelled: bool
    method: str
    currency: str
    due_minor: int

    @property
    def units(self) -> int:
        """Pieces in the parcel."""
        return sum(line.piece.quantity for line in self.lines)


def slips(
    numbers: Sequence[str], store_ids: Sequence[int], locale: str | None = None
) -> list[Slip]:
    """The slips of some orders of these stores, in the order of ``numbers``; four statements.

    Worded in ``locale``, else each in its order's language. An order of another store is left out.
    """
    found = db.session.execute(
        select(Order, OrderContact, Store)
        .join(Store, Store.id == Order.store_id)
        .outerjoin(OrderContact, OrderContact.order_id == Order.id)
        .where(Order.number.in_(numbers), Order.store_id.in_(store_ids))
    ).all()
    names: dict[int, dict[str, str]] = {}
    for store_id, language, name in db.session.execute(
        select(StoreTranslation.store_id, StoreTranslation.locale, StoreTranslation.name).where(
            StoreTranslation.store_id.in_({store.id for _, _, store in found})
        )
    ):
        names.setdefault(store_id, {})[language] = name
    languages = {order.id: locale or order.locale for order, _, _ in found}
    lines = _lines(languages)
    made = {}
    for order, contact, store in found:
        kept = settings.of(store.settings)
        unpaid = order.method == "cod" and order.paid_at is None
        made[order.number] = Slip(
            order.number,
            languages[order.id],
            store.timezone,
            order.placed_at,
            pick(names.get(store.id, {}), languages[order.id]) or store.slug,
            tuple(filter(None, map(str.strip, kept.address.splitlines()))),
            store.contact_email,
            contact_view(contact),
            tuple(lines.get(order.id, ())),
            order.state == OrderState.CANCELLED,
            order.method,
            order.currency,
            order.due_minor if unpaid else 0,
        )
    return [made[number] for number in dict.fromkeys(numbers) if number in made]


def _lines(languages: dict[int, str]) -> dict[int, list[SlipLine]]:
    places: dict[tuple[int, int], list[str]] = {}
    for line_id, variant_id, name in db.session.execute(
        select(Reservation.order_line_id, Reservation.variant_id, Location.name)
        .join(Location, Location.id == Reservation.location_id)
        .join(OrderLine, OrderLine.id == Reservation.order_line_id)
        .where(OrderLine.order_id.in_(languages), Reservation.state != "released")
        .order_by(Location.priority, Location.id)
    ):
        known = places.setdefault((line_id, variant_id), [])
        if name not in known:
            known.append(name)
    kept: dict[int, tuple[OrderLine, list[OrderLinePart]]] = {}
    for line, part in db.session.execute(
        select(OrderLine, OrderLinePart)
        .outerjoin(OrderLinePart, OrderLinePart.line_id == OrderLine.id)
        .where(OrderLine.order_id.in_(languages), OrderLine.kind == "physical")
        .order_by(OrderLine.id, OrderLinePart.id)
    ):
        parts = kept.setdefault(line.id, (line, []))[1]
        if part is not None:
            parts.append(part)
    made: dict[int, list[SlipLine]] = {}
    for line, parts in kept.values():
        units = line.quantity - line.cancelled
        if units:
            locale = languages[line.order_id]
            made.setdefault(line.order_id, []).append(
                SlipLine(
                    _piece(line, units, places.get((line.id, line.variant_id), []), locale),
                    tuple(
                        _piece(
                            part,
                            units * part.quantity,
                            places.get((line.id, part.variant_id), []),
                            locale,
                        )
                        for part in parts
                    ),
                )
            )
    return made


def _piece(row: OrderLine | OrderLinePart, units: int, places: Sequence[str], locale: str) -> Piece:
    return Piece(pick(row.titles, locale), pick(row.options, locale), row.sku, units, tuple(places))


@dataclass(frozen=True, slots=True)
class Paper:
    """An issued invoice or credit note, as pages list it. ``refund_id``: of a credit note."""

    series: str
    label: str
    issued_at: datetime
    total_minor: int
    currency: str


@askable
def papers_of(order_id: int) -> Lookup[list[Paper]]:
    """The invoice and the credit notes of an order, as they were issued. One statement."""
    return Lookup(
        lambda rows: [Paper(*row) for row in rows],
        select(
            Invoice.series, Invoice.label, Invoice.issued_at, Invoice.total_minor, Invoice.currency
        )
        .where(Invoice.order_id == order_id)
        .order_by(Invoice.id),
    )


def bills_of(order_id: int, label: str | None = None) -> list[Bill]:
    """What the papers of an order say: its invoice, or those called ``label``."""
    query = select(Invoice).where(Invoice.order_id == order_id).order_by(Invoice.id)
    wanted = Invoice.series == "invoice" if label is None else Invoice.label == label
    return [read(row.snapshot, row.buyer) for row in db.session.scalars(query.where(wanted))]


def automatic(order_id: int) -> bool:
    """Whether the store of an order issues invoices with the payment."""
    kept = db.session.scalar(
        select(Store.settings).join(Order, Order.store_id == Store.id).where(Order.id == order_id)
    )
    return settings.of(kept or {}).automatic and order_money.went_going(order_id)


def billed(order_id: int) -> bool:
    """Whether the invoice of an order was issued, or is about to be."""
    known = db.session.scalar(select(Invoice.id).where(Invoice.order_id == order_id).limit(1))
    return known is not None or automatic(order_id)


def next_number(store_id: int, series: str) -> int:
    """The number that the next paper of a series will have, as things stand."""
    last = db.session.scalar(
        select(StoreCounter.last).where(
            StoreCounter.store_id == store_id, StoreCounter.series == series
        )
    )
    return (last or 0) + 1
