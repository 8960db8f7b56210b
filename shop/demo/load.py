"""Filling an empty shop with the demo: same seed, same shop."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy import select

from shop.campaigns import services as campaigns
from shop.campaigns.data import CouponData, PromotionData, Tier
from shop.catalog.facets import attributes as facets
from shop.catalog.media import Storage
from shop.catalog.models import Product, Variant
from shop.core import clock, ids, money, outbox
from shop.core.db import db
from shop.core.transaction import transaction
from shop.demo import (
    answering,
    asking,
    attributes,
    bills,
    cards,
    delivery,
    dozens,
    gathered,
    going_back,
    goods,
    history,
    people,
    photos,
    plan,
    refused,
    stocking,
    texts,
    transferring,
)
from shop.inventory import services as inventory
from shop.jobs.related import relate_all
from shop.jobs.return_figures import figure_all
from shop.store import queries as stores

SEED = 20261124


class Bar(Protocol):
    """A progress bar."""

    def update(self, n_steps: int) -> None:
        """So many steps more are done."""


Progress = Callable[[str, int], AbstractContextManager[Bar]]
"""Opens a progress bar with a label and a number of steps."""


def is_empty() -> bool:
    """Whether the shop has no store yet."""
    return stores.count() == 0


def load(media: Path, files: Path, progress: Progress, seed: int = SEED) -> None:
    """Make the demo shop. The caller sees to it that the shop is empty."""
    chance = random.Random(seed)  # noqa: S311 - for variety, not for secrets
    with ids.drawn_from(chance), outbox.hushed():
        with progress("Pictures", len(texts.pictures()) + photos.count()) as bar:
            pictures = goods.render_pictures(Storage(media), lambda: bar.update(1))
            taken = photos.take(Storage(media), lambda: bar.update(1))
        goods.copy_downloads(files)
        with transaction():
            store_ids = goods.make_stores()
            category_ids = goods.make_categories(pictures)
            values = attributes.define(category_ids)
            goods.write_pages(pictures)
            users = people.customers()
            people.staff(store_ids)
            _campaigns(store_ids)
            delivery.set_up(store_ids)
        planned = plan.plan(chance, clock.now())
        planned = sorted([*planned, *dozens.purchases(clock.now())], key=lambda one: one.at)
        brands = gathered.brand_of()
        with progress("Goods   ", len(texts.products())) as bar:
            for store, product in texts.products():
                data = product | {"brand": brands.get(product["slug"], "")}
                with transaction():
                    product_id = goods.make_product(
                        store_ids[store], category_ids[data["category"]], data, pictures, chance
                    )
                    facets.give_exactly(product_id, values.get(data["slug"], ()))
                    _receive(product_id, data, plan.demand(planned))
                bar.update(1)
        with transaction():
            gathered.describe_brands()
            gathered.make_collections(store_ids, pictures)
        with progress("Orders  ", len(planned)) as bar:
            history.live(planned, users, taken, lambda: bar.update(1))
        asking.ask(users)
        answering.write(store_ids)
        dozens.give_back()
        going_back.give_back(store_ids["songjian"], Storage(media))
        bills.read()
        cards.give(store_ids, users)
        refused.write()
        transferring.transfer(store_ids["songjian"], Storage(media))
        with transaction():
            stocking.set_going(store_ids["songjian"])
        relate_all()
        figure_all()


def _receive(product_id: int, data: dict[str, object], taken: dict[str, int]) -> None:
    """Enough of everything arrives to cover the past and leave what the texts say."""
    store_id = db.session.execute(
        select(Product.store_id).where(Product.id == product_id)
    ).scalar_one()
    location_id = inventory.default_location(store_id)
    rows = {row["sku"]: row for row in data["variants"]}  # type: ignore[attr-defined]  # TOML
    with clock.at(clock.now() - timedelta(days=300)):
        for variant in db.session.scalars(
            select(Variant).where(Variant.product_id == product_id, Variant.tracked)
        ).all():
            row = rows[variant.sku]
            units = row["stock"] + taken.get(variant.sku, 0)
            if units:
                inventory.receive(
                    variant.id, location_id, units, actor="Lin Wei", source="Opening stock"
                )
            if row.get("threshold"):
                inventory.set_threshold(variant.id, location_id, row["threshold"])


def _campaigns(store_ids: dict[str, int]) -> None:
    data = texts.read("campaigns")
    begun = clock.now() - timedelta(days=40)
    for row in data["coupon"]:
        percentage = row["kind"] == "percentage"
        campaigns.create_coupon(
            CouponData(
                store_id=store_ids.get(row.get("store", "")),
                code=row["code"],
                kind=row["kind"],
                value=int(float(row["value"]) * 100) if percentage else money.parse(row["value"]),
                threshold_minor=money.parse(row["threshold"]),
                currency="CNY",
                total_limit=row.get("total_limit"),
                per_user_limit=row.get("per_user_limit", 1),
                titles=row["title"],
                starts_at=begun,
                ends_at=clock.now() + timedelta(days=row["days"]),
            ),
            actor="Lin Wei",
        )
    for row in data["promotion"]:
        campaigns.create_promotion(
            PromotionData(
                store_id=store_ids.get(row.get("store", "")),
                titles=row["title"],
                tiers=tuple(
                    Tier(money.parse(t["over"]), money.parse(t["off"])) for t in row["tiers"]
                ),
                currency="CNY",
                starts_at=begun,
                ends_at=clock.now() + timedelta(days=60),
            ),
            actor="Lin Wei",
        )
