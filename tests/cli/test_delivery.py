"""`flask stores delivery`: how a store delivers, and what it offers to an address."""

from tests.factories.delivery import make_method, make_zone
from tests.factories.stores import make_store


def test_what_a_store_offers_where(app):
    store = make_store("tea", flat_delivery_minor=800)

    def run(*arguments: str) -> str:
        return app.test_cli_runner().invoke(args=("stores", "delivery", *arguments)).output

    assert "An order placed now for CN: Standard delivery arrives" in run("tea")
    zone = make_zone(store, "Far", "CN:新疆维吾尔自治区")
    make_method(
        store, zone, "weight", names={"en": "Truck"}, price_minor=4500, tiers=((1000, 9000),)
    )
    shown = run("tea", "--to", "CN::830000")
    assert "zone Far: CN:新疆维吾尔自治区" in shown
    assert "Truck [weight] 45.00, from 1000 90.00" in shown
    assert "An order placed now for CN:830000: Truck leaves by" in shown
    assert "Nothing is delivered to CN." in run("tea")
    assert run("nowhere") == "Error: There is no store nowhere.\n"
    assert "Write --to CN" in run("tea", "--to", "China")
