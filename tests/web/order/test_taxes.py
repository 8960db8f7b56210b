"""A tax on top of prices is seen in the cart, follows the address, and never comes first with the payment."""

import re

from sqlalchemy import select

from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory import locations
from shop.inventory.locations import LocationData
from shop.inventory.models import Location
from shop.order.mail_views import order_mail
from shop.order.models import Checkout, Order
from shop.store import queries
from tests.factories.campaigns import make_coupon
from tests.factories.delivery import make_method
from tests.factories.taxes import make_taxes
from tests.web.order.conftest import ENGLISH
from tests.web.order.markup import form_of

AMERICA = ENGLISH | {
    "country": "US",
    "province": "NY",
    "city": "New York",
    "postcode": "10001",
    "street": "350 5th Ave",
    "phone": "+1 212 736 3100",
}


def text(answer) -> str:
    """What it says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())


def form(answer) -> dict[str, str]:
    return form_of(answer.get_data(as_text=True))


def test_an_added_tax_is_estimated_then_follows_the_address(buyer, goods):
    make_taxes(
        goods.store_id,
        ("standard", "US", "CA", "Sales tax", 7_250),
        ("standard", "US", "NY", "Sales tax", 8_875),
        included=False,
        home="US",
        region="CA",
    )
    cart = text(buyer.get("/en/cart"))
    assert "Sales tax 7.25%" in cart
    assert "The tax is an estimate for California, United States until" in cart
    first = form(buyer.get("/en/checkout"))
    assert first["country"] == "US"
    assert first["expected_total"] == str(10_800 + 725 + 58)
    quote = buyer.post("/en/checkout/quote", data=first | AMERICA)
    assert "Sales tax 8.875%" in text(quote)
    assert "estimate" not in text(quote)
    stale = buyer.post("/en/checkout", data=first | AMERICA)
    assert stale.status_code == 409  # the tax of another state: first shown, then charged
    assert buyer.post("/en/checkout", data=form(stale) | AMERICA).status_code == 303
    order = db.session.scalars(select(Order)).one()
    assert (order.tax_minor, order.total_minor) == (888 + 71, 10_800 + 888 + 71)


def test_an_included_tax_is_told_and_costs_nothing_more(buyer, goods):
    make_taxes(goods.store_id)
    assert "incl. ¥12.42 tax" in text(buyer.get("/en/cart"))
    first = form(buyer.get("/en/checkout"))
    assert first["expected_total"] == "10800"
    assert buyer.post("/en/checkout", data=first | ENGLISH | {"method": "cod"}).status_code == 303
    order = db.session.scalars(select(Order)).one()
    token = db.session.get_one(Checkout, order.checkout_id).token
    assert "incl. VAT 13% ¥ 12 .42" in text(buyer.get(f"/en/checkout/{token}"))
    mail = order_mail(order.id)
    assert mail is not None
    assert [tax.label for tax in mail.taxes] == ["VAT 13%"]


def test_what_is_fetched_is_taxed_where_it_is_handed_over(buyer, goods):
    make_taxes(
        goods.store_id,
        ("standard", "US", "CA", "Sales tax", 7_250),
        ("standard", "US", "NY", "Sales tax", 8_875),
        included=False,
        home="US",
        region="CA",
    )
    with transaction():
        annex = locations.create(goods.store_id, LocationData("Annex", province="NY"))
    at = db.session.scalar(select(Location.id).where(Location.public_id == annex))
    here = make_method(goods.store_id, None, "pickup", location_id=goods.location_id)
    there = make_method(goods.store_id, None, "pickup", location_id=at)
    make_coupon(goods.store_id, code="LESS", value=1000)
    way = f"delivery-{queries.get(goods.store_id).slug}"
    first = form(buyer.get("/en/checkout"))
    nowhere = first | AMERICA | {"province": "TX", "city": "Austin", "code": "LESS"}
    for method, tax in ((None, 0), (here, 653), (there, 799)):
        chosen = nowhere if method is None else nowhere | {way: method}
        quote = buyer.post("/en/checkout/quote", data=chosen)
        total = form(quote)["expected_total"]
        assert total == str(9_000 + (800 if method is None else 0) + tax)
    assert "Sales tax 8.875%" in text(quote)
    assert buyer.post("/en/checkout", data=form(quote)).status_code == 303  # nothing new at placing
    order = db.session.scalars(select(Order)).one()
    assert (order.tax_minor, order.total_minor) == (799, 9_799)
