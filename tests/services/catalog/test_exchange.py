"""Whatever a store sells: out and in again is the same, row for row."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from shop.catalog import products
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
from shop.catalog.imports.drafts import draft
from shop.catalog.imports.reader import ProductFile
from shop.catalog.imports.saving import Outcome, context, save
from shop.catalog.imports.values import guarded, unguarded
from shop.catalog.models import Product
from shop.core.db import db
from shop.core.transaction import transaction
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
@given(st.lists(goods(), min_size=1, max_size=2, unique_by=lambda one: one["import_handle"]))
def test_out_and_in_again_is_the_same(store, tmp_path, several):
    with transaction():
        db.session.execute(delete(Product))
        for one in several:
            products.save_product(ProductData(store_id=store, **one))
    before = written(store, tmp_path / "before.csv")
    assert outcomes(store, before) == [Outcome.UNCHANGED] * len(several)
    with transaction():
        db.session.execute(delete(Product))
    assert outcomes(store, before) == [Outcome.CREATED] * len(several)
    assert written(store, tmp_path / "after.csv").read_bytes() == before.read_bytes()


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


def outcomes(store: int, file: Path) -> list[Outcome]:
    source = ProductFile(file)
    found = []
    for group in source.groups():
        item, problems = draft(group, source.headings, context(store, "en"))
        assert item is not None, [problem.sentence() for problem in problems]
        with transaction():
            saved = save(item, set_stock=False, on_stock=lambda *_: None)
        assert saved.problems == []
        found.append(saved.outcome)
    return found
