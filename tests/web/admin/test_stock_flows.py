"""Places, transfers and counts at the desk, as plain forms."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from shop.catalog.models import Variant
from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.inventory import flow_queries, location_queries, purchase_queries, queries, services
from tests.factories.orders import assert_sound, available, paid_order, shipped_order

BASE = "/en/admin/inventory"


def places(goods):
    db.session.rollback()
    return location_queries.of_stores([goods.store_id])


@pytest.fixture
def annex(goods):
    with transaction():
        services.create_location(goods.store_id, "Annex", 1)
        db.session.execute(
            update(Variant).where(Variant.id == goods.variant).values(sku="CUP", barcode="690123")
        )
    return places(goods)


def test_places_are_added_changed_moved_and_put_away(merchant, goods):
    said = {"name": "  Back   room ", "street": "Road 1", "is_pickup": "y", "hours_zh": "9–18 点"}
    assert merchant.post(f"{BASE}/locations/new", data=said).status_code == 303
    first, second = places(goods)
    assert (second.name, second.is_pickup, second.hours) == (
        "Back room",
        True,
        {"zh": "9–18 点"},
    )
    page = merchant.post(f"{BASE}/locations/new", data=said)
    assert page.status_code == 409
    assert "A place of this name exists already." in page.text
    page = merchant.post(f"{BASE}/locations/new", data=said | {"name": "Desk", "street": ""})
    assert page.status_code == 422
    assert "Shoppers need the street" in page.text
    assert 'value="Desk"' in page.text
    merchant.post(f"{BASE}/locations/{second.public_id}/place", data={"to": "up"})
    assert [place.name for place in places(goods)] == ["Back room", first.name]
    refused = merchant.post(f"{BASE}/locations/{first.public_id}/archival")
    assert refused.status_code == 409
    assert "Goods still lie there" in refused.text
    assert merchant.post(f"{BASE}/locations/{second.public_id}/archival").status_code == 303
    assert [place.archived for place in places(goods)] == [False, True]
    with transaction():
        assert services.default_location(goods.store_id) == first.id
    assert "Use again" in merchant.get(f"{BASE}/locations").text


def test_a_transfer_by_scanner(merchant, goods, annex):
    first, second = annex
    data = {"source": first.public_id, "target": second.public_id, "note": "for the weekend"}
    assert (
        merchant.post(f"{BASE}/transfers/new", data=data | {"target": first.public_id}).status_code
        == 422
    )
    url = merchant.post(f"{BASE}/transfers/new", data=data).location
    key = url.rsplit("/", 1)[1]
    page = merchant.post(f"{url}/scans", data={"code": "nothing"})
    assert page.status_code == 422
    assert "No goods here have the code “nothing”." in page.text
    assert 'value="nothing"' in page.text
    for code in ("690123", "cup"):
        assert merchant.post(f"{url}/scans", data={"code": code}).status_code == 303
    (line,) = flow_queries.transfer([goods.store_id], key).lines
    assert line.quantity == 2
    merchant.post(f"{url}/lines", data={f"quantity-{line.public_id}": "11"})
    refused = merchant.post(f"{url}/dispatch")
    assert refused.status_code == 409
    assert "Only 10 of CUP can be sent: 11 are wanted." in refused.text
    merchant.post(f"{url}/lines", data={f"quantity-{line.public_id}": "4"})
    assert merchant.post(f"{url}/dispatch").status_code == 303
    assert "+4" in merchant.get(BASE).text
    arrived = {f"received-{line.public_id}": "3", "reason": "lost", "key": "k" * 20}
    for _ in range(2):  # pressed twice
        assert merchant.post(f"{url}/receipt", data=arrived).status_code == 303
    too_many = merchant.post(f"{url}/receipt", data=arrived | {"key": "l" * 20})
    assert too_many.status_code == 422
    assert "more than is on its way" in too_many.text
    last = {f"lost-{line.public_id}": "1", "reason": "damaged"}
    assert merchant.post(f"{url}/receipt", data=last).status_code == 303
    db.session.rollback()
    assert flow_queries.transfer([goods.store_id], key).state == "done"
    assert queries.on_hand(goods.variant, second.id) == 3
    assert "Damaged" in merchant.get(f"{BASE}/ledger").text
    assert_sound()


def test_a_count_by_scanner(merchant, goods, annex):
    placed = paid_order({goods.variant: 9})
    url = merchant.post(f"{BASE}/counts", data={"location": annex[0].public_id}).location
    for number in range(3):
        sent = {"code": "690123", "key": str(number) * 20}
        assert merchant.post(f"{url}/scans", data=sent).status_code == 303
        assert (
            merchant.post(f"{url}/scans", data=sent).status_code == 303
        )  # sent twice, counts once
    unknown = merchant.post(f"{url}/scans", data={"code": "999"})
    assert (unknown.status_code, 'value="999"' in unknown.text) == (422, True)
    key = url.rsplit("/", 1)[1]
    (line,) = flow_queries.count([goods.store_id], key).lines
    assert (line.counted, line.expected) == (3, 10)
    bad = merchant.post(f"{url}/lines", data={f"counted-{line.public_id}": "many"})
    assert bad.status_code == 422
    merchant.post(f"{url}/lines", data={f"counted-{line.public_id}": "8"})
    look = merchant.get(f"{url}?look=1").text
    assert "−2" in look
    assert "1 variant that should lie here was not scanned" in look
    assert merchant.post(f"{url}/application").status_code == 303
    assert available(goods.variant) == 0
    order = merchant.get(f"/en/admin/orders/{placed.number}").text
    assert "1 short" in order
    assert (
        "1 of these" in merchant.get("/en/admin").text or "Short" in merchant.get("/en/admin").text
    )
    shipped = merchant.post(
        f"/en/admin/orders/{placed.number}/shipments",
        data={"carrier": "SF", "tracking_number": "SF1", "lines": ""},
    )
    assert shipped.status_code == 409
    assert "8 of 9 can leave now" in shipped.text
    again = merchant.post(f"{url}/application")
    assert again.status_code == 409
    assert_sound()


def test_a_purchase_order_at_the_desk(merchant, goods, annex):
    paid_order(goods.variants[1])  # the desk of a shop that sells
    assert "Write down first whom you buy from" in merchant.get(f"{BASE}/purchases/new").text
    assert merchant.post(f"{BASE}/suppliers", data={"name": "Kiln"}).status_code == 303
    twice = merchant.post(f"{BASE}/suppliers", data={"name": " Kiln ", "email": "kiln"})
    assert twice.status_code == 422
    twice = merchant.post(f"{BASE}/suppliers", data={"name": " Kiln ", "note": "south"})
    assert (twice.status_code, "south" in twice.text) == (409, True)
    (supplier,) = purchase_queries.suppliers([goods.store_id])
    said = {
        "supplier": supplier.public_id,
        "location": annex[1].public_id,
        "expected_on": "2020-01-31",
        "reference": "=K-7",
    }
    url = merchant.post(f"{BASE}/purchases/new", data=said).location
    merchant.post(f"{url}/scans", data={"code": "CUP"})
    key = url.rsplit("/", 1)[1]
    (line,) = purchase_queries.purchase([goods.store_id], key).lines
    typed = {f"quantity-{line.public_id}": "12", f"cost-{line.public_id}": "much"}
    refused = merchant.post(f"{url}/lines", data=typed)
    assert (refused.status_code, 'value="much"' in refused.text) == (422, True)
    merchant.post(f"{url}/lines", data=typed | {f"cost-{line.public_id}": "4.50"})
    assert merchant.post(f"{url}/order").status_code == 303
    assert "should have come" in merchant.get("/en/admin").text
    assert "Overdue" in merchant.get(f"{BASE}/purchases?view=overdue").text
    assert "+12" in merchant.get(BASE).text
    sent = {f"received-{line.public_id}": "5", "key": "k" * 20}
    for _ in range(2):  # pressed twice
        assert merchant.post(f"{url}/receipt", data=sent).status_code == 303
    too_many = merchant.post(f"{url}/receipt", data={f"received-{line.public_id}": "8"})
    assert too_many.status_code == 422
    assert "more than is still to come" in too_many.text
    file = merchant.get(f"{url}/file.csv").get_data(as_text=True)
    assert "CUP,Thing" in file
    assert ",12,4.50,54.00,5" in file
    assert merchant.post(f"{url}/end").status_code == 303
    assert queries.on_hand(goods.variant, annex[1].id) == 5
    assert "should have come" not in merchant.get("/en/admin").text
    assert_sound()


def test_selling_before_it_is_there(merchant, goods, annex):
    key = db.session.get_one(Variant, goods.variant).public_id
    url = f"/en/admin/variants/{key}/selling"
    refused = merchant.post(url, data={"policy": "backorder", "limit": "5"})
    assert refused.status_code == 422
    assert "Choose the day from which on it leaves." in refused.text
    assert 'value="5"' in refused.text
    day = (clock.now() + timedelta(days=20)).date().isoformat()
    sent = {"policy": "backorder", "limit": "5", "promised_on": day}
    assert merchant.post(url, data=sent).status_code == 303
    assert f'value="{day}"' in merchant.get(url).text
    assert available(goods.variant) == 15


def test_a_count_begins_with_its_first_scan(merchant, goods, annex):
    url = f"{BASE}/counts"
    sent = {"location": annex[1].public_id, "code": "999", "key": "k" * 20}
    unknown = merchant.post(url, data=sent)
    assert (unknown.status_code, 'value="999"' in unknown.text) == (422, True)
    assert flow_queries.counts([goods.store_id]) == []
    sent["code"] = "690123"
    begun = [merchant.post(url, data=sent).location for _ in range(2)]  # sent twice, begins once
    assert begun[0] == begun[1]
    (found,) = flow_queries.counts([goods.store_id])
    assert (found.location, found.units) == ("Annex", 1)
    assert merchant.post(f"{begun[0]}/application").status_code == 303
    assert queries.on_hand(goods.variant, annex[1].id) == 1  # where it never lay before
    assert_sound()
    on = merchant.get(url).text  # where was counted last is counted on
    assert re.search(f'<option selected[^>]* value="{annex[1].public_id}"', on)


def test_the_report_of_the_stock(merchant, goods, annex, statements):
    with transaction():
        db.session.execute(update(Variant).values(cost_minor=300))
    shipped_order({goods.variant: 4})
    statements.clear()
    page = merchant.get("/en/admin/reports/stock?days=30").text
    assert len(statements) <= 16  # ten of them for the frame
    assert "48.00" in re.sub("<[^>]+>", "", page)  # 6 + 10 units at 3.00
    dead = merchant.get("/en/admin/reports/stock?view=dead").text
    assert "CUP" not in dead.split("va-h", 1)[1]
    lines = merchant.get("/en/admin/reports/stock.csv?days=30").get_data(as_text=True).splitlines()
    assert any(line.startswith("CUP,") and line.endswith(",6,18.00,4,45,no") for line in lines)


def test_levels_as_a_file_are_looked_at_first(merchant, goods, annex):
    file = merchant.get(f"{BASE}/levels.csv").get_data(as_text=True)
    assert "CUP,Main,10,never,0" in file
    url = f"{BASE}/file"
    assert merchant.post(url).status_code == 422
    wrong = merchant.post(url, data={"text": "SKU\nCUP,Attic,1\n"}).text
    assert "there is no such location" in wrong
    text = "SKU,Location,On hand\nCUP,Main,4\nCUP,Annex,6\n"
    look = merchant.post(url, data={"text": text}).text
    seal = re.search('name="seal" value="([0-9a-f]+)"', look)[1]
    assert available(goods.variant) == 10
    shipped_order({goods.variant: 1})
    late = merchant.post(url, data={"text": text, "seal": seal})
    assert late.status_code == 409
    assert "The stock has changed since you looked." in late.text
    seal = re.search('name="seal" value="([0-9a-f]+)"', late.text)[1]
    assert merchant.post(url, data={"text": text, "seal": seal}).status_code == 303
    assert [place.units for place in places(goods)] == [14, 6]  # with ten of the other product
    assert_sound()
