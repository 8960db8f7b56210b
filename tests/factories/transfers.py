"""Checkouts that are paid by bank transfer, and what is shown and booked for them."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from shop.core import ids
from shop.core.db import db
from shop.core.transaction import transaction
from shop.payment import transfer_money, transfer_proofs, transfers
from shop.payment.transfer_models import TransferProof
from shop.payment.transfer_money import Booked
from shop.payment.transfer_proofs import Stored
from tests.factories.orders import Lines, Placed, place_order
from tests.factories.uploads import stored_photo

WAIT = timedelta(days=3)
ACCOUNT = {
    "holder": "Xiaopu Commerce Ltd.",
    "bank": "Bank of Hangzhou",
    "account": "3301 0401 6000 1234 567",
    "swift": "HZCBCN2H",
}


def offer_transfers(app: Flask) -> None:
    """The platform has an account for yuan."""
    app.config["BANK_TRANSFER_ACCOUNTS"] = {"CNY": ACCOUNT}
    app.config["BANK_TRANSFER_WAIT"] = WAIT
    for kept in ("gateways", "job_gateways"):
        app.extensions.pop(kept, None)


def transfer_order(lines: Lines, **given: object) -> tuple[Placed, str]:
    """A placed checkout that is paid by transfer, and the reference that the money carries."""
    placed = place_order(lines, method="transfer", **given)  # type: ignore[arg-type]  # passed on
    with transaction():
        return placed, transfers.begin(placed.checkout_id, hold=WAIT)


def book(reference: str, amount_minor: int, bank_reference: str = "", **given: object) -> Booked:
    """Money is on the account."""
    values = {"actor": "u:1", "key": ids.token(), "hold": WAIT} | given
    with transaction():
        return transfer_money.book(
            reference,
            amount_minor=amount_minor,
            bank_reference=bank_reference or ids.token(),
            **values,  # type: ignore[arg-type]  # the tests give what they mean
        )


def make_proof(order_id: int) -> str:
    """Something was sent to show that it was paid; returns the proof's public id."""
    with transaction():
        photo = stored_photo(transfer_proofs.FOLDER)
        file = Stored(photo.name, photo.width, photo.height, photo.widths)
        transfer_proofs.send(order_id, [file], payer="Lin Wan", paid_on=None, actor="guest")
    return db.session.scalars(
        select(TransferProof.public_id).order_by(TransferProof.id.desc()).limit(1)
    ).one()
