"""Small forms about services and downloads, beside the editor of a product."""

from flask_babel import lazy_gettext
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional

from shop.catalog import terms
from shop.web.ui.forms import Form

_WHOLE = lazy_gettext("Write a whole number from %(min)s to %(max)s.")
# WTForms fills in %(min)s and %(max)s of a range itself.


class ServiceTerms(Form):
    """What a code is good for."""

    uses = IntegerField(
        lazy_gettext("Visits per code"),
        [
            InputRequired(lazy_gettext("Write a whole number.")),
            NumberRange(1, terms.MOST_USES, _WHOLE),
        ],
        id="terms-uses",
    )
    remind_days = IntegerField(
        lazy_gettext("Remind the buyer, days before the end"),
        [Optional(), NumberRange(0, terms.LONGEST_REMINDER, _WHOLE)],
        id="terms-remind",
    )


class DownloadTerms(Form):
    """How often and how long files may be fetched."""

    downloads = IntegerField(
        lazy_gettext("Downloads per purchase"),
        [Optional(), NumberRange(1, terms.LONGEST, _WHOLE)],
        id="terms-downloads",
    )
    download_days = IntegerField(
        lazy_gettext("Days after payment"),
        [Optional(), NumberRange(1, terms.LONGEST, _WHOLE)],
        id="terms-days",
    )


def form_of(kind: str, product_id: int) -> Form | None:
    """The form with the terms of a product as they are; None for goods in a parcel."""
    if kind not in {"service", "digital"}:
        return None
    now = terms.of(product_id)
    if kind == "service":
        return ServiceTerms(
            formdata=None, data={"uses": now.uses, "remind_days": now.remind_days or None}
        )
    return DownloadTerms(
        formdata=None, data={"downloads": now.downloads, "download_days": now.download_days}
    )
