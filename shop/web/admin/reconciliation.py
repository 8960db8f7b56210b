"""Money that providers tell of: differences, refunds that are stuck, and what a store is owed."""

from datetime import date

from flask import Response, abort, request, url_for
from flask_babel import gettext
from flask_login import current_user

from shop.core import clock
from shop.core.errors import Conflict, Invalid, NotFound, ShopError
from shop.core.money import to_text
from shop.core.transaction import transaction
from shop.payment import reconcile_queries, reconciliation, settlement_report, stuck_refunds
from shop.payment.bills.base import BEIJING
from shop.payment.reconcile_states import DifferenceKind, DifferenceState
from shop.web.admin import desk as desks
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import say
from shop.web.admin.replies import refused, went_to
from shop.web.admin.stock_files import as_file
from shop.web.ui.guards import require_operator
from shop.web.ui.htmx import render

EARLIEST = date(2000, 1, 1)


@bp.get("/reconciliation")
def reconciliation_list() -> Response:
    """What bills tell differently: all of it for operators, for staff what concerns their store."""
    return _differences()


@bp.post("/reconciliation/<difference>/resolution")
@require_operator
def reconciliation_resolve(difference: str) -> Response:
    """An operator says how a difference ended."""
    note = request.form.get("note", "")
    try:
        with transaction():
            reconciliation.resolve(difference, note, actor=desk().actor, user_id=desk().user_id)
    except NotFound:
        abort(404)
    except (Invalid, Conflict) as error:
        return refused(_differences(error, difference, note), error)
    return went_to(gettext("The difference is resolved."), url_for("admin.reconciliation_list"))


def _differences(error: ShopError | None = None, about: str = "", typed: str = "") -> Response:
    state, kind = request.args.get("state", ""), request.args.get("kind", "")
    state = state if state in set(DifferenceState) else str(DifferenceState.OPEN)
    kind = kind if kind in set(DifferenceKind) else ""
    page = reconcile_queries.differences(
        None if current_user.is_operator else desk().store_ids,
        state=state,
        kind=kind,
        after=request.args.get("after", "")[:16],
    )
    return render(
        "admin/money/differences.html",
        block="main",
        page=page,
        state=state,
        kind=kind,
        kinds=list(DifferenceKind),
        problem=say(error) if error else "",
        about=about,
        typed=typed[:500],
    )


@bp.get("/refunds")
def stuck_refund_list() -> Response:
    """Refunds that the provider refused or holds."""
    return _stuck()


@bp.post("/refunds/<refund_no>/by-hand")
def refund_by_hand(refund_no: str) -> Response:
    """The money went back another way."""
    reference = request.form.get("reference", "")
    return _act(refund_no, reference, gettext("Written down: given back by hand."))


@bp.post("/refunds/<refund_no>/again")
def refund_again(refund_no: str) -> Response:
    """Ask the provider once more."""
    return _act(refund_no, None, gettext("The provider is asked again."))


def _act(refund_no: str, reference: str | None, said: str) -> Response:
    here = desk()
    try:
        with transaction():
            if reference is None:
                number = stuck_refunds.again(refund_no, store_ids=here.store_ids, actor=here.actor)
            else:
                number = stuck_refunds.by_hand(
                    refund_no, reference, store_ids=here.store_ids, actor=here.actor
                )
            action = "refund.again" if reference is None else "refund.by_hand"
            desks.note(action, f"order {number}", refund_no=refund_no, reference=reference or "")
    except NotFound:
        abort(404)
    except (Invalid, Conflict) as error:
        return refused(_stuck(error, refund_no, reference or ""), error)
    return went_to(said, url_for("admin.stuck_refund_list"))


def _stuck(error: ShopError | None = None, about: str = "", typed: str = "") -> Response:
    return render(
        "admin/money/refunds.html",
        block="main",
        rows=stuck_refunds.listed(desk().store_ids),
        problem=say(error) if error else "",
        about=about,
        typed=typed[:120],
    )


@bp.get("/reports/settlement")
def settlement() -> Response:
    """What a month came to, by Beijing day and gateway; ``format=csv`` gives the file."""
    now = clock.now().astimezone(BEIJING).date().replace(day=1)
    first = _month(request.args.get("month", ""), now)
    rows = settlement_report.of_month(desk().store_ids, first)
    if request.args.get("format") == "csv":
        return _file(rows, first)
    before = (
        first.replace(year=first.year - 1, month=12)
        if first.month == 1
        else first.replace(month=first.month - 1)
    )
    after = (
        first.replace(year=first.year + 1, month=1)
        if first.month == 12
        else first.replace(month=first.month + 1)
    )
    return render(
        "admin/money/settlement.html",
        block="main",
        rows=rows,
        first=first,
        before=before if before >= EARLIEST else None,
        after=after if after <= now else None,
    )


def _month(text: str, now: date) -> date:
    try:
        asked = date.fromisoformat(f"{text}-01") if len(text) == 7 else now
    except ValueError:
        return now
    return min(max(asked, EARLIEST), now)


def _file(rows: list[settlement_report.SettlementRow], first: date) -> Response:
    here = desk()
    head = [
        gettext("Day"),
        gettext("Provider"),
        gettext("Payments"),
        gettext("Paid"),
        gettext("Refunds"),
        gettext("Refunded"),
        gettext("Fees"),
        gettext("Net"),
        gettext("Currency"),
    ]
    cells = [
        [
            row.day.isoformat(),
            row.gateway,
            row.payments,
            to_text(row.paid_minor, here.currency),
            row.refunds,
            to_text(row.refunded_minor, here.currency),
            to_text(row.fee_minor, here.currency),
            to_text(row.net_minor, here.currency),
            here.currency,
        ]
        for row in rows
    ]
    return as_file(f"{here.store.slug}-settlement-{first:%Y-%m}.csv", head, cells)
