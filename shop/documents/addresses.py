"""How an address is written on paper: from large to small in Chinese, the other way round elsewhere."""

from shop.documents.wording import words
from shop.order.views import ContactView

_CHINESE = {"CN", "HK", "MO", "TW", ""}


def lines(contact: ContactView) -> tuple[str, ...]:
    """The lines below the name; the country only where a parcel leaves China."""
    if contact.country in _CHINESE:
        regions = dict.fromkeys((contact.province, contact.city, contact.district))
        found = [" ".join(filter(None, regions)), contact.street, contact.postcode]
    else:
        town = ", ".join(filter(None, (contact.district, contact.city, contact.postcode)))
        # Carriers abroad read the country in English, whatever language the buyer reads.
        country = words("en").country(contact.country).upper()
        found = [contact.street, town, contact.province, country]
    return tuple(filter(None, found))
