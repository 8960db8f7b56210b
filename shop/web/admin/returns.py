"""The queue of returns: approve or refuse what is asked for, take in and refund what has arrived."""

from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import force_locale, gettext

from shop.core import audit, clock
from shop.core.errors import Conflict, Invalid, ShopError
from shop.core.lookups import together
from shop.core.transaction import transaction
from shop.inventory import location_queries
from shop.inventory.location_queries import LocationView
from shop.order import return_photos
from shop.order import returns as rules
from shop.order.return_deadlines import REMINDED_BEFORE
from shop.order.return_states import RETURN, ReturnState
from shop.payment import return_desk, return_exchanges, return_refunds
from shop.payment.return_desk import DeskReturn
from shop.web.admin import carriers
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import say
from shop.web.admin.replies import went_to
from shop.web.admin.shell import work
from shop.web.ui.errors import status_of
from shop.web.ui.format import money_text
from shop.web.ui.htmx import is_partial, render, toast
from shop.web.ui.locale import current_lang
from shop.web.ui.paging import cursor_id
from shop.web.ui.return_reasons import OUTCOMES, REASONS

VIEWS = ("requested", "approved", "in_transit", "failed", "done", "all")
BROKEN = frozenset({"damaged", "quality"})
"""Reasons for which goods are written off unless somebody says otherwise."""
NOTE = 200


@bp.get("/returns")
def returns() -> Response:
    """Returns by how they stand; `q` searches the order's number and its buyer."""
    here = desk()
    q = request.args.get("q", "").strip()[:80]
    view = request.args.get("view", "")
    view = view if view in VIEWS else "all" if q else "requested"
    typed = request.args.get("after", "")
    after = cursor_id(typed)
    page = return_desk.page(here.store_ids, current_lang(), view=view, q=q, after=after)
    context: dict[str, Any] = {"view": view, "q": q, "page": page, **_words(page.rows)}
    if after and is_partial():
        return render("admin/returns/_more.html", **context)
    together(*work().asked)
    return render("admin/returns/list.html", counts=work().returns.found, **context)


@bp.get("/returns/<return_id>")
def return_one(return_id: str) -> Response:
    """One return; when its goods may come in, with what they give back to the last cent."""
    return shown(return_id)


@bp.post("/returns/<return_id>/approval")
def return_approve(return_id: str) -> Response:
    """The shop takes it back; the address stands in what the customer reads."""
    one_or_404(return_id)
    instructions = request.form.get("instructions", "").replace("\r\n", "\n")
    try:
        with transaction():
            rules.approve(return_id, instructions=instructions, actor=desk().actor)
            write_down("return.approve", return_id)
    except ShopError as error:
        return shown(return_id, error)
    return handled(return_id, gettext("Approved. The customer sees where to send it."))


@bp.post("/returns/<return_id>/refusal")
def return_refuse(return_id: str) -> Response:
    """The shop does not take it back, and says why."""
    one_or_404(return_id)
    reason = request.form.get("reason", "").replace("\r\n", "\n").strip()
    try:
        if len(reason) > 500:
            raise Invalid("text-too-long", field="reason", maximum=500)
        with transaction():
            rules.refuse(return_id, reason=reason, actor=desk().actor)
            write_down("return.refuse", return_id, reason=reason)
    except ShopError as error:
        return shown(return_id, error)
    return handled(return_id, gettext("Refused. The customer sees why."))


@bp.post("/returns/<return_id>/receipt")
def return_receive(return_id: str) -> Response:
    """The goods are here: back to stock or written off, and what the button named goes out: the money, or
    what was wanted in exchange."""
    found = one_or_404(return_id)
    names = {line.public_id for line in found.seen.lines}
    restock = {name for name in names if request.form.get(f"goods-{name}") == "restock"}
    if request.form.get("pay") == "exchange":
        return _exchanged(return_id, restock)
    note = request.form.get("note", "").strip()
    with_delivery, _, expected = request.form.get("pay", "").partition(":")
    try:
        if len(note) > NOTE:
            raise Invalid("text-too-long", field="note", maximum=NOTE)
        if not (expected.isascii() and expected.isdigit() and len(expected) < 16):
            raise Conflict("return-amount-changed")
        with transaction():
            number = return_refunds.receive(
                return_id,
                restock=restock,
                include_delivery=with_delivery == "delivery",
                actor=desk().actor,
                note=note,
                expected_minor=int(expected),
            )
            write_down("return.receive", return_id, refund_no=number, restock=sorted(restock))
    except ShopError as error:
        return shown(return_id, error)
    amount = money_text(int(expected), found.seen.currency)
    return handled(
        return_id, gettext("Received. Refund of %(amount)s begun.", amount=amount), stays=False
    )


