"""Mistakes that somebody could make, planted one by one: the checks of ``test_life`` find each of them.

In ``make test`` a few steps known by heart must trip over it; in ``make soak`` Hypothesis looks by itself.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import update

from shop.campaigns import services as campaigns
from shop.catalog import listing_ends
from shop.core.db import db
from shop.inventory import levels, reservations, transfers
from shop.membership import services as membership
from shop.order import cancellation, goods, money, shipping, taxes
from shop.order.models import Adjustment, OrderLine
from shop.order.states import PaymentState
from shop.payment import refund_quotes, refunds, return_refunds
from tests.services.order.conftest import Again
from tests.services.order.test_life import Life, beginning, by_heart
from tests.support.sizes import SOAK

pytestmark = pytest.mark.soak

Plant = Callable[[pytest.MonkeyPatch], None]
BUGS: dict[str, Plant] = {}


def bug(plant: Plant) -> Plant:
    """Note it under its name."""
    BUGS[plant.__name__.replace("_", " ")] = plant
    return plant


def twice(of: Any, name: str) -> Plant:
    def plant(patch: pytest.MonkeyPatch) -> None:
        real = getattr(of, name)

        def double(*given: Any, **named: Any) -> Any:
            real(*given, **named)
            return real(*given, **named)

        patch.setattr(of, name, double)

    return plant


def never(of: Any, name: str, answer: object = None) -> Plant:
    return lambda patch: patch.setattr(of, name, lambda *given, **named: answer)


BUGS |= {
    "an order that ends keeps its stock": never(cancellation.reservations, "release", 0),
    "a cancelled unit keeps its stock": never(goods, "release"),
    "what is shipped is not taken from the shelf": never(goods, "consume"),
    "what comes back is put back twice": twice(goods, "put_back"),
    "a cancelled order keeps its coupon": never(campaigns, "release_order"),
    "a parcel does not move the state": never(shipping, "follow"),
    "membership counts an order twice": twice(membership, "add_spent"),
    "sales are counted twice": twice(listing_ends, "count_sales"),
    "a transfer arrives without a movement": never(transfers, "change"),
    "a movement is not written down": never(levels, "_record"),
    "the lists do not follow the stock": never(listing_ends, "follow_stock"),
    "a tax is charged and not kept": never(taxes, "write"),
    "a returned unit goes back to stock twice": twice(refunds.goods, "put_back"),
    "every order counts as paid": never(money, "derive", PaymentState.PAID),
    "a refund is a cent too high": lambda patch: patch.setattr(
        refund_quotes,
        "refund_share",
        lambda *given: _share(*given) + 1,
    ),
}
_share = refund_quotes.refund_share


@bug
def stock_is_promised_twice(patch: pytest.MonkeyPatch) -> None:
    real = levels.change

    def plant(steps: Sequence[levels.Step], kind: str = "", **named: Any) -> None:
        promised = [step for step in steps if step.reserved > 0]
        real([*steps, *promised], kind, **named)

    patch.setattr(levels, "change", plant)


@bug
def what_is_counted_is_not_written_down(patch: pytest.MonkeyPatch) -> None:
    real = levels.change

    def plant(steps: Sequence[levels.Step], kind: str = "", **named: Any) -> None:
        if kind != "counted":
            real(steps, kind, **named)

    patch.setattr(levels, "change", plant)


@bug
def a_reservation_ends_without_its_level(patch: pytest.MonkeyPatch) -> None:
    def plant(order_line_ids: list[int]) -> int:
        return sum(row.quantity for row in reservations._end(order_line_ids, "open", "released"))

    patch.setattr(cancellation.reservations, "release", plant)


@bug
def a_discount_is_lost_from_its_line(patch: pytest.MonkeyPatch) -> None:
    real = goods.wanted

    def plant(line: OrderLine, *given: Any) -> Any:
        db.session.execute(update(Adjustment).values(amount_minor=Adjustment.amount_minor - 1))
        return real(line, *given)

    patch.setattr(goods, "wanted", plant)


@bug
def a_refund_leaves_no_trace_on_what_was_paid(patch: pytest.MonkeyPatch) -> None:
    real = refunds._write

    def plant(*given: Any, **named: Any) -> Any:
        made = real(*given, **named)
        db.session.execute(update(refunds.PaymentAllocation).values(refunded_minor=0))
        return made

    patch.setattr(refunds, "_write", plant)


@bug
def inspected_units_do_not_count_as_returned(patch: pytest.MonkeyPatch) -> None:
    real = refunds.request

    def plant(*given: Any, **named: Any) -> str:
        return real(*given, **{**named, "restock": (), "written_off": ()})

    patch.setattr(return_refunds.refunds, "request", plant)


@bug
def shipped_units_are_not_noted_on_the_line(patch: pytest.MonkeyPatch) -> None:
    real = shipping.follow

    def plant(row: Any, lines: Any) -> None:
        real(row, lines)
        for line in lines:
            line.shipped = min(line.shipped, 0)

    patch.setattr(shipping, "follow", plant)


# A mistake in the rules is the same on every database.
@pytest.mark.parametrize("app", ("sqlite",), indirect=True)
@pytest.mark.parametrize("name", sorted(BUGS))
def test_it_is_found(
    name: str,
    app: Flask,
    remember: Callable[[], Again],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: Counter[str] = Counter()
    begin = beginning()
    here = type("Here", (Life,), {"begin": begin, "again": staticmethod(remember()), "seen": seen})
    BUGS[name](monkeypatch)
    with pytest.raises(BaseException) as found:  # a check, or the database, says so
        live(here)
    assert not isinstance(found.value, pytest.fail.Exception), "nobody noticed"
    # A mistake in the plant itself is none that was found.
    assert not isinstance(found.value, TypeError | AttributeError | NameError), found.value


def live(here: type[Life]) -> None:
    """Some sequences: by heart, or as Hypothesis likes."""
    if not SOAK:
        by_heart(here)
        return
    run_state_machine_as_test(
        here,
        settings=settings(
            max_examples=300,
            stateful_step_count=25,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
