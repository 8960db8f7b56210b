"""States of what shoppers send to show that they have paid."""

from enum import StrEnum

from shop.core.states import Machine


class ProofState(StrEnum):
    """A proof is sent, and decided once: by the money that came, or by staff who say what is wrong."""

    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"


PROOF = Machine[ProofState](
    "transfer-proof",
    {ProofState.SENT: frozenset({ProofState.ACCEPTED, ProofState.DECLINED})},
)
