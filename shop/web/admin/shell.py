"""The frame of the admin's pages: rail with its counts, store switch, who is signed in."""

from functools import cached_property

from flask import g
from flask_login import current_user

from shop.core.lookups import Lookup, together
from shop.inventory import queries as stock
from shop.order import lists
from shop.payment import return_desk
from shop.review import queries as reviews
from shop.review import question_queries, saved_replies
from shop.review.saved_replies import SavedText
from shop.web.admin.desk import Desk, desk


class Work:
    """What waits in the store; asked once for a page, in one statement."""

    def __init__(self, store_ids: list[int]) -> None:
        self.orders = lists.view_counts.later(store_ids)
        self.low_stock = stock.low_stock_count.later(store_ids)
        self.returns = return_desk.counts.later(store_ids)
        self.reviews = reviews.state_counts.later(store_ids)
        self.questions = question_queries.counts.later(store_ids)

    @property
    def asked(self) -> tuple[Lookup[object], ...]:
        """All of it, to be asked together with what a page wants to know besides."""
        return (self.orders, self.low_stock, self.returns, self.reviews, self.questions)  # type: ignore[return-value]  # read only


def work() -> Work:
    """What waits, the same for the page and its frame."""
    if "work" not in g:
        g.work = Work(desk().store_ids)
    found: Work = g.work
    return found


class Shell:
    """Reads nothing until the frame asks for it, so a fragment costs no statement."""

    @property
    def desk(self) -> Desk:
        """The store, the others, the person."""
        return desk()

    @property
    def operates(self) -> bool:
        """Whether the person runs the platform."""
        return bool(current_user.is_operator)

    @cached_property
    def _work(self) -> Work:
        found = work()
        together(*found.asked)
        return found

    @property
    def to_ship(self) -> int:
        """Orders that wait to be shipped."""
        return self._work.orders.found["to-ship"]

    @property
    def low_stock(self) -> int:
        """Levels at or below their threshold."""
        return self._work.low_stock.found

    @property
    def returns(self) -> int:
        """Returns that wait for the shop."""
        counts = self._work.returns.found
        return sum(counts[view] for view in return_desk.WAITING)

    @property
    def reviews(self) -> int:
        """Reviews that wait to be looked at."""
        return self._work.reviews.found["pending"]

    @property
    def questions(self) -> int:
        """Questions that wait to be answered or looked at."""
        return self._work.questions.found["waiting"]

    @cached_property
    def saved_replies(self) -> list[SavedText]:
        """The texts that the store answers with again and again."""
        return saved_replies.of_store(desk().store_id)
