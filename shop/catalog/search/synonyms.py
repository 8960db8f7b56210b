"""Words that a store says mean the same: its goods that have one of them are found by all.

Kept with the store and applied when its goods are indexed, so that no store changes how another's goods
are found, and searching costs nothing more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from shop.catalog.search import analyser
from shop.catalog.search.models import SearchSynonym
from shop.catalog.search.query import understand
from shop.core import outbox
from shop.core.db import db
from shop.core.errors import Invalid, NotFound

MOST_SETS = 200
MOST_WORDS = 12
LONGEST = 40


@dataclass(frozen=True, slots=True)
class SynonymSet:
    """Words of the same meaning."""

    public_id: str
    words: list[str]


def of_store(store_id: int) -> list[SynonymSet]:
    """The sets of a store, in the order they were made."""
    rows = db.session.execute(
        select(SearchSynonym.public_id, SearchSynonym.words)
        .where(SearchSynonym.store_id == store_id)
        .order_by(SearchSynonym.id)
    )
    return [SynonymSet(row.public_id, row.words.split("\n")) for row in rows]


def add(store_id: int, words: Sequence[str]) -> str:
    """A new set, or the one of these very words; returns its public id. Its store's goods are indexed
    again by a job.

    Raises ``Invalid``: "synonyms-too-few" (two words at least), "synonyms-too-many", "synonym-too-long".
    """
    wanted, kept = _checked(words), of_store(store_id)
    same = next((one for one in kept if set(one.words) == set(wanted)), None)
    if same is not None:
        return same.public_id
    if len(kept) >= MOST_SETS:
        raise Invalid("synonyms-too-many", field="words", maximum=MOST_SETS)
    row = SearchSynonym(store_id=store_id, words="\n".join(wanted))
    db.session.add(row)
    db.session.flush()  # the default makes the public id
    outbox.record("search.synonyms_changed", store_id=store_id)
    return row.public_id


def change(store_id: int, public_id: str, words: Sequence[str]) -> None:
    """Other words for a set. Raises ``NotFound`` and as ``add``."""
    changed = db.session.scalar(
        update(SearchSynonym)
        .where(SearchSynonym.store_id == store_id, SearchSynonym.public_id == public_id)
        .values(words="\n".join(_checked(words)))
        .returning(SearchSynonym.id)
    )
    if changed is None:
        raise NotFound("synonyms-unknown")
    outbox.record("search.synonyms_changed", store_id=store_id)


def remove(store_id: int, public_id: str) -> None:
    """Forget a set. Raises ``NotFound``."""
    gone = db.session.scalar(
        delete(SearchSynonym)
        .where(SearchSynonym.store_id == store_id, SearchSynonym.public_id == public_id)
        .returning(SearchSynonym.id)
    )
    if gone is None:
        raise NotFound("synonyms-unknown")
    outbox.record("search.synonyms_changed", store_id=store_id)


def widen(store_id: int, title: Mapping[str, None], body: list[str]) -> None:
    """Add to ``body`` what the store's synonyms of the words in ``title`` and ``body`` stand under."""
    sets = of_store(store_id)
    if not sets:
        return
    there = {*title, *body}
    for one in sets:
        if any(understand(word).is_met_by(there) for word in one.words):
            tokens = analyser.body_tokens(one.words)
            body += [token for token in tokens if token not in there]


def _checked(words: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(" ".join(word.split()) for word in words if word.strip()))
    if len(found) < 2 or not all(analyser.runs(word) for word in found):
        raise Invalid("synonyms-too-few", field="words")
    if len(found) > MOST_WORDS:
        raise Invalid("synonyms-too-many", field="words", maximum=MOST_WORDS)
    if any(len(word) > LONGEST for word in found):
        raise Invalid("synonym-too-long", field="words", maximum=LONGEST)
    return found
