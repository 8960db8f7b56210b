"""Counts and lists under filters, against a plain reading of the same goods."""

import random
from dataclasses import dataclass

from sqlalchemy import delete

from shop.catalog import listing, products
from shop.catalog import queries as catalog
from shop.catalog.data import VariantData
from shop.catalog.facets import counting, derive
from shop.catalog.facets.counting import Choice, Counts
from shop.catalog.facets.index import Index
from shop.catalog.facets.models import ProductFacet
from shop.catalog.models import Product
from shop.core.db import db
from shop.core.transaction import transaction
from shop.jobs import searches
from tests.factories.catalog import make_category, make_product, options, product_data
from tests.factories.stores import make_store

COLOURS, SIZES = ("Blue", "Green", "Red"), ("S", "M")
BRANDS = ("", "Ash", "Birch")


@dataclass
class Thing:
    """What was put into the shop, as a reader with a pencil would note it."""

    id: int
    store: int
    category: int | None
    brand: str
    price: int
    offer: bool
    values: set[tuple[str, str]]
    available: bool = True
    stars: tuple[int, int] = (0, 0)
    published: bool = True

    def meets(self, wanted: dict) -> bool:
        stars, count = self.stars
        if not self.published:
            return False
        for name, chosen in wanted.items():
            if name == "stores" and self.store not in chosen:
                return False
            if name == "brands" and self.brand not in chosen:
                return False
            if name == "least" and self.price < chosen:
                return False
            if name == "most" and self.price > chosen:
                return False
            if name == "rating" and not (count and stars >= chosen * count):
                return False
            if name == "in_stock" and not self.available:
                return False
            if name == "on_offer" and not self.offer:
                return False
            if name.startswith("o.") and not any((name, one) in self.values for one in chosen):
                return False
        return True


def variants(draw: random.Random, price: int, offer: bool):
    """One to four combinations; the first is the cheapest."""
    all_of_them = [(colour, size) for colour in COLOURS for size in SIZES]
    sold = draw.sample(all_of_them, draw.randint(1, 4))
    made = [
        VariantData(
            price_minor=price + 100 * n,
            compare_at_minor=price + 100 * n + 50 if offer else None,
            values=list(values),
        )
        for n, values in enumerate(sold)
    ]
    # The same word written in several ways is one value.
    names = options(**{draw.choice(("Colour", "colour ", "COLOUR")): COLOURS, "Size": SIZES})
    have = {("o.colour", colour.lower()) for colour, _ in sold}
    return names, made, have | {("o.size", size.lower()) for _, size in sold}


def catalogue(draw: random.Random, size: int) -> tuple[list[Thing], list[int], list[int]]:
    stores = [make_store(name) for name in ("ash", "birch")]
    top = make_category("top")
    categories = [top, make_category("left", parent_id=top), make_category("right", parent_id=top)]
    things = []
    for number in range(size):
        price, offer = draw.choice((0, 700, 1000, 1999, 123_456)), draw.random() < 0.3
        names, sold, values = variants(draw, price, offer)
        fields = {"options": names, "variants": sold}
        if number % 5 == 0:
            fields, values = {"variants": [VariantData(price_minor=price)]}, set()
            offer = False
        thing = Thing(
            0, draw.choice(stores), draw.choice([*categories, None]), draw.choice(BRANDS), price,
            offer, values, published=number % 7 > 0,
        )  # fmt: skip
        thing.id = make_product(
            thing.store,
            category_id=thing.category,
            brand=thing.brand,
            status="published" if thing.published else "draft",
            **fields,
        ).id
        with transaction():
            thing.available = draw.random() < 0.6
            listing.set_available(thing.id, thing.available)
            if draw.random() < 0.6:
                count = draw.randint(1, 3)
                thing.stars = (draw.randint(count, 5 * count), count)
                listing.add_rating(thing.id, *thing.stars)
        things.append(thing)
    return things, stores, categories


def wanted(draw: random.Random, stores: list[int]) -> dict:
    offers = {
        "stores": lambda: draw.sample(stores, draw.randint(1, 2)),
        "brands": lambda: draw.sample(BRANDS[1:], draw.randint(1, 2)),
        "least": lambda: draw.choice((0, 1, 700, 1000, 2000, 10**9)),
        "most": lambda: draw.choice((0, 699, 1000, 5000, 10**12)),
        "rating": lambda: draw.choice((3, 4)),
        "in_stock": lambda: True,
        "on_offer": lambda: True,
        "o.colour": lambda: draw.sample([one.lower() for one in COLOURS], draw.randint(1, 2)),
        "o.size": lambda: draw.sample([one.lower() for one in SIZES], 1),
    }
    return {name: offers[name]() for name in draw.sample(sorted(offers), draw.randint(0, 4))}


