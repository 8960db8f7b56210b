"""What pages say of returns: each store's own window, and how much of a product comes back."""

from shop.core.transaction import transaction
from shop.jobs.return_figures import figure_all
from shop.order import return_terms
from tests.factories.orders import received_order, request_return, store_with_goods
from tests.factories.returns import come_back
from tests.web.catalog.browsing import page, words


def test_the_rate_of_a_product_is_said_once_enough_was_sent(app, statements):
    app.config["RETURN_RATE_SAMPLE"] = 50
    goods = store_with_goods(stock=120)
    address = f"/en/p/{goods.products[0].slug}"
    page(app.test_client(), address)  # what every page shows is kept from here on
    first = received_order({goods.variant: 49})
    come_back(first.order, 2, "size")
    statements.clear()
    assert "Return rate" not in words(page(app.test_client(), address))
    before = len(statements)
    assert figure_all() == 0  # one more is missing
    received_order({goods.variant: 51})
    come_back(first.order, 1, "quality")
    request_return(first.order, 5, "damaged")  # not decided: it does not count
    assert figure_all() == 1
    statements.clear()
    assert "Return rate 3%, mostly size." in words(page(app.test_client(), address))
    assert len(statements) <= before
    assert "退货率3%，多因尺码" in words(page(app.test_client(), address.replace("/en/", "/zh/")))
    assert figure_all() == 0  # nothing new, nothing written
    app.config["RETURN_RATE_SAMPLE"] = 200
    shown = app.test_cli_runner().invoke(args=("returns", "figures"))
    assert shown.output == "1 products changed.\n"
    assert "Return rate" not in words(page(app.test_client(), address))


def test_few_returns_of_many_are_below_a_percent(app):
    app.config["RETURN_RATE_SAMPLE"] = 100
    goods = store_with_goods(stock=300)
    placed = received_order({goods.variant: 250})
    come_back(placed.order, 2, "size")
    figure_all()
    said = words(page(app.test_client(), f"/en/p/{goods.products[0].slug}"))
    assert "Return rate below 1%. We pay the way back." in said


def test_every_page_says_the_windows_that_the_stores_have(app, client):
    one, other = store_with_goods(names={"en": "One"}), store_with_goods(names={"en": "Other"})
    assert "30 days to return" in words(page(client, "/en/"))
    with transaction():
        return_terms.change(other.store_id, return_terms.Terms(window_days=14))
    assert "30 days to return" in words(page(client, f"/en/p/{one.products[0].slug}"))
    assert "14 days to return" in words(page(client, f"/en/p/{other.products[0].slug}"))
    assert "At least 14 days to return" in words(page(client, "/en/"))
    told = words(page(client, "/en/help/returns"))
    assert "One 30 days to return Other 14 days to return" in told
    with transaction():
        return_terms.change(one.store_id, return_terms.Terms(window_days=14))
    assert "At least" not in words(page(client, "/en/"))
    assert "until 14 days after you received it" in words(page(client, "/en/help/returns"))
