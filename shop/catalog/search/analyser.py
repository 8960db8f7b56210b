"""From text to the tokens of the index, the same for what is written and for what is typed.

A token holds letters, figures and ``_`` only, so that neither database takes it apart again: SQLite's
FTS5 is told so, PostgreSQL gets its vectors made of the tokens as they are.

Latin words stand under themselves (for the beginnings that people type) and under their stem. Chinese
is brought to simplified characters and stands under every two neighbours, so that a word is found
wherever a segmenter would have cut; titles stand under their single characters too. The segmenter cuts
what is typed. Chinese titles also stand under their sound: the pinyin of each word and of the whole,
and the initials of both. Item codes stand whole, without their punctuation.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

import opencc
import rjieba
import snowballstemmer

from shop.catalog.folding import fold

CODE = "k_"
_HAN_RANGES = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN = re.compile(f"[{_HAN_RANGES}]")
# A word with Chinese in it (T恤, 2027年) is parted where the script changes.
_RUNS = re.compile(rf"[{_HAN_RANGES}]+|[^\W_{_HAN_RANGES}]+")
_NOT_IN_CODES = re.compile(r"[\W_]+")
_LONGEST = 40
_STOP = frozenset(
    {"a", "an", "and", "are", "as", "at", "by", "for", "from", "in", "is", "it", "of", "on", "or"}
    | {"the", "this", "to", "with"}
)


def is_han(text: str) -> bool:
    """Whether ``text`` begins with a Chinese character."""
    return bool(text) and _HAN.match(text) is not None


def runs(text: str) -> list[str]:
    """The stretches of Chinese and the words of other scripts in ``text``, folded and simplified."""
    folded = fold(text)
    if _HAN.search(folded):
        folded = _simplifier().convert(folded)
    return _RUNS.findall(folded)


def words(run: str) -> list[str]:
    """A stretch of Chinese cut into words; another run is one word."""
    return [word for word in rjieba.cut(run) if word.strip()] if is_han(run) else [run]


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """The stem of an English word; of another language's word what its rules leave."""
    return _stemmer().stemWord(word) if word.isascii() and word.isalpha() else word


def is_stop(word: str) -> bool:
    """Whether a word says so little that a search does without it."""
    return word in _STOP


def code(text: str) -> str:
    """The token of an item code or barcode: ``SJ-TP 0220`` and ``sjtp0220`` are one."""
    bare = _NOT_IN_CODES.sub("", unicodedata.normalize("NFKC", text).casefold())
    return f"{CODE}{bare[:_LONGEST]}" if bare else ""


def title_tokens(text: str) -> list[str]:
    """What a title stands under, its sound aside."""
    return list(dict.fromkeys(_tokens(text, single=True)))


def body_tokens(texts: Iterable[str]) -> list[str]:
    """What the other texts of a product stand under."""
    return list(dict.fromkeys(token for text in texts for token in _tokens(text, single=False)))


def sound_tokens(title: str) -> list[str]:
    """The pinyin of a Chinese title: each word, every pair of words, the whole, and their initials."""
    found: dict[str, None] = {}
    for run in runs(title):
        if not is_han(run):
            continue
        spoken = [_syllables(word) for word in words(run)]
        for first in range(len(spoken)):
            for last in {first + 1, first + 2, len(spoken)}:
                syllables = [one for word in spoken[first:last] for one in word]
                if last <= len(spoken) and "".join(syllables).isascii():
                    found["".join(syllables)[:_LONGEST]] = None
                    if len(syllables) > 1:
                        found["".join(one[0] for one in syllables)[:_LONGEST]] = None
    return list(found)


def spoken(text: str) -> str:
    """The pinyin of a stretch of Chinese, in one."""
    return "".join(_syllables(text))[:_LONGEST]


def _syllables(text: str) -> list[str]:
    # Here, since it brings 54 MB of readings: a process that meets no Chinese does without. (The web
    # server loads it at its start: see wsgi.py.)
    from pypinyin import lazy_pinyin

    return lazy_pinyin(text)


def pairs(run: str) -> list[str]:
    """Every two neighbours of a stretch of Chinese."""
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _tokens(text: str, *, single: bool) -> Iterator[str]:
    for run in runs(text):
        if is_han(run):
            yield from pairs(run)
            if single or len(run) == 1:
                yield from run
        else:
            word = run[:_LONGEST]
            yield word
            yield stem(word)


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=1)
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("english")
