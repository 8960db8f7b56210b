"""The list's word on a product under two transactions at once."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select, text

from shop.catalog.data import VariantData
from shop.catalog.models import ListingRow
from shop.core.db import db
from shop.core.transaction import at_end, transaction
from shop.inventory import services as inventory
from tests.factories.catalog import options
from tests.factories.orders import store_with_goods


def test_one_variant_sells_out_while_another_comes_back(app: Flask) -> None:
    """Neither transaction sees the other's variant; whichever ends last must still tell the truth."""
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    sizes = [VariantData(price_minor=1000, values=(size,)) for size in ("S", "M")]
    goods = store_with_goods(product={"options": options(Size=["S", "M"]), "variants": sizes})
    sold, gone = goods.variants
    count(goods, gone, 0)
    written, done = threading.Event(), threading.Event()

    def sell_out() -> None:
        def hold_on() -> None:
            written.set()
            with db.engine.connect() as watcher:
                while not done.wait(0.01) and not watcher.scalar(_WAITS):
                    watcher.rollback()

        with app.app_context(), transaction():
            inventory.set_on_hand(sold, goods.location_id, 0, reason="counted", actor="test")
            at_end(("very last",), hold_on)

    thread = threading.Thread(target=sell_out)
    thread.start()
    assert written.wait(20)
    count(goods, gone, 5)
    done.set()
    thread.join()
    assert db.session.scalar(select(ListingRow.available)) is True


_WAITS = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


def count(goods, variant: int, units: int) -> None:
    with transaction():
        inventory.set_on_hand(variant, goods.location_id, units, reason="counted", actor="test")
