"""How returns end where nothing is kept by the shop: money alone, a repair; and their photos."""

from flask import Response, abort, request, session
from flask_babel import gettext

from shop.core.errors import Conflict, ShopError
from shop.core.transaction import transaction
from shop.order import return_photos
from shop.order import returns as rules
from shop.payment import return_refunds
from shop.web.admin import carriers
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.returns import handled, one_or_404, shown, write_down
from shop.web.ui import private_photos
from shop.web.ui.format import money_text


@bp.get("/returns/<return_id>/photos/<photo>")
def return_photo(return_id: str, photo: str) -> Response:
    """What the customer took a picture of."""
    one_or_404(return_id)
    found = return_photos.of_returns([return_id]).get(return_id, {}).get(photo)
    if found is None:
        abort(404)
    return private_photos.answer(found)


@bp.post("/returns/<return_id>/payment")
def return_pay(return_id: str) -> Response:
    """Money only: agreed to and given back, the sum that the button named."""
    found = one_or_404(return_id)
    expected = request.form.get("pay", "")
    try:
        if not (expected.isascii() and expected.isdigit() and len(expected) < 16):
            raise Conflict("return-amount-changed")
        with transaction():
            number = return_refunds.give_back(
                return_id, actor=desk().actor, expected_minor=int(expected)
            )
            write_down("return.pay", return_id, refund_no=number)
    except ShopError as error:
        return shown(return_id, error)
    amount = money_text(int(expected), found.seen.currency)
    return handled(return_id, gettext("Agreed. Refund of %(amount)s begun.", amount=amount))


@bp.post("/returns/<return_id>/repair")
def return_repair(return_id: str) -> Response:
    """The goods are mended and on their way back."""
    one_or_404(return_id)
    carrier = request.form.get("carrier", "")
    try:
        with transaction():
            rules.repair(
                return_id,
                carrier=carrier,
                tracking_number=request.form.get("tracking_number", "").replace("\0", ""),
                actor=desk().actor,
            )
            write_down("return.repair", return_id, carrier=carrier)
    except ShopError as error:
        return shown(return_id, error)
    session[carriers.CARRIER] = carrier
    return handled(return_id, gettext("Repaired. The customer sees the new parcel."))
