"""Talking to providers. Each flow owns its transactions, since the network lies between them:
commit the intent, call, record the answer. Called by views and jobs outside any transaction.

A time-out, a server error, garbage or a bad signature is never a failure: the state stays unknown
until a query says otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from shop.core import clock, outbox
from shop.core.db import db
from shop.core.errors import Conflict, NotFound
from shop.core.transaction import transaction
from shop.order import queries as orders
from shop.payment import attempts, intake, queries, refund_answers, refund_news, settlement
from shop.payment.accounts import opening
from shop.payment.gateways.base import (
    Closing,
    Event,
    EventKind,
    Gateway,
    GatewayError,
    Known,
    Misconfigured,
    PaymentStatus,
    RefundStatus,
    Rejected,
    Result,
    Scene,
    Unknown,
    bind,
)
from shop.payment.models import Payment
from shop.payment.states import AttemptState, RefundState

Gateways = Mapping[str, Gateway]
_LONGEST_WAIT = timedelta(minutes=10)
# A closed order's attempt is asked about this long after its time, since the provider may not have
# known the trade when we closed it.
_AFTERMATH = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the provider calls us and sends the shopper back to; ``client_ip`` is the shopper's."""

    notify_url: str
    return_url: str
    client_ip: str


def start(
    checkout_id: int,
    gateway_name: str,
    gateways: Gateways,
    *,
    subject: str,
    addresses: Addresses,
    scene: Scene,
) -> str | None:
    """Begin to pay a checkout; returns the address of the provider's cashier, None for a code.

    Attempts by another way that were open are left behind: a job closes each at its provider at once.
    Raises ``Conflict("nothing-to-pay")``, ``Conflict("payment-refused")`` for a definite no, and
    ``Conflict("payment-unknown")`` when the provider does not answer: the attempt stays open then.
    """
    gateway = _gateway(gateways, gateway_name)
    if gateway.capabilities.manual_confirm:
        # These are opened order by order: one for a whole checkout would pay the other store, too.
        raise Conflict("payment-refused", provider="offline")
    with transaction():
        attempt = attempts.begin(
            checkout_id, gateway_name, opening.merchant(gateways, gateway_name)
        )
    try:
        action = bind(gateway, Known(attempt.currency, attempt.reference)).create(
            attempt.attempt_no,
            attempt.amount_minor,
            subject,
            attempt.expires_at,
            addresses.notify_url,
            addresses.return_url,
            addresses.client_ip,
            scene,
        )
    except (Rejected, Misconfigured) as error:
        with transaction():
            attempts.failed(attempt.payment_id)
        raise Conflict("payment-refused", provider=str(error)) from error
    except GatewayError as error:
        with transaction():
            attempts.unsure(attempt.payment_id)
        raise Conflict("payment-unknown") from error
    with transaction():
        attempts.opened(attempt.payment_id, action.redirect_url, action.qr_text, action.reference)
        for payment_id, name in queries.left_behind(attempt.payment_id):
            if name in gateways and gateways[name].capabilities.close:
                outbox.record("payment.left", payment_id=payment_id)
    return action.redirect_url


def refresh(payment_id: int, gateways: Gateways, *, actor: str = "query") -> AttemptState:
    """Ask the provider about an attempt, apply what it says, close it when its time is over."""
    payment = db.session.get(Payment, payment_id, populate_existing=True)
    if payment is None:
        raise NotFound("payment-missing")
    number, name, state = payment.attempt_no, payment.gateway, AttemptState(payment.state)
    known = Known(payment.currency, payment.reference, payment.provider_id or "")
    merchant = payment.merchant
    over = payment.expires_at is not None and payment.expires_at <= clock.now()
    aftermath = payment.expires_at is not None and payment.expires_at + _AFTERMATH <= clock.now()
    wanted, left = queries.is_wanted(payment_id), queries.is_left(payment_id)
    db.session.rollback()  # no read transaction stays open while the network is waited for
    if state not in attempts.LIVE and state not in {AttemptState.CLOSED, AttemptState.FAILED}:
        return state
    gateway = bind(_took(gateways, name, merchant), known)
    try:
        result = gateway.query(number)
        ended = over or left or not wanted
        if result.status in {PaymentStatus.PENDING, PaymentStatus.NOT_FOUND} and ended:
            # A page that was left can still be paid while the provider knows no trade: it is asked about.
            final = aftermath or not (over or wanted)
            result = _close(gateway, number, result, final=final)
    except GatewayError:
        with transaction():
            attempts.unsure(payment_id)
            attempts.queried(payment_id, _wait(payment_id))
        return AttemptState.UNKNOWN
    with transaction():
        _apply(payment_id, name, number, result, actor)
    return AttemptState(db.session.get_one(Payment, payment_id).state)


def _close(gateway: Gateway, number: str, result: Result, *, final: bool) -> Result:
    """Make a dead attempt unpayable; one that the provider never knew is closed here once it is final."""
    if not gateway.capabilities.close:
        return result
    closing = gateway.close(number)
    if closing == Closing.ALREADY_PAID:
        return gateway.query(number)
    if closing == Closing.CLOSED or final:
        return Result(PaymentStatus.CLOSED, provider_id=result.provider_id)
    return result


