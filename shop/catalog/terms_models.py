"""Tables of goods that travel in no parcel: on what terms, and with which files."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import clock
from shop.core.db import Base, HasPublicId


class GoodsTerms(Base):
    """What a buyer gets of a service or a download; a product without a row has the usual terms.

    ``uses``: visits that one code is good for. ``remind_days``: days before its end at which the
    buyer is reminded (0: never). ``downloads``/``download_days``: how often and for how many days after
    payment the files may be fetched (None: no limit).
    """

    __tablename__ = "goods_terms"

    product_id: Mapped[int] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    uses: Mapped[int] = mapped_column(default=1)
    remind_days: Mapped[int] = mapped_column(default=7)
    downloads: Mapped[int | None]
    download_days: Mapped[int | None]

    __table_args__ = (
        CheckConstraint("uses BETWEEN 1 AND 1000", name="uses"),
        CheckConstraint("remind_days BETWEEN 0 AND 90", name="remind_days"),
        CheckConstraint("downloads > 0", name="downloads"),
        CheckConstraint("download_days > 0", name="download_days"),
    )


class ProductFile(HasPublicId, Base):
    """One version of a file of a digital product. ``slot`` says which file it is a version of: 0 the
    main one (``product.digital_name``), from 1 on the others.

    Who bought before ``added_at`` gets it only when it is ``for_earlier`` buyers, too. ``removed_at``:
    later buyers do not get this slot any more.
    """

    __tablename__ = "product_file"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    slot: Mapped[int]
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int]
    for_earlier: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("product_id", "slot", "version"),
        CheckConstraint("slot >= 0 AND version > 0 AND size >= 0", name="numbers"),
    )
