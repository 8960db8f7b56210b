"""Tables of the search."""

from datetime import date

from sqlalchemy import Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.catalog.search import schema
from shop.core.db import Base, HasId, HasPublicId


class SearchEntry(Base):
    """What a published product is found by: tokens of ``search.analyser``, a space between them.

    Derived from the product by the services that change it, in their own transactions. ``place`` is
    where it stands among those that match (``search.place``).
    """

    __tablename__ = "search_entry"

    product_id: Mapped[int] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    place: Mapped[int] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(Text)
    sound: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)


class SearchWord(Base):
    """A word that some product has been found by: what typed words are completed and corrected to."""

    __tablename__ = "search_word"

    word: Mapped[str] = mapped_column(String(40), primary_key=True)


class SearchTypo(Base):
    """A word with one letter left out (or none): two words that meet here are one slip apart."""

    __tablename__ = "search_typo"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    word: Mapped[str] = mapped_column(
        String(40), ForeignKey("search_word.word", ondelete="CASCADE"), primary_key=True
    )


class SearchSynonym(HasPublicId, Base):
    """Words that mean the same in a store, one a line: its goods are found by each of them."""

    __tablename__ = "search_synonym"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(Text)


class SearchTally(HasId, Base):
    """How often something was searched for on a day, and how much was found the last time."""

    __tablename__ = "search_tally"

    day: Mapped[date] = mapped_column(Date)
    query: Mapped[str] = mapped_column(String(80))
    times: Mapped[int]
    found: Mapped[int]

    __table_args__ = (UniqueConstraint("day", "query"),)


schema.install(SearchEntry.__table__)  # type: ignore[arg-type]  # declared as FromClause, is a Table
