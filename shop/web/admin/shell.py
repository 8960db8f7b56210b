"""The frame of the admin's pages: rail with its counts, store switch, who is signed in."""

from functools import cached_property

from flask_login import current_user

from shop.inventory import queries as stock
from shop.order import lists
from shop.payment import return_desk
from shop.review import queries as reviews
from shop.review import question_queries, saved_replies
from shop.review.saved_replies import SavedText
from shop.web.admin.desk import Desk, desk


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
    def to_ship(self) -> int:
        """Orders that wait to be shipped."""
        return lists.view_counts(desk().store_ids)["to-ship"]

    @cached_property
    def low_stock(self) -> int:
        """Levels at or below their threshold."""
        return stock.low_stock_count(desk().store_ids)

    @cached_property
    def returns(self) -> int:
        """Returns that wait for the shop."""
        counts = return_desk.counts(desk().store_ids)
        return sum(counts[view] for view in return_desk.WAITING)

    @cached_property
    def reviews(self) -> int:
        """Reviews that wait to be looked at."""
        return reviews.state_counts(desk().store_ids)["pending"]

    @cached_property
    def questions(self) -> int:
        """Questions that wait to be answered or looked at."""
        return question_queries.waiting_count(desk().store_ids)

    @cached_property
    def saved_replies(self) -> list[SavedText]:
        """The texts that the store answers with again and again."""
        return saved_replies.of_store(desk().store_id)
