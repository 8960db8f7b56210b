"""Whatever a store sells: out and in again is the same, row for row."""

import csv
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from shop.catalog import products, related, terms
from shop.catalog.bundle_models import BundlePart
from shop.catalog.data import (
    ImageSource,
    OptionData,
    OptionValueData,
    ProductData,
    Spec,
    Text,
    VariantData,
)
from shop.catalog.exports.files import Wanted, lines
from shop.catalog.facets import attributes
from shop.catalog.facets.attributes import ValueData
from shop.catalog.facets.models import AttributeValue
from shop.catalog.imports.contexts import Later
from shop.catalog.imports.drafts import draft
from shop.catalog.imports.reader import ProductFile
from shop.catalog.imports.saving import Outcome, context, save
from shop.catalog.imports.values import guarded, unguarded
from shop.catalog.models import Product, Variant
from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory import bundles
from tests.factories.stores import make_store
from tests.support.sizes import SIZES

# Everything that may stand in a text of a database, with the signs of spreadsheets and CSV often.
SIGNS = st.sampled_from(list("=+-@'\"\\,;:\t\r\n<>&| 茶éß")) | st.characters(
    exclude_characters="\0", exclude_categories=("Cs",)
)
WORDS = st.text(SIGNS, max_size=40)
NAMES = WORDS.filter(lambda text: text.strip())
AMOUNTS = st.integers(0, 10**9)


def by_locale(words):
    return st.dictionaries(st.sampled_from(("en", "zh")), words, min_size=1)


@st.composite
def goods(draw):
    """A product that the services take."""
    options = []
    for _ in range(draw(st.integers(0, 2))):
        keys = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
        options.append(
            OptionData(
                draw(by_locale(NAMES)),
                [
                    OptionValueData(
                        key, draw(by_locale(NAMES)), draw(st.sampled_from((None, "#12aBcF")))
                    )
                    for key in keys
                ],
            )
        )
    urls = draw(st.lists(st.integers(0, 9), max_size=3, unique=True))
    images = [ImageSource(f"https://a.test/{n}.jpg?a=1,2", draw(by_locale(NAMES))) for n in urls]
    combinations = [()]
    for option in options:
        combinations = [(*one, value.key) for one in combinations for value in option.values]
    chosen = draw(st.lists(st.sampled_from(combinations), min_size=1, unique=True))
    variants = []
    for values in chosen:
        price = draw(AMOUNTS)
        variants.append(
            VariantData(
                price,
                values,
                draw(WORDS),
                draw(WORDS),
                draw(st.none() | st.integers(price + 1, 10**9 + 1)),
                draw(st.none() | AMOUNTS),
                draw(st.integers(0, 10_000_000)),
                draw(st.booleans()),
                draw(st.sampled_from([None, *(image.url for image in images)])),
            )
        )
    texts = st.builds(Text, NAMES, WORDS, WORDS, WORDS, WORDS, WORDS)
    kind = draw(st.sampled_from(("physical", "service")))
    return {
        "texts": draw(by_locale(texts)),
        "variants": variants,
        "options": options,
        "specs": draw(by_locale(st.lists(st.builds(Spec, WORDS, WORDS), max_size=3))),
        "kind": kind,
        "status": draw(st.sampled_from(("draft", "published", "archived"))),
        "brand": draw(WORDS),
        "tags": draw(st.lists(WORDS, max_size=3)),
        "featured": draw(st.booleans()),
        "import_handle": draw(st.none() | NAMES),
        "validity_days": draw(st.none() | st.integers(1, 9999)),
        "tax_class": draw(st.sampled_from(("", "reduced", "books"))),
        "images": images,
    }


@pytest.fixture
def store(app):
    return make_store("songjian")


@pytest.mark.soak
@settings(
    max_examples=max(10, SIZES.sequences // 4),
    phases=(Phase.generate,),  # making a whole store smaller takes longer than reading it
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(goods(), min_size=1, max_size=3, unique_by=lambda one: one["import_handle"]),
    st.data(),
)
def test_out_and_in_again_is_the_same(store, attribute_values, tmp_path, several, data):
    ids = []
    empty()
    with transaction():
        ids.extend(products.save_product(ProductData(store_id=store, **one)).id for one in several)
    with transaction():
        put_beside(data.draw, ids, attribute_values)
    before = written(store, tmp_path / "before.csv")
    assert list(outcomes(store, before).values()) == [Outcome.UNCHANGED] * len(several)
    empty()
    assert list(outcomes(store, before).values()) == [Outcome.CREATED] * len(several)
    after = written(store, tmp_path / "after.csv")
    # A bundle may have come in after its parts; else the files are the same to the letter.
    assert by_handle(after) == by_handle(before)


def empty():
    with transaction():
        db.session.execute(delete(BundlePart))
        db.session.execute(delete(Product))


@pytest.fixture
def attribute_values(app):
    """Ids of values of two attributes."""
    with transaction():
        for name in ("Material: outer", "使用\n场景"):
            labels = [ValueData({"en": label}) for label in ("Red, clay", "=Glass", "茶")]
            attributes.create({"zh": name}, labels, [])
    return db.session.scalars(select(AttributeValue.id)).all()


def put_beside(draw, ids, attribute_values):
    """Terms, attributes, pins in any direction, and the parts of some variants of one product."""
    for one in ids:
        numbers = st.none() | st.integers(1, 9999)
        uses, days = draw(st.integers(1, 1000)), draw(st.integers(0, 90))
        terms.change(one, terms.Terms(uses, days, draw(numbers), draw(numbers)))
        attributes.give_exactly(one, draw(st.sets(st.sampled_from(attribute_values))))
        others = [other for other in ids if other != one]
        if others:
            related.set_pins(one, draw(st.lists(st.sampled_from(others), unique=True)))
    variants = db.session.execute(
        select(Variant.id, Variant.product_id)
        .join(Product, Product.id == Variant.product_id)
        .where(Product.kind == "physical", Product.status != "archived")
    ).all()
    if len(variants) < 2:
        return
    of = draw(st.sampled_from([row.product_id for row in variants]))
    mine = [row.id for row in variants if row.product_id == of]
    made = draw(st.sets(st.sampled_from(mine), max_size=len(variants) - 1))
    parts = st.sampled_from([row.id for row in variants if row.id not in made])
    for one in made:
        bundles.compose(one, draw(st.dictionaries(parts, st.integers(1, 999), max_size=3)))


@given(st.text(SIGNS))
def test_a_guarded_cell_is_read_back(text):
    text = text.replace("\0", "")
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def written(store: int, file: Path) -> Path:
    wanted = Wanted(store, "CNY", "own", [], lambda ids: {})
    with file.open("w", encoding="utf-8", newline="") as target:
        target.writelines(lines(wanted))
    db.session.rollback()
    return file


def by_handle(file: Path) -> list[list[str]]:
    """The rows of a file with the products in the order of their handles."""
    with file.open(encoding="utf-8", newline="") as source:
        return sorted(csv.reader(source), key=lambda row: row[0])


def outcomes(store: int, file: Path) -> dict[str, Outcome]:
    source = ProductFile(file)
    found = {}
    for group in chain(source.groups(), source.again()):
        item, problems = draft(group, source.headings, context(store, "en"))
        assert item is not None, [problem.sentence() for problem in problems]
        try:
            with transaction():
                saved = save(
                    item, set_stock=False, on_stock=lambda *_: None, on_parts=bundles.compose
                )
        except Later:
            source.later(group)
            continue
        if saved.later:
            source.later(group, saved.outcome)
        assert saved.problems == []
        found.setdefault(group.handle, saved.outcome)
    return found
