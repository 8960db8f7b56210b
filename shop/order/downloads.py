"""Downloads of digital lines: granted at payment, counted one by one, reset by staff.

A download is counted by a POST, under the order's lock; the answer leads to a signed address that is
good for a few minutes, so a broken transfer goes on without being counted twice. A refund closes both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update

from shop.catalog import files, terms
from shop.catalog.files import FileView
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict, NotFound
from shop.core.lookups import Rows
from shop.order import lock, timeline
from shop.order.handover_models import DownloadGrant
from shop.order.models import Order, OrderLine
from shop.order.states import OrderState, PaymentState


@dataclass(frozen=True, slots=True)
class DownloadView:
    """The files of a line and what is left of its limits; None is no limit."""

    files: list[FileView]
    count: int
    most: int | None
    ends_at: datetime | None
    last_at: datetime | None

    @property
    def left(self) -> int | None:
        """Downloads that remain."""
        return None if self.most is None else max(0, self.most - self.count)

    @property
    def over(self) -> bool:
        """The time to fetch them is over."""
        return self.ends_at is not None and self.ends_at <= clock.now()

    @property
    def good(self) -> bool:
        """One more can be fetched now."""
        return not self.over and self.left != 0


def grant(line: OrderLine) -> None:
    """The line is paid: its files may be fetched on the terms of its product."""
    now = terms.of(line.product_id)
    db.session.add(
        DownloadGrant(line_id=line.id, count=0, most=now.downloads, ends_at=_end(now.download_days))
    )


def of_lines(lines: Rows, grants: Mapping[int, Any], at: datetime) -> dict[int, DownloadView]:
    """By line id, of the digital ones among ``lines`` of an order placed ``at`` a moment, with their
    grants by line id: one statement, none when there are no such lines."""
    digital = [line for line in lines if line.kind == "digital"]
    if not digital:
        return {}
    named = files.bought([(line.id, line.product_id, line.digital_name) for line in digital], at)
    found = {}
    for line in digital:
        row = grants.get(line.id)
        found[line.id] = DownloadView(
            named[line.id],
            row.count if row else 0,
            row.most if row else None,
            row.ends_at if row else None,
            row.last_at if row else None,
        )
    return found


def take(order_id: int, line: str, key: str) -> None:
    """Count one download of a file of a line.

    Raises ``NotFound("download-unknown")`` for what is not paid, refunded, or no file of it;
    ``Conflict("downloads-used-up" | "downloads-ended")``.
    """
    order = lock.order(order_id)
    row = _line(order, line)
    _file(order, row, key)
    now = clock.now()
    counted = db.session.scalar(
        update(DownloadGrant)
        .where(
            DownloadGrant.line_id == row.id,
            or_(DownloadGrant.most.is_(None), DownloadGrant.count < DownloadGrant.most),
            or_(DownloadGrant.ends_at.is_(None), DownloadGrant.ends_at > now),
        )
        .values(count=DownloadGrant.count + 1, last_at=now)
        .returning(DownloadGrant.line_id)
        .execution_options(synchronize_session=False)
    )
    if counted is not None:
        return
    given = db.session.get(DownloadGrant, row.id, populate_existing=True)
    if given is None:
        raise NotFound("download-unknown")
    over = given.ends_at is not None and given.ends_at <= now
    raise Conflict("downloads-ended" if over else "downloads-used-up")


def stored_name(order_id: int, line: str, key: str) -> str:
    """The stored file behind a counted download, if it is still open. Raises ``NotFound``."""
    order = db.session.get(Order, order_id)
    if order is None:
        raise NotFound("download-unknown")
    return _file(order, _line(order, line), key).name


def reset(order_id: int, line: str, *, actor: str) -> None:
    """Staff let a buyer fetch a line's files anew: counted from nothing, for the days of the terms."""
    order = lock.order(order_id)
    row = _line(order, line)
    given = db.session.get(DownloadGrant, row.id, populate_existing=True)
    if given is None:
        raise NotFound("download-unknown")
    now = terms.of(row.product_id)
    given.count, given.most, given.ends_at = 0, now.downloads, _end(now.download_days)
    timeline.note(order.id, "downloads_reset", actor=actor, line=row.public_id)


def _end(days: int | None) -> datetime | None:
    return clock.now() + timedelta(days=days) if days else None


def _line(order: Order, public_id: str) -> OrderLine:
    """A digital line that is paid for and not given back."""
    row = db.session.scalar(
        select(OrderLine).where(
            OrderLine.order_id == order.id,
            OrderLine.public_id == public_id,
            OrderLine.kind == "digital",
            OrderLine.cancelled + OrderLine.returned < OrderLine.quantity,
        )
    )
    paid = order.payment_state in {PaymentState.PAID, PaymentState.PARTLY_REFUNDED}
    if row is None or not paid or order.state == OrderState.CANCELLED:
        raise NotFound("download-unknown")
    return row


def _file(order: Order, row: OrderLine, key: str) -> FileView:
    named = files.bought([(row.id, row.product_id, row.digital_name)], order.placed_at)
    for view in named[row.id]:
        if view.key == key:
            return view
    raise NotFound("download-unknown")
