"""Two of the demo's shoppers pay by bank transfer: one has sent a proof, of the other's money a part came."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from shop.account.models import User
from shop.catalog.media import Storage
from shop.catalog.photos import new_name
from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.order.models import Order
from shop.order.states import OrderState, PaymentState
from shop.payment import transfer_money, transfer_proofs, transfers
from shop.payment.transfer_proofs import Stored

_HOLD = timedelta(days=3)


def transfer(store_id: int, storage: Storage) -> None:
    """Let them. The shopper that the demo signs in as keeps an order to pay online."""
    for serial, (order_id, checkout_id, placed_at, total_minor) in enumerate(_waiting(store_id)):
        with clock.at(placed_at + timedelta(minutes=2)), transaction():
            reference = transfers.begin(checkout_id, hold=_HOLD)
            name = new_name(transfer_proofs.FOLDER)
            storage.save(f"{name}-0.pdf", _receipt(reference))
            transfer_proofs.send(
                order_id, [Stored(name)], payer="", paid_on=clock.now().date(), actor="customer"
            )
        if serial:
            with clock.at(placed_at + timedelta(minutes=4)), transaction():
                transfer_money.book(
                    reference,
                    amount_minor=total_minor // 2,
                    bank_reference=f"DEMO-{order_id:06d}",
                    actor="Lin Wei",
                    key=f"demo-transfer-{order_id:05d}",
                    hold=_HOLD,
                    store_ids=[store_id],
                )


def _waiting(store_id: int) -> list[tuple[int, int, datetime, int]]:
    """Two unpaid orders of the store whose checkouts have no other."""
    alone = (
        select(Order.checkout_id).group_by(Order.checkout_id).having(func.count() == 1)
    ).scalar_subquery()
    rows = db.session.execute(
        select(Order.id, Order.checkout_id, Order.placed_at, Order.total_minor)
        .join(User, User.id == Order.user_id)
        .where(
            Order.store_id == store_id,
            Order.checkout_id.in_(alone),
            Order.state == OrderState.OPEN,
            Order.payment_state == PaymentState.UNPAID,
            Order.method != "cod",
            Order.total_minor > 1,
            User.username != "amelia",
        )
        .order_by(Order.id)
        .limit(2)
    ).all()
    return [(row.id, row.checkout_id, row.placed_at, row.total_minor) for row in rows]


def _receipt(reference: str) -> bytes:
    """A bank's receipt of one page, as small as a PDF can be."""
    text = f"BT /F1 18 Tf 72 720 Td (Transfer sent. Reference {reference}) Tj ET".encode()
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    made, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(made)
    made += b"xref\n0 6\n0000000000 65535 f \n" + table
    return made + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
