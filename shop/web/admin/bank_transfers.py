"""The desk of bank transfers: what waits, what was sent to show that it was paid, what came.

A checkout of one store is that store's; one that several stores share is the platform's, since nobody else
may see all of it (docs/adr/0047). Operators see every one.
"""

from collections.abc import Sequence

from flask import Response, abort, current_app, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from wtforms import SelectField, StringField
from wtforms.validators import Length

from shop.core.errors import Conflict, Invalid, NotFound, ShopError
from shop.core.transaction import transaction
from shop.notifications.transfers import DECLINED
from shop.payment import transfer_money, transfer_proofs, transfer_queries, transfer_views
from shop.payment.transfer_views import TransferView
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse, say
from shop.web.admin.replies import refused, went_to
from shop.web.ui import transfers as shown
from shop.web.ui.format import money_text
from shop.web.ui.forms import Form, IdempotencyField, MoneyField, Required, choices
from shop.web.ui.htmx import render

bp.context_processor(shown.context)


class BookForm(Form):
    """Money on the account, as the bank's statement shows it."""

    key = IdempotencyField()
    amount = MoneyField(lazy_gettext("Amount that arrived"), [Required()], least=1)
    bank_reference = StringField(
        lazy_gettext("The bank’s number for it"),
        [
            Required(),
            Length(max=80, message=lazy_gettext("A bank’s number has at most 80 characters.")),
        ],
    )


class DeclineForm(Form):
    """Why a proof is declined; the shopper reads it."""

    reason = SelectField(
        lazy_gettext("Reason"), choices=choices(DECLINED.items()), id="decline-reason"
    )
    note = StringField(
        lazy_gettext("In your words, for the customer"),
        [Length(max=255, message=lazy_gettext("A note has at most 255 characters."))],
        id="decline-note",
    )


def within() -> Sequence[int] | None:
    """The stores whose transfers are here; None for all of the platform."""
    return None if current_user.is_operator else desk().store_ids


@bp.get("/bank-transfers")
def bank_transfer_list() -> Response:
    """Transfers, those that wait the longest first; `q` finds by reference."""
    view, q = request.args.get("view", ""), request.args.get("q", "").strip()[:40]
    view = view if view in transfer_queries.VIEWS else "all" if q else "waiting"
    after = request.args.get("after", "")
    offset = int(after) if after.isascii() and after.isdigit() and len(after) < 7 else 0
    page = transfer_queries.listed(within(), view, q, offset)
    return render(
        "admin/money/transfers.html",
        block="main",
        page=page,
        view=view,
        q=q,
        counts=transfer_queries.counts(within()),
        offset=offset,
        next_offset=offset + transfer_queries.PAGE if page.more else None,
    )


@bp.get("/bank-transfers/<bank_transfer>")
def bank_transfer(bank_transfer: str) -> Response:
    """One transfer: its orders, its proofs, what came."""
    return _page(_found(bank_transfer))


@bp.get("/bank-transfers/<bank_transfer>/proofs/<proof>")
def bank_transfer_proof(bank_transfer: str, proof: str) -> Response:
    """A proof, as it was sent."""
    found = next((p for p in _found(bank_transfer).proofs if p.public_id == proof), None)
    if found is None:
        abort(404)
    return shown.answer(found)


@bp.post("/bank-transfers/<bank_transfer>/receipts")
def bank_transfer_book(bank_transfer: str) -> Response:
    """The money is on the account."""
    found = _found(bank_transfer)
    form = BookForm()
    form.amount.currency = found.currency
    if not form.validate_on_submit():
        return _page(found, form, status=422)
    here = desk()
    try:
        with transaction():
            done = transfer_money.book(
                found.reference,
                amount_minor=int(form.amount.data or 0),
                bank_reference=form.bank_reference.data or "",
                actor=here.actor,
                user_id=here.user_id,
                key=form.key.data,
                hold=current_app.config["BANK_TRANSFER_WAIT"],
                store_ids=within(),
            )
    except (Invalid, Conflict) as error:
        return refused(_page(_found(bank_transfer), form, error=error), error)
    if done.surplus_minor:
        surplus = money_text(done.surplus_minor, found.currency)
        said = gettext(
            "Booked. %(amount)s is more than was due and has to go back.", amount=surplus
        )
    elif done.lacking_minor:
        lacking = money_text(done.lacking_minor, found.currency)
        said = gettext("Booked. %(amount)s is still missing.", amount=lacking)
    else:
        said = gettext("Booked: the transfer is paid.")
    return went_to(said, url_for("admin.bank_transfer", bank_transfer=found.reference))


@bp.post("/bank-transfers/<bank_transfer>/proofs/<proof>/refusal")
def bank_transfer_decline(bank_transfer: str, proof: str) -> Response:
    """A proof shows no payment: the shopper is told why."""
    found = _found(bank_transfer)
    if all(one.public_id != proof for one in found.proofs):
        abort(404)
    form = DeclineForm()
    if not form.validate_on_submit():
        return _page(found, decline=form, about=proof, status=422)
    here = desk()
    try:
        with transaction():
            transfer_proofs.decline(
                proof,
                form.reason.data,
                form.note.data or "",
                actor=here.actor,
                user_id=here.user_id,
                store_ids=within(),
            )
    except (Invalid, Conflict) as error:
        page = _page(_found(bank_transfer), decline=form, about=proof, error=error)
        return refused(page, error)
    said = gettext("The customer is told.")
    return went_to(said, url_for("admin.bank_transfer", bank_transfer=found.reference))


def _found(reference: str) -> TransferView:
    """A transfer that may be seen here, or 404."""
    found = transfer_views.of_reference(reference)
    stores = within()
    if found is None or (
        stores is not None and any(part.store_id not in stores for part in found.parts)
    ):
        abort(404)
    try:  # orders that are paid another way have no part: they count, too
        transfer_money.of_reference(found.reference, stores)
    except NotFound:
        abort(404)
    return found


def _page(
    found: TransferView,
    form: BookForm | None = None,
    *,
    decline: DeclineForm | None = None,
    about: str = "",
    error: ShopError | None = None,
    status: int = 200,
) -> Response:
    form = form or BookForm(formdata=None)
    if error is not None and decline is None:
        refuse(form, error)
    return render(
        "admin/money/transfer.html",
        block="main",
        status=status,
        transfer=found,
        form=form,
        decline=decline or DeclineForm(formdata=None),
        about=about,
        problem=say(error) if error is not None and decline is not None else "",
        mine={part.number for part in found.parts if part.store_id in desk().store_ids},
    )
