"""Standing in another of one's stores."""

from flask import Response, request, url_for
from flask_babel import gettext

from shop.web.admin import desk
from shop.web.admin.blueprint import bp
from shop.web.admin.replies import went_to


@bp.post("/store")
def switch_store() -> Response:
    """Work in another store from now on; the choice stays in the session."""
    desk.choose(request.form.get("store", ""))
    return went_to(gettext("You are in another store now."), url_for("admin.dashboard"))
