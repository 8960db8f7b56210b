"""What every part of the Stripe stand-in works with. The ledger, the sender and held answers are the
sandbox's own."""

import os
import sqlite3
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app

from shop.sandbox.alipay.desk import Desk
from shop.sandbox.env_file import read_env_file
from shop.sandbox.settings import ENV_FILE

# Stripe repeats an unanswered webhook for three days, ever more slowly.
NOTIFY_PAUSES = (300, 900, 1800, 3600, 7200, 14400, 28800, 43200, 43200, 43200, 43200)
REFUND_SECONDS = 240
"""How long a refund that is not done at once is under way, before time is compressed."""


@dataclass(frozen=True, slots=True)
class StripeDesk:
    """The provider's side of the counter, for one account in test mode."""

    base: Desk
    secret_key: str
    webhook_secret: str
    endpoint: str
    """Where the merchant's webhooks go, when nobody said so since."""

    @property
    def refund_seconds(self) -> float:
        """How long a refund is under way."""
        return REFUND_SECONDS / self.base.settings.time_factor

    def webhook_url(self, db: sqlite3.Connection, success_url: str) -> str:
        """What the dashboard was told, else the environment, else the shop that sent its shopper."""
        row = db.execute("SELECT url FROM stripe_endpoint").fetchone()
        parts = urlsplit(success_url)
        told = str(row["url"]) if row else self.endpoint
        return told or f"{parts.scheme}://{parts.netloc}/notify/stripe"


def open_desk(base: Desk) -> StripeDesk:
    """Read the keys of the folder that the sandbox was opened on."""
    values = read_env_file(base.settings.folder / ENV_FILE)
    shop = os.environ.get("PAYMENT_NOTIFY_BASE", "").rstrip("/")
    return StripeDesk(
        base=base,
        secret_key=values["STRIPE_SECRET_KEY"],
        webhook_secret=values["STRIPE_WEBHOOK_SECRET"],
        endpoint=f"{shop}/notify/stripe" if shop else "",
    )


def current_stripe() -> StripeDesk:
    """The desk of the running application."""
    desk: StripeDesk = current_app.extensions["stripe_desk"]
    return desk
