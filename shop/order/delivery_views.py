"""How an order comes, for pages and mails."""

from dataclasses import dataclass
from datetime import date, datetime

from shop.core.i18n import pick
from shop.order.delivery_models import OrderDelivery
from shop.order.delivery_states import PickupState


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """What was chosen and promised, in the reader's language. ``name`` "" for plain delivery.

    ``note``: of a pick-up its address. ``slot_from``/``slot_until``: minutes after midnight of the day.
    """

    kind: str
    name: str
    note: str
    ship_by: date
    first: date | None
    last: date | None
    slot_from: int | None
    slot_until: int | None
    slot_held: bool
    pickup_state: PickupState | None
    pickup_code: str
    ready_at: datetime | None
    collected_at: datetime | None

    @property
    def fetched(self) -> bool:
        """Whether the buyer comes for it."""
        return self.pickup_state is not None

    @property
    def ready(self) -> bool:
        """It lies ready to be fetched."""
        return self.pickup_state == PickupState.READY


def delivery_view(row: OrderDelivery | None, locale: str) -> DeliveryView | None:
    """A row in one language; None for an order of which nothing travels, or of earlier times."""
    if row is None:
        return None
    return DeliveryView(
        row.kind,
        pick(row.names, locale),
        pick(row.notes, locale),
        row.ship_by,
        row.promised_from,
        row.promised_until,
        row.slot_from,
        row.slot_until,
        row.slot_held,
        PickupState(row.pickup_state) if row.pickup_state else None,
        row.pickup_code,
        row.ready_at,
        row.collected_at,
    )
