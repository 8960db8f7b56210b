"""Bundles, terms, attributes and what is shown together in the shop's own file, and taken back."""

import csv
import json

import pytest
from sqlalchemy import func, select

from shop.catalog import related, terms
from shop.catalog.data import VariantData
from shop.catalog.facets import attributes
from shop.catalog.facets.attributes import ValueData
from shop.catalog.facets.models import AttributeValue
from shop.catalog.models import ListingRow, Product, Variant
from shop.catalog.related_models import RelatedProduct
from shop.catalog.runs.models import ImportRow, ImportRun
from shop.catalog.terms_models import GoodsTerms
from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory import bundles
from shop.inventory import services as stock
from tests.cli.test_catalog_runs import state
from tests.factories.catalog import make_product
from tests.factories.stores import make_store


@pytest.fixture
def bring(flask, tmp_path):
    """Import a file; the counts of its products, the codes of its problems and their rows."""

    def run(file, store="songjian", *options):
        report = tmp_path / "report.json"
        flask("import", file, "--store", store, "--report", report, *options)
        found = json.loads(report.read_text("utf-8"))
        return found["products"] | {
            "said": [(one["code"], one["row"]) for one in found["problems"] if one["row"]]
        }

    return run


@pytest.fixture
def house():
    """A set of two cups and a pot, a class with terms, all shown together; the ids by name."""
    store = make_store("songjian")
    made = {
        "set": make_product(store, "Set", import_handle="set"),
        "cup": make_product(
            store, "Cup", import_handle="cup", variants=[VariantData(500, sku="CUP")]
        ),
        "pot": make_product(store, "Pot", import_handle="pot"),
        "class": make_product(store, "Class", import_handle="class", kind="service"),
    }
    with transaction():
        location = stock.create_location(store, "Main", 0)
        for name in ("cup", "pot"):
            stock.set_on_hand(made[name].variants[0], location.id, 6, reason="x", actor="test")
        attributes.create({"en": "Material"}, [ValueData({"en": "Clay", "zh": "陶"})], [])
    with transaction():
        value_ids = db.session.scalars(select(AttributeValue.id)).all()
        attributes.give_exactly(made["cup"].id, value_ids)
        terms.change(made["class"].id, terms.Terms(uses=5, remind_days=0))
        related.set_pins(made["set"].id, [made["class"].id, made["cup"].id])
        related.set_pins(made["class"].id, [made["set"].id])
        (bundle,) = made["set"].variants
        bundles.compose(bundle, {made["cup"].variants[0]: 2, made["pot"].variants[0]: 1})
    return made


def rows(file):
    with file.open(encoding="utf-8-sig", newline="") as source:
        return list(csv.DictReader(source))


def write(file, found):
    with file.open("w", encoding="utf-8", newline="") as target:
        table = csv.DictWriter(target, found[0])
        table.writeheader()
        table.writerows(found)


def test_goods_that_refer_to_each_other_come_in_whatever_their_order(flask, bring, house, tmp_path):
    file, again = tmp_path / "goods.csv", tmp_path / "again.csv"
    flask("export", file, "--store", "songjian")
    found = rows(file)
    cells = {(row["Handle"], row["Row"]): row for row in found}
    assert cells["set", "variant"]["Parts"] == '2 x CUP\n1 x handle:["pot"]'
    assert cells["set", "product"]["Related"] == "class\ncup"
    assert cells["cup", "product"]["Attributes"] == "material: clay"
    assert cells["class", "product"]["Uses per code"] == "5"
    assert bring(file)["unchanged"] == 4

    # In another store nothing of it is there, and the set comes first: its parts, and what it is shown
    # with, stand below it.
    other = make_store("other")
    tried = bring(file, "other", "--dry-run")
    assert (tried["created"], tried["refused"], tried["said"]) == (4, 0, [])
    counts = bring(file, "other")
    assert (counts["created"], counts["updated"], counts["refused"]) == (4, 0, 0)
    assert counts["said"] == []
    flask("export", again, "--store", "other")
    alike = [
        sorted(json.dumps(row | {"Address": ""}) for row in one) for one in (found, rows(again))
    ]
    assert alike[0] == alike[1]
    # What the run says of itself is the same: nobody counts twice.
    run = db.session.scalars(select(ImportRun).order_by(ImportRun.id.desc())).first()
    assert (run.created, run.updated, run.unchanged) == (4, 0, 0)
    assert "deleted 2, archived since the stock ledger or an order names them 2" in flask(
        "undo", run.public_id
    )
    mine = select(func.count(Product.id)).where(Product.store_id == other)
    assert db.session.scalar(mine) == 2


