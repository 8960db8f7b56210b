"""Sentences for what the rules of checkout, orders and reviews refuse."""

from flask_babel import lazy_gettext

from shop.web.ui.errors import register_message


def register() -> None:
    """Register them; called when the blueprint is imported."""
    for code, text in {
        "cart-empty": lazy_gettext("There is nothing to buy in the cart."),
        "cart-changed": lazy_gettext(
            "Something in your cart can no longer be bought as it is. Please look at it."
        ),
        "total-changed": lazy_gettext(
            "The total has changed since you saw it. Please look at it once more."
        ),
        "idempotency-key-reused": lazy_gettext(
            "This form was sent before with other contents. Please look at it once more."
        ),
        "delivery-uncovered": lazy_gettext(
            "The shop does not deliver there. Write another address, or take out what it cannot send."
        ),
        "delivery-changed": lazy_gettext(
            "This way of delivery is no longer offered. Please choose again."
        ),
        "slot-taken": lazy_gettext("This time has just been taken. Please choose another one."),
        "address-missing": lazy_gettext("Write the street and number."),
        "name-missing": lazy_gettext("Write your name."),
        "contact-missing": lazy_gettext("Write an e-mail address or a phone number."),
        "card-unknown": lazy_gettext(
            "There is no gift card with this code. Check it letter by letter."
        ),
        "card-used-up": lazy_gettext("Nothing is left on this gift card."),
        "card-ended": lazy_gettext("The time to use this gift card is over."),
        "card-store": lazy_gettext("This gift card is from another shop, and pays there alone."),
        "card-currency": lazy_gettext("This gift card is in another currency."),
        "card-short": lazy_gettext(
            "The gift card or balance was used for something else meanwhile. Please look once more."
        ),
        "method-unknown": lazy_gettext("Choose how you want to pay."),
        "order-missing": lazy_gettext("There is no such order."),
        "order-shipped": lazy_gettext("Something of this order has been shipped already."),
        "order-closed": lazy_gettext("This order is closed."),
        "order-not-shippable": lazy_gettext(
            "This order cannot be shipped: it is not paid, or it is closed."
        ),
        "nothing-to-ship": lazy_gettext("There is nothing left to ship."),
        "invoice-too-early": lazy_gettext("An invoice is issued once the order is paid."),
        "downloads-used-up": lazy_gettext(
            "This has been downloaded as often as it may be. Write to the shop if you need it again."
        ),
        "downloads-ended": lazy_gettext(
            "The time to download this is over. Write to the shop if you need it again."
        ),
        "download-unknown": lazy_gettext("There is nothing to download here."),
        "nothing-to-pay": lazy_gettext("There is nothing to pay here."),
        "review-too-early": lazy_gettext("You can review this once you have received it."),
        "review-exists": lazy_gettext("You have reviewed this already. Thank you."),
        "followup-exists": lazy_gettext("You have added to this review already. Thank you."),
        "followup-closed": lazy_gettext("Nothing can be added to this review any more."),
        "photos-too-many": lazy_gettext("At most %(maximum)s photos fit."),
        "image-unreadable": lazy_gettext("This file is no picture that can be read."),
        "image-too-large": lazy_gettext("This picture is too large."),
        "proof-missing": lazy_gettext("Choose a picture or a PDF to send."),
        "proof-too-large": lazy_gettext("A PDF may have at most %(limit_mb)s MB."),
        "proof-unreadable": lazy_gettext("This file is no PDF that can be read."),
        "proof-date": lazy_gettext("Write the day of the transfer; it cannot lie ahead."),
        "payer-too-long": lazy_gettext("A name has at most %(maximum)s characters."),
        "proofs-too-many": lazy_gettext(
            "At most %(maximum)s proofs can wait at once. The shop looks at what is there first."
        ),
        "return-empty": lazy_gettext("Choose what you want to return."),
        "return-quantity": lazy_gettext("At most %(maximum)s of this can be returned."),
        "return-reason": lazy_gettext("Choose why you return this."),
        "return-missing": lazy_gettext("There is no such return."),
        "return-outcome": lazy_gettext("Choose what you would like for it."),
        "return-nothing-came": lazy_gettext(
            "What never arrived cannot be sent back: choose “Refund only, nothing goes back”."
        ),
        "return-service-apart": lazy_gettext(
            "A service is given back for its money, so please ask for it apart from the goods."
        ),
        "return-variant": lazy_gettext("Choose what you want in exchange."),
        "return-exchange-short": lazy_gettext(
            "Only %(available)s of what you want in exchange are left. Choose another, or ask for a refund."
        ),
        "return-nothing-to-send": lazy_gettext("Nothing goes back with this return."),
        "refund-quantity": lazy_gettext("At most %(maximum)s of this can still be paid back."),
        "refund-codes-used": lazy_gettext(
            "Some codes of it have been used, so at most %(maximum)s can be given back."
        ),
        "return-moved-on": lazy_gettext("This return has moved on. Please look at it again."),
        "return-tracking": lazy_gettext("Write the tracking number, in at most 60 characters."),
        "return-address-missing": lazy_gettext("Write where the goods are to be sent."),
        "return-refusal-missing": lazy_gettext("Write why the return is refused."),
        "return-window": lazy_gettext("Write a number of days from 7 to 365."),
        "return-hours": lazy_gettext("Write a number of hours from 24 to 336."),
        "return-line-unknown": lazy_gettext("This is not part of the return."),
        "stars-missing": lazy_gettext("Choose from one to five stars."),
        "text-too-long": lazy_gettext("This text is too long; %(maximum)s characters fit."),
    }.items():
        register_message(code, text)
