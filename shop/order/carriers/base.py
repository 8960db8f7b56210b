"""The one interface of carriers that can be asked, and what may go wrong. No database here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from shop.core.errors import ShopError
from shop.order.tracking import Event


class CarrierError(ShopError):
    """A carrier gave no answer that can be used; it is asked again later."""

    code = "carrier-unavailable"


class BadSignature(ShopError):
    """Something came that the carrier did not sign, or signed too long ago."""

    code = "carrier-signature"


@dataclass(frozen=True, slots=True)
class Push:
    """What a carrier told by itself about one number."""

    number: str
    events: list[Event]


class CarrierGateway(Protocol):
    """A carrier that answers. Never called inside a transaction."""

    def track(self, number: str) -> list[Event]:
        """Everything the carrier knows of a number; raises ``CarrierError``."""
        ...

    def parse_push(self, headers: Mapping[str, str], body: bytes) -> Push:
        """A message as it came; raises ``BadSignature`` unless it is the carrier's own and fresh."""
        ...
