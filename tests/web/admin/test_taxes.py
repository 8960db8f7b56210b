"""Taxes at the merchant's desk: settings, rates by hand and from a file, classes, the report; and in the shop."""

import io

from sqlalchemy import select

from shop.catalog.models import Product
from shop.core import clock, ids
from shop.core.db import db
from shop.core.transaction import transaction
from shop.payment import refunds
from shop.payment.models import Refund
from shop.store import queries, tax_queries
from tests.factories.orders import lines_of, paid_order, place_order
from tests.factories.taxes import make_taxes

AT = "/en/admin/settings/taxes"


def read(browser, path):
    response = browser.get(path)
    assert response.status_code == 200, path
    return response.get_data(as_text=True)


def rates_of(goods):
    db.session.rollback()
    return [
        (one.country, one.region, one.tax_class, one.rate, one.name)
        for one in tax_queries.rates(goods.store_id)
    ]


def send_file(browser, content):
    file = (io.BytesIO(content), "rates.csv")
    return browser.post(AT + "/file", data={"file": file}, content_type="multipart/form-data")


def test_a_store_that_sets_up_nothing_shows_no_tax(client, goods):
    path = f"/en/p/{goods.products[0].slug}"
    assert "tax" not in read(client, path).lower()
    make_taxes(goods.store_id)
    assert "Tax included" in read(client, path)
    make_taxes(goods.store_id, included=False)
    assert "Plus tax, shown in the cart" in read(client, path)


def test_settings_and_rates_are_kept_and_told_in_words(merchant, goods):
    assert "no tax is charged or shown" in read(merchant, AT)
    data = {"mode": "excluded", "rounding": "order", "home": "US", "home_region": "new york"}
    assert merchant.post(AT, data=data).status_code == 303
    rate = {"country": "US", "region": "New York", "tax_class": "standard", "name": "Sales tax"}
    assert merchant.post(AT + "/rates", data=rate | {"rate": "8.875"}).status_code == 303
    assert rates_of(goods) == [("US", "NY", "standard", 8875, "Sales tax")]
    page = read(merchant, AT)
    assert "¥8.88 of tax (Sales tax 8.875%) is added, so the shopper pays ¥108.88" in page
    refused = merchant.post(AT + "/rates", data=rate | {"rate": "a lot"})
    assert refused.status_code == 422
    assert 'value="a lot"' in refused.get_data(as_text=True)
    merchant.post(AT + "/rates", data=rate | {"rate": "9 %"})
    assert rates_of(goods) == [("US", "NY", "standard", 9000, "Sales tax")]
    (kept,) = tax_queries.rates(goods.store_id)
    assert merchant.post(f"{AT}/rates/{kept.public_id}/removal").status_code == 303
    assert rates_of(goods) == []


def test_rates_come_from_a_file_all_or_none_and_go_out_again(merchant, goods):
    bad = b"Country,Region,Class,Rate,Name\nGB,,standard,20,VAT\nXXX,,books,200,VAT\n"
    refused = send_file(merchant, bad)
    assert refused.status_code == 422
    assert "Row 3, “books”: This shop has no such class." in refused.get_data(as_text=True)
    assert rates_of(goods) == []
    assert merchant.post(AT + "/classes", data={"class_name": "Books"}).status_code == 303
    good = "Country,Region,Class,Rate,Name,Delivery\nGB,,,20,VAT,yes\ngb,,Books,0,=VAT,no\n"
    assert send_file(merchant, good.encode("utf-8-sig")).status_code == 303
    found = rates_of(goods)
    assert found == [("GB", "", "standard", 20_000, "VAT"), ("GB", "", "books", 0, "=VAT")]
    out = merchant.get(AT + "/rates.csv").get_data()
    assert "GB,,books,0,'=VAT,no" in out.decode()
    assert send_file(merchant, out).status_code == 303
    assert rates_of(goods) == found
    assert send_file(merchant, "国家\n".encode("gb18030")).status_code == 422


def test_a_product_is_taxed_by_its_class(merchant, goods):
    merchant.post(AT + "/classes", data={"class_name": "Books"})
    make_taxes(
        goods.store_id, ("standard", "CN", "", "VAT", 13_000), ("books", "CN", "", "VAT", 9_000)
    )
    product = db.session.get_one(Product, goods.products[0].id)
    page = read(merchant, f"/en/admin/products/{product.public_id}")
    assert '<option value="books">Books</option>' in page
    product.tax_class = "books"
    db.session.commit()
    order = place_order({goods.variants[0]: 1, goods.variants[1]: 1})
    assert [line.tax_minor for line in lines_of(order.order)] == [83, 115]
    page = read(merchant, f"/en/admin/orders/{order.number}")
    assert "incl. VAT 13%" in page
    assert "incl. VAT 9%" in page
    assert merchant.post(f"{AT}/classes/books/removal").status_code == 303
    assert merchant.post(f"{AT}/classes/zero/removal").status_code == 409
    order = place_order({goods.variants[0]: 1})
    assert [line.tax_minor for line in lines_of(order.order)] == [115]


def test_the_report_has_what_was_charged_and_what_went_back(merchant, goods):
    assert "was taxed" in read(merchant, "/en/admin/reports/tax")
    make_taxes(goods.store_id)
    order = paid_order({goods.variants[0]: 2})
    line = lines_of(order.order)[0].public_id
    with transaction():
        number = refunds.request(
            order.order,
            {line: 1},
            include_delivery=False,
            restock=(),
            reason="other",
            note="",
            actor="u:1",
            key=ids.token(),
        )
    refund = db.session.scalars(select(Refund).where(Refund.refund_no == number)).one()
    refund.state, refund.done_at = "done", clock.now()
    db.session.commit()
    page = read(merchant, "/en/admin/reports/tax")
    assert (
        "Charged ¥3.22, given back ¥1.15: ¥2.07 are due." in page
    )  # 2.30 of goods, 0.92 of delivery
    out = read(merchant, "/en/admin/reports/tax?format=csv")
    year = clock.now().year
    assert f"{year}-{clock.now().month:02},CN,,VAT,13,1,24.78,3.22,1.15,2.07,CNY" in out
    assert read(merchant, "/en/admin/reports/tax?year=1")


def test_the_command_tells_it(app, goods):
    run = app.test_cli_runner()
    slug = queries.get(goods.store_id).slug
    assert "no tax" in run.invoke(args=["stores", "tax", slug]).output
    make_taxes(goods.store_id, included=False)
    said = run.invoke(args=["stores", "tax", slug]).output
    assert "Prices exclude tax." in said
    assert "13%  VAT, delivery too" in said
    assert run.invoke(args=["stores", "tax", "nowhere"]).exit_code == 1
