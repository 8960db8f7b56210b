"""Sentences for the refusals that staff may meet."""

from flask_babel import lazy_gettext

from shop.core.errors import ShopError
from shop.web.admin import payment_account_words, stock_messages, tax_words
from shop.web.ui.errors import words
from shop.web.ui.forms import Form

_SENTENCES = {
    "order-not-shippable": lazy_gettext("This order cannot be shipped now. See how it stands."),
    "pickup-code": lazy_gettext(
        "This is not the number of the order. Ask for it again, or look at a paper with the name."
    ),
    "card-amount": lazy_gettext("This is more than a card or a balance takes at once, or nothing."),
    "card-recipient": lazy_gettext("Write the address that the code is mailed to."),
    "card-expiry": lazy_gettext("This day is over. Choose a later one."),
    "card-reason": lazy_gettext("Write why."),
    "refund-partly-paid": lazy_gettext(
        "This order is not paid whole yet. When it is cancelled, what the gift card paid goes back to it."
    ),
    "card-over": lazy_gettext("This card is over already."),
    "not-a-pickup": lazy_gettext("This order is not fetched: ship it."),
    "handling-days": lazy_gettext("Write a number of days from 0 to 60."),
    "cutoff-time": lazy_gettext("Write a time such as 15:00."),
    "no-working-day": lazy_gettext("Tick one day of the week at least."),
    "too-many-holidays": lazy_gettext("At most %(maximum)s days fit here."),
    "day-form": lazy_gettext("“%(text)s” is no day. Write days such as 2027-01-01, one a line."),
    "zone-name": lazy_gettext("Give the zone a name of at most 80 characters."),
    "zone-name-taken": lazy_gettext("There is a zone of this name already."),
    "zone-empty": lazy_gettext("Choose one place at least, or everywhere else."),
    "zone-too-large": lazy_gettext("At most %(maximum)s places fit in a zone."),
    "zone-rest-taken": lazy_gettext("Another zone covers everywhere else already."),
    "zone-region-taken": lazy_gettext(
        "One of these places lies in another zone already. Take it out there first."
    ),
    "place-unknown": lazy_gettext(
        "“%(text)s” is no place we know. Write a country, then perhaps its province and the beginning "
        "of a postcode."
    ),
    "method-kind": lazy_gettext("Choose what the rate depends on."),
    "method-name": lazy_gettext("Give the method a name in one language at least."),
    "method-days": lazy_gettext(
        "Write both numbers of days, the smaller one first; or none where nobody can say."
    ),
    "tier-values": lazy_gettext(
        "A step needs a number above 0 and what it costs, and no number may come twice."
    ),
    "slot-values": lazy_gettext(
        "A time needs a beginning, a later end and how many orders fit; no time may come twice."
    ),
    "pickup-place": lazy_gettext("Write the address, so that customers find it."),
    "nothing-to-ship": lazy_gettext("Everything in this order has been shipped already."),
    "order-shipped": lazy_gettext(
        "Goods have left already, so the order cannot be cancelled. Refund it instead."
    ),
    "order-closed": lazy_gettext("This order is closed already."),
    "invoice-too-early": lazy_gettext("An invoice is issued once the order is paid."),
    "carrier-unknown": lazy_gettext("Choose a carrier."),
    "carriers-missing": lazy_gettext("Choose at least one carrier."),
    "carrier-not-used": lazy_gettext("Choose a carrier that you send with."),
    "days-out-of-range": lazy_gettext("Write a number of days from 1 to 90."),
    "minutes-out-of-range": lazy_gettext("Write a number of minutes from 5 to 10,080."),
    "cancel-not-asked": lazy_gettext("Nobody waits for an answer here any more."),
    "cancel-units": lazy_gettext("At most %(maximum)s can still be cancelled."),
    "cancel-unpaid": lazy_gettext(
        "Items can be cancelled once the order is paid. Cancel the whole order instead."
    ),
    "cancel-nothing": lazy_gettext("Choose what to cancel."),
    "tracking-too-long": lazy_gettext("A tracking number has at most 60 characters."),
    "quantity-out-of-range": lazy_gettext("Write a quantity from 0 to %(maximum)s."),
    "quantity-not-positive": lazy_gettext("Write a quantity above 0."),
    "quantity-not-changed": lazy_gettext("Write how many to add or take."),
    "reason-missing": lazy_gettext("Choose a reason."),
    "stock-short": lazy_gettext(
        "Some of these are promised to customers, so the stock cannot go below them."
    ),
    "units-not-there": lazy_gettext(
        "Not all of it is there: %(ready)s of %(units)s can leave now. Ship those, and the rest when goods come."
    ),
    **stock_messages.SENTENCES,
    "variant-untracked": lazy_gettext("No stock is kept for this variant."),
    "return-exchange-gone": lazy_gettext(
        "What the customer wants in exchange is not there any more. Refund the goods instead, or wait for more."
    ),
    "return-amount-changed": lazy_gettext(
        "What goes back has changed meanwhile. Look at the sum and press again."
    ),
    "refund-under-return": lazy_gettext(
        "%(units)s of these are under return. Decide upon the return; it pays them back."
    ),
    "refund-quantity": lazy_gettext("At most %(maximum)s can still be refunded."),
    "refund-empty": lazy_gettext("Choose what to refund."),
    "refund-not-stuck": lazy_gettext("This refund needs nobody any more."),
    "reference-missing": lazy_gettext(
        "Write how the money went back: a transfer number or the like."
    ),
    "note-missing": lazy_gettext("Write how the difference ended."),
    "difference-closed": lazy_gettext("This difference is resolved already."),
    "refund-above-paid": lazy_gettext("This is more than is left of what was paid."),
    "nothing-to-pay": lazy_gettext("Nothing is due for this order any more."),
    "not-to-be-refused": lazy_gettext(
        "Only what was sent to be paid on delivery, and is not paid, can be refused at the door."
    ),
    "payment-amount-range": lazy_gettext("Write the amount that arrived."),
    "bank-reference-missing": lazy_gettext("Write the number that the bank gives for it."),
    "bank-reference-used": lazy_gettext(
        "This number of the bank was booked already: money is counted once."
    ),
    "proof-decided": lazy_gettext("This proof was decided already. See how it stands."),
    "payment-amount": lazy_gettext("The amount must be exactly what is due."),
    "code-unknown": lazy_gettext("This store has issued no such code."),
    "code-redeemed": lazy_gettext("This code has been redeemed already."),
    "code-void": lazy_gettext("This code is void: the order was refunded or cancelled."),
    "uses-out-of-range": lazy_gettext("Only %(maximum)s are left on this code."),
    "use-unknown": lazy_gettext("There is no such redemption here."),
    "use-reversed": lazy_gettext("This redemption was taken back already."),
    "use-too-old": lazy_gettext(
        "A redemption can be taken back within a day. Extend the code instead."
    ),
    "extension-reason": lazy_gettext("Say why, for your colleagues."),
    "extension-past": lazy_gettext("Choose a day after the present end, and after today."),
    "extension-far": lazy_gettext("Choose a day within the next ten years."),
    "extension-form": lazy_gettext("Write a day, such as 2027-03-31."),
    "refund-codes-used": lazy_gettext(
        "The other codes have been used. At most %(maximum)s can still be refunded."
    ),
    "code-expired": lazy_gettext("This code is no longer valid."),
    "idempotency-key-reused": lazy_gettext(
        "This form was sent already with other content. Reload the page and look again."
    ),
    "idempotency-key-missing": lazy_gettext("Reload the page and send the form again."),
    "price-below-zero": lazy_gettext("A price would fall below 0."),
    "nothing-on-sale": lazy_gettext("It has no variant on sale."),
    "publish-at-form": lazy_gettext("Write a day and a time, such as 2026-12-01 09:00."),
    "publish-at-past": lazy_gettext("This time has passed. Choose a later one, or publish now."),
    "publish-at-far": lazy_gettext("Choose a time within the next two years."),
    "not-a-draft": lazy_gettext("This product is no draft any more. See how it stands."),
    "related-missing": lazy_gettext("Write a web address or a SKU."),
    "related-unknown": lazy_gettext("This shop has no product of this address or SKU."),
    "related-itself": lazy_gettext("A product does not go with itself."),
    "related-full": lazy_gettext("At most %(maximum)s can be chosen by hand."),
    "question-state-unknown": lazy_gettext("Choose what to do with it."),
    "saved-reply-title": lazy_gettext("Give it a title that you find it by."),
    "saved-reply-exists": lazy_gettext("There is a saved reply of this title already."),
    "saved-reply-full": lazy_gettext("At most %(maximum)s saved replies fit. Remove one first."),
    "text-too-long": lazy_gettext("This text is too long."),
    "attribute-name-missing": lazy_gettext("Give the attribute a name."),
    "attribute-name-taken": lazy_gettext("There is an attribute of this name already."),
    "attribute-values-missing": lazy_gettext("Write one value at least."),
    "attribute-values-too-many": lazy_gettext("At most %(limit)s values fit here."),
    "attribute-value-repeated": lazy_gettext("Two values have the same name. Change one of them."),
    "synonyms-too-few": lazy_gettext("Write two different words at least, with letters in them."),
    "synonyms-too-many": lazy_gettext("At most %(maximum)s fit here."),
    "synonym-too-long": lazy_gettext("A word has at most %(maximum)s characters."),
    "last-owner": lazy_gettext("A store keeps at least one owner."),
    "import-stopped": lazy_gettext("This import is not as it was any more. See how it stands."),
    "import-applying": lazy_gettext(
        "It is being applied already. Undo it instead, on the page of imports."
    ),
    "import-newer": lazy_gettext("A later import changed the same products. Undo that one first."),
    "product-changed": lazy_gettext("Somebody else saved this product meanwhile."),
    "compare-at-not-above-price": lazy_gettext("The price before must be higher than the price."),
    "amount-out-of-range": lazy_gettext("This amount is not possible here."),
    "digital-file-missing": lazy_gettext("Upload the file that buyers download, then publish."),
    "files-too-many": lazy_gettext("A product has at most %(maximum)s files."),
    "part-unknown": lazy_gettext("This store has no such goods."),
    "part-archived": lazy_gettext("This is archived. Publish it first, or choose another."),
    "bundle-quantity": lazy_gettext("Write a quantity from 1 to 999."),
    "bundle-itself": lazy_gettext("A bundle cannot contain itself."),
    "bundle-in-bundle": lazy_gettext("A bundle cannot contain a bundle."),
    "bundle-kind": lazy_gettext("Only goods in a parcel can be bundled."),
    "bundle-full": lazy_gettext("A bundle has at most %(maximum)s parts."),
    "bundle-has-stock": lazy_gettext(
        "Stock of its own is still kept for this, or promised. Count it down to 0 first."
    ),
    "slug-taken": lazy_gettext("Another product has this address already."),
    "slug-form": lazy_gettext("An address has small letters, digits and hyphens only."),
    "image-unreadable": lazy_gettext("This file is no picture that can be read."),
    "image-too-large": lazy_gettext("This picture is too large."),
    "picture-address": lazy_gettext("Its address is not one of the web."),
    "picture-private": lazy_gettext("Its address leads to a place that is not public."),
    "picture-redirects": lazy_gettext("Its address leads on and on, to no picture."),
    "picture-gone": lazy_gettext("There is nothing at its address."),
    "picture-unreachable": lazy_gettext("Its address cannot be reached."),
    "picture-slow": lazy_gettext("Its address answers too slowly."),
    "picture-refused": lazy_gettext("Its address does not answer now."),
    "images-too-many": lazy_gettext("A product has at most %(limit)s pictures."),
    "timezone-unknown": lazy_gettext("Choose a time zone."),
    "coupon-code-format": lazy_gettext(
        "A code has 3 to 40 letters, digits, hyphens or underscores, and no spaces."
    ),
    "coupon-code-taken": lazy_gettext("This shop has a coupon with this code already."),
    "coupon-ended": lazy_gettext("This coupon has ended already."),
    "coupon-limit-below-used": lazy_gettext("It was used %(used)s times already: set no less."),
    "promotion-ended": lazy_gettext("This campaign has ended already."),
    "ends-before-start": lazy_gettext("The end comes before the beginning."),
    "out-of-range": lazy_gettext("This number is not possible here."),
    "tier-gives-all": lazy_gettext("What is saved must be less than what is spent."),
    "tiers-not-rising": lazy_gettext(
        "Each step must ask for more and give more than the one before."
    ),
    "title-missing": lazy_gettext("Please fill this in."),
    "title-too-long": lazy_gettext("This text is too long."),
    "level-name-missing": lazy_gettext("Please fill this in."),
    "level-order": lazy_gettext("A higher level must take more spending than the one below it."),
    "level-rank-taken": lazy_gettext("There is a level at this place already. Please try again."),
    "discount-out-of-range": lazy_gettext("Write a share from 0 to 90."),
    "option-name-missing": lazy_gettext("Name what shoppers choose by: size, colour."),
    "option-values-missing": lazy_gettext("Each value of an option needs a name."),
    "option-value-repeated": lazy_gettext("Two values of this option are the same."),
    "swatch-form": lazy_gettext("A colour is written like #2f6f5e."),
    "variants-missing": lazy_gettext("Keep at least one variant."),
    "variants-too-many": lazy_gettext("These are too many variants."),
    "terms-out-of-range": lazy_gettext("Write a whole number from %(minimum)s to %(maximum)s."),
    "validity-days": lazy_gettext("Write a whole number of days above 0."),
    "weight-out-of-range": lazy_gettext("This weight is not possible."),
    "quantity-unreadable": lazy_gettext("Write a whole number."),
    "collection-slug-taken": lazy_gettext("Another collection has this address already."),
    "collection-full": lazy_gettext("A collection holds at most %(limit)s products by hand."),
    "collection-by-rule": lazy_gettext("This collection follows a rule now. Reload the page."),
    "collections-too-many": lazy_gettext("At most %(limit)s collections can follow rules."),
    "rule-empty": lazy_gettext("Fill in at least one condition, and see here what it holds."),
    "rule-match": lazy_gettext("Choose whether all conditions must be met, or any."),
    "rule-field": lazy_gettext("This condition is not known."),
    "rule-values": lazy_gettext("This value is not possible here."),
    "rule-price": lazy_gettext("The second price must not be below the first."),
    "rule-days": lazy_gettext("Write a number from 1 to 3650."),
    "brand-name-unknown": lazy_gettext("No product here is of the brand “%(name)s”."),
    "brand-name-missing": lazy_gettext("Please fill this in."),
    "brand-slug-taken": lazy_gettext("Another brand has this address already."),
    "brand-same": lazy_gettext("Choose another brand."),
    "brand-shared": lazy_gettext(
        "Other stores sell this brand too, so only those who run the platform may change it."
    ),
    "store-name-missing": lazy_gettext("Please fill this in."),
    **tax_words.SENTENCES,
    **payment_account_words.SENTENCES,
}


def say(error: ShopError) -> str:
    """The sentence of a refusal for staff: ours, else the one that everybody gets.

    The same rule often wants other words for a shopper, so these are not registered for the whole shop.
    """
    text = _SENTENCES.get(error.reason)
    if text is not None:
        try:
            return str(text) % error.params
        except (KeyError, TypeError, ValueError):
            pass
    return words(error)


def refuse(form: Form, error: ShopError, field: str | None = None) -> None:
    """Show a refusal at ``field`` (or where the error itself says), else above the form."""
    name = field or str(error.params.get("field", ""))
    if name in form:
        form[name].errors = [*form[name].errors, say(error)]
    else:
        form.form_errors.append(say(error))