def _exchanged(return_id: str, restock: set[str]) -> Response:
    try:
        with transaction():
            number = return_exchanges.exchange(return_id, restock=restock, actor=desk().actor)
            write_down("return.exchange", return_id, number=number, restock=sorted(restock))
    except ShopError as error:
        return shown(return_id, error)
    said = gettext("Received. Order %(number)s replaces the goods.", number=number)
    return handled(return_id, said)


def shown(return_id: str, error: ShopError | None = None) -> Response:
    """The return as it stands; after a refusal with the sentence and what was typed."""
    found = one_or_404(return_id)
    context: dict[str, Any] = {
        "item": found,
        "opened": True,
        "typed": request.form,
        "problem": say(error) if error else "",
        "field": error.params.get("field", "") if error else "",
        "worth": _worth(found),
        **_words([found]),
    }
    status = status_of(error) if error else 200
    if is_partial():
        return render("admin/returns/_return.html", status=status, **context)
    return render("admin/returns/one.html", status=status, **context)


def handled(return_id: str, said: str, *, stays: bool = True) -> Response:
    """A return as it stands after a step, or the way on from it."""
    if is_partial():
        found = one_or_404(return_id)
        answer = render(
            "admin/returns/_return.html",
            item=found,
            opened=True,
            handled=found.seen.state in return_desk.DONE,
            typed={},
            worth=_worth(found),
            **_words([found]),
        )
        return toast(answer, said)
    if stays:
        return went_to(said, url_for("admin.return_one", return_id=return_id))
    return went_to(said, url_for("admin.returns", view="in_transit"))


def _worth(found: DeskReturn) -> return_desk.Worth | None:
    """What it gives back, while it may come in; None when its units were paid back otherwise meanwhile."""
    asked = found.seen.state == ReturnState.REQUESTED and not found.seen.travels
    if not asked and not RETURN.allows(ReturnState(found.seen.state), ReturnState.REFUNDED):
        return None
    try:
        return return_desk.worth(found)
    except Invalid:
        return None


def _words(rows: list[DeskReturn]) -> dict[str, Any]:
    """What the cards say: reasons, photos, which answers are due soon, and where each asked return would be sent, in its buyer's language."""
    asked = [row for row in rows if row.seen.state == ReturnState.REQUESTED]
    place = _place() if asked else None
    now = clock.now()
    return {
        "reasons": REASONS,
        "outcomes": OUTCOMES,
        "carrier": carriers.remembered(),
        "photos": return_photos.of_returns([row.seen.public_id for row in rows]),
        "hurry": {
            row.seen.public_id: "bad" if row.seen.answer_by <= now else "warn"
            for row in asked
            if row.seen.answer_by is not None and row.seen.answer_by <= now + REMINDED_BEFORE
        },
        "broken": BROKEN,
        "note_length": NOTE,
        "addresses": {row.seen.public_id: _address(place, row) for row in asked},
    }


def _place() -> LocationView | None:
    """Where parcels come back to: the first place with an address."""
    places = location_queries.of_stores(desk().store_ids)
    return next((one for one in places if one.street and not one.archived), None)


def _address(place: LocationView | None, row: DeskReturn) -> str:
    """Name, street, town and phone of the shop, and the order's number to be put into the parcel."""
    store = desk().store
    if place is None:
        return ""
    words = store.texts.get(row.locale)
    lines = [
        words.name if words else store.name,
        place.street,
        " ".join(part for part in (place.postcode, place.city, place.province) if part),
        place.phone,
    ]
    with force_locale(row.locale):
        note = gettext(
            "Please put the order number %(number)s into the parcel.", number=row.seen.number
        )
    return "\n".join([*(line for line in lines if line), note])


def one_or_404(return_id: str) -> DeskReturn:
    """A return of the stores of whoever is here."""
    found = return_desk.one(desk().store_ids, return_id, current_lang())
    if found is None:
        abort(404)
    return found


def write_down(action: str, return_id: str, **detail: Any) -> None:
    """Note who did what to a return."""
    here = desk()
    audit.write(
        action,
        f"return {return_id}",
        actor=here.actor,
        user_id=here.user_id,
        store_id=here.store_id,
        **detail,
    )
