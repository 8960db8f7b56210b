"""Carriers tell by themselves where a parcel is. Only what is signed and fresh is believed, and once."""

from flask import Blueprint, Response, abort, current_app, make_response, request

from shop.core.transaction import transaction
from shop.order import tracking
from shop.order.carriers.base import BadSignature, CarrierGateway
from shop.order.carriers.registry import build_carriers
from shop.web.extensions import csrf, limiter

bp = Blueprint("carriers", __name__)
_EXTENSION = "carrier_gateways"


@bp.post("/carriers/<carrier>/events")
@csrf.exempt
@limiter.limit("30 per minute", deduct_when=lambda answer: answer.status_code == 400)
def told(carrier: str) -> Response:
    """A carrier's message. Forged or stale ones are refused and counted; a number that is not ours is
    acknowledged, so that the carrier does not repeat it."""
    gateway = _gateways().get(carrier)
    if gateway is None:
        abort(404)
    try:
        push = gateway.parse_push(dict(request.headers), request.get_data())
    except BadSignature as error:
        current_app.logger.warning("carrier's message refused: %s", error)
        return _answer("refused", 400)
    for shipment_id in tracking.named(carrier, push.number):
        with transaction():
            tracking.record(shipment_id, push.events, actor=f"carrier:{carrier}")
    return _answer("success", 200)


def _gateways() -> dict[str, CarrierGateway]:
    """The carriers of the configuration, made once."""
    kept: dict[str, CarrierGateway] | None = current_app.extensions.get(_EXTENSION)
    if kept is None:
        kept = current_app.extensions[_EXTENSION] = build_carriers(current_app.config)
    return kept


def _answer(word: str, status: int) -> Response:
    answer = make_response(word, status)
    answer.mimetype = "text/plain"
    return answer
