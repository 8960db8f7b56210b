"""Returns that have run their whole way."""

from tests.factories.orders import approve, inspect, request_return, send_back


def come_back(order_id: int, units: int, reason: str) -> None:
    """Units of the first line of a received order, from the wish to the refund."""
    asked = request_return(order_id, units, reason)
    approve(asked)
    send_back(order_id, asked)
    inspect(asked)
