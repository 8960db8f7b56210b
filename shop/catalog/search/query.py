"""What somebody typed, understood: groups that all must be met, each by one of several tokens.

Plain values; ``fts5`` and ``tsquery`` write the same question in the language of either database.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from shop.catalog.search import analyser

MAX_GROUPS = 8
_SHORTEST_CODE = 3
_LOOKS_LIKE_CODE = re.compile(r"\d|\w[-_/.]\w")


@dataclass(frozen=True, slots=True)
class Group:
    """One word of the query. Met when all tokens of one of the ``ways`` are there.

    ``word``: as it was typed (folded), for corrections. ``begun``: it may be only the beginning of a
    word, since somebody still types.
    """

    word: str
    ways: tuple[tuple[str, ...], ...]
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A query; ``code`` is its whole text as an item code, which finds goods by itself. ``code_begun``:
    it looks like one (figures, hyphens), so that its beginning will do."""

    groups: tuple[Group, ...]
    code: str = ""
    code_begun: bool = False

    def __bool__(self) -> bool:
        return bool(self.groups or self.code)

    @property
    def text(self) -> str:
        """Its words, as somebody could type them."""
        return " ".join(group.word for group in self.groups)

    def is_met_by(self, tokens: Collection[str]) -> bool:
        """Whether a product of these tokens is found."""
        return all(
            any(all(token in tokens for token in way) for way in group.ways)
            for group in self.groups
        )

    def with_words(self, other: Mapping[str, str]) -> "Query":
        """The query with some of its words replaced (corrected)."""
        groups = tuple(
            _group(other[group.word]) if group.word in other else group for group in self.groups
        )
        return replace(self, groups=groups, code="")

    def by_sound(self) -> "Query | None":
        """The query by the pinyin of its Chinese words; None when it has none."""
        if not any(analyser.is_han(group.word) for group in self.groups):
            return None
        groups = tuple(
            _group(analyser.spoken(group.word)) if analyser.is_han(group.word) else group
            for group in self.groups
        )
        return Query(groups)


def understand(text: str, *, typing: bool = False) -> Query:
    """Take a typed text apart. ``typing``: its last word may be unfinished.

    Words that say little (the, of) are left out unless there is nothing else; at most eight groups.
    """
    text = text[:200]
    found: list[str] = []
    for run in analyser.runs(text):
        found += analyser.words(run)
    telling = [word for word in found if not analyser.is_stop(word)] or found
    groups = [_group(word) for word in dict.fromkeys(telling)][:MAX_GROUPS]
    if typing and groups and not text[-1:].isspace() and not analyser.is_han(groups[-1].word):
        groups[-1] = replace(groups[-1], begun=True)
    code = analyser.code(text)
    is_code = len(code) - len(analyser.CODE) >= _SHORTEST_CODE and code.isascii()
    looks = is_code and bool(_LOOKS_LIKE_CODE.search(text))
    return Query(tuple(groups), code if is_code else "", looks)


def _group(word: str) -> Group:
    if not analyser.is_han(word):
        return Group(word, tuple((token,) for token in dict.fromkeys((word, analyser.stem(word)))))
    if len(word) == 1:
        return Group(word, ((word,),))
    return Group(word, (tuple(analyser.pairs(word)),))


def fts5(query: Query, column: str = "") -> str:
    """The question for FTS5's MATCH; ``column`` limits the words to one column."""
    asked = " AND ".join(
        f"({' OR '.join(_all_of(way, group.begun, column) for way in group.ways)})"
        for group in query.groups
    )
    if not query.code:
        return asked
    code = f'"{query.code}"{" *" if query.code_begun else ""}'
    return f"({asked}) OR {code}" if asked else code


def _all_of(way: Sequence[str], begun: bool, column: str) -> str:
    prefix = f"{{{column}}} : " if column else ""
    tokens = [f'{prefix}"{token}"{" *" if begun else ""}' for token in way]
    return tokens[0] if len(tokens) == 1 else f"({' AND '.join(tokens)})"


def tsquery(query: Query) -> str:
    """The question as the text of a ``tsquery``."""
    asked = " & ".join(
        f"({' | '.join(_ts_all_of(way, group.begun) for way in group.ways)})"
        for group in query.groups
    )
    if not query.code:
        return asked
    code = f"'{query.code}'{':*' if query.code_begun else ''}"
    return f"({asked}) | {code}" if asked else code


def _ts_all_of(way: Sequence[str], begun: bool) -> str:
    tokens = [f"'{token}'{':*' if begun else ''}" for token in way]
    return tokens[0] if len(tokens) == 1 else f"({' & '.join(tokens)})"
