"""Messages of strangers that were refused, by the minute: for operators."""

from flask import Response, request

from shop.core import security
from shop.web.admin.blueprint import bp
from shop.web.ui.guards import require_operator
from shop.web.ui.htmx import render

SHOWN = 50


@bp.get("/security")
@require_operator
def security_events() -> Response:
    """The newest first; ``after``: the id of the last one of the page before."""
    after = request.args.get("after", "")
    known = int(after) if after.isascii() and after.isdecimal() and len(after) < 16 else 0
    found = security.latest(after=known, limit=SHOWN + 1)
    return render(
        "admin/house/security.html",
        block="main",
        rows=found[:SHOWN],
        next=found[SHOWN - 1].id if len(found) > SHOWN else None,
        kept_days=security.KEPT.days,
        first_page=not known,
    )
