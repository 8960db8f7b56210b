"""What a store promises about returns, from its settings to the shopper's pages."""

from shop.core.db import db
from shop.order import links, return_queries, return_terms
from tests.factories.orders import received_order, request_return


def test_a_store_sets_its_times_and_its_shoppers_read_them(app, client, goods, merchant):
    path = "/en/admin/settings/returns"
    form = {"window_days": "30", "answer_hours": "72", "instructions": "Gate 3, Hangzhou"}
    assert 'value="48"' in merchant.get(path).get_data(as_text=True)
    refused = merchant.post(path, data={**form, "answer_hours": "3"})
    assert refused.status_code == 422
    assert "Gate 3, Hangzhou" in refused.get_data(as_text=True)
    assert "from 24 to 336" in refused.get_data(as_text=True)
    assert merchant.post(path, data=form).status_code == 303
    db.session.rollback()
    assert return_terms.of_store(goods.store_id) == return_terms.Terms(30, 72, "Gate 3, Hangzhou")

    placed = received_order(goods.variant)
    key = links.sign(placed.number, app.config["SECRET_KEY"])
    page = client.get(f"/en/orders/{placed.number}?key={key}").get_data(as_text=True)
    assert "Return or refund, until " in page
    asked = request_return(placed.order)
    found = return_queries.one(asked, "en")
    assert round((found.answer_by - found.created_at).total_seconds() / 3600) == 72
    page = client.get(f"/en/orders/{placed.number}/returns?key={key}").get_data(as_text=True)
    assert "without an answer it counts as approved" in page
    page = client.get(f"/en/orders/{placed.number}?key={key}").get_data(as_text=True)
    assert "You asked to return goods." in page
