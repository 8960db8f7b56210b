"""Cards by Stripe: a checkout page at Stripe, webhooks, refunds and the balance as bill.

Protocol facts: docs.stripe.com/api. Stripe finds no page by our number, so the number of the page is
kept as the attempt's reference; ``for_attempt`` brings it back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from shop.payment.bills.base import BillRow
from shop.payment.gateways import stripe_bill, stripe_notify, stripe_units
from shop.payment.gateways.base import (
    Action,
    Capabilities,
    Closing,
    Event,
    Gateway,
    Known,
    Misconfigured,
    PaymentStatus,
    RefundResult,
    RefundStatus,
    Rejected,
    Result,
    Retryable,
    Scene,
    Unknown,
)
from shop.payment.gateways.stripe_client import StripeClient
from shop.payment.gateways.stripe_session import is_of, session_fields

API_BASE = "https://api.stripe.com"
_MISSING = "resource_missing"
# An attempt whose page never reached us is looked for among the newest so many hundreds.
_PAGES = 3


@dataclass(frozen=True, slots=True)
class StripeConfig:
    """One account. ``webhook_secrets`` are several while one replaces another."""

    secret_key: str = field(repr=False)
    webhook_secrets: Sequence[str] = field(repr=False)
    api_base: str = API_BASE
    timeout: tuple[float, float] = (5.0, 10.0)
    """Seconds to connect, and to wait for each part of an answer."""


class StripeGateway:
    """Payments by card on Stripe's own page; refunds in part, mostly at once."""

    name = "stripe"
    capabilities = Capabilities(
        refund=True,
        partial_refund=True,
        close=True,
        notify=True,
        bill=True,
        scenes=frozenset({Scene.PAGE, Scene.WAP}),
        currencies=stripe_units.CURRENCIES,
    )

    def __init__(self, config: StripeConfig, known: Known | None = None) -> None:
        """Raises ``Misconfigured`` for keys that cannot be Stripe's."""
        if not config.secret_key.startswith(("sk_", "rk_")):
            raise Misconfigured(gateway=self.name, setting="STRIPE_SECRET_KEY")
        if not config.webhook_secrets or not all(config.webhook_secrets):
            raise Misconfigured(gateway=self.name, setting="STRIPE_WEBHOOK_SECRET")
        self._config = config
        self._known = known or Known("CNY")
        self._client = StripeClient(config.api_base, config.secret_key, config.timeout)

    def for_attempt(self, known: Known) -> Gateway:
        """The same account, for what is known of one attempt."""
        return StripeGateway(self._config, known)

    def create(
        self,
        attempt_no: str,
        amount: int,
        subject: str,
        expires_at: datetime | None,
        notify_url: str,
        return_url: str,
        client_ip: str,
        scene: Scene,
    ) -> Action:
        """The address of a page at Stripe, the same one while it is open.

        The number is the idempotency key, so a page that was made without our hearing of it is given
        back; made in another language, it is looked for. Webhooks are told their address in Stripe's
        dashboard. Raises ``ValueError`` for a number or amount that no caller may pass, and
        ``Rejected`` for an amount that the currency cannot be charged in.
        """
        if self._known.reference:
            return self._again(attempt_no, return_url)
        currency = self._known.currency
        fields = session_fields(attempt_no, amount, currency, subject, expires_at, return_url)
        try:
            session = self._client.ask("checkout.sessions.create", params=fields, key=attempt_no)
        except Rejected as error:
            if error.provider_code != "idempotency_error":
                raise
            found = self._listed(attempt_no)
            if found is None:
                raise Retryable(gateway=self.name, operation="create") from error
            session = found
        price = (session.get("amount_total"), str(session.get("currency")).upper())
        if price != (stripe_units.to_units(amount, currency), currency):
            raise Unknown(gateway=self.name, detail="another price")
        return self._action(session, attempt_no)

    def query(self, no: str) -> Result:
        """The page's state, and of its charge where there is one."""
        session = self._session(no)
        if session is None:
            return Result(PaymentStatus.NOT_FOUND)
        raw = f"{session.get('status')}/{session.get('payment_status')}"
        if raw != "complete/paid":
            status = {
                "open/unpaid": PaymentStatus.PENDING,
                "complete/unpaid": PaymentStatus.PENDING,
                "expired/unpaid": PaymentStatus.CLOSED,
            }.get(raw)
            if status is None:
                raise Unknown(gateway=self.name, detail=f"session {raw!r:.60}")
            return Result(status, raw_status=raw)
        try:
            intent = session["payment_intent"]
            charge, currency = intent["latest_charge"], str(session["currency"]).upper()
            whole = charge["refunded"] is True
            return Result(
                status=PaymentStatus.REFUNDED if whole else PaymentStatus.PAID,
                provider_id=str(intent["id"]),
                paid_amount=stripe_units.to_minor(session["amount_total"], currency),
                paid_at=stripe_notify.read_time(charge["created"]),
                raw_status=raw,
                refundable=not whole,
                currency=currency,
            )
        except (KeyError, TypeError, ValueError):
            raise Unknown(gateway=self.name, detail="incomplete session") from None

    def close(self, no: str) -> Closing:
        """Expire the page; where its state forbids that, a query tells which state it is."""
        session = self._session(no)
        if session is None:
            return Closing.NOT_FOUND
        try:
            self._client.ask("checkout.sessions.expire", session["id"], params={})
        except Rejected:
            match self.query(no).status:
                case PaymentStatus.PAID | PaymentStatus.REFUNDED:
                    return Closing.ALREADY_PAID
                case PaymentStatus.CLOSED:
                    return Closing.CLOSED
                case PaymentStatus.NOT_FOUND:
                    return Closing.NOT_FOUND
                case PaymentStatus.PENDING:  # the bank is being asked this moment
                    raise Retryable(gateway=self.name, operation="close") from None
        return Closing.CLOSED

    def refund(self, no: str, refund_no: str, amount: int, total: int, reason: str) -> RefundResult:
        """Give back, unless Stripe knows the number already: its own memory of keys ends after a day."""
        if not 0 < amount <= total:
            raise ValueError("amount must be positive and at most the total")
        intent = self._intent(no)
        known = self._find_refund(intent, refund_no)
        if known is None:
            currency = self._known.currency
            try:
                units = stripe_units.to_units(amount, currency)
            except ValueError:
                raise Rejected("amount_in_currency", gateway=self.name) from None
            fields = {
                "payment_intent": intent,
                "amount": units,
                "metadata": {"attempt_no": no, "refund_no": refund_no},
            }
            known = self._client.ask("refunds.create", params=fields, key=refund_no)
        return self._refund(known, refund_no)

    def query_refund(self, no: str, refund_no: str) -> RefundResult:
        """How a refund stands; one that is not in the list moved no money."""
        known = self._find_refund(self._intent(no), refund_no)
        return (
            RefundResult(RefundStatus.NOT_FOUND)
            if known is None
            else self._refund(known, refund_no)
        )

    def parse_notify(self, headers: Mapping[str, str], raw_body: bytes) -> Event:
        """Signature first, then age and account; raises ``BadSignature``, ``ForeignMerchant``."""
        return stripe_notify.parse(
            headers,
            raw_body,
            secrets=self._config.webhook_secrets,
            live="_live_" in self._config.secret_key[:8],
        )

    def ack(self, ok: bool) -> tuple[int, str]:
        """Always 200 for what Stripe signed: it also tells of what others sold on the same account."""
        return 200, "ok" if ok else "not ours"

    def fetch_bill(self, day: date) -> list[BillRow]:
        """The balance transactions of a Beijing day."""
        return stripe_bill.fetch(self._client, day)

    def _again(self, no: str, return_url: str) -> Action:
        """The page that was opened before; one that was paid leads back, where the shop asks."""
        session = self._session(no)
        status = session.get("status") if session else None
        if session is not None and status == "open":
            return self._action(session, no)
        if status == "complete":
            return Action(redirect_url=return_url, reference=self._known.reference)
        raise Rejected("session_expired", gateway=self.name)

    def _action(self, session: dict[str, Any], no: str) -> Action:
        url, page = session.get("url"), session.get("id")
        good = isinstance(url, str) and url.startswith(("https://", "http://"))
        if not good or not isinstance(page, str) or len(page) > 120 or not is_of(session, no):
            raise Unknown(gateway=self.name, detail="page answer")
        return Action(redirect_url=url, reference=page)

    def _session(self, no: str) -> dict[str, Any] | None:
        """The page of an attempt with its charge; None when there is none."""
        page = self._known.reference
        if not page:
            found = self._listed(no)
            if found is None:
                return None
            page = str(found.get("id"))
        shown = {"expand": ["payment_intent.latest_charge"]}
        try:
            session = self._client.ask("checkout.sessions.retrieve", page, params=shown)
        except Rejected as error:
            if error.provider_code == _MISSING:
                return None
            raise
        if not is_of(session, no) or session.get("id") != page:
            raise Unknown(gateway=self.name, detail="another page's answer")
        return session

    def _listed(self, no: str) -> dict[str, Any] | None:
        """An attempt whose page we did not hear of. Nobody else did either, so nobody can pay the ones
        that are not among the newest; were it otherwise, the webhook or the bill would tell."""
        try:
            for session in self._client.listed("checkout.sessions.list", {}, _PAGES):
                if is_of(session, no):
                    return session
        except Unknown as error:
            if error.params.get("detail") != "too many pages":
                raise
        return None

    def _intent(self, no: str) -> str:
        if self._known.provider_id.startswith("pi_"):
            return self._known.provider_id
        paid = self.query(no).provider_id
        if paid is None:
            raise Rejected("not_paid", gateway=self.name)
        return paid

    def _find_refund(self, intent: str, refund_no: str) -> dict[str, Any] | None:
        for refund in self._client.listed("refunds.list", {"payment_intent": intent}, _PAGES):
            if (refund.get("metadata") or {}).get("refund_no") == refund_no:
                return refund
        return None

    def _refund(self, refund: dict[str, Any], refund_no: str) -> RefundResult:
        try:
            if refund["metadata"]["refund_no"] != refund_no:
                raise ValueError("another refund's answer")
            return RefundResult(
                stripe_notify.REFUNDS[refund["status"]],
                provider_refund_id=str(refund["id"]),
                amount=stripe_units.to_minor(refund["amount"], str(refund["currency"]).upper()),
            )
        except (KeyError, TypeError, ValueError):
            raise Unknown(gateway=self.name, detail="refund answer") from None