def as_choice(data, filters: dict, brand_ids: dict[str, int]) -> Choice:
    values = {
        name: tuple(data.groups[name].values[key].id for key in chosen)
        for name, chosen in filters.items()
        if name.startswith("o.")
    }
    rest = {name: one for name, one in filters.items() if not name.startswith("o.")}
    if "brands" in rest:
        rest["brands"] = tuple(brand_ids[one] for one in rest["brands"])
    if "stores" in rest:
        rest["stores"] = tuple(rest["stores"])
    return Choice(values=values, **rest)


def check(index: Index, draw: random.Random, things, stores, categories, rounds: int) -> None:
    names = dict(db.session.execute(db.select(Product.id, Product.brand_id)).all())
    brand_ids = {thing.brand: names[thing.id] for thing in things}
    below = {None: None, categories[0]: categories, categories[1]: categories[1:2]}
    for _ in range(rounds):
        filters, category = wanted(draw, stores), draw.choice([*below])
        listed = [one for one in things if category is None or one.category in below[category]]
        fits = [one for one in listed if one.meets(filters)]
        with index.reading() as data:
            base = counting.base(data, category_ids=below[category])
            choice = as_choice(data, filters, brand_ids)
            counts = Counts(data, base, choice)
            assert set(counts.left) == {one.id for one in fits}, filters
            for colour in COLOURS:
                others = {**filters, "o.colour": [colour.lower()]}
                group = data.groups["o.colour"]
                count = counts.value(group, group.values[colour.lower()].id)
                assert count == sum(one.meets(others) for one in listed)
            for least in (3, 4):
                others = {**filters, "rating": least}
                assert counts.rating(least) == sum(one.meets(others) for one in listed)
            stocked = sum(one.meets({**filters, "in_stock": True}) for one in listed)
            assert counts.in_stock == stocked
            rest = {name: one for name, one in filters.items() if name not in {"least", "most"}}
            prices = [one.price for one in listed if one.meets(rest)] or [0]
            assert counts.prices() == (min(prices), max(prices))
            left = counts.left
        # By the ids, and along the order with a look at each product: the same goods in the same order.
        for sort in ("sales", "price-asc", "newest"):
            by_ids = walk(sort, ids=left)
            assert set(by_ids) == set(left)
            assert by_ids == walk(sort, category_id=category, choice=choice)


def walk(sort: str, **conditions) -> list[int]:
    """All pages of a list, ten by ten."""
    found, after = [], None
    while True:
        page = catalog.listing(locale="en", sort=sort, limit=10, after=after, **conditions)
        found += [card.product_id for card in page.items]
        after = page.next_cursor
        if after is None:
            return found


def test_counts_and_lists_are_those_of_a_plain_reading(app):
    draw = random.Random(7)
    things, stores, categories = catalogue(draw, 30)
    index = Index()
    check(index, draw, things, stores, categories, 12)
    # What is changed afterwards is followed, product by product.
    for thing in draw.sample(things, 8):
        names, sold, thing.values = variants(draw, 1500, offer=True)
        thing.price, thing.offer, thing.published = 1500, True, draw.random() < 0.7
        thing.category = draw.choice(categories)
        data = product_data(
            thing.store,
            options=names,
            variants=sold,
            category_id=thing.category,
            brand=thing.brand,
            status="published" if thing.published else "draft",
        )
        with transaction():
            products.save_product(data, product_id=thing.id)
    check(index, draw, things, stores, categories, 8)
    check(Index(), draw, things, stores, categories, 4)
    assert derive.differences() == []
    # Lost, as in a shop of before there were facets: the job derives them, and so does the command.
    for mend in (searches.index_missing, lambda: run(app, "catalog", "reindex")):
        with transaction():
            db.session.execute(delete(ProductFacet))
        assert derive.differences() != []
        mend()
        db.session.rollback()  # read what they wrote
        assert derive.differences() == []
        # The command asks inventory, which knows of no stock.
        if mend is not searches.index_missing:
            for thing in things:
                thing.available = False
        check(index, draw, things, stores, categories, 4)


def run(app, *words: str) -> None:
    result = app.test_cli_runner().invoke(args=words)
    assert result.exit_code == 0, result.output
