"""Accounts as operators see them: never a secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from shop.core.db import db
from shop.payment.accounts.models import PaymentAccount


@dataclass(frozen=True, slots=True)
class Hint:
    """When a secret was set, and how it (or its digest) ends."""

    at: datetime
    end: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account. ``values`` by setting; ``hints`` likewise, for what is sealed."""

    public_id: str
    gateway: str
    merchant: str
    name: str
    enabled: bool
    currencies: tuple[str, ...]
    values: Mapping[str, str]
    hints: Mapping[str, Hint]
    key_id: str
    changed_by: str
    changed_at: datetime
    tested_at: datetime | None
    test_result: str
    test_code: str


def listed() -> list[AccountView]:
    """All accounts, those in use first. One statement."""
    rows = db.session.scalars(
        select(PaymentAccount).order_by(
            PaymentAccount.gateway, PaymentAccount.enabled.desc(), PaymentAccount.id
        )
    )
    return [_view(row) for row in rows]


def one(public_id: str) -> AccountView | None:
    """One account."""
    row = db.session.scalar(select(PaymentAccount).where(PaymentAccount.public_id == public_id))
    return _view(row) if row is not None else None


def _view(row: PaymentAccount) -> AccountView:
    return AccountView(
        row.public_id,
        row.gateway,
        row.merchant,
        row.name,
        row.enabled,
        tuple(row.currencies.split()),
        {str(name): str(value) for name, value in row.values.items()},
        {
            name: Hint(datetime.fromisoformat(hint["at"]), hint["end"])
            for name, hint in row.hints.items()
        },
        row.key_id,
        row.changed_by,
        row.changed_at,
        row.tested_at,
        row.test_result,
        row.test_code,
    )
