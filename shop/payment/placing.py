"""Placing a cart that gift cards and balances pay for, wholly or in part."""

from collections.abc import Mapping
from datetime import timedelta

from shop.cart.owner import Owner
from shop.cart.views import CartView
from shop.order import checkout
from shop.order.checkout import Submission
from shop.order.models import Order
from shop.payment import tenders


def place(
    owner: Owner,
    form: Submission,
    *,
    key: str,
    expires_after: timedelta,
    seen: CartView | None = None,
) -> str:
    """``order.checkout.place``, and in the same transaction the card and the balance of ``form`` pay.

    Raises also ``Invalid`` for a code that does not pay, and ``Conflict("total-changed")`` when they leave
    another amount than the button said.
    """

    def tender(orders: Mapping[int, Order]) -> None:
        tenders.pay(
            orders,
            form.currency,
            user_id=owner.user_id,
            codes=form.cards,
            use_balance=form.use_balance,
            expected_due_minor=form.expected_due_minor,
            actor=f"u:{owner.user_id}" if owner.user_id is not None else "guest",
        )

    wanted = form.cards is not None or form.use_balance
    return checkout.place(
        owner,
        form,
        key=key,
        expires_after=expires_after,
        seen=seen,
        tender=tender if wanted or form.expected_due_minor is not None else None,
    )
