"""Counters of money, and what is derived from it, brought back to what the ledger says."""

from shop.catalog.models import ListingRow
from shop.core.repairs import Repair
from shop.membership.models import Membership
from shop.order import checks as order_checks
from shop.order.models import Order
from shop.payment import checks
from shop.payment.models import PaymentAllocation


def repairs() -> list[Repair]:
    """Refunded sums of shares, payment states of orders, what members spent, how often a product was sold."""
    found = [
        Repair(PaymentAllocation.refunded_minor, {"id": aid}, kept, real)
        for aid, kept, real in checks.refunded_apart()
    ]
    found += [
        Repair(Order.payment_state, {"id": oid}, state, str(meant))
        for oid, _, state, _, _, _, meant in checks.orders_apart()
    ]
    found += [
        Repair(Membership.spent_minor, {"id": mid}, kept, due)
        for mid, kept, due in checks.members_apart()
    ]
    found += [
        Repair(ListingRow.sales, {"product_id": pid}, kept, units)
        for pid, kept, units in order_checks.sales_apart()
    ]
    return found
