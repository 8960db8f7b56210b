"""Mails about money that providers tell of: differences to operators, console refunds to stores."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from shop.account.models import User
from shop.core.db import db
from shop.notifications import links, people
from shop.notifications.render import Draft, draft
from shop.order.models import Order
from shop.payment.models import Refund


def differed(payload: Mapping[str, Any]) -> list[Draft]:
    """``reconciliation.differed``: a bill tells something else than our books."""
    operators = db.session.execute(
        select(User.email, User.locale)
        .where(User.is_operator, User.disabled_at.is_(None))
        .order_by(User.id)
    )
    return [
        draft(
            email,
            "reconciliation_differed",
            locale,
            gateway=payload["gateway"],
            day=date.fromisoformat(payload["day"]),
            many=payload["many"],
            link=links.admin_reconciliation(locale),
        )
        for email, locale in operators
    ]


def imported(payload: Mapping[str, Any]) -> list[Draft]:
    """``refund.imported``: money went back at the provider's console, and an order follows."""
    row = db.session.execute(
        select(Order.number, Order.store_id, Refund.amount_minor, Refund.currency)
        .join(Order, Order.id == Refund.order_id)
        .where(Refund.id == payload["refund_id"])
    ).one_or_none()
    if row is None:
        return []
    return [
        draft(
            reader.email,
            "refund_imported",
            reader.locale,
            number=row.number,
            amount_minor=row.amount_minor,
            currency=row.currency,
            link=links.admin_order(row.number, reader.locale),
        )
        for reader in people.of_store(row.store_id)
    ]