def _apply(payment_id: int, name: str, number: str, result: Result, actor: str) -> None:
    if result.status in {PaymentStatus.PAID, PaymentStatus.REFUNDED}:
        news = intake.paid(
            intake.Paid(
                gateway=name,
                attempt_no=number,
                amount_minor=result.paid_amount or 0,
                provider_id=result.provider_id or "",
                event_id=f"paid:{number}",
                paid_at=result.paid_at,
                currency=result.currency,
                detail={"by": actor, "status": result.raw_status},
            ),
            actor=f"provider:{name}",
        )
        if not news:  # a wrong amount leaves it open: it is not asked about in every round
            attempts.queried(payment_id, _wait(payment_id))
    elif result.status == PaymentStatus.CLOSED:
        attempts.closed(payment_id)
    else:
        attempts.queried(payment_id, _wait(payment_id))


def _wait(payment_id: int) -> timedelta:
    """Back-off: a quarter of the attempt's age, from five seconds to ten minutes."""
    created = db.session.get_one(Payment, payment_id).created_at
    return max(timedelta(seconds=5), min(_LONGEST_WAIT, (clock.now() - created) / 4))


def take_notify(event: Event, gateway_name: str, merchant: str | None = None) -> bool:
    """Apply a notify that the gateway has checked; False when it is about nothing of ours.

    ``merchant``: whose keys it was checked with. Of another's payment it says nothing.
    """
    if not intake.is_of(gateway_name, event.no, merchant):
        return False
    if event.refund_status is not None:
        with transaction():
            return refund_news.take(event, gateway_name)
    if event.kind != EventKind.PAID:
        return intake.find(gateway_name, event.no) is not None
    try:
        with transaction():
            intake.paid(
                intake.Paid(
                    gateway=gateway_name,
                    attempt_no=event.no,
                    amount_minor=event.amount,
                    provider_id=event.provider_id or "",
                    event_id=f"paid:{event.no}",
                    paid_at=event.paid_at,
                    currency=event.currency,
                    detail={
                        "by": "notify",
                        "notify_id": event.event_id,
                        "status": event.raw_status,
                    },
                ),
                actor=f"provider:{gateway_name}",
            )
    except NotFound:
        return False
    return True


def submit_refund(refund_id: int, gateways: Gateways) -> RefundState:
    """Send a refund to its provider, or ask about one that was sent; the same number moves money once."""
    with transaction():
        work = refund_answers.claim(refund_id)
    if work is None:
        return queries.refund_state(refund_id)
    known = Known(work.currency, work.reference, work.provider_id)
    gateway = bind(_took(gateways, work.gateway, work.merchant), known)
    provider_refund_id = None
    try:
        answer = gateway.refund(
            work.attempt_no, work.refund_no, work.amount_minor, work.total_minor, work.reason
        )
        provider_refund_id = answer.provider_refund_id
        status = refund_news.STATES[answer.status]
    except Rejected:
        # A definite no to a number that was sent before may hide an earlier yes: ask.
        status = _asked(gateway, work) if work.asked_before else RefundState.FAILED
    except Misconfigured:
        status = RefundState.UNKNOWN
    except (GatewayError, Unknown):
        status = RefundState.UNKNOWN
    with transaction():
        return refund_answers.answered(refund_id, status, provider_refund_id=provider_refund_id)


def _asked(gateway: Gateway, work: refund_answers.Submission) -> RefundState:
    try:
        status = gateway.query_refund(work.attempt_no, work.refund_no).status
    except GatewayError:
        return RefundState.UNKNOWN
    return RefundState.FAILED if status == RefundStatus.NOT_FOUND else refund_news.STATES[status]


def expire(order_id: int, gateways: Gateways) -> bool:
    """End an unpaid order whose time is over, after a last look at its attempts: money that is on its
    way comes first. False when it was paid or closed meanwhile. A provider that does not answer does
    not keep the stock: money that comes after all takes it again, or goes back."""
    for payment_id in queries.live_attempts(order_id):
        try:
            state = refresh(payment_id, gateways)
        except Conflict:  # its provider is no longer configured: nobody to ask
            continue
        if state == AttemptState.PAID:
            return False
    with transaction():
        return settlement.expire(order_id)


def due(limit: int = 100) -> tuple[list[int], list[int], list[int]]:
    """What the periodic job looks at: orders to expire, attempts to query, refunds to submit."""
    return orders.due_for_expiry(limit), queries.due_for_query(limit), queries.due_refunds(limit)


def _took(gateways: Gateways, name: str, merchant: str | None) -> Gateway:
    """The gateway that a payment was begun with: never another merchant's."""
    found = opening.took(gateways, name, merchant)
    if found is None:
        raise Conflict("payment-refused", provider="gateway-not-configured")
    return found


def _gateway(gateways: Gateways, name: str) -> Gateway:
    if name not in gateways:
        raise Conflict("payment-refused", provider="gateway-not-configured")
    return gateways[name]
