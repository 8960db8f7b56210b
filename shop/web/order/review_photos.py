"""Photos for a review: those of the form of a bought line."""

from shop.review.photos import FOLDER
from shop.web.ui import photo_choice
from shop.web.ui.photo_choice import Chosen


def chosen(line: str) -> Chosen:
    """What the form of a line (its public id) was sent with: photos of before, and new ones."""
    return photo_choice.chosen(f"review-photo:{line}", FOLDER)
