"""The bank transfer of an order, as its buyer sees it: what to pay where, and proofs that it was paid."""

from datetime import date

from flask import Blueprint, Response, abort, current_app, request, url_for
from flask_babel import gettext as _

from shop.core.errors import Conflict, Invalid, NotFound
from shop.core.transaction import transaction
from shop.order.views import OrderView
from shop.payment import transfer_proofs, transfer_views
from shop.payment.transfer_proofs import MOST_WAITING
from shop.payment.transfer_views import TransferView
from shop.payment.transfers import TRANSFER, begin_for
from shop.web.extensions import limiter
from shop.web.order import access
from shop.web.ui import transfers
from shop.web.ui.errors import status_of, words
from shop.web.ui.htmx import redirect_after_post, render, toast


def add_to(bp: Blueprint) -> None:
    """Register the addresses."""
    at = "/orders/<number>/transfer"
    bp.add_url_rule(at, "transfer", page)
    bp.add_url_rule(
        f"{at}/proofs", "transfer_send", limiter.limit("30 per 10 minutes")(send), methods=["POST"]
    )
    bp.add_url_rule(f"{at}/proofs/<proof>", "transfer_proof", proof)
    bp.context_processor(transfers.context)


def begin(method: str, token: str) -> None:
    """A checkout was placed: when it is paid by transfer it gets its reference at once, and its time."""
    if method == TRANSFER:
        begin_for(token, hold=current_app.config["BANK_TRANSFER_WAIT"])


def page(number: str) -> Response:
    """Account, amount, reference, and what was sent."""
    return _page(*_found(number))


def send(number: str) -> Response:
    """Proofs come: pictures are made anew, PDFs are kept as they are and never opened here."""
    view, transfer = _found(number)
    if not transfer.lacking_minor:
        return _page(view, transfer, error=_("Nothing is to be transferred any more."), status=409)
    room = MOST_WAITING - len(transfer.waiting_proofs)
    files = [one for one in request.files.getlist("proofs") if one.filename]
    try:
        if len(files) > room:
            raise Conflict("proofs-too-many", maximum=MOST_WAITING)
        stored = [transfers.store(one.read()) for one in files]
        with transaction():
            many = transfer_proofs.send(
                view.id,
                stored,
                payer=request.form.get("payer", "").replace("\0", ""),
                paid_on=_day(request.form.get("paid_on", "")),
                actor=f"u:{view.user_id}" if view.user_id is not None else "guest",
            )
    except (Invalid, Conflict) as error:
        return _page(view, transfer, error=words(error), status=status_of(error))
    except NotFound:
        abort(404)
    said = _("Thank you. The shop has it and looks at it.") if many else ""
    return toast(redirect_after_post(_url(number)), said)


def proof(number: str, proof: str) -> Response:
    """A proof, for whoever may see the order."""
    _view, transfer = _found(number)
    found = next((one for one in transfer.proofs if one.public_id == proof), None)
    if found is None:
        abort(404)
    return transfers.answer(found)


def _day(typed: str) -> date | None:
    if not typed.strip():
        return None
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise Invalid("proof-date", field="paid_on") from None


def _found(number: str) -> tuple[OrderView, TransferView]:
    view = access.allowed(number)
    transfer = transfer_views.of_checkout(view.checkout_id)
    if transfer is None:
        abort(404)
    return view, transfer


def _page(
    view: OrderView, transfer: TransferView, *, error: str = "", status: int = 200
) -> Response:
    return render(
        "order/transfer.html",
        block="transfer_form",
        status=status,
        order=view,
        key=access.key_of(view.number),
        back=access.status_url(view.number),
        transfer=transfer,
        room=MOST_WAITING - len(transfer.waiting_proofs),
        typed=request.form,
        error=error,
    )


def _url(number: str) -> str:
    return url_for("order.transfer", number=number, key=access.key_of(number))
