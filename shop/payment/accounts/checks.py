"""What must hold of accounts: for ``flask doctor``."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from shop.core.db import db
from shop.core.errors import ShopError
from shop.core.sealing import Keyring
from shop.payment.accounts.models import PaymentAccount
from shop.payment.accounts.opening import open_one, secrets_of


def differences(settings: Mapping[str, Any]) -> list[str]:
    """Accounts that do not open with the keys at hand."""
    keyring = Keyring.of(str(settings.get("PAYMENT_SECRETS_KEY") or ""))
    wrong = []
    for row in db.session.scalars(select(PaymentAccount).order_by(PaymentAccount.id)):
        try:
            if row.enabled:
                open_one(row, settings, keyring)
            else:  # what it took is refunded through it
                secrets_of(row, keyring)
        except ShopError as error:
            state = "in use" if row.enabled else "set aside"
            wrong.append(
                f"payment_account {row.id} ({row.gateway} {row.public_id}), {state}: does not open, "
                f"{error.reason}"
            )
    return wrong
