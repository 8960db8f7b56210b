"""Sentences for refusals around stock."""

from flask_babel import lazy_gettext

SENTENCES = {
    "location-name-missing": lazy_gettext("Please fill this in."),
    "location-name-taken": lazy_gettext("A place of this name exists already."),
    "location-not-empty": lazy_gettext(
        "Goods still lie there, are promised from there or are on their way. Move them first."
    ),
    "location-last": lazy_gettext("A store keeps at least one place."),
    "pickup-address": lazy_gettext("Shoppers need the street to find it."),
}
