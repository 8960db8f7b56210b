"""Mistakes with money that somebody could make, planted one by one: ``test_money_life`` finds each of them.

In ``make test`` a few steps known by heart must trip over it; in ``make soak`` Hypothesis looks by itself.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from shop.core.db import db
from shop.payment import console_refunds, flows, intake, refund_answers
from shop.payment.models import Payment
from shop.payment.states import RefundState
from tests.payment.test_money_life import Money, beginning, by_heart
from tests.payment.till import Till
from tests.services.order.conftest import (  # noqa: F401 - a fixture is used by its name
    Again,
    remember,
)
from tests.support.sizes import SOAK

pytestmark = pytest.mark.soak

Plant = Callable[[pytest.MonkeyPatch], None]
BUGS: dict[str, Plant] = {}


def bug(plant: Plant) -> Plant:
    """Note it under its name."""
    BUGS[plant.__name__.replace("_", " ")] = plant
    return plant


@bug
def a_notify_counts_twice(patch: pytest.MonkeyPatch) -> None:
    class Again:
        @staticmethod
        def sources(new: object) -> list[str]:
            return [*intake_machine.sources(new), "paid"]

    intake_machine = intake.ATTEMPT
    patch.setattr(intake, "ATTEMPT", Again)


@bug
def the_amount_is_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    real = intake.paid

    def plant(news: intake.Paid, *, actor: str) -> bool:
        payment = db.session.query(Payment).filter_by(attempt_no=news.attempt_no).one()
        return real(replace(news, amount_minor=payment.amount_minor), actor=actor)

    patch.setattr(intake, "paid", plant)


@bug
def late_money_is_lost(patch: pytest.MonkeyPatch) -> None:
    real = intake.paid

    def plant(news: intake.Paid, *, actor: str) -> bool:
        payment = db.session.query(Payment).filter_by(attempt_no=news.attempt_no).one()
        return payment.state not in ("closed", "failed") and real(news, actor=actor)

    patch.setattr(intake, "paid", plant)


@bug
def money_for_goods_that_are_gone_is_kept(patch: pytest.MonkeyPatch) -> None:
    real = intake.refunds.whole

    def plant(payment_id: int, order_id: int, *, reason: str, actor: str) -> str | None:
        late = reason == "paid-too-late"
        return None if late else real(payment_id, order_id, reason=reason, actor=actor)

    patch.setattr(intake.refunds, "whole", plant)


@bug
def a_refund_is_doubled_when_it_is_tried_again(patch: pytest.MonkeyPatch) -> None:
    real = Till.refund

    def plant(till: Till, no: str, refund_no: str, *given: Any) -> Any:
        tries = sum(key.startswith(refund_no) for key in till.trades[no].back)
        return real(till, no, f"{refund_no}{'x' * tries}", *given)

    patch.setattr(Till, "refund", plant)


@bug
def a_refund_without_an_answer_counts_as_failed(patch: pytest.MonkeyPatch) -> None:
    real = refund_answers.answered

    def plant(refund_id: int, status: RefundState, **named: Any) -> RefundState:
        failed = status == RefundState.UNKNOWN
        return real(refund_id, RefundState.FAILED if failed else status, **named)

    patch.setattr(flows.refund_answers, "answered", plant)


@bug
def the_second_method_s_money_is_kept(patch: pytest.MonkeyPatch) -> None:
    def plant(payment: Payment, order_ids: list[int], reason: str) -> None:
        payment.flag = "surplus"

    patch.setattr(intake, "_give_back", plant)


@bug
def the_second_method_s_money_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(intake, "_give_back", lambda *given: None)


@bug
def refunds_of_the_console_are_overlooked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(console_refunds, "take", lambda *given: False)


@bug
def who_has_not_paid_gets_the_goods(patch: pytest.MonkeyPatch) -> None:
    from shop.order import shipping

    patch.setattr(shipping, "_READY", {*shipping._READY, "unpaid"})


# A mistake in the rules is the same on every database.
@pytest.mark.parametrize("app", ("sqlite",), indirect=True)
@pytest.mark.parametrize("name", sorted(BUGS))
def test_it_is_found(
    name: str,
    app: Flask,
    remember: Callable[[], Again],  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with beginning(app) as begin:
        here = type(
            "Here",
            (Money,),
            {"begin": begin, "again": staticmethod(remember()), "seen": Counter()},
        )
        BUGS[name](monkeypatch)
        with pytest.raises(BaseException) as found:  # a check, or the database, says so
            live(here)
    assert not isinstance(found.value, pytest.fail.Exception), "nobody noticed"
    # A mistake in the plant itself is none that was found.
    assert not isinstance(found.value, TypeError | AttributeError | NameError), found.value


def live(here: type[Money]) -> None:
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