def test_what_cannot_be_understood_is_refused_by_row(flask, bring, house, tmp_path):
    file = tmp_path / "goods.csv"
    flask("export", file, "--store", "songjian")
    found = rows(file)
    numbers = {(row["Handle"], row["Row"]): n for n, row in enumerate(found, start=2)}
    before = state()
    for cell, code in (
        ("2 x CUP\n1 x NOWHERE", "part-unknown"),
        ("0 x CUP", "part-units"),
        ('1 x handle:["set"]', "bundle-itself"),
    ):
        changed = [dict(row) for row in found]
        for row in changed:
            if (row["Handle"], row["Row"]) == ("set", "variant"):
                row["Parts"] = cell
        write(file, changed)
        counts = bring(file)
        assert (counts["refused"], counts["said"]) == (1, [(code, numbers["set", "variant"])])
    assert (
        "neither in the store nor in this file"
        in db.session.scalars(
            select(ImportRow.sentence).where(ImportRow.code == "part-unknown")
        ).first()
    )
    assert state() == before

    changed = [dict(row) for row in found]
    for row in changed:
        if row["Row"] == "product":
            row["Attributes"] = "Material: CLAY\nMaterial: Gold" if row["Handle"] == "pot" else ""
            row["Related"] = "nowhere" if row["Handle"] == "pot" else row["Related"]
    write(file, changed)
    counts = bring(file)
    place = numbers["pot", "product"]
    assert (counts["updated"], counts["refused"]) == (2, 0)
    assert counts["said"] == [("attribute-unknown", place), ("related-left-out", place)]
    # A file without these columns leaves what they would say.
    kept = state()
    names = ("Attributes", "Related", "Parts", "Uses per code", "Reminder days", "Downloads")
    write(file, [{k: v for k, v in row.items() if k not in names} for row in changed])
    assert bring(file)["unchanged"] == 4
    assert state() == kept


def test_an_undone_import_brings_back_what_stood_beside(flask, bring, house, tmp_path):
    file = tmp_path / "goods.csv"
    flask("export", file, "--store", "songjian")
    before = state()
    found = rows(file)
    for row in found:
        row["Attributes"] = row["Related"] = ""
        row["Uses per code"] = "3" if row["Handle"] == "class" else ""
        row["Parts"] = "1 x CUP" if row["Parts"] else ""
        if row["Handle"] == "pot":
            row["Related"] = "cup\nnew" if row["Row"] == "product" else ""
    extra = [
        dict(row, Handle="new", Address="", SKU="NEW", **{"Stock: Main": ""}) for row in found[2:4]
    ]
    extra[0]["Title (en)"] = "New"
    write(file, found + extra)
    counts = bring(file)
    assert (counts["created"], counts["updated"]) == (1, 4)
    (bundle,) = house["set"].variants
    assert bundles.queries.availability([bundle]) == {bundle: 6}
    run = db.session.scalars(select(ImportRun).order_by(ImportRun.id.desc())).first().public_id

    # What staff change there since is seen, although it leaves the version as it is.
    with transaction():
        related.set_pins(house["set"].id, [house["pot"].id])
    assert "left 1" in flask("undo", run)
    assert "left 0" in flask("undo", run, "--overwrite")
    after = state()
    after["listing_row"] = [row for row in after["listing_row"] if row in before["listing_row"]]
    assert after == before
    assert bundles.queries.availability([bundle]) == {bundle: 3}

    # An import that says nothing of them leaves them to staff, and so does its undoing.
    plain = tmp_path / "shopify.csv"
    plain.write_text("Handle,Title,Variant Price\nclass,Class for all,9\n", "utf-8")
    bring(plain)
    run = db.session.scalars(select(ImportRun).order_by(ImportRun.id.desc())).first().public_id
    with transaction():
        terms.change(house["class"].id, terms.Terms(uses=9))
    assert "Brought back 1" in flask("undo", run)
    assert db.session.scalar(select(GoodsTerms.uses)) == 9
    assert db.session.scalar(select(func.count()).select_from(RelatedProduct)) == 3
    assert (
        db.session.scalar(
            select(ListingRow.available).join(Product).where(Product.id == house["set"].id)
        )
        is True
    )
    assert db.session.scalar(select(Variant.tracked).where(Variant.id == bundle)) is False
