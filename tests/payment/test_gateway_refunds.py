"""Refunds: partial, cumulative, once only by their number."""

import pytest

from shop.payment.gateways.base import PaymentStatus, RefundStatus, Rejected, Unknown


def test_partial_refunds_add_up_and_the_last_closes_the_trade(gateway, paid):
    no = paid(10000)
    first = gateway.refund(no, "RF0001", 3000, 10000, "damaged")
    assert (first.status, first.amount, first.total_refunded) == (RefundStatus.DONE, 3000, 3000)
    assert gateway.query(no).status == PaymentStatus.PAID
    second = gateway.refund(no, "RF0002", 7000, 10000, "damaged")
    assert (second.amount, second.total_refunded) == (7000, 10000)
    result = gateway.query(no)
    assert (result.status, result.paid_amount) == (PaymentStatus.REFUNDED, 10000)
    assert not result.refundable


def test_the_same_number_again_moves_no_more_money(gateway, provider, paid):
    no = paid(10000)
    gateway.refund(no, "RF0001", 3000, 10000, "late")
    again = gateway.refund(no, "RF0001", 3000, 10000, "late")
    assert (again.status, again.amount) == (RefundStatus.DONE, 3000)
    trade = provider.trade(no)
    assert trade["refunded_fen"] == 3000
    assert len(trade["refunds"]) == 1


def test_the_same_number_with_another_amount_is_refused(gateway, paid):
    no = paid(10000)
    gateway.refund(no, "RF0001", 3000, 10000, "late")
    with pytest.raises(Rejected) as refusal:
        gateway.refund(no, "RF0001", 4000, 10000, "late")
    assert refusal.value.provider_code == "ACQ.DISCORDANT_REPEAT_REQUEST"


def test_no_more_than_was_paid(gateway, provider, paid):
    no = paid(10000)
    gateway.refund(no, "RF0001", 6000, 10000, "late")
    with pytest.raises(Rejected):
        gateway.refund(no, "RF0002", 4001, 10000, "late")
    assert provider.trade(no)["refunded_fen"] == 6000


def test_a_refund_executed_behind_a_timeout_is_found_and_not_repeated(provider, paid):
    no = paid(10000)
    impatient = provider.gateway(timeout=0.2)
    provider.fault("answer_timeout", method="alipay.trade.refund")
    with pytest.raises(Unknown):
        impatient.refund(no, "RF0001", 3000, 10000, "late")
    provider.control("POST", "/release")
    patient = provider.gateway()
    assert patient.query_refund(no, "RF0001").status == RefundStatus.DONE
    assert patient.refund(no, "RF0001", 3000, 10000, "late").status == RefundStatus.DONE
    assert provider.trade(no)["refunded_fen"] == 3000


def test_an_unknown_refund_is_not_refunded_rather_than_an_error(gateway, paid):
    assert gateway.query_refund(paid(), "RF9999").status == RefundStatus.NOT_FOUND


def test_refunds_of_what_cannot_be_refunded(gateway, provider, opened, paid, number):
    with pytest.raises(Rejected) as missing:
        gateway.refund(number(), "RF0001", 100, 100, "")
    assert missing.value.provider_code == "ACQ.TRADE_NOT_EXIST"
    with pytest.raises(Rejected) as unpaid:
        gateway.refund(opened(), "RF0001", 100, 8880, "")
    assert unpaid.value.provider_code == "ACQ.TRADE_STATUS_ERROR"
    finished = paid()
    provider.control("POST", f"/finish/{finished}")
    assert gateway.query(finished).status == PaymentStatus.PAID
    assert not gateway.query(finished).refundable
    with pytest.raises(Rejected) as over:
        gateway.refund(finished, "RF0001", 100, 8880, "")
    assert over.value.provider_code == "ACQ.TRADE_HAS_FINISHED"


@pytest.mark.parametrize("amount", (0, -1, 8881))
def test_a_senseless_amount_never_leaves_the_house(gateway, paid, amount):
    with pytest.raises(ValueError, match="amount"):
        gateway.refund(paid(), "RF0001", amount, 8880, "")
