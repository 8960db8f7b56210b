"""Which event sets what going: the only switchboard.

``HANDLERS``: event → names of handlers; each (event, handler) becomes one delivery, so a name must not
change while deliveries wait for it. ``MAILS``: handler → what makes its mails of the event's payload.
What is not a mail is an action, which ``shop.jobs.actions`` knows by its name.
"""

from collections.abc import Callable, Mapping
from typing import Any

from shop.notifications import (
    accounts,
    merchant_stock,
    merchants,
    order_wishes,
    orders,
    questions,
    wishes,
)
from shop.notifications.render import Draft

HANDLERS: dict[str, list[str]] = {
    "order.placed": ["mail.order_placed", "mail.order_to_deliver"],
    "order.paid": ["mail.order_paid", "mail.order_to_ship", "paper.invoice"],
    "order.shipped": ["mail.order_shipped"],
    "order.ready": ["mail.order_ready"],
    "order.received": ["mail.order_received"],
    "parcel.delivered": ["mail.parcel_delivered"],
    "receipt.due": ["mail.receipt_due"],
    "order.reminded": ["mail.order_reminded"],
    "order.cancel_asked": ["mail.cancel_asked"],
    "order.cancelled": ["mail.order_cancelled"],
    "refund.requested": ["refund.submit"],
    "refund.done": ["mail.refund_done", "paper.credit_note"],
    "codes.expiring": ["mail.codes_expiring"],
    "stock.low": ["mail.low_stock"],
    "stock.back": ["waits.serve"],
    "stock.short": ["orders.note_short", "mail.units_short"],
    "stock.filled": ["orders.note_filled"],
    "wait.served": ["mail.back_in_stock"],
    "wishlist.changed": ["mail.wishlist_changed"],
    "product.archived": ["waits.forget_product"],
    "review.posted": ["mail.review_posted"],
    "review.followed_up": ["mail.review_followed_up"],
    "question.asked": ["mail.question_asked"],
    "question.answered": ["mail.question_answered"],
    "import.check_asked": ["import.check"],
    "import.apply_asked": ["import.apply"],
    "import.undo_asked": ["import.undo"],
    "brand.merge_asked": ["brand.merge"],
    "search.synonyms_changed": ["search.reindex_store"],
    "category.renamed": ["search.reindex_category"],
    "brand.renamed": ["search.reindex_brand"],
    "user.confirmation_requested": ["mail.confirm_email"],
    "user.reset_requested": ["mail.reset_password"],
    "user.registration_repeated": ["mail.registered_before"],
}

MAILS: dict[str, Callable[[Mapping[str, Any]], list[Draft]]] = {
    "mail.order_placed": orders.placed,
    "mail.order_paid": orders.paid,
    "mail.order_shipped": orders.shipped,
    "mail.order_ready": orders.ready,
    "mail.order_received": orders.received,
    "mail.parcel_delivered": orders.delivered,
    "mail.receipt_due": orders.receipt_due,
    "mail.order_reminded": order_wishes.reminded,
    "mail.cancel_asked": order_wishes.cancel_asked,
    "mail.order_cancelled": orders.cancelled,
    "mail.refund_done": orders.refunded,
    "mail.codes_expiring": orders.codes_expiring,
    "mail.order_to_deliver": merchants.order_to_deliver,
    "mail.order_to_ship": merchants.order_to_ship,
    "mail.low_stock": merchants.low_stock,
    "mail.units_short": merchant_stock.units_short,
    "mail.review_posted": merchants.review_posted,
    "mail.review_followed_up": merchants.review_followed_up,
    "mail.back_in_stock": wishes.back_in_stock,
    "mail.wishlist_changed": wishes.wishlist_changed,
    "mail.question_asked": merchants.question_asked,
    "mail.question_answered": questions.answered,
    "mail.confirm_email": accounts.confirm_email,
    "mail.reset_password": accounts.reset_password,
    "mail.registered_before": accounts.registered_before,
}
