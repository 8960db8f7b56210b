"""Money without a provider: nobody to talk to; staff confirm it by hand, and give it back by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Never

from shop.payment.bills.base import BillRow
from shop.payment.gateways.base import (
    Action,
    Capabilities,
    Closing,
    Event,
    PaymentStatus,
    RefundResult,
    Result,
    Scene,
    Unsupported,
)


@dataclass(frozen=True, slots=True)
class BankAccount:
    """The platform's account for one currency: what a shopper types into their bank's form. ``branch`` and
    ``swift`` may be "", where nobody asks for them."""

    holder: str
    bank: str
    account: str
    branch: str = ""
    swift: str = ""


class _ByHand:
    """What both kinds have in common: ``create`` gives instructions, the rest is staff's work."""

    name = ""
    instructions = ""

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
        """Nothing to open: say how to pay."""
        return Action(instructions=self.instructions)

    def query(self, no: str) -> Result:
        """Until staff confirm it, the money is outstanding."""
        return Result(PaymentStatus.PENDING)

    def close(self, no: str) -> Closing:
        """Nothing is open anywhere else."""
        return Closing.CLOSED

    def refund(self, no: str, refund_no: str, amount: int, total: int, reason: str) -> RefundResult:
        """Raise ``Unsupported``: the money goes back by hand."""
        self._unsupported("refund")

    def query_refund(self, no: str, refund_no: str) -> RefundResult:
        """Raise ``Unsupported``."""
        self._unsupported("query_refund")

    def parse_notify(self, headers: Mapping[str, str], raw_body: bytes) -> Event:
        """Raise ``Unsupported``: nobody notifies."""
        self._unsupported("parse_notify")

    def ack(self, ok: bool) -> tuple[int, str]:
        """Nobody waits for it."""
        return 404, ""

    def fetch_bill(self, day: date) -> list[BillRow]:
        """Raise ``Unsupported``: nobody keeps a bill."""
        self._unsupported("fetch_bill")

    def _unsupported(self, operation: str) -> Never:
        raise Unsupported(gateway=self.name, operation=operation)


class CashOnDelivery(_ByHand):
    """The courier takes the money."""

    name = "cod"
    instructions = "cash-on-delivery"
    capabilities = Capabilities(manual_confirm=True, scenes=frozenset(Scene))


class BankTransfer(_ByHand):
    """The shopper pays into the platform's account, in the currencies that it has one for."""

    name = "transfer"
    instructions = "bank-transfer"

    def __init__(self, accounts: Mapping[str, BankAccount]) -> None:
        self.accounts = dict(accounts)
        # ``close``: an attempt whose time is over ends, since nobody else has it open.
        self.capabilities = Capabilities(
            manual_confirm=True,
            close=True,
            scenes=frozenset(Scene),
            currencies=frozenset(self.accounts),
        )
