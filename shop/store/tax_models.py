"""Tables of a store's taxes: classes of goods, and what each is taxed with where."""

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base, HasId, HasPublicId


class TaxClass(HasId, Base):
    """Goods that are taxed alike. A product names its class by ``code``; "" is the standard one.

    ``name`` is the merchant's own word; empty for the three that every store has, which pages name.
    """

    __tablename__ = "tax_class"

    store_id: Mapped[int] = mapped_column(ForeignKey("store.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60), default="")
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (UniqueConstraint("store_id", "code"),)


class TaxRate(HasPublicId, Base):
    """A tax on goods of one class that go to a country, or (``region`` not "") to a region of it.

    ``rate``: hundred-thousandths (20 % is 20,000), so that 8.875 % is exact. What several rates of a class
    and place ask for is added up. ``applies_to_delivery``: of the standard class, it holds for the parcel.
    """

    __tablename__ = "tax_rate"

    class_id: Mapped[int] = mapped_column(ForeignKey("tax_class.id", ondelete="CASCADE"))
    country: Mapped[str] = mapped_column(String(2))
    region: Mapped[str] = mapped_column(String(80), default="")
    name: Mapped[str] = mapped_column(String(40))
    rate: Mapped[int]
    applies_to_delivery: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        UniqueConstraint("class_id", "country", "region", "name"),
        CheckConstraint("rate >= 0 AND rate <= 100000", name="rate"),
    )
