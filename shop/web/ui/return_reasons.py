"""Why goods go back and what is wanted for them, as the shopper says it; the desk reads the same words."""

from flask_babel import lazy_gettext

REASONS = {
    "damaged": lazy_gettext("It arrived damaged"),
    "wrong-item": lazy_gettext("It is the wrong item"),
    "not-as-described": lazy_gettext("It is not as described"),
    "size": lazy_gettext("The size does not fit"),
    "changed-mind": lazy_gettext("I changed my mind"),
    "quality": lazy_gettext("The quality is poor"),
    "not-received": lazy_gettext("It never arrived"),
    "other": lazy_gettext("Something else"),
}
OUTCOMES = {
    "refund": lazy_gettext("Send it back for a refund"),
    "money": lazy_gettext("Refund only, nothing goes back"),
    "exchange": lazy_gettext("Exchange it"),
    "repair": lazy_gettext("Have it repaired"),
}
