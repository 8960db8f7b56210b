"""Sentences for refusals around stock."""

from flask_babel import lazy_gettext

SENTENCES = {
    "location-name-missing": lazy_gettext("Please fill this in."),
    "location-name-taken": lazy_gettext("A place of this name exists already."),
    "location-not-empty": lazy_gettext(
        "Goods still lie there, are promised from there or are on their way. Move them first."
    ),
    "location-last": lazy_gettext("A store keeps at least one place."),
    "scan-unknown": lazy_gettext("No goods here have the code “%(code)s”."),
    "scan-ambiguous": lazy_gettext(
        "%(count)s variants have the code “%(code)s”. Type another code, or make theirs differ."
    ),
    "code-missing": lazy_gettext("Scan or type a code."),
    "lines-too-many": lazy_gettext("At most %(maximum)s fit here."),
    "transfer-same-place": lazy_gettext("Choose another place than the one the goods come from."),
    "transfer-sent": lazy_gettext("The goods have left already, so this cannot be changed."),
    "transfer-empty": lazy_gettext("Scan first what goes along."),
    "transfer-short": lazy_gettext("Only %(free)s of %(sku)s can be sent: %(wanted)s are wanted."),
    "transfer-not-sent": lazy_gettext("Nothing of this transfer is on its way."),
    "transfer-too-many": lazy_gettext("This is more than is on its way."),
    "nothing-arrived": lazy_gettext("Write how many came, or how many will not."),
    "count-ended": lazy_gettext("This count has ended already."),
    "count-empty": lazy_gettext("Nothing was counted yet."),
    "policy-unknown": lazy_gettext("Choose what happens when none is left."),
    "policy-kind": lazy_gettext("Only goods in a parcel can be sold before they are there."),
    "policy-limit": lazy_gettext("Write how many may be promised, from 1 to %(maximum)s."),
    "promise-missing": lazy_gettext("Choose the day from which on it leaves."),
    "promise-past": lazy_gettext("This day has passed. Choose a later one."),
    "promise-far": lazy_gettext("Choose a day within the next two years."),
    "backorders-open": lazy_gettext(
        "More than that was sold already. Fill or cancel those orders first."
    ),
    "supplier-name-missing": lazy_gettext("Please fill this in."),
    "supplier-taken": lazy_gettext("There is a supplier of this name already."),
    "purchase-ended": lazy_gettext("This purchase order has ended already."),
    "purchase-ordered": lazy_gettext("It was ordered already, so its goods cannot be changed."),
    "purchase-empty": lazy_gettext("Scan first what is to be ordered."),
    "purchase-not-ordered": lazy_gettext("Nothing of this purchase order is to come."),
    "purchase-too-many": lazy_gettext("This is more than is still to come."),
    "file-changed": lazy_gettext(
        "The stock has changed since you looked. These are the differences now."
    ),
    "pickup-address": lazy_gettext("Shoppers need the street to find it."),
}
