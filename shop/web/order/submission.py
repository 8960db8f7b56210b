"""What the checkout's form asks the services for."""

from shop.cart.views import CartPart
from shop.order.checkout import Submission
from shop.web.order import cards, delivery
from shop.web.order.forms import CheckoutForm
from shop.web.ui.locale import current_lang


def submission(form: CheckoutForm, part: CartPart) -> Submission:
    """The form as it was sent, with the amounts that its button agreed to."""
    wish = delivery.wish_of(form, part)
    return Submission(
        contact=form.contact(),
        method=form.method.data,
        currency=part.currency,
        locale=current_lang(),
        expected_total_minor=_minor(form.expected_total.data),
        expected_due_minor=_minor(form.expected_due.data),
        cards=cards.hashes(form),
        use_balance=bool(form.use_balance.data),
        methods=wish.methods,
        windows=wish.windows,
    )


def _minor(text: str | None) -> int:
    typed = text or ""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 16 else -1
