"""Refused messages, as operators see them."""

from shop.core import clock
from shop.core import security as events
from shop.core.transaction import transaction
from tests.factories.users import make_user


def test_parts_of_a_minute_are_one_event_and_operators_see_it(app, goods, sign_in):
    begin = events.minute_of(clock.now())
    for times, address in ((200, "203.0.113.9"), (100, "203.0.113.10")):
        with transaction():
            events.add(
                [
                    events.Gathered(
                        begin, "notify", "alipay", "signature", times, begin, begin, (address,)
                    )
                ]
            )
    [one] = events.latest()
    assert (one.times, one.addresses) == (300, ("203.0.113.9",))
    page = sign_in(make_user(is_operator=True)).get("/en/admin/security").text
    assert "300" in page
    assert "203.0.113.9" in page
    assert sign_in(make_user()).get("/en/admin/security").status_code == 404
    said = app.test_cli_runner().invoke(args=["security", "events"]).output
    assert "notify alipay  signature  ×300  203.0.113.9" in said
