"""The opened gateways of a process, and how it learns that operators changed one."""

import threading
import time
from collections.abc import Mapping
from typing import Any

import structlog
from sqlalchemy import select

from shop.core import changes
from shop.core import settings as decided
from shop.core.db import db
from shop.core.sealing import Keyring
from shop.payment.accounts.models import PaymentAccount
from shop.payment.accounts.opening import Opened, open_all

TOPIC = "payments"
"""Noted whenever an account or the order at the checkout is changed."""
ORDER = "payment-order"
"""The setting that keeps the order at the checkout."""
PATIENCE = 2.0
"""Seconds in which a process does not ask the log of changes again."""

log = structlog.get_logger(__name__)


class Shelf:
    """Safe for threads. Asks the log before gateways are used, at most once in ``PATIENCE``, and at once
    after a change of this process; reads accounts and opens them only when there is news."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._follower = changes.Follower()
        self._own = self._asked = -1.0
        self._opened: Opened | None = None
        self._unread: Opened | None = None

    def opened(self) -> Opened:
        """What is open now, as of two seconds ago at most. One statement, or none."""
        with self._lock:
            own = changes.own()
            recently = time.monotonic() - self._asked < PATIENCE
            if self._opened is not None and own == self._own and recently:
                return self._opened
            news = self._follower.news()
            if self._opened is None or news.lost or any(topic == TOPIC for topic, _ in news.notes):
                self._opened = self._load()
            self._own, self._asked = own, time.monotonic()
            return self._opened

    def last(self) -> Opened:
        """What was open when it was looked at last, for what every page shows: never a statement. Until
        then it is what the environment opens."""
        if self._opened is not None:
            return self._opened
        if self._unread is None:
            self._unread = open_all((), self._settings, Keyring())
        return self._unread

    @property
    def hosts(self) -> tuple[str, ...]:
        """Where forms may lead, beside the environment's: never a statement, whoever asks."""
        return self._opened.hosts if self._opened is not None else ()

    def _load(self) -> Opened:
        rows = db.session.scalars(
            select(PaymentAccount)
            .order_by(PaymentAccount.id)
            .execution_options(populate_existing=True)
        ).all()
        order = [str(name) for name in decided.get(ORDER).get("names", ())]
        keyring = Keyring.of(str(self._settings.get("PAYMENT_SECRETS_KEY") or ""))
        opened = open_all(rows, self._settings, keyring, order)
        for name, problem in opened.broken.items():
            log.warning("payment account left out", account=name, code=problem.code)
        return opened
