"""``/carriers/<code>/track``: what a carrier answers (docs/carriers.md says how it is asked)."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, jsonify, make_response, request

from shop.sandbox.carriers.desk import SIGNATURE, TIMESTAMP, CarrierDesk

bp = Blueprint("carriers", __name__, url_prefix="/carriers")


@bp.get("/<code>/track")
def track(code: str) -> Response | tuple[Response, int]:
    """Everything known of ``number``; what happens later goes to ``callback``."""
    desk: CarrierDesk = current_app.extensions["carrier_desk"]
    given = request.headers
    if not desk.good(given.get(TIMESTAMP, ""), given.get(SIGNATURE, ""), request.query_string):
        return jsonify(error="signature"), 403
    number, callback = request.args.get("number", "")[:60], request.args.get("callback", "")
    if not number or urlsplit(callback).scheme not in {"", "http", "https"}:
        return jsonify(error="number or callback"), 422
    body = desk.asked(code, number, callback)
    answer = make_response(body, 200)
    answer.mimetype = "application/json"
    answer.headers.update(desk.headers(body))
    return answer
