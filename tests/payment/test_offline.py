"""Money at the door and on the command line."""

import pytest

import config
from shop.core.db import db
from shop.payment import checks, queries
from shop.payment.gateways.registry import build_gateways
from tests.factories import orders as made
from tests.factories.orders import assert_sound, lines_of, order, store_with_goods
from tests.factories.transfers import offer_transfers, transfer_order
from tests.web.admin.conftest import sign_in, staff_of  # noqa: F401 - a fixture

KEY = "k" * 20


@pytest.fixture
def goods(app):
    offer_transfers(app)
    return store_with_goods(price_minor=10000, stock=5)


def test_what_is_refused_at_the_door_ends_unpaid_and_comes_back(goods, sign_in):  # noqa: F811
    placed = made.place_order({goods.variant: 2}, method="cod")
    own = sign_in(staff_of(goods.store_id, "staff"))
    strange = sign_in(staff_of(store_with_goods().store_id))
    url = f"/en/admin/orders/{placed.number}"
    refusal = {"key": KEY, "restock": "y"}
    early = own.post(f"{url}/refusal", data=refusal)
    assert early.status_code == 409
    assert "sent to be paid on delivery" in early.get_data(as_text=True)
    made.ship(placed.order)
    assert "Refused at the door" in own.get(url).get_data(as_text=True)
    assert strange.post(f"{url}/refusal", data=refusal).status_code == 404
    for _ in range(2):
        assert own.post(f"{url}/refusal", data=refusal).status_code == 303
    db.session.rollback()
    row = order(placed.order)
    assert (row.state, row.payment_state, row.cancel_reason) == ("cancelled", "unpaid", "refused")
    assert [line.returned for line in lines_of(placed.order)] == [2]
    assert made.available(goods.variant) == 5
    page = own.get(url).get_data(as_text=True)
    assert "the goods are back" in page
    # Cash for it is refused: nothing is due.
    cash = {"key": KEY, "amount": "200", "reference": "slip"}
    assert own.post(f"{url}/payment", data=cash).status_code == 409
    assert_sound()
    assert checks.differences() == []


def test_a_transfer_is_booked_on_the_command_line(app, goods):
    placed, reference = transfer_order(goods.variant)
    runner = app.test_cli_runner()

    def confirm(*args):
        answer = runner.invoke(args=["payments", "confirm", *args])
        db.session.rollback()
        return answer.exit_code, answer.output

    assert confirm("XP999999", "1", "--bank-reference", "A")[0] == 1
    assert "no amount" in confirm(reference, "a lot", "--bank-reference", "A")[1]
    code, said = confirm(reference, "40", "--bank-reference", "A-1")
    assert (code, "40.00 CNY booked" in said, "60.00 CNY is still missing" in said) == (
        0,
        True,
        True,
    )
    code, said = confirm(reference, "60", "--bank-reference", "a1")
    assert (code, "booked already" in said) == (1, True)
    assert confirm(reference.lower(), "60.00", "--bank-reference", "A-2")[0] == 0
    assert order(placed.order).payment_state == "paid"
    assert queries.of_order(placed.order).paid_minor == placed.total_minor
    assert_sound()


def test_an_account_is_set_whole_or_refused():
    given = {
        "XIAOPU_ENV": "testing",
        "BANK_TRANSFER_CNY_HOLDER": "Xiaopu",
        "BANK_TRANSFER_CNY_BANK": "Bank",
        "BANK_TRANSFER_DAYS": "2",
    }
    with pytest.raises(config.ConfigError, match="BANK_TRANSFER_CNY_ACCOUNT must be set"):
        config.load(given)
    whole = config.load(given | {"BANK_TRANSFER_CNY_ACCOUNT": "1"})
    assert whole["BANK_TRANSFER_WAIT"].days == 2
    gateway = build_gateways(whole)["transfer"]
    assert gateway.capabilities.currencies == {"CNY"}
    assert "transfer" not in build_gateways(config.load({"XIAOPU_ENV": "testing"}))
    with pytest.raises(config.ConfigError, match="BANK_TRANSFER_CNY_IBAN is no setting"):
        config.load(given | {"BANK_TRANSFER_CNY_ACCOUNT": "1", "BANK_TRANSFER_CNY_IBAN": "1"})
