"""A call that changes nothing and proves an account: how does a payment stand that cannot exist?

A signed «there is none» shows that the provider knows our id and key, that we know its key, that the
address is right and that our clock is not wrong. Talks to the network: never inside a transaction.
"""

from dataclasses import dataclass
from enum import StrEnum

from shop.core import ids
from shop.payment.gateways.base import Gateway, GatewayError, Misconfigured, Rejected, Retryable


class Outcome(StrEnum):
    """How a test ended."""

    WORKS = "works"
    REFUSED = "refused"
    """The provider does not accept our id, key, certificate or clock."""
    UNSIGNED = "unsigned"
    """An answer came, but not signed with the key that we were given."""
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    REJECTED = "rejected"
    """A definite no that says nothing of keys."""
    BROKEN = "broken"
    """The account cannot be opened at all."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome, with the provider's own code where it gave one."""

    outcome: Outcome
    code: str = ""


_UNSIGNED = ("AliPayValidationError", "without a signature", "signature")


def probe(gateway: Gateway) -> Finding:
    """Ask for a payment that was never made."""
    try:
        gateway.query(ids.attempt_number("XT"))
    except Misconfigured as error:
        return Finding(Outcome.REFUSED, _code(error))
    except Rejected as error:
        return Finding(Outcome.REJECTED, _code(error))
    except Retryable as error:
        return Finding(Outcome.BUSY, _code(error))
    except GatewayError as error:
        detail = str(error.params.get("detail", ""))
        unsigned = any(word in detail for word in _UNSIGNED)
        return Finding(Outcome.UNSIGNED if unsigned else Outcome.UNREACHABLE, _code(error))
    return Finding(Outcome.WORKS)


def _code(error: GatewayError) -> str:
    return str(error.params.get("provider_code") or error.params.get("detail") or "")[:80]
