"""Eight processes that issue invoices at once: no number twice, none left out.

The guard was once taken out (the number read with ``max(number) + 1`` instead of the counter's own row):
on PostgreSQL invoices then failed on their unique number.
"""

import pytest
from sqlalchemy import select

from shop.core.db import db
from shop.documents import checks
from shop.documents.models import Invoice
from tests.concurrency.herd import Herd
from tests.factories.orders import paid_order, place_order, store_with_goods

pytestmark = pytest.mark.soak


def test_numbers_have_no_gap_and_no_double(app, herd: Herd, sizes):
    goods = store_with_goods(stock=50)
    for round_ in range(min(3, sizes.trials)):
        orders = [paid_order(goods.variant).order for _ in range(6)]
        unpaid = place_order(goods.variant).order
        # The first order is asked for twice at once; the unpaid one takes no number with it.
        acts = [{"name": "bill", "order": order} for order in [*orders, orders[0], unpaid]]
        outcomes = herd.outcomes(acts)
        assert outcomes == {"ok": 7, "invoice-too-early": 1}, outcomes
        db.session.rollback()
        numbers = sorted(db.session.scalars(select(Invoice.number)))
        assert numbers == list(range(1, 6 * (round_ + 1) + 1))
        assert checks.differences() == []
