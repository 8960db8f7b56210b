"""Texts that a store answers with again and again: written down, changed, taken away, chosen."""

from dataclasses import dataclass

from sqlalchemy import delete, func, select

from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.review.questions import MAX_TEXT
from shop.review.reply_models import SavedReply
from shop.store.models import Store

MOST = 12
"""So many a store may have: each is a button in every card of the desk."""
LONGEST_TITLE = 40
LONGEST = MAX_TEXT
"""Signs of a text; it fits an answer to a question, which is the shorter one."""


@dataclass(frozen=True, slots=True)
class SavedText:
    """A text with the title it is chosen by."""

    public_id: str
    title: str
    text: str


def of_store(store_id: int) -> list[SavedText]:
    """The texts of a store, by title. One statement."""
    rows = db.session.execute(
        select(SavedReply.public_id, SavedReply.title, SavedReply.text)
        .where(SavedReply.store_id == store_id)
        .order_by(func.lower(SavedReply.title), SavedReply.id)
    )
    return [SavedText(*row) for row in rows]


def save(store_id: int, public_id: str | None, *, title: str, text: str) -> None:
    """Write down a text, or change the one of this id.

    Raises ``Invalid`` for a title or text that is missing or too long, ``Conflict("saved-reply-exists")``
    for a title that another one has, ``Conflict("saved-reply-full")`` beyond ``MOST``, ``NotFound``.
    """
    title, text = " ".join(title.split()), text.replace("\r\n", "\n").strip()
    if not title:
        raise Invalid("saved-reply-title", field="title")
    if len(title) > LONGEST_TITLE:
        raise Invalid("text-too-long", field="title", maximum=LONGEST_TITLE)
    if not text:
        raise Invalid("text-missing", field="text")
    if len(text) > LONGEST:
        raise Invalid("text-too-long", field="text", maximum=LONGEST)
    # The store's row is locked, so that two who write at once are counted one after the other.
    db.session.execute(select(Store.id).where(Store.id == store_id).with_for_update())
    rows = db.session.scalars(select(SavedReply).where(SavedReply.store_id == store_id)).all()
    found = next((row for row in rows if row.public_id == public_id), None)
    if public_id is not None and found is None:
        raise NotFound("saved-reply-unknown")
    if any(row is not found and row.title.casefold() == title.casefold() for row in rows):
        raise Conflict("saved-reply-exists", field="title")
    if found is not None:
        found.title, found.text = title, text
        return
    if len(rows) >= MOST:
        raise Conflict("saved-reply-full", maximum=MOST)
    db.session.add(SavedReply(store_id=store_id, title=title, text=text))


def remove(store_id: int, public_id: str) -> SavedText:
    """Take a text away; returns it as it was. Raises ``NotFound``."""
    gone = db.session.execute(
        delete(SavedReply)
        .where(SavedReply.store_id == store_id, SavedReply.public_id == public_id)
        .returning(SavedReply.public_id, SavedReply.title, SavedReply.text)
    ).one_or_none()
    if gone is None:
        raise NotFound("saved-reply-unknown")
    return SavedText(*gone)


def added(store_id: int, public_id: str, typed: str) -> str:
    """What was typed so far, with a saved text after it. Raises ``NotFound``."""
    text = db.session.scalar(
        select(SavedReply.text).where(
            SavedReply.store_id == store_id, SavedReply.public_id == public_id
        )
    )
    if text is None:
        raise NotFound("saved-reply-unknown")
    typed = typed.strip()
    return f"{typed}\n\n{text}" if typed else text
