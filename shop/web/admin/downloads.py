"""Downloads of an order's lines, as staff see them."""

from flask import Response, abort, url_for
from flask_babel import gettext

from shop.core import audit
from shop.core.errors import NotFound
from shop.core.transaction import transaction
from shop.order import downloads
from shop.web.admin import orders
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.replies import done


@bp.post("/orders/<number>/lines/<line>/downloads")
def reset_downloads(number: str, line: str) -> Response:
    """Let a buyer fetch a line's files anew."""
    order_id = orders.order_id_or_404(number)
    here = desk()
    try:
        with transaction():
            downloads.reset(order_id, line, actor=here.actor)
            audit.write(
                "download.reset",
                f"order {number}",
                actor=here.actor,
                user_id=here.user_id,
                store_id=here.store_id,
            )
    except NotFound:
        abort(404)
    said = gettext("The files can be fetched anew.")
    return done(said, url_for("admin.order", number=number))
