"""The words that goods are found by: completing what is begun, mending what is misspelt."""

from collections.abc import Iterable, Mapping

from rapidfuzz.distance import OSA
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from shop.catalog.search import analyser
from shop.catalog.search.models import SearchTypo, SearchWord
from shop.catalog.search.query import Query
from shop.core.db import db, read

_SHORTEST = 3
_LONGEST = 40
_MANY = 400
_BEGUN = (
    select(SearchWord.word)
    .where(SearchWord.word >= bindparam("begun"), SearchWord.word < bindparam("end"))
    .order_by(SearchWord.word)
    .limit(60)
)


def learn(texts: Iterable[str]) -> None:
    """Remember the words of ``texts``; nothing is written when all are known. Words are never taken
    back but by rebuilding the index: one that finds nothing is not offered."""
    words = {
        run
        for text in texts
        for run in analyser.runs(text)
        if run.isalpha() and not analyser.is_han(run) and _SHORTEST <= len(run) <= _LONGEST
    }
    if not words:
        return
    known = set(db.session.scalars(select(SearchWord.word).where(SearchWord.word.in_(words))))
    # Sorted: two products that bring the same new words must not wait for each other.
    new = sorted(words - known)
    if not new:
        return
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    db.session.execute(
        dialect.insert(SearchWord).on_conflict_do_nothing(), [{"word": word} for word in new]
    )
    db.session.execute(
        dialect.insert(SearchTypo).on_conflict_do_nothing(),
        [{"key": key, "word": word} for word in new for key in sorted(_keys(word))],
    )


def forget() -> None:
    """Begin anew, before everything is indexed again."""
    db.session.execute(delete(SearchTypo))
    db.session.execute(delete(SearchWord))


def completions(begun: str, limit: int = 4) -> list[str]:
    """Words that begin with what was typed, the shortest first."""
    if not begun or analyser.is_han(begun):
        return []
    found = read(_BEGUN, {"begun": begun, "end": begun + "\uffff"}).scalars()
    return sorted(found, key=lambda word: (len(word), word))[:limit]


def corrections(query: Query) -> Mapping[str, str]:
    """For the words of a query that no product has: the nearest word that some have.

    One slip (a letter left out, added, wrong, or two exchanged) in short words, two in longer ones.
    One statement.
    """
    doubtful = [
        group.word
        for group in query.groups
        if group.word.isalpha() and not analyser.is_han(group.word) and len(group.word) >= _SHORTEST
    ]
    if not doubtful:
        return {}
    keys = {key for word in doubtful for key in _keys(word[:_LONGEST])}
    near = db.session.scalars(
        select(SearchTypo.word).where(SearchTypo.key.in_(keys)).distinct().limit(_MANY)
    ).all()
    found = {}
    for word in doubtful:
        if word in near:
            continue
        best = min(near, key=lambda one: (_distance(word, one), one), default=None)
        if best is not None and _distance(word, best) <= (1 if len(word) <= 5 else 2):
            found[word] = best
    return found


def _distance(typed: str, known: str) -> float:
    """Slips between two words; a first letter that differs counts for half a slip more."""
    return OSA.distance(typed, known) + (0 if typed[:1] == known[:1] else 0.5)


def _keys(word: str) -> set[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}
