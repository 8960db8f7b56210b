"""`flask stock`: levels, adjusting, verifying."""

import pytest

from shop.catalog.data import VariantData
from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory import location_queries, queries, services
from tests.factories.orders import assert_sound, available, place_order, store_with_goods


@pytest.fixture
def run(app):
    def invoke(*arguments):
        result = app.test_cli_runner().invoke(args=("stock", *arguments))
        db.session.rollback()
        return result

    return invoke


@pytest.fixture
def goods(app):
    return store_with_goods(
        slug="tea", product={"variants": [VariantData(price_minor=1000, sku="GAIWAN-1")]}
    )


def test_what_lies_where(run, goods):
    place_order({goods.variant: 3})
    shown = run("levels", "--store", "tea").output
    assert "GAIWAN-1" in shown
    assert "on hand    10  reserved    3  available     7" in shown
    assert shown.endswith("1 levels.\n")
    assert run("levels", "--store", "tea", "--low").output == "0 levels.\n"
    with transaction():
        services.set_threshold(goods.variant, goods.location_id, 7)
    assert "LOW" in run("levels", "--store", "tea", "--low").output
    assert run("levels", "--store", "nowhere").output == "Error: There is no store nowhere.\n"


def test_adjusting_is_written_down(run, goods):
    done = run("adjust", "GAIWAN-1", "--store", "tea", "--reason", "broken", "--", "-2")
    assert done.output == "GAIWAN-1: 8 available.\n"
    assert run("adjust", "GAIWAN-1", "5", "--store", "tea", "--reason", "found").exit_code == 0
    moves = queries.movements([goods.store_id], "en")[:2]
    assert [(m.quantity, m.reason, m.actor) for m in moves] == [
        (5, "found", "operator"),
        (-2, "broken", "operator"),
    ]
    assert available(goods.variant) == 13


@pytest.mark.parametrize(
    ("arguments", "said"),
    (
        (("NO-SUCH", "1", "--reason", "x"), "tea has no variant with SKU NO-SUCH."),
        (("GAIWAN-1", "--reason", "x", "--", "-11"), "Not adjusted: stock-short"),
        (("GAIWAN-1", "0", "--reason", "x"), "Not adjusted: quantity-not-changed"),
        (("GAIWAN-1", "1", "--reason", " "), "Not adjusted: reason-missing"),
    ),
)
def test_what_cannot_be_adjusted(run, goods, arguments, said):
    refused = run("adjust", "--store", "tea", *arguments)
    assert refused.exit_code == 1
    assert said in refused.output
    assert available(goods.variant) == 10


def test_a_sku_that_two_variants_bear(run, app):
    variants = [VariantData(price_minor=1000, sku="TWICE")]
    store_with_goods(slug="tea", products=2, product={"variants": variants})
    refused = run("adjust", "TWICE", "1", "--store", "tea", "--reason", "x")
    assert "tea has 2 variants with SKU TWICE" in refused.output


def test_goods_move_between_places_and_are_counted_by_file(run, goods, tmp_path):
    with transaction():
        services.create_location(goods.store_id, "Annex", 1)
    known = {one.name for one in location_queries.of_stores([goods.store_id])}
    assert known == {"Main", "Annex"}
    to = ("--store", "tea", "--from", "Main", "--to", "Annex")
    assert "4 on their way from Main to Annex" in run("transfer", "gaiwan-1", "4", *to).output
    assert "2 moved from Main" in run("transfer", "GAIWAN-1", "2", "--arrived", *to).output
    assert "Not sent: transfer-short" in run("transfer", "GAIWAN-1", "5", *to).output
    assert "There are: Main, Annex." in run("transfer", "GAIWAN-1", "1", *to[:5], "Attic").output
    shown = run("locations", "--store", "tea").output
    assert "4 units" in shown
    assert shown.endswith("2 locations.\n")
    file = tmp_path / "counted.csv"
    file.write_text("code,counted\nGAIWAN-1,2\nGAIWAN-1\n", encoding="utf-8")
    where = ("--store", "tea", "--location", "Main")
    dry = run("count", str(file), *where, "--dry-run").output
    assert "expected      4  counted      3  -1" in dry
    assert "1 variants counted, 1 differences would be booked." in dry
    assert available(goods.variant) == 6
    assert "1 differences booked." in run("count", str(file), *where).output
    assert available(goods.variant) == 5
    file.write_text("nothing,1\n", encoding="utf-8")
    assert "line 1: scan-unknown" in run("count", str(file), *where).output
    assert_sound()


def test_levels_as_a_file(run, goods, tmp_path):
    file = tmp_path / "levels.csv"
    assert "1 levels written" in run("export", str(file), "--store", "tea").output
    text = file.read_text(encoding="utf-8-sig")
    assert "GAIWAN-1,Main,10,never,0" in text
    assert "1 lines read, 0 levels changed." in run("import", str(file), "--store", "tea").output
    file.write_text(text.replace("Main,10,never", "Main,7,2"), encoding="utf-8")
    dry = run("import", str(file), "--store", "tea", "--dry-run").output
    assert "on hand 10, alert never, back-order 0 -> on hand 7, alert 2, back-order 0" in dry
    assert available(goods.variant) == 10
    assert "1 levels changed." in run("import", str(file), "--store", "tea").output
    assert available(goods.variant) == 7
    bad = "SKU\nNONE,Main,1\nGAIWAN-1,Attic,1\nGAIWAN-1,Main,-1\nGAIWAN-1,Main,1,,5\n"
    file.write_text(bad, encoding="utf-8")
    refused = run("import", str(file), "--store", "tea").output
    for code in ("sku-unknown", "place-unknown", "number-unreadable", "limit-without-day"):
        assert code in refused
    assert available(goods.variant) == 7
    assert_sound()
