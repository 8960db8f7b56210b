"""What a shopper has with the stores, and how it came to be."""

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_login import current_user

from shop.payment import card_queries
from shop.store import queries as stores
from shop.web.ui.guards import login_required
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang


def add_to(bp: Blueprint) -> None:
    """Register the address."""
    bp.add_url_rule("/account/balance", "balance", balance)


@login_required
def balance() -> Response:
    """Each balance with its history, the latest first."""
    found = card_queries.accounts_of(current_user.user_id)
    return render(
        "account/balance.html",
        account_section="balance",
        accounts=found,
        stores=stores.names({one.card.store_id for one in found}, current_lang()),
        kinds={
            "credited": _("Credited by the shop"),
            "issued": _("Issued"),
            "paid": _("Paid with it"),
            "returned": _("Came back"),
            "expired": _("Its time was over"),
            "voided": _("Ended by the shop"),
        },
    )
