"""An invoice of nothing, for merchants to look at: their own head and foot, made-up goods."""

from datetime import datetime

from shop.documents import bills, settings
from shop.documents.bill_data import Bill, BillLine, Party
from shop.documents.wording import words
from shop.store.models import Store


def bill(store: Store, locale: str, number: int, moment: datetime) -> Bill:
    """The sample in ``locale``, under the number that the next invoice will have."""
    _ = words(locale).text
    lines = (
        BillLine(_("Sample item"), _("Blue"), "SAMPLE-1", 2, 4900, 9300, ((_("Discount"), -500),)),
        BillLine(_("Another sample item"), "", "SAMPLE-2", 1, 12800, 12800),
    )
    draft = Bill(
        series="invoice",
        label="",
        locale=locale,
        timezone=store.timezone,
        currency=store.currency,
        issued_at=moment,
        seller=bills.seller_of(store, locale),
        buyer=Party(_("Sample customer"), (_("1 Sample Road"),)),
        order_number="000000-SAMPLE",
        placed_at=moment,
        method="alipay",
        lines=lines,
        delivery_minor=800,
        total_minor=sum(line.total_minor for line in lines) + 800,
        footer=settings.of(store.settings).footer(locale),
    )
    return bills.numbered(draft, store.id, number, moment)
