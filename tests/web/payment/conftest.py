"""A checkout on its way to being paid, and the provider that the tests speak for."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.factories.orders import Goods, Placed, place_order, store_with_goods
from tests.web.payment.fake import FakeAlipay, at_the_provider


@pytest.fixture
def goods(app: Flask) -> Goods:
    """A store with a thing of ¥100 and ¥8 for delivery."""
    return store_with_goods(price_minor=10000, flat_delivery_minor=800)


@pytest.fixture
def alipay(app: Flask) -> Iterator[FakeAlipay]:
    """Alipay is offered, and the tests speak for it."""
    yield from at_the_provider(app)


@pytest.fixture
def placed(goods: Goods, alipay: FakeAlipay) -> Placed:
    """A guest's order that waits for its money."""
    return place_order(goods.variant)
