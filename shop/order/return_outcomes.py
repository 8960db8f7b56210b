"""What a shopper may want for goods: money for what comes back, money only, other goods, a repair."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased

from shop.catalog.models import Variant
from shop.catalog.options_text import options_of
from shop.core.db import db
from shop.core.errors import Conflict, Invalid
from shop.inventory import queries as stock
from shop.order.models import OrderLine
from shop.order.return_states import Outcome

NOTHING_CAME = "not-received"
"""The reason of what never arrived: nothing of it can be sent back."""
LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units of a line, why they go back, what the shopper says of them, and for an exchange the public id
    of the variant that is to come instead."""

    quantity: int
    reason: str
    note: str = ""
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A variant that a line may be exchanged for. ``available`` units, None where none are counted."""

    id: int
    public_id: str
    options: dict[str, str]
    available: int | None


def choices(line_ids: Collection[int]) -> dict[int, list[Choice]]:
    """Line id → what may come instead of its goods: the variant that was bought, and those of its product that
    cost the same today, what somebody paid for it notwithstanding. At most three statements, none for nothing."""
    if not line_ids:
        return {}
    bought, other = aliased(Variant), aliased(Variant)
    rows = db.session.execute(
        select(OrderLine.id, other.id, other.public_id)
        .join(bought, bought.id == OrderLine.variant_id)
        .join(other, other.product_id == bought.product_id)
        .where(
            OrderLine.id.in_(line_ids),
            OrderLine.kind == "physical",
            other.archived_at.is_(None),
            other.price_minor == bought.price_minor,
        )
        .order_by(OrderLine.id, other.id != bought.id, other.id)
    ).all()
    ids = {variant_id for _, variant_id, _ in rows}
    free = stock.availability(ids)
    options = options_of(ids) if ids else {}
    found: dict[int, list[Choice]] = {}
    for line_id, variant_id, public_id in rows:
        found.setdefault(line_id, []).append(
            Choice(variant_id, public_id, options.get(variant_id, {}), free.get(variant_id))
        )
    return found


def check(chosen: Sequence[tuple[OrderLine, Wanted]], outcome: str) -> tuple[Outcome, list[int]]:
    """What can be had for these units, and for an exchange the variant of each.

    Services are given back for their money alone, whatever was chosen. Raises ``Invalid`` for an outcome
    that there is not or that does not fit, and ``Conflict("return-exchange-short")`` for goods of which
    there are too few.
    """
    if outcome not in list(Outcome):
        raise Invalid("return-outcome", field="outcome")
    services = [line for line, _ in chosen if line.kind == "service"]
    if services and len(services) < len(chosen):
        raise Invalid("return-service-apart", field=f"quantity-{services[0].public_id}")
    wanted = Outcome.MONEY if services else Outcome(outcome)
    for line, units in chosen:
        if len(units.note) > LONGEST_NOTE:
            raise Invalid("text-too-long", field=f"note-{line.public_id}", maximum=LONGEST_NOTE)
        if units.reason == NOTHING_CAME and wanted != Outcome.MONEY:
            raise Invalid("return-nothing-came", field="outcome")
    if wanted != Outcome.EXCHANGE:
        return wanted, []
    offered = choices([line.id for line, _ in chosen])
    variants = []
    for line, units in chosen:
        choice = next(
            (one for one in offered.get(line.id, []) if one.public_id == units.variant), None
        )
        if choice is None:
            raise Invalid("return-variant", field=f"variant-{line.public_id}")
        if choice.available is not None and choice.available < units.quantity:
            raise Conflict(
                "return-exchange-short",
                field=f"variant-{line.public_id}",
                available=choice.available,
            )
        variants.append(choice.id)
    return wanted, variants
