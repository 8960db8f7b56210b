"""What the shop asks of a payment provider, and how a provider may answer.

Amounts are minor units (fen), times are aware and in UTC. Nothing here touches the database; every
call may take as long as its timeout, so never make one inside a transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol, runtime_checkable

from shop.core.errors import ShopError
from shop.payment.bills.base import BillRow


class Scene(StrEnum):
    """Where the shopper is: at a computer, on a phone, or about to scan a code."""

    PAGE = "page"
    WAP = "wap"
    QR = "qr"


class PaymentStatus(StrEnum):
    """What a provider says of an attempt.

    ``NOT_FOUND`` is not a no: until the shopper scans or signs in, the provider knows no trade and
    the page stays payable. ``REFUNDED`` was paid and given back whole.
    """

    NOT_FOUND = "not_found"
    PENDING = "pending"
    PAID = "paid"
    CLOSED = "closed"
    REFUNDED = "refunded"


class Closing(StrEnum):
    """How an attempt to close ended; after ``NOT_FOUND`` the page may still be paid."""

    CLOSED = "closed"
    ALREADY_PAID = "already_paid"
    NOT_FOUND = "not_found"


class RefundStatus(StrEnum):
    """What a provider says of a refund; ``NOT_FOUND`` means that it moved no money so far.

    ``ABNORMAL`` is not final: the buyer's account refused the money, and a person has to act.
    """

    DONE = "done"
    PROCESSING = "processing"
    ABNORMAL = "abnormal"
    FAILED = "failed"
    NOT_FOUND = "not_found"


class EventKind(StrEnum):
    """What a notify tells."""

    PAID = "paid"
    PENDING = "pending"
    CLOSED = "closed"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Action:
    """What the shopper does next: exactly one of the three is set.

    ``instructions`` is a code that the edge puts into words.
    """

    redirect_url: str | None = None
    qr_text: str | None = None
    instructions: str | None = None
    reference: str = ""
    """What the provider calls the attempt, where it does not find it by our number; comes back as ``Known``."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of an attempt beside its number: ``reference`` of its ``Action``, ``provider_id`` once paid."""

    currency: str
    reference: str = ""
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """The state of an attempt at the provider; ``raw_status`` is its own word, for the records.

    ``refundable`` is False once the provider's refund period is over.
    """

    status: PaymentStatus
    provider_id: str | None = None
    paid_amount: int | None = None
    paid_at: datetime | None = None
    raw_status: str = ""
    refundable: bool = False
    currency: str | None = None
    """Of ``paid_amount``, where the gateway takes more than one."""


@dataclass(frozen=True, slots=True)
class RefundResult:
    """The state of one refund; ``total_refunded`` is the sum over the payment where it is told."""

    status: RefundStatus
    provider_refund_id: str | None = None
    amount: int | None = None
    total_refunded: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A notify whose signature and merchant were checked; whether the amount is right is the
    shop's to judge.

    ``amount`` is what was paid, also for a refund; ``total_refunded`` the sum of all refunds so far,
    and ``refund_no`` the one that this event tells of. ``event_id`` stays the same over retries.
    """

    kind: EventKind
    no: str
    refund_no: str | None
    amount: int
    merchant_ids: tuple[str, ...]
    event_id: str
    provider_id: str | None = None
    paid_at: datetime | None = None
    total_refunded: int | None = None
    raw_status: str = ""
    refund_status: RefundStatus | None = None
    """How ``refund_no`` stands, and its own amount, where a provider tells of single refunds."""
    refund_amount: int | None = None
    currency: str | None = None
    """Of the amounts, where the gateway takes more than one."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a gateway can do; what it cannot raises ``Unsupported``."""

    refund: bool = False
    partial_refund: bool = False
    close: bool = False
    notify: bool = False
    bill: bool = False
    manual_confirm: bool = False
    scenes: frozenset[Scene] = frozenset()
    currencies: frozenset[str] | None = None
    """ISO codes; None takes every currency."""


class GatewayError(ShopError):
    """A provider did not do what was asked."""

    code: ClassVar[str] = "payment-gateway"


class Rejected(GatewayError):
    """A definite no: nothing was executed. ``provider_code`` is the provider's own."""

    code: ClassVar[str] = "payment-rejected"

    def __init__(self, provider_code: str, **params: Any) -> None:
        super().__init__(None, provider_code=provider_code, **params)
        self.provider_code = provider_code


class Unknown(GatewayError):
    """Time-out, 5xx, unreadable or badly signed answer. It may have been executed: never a failure."""

    code: ClassVar[str] = "payment-unknown"


class Retryable(GatewayError):
    """The provider asks for the same request again, with the same key. It may have been executed."""

    code: ClassVar[str] = "payment-retryable"


class BadSignature(GatewayError):
    """A notify that the provider did not sign, or that was changed after signing."""

    code: ClassVar[str] = "payment-bad-signature"


class ForeignMerchant(BadSignature):
    """A notify signed rightly, but for another merchant or app."""

    code: ClassVar[str] = "payment-foreign-merchant"


class Misconfigured(GatewayError):
    """Our keys, ids or permissions are wrong: nothing was executed, an operator has to act."""

    code: ClassVar[str] = "payment-misconfigured"


class Unsupported(GatewayError):
    """This gateway cannot do that; ask ``capabilities`` first."""

    code: ClassVar[str] = "payment-unsupported"


class Gateway(Protocol):
    """One way to be paid. Numbers (``no``, ``refund_no``) are ours and are the idempotency keys."""

    @property
    def name(self) -> str:
        """The stable name under which payments are kept."""

    @property
    def capabilities(self) -> Capabilities:
        """What this gateway can do."""

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
        """Open an attempt of ``amount`` minor units; the same number again is the same attempt."""

    def query(self, no: str) -> Result:
        """Ask for the state of an attempt."""

    def close(self, no: str) -> Closing:
        """Make an attempt unpayable, if it is not too late."""

    def refund(self, no: str, refund_no: str, amount: int, total: int, reason: str) -> RefundResult:
        """Give ``amount`` of ``total`` back; the same ``refund_no`` again moves no more money."""

    def query_refund(self, no: str, refund_no: str) -> RefundResult:
        """Ask for the state of a refund."""

    def parse_notify(self, headers: Mapping[str, str], raw_body: bytes) -> Event:
        """Check and read a notify; raises ``BadSignature``."""

    def ack(self, ok: bool) -> tuple[int, str]:
        """Status and body that tell the provider to stop, or to send again."""

    def fetch_bill(self, day: date) -> list[BillRow]:
        """What moved on a Beijing day; none when nothing did. Ready the next day after 10:00.

        Raises ``Invalid`` for a bill that cannot be read, and ``Unsupported`` without the capability.
        """


@runtime_checkable
class BoundGateway(Protocol):
    """A gateway of several currencies, or one whose provider does not find an attempt by our number."""

    def for_attempt(self, known: Known) -> Gateway:
        """The gateway to use for this attempt and no other."""


def bind(gateway: Gateway, known: Known) -> Gateway:
    """The gateway as one attempt needs it."""
    return gateway.for_attempt(known) if isinstance(gateway, BoundGateway) else gateway
