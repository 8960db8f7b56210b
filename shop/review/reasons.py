"""Why a store does not show what somebody wrote."""

from shop.core.errors import Invalid

REASONS = ("personal", "rude", "elsewhere", "spam")
"""Personal data, insults, not about the product, advertising. A low rating is none."""


def checked(state: str, reason: str, code: str) -> tuple[str, str]:
    """A state that moderation may give, with the reason that goes with it: one of ``REASONS`` to hide,
    none otherwise. Raises ``Invalid`` with ``code`` for an unknown state, or ``"reason-missing"``."""
    if state not in {"pending", "published", "hidden"}:
        raise Invalid(code, field="state")
    if state != "hidden":
        return state, ""
    if reason not in REASONS:
        raise Invalid("reason-missing", field="reason")
    return state, reason
